"""What turns objects into rows, as something that can be saved with a model.

Layer: training. A file holds numbers only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gt_widgets.autolabel.features import ImageFeatures, TextFeatures
from gt_widgets.autolabel.learners.archive import pack_model, unpack_model
from gt_widgets.errors import ModelFileError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["ImageRows", "TextRows"]

_BATCH = 512
_IMAGE, _TEXT = "image-rows-1", "text-rows-1"


@dataclass(frozen=True, slots=True)
class ImageRows:
    """Training-free picture features, projected on the job's strongest directions."""

    features: ImageFeatures
    centre: NDArray[np.float32]
    axes: NDArray[np.float32]

    def of_thumbnails(self, small: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Rows of thumbnails of shape (n, SIDE, SIDE, 3), a batch at a time."""
        rows = np.empty((len(small), self.axes.shape[1]), dtype=np.float32)
        for start in range(0, len(small), _BATCH):
            wide = self.features.embed(list(small[start : start + _BATCH]))
            rows[start : start + _BATCH] = (wide - self.centre) @ self.axes
        return rows

    def to_bytes(self) -> bytes:
        """Pack it without code."""
        return pack_model(
            _IMAGE,
            {"words": self.features.words},
            filters=self.features.filters,
            offset=self.features.offset,
            scales=self.features.scales,
            centre=self.centre,
            axes=self.axes,
        )

    @classmethod
    def from_bytes(cls, body: bytes) -> ImageRows:
        """Read what `to_bytes` wrote.

        Raises
        ------
        ModelFileError
            If it is something else.
        """
        settings, arrays = unpack_model(body, _IMAGE)
        features = ImageFeatures(words=_whole(settings, "words"))
        names = ("filters", "offset", "scales", "centre", "axes")
        filters, offset, scales, centre, axes = (_array(arrays, name) for name in names)
        features.filters, features.offset, features.scales = filters, offset, scales
        fits = (
            filters.shape[1:] == offset.shape == (features.words,)
            and scales.shape == (3,)
            and centre.shape == axes.shape[:1] == (features.dim,)
        )
        _check(fits, "picture")
        return cls(features, centre, axes)


@dataclass(frozen=True, slots=True)
class TextRows:
    """Hashed TF-IDF, projected on the job's strongest directions."""

    features: TextFeatures

    def of_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Rows of texts."""
        return self.features.embed(texts)

    def to_bytes(self) -> bytes:
        """Pack it without code."""
        found = self.features
        settings = {"columns": found.columns}
        return pack_model(_TEXT, settings, weights=found.weights, axes=found.axes, used=found.used)

    @classmethod
    def from_bytes(cls, body: bytes) -> TextRows:
        """Read what `to_bytes` wrote.

        Raises
        ------
        ModelFileError
            If it is something else.
        """
        settings, arrays = unpack_model(body, _TEXT)
        features = TextFeatures(columns=_whole(settings, "columns"))
        features.weights, features.axes = _array(arrays, "weights"), _array(arrays, "axes")
        features.used = _array(arrays, "used")
        n = features.used.shape
        whole = features.used.dtype.kind in "iu" and features.used.size > 0
        _check(whole and features.weights.shape == features.axes.shape[:1] == n, "text")
        inside = whole and features.used.min() >= 0 and features.used.max() < 2**17
        _check(bool(inside), "text")
        return cls(features)


def _whole(settings: dict[str, Any], name: str) -> int:
    value = settings.get(name)
    if not isinstance(value, int) or value < 1:
        raise ModelFileError(f"a model file's {name} must be 1 or more; found {value!r}")
    return value


def _array(arrays: dict[str, NDArray[Any]], name: str) -> NDArray[Any]:
    if name not in arrays:
        raise ModelFileError(f"a model file lacks its {name}")
    return arrays[name]


def _check(fits: bool, what: str) -> None:  # noqa: FBT001
    if not fits:
        raise ModelFileError(f"the arrays of a {what} model do not fit each other")

"""What turns objects into rows, as something that can be saved with a model.

Layer: training. A file holds numbers only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gt_widgets.autolabel.features import ImageFeatures, TextFeatures
from gt_widgets.autolabel.features.grams import BUCKETS
from gt_widgets.autolabel.learners.archive import pack_model, unpack_model
from gt_widgets.errors import ModelFileError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from scipy.sparse import csr_matrix

__all__ = ["ImageRows", "TextRows"]

_BATCH = 512
_IMAGE, _TEXT = "image-rows-2", "text-rows-2"


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
        found = self.features
        arrays = {"filters": found.words.filters, "offset": found.words.offset}
        for part in found.parts:
            arrays |= {f"{part.parts}_{name}": array for name, array in part.arrays.items()}
        arrays |= {"scales": found.scales, "centre": self.centre, "axes": self.axes}
        return pack_model(_IMAGE, {"words": found.words.words}, **arrays)

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
        features.words.filters, features.words.offset, features.scales = filters, offset, scales
        for part in features.parts:
            part.arrays = {name: _array(arrays, f"{part.parts}_{name}") for name in part.shapes}
            found = {name: array.shape for name, array in part.arrays.items()}
            _check(found == part.shapes, "picture")
        fits = (
            filters.shape == features.words.shape
            and offset.shape == (features.words.words,)
            and scales.shape == (5,)
            and centre.shape == axes.shape[:1] == (features.dim,)
            and axes.ndim == 2  # noqa: PLR2004
        )
        _check(fits, "picture")
        return cls(features, centre, axes)


@dataclass(frozen=True, slots=True)
class TextRows:
    """Words and pieces of words, on the job's strongest directions."""

    features: TextFeatures

    def of_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Rows of texts."""
        return self.features.embed(texts)

    def to_bytes(self) -> bytes:
        """Pack it without code."""
        found = self.features
        texts = found.known_texts
        return pack_model(
            _TEXT,
            {"columns": found.columns},
            weights=found.weights,
            used=found.used,
            axes=found.axes,
            values=texts.data,
            places=texts.indices,
            ends=texts.indptr,
        )

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
        whole = features.used.dtype.kind in "iu" and features.used.ndim == 1
        fits = whole and features.used.size > 0 and features.weights.shape == features.used.shape
        _check(bool(fits and (np.diff(features.used) > 0).all()), "text")
        inside = features.used.min() >= 0 and features.used.max() < 2 * BUCKETS
        _check(bool(inside) and features.axes.ndim == 2, "text")  # noqa: PLR2004
        parts = [_array(arrays, name) for name in ("values", "places", "ends")]
        features.landmarks = _sparse(parts, (len(features.axes), features.used.size))
        return cls(features)


def _sparse(parts: list[NDArray[Any]], shape: tuple[int, int]) -> csr_matrix:
    """Rows from a file of a stranger: no place may lie outside."""
    from scipy.sparse import csr_matrix

    values, places, ends = parts
    fits = (
        values.ndim == places.ndim == ends.ndim == 1
        and values.dtype.kind == "f"
        and places.dtype.kind in "iu"
        and ends.dtype.kind in "iu"
        and ends.size == shape[0] + 1
        and values.size == places.size == ends[-1]
        and ends[0] == 0
        and bool((np.diff(ends.astype(np.int64)) >= 0).all())
        and (places.size == 0 or (places.min() >= 0 and places.max() < shape[1]))
    )
    _check(bool(fits), "text")
    return csr_matrix((values, places, ends), shape)


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

"""Pictures as numbers, with no pretrained weights: outlines, colours, and parts wherever they lie.

Layer: autolabel (imports only ``errors``). Five views are scaled and joined. What a part is, is
learned from the job's own pictures, without labels.
"""

from __future__ import annotations

import hashlib
import io
from typing import TYPE_CHECKING, Self

import numpy as np

from gt_widgets.autolabel.features.fisher import FisherVectors
from gt_widgets.autolabel.features.gradients import gradient_histograms
from gt_widgets.autolabel.features.patches import PatchWords
from gt_widgets.autolabel.pictures import check_pixels, decoding
from gt_widgets.errors import ValidationError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["SIDE", "ImageFeatures", "colour_grid", "thumbnail"]

SIDE = 64
"""Side of the working picture, in pixels."""

_WORDS = 160
_LEARN_FROM, _BATCH = 400, 64
_GRADIENTS, _COLOURS = (SIDE // 8 - 1) ** 2 * 4 * 9, 96
_WEIGHTS = (1.0, 1.0, 1.0, 3.0**0.5, 3.0**0.5)
"""Of outlines, colours, words and the two kinds of parts; their squares are shares of distances."""


def thumbnail(picture: bytes | NDArray[np.uint8], *, side: int = SIDE) -> NDArray[np.uint8]:
    """Shrink or stretch a picture to ``side x side`` RGB.

    Parameters
    ----------
    picture : bytes or uint8 ndarray
        A JPEG, PNG, ... file, or pixels of shape (h, w) or (h, w, 3).
    side : int >= 1

    Raises
    ------
    ImageError
        If the bytes are no picture, or it has over 100 million pixels.
    """
    from PIL import Image

    name = "a picture"
    with decoding(name):
        if isinstance(picture, bytes):
            image: Image.Image = Image.open(io.BytesIO(picture))
            check_pixels(image, name)
            image.draft("RGB", (side * 2, side * 2))
        else:
            image = Image.fromarray(picture)
        small = min(image.size) < side
        how = Image.Resampling.BILINEAR if small else Image.Resampling.BOX
        return np.asarray(image.convert("RGB").resize((side, side), how))


def colour_grid(pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    """Mean and spread of each colour in 4 x 4 fields; shape (n, 96)."""
    n, field = len(pixels), SIDE // 4
    fields = pixels.reshape(n, 4, field, 4, field, 3)
    both = np.concatenate([fields.mean(axis=(2, 4)), fields.std(axis=(2, 4))], axis=3)
    return np.asarray(both.reshape(n, -1), dtype=np.float32)


class ImageFeatures:
    """Training-free features of pictures; pure once `learn` has seen a sample.

    Parameters
    ----------
    words : int >= 2
        Size of the patch dictionary.
    seed : int
    """

    def __init__(self, *, words: int = _WORDS, seed: int = 0) -> None:
        self.seed = seed
        self.words = PatchWords(words)
        self.parts = FisherVectors("patches"), FisherVectors("gradients")
        self.scales = np.zeros(0, dtype=np.float32)

    @property
    def id(self) -> str:
        """Name of these features, for a cache key: equal ids give equal numbers."""
        self._check_learned()
        digest = hashlib.sha256(self.words.filters.tobytes() + self.scales.tobytes())
        for part in self.parts:
            digest.update(b"".join(part.arrays[name].tobytes() for name in sorted(part.arrays)))
        return f"image-parts-2-{digest.hexdigest()[:16]}"

    @property
    def dim(self) -> int:
        """Length of one row."""
        return _GRADIENTS + _COLOURS + self.words.dim + sum(part.dim for part in self.parts)

    def learn(self, pictures: Sequence[bytes | NDArray[np.uint8]]) -> Self:
        """Learn dictionary, mixtures and scales from at most 400 of the pictures, no labels."""
        if len(pictures) == 0:
            raise ValidationError("features are learned from at least one picture; found none")
        rng = np.random.default_rng(self.seed)
        chosen = rng.choice(len(pictures), min(len(pictures), _LEARN_FROM), replace=False)
        pixels = _working([pictures[int(index)] for index in np.sort(chosen)])
        self.words.learn(_halved(pixels), rng)
        for part in self.parts:
            part.learn(pixels, rng)
        views = [np.concatenate(kind) for kind in zip(*map(self._views, _cut(pixels)), strict=True)]
        spread = [float(view.var(axis=0).sum()) for view in views]
        lengths = np.sqrt(np.maximum(spread, 1e-9))
        self.scales = np.asarray(np.array(_WEIGHTS) / lengths, dtype=np.float32)
        return self

    def embed(self, pictures: Sequence[bytes | NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Features of shape (n, dim); the same picture gives the same row in any batch."""
        self._check_learned()
        rows = np.empty((len(pictures), self.dim), dtype=np.float32)
        for start in range(0, len(pictures), _BATCH):
            views = self._views(_working(pictures[start : start + _BATCH]))
            scaled = [view * scale for view, scale in zip(views, self.scales, strict=True)]
            rows[start : start + _BATCH] = np.concatenate(scaled, axis=1)
        return rows

    def _views(self, pixels: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        return [
            gradient_histograms(pixels),
            colour_grid(pixels),
            self.words.embed(_halved(pixels)),
            *(part.embed(pixels) for part in self.parts),
        ]

    def _check_learned(self) -> None:
        if self.scales.size == 0:
            raise ValidationError("these features have no dictionary yet; call learn(pictures)")


def _working(pictures: Sequence[bytes | NDArray[np.uint8]]) -> NDArray[np.float32]:
    stack = np.stack([thumbnail(picture) for picture in pictures])
    return np.asarray(stack, dtype=np.float32) / np.float32(255)


def _cut(pixels: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    return [pixels[start : start + _BATCH] for start in range(0, len(pixels), _BATCH)]


def _halved(pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    n, half = len(pixels), SIDE // 2
    return np.asarray(pixels.reshape(n, half, 2, half, 2, 3).mean(axis=(2, 4)))

"""Pictures as numbers, with no pretrained weights: gradients, colours and learned patches.

Layer: autolabel (imports only ``errors``). Three views are scaled to equal weight and joined;
the patch dictionary is learned from the job's own pictures, without labels.
"""

from __future__ import annotations

import hashlib
import io
from typing import TYPE_CHECKING, Self

import numpy as np

from gt_widgets.autolabel.pictures import check_pixels, decoding
from gt_widgets.errors import ValidationError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["SIDE", "ImageFeatures", "colour_grid", "gradient_histograms", "thumbnail"]

SIDE = 32
"""Side of the working picture, in pixels."""

_PATCH, _STRIDE, _WORDS = 6, 2, 160
_PATCHES_LEARNED = 40_000
_ORIENTATIONS, _CELL = 9, 4


def thumbnail(picture: bytes | NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Shrink or stretch a picture to ``SIDE x SIDE`` RGB.

    Parameters
    ----------
    picture : bytes or uint8 ndarray
        A JPEG, PNG, ... file, or pixels of shape (h, w) or (h, w, 3).

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
            image.draft("RGB", (SIDE * 2, SIDE * 2))
        else:
            image = Image.fromarray(picture)
        reduced = image.convert("RGB").resize((SIDE, SIDE), Image.Resampling.BOX)
        if min(image.size) < SIDE:
            reduced = image.convert("RGB").resize((SIDE, SIDE), Image.Resampling.BILINEAR)
    return np.asarray(reduced)


def gradient_histograms(pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    """Histograms of oriented gradients of working pictures.

    Parameters
    ----------
    pixels : ndarray of shape (n, SIDE, SIDE, 3)
        0..1.

    Returns
    -------
    ndarray of shape (n, 7 * 7 * 4 * 9)
        9 unsigned orientations, cells of 4 x 4 pixels, blocks of 2 x 2 cells, clipped at 0.2.

    References
    ----------
    Dalal and Triggs, Histograms of Oriented Gradients for Human Detection, CVPR 2005.
    """
    grey = pixels.mean(axis=3)
    down = np.zeros_like(grey)
    across = np.zeros_like(grey)
    down[:, 1:-1] = grey[:, 2:] - grey[:, :-2]
    across[:, :, 1:-1] = grey[:, :, 2:] - grey[:, :, :-2]
    strength = np.hypot(down, across)
    place = (np.arctan2(down, across) % np.pi) * (_ORIENTATIONS / np.pi)
    low = np.floor(place)
    part = place - low
    n, cells = len(pixels), SIDE // _CELL
    histogram = np.empty((n, cells, cells, _ORIENTATIONS), dtype=np.float32)
    for bin_ in range(_ORIENTATIONS):
        vote = strength * (
            (1 - part) * (low % _ORIENTATIONS == bin_) + part * ((low + 1) % _ORIENTATIONS == bin_)
        )
        histogram[..., bin_] = vote.reshape(n, cells, _CELL, cells, _CELL).sum(axis=(2, 4))
    blocks = np.concatenate(
        [
            histogram[:, :-1, :-1],
            histogram[:, 1:, :-1],
            histogram[:, :-1, 1:],
            histogram[:, 1:, 1:],
        ],
        axis=3,
    )
    blocks = np.minimum(blocks / (np.linalg.norm(blocks, axis=3, keepdims=True) + 0.05), 0.2)
    return np.asarray(blocks.reshape(n, -1), dtype=np.float32)


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
        self.words, self.seed = words, seed
        self.filters = np.zeros((0, 0), dtype=np.float32)
        self.offset = np.zeros(0, dtype=np.float32)
        self.scales = np.ones(3)

    @property
    def id(self) -> str:
        """Name of these features, for a cache key: equal ids give equal numbers."""
        self._check_learned()
        digest = hashlib.sha256(self.filters.tobytes() + self.scales.tobytes())
        return f"image-patches-1-{digest.hexdigest()[:16]}"

    @property
    def dim(self) -> int:
        """Length of one row."""
        return 7 * 7 * 4 * _ORIENTATIONS + 96 + 4 * self.words

    def learn(self, pictures: Sequence[bytes | NDArray[np.uint8]]) -> Self:
        """Learn the patch dictionary by k-means on whitened patches, without labels.

        References
        ----------
        Coates, Lee and Ng, An Analysis of Single-Layer Networks in Unsupervised Feature
        Learning, AISTATS 2011.
        """
        if len(pictures) == 0:
            raise ValidationError("features are learned from at least one picture; found none")
        rng = np.random.default_rng(self.seed)
        chosen = rng.choice(len(pictures), min(len(pictures), 2_000), replace=False)
        pixels = _working([pictures[int(index)] for index in np.sort(chosen)])
        patches = _patches(pixels).reshape(-1, _PATCH * _PATCH * 3)
        patches = patches[rng.permutation(len(patches))[:_PATCHES_LEARNED]]
        normal = _normalised(patches)
        centre = normal.mean(axis=0)
        values, vectors = np.linalg.eigh(np.cov(normal.T) + 1e-8 * np.eye(normal.shape[1]))
        whiten = (vectors / np.sqrt(values + 0.1)) @ vectors.T
        centres = _k_means((normal - centre) @ whiten.astype(np.float32), self.words, rng)
        self.filters = np.ascontiguousarray((whiten @ centres.T).astype(np.float32))
        self.offset = np.asarray(
            0.5 * (centres**2).sum(axis=1) + centre @ self.filters, dtype=np.float32
        )
        self.scales = np.array(
            [1.0 / (view.std() + 1e-6) / view.shape[1] ** 0.5 for view in self._views(pixels[:256])]
        )
        return self

    def embed(self, pictures: Sequence[bytes | NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Features of shape (n, dim); the same picture gives the same row in any batch."""
        self._check_learned()
        rows = np.empty((len(pictures), self.dim), dtype=np.float32)
        for start in range(0, len(pictures), 128):
            views = self._views(_working(pictures[start : start + 128]))
            scaled = [view * scale for view, scale in zip(views, self.scales, strict=True)]
            rows[start : start + 128] = np.concatenate(scaled, axis=1)
        return rows

    def _views(self, pixels: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        return [gradient_histograms(pixels), colour_grid(pixels), self._words(pixels)]

    def _words(self, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
        """How strongly each dictionary patch shows in each quarter; shape (n, 4 * words).

        The activation is that of Coates's triangle up to a constant per patch: how much nearer
        than the average a patch lies to a word.
        """
        patches = _patches(pixels)
        n, side = len(pixels), patches.shape[1]
        flat = _normalised(patches.reshape(-1, _PATCH * _PATCH * 3))
        near = flat @ self.filters - self.offset
        near -= near.mean(axis=1, keepdims=True)
        np.maximum(near, 0.0, out=near)
        near = near.reshape(n, side, side, -1)
        half = side // 2
        quarters = [
            near[:, rows, columns].mean(axis=(1, 2))
            for rows in (slice(0, half), slice(half, side))
            for columns in (slice(0, half), slice(half, side))
        ]
        return np.asarray(np.sqrt(np.concatenate(quarters, axis=1)))

    def _check_learned(self) -> None:
        if self.filters.size == 0:
            raise ValidationError("these features have no dictionary yet; call learn(pictures)")


def _working(pictures: Sequence[bytes | NDArray[np.uint8]]) -> NDArray[np.float32]:
    stack = np.stack([thumbnail(picture) for picture in pictures])
    return np.asarray(stack, dtype=np.float32) / 255.0


def _patches(pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    """All patches of shape (n, side, side, 6 * 6 * 3)."""
    view = np.lib.stride_tricks.sliding_window_view(pixels, (_PATCH, _PATCH), axis=(1, 2))
    view = view[:, ::_STRIDE, ::_STRIDE]
    return np.asarray(view.reshape(*view.shape[:3], -1))


def _normalised(patches: NDArray[np.float32]) -> NDArray[np.float32]:
    centred = patches - patches.mean(axis=1, keepdims=True)
    return np.asarray(
        centred / np.sqrt(centred.var(axis=1, keepdims=True) + 0.001), dtype=np.float32
    )


def _k_means(
    rows: NDArray[np.float32], k: int, rng: np.random.Generator, *, rounds: int = 10
) -> NDArray[np.float32]:
    """Lloyd's algorithm from random rows; an empty centre takes a random row."""
    centres = rows[rng.choice(len(rows), k, replace=len(rows) < k)].copy()
    for _ in range(rounds):
        nearest = (rows @ centres.T - 0.5 * (centres**2).sum(axis=1)).argmax(axis=1)
        sums = np.zeros_like(centres)
        np.add.at(sums, nearest, rows)
        counts = np.bincount(nearest, minlength=k)
        centres = np.where(counts[:, None] > 0, sums / np.maximum(counts, 1)[:, None], centres)
        empty = np.flatnonzero(counts == 0)
        centres[empty] = rows[rng.choice(len(rows), len(empty))]
    return centres

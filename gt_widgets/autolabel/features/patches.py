"""Small squares of pictures, their whitening, and a dictionary of them by k-means.

Layer: autolabel (imports only ``errors``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["PatchWords", "k_means", "normal_patches"]

_PATCH, _STRIDE = 6, 2
_LEARNED = 40_000


def normal_patches(pixels: NDArray[np.float32], *, side: int, stride: int) -> NDArray[np.float32]:
    """All patches, each of mean 0 and spread 1; shape (n, rows, columns, side * side * 3)."""
    view = np.lib.stride_tricks.sliding_window_view(pixels, (side, side), axis=(1, 2))
    view = view[:, ::stride, ::stride]
    flat = view.reshape(*view.shape[:3], -1)
    centred = flat - flat.mean(axis=3, keepdims=True)
    return np.asarray(centred / np.sqrt(centred.var(axis=3, keepdims=True) + 0.001))


def k_means(
    rows: NDArray[np.float32], k: int, rng: np.random.Generator, *, rounds: int = 10
) -> NDArray[np.float32]:
    """Lloyd's algorithm from random rows; an empty centre takes a random row.

    Returns
    -------
    ndarray of shape (k, d)
    """
    centres = rows[rng.choice(len(rows), k, replace=len(rows) < k)].copy()
    for _ in range(rounds):
        nearest = (rows @ centres.T - 0.5 * (centres**2).sum(axis=1)).argmax(axis=1)
        sums = np.zeros_like(centres)
        np.add.at(sums, nearest, rows)
        counts = np.bincount(nearest, minlength=k)
        centres = np.where(counts[:, None] > 0, sums / np.maximum(counts, 1)[:, None], centres)
        empty = np.flatnonzero(counts == 0)
        centres[empty] = rows[rng.choice(len(rows), len(empty))]
    return np.asarray(centres, dtype=np.float32)


class PatchWords:
    """How strongly each patch of a dictionary shows in each quarter of a picture.

    Parameters
    ----------
    words : int >= 2

    References
    ----------
    Coates, Lee and Ng, An Analysis of Single-Layer Networks in Unsupervised Feature Learning,
    AISTATS 2011.
    """

    def __init__(self, words: int) -> None:
        self.words = words
        self.filters = np.zeros((0, words), dtype=np.float32)
        self.offset = np.zeros(words, dtype=np.float32)

    @property
    def dim(self) -> int:
        """Length of a row."""
        return 4 * self.words

    @property
    def shape(self) -> tuple[int, int]:
        """Of the learned filters."""
        return 3 * _PATCH**2, self.words

    def learn(self, pixels: NDArray[np.float32], rng: np.random.Generator) -> Self:
        """Learn the dictionary by k-means on whitened patches."""
        patches = _rows(pixels)
        patches = patches[rng.permutation(len(patches))[:_LEARNED]]
        centre = patches.mean(axis=0)
        values, vectors = np.linalg.eigh(np.cov(patches.T) + 1e-8 * np.eye(patches.shape[1]))
        whiten = (vectors / np.sqrt(values + 0.1)) @ vectors.T
        centres = k_means((patches - centre) @ whiten.astype(np.float32), self.words, rng)
        self.filters = np.ascontiguousarray((whiten @ centres.T).astype(np.float32))
        self.offset = np.asarray(
            0.5 * (centres**2).sum(axis=1) + centre @ self.filters, dtype=np.float32
        )
        return self

    def embed(self, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
        """Rows of shape (n, dim).

        The activation is that of Coates's triangle up to a constant per patch: how much nearer
        than the average a patch lies to a word.
        """
        patches = normal_patches(pixels, side=_PATCH, stride=_STRIDE)
        near = patches @ self.filters - self.offset
        near -= near.mean(axis=3, keepdims=True)
        np.maximum(near, 0.0, out=near)
        half = near.shape[1] // 2
        quarters = [
            near[:, rows, columns].mean(axis=(1, 2))
            for rows in (slice(0, half), slice(half, None))
            for columns in (slice(0, half), slice(half, None))
        ]
        return np.asarray(np.sqrt(np.concatenate(quarters, axis=1)), dtype=np.float32)


def _rows(pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    found = normal_patches(pixels, side=_PATCH, stride=_STRIDE)
    return found.reshape(-1, found.shape[-1])

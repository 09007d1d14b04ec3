"""Folds that keep near-duplicates together.

Layer: autolabel (pure functions; imports only ``errors``). Two copies of one picture on both
sides of a split would make a model look better than it is.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["group_by_difference_hash", "group_by_text", "grouped_folds"]

_ROWS, _COLUMNS = 8, 9
_BATCH = 1_000


def group_by_difference_hash(thumbnails: NDArray[np.generic]) -> NDArray[np.intp]:
    """Number groups of pictures that look alike.

    Parameters
    ----------
    thumbnails : ndarray of shape (n, height, width) or (n, height, width, channels)
        Height >= 8, width >= 9.

    Returns
    -------
    ndarray of shape (n,)
        Pictures with one difference hash (8 x 8 signs of horizontal brightness steps, after
        shrinking to 8 x 9) and nearly one mean brightness share a number.
    """
    keys = [
        _difference_keys(thumbnails[start : start + _BATCH])
        for start in range(0, len(thumbnails), _BATCH)
    ]
    _, groups = np.unique(np.concatenate(keys), axis=0, return_inverse=True)
    return np.asarray(groups, dtype=np.intp).reshape(-1)


def _difference_keys(thumbnails: NDArray[np.generic]) -> NDArray[np.uint8]:
    grey = np.asarray(thumbnails, dtype=np.float32)
    if grey.ndim == 4:  # noqa: PLR2004
        grey = grey.mean(axis=3)
    small = _shrink(_shrink(grey, _ROWS, axis=1), _COLUMNS, axis=2)
    signs = np.diff(small, axis=2) > 1.0
    falls = np.diff(small, axis=2) < -1.0
    brightness = (grey.reshape(len(grey), -1).mean(axis=1).clip(0, 247) + 8) // 16
    return np.concatenate(
        [
            np.packbits(signs.reshape(len(grey), -1), axis=1),
            np.packbits(falls.reshape(len(grey), -1), axis=1),
            brightness.astype(np.uint8)[:, None],
        ],
        axis=1,
    )


def _shrink(pixels: NDArray[np.float32], size: int, *, axis: int) -> NDArray[np.float32]:
    """Mean over ``size`` nearly equal slices of one axis."""
    edges = np.linspace(0, pixels.shape[axis], size + 1).astype(np.intp)
    sums = np.add.reduceat(pixels, edges[:-1], axis=axis)
    shape = [1] * pixels.ndim
    shape[axis] = size
    return np.asarray(sums / np.diff(edges).reshape(shape), dtype=np.float32)


def group_by_text(texts: Sequence[str]) -> NDArray[np.intp]:
    """Number groups of texts that differ in case, digits, spaces or punctuation only."""
    keys = [
        hashlib.sha256(re.sub(r"[\W\d_]+", " ", text.casefold()).strip().encode()).digest()
        for text in texts
    ]
    _, groups = np.unique(np.array(keys, dtype="S32"), return_inverse=True)
    return np.asarray(groups, dtype=np.intp)


def grouped_folds(
    labels: NDArray[np.intp], groups: NDArray[np.intp], *, folds: int, rng: np.random.Generator
) -> NDArray[np.intp]:
    """Deal objects to folds: whole groups, classes spread evenly.

    Parameters
    ----------
    labels, groups : ndarray of shape (n,)
        Class of each object, and the number of its group of near-duplicates.
    folds : int >= 2
    rng : numpy Generator
        Breaks ties in the order of dealing.

    Returns
    -------
    ndarray of shape (n,)
        Fold of each object, 0..folds - 1.
    """
    _, first, group = np.unique(groups, return_index=True, return_inverse=True)
    order = rng.permutation(len(first))
    order = order[np.argsort(labels[first][order], kind="stable")]
    fold_of_group = np.empty(len(first), dtype=np.intp)
    fold_of_group[order] = np.arange(len(first)) % folds
    return fold_of_group[group.reshape(-1)]

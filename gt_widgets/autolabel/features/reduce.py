"""Fewer columns, learned from the pool without labels, so that refits are quick.

Layer: autolabel (pure functions; imports only ``errors``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["principal_axes", "reduce_rows"]

_SAMPLE = 5_000


def principal_axes(
    rows: NDArray[np.float32], *, columns: int = 200
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Centre and axes of the strongest directions.

    Parameters
    ----------
    rows : ndarray of shape (n, d)
        At most 5,000 evenly strided rows are looked at.
    columns : int >= 1

    Returns
    -------
    (ndarray of shape (d,), ndarray of shape (d, k))
        ``(rows - centre) @ axes`` are the new rows; k <= min(columns, n, d).
    """
    step = max(len(rows) // _SAMPLE, 1)
    sample = np.asarray(rows[::step], dtype=np.float32)
    centre = sample.mean(axis=0)
    sample = sample - centre
    if sample.shape[0] < sample.shape[1]:
        values, left = np.linalg.eigh((sample @ sample.T).astype(np.float64))
        right = sample.T @ left / np.sqrt(np.maximum(values, 1e-12))
    else:
        values, right = np.linalg.eigh((sample.T @ sample).astype(np.float64))
    keep = np.argsort(values)[::-1][: min(columns, *rows.shape)]
    keep = keep[values[keep] > 1e-6 * values[keep[0]]]
    return centre.astype(np.float32), right[:, keep].astype(np.float32)


def reduce_rows(rows: NDArray[np.float32], *, columns: int = 200) -> NDArray[np.float32]:
    """Project rows on their own principal axes; shape (n, k)."""
    centre, axes = principal_axes(rows, columns=columns)
    return np.asarray((rows - centre) @ axes, dtype=np.float32)

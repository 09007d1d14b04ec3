"""From scores to chances: how often a machine label of such a score was right.

Layer: autolabel (pure functions; imports only ``errors``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["chance_of_right"]


def chance_of_right(
    scores: ArrayLike, losses: ArrayLike, wanted: ArrayLike, *, prior: float = 2.0
) -> NDArray[np.float64]:
    """Chance that a label of a given score is right, never falling as the score rises.

    Parameters
    ----------
    scores, losses : array-like of shape (n,)
        Of the calibration sample; ``-inf`` scores are left out.
    wanted : array-like of shape (m,)
        Scores to judge.
    prior : float >= 0
        Weight, in objects, of the overall rate in every step.

    Returns
    -------
    ndarray of shape (m,)
        In [0, 1]; 0.5 without calibration objects.

    References
    ----------
    Isotonic regression by pooling adjacent violators: Barlow et al., Statistical Inference
    under Order Restrictions, 1972.
    """
    s, x = np.asarray(scores, dtype=np.float64), np.asarray(losses, dtype=np.float64)
    keep = s > -np.inf
    if not keep.any():
        return np.full(np.shape(wanted), 0.5)
    order = np.argsort(s[keep], kind="stable")
    s, right = s[keep][order], 1.0 - x[keep][order]
    steps: list[list[float]] = []
    for start, value in zip(s, right, strict=True):
        steps.append([float(start), float(value), 1.0])
        while len(steps) > 1 and steps[-2][1] / steps[-2][2] >= steps[-1][1] / steps[-1][2]:
            _, total, size = steps.pop()
            steps[-1][1] += total
            steps[-1][2] += size
    mean = (right.sum() + prior / 2) / (len(right) + prior)
    rates = np.array([(total + prior * mean) / (size + prior) for _, total, size in steps])
    rates = np.maximum.accumulate(rates)
    starts = np.array([start for start, _, _ in steps])
    place = np.searchsorted(starts, np.asarray(wanted, dtype=np.float64), side="right") - 1
    return np.asarray(rates[np.maximum(place, 0)])

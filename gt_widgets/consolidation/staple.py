"""STAPLE for masks of many classes: worker performance and truth, estimated together.

Layer: consolidation (pure functions on numpy arrays; imports nothing of ours).

Pixels on which the workers say the same things are one pattern, and a picture of millions of
pixels has some hundred patterns, so Expectation Maximization runs on those.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["staple_mask"]

_ROUNDS = 30
_FIRST_ACCURACY = 0.9
_DIAGONAL, _ELSEWHERE = 2.0, 0.2
"""Dirichlet prior of a row of a confusion matrix, in pixels."""


def staple_mask(masks: Sequence[NDArray[np.uint8]], *, n_classes: int) -> NDArray[np.uint8]:
    """Estimate the true class of every pixel.

    Parameters
    ----------
    masks : sequence of ndarray of shape (height, width), uint8, length >= 2
        Classes 0 (BACKGROUND) to ``n_classes``.
    n_classes : int >= 1

    Returns
    -------
    ndarray of shape (height, width), uint8
        Pixels on which all agree stay. Ties go to the lower class.

    Notes
    -----
    Pixels on which all agree count at most as often as those that are contested with that
    class among the candidates. Otherwise an endless background makes every worker look
    infallible there, and a minority's strokes become truth.

    References
    ----------
    Warfield, Zou, Wells: Simultaneous truth and performance level estimation (STAPLE), IEEE
    Transactions on Medical Imaging 23(7), 2004.
    """
    found = masks[0].copy()
    contested = np.zeros(found.shape, dtype=bool)
    for mask in masks[1:]:
        contested |= mask != masks[0]
    if not contested.any():
        return found
    ballots = [mask[contested] for mask in masks]
    patterns, code = _patterns(ballots, n_classes + 1)
    counts = np.bincount(code, minlength=len(patterns)).astype(np.float64)
    easy = np.bincount(masks[0][~contested], minlength=n_classes + 1).astype(np.float64)
    winners = _estimate(patterns, counts, easy)
    found[contested] = winners[code]
    return found


def _patterns(
    ballots: Sequence[NDArray[np.uint8]], n_labels: int
) -> tuple[NDArray[np.uint8], NDArray[np.int32]]:
    """Find the distinct columns of ballots, shape (n_patterns, n_workers), and each's number."""
    code = np.zeros(len(ballots[0]), dtype=np.int32)
    rows = np.zeros((1, 0), dtype=np.uint8)
    for ballot in ballots:
        longer = code.astype(np.int64) * n_labels + ballot
        used = np.flatnonzero(np.bincount(longer, minlength=len(rows) * n_labels))
        place = np.zeros(len(rows) * n_labels, dtype=np.int32)
        place[used] = np.arange(len(used))
        code = place[longer]
        last = (used % n_labels).astype(np.uint8)
        rows = np.concatenate([rows[used // n_labels], last[:, None]], axis=1)
    return rows, code


def _estimate(
    patterns: NDArray[np.uint8], counts: NDArray[np.float64], easy: NDArray[np.float64]
) -> NDArray[np.uint8]:
    """EM over patterns; the winning class of each, shape (n_patterns,)."""
    n_labels, n_workers = len(easy), patterns.shape[1]
    said = np.zeros((n_workers, len(patterns), n_labels))
    for worker in range(n_workers):
        said[worker, np.arange(len(patterns)), patterns[:, worker]] = 1.0
    candidate = said.max(axis=0) > 0.0
    anchor = np.minimum(easy, candidate.T @ counts)
    other = (1.0 - _FIRST_ACCURACY) / max(n_labels - 1, 1)
    skill = np.full((n_workers, n_labels, n_labels), other)
    skill[:, np.arange(n_labels), np.arange(n_labels)] = _FIRST_ACCURACY
    share = said.mean(axis=0)
    prior = _normal(counts @ share + anchor + 1.0)
    smooth = np.full((n_labels, n_labels), _ELSEWHERE) + np.eye(n_labels) * _DIAGONAL
    truth = share
    for _ in range(_ROUNDS):
        log_p = np.log(prior)[None, :].repeat(len(patterns), axis=0)
        for worker in range(n_workers):
            log_p += np.log(skill[worker]).T[patterns[:, worker]]
        truth = _normal(np.exp(log_p - log_p.max(axis=1, keepdims=True)))
        weighted = truth * counts[:, None]
        seen = np.einsum("pt,wps->wts", weighted, said) + np.diag(anchor) + smooth
        skill = _normal(seen)
        prior = _normal(weighted.sum(axis=0) + anchor + 1.0)
    # a class nobody gave here is no answer
    likely = np.where(candidate, truth.round(9), -1.0)
    found: NDArray[np.uint8] = likely.argmax(axis=1).astype(np.uint8)
    return found


def _normal(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    scaled: NDArray[np.float64] = rows / rows.sum(axis=-1, keepdims=True)
    return scaled

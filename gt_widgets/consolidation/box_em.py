"""Box consolidation that learns its workers: Expectation Maximization over a batch.

Layer: consolidation (pure functions on numpy arrays; imports only ``geometry``).

Two latent things are estimated. Which groups are real: every worker finds a real thing with a
probability of his own (recall) and draws along on a spurious one with another, as in Dawid and
Skene (1979) with two classes. And where the real ones lie: each worker draws each edge with a
bias and a spread of his own, in units of the box's size, with errors of Student's t so that a
slip of the hand pulls little.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gt_widgets.geometry import edges_to_boxes, iou_of_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gt_widgets.consolidation.box_groups import Drawn

__all__ = ["AGREEMENT", "confidence_of", "estimate_boxes"]

AGREEMENT = (0.05, 0.32, 0.59, 0.71, 0.82, 0.90)
"""Confidence for 0, 1/5, ... 5/5 of the workers' weight: real five-worker jobs show these."""

_ROUNDS = 12
_FREEDOM = 4.0
"""Degrees of freedom of Student's t: heavy tails, but a mean and a variance."""
_SPREAD_PRIOR = 2.0
_BIAS_PRIOR = 4.0
"""Boxes' worth of trust in the crowd's spread, and in no bias, before a worker is known."""
_FOUND = (3.4, 0.6)
_DRAWN_ALONG = (1.0, 3.0)
"""Beta priors of the probability to draw a real, and a spurious, thing."""
_RATES = (0.02, 0.98)
"""Nobody is thought to be surer than this, of either."""
_FAR = 3.0
"""Median distances from the crowd's middle at which a worker's bias counts half."""
_LEAST_SIDE = 1e-3
_EVEN = 0.5
_EQUAL = 10.0
"""Groups' worth of trust that all workers weigh the same."""
_USUAL_OVERLAP = 0.9
_OVERLAP_SLOPE = 0.4


def estimate_boxes(
    drawn: Drawn,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """Estimate place, confidence and existence of every group.

    Parameters
    ----------
    drawn : Drawn
        Grouped, at most one box per worker and group.

    Returns
    -------
    boxes : ndarray of shape (n_groups, 4)
        ``left, top, width, height`` in pixels, not rounded.
    confidence : ndarray of shape (n_groups,)
        In (0, 0.95].
    keep : ndarray of shape (n_groups,), bool
        Whether the group is more likely real than not.
    """
    real, agreement = _existence(drawn)
    edges = _places(drawn, real)
    return edges_to_boxes(edges), confidence_of(agreement, drawn, edges), real > _EVEN


def confidence_of(
    agreement: NDArray[np.float64], drawn: Drawn, edges: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Turn agreement on the thing and on its place into a confidence.

    The share of the workers' weight that drew it is read off the curve that real jobs show
    (``AGREEMENT``); boxes that overlap their consensus more than the usual 0.9 raise it a
    little, boxes that overlap less lower it. A box of one worker has nothing to overlap.
    """
    curve = np.interp(agreement, np.linspace(0.0, 1.0, len(AGREEMENT)), AGREEMENT)
    iou = iou_of_rows(drawn.edges, edges[drawn.group])
    overlap = np.bincount(drawn.group, iou, minlength=drawn.n_groups) / drawn.votes
    shift = np.where(drawn.votes > 1, _OVERLAP_SLOPE * (overlap - _USUAL_OVERLAP), 0.0)
    confidence: NDArray[np.float64] = np.clip(curve + shift, 0.05, 0.95)
    return confidence


def _existence(drawn: Drawn) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """For each group, the probability that it is real and the share of weight that drew it.

    A worker weighs what his drawing plus his not drawing tells, in nats.
    """
    group, worker, hit = _seats(drawn)
    real = np.clip(drawn.votes / drawn.asked, 0.1, 0.9)
    n = drawn.n_groups
    yes = no = np.zeros(drawn.n_workers)
    for _ in range(_ROUNDS):
        recall = _rate(worker, hit, real[group], drawn.n_workers, _FOUND)
        along = _rate(worker, hit, 1.0 - real[group], drawn.n_workers, _DRAWN_ALONG)
        ceiling = np.maximum(recall - 0.05, 0.01)  # drawing a box never speaks against it
        along = np.clip(along, 0.01, ceiling)
        prior = (real.sum() + 1.0) / (n + 2.0)
        yes, no = np.log(recall / along), np.log((1.0 - recall) / (1.0 - along))
        odds = np.bincount(group, np.where(hit, yes[worker], no[worker]), minlength=n)
        real = 1.0 / (1.0 + np.exp(-(odds + np.log(prior / (1.0 - prior)))))
    known = np.bincount(worker, minlength=drawn.n_workers)
    weight = (known * (yes - no) + _EQUAL * (yes - no).mean()) / (known + _EQUAL)
    drew = np.bincount(group, np.where(hit, weight[worker], 0.0), minlength=n)
    asked = np.bincount(group, weight[worker], minlength=n)
    return real, drew / asked


def _seats(drawn: Drawn) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.bool_]]:
    """For every group, everyone who answered its object: group, worker, drew it or not."""
    first = np.searchsorted(drawn.seat_object, np.arange(len(drawn.object_ids)))
    group = np.repeat(np.arange(drawn.n_groups), drawn.asked)
    offset = np.arange(len(group)) - np.repeat(np.cumsum(drawn.asked) - drawn.asked, drawn.asked)
    worker = drawn.seat_worker[first[drawn.group_object][group] + offset]
    hit = np.isin(group * drawn.n_workers + worker, drawn.group * drawn.n_workers + drawn.workers)
    return group, worker, hit


def _rate(
    worker: NDArray[np.intp],
    hit: NDArray[np.bool_],
    weight: NDArray[np.float64],
    n_workers: int,
    prior: tuple[float, float],
) -> NDArray[np.float64]:
    hits = np.bincount(worker, weight * hit, minlength=n_workers) + prior[0]
    misses = np.bincount(worker, weight * ~hit, minlength=n_workers) + prior[1]
    rate: NDArray[np.float64] = np.clip(hits / (hits + misses), *_RATES)
    return rate


def _places(drawn: Drawn, real: NDArray[np.float64]) -> NDArray[np.float64]:
    """Edges of every group, shape (n_groups, 4)."""
    middle = _medians(drawn)
    sides = np.maximum(middle[:, 2:] - middle[:, :2], 1.0)
    unit = np.sqrt(np.concatenate([sides, sides], axis=1))
    edges = np.empty_like(middle)
    trust = np.where(drawn.votes > 1, real, 0.0)[drawn.group]
    for k in range(4):
        seen = drawn.edges[:, k] / unit[drawn.group, k]
        start = middle[:, k] / unit[:, k]
        edges[:, k] = _one_edge(drawn, seen, start, trust) * unit[:, k]
    # edges are estimated one by one, so slivers could come out inside out
    edges[:, 2:] = np.maximum(edges[:, 2:], edges[:, :2] + _LEAST_SIDE)
    return edges


def _medians(drawn: Drawn) -> NDArray[np.float64]:
    begin = np.cumsum(drawn.votes) - drawn.votes
    low, high = begin + (drawn.votes - 1) // 2, begin + drawn.votes // 2
    found = np.empty((drawn.n_groups, 4))
    for k in range(4):
        order = np.lexsort((drawn.edges[:, k], drawn.group))
        values = drawn.edges[order, k]
        found[:, k] = (values[low] + values[high]) / 2.0
    return found


def _one_edge(
    drawn: Drawn,
    seen: NDArray[np.float64],
    place: NDArray[np.float64],
    trust: NDArray[np.float64],
) -> NDArray[np.float64]:
    """EM over one edge: where it is, each worker's bias and spread, and who slipped."""
    group, worker = drawn.group, drawn.workers
    n, m = drawn.n_groups, drawn.n_workers
    count = np.bincount(worker, trust, minlength=m).astype(np.float64)
    bias = np.zeros(m)
    rest = seen - place[group]
    pooled = _pooled(rest, trust)
    spread = np.full(m, pooled)
    unsure = np.zeros(n)
    for _ in range(_ROUNDS):
        off = seen - place[group] - bias[worker]
        grip = (_FREEDOM + 1.0) / (_FREEDOM + (off**2 + unsure[group]) / spread[worker])
        pull = trust * grip
        weight = np.bincount(worker, pull, minlength=m)
        rest = seen - place[group]
        bias = np.bincount(worker, pull * rest, minlength=m) / (weight + _BIAS_PRIOR)
        bias -= _centre(bias, count)
        error = (rest - bias[worker]) ** 2 + unsure[group]
        spread = np.bincount(worker, pull * error, minlength=m) + _SPREAD_PRIOR * pooled
        spread /= count + _SPREAD_PRIOR
        firm = grip / spread[worker]
        total = np.bincount(group, firm, minlength=n)
        place = np.bincount(group, firm * (seen - bias[worker]), minlength=n) / total
        unsure = 1.0 / total
    return place


def _centre(bias: NDArray[np.float64], count: NDArray[np.float64]) -> float:
    """Where the crowd as a whole stands: its bias cannot be seen, so it is taken to be none.

    A mean with Cauchy weights around the median, in units of the median distance from it: one
    worker who is far off must not move everybody.
    """
    seen = count > 0.0
    if not seen.any():
        return 0.0
    middle = float(np.median(bias[seen]))
    off = bias[seen] - middle
    scale = _FAR * float(np.median(np.abs(off))) + 1e-9
    return middle + float(np.average(off, weights=count[seen] / (1.0 + (off / scale) ** 2)))


def _pooled(rest: NDArray[np.float64], trust: NDArray[np.float64]) -> float:
    total = float(trust.sum())
    mean = float((trust * rest**2).sum()) / total if total else 0.0
    return max(mean, 1e-6)

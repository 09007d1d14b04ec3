"""Grouping what different workers drew: one thing seen by many, at most one vote each.

Layer: consolidation (pure functions on numpy arrays; imports nothing of ours).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

__all__ = ["candidate_pairs", "group_by_support", "nearest_few", "overlapping_pairs"]

_CHUNK = 2_000_000
"""Pairs looked at together, so that memory does not follow their number."""
_FEW = 16
_BESIDE = 1e-6
_CROWDED = 500_000
"""Pairs in one cell from which on only the nearest things are compared."""


def overlapping_pairs(
    cells: NDArray[np.intp],
    low: NDArray[np.float64],
    high: NDArray[np.float64],
    *,
    min_share: float,
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Find the pairs of one cell that can overlap by ``min_share``, seen along one axis.

    Parameters
    ----------
    cells : ndarray of shape (n,)
        Pairs never cross cells, for example one object and label.
    low, high : ndarray of shape (n,)
        Extent of each thing along the axis; ``low < high``.
    min_share : float in (0, 1]
        Of the intersection in the union.

    Yields
    ------
    (ndarray, ndarray) of shape (n_pairs,)
        Rows, each pair once, at most two million or one row's pairs at a time.
    """
    if not len(cells):
        return
    order, counts = _in_reach(cells, low, high, min_share)
    total: NDArray[np.intp] = np.concatenate([[0], np.cumsum(counts)])
    begin = 0
    while begin < len(order):
        end = int(np.searchsorted(total, total[begin] + _CHUNK, side="right")) - 1
        end = max(end, begin + 1)
        many = counts[begin:end]
        first = np.repeat(np.arange(begin, end), many)
        offset = np.arange(len(first)) - np.repeat(total[begin:end] - total[begin], many)
        yield order[first], order[first + 1 + offset]
        begin = end


def _in_reach(
    cells: NDArray[np.intp], low: NDArray[np.float64], high: NDArray[np.float64], min_share: float
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Order things along the axis; of each, how many behind it begin near enough to overlap."""
    order = np.lexsort((low, cells))
    start = low[order] - low.min()
    span = float(start.max()) + float((high - low).max()) + 1.0
    place = cells[order] * span + start
    # two extents share at most 1 - distance / length of the one that begins first
    reach = place + (1.0 - min_share) * (high - low)[order] * (1.0 + 1e-9)
    after = np.arange(1, len(order) + 1)
    return order, np.searchsorted(place, reach, side="right") - after


def candidate_pairs(
    cells: NDArray[np.intp],
    workers: NDArray[np.intp],
    edges: NDArray[np.float64],
    *,
    min_share: float,
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Find the pairs of different workers' things worth comparing, in work that stays bounded.

    All that overlap along the first axis; but in a cell that is so crowded that these would be
    more than half a million, only each thing's 16 nearest of every other worker. A pile of
    thousands in one place, which nobody means, then costs as much as as many things apart.

    Parameters
    ----------
    cells, workers : ndarray of shape (n,)
    edges : ndarray of shape (n, 2 * axes)
        The low edges on all axes, then the high ones.
    min_share : float in (0, 1]

    Yields
    ------
    (ndarray, ndarray) of shape (n_pairs,)
        Rows, each pair once.
    """
    if not len(cells):
        return
    low, high = edges[:, 0], edges[:, edges.shape[1] // 2]
    order, counts = _in_reach(cells, low, high, min_share)
    _, cell = np.unique(cells, return_inverse=True)
    crowded = np.bincount(cell[order], counts)[cell] > _CROWDED
    rows = np.flatnonzero(~crowded)
    for one, two in overlapping_pairs(cells[rows], low[rows], high[rows], min_share=min_share):
        first, second = rows[one], rows[two]
        other = workers[first] != workers[second]
        yield first[other], second[other]
    for each in np.unique(cell[crowded]):
        yield from _nearest_pairs(np.flatnonzero(cell == each), workers, edges)


def _nearest_pairs(
    rows: NDArray[np.intp], workers: NDArray[np.intp], edges: NDArray[np.float64]
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Pair each of some rows with the 16 of each later worker whose edges lie nearest.

    Of things in exactly one place, the first of one worker lies nearest to the first of another.
    """
    from scipy.spatial import cKDTree

    team = np.unique(workers[rows])
    drawn = [rows[workers[rows] == worker] for worker in team]
    points = [
        np.column_stack([edges[of], _BESIDE * np.arange(len(of), dtype=np.float64)]) for of in drawn
    ]
    for place, theirs in enumerate(drawn):
        few = min(_FEW, len(theirs))
        tree = cKDTree(points[place])
        for before, asked in zip(drawn[:place], points[:place], strict=True):
            _, near = tree.query(asked, k=np.arange(1, few + 1), p=np.inf)
            yield np.repeat(before, few), theirs[near.ravel()]


def nearest_few(
    workers: NDArray[np.intp],
    first: NDArray[np.intp],
    second: NDArray[np.intp],
    similarity: NDArray[np.float64],
) -> NDArray[np.intp]:
    """Positions of the pairs worth keeping: each first row's 16 likest of every worker.

    Only piles of things by one worker in one place, which nobody means, lose pairs by it; their
    number would grow with the square of the pile.
    """
    if len(first) <= _FEW * len(workers):
        return np.arange(len(first))
    order = np.lexsort((second, -similarity, workers[second], first))
    starts = _starts(first[order], workers[second[order]])
    lengths = np.diff(np.append(starts, len(order)))
    place = np.arange(len(order)) - np.repeat(starts, lengths)
    return order[place < _FEW]


def group_by_support(
    workers: NDArray[np.intp],
    first: NDArray[np.intp],
    second: NDArray[np.intp],
    similarity: NDArray[np.float64],
) -> NDArray[np.intp]:
    """Split drawn things into groups with at most one thing of each worker.

    The thing that the others confirm most (largest total similarity, counting each worker's
    best) is a seed and gathers the most similar free thing of every other worker; then the
    next seed among those that are left. Seeds that cannot touch each other's groups are taken
    in the same round, so a whole batch takes a few rounds of array work.

    Parameters
    ----------
    workers : ndarray of shape (n,)
        Who drew each thing. Ties go to the lower row, so bring rows in a canonical order.
    first, second : ndarray of shape (n_pairs,)
        Rows that may mean the same: of different workers, each pair once.
    similarity : ndarray of shape (n_pairs,)
        In (0, 1].

    Returns
    -------
    ndarray of shape (n,)
        The row of each thing's seed: equal numbers are one group.
    """
    n = len(workers)
    group = np.arange(n)
    source, target = np.concatenate([first, second]), np.concatenate([second, first])
    value = np.concatenate([similarity, similarity])
    order = np.lexsort((target, -value, workers[target], source))
    source, target, value = source[order], target[order], value[order]
    free = np.ones(n, dtype=bool)
    while len(source):
        best = _starts(source, workers[target])
        support = np.bincount(source[best], value[best], minlength=n).astype(np.float64).round(9)
        seeds = free & _locally_first(support, source, target)
        taken = best[seeds[source[best]]]
        group[target[taken]] = source[taken]
        free[target[taken]] = False
        free &= ~seeds
        left = free[source] & free[target]
        source, target, value = source[left], target[left], value[left]
    return group


def _starts(*keys: NDArray[np.intp]) -> NDArray[np.intp]:
    """Positions where a run of equal keys begins."""
    change = np.zeros(len(keys[0]), dtype=bool)
    change[0] = True
    for key in keys:
        change[1:] |= key[1:] != key[:-1]
    return np.flatnonzero(change)


def _locally_first(
    support: NDArray[np.float64], source: NDArray[np.intp], target: NDArray[np.intp]
) -> NDArray[np.bool_]:
    """Tell which rows have the most support within two steps, the lower row winning ties.

    Support only ever falls as groups are taken away, so such a row would be next anyway,
    whatever happens further off: the parallel rounds give the sequential result.
    """
    n = len(support)
    rank = np.empty(n, dtype=np.intp)
    rank[np.lexsort((np.arange(n), -support))] = np.arange(n)
    starts = _starts(source)
    rows = source[starts]
    reach = rank.copy()
    for _ in range(2):
        reach[rows] = np.minimum(reach[rows], np.minimum.reduceat(reach[target], starts))
    linked = np.zeros(n, dtype=bool)
    linked[rows] = True
    first: NDArray[np.bool_] = linked & (reach == rank)
    return first

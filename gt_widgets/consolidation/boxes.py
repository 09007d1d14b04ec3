"""Box consolidation: group the boxes of different workers by overlap, then average.

Layer: consolidation (pure functions; imports only ``geometry`` and ``errors``).

AWS documents the idea (boxes most similar by Jaccard index are grouped and averaged), not the
numbers; those here are ours and stand in ``docs/reference/consolidation.md``.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from gt_widgets.consolidation.types import Box, ConsolidatedBoxes
from gt_widgets.errors import NoResponsesError
from gt_widgets.geometry import (
    as_boxes,
    boxes_to_edges,
    edges_to_boxes,
    iou_matrix,
    round_boxes,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gt_widgets.consolidation.types import BoxResponse

__all__ = ["SAME_PLACE_IOU", "consolidate_boxes"]

SAME_PLACE_IOU = 0.5
"""Two boxes of one class mean the same thing from this overlap on."""


def consolidate_boxes(
    responses: Sequence[BoxResponse], *, min_votes: int | None = None
) -> ConsolidatedBoxes:
    """Consolidate the boxes of one data object.

    Class by class, the box that most other workers confirm gathers the best overlapping box
    (IoU >= 0.5) of each of them; a worker has one vote per group. A group stays when more
    than half of the workers are in it, so of two workers both must have drawn it.

    Parameters
    ----------
    responses : sequence of BoxResponse, length >= 1
        Oldest first; a worker who answers twice counts once, with the newer answer. A worker
        who drew nothing counts among those asked. Boxes without area are left out.
    min_votes : int >= 1, optional
        Votes that keep a group, in place of "more than half".

    Returns
    -------
    ConsolidatedBoxes
        Whole pixels, ordered by label, top and left. Each edge is the mean over the group,
        every box weighing its squared overlap with the group's median box, so that a sloppy
        box pulls less. ``confidence`` is ``0.05 + 0.9 * votes / workers * mean pairwise
        IoU``, in (0, 0.95], 2 decimals. With a single worker: the boxes as drawn, in that
        order, confidence 0. The result does not depend on the order of the workers.

    Raises
    ------
    NoResponsesError
        If ``responses`` is empty.
    """
    if not responses:
        raise NoResponsesError("consolidate_boxes needs at least one worker response")
    latest = {r.worker_id: r.boxes for r in responses}
    drawn = [
        (worker_id, box)
        for worker_id, boxes in latest.items()
        for box in boxes
        if box.width > 0 and box.height > 0
    ]
    if len(latest) == 1:
        alone = tuple(_whole(box.label, _rows([box])[0]) for _, box in drawn)
        return ConsolidatedBoxes(alone, (0.0,) * len(alone))
    enough = len(latest) // 2 + 1 if min_votes is None else min_votes
    kept: list[tuple[Box, float]] = []
    for label in sorted({box.label for _, box in drawn}):
        mine = sorted((worker_id, box) for worker_id, box in drawn if box.label == label)
        rows = _rows([box for _, box in mine])
        for group in _groups([worker_id for worker_id, _ in mine], rows):
            if len(group) >= enough:
                share = len(group) / len(latest)
                kept.append((_whole(label, _centre(rows[group])), _agree(rows[group], share)))
    kept.sort(key=lambda pair: (pair[0].label, pair[0].top, pair[0].left, pair[0]))
    return ConsolidatedBoxes(tuple(b for b, _ in kept), tuple(c for _, c in kept))


def _rows(boxes: Sequence[Box]) -> NDArray[np.float64]:
    return as_boxes([(b.left, b.top, b.width, b.height) for b in boxes])


def _whole(label: str, row: NDArray[np.float64]) -> Box:
    return Box(label, *(int(side) for side in round_boxes(row[None, :])[0]))


def _groups(worker_ids: Sequence[str], rows: NDArray[np.float64]) -> list[list[int]]:
    """Split the boxes of one class into groups with at most one box per worker."""
    iou = iou_matrix(rows, rows)
    near = [np.flatnonzero(overlaps >= SAME_PLACE_IOU).tolist() for overlaps in iou]
    free = set(range(len(rows)))
    groups = []
    while free:
        by_seed = {seed: _gather(seed, worker_ids, near[seed], iou, free) for seed in free}
        best = max(by_seed, key=lambda s: (_support(s, by_seed[s], iou), -s))
        groups.append(sorted(by_seed[best]))
        free -= set(by_seed[best])
    return groups


def _gather(
    seed: int,
    worker_ids: Sequence[str],
    near: Sequence[int],
    iou: NDArray[np.float64],
    free: set[int],
) -> list[int]:
    """Take the free box of each other worker that overlaps the seed most."""
    chosen: dict[str, int] = {}
    for i in sorted(near, key=lambda i: (-iou[seed, i], i)):
        if i in free and worker_ids[i] != worker_ids[seed]:
            chosen.setdefault(worker_ids[i], i)
    return [seed, *chosen.values()]


def _support(seed: int, group: list[int], iou: NDArray[np.float64]) -> float:
    """Sum the overlap with the others; rounded, so that ties do not follow float noise."""
    return round(float(iou[seed, sorted(group)].sum()) - 1.0, 9)


def _centre(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    edges = boxes_to_edges(rows)
    median = edges_to_boxes(np.median(edges, axis=0)[None, :])
    weights = iou_matrix(rows, median)[:, 0] ** 2
    if not weights.any():  # three slivers around a corner can have an empty middle
        weights = np.ones(len(rows))
    mean = (edges * weights[:, None]).sum(axis=0) / weights.sum()
    centre: NDArray[np.float64] = edges_to_boxes(mean[None, :])[0]
    return centre


def _agree(rows: NDArray[np.float64], share: float) -> float:
    iou = iou_matrix(rows, rows)
    pairs = [float(iou[i, j]) for i, j in combinations(range(len(rows)), 2)]
    overlap = sum(sorted(pairs)) / len(pairs) if pairs else 1.0
    return round(round(0.05 + 0.9 * share * overlap, 9), 2)

"""Box consolidation: group the boxes of different workers by overlap, then make one of each.

Layer: consolidation (pure functions; imports only ``geometry`` and ``errors``).

AWS documents the idea (boxes most similar by Jaccard index are grouped and averaged), not the
numbers; those here are ours and stand in ``docs/reference/consolidation.md``. The better method,
``"em"``, is in ``box_em.py``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from gt_widgets.consolidation.box_em import estimate_boxes
from gt_widgets.consolidation.box_groups import Drawn, drawn_boxes, group_boxes, mean_overlap
from gt_widgets.consolidation.types import Box, ConsolidatedBoxes
from gt_widgets.errors import NoResponsesError, ValidationError
from gt_widgets.geometry import as_boxes, edges_to_boxes, round_boxes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from gt_widgets.consolidation.types import BoxResponse

__all__ = ["SAME_PLACE_IOU", "BoxMethod", "consolidate_box_batch", "consolidate_boxes"]

BoxMethod = Literal["ground-truth", "em"]
SAME_PLACE_IOU = 0.5
"""Two boxes of one class mean the same thing from this overlap on."""
_EM_IOU = 0.35
"""The same for ``"em"``, which can tell sloppy workers from other things."""


def consolidate_boxes(
    responses: Sequence[BoxResponse],
    *,
    min_votes: int | None = None,
    method: BoxMethod = "ground-truth",
) -> ConsolidatedBoxes:
    """Consolidate the boxes of one data object; see ``consolidate_box_batch``.

    Raises
    ------
    NoResponsesError
        If ``responses`` is empty.
    """
    return consolidate_box_batch({"object": responses}, method=method, min_votes=min_votes)[
        "object"
    ]


def consolidate_box_batch(
    answers: Mapping[str, Sequence[BoxResponse]],
    *,
    method: BoxMethod = "ground-truth",
    min_votes: int | None = None,
) -> dict[str, ConsolidatedBoxes]:
    """Consolidate the boxes of many data objects.

    Class by class, the box that most other workers confirm gathers the best overlapping box
    of each of them; a worker has one vote per group.

    Parameters
    ----------
    answers : mapping of object_id to sequence of BoxResponse, length >= 1
        Oldest first; a worker who answers twice counts once, with the newer answer. A worker
        who drew nothing counts among those asked. Boxes without area are left out.
    method : {"ground-truth", "em"}
        ``"ground-truth"`` looks at each object alone: boxes group from IoU 0.5, a group stays
        when more than half of the workers are in it (of two workers both must have drawn it),
        and each edge is the plain mean. ``"em"`` learns from the whole batch how each worker
        errs (bias and spread per edge, boxes missed, boxes drawn on nothing) and weighs them
        by it; the more objects at a time, the better it knows them.
    min_votes : int >= 1, optional
        Votes that keep a group, in place of the method's own rule.

    Returns
    -------
    dict of object_id to ConsolidatedBoxes
        In the order of ``answers``. Whole pixels, ordered by label, top and left.
        ``confidence`` of ``"ground-truth"`` is ``0.05 + 0.9 * votes / workers * mean pairwise
        IoU``; of ``"em"`` see ``box_em.confidence_of``. Both in (0, 0.95], 2 decimals. With a
        single worker: the boxes as drawn, in that order, confidence 0. The result does not
        depend on the order of the workers or objects.

    Raises
    ------
    NoResponsesError
        If an object has no response.
    ValidationError
        If ``method`` is neither of the two.
    """
    if method not in {"ground-truth", "em"}:
        raise ValidationError(f"method must be 'ground-truth' or 'em'; found {method!r}")
    latest: dict[str, dict[str, tuple[Box, ...]]] = {}
    for object_id, responses in answers.items():
        if not responses:
            raise NoResponsesError(f"object {object_id}: at least one worker response is needed")
        latest[object_id] = {r.worker_id: r.boxes for r in responses}
    several = {key: of for key, of in latest.items() if len(of) > 1}
    found = dict.fromkeys(answers, ConsolidatedBoxes((), ()))
    found |= {key: _alone(of) for key, of in latest.items() if len(of) == 1}
    if several:
        found |= _together(several, method, min_votes)
    return found


def _alone(answer: Mapping[str, tuple[Box, ...]]) -> ConsolidatedBoxes:
    (boxes,) = answer.values()
    drawn = [box for box in boxes if box.width > 0 and box.height > 0]
    rows = round_boxes(as_boxes([(b.left, b.top, b.width, b.height) for b in drawn])).tolist()
    whole = tuple(Box(box.label, *row) for box, row in zip(drawn, rows, strict=True))
    return ConsolidatedBoxes(whole, (0.0,) * len(whole))


def _together(
    latest: Mapping[str, Mapping[str, tuple[Box, ...]]], method: BoxMethod, min_votes: int | None
) -> dict[str, ConsolidatedBoxes]:
    drawn = drawn_boxes(latest)
    least = SAME_PLACE_IOU if method == "ground-truth" else _EM_IOU
    grouped = group_boxes(drawn, min_iou=least)
    if method == "ground-truth":
        rows, confidence = _means(grouped)
        keep = 2 * grouped.votes > grouped.asked
    else:
        rows, confidence, keep = estimate_boxes(grouped)
    if min_votes is not None:
        keep = grouped.votes >= min_votes
    return _written(grouped, rows, confidence, keep)


def _means(drawn: Drawn) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give the plain mean of each group, shape (n_groups, 4), and its confidence."""
    sides = edges_to_boxes(drawn.edges)
    sums = [np.bincount(drawn.group, sides[:, k], minlength=drawn.n_groups) for k in range(4)]
    rows = np.stack(sums, axis=1) / drawn.votes[:, None]
    share = drawn.votes / drawn.asked
    return rows, 0.05 + 0.9 * share * mean_overlap(drawn)


def _written(
    drawn: Drawn,
    rows: NDArray[np.float64],
    confidence: NDArray[np.float64],
    keep: NDArray[np.bool_],
) -> dict[str, ConsolidatedBoxes]:
    whole = round_boxes(rows.round(6))
    label, place = drawn.group_label, drawn.group_object
    order = np.lexsort((*whole.T[[3, 2, 0, 1]], label, place))
    order = order[keep[order]]
    values = confidence[order].round(9).round(2).tolist()
    ends = np.searchsorted(place[order], np.arange(len(drawn.object_ids) + 1))
    boxes = [
        Box(drawn.labels[name], *row)
        for name, row in zip(label[order].tolist(), whole[order].tolist(), strict=True)
    ]
    return {
        object_id: ConsolidatedBoxes(tuple(boxes[a:b]), tuple(values[a:b]))
        for object_id, a, b in zip(drawn.object_ids, ends[:-1], ends[1:], strict=True)
    }

"""The boxes of a batch as arrays, and which of them mean the same thing.

Layer: consolidation (pure functions; imports only ``geometry``).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from gt_widgets.consolidation.grouping import candidate_pairs, group_by_support, nearest_few
from gt_widgets.geometry import as_boxes, boxes_to_edges, iou_of_rows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from gt_widgets.consolidation.types import Box

__all__ = ["Drawn", "drawn_boxes", "group_boxes", "mean_overlap"]


@dataclass(frozen=True, slots=True)
class Drawn:
    """All boxes of a batch as parallel arrays, in an order that does not depend on arrival.

    ``objects``, ``workers``, ``label`` and ``group`` have shape (n_boxes,), ``edges`` shape
    (n_boxes, 4); rows are sorted by group once there are groups. ``seat_object`` and
    ``seat_worker`` list who answered which object, also with nothing. ``group_*``, ``votes``
    and ``asked`` have shape (n_groups,).
    """

    object_ids: tuple[str, ...]
    labels: tuple[str, ...]
    n_workers: int
    objects: NDArray[np.intp]
    workers: NDArray[np.intp]
    label: NDArray[np.intp]
    edges: NDArray[np.float64]
    seat_object: NDArray[np.intp]
    seat_worker: NDArray[np.intp]
    group: NDArray[np.intp]
    group_object: NDArray[np.intp]
    group_label: NDArray[np.intp]
    votes: NDArray[np.intp]
    asked: NDArray[np.intp]

    @property
    def n_groups(self) -> int:
        """Groups in the batch."""
        return len(self.votes)


def drawn_boxes(latest: Mapping[str, Mapping[str, tuple[Box, ...]]]) -> Drawn:
    """Bring the newest answers, by object_id and worker_id, into canonical arrays.

    Boxes without area are left out. Every box is still a group of its own.
    """
    object_ids = tuple(sorted(latest))
    worker_ids = sorted({worker for of in latest.values() for worker in of})
    number = {worker: index for index, worker in enumerate(worker_ids)}
    seats: list[tuple[int, int]] = []
    owner: list[tuple[int, int]] = []
    drawn: list[Box] = []
    for index, object_id in enumerate(object_ids):
        for worker, boxes in latest[object_id].items():
            seat = (index, number[worker])
            seats.append(seat)
            owner += [seat] * len(boxes)
            drawn += boxes
    rows = as_boxes([(b.left, b.top, b.width, b.height) for b in drawn])
    names = sorted({b.label for b in drawn})
    class_id = {name: index for index, name in enumerate(names)}
    label = np.array([class_id[b.label] for b in drawn], dtype=np.intp)
    objects, workers = np.array(owner, dtype=np.intp).reshape(-1, 2).T
    order = np.lexsort((*rows.T[::-1], workers, label, objects))
    order = order[(rows[order, 2:] > 0.0).all(axis=1)]
    seat_object, seat_worker = np.array(sorted(seats), dtype=np.intp).reshape(-1, 2).T
    own = np.arange(len(order))
    return Drawn(
        object_ids=object_ids,
        labels=tuple(names),
        n_workers=len(worker_ids),
        objects=objects[order],
        workers=workers[order],
        label=label[order],
        edges=boxes_to_edges(rows[order]),
        seat_object=seat_object,
        seat_worker=seat_worker,
        group=own,
        group_object=objects[order],
        group_label=label[order],
        votes=np.ones_like(own),
        asked=np.bincount(seat_object, minlength=len(object_ids))[objects[order]],
    )


def group_boxes(drawn: Drawn, *, min_iou: float) -> Drawn:
    """Group boxes of one object and class, one of each worker, from ``min_iou`` on."""
    cells = drawn.objects * len(drawn.labels) + drawn.label
    parts: list[tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]] = []
    for first, second in candidate_pairs(cells, drawn.workers, drawn.edges, min_share=min_iou):
        iou = iou_of_rows(drawn.edges[first], drawn.edges[second])
        near = np.flatnonzero(iou >= min_iou)
        near = near[nearest_few(drawn.workers, first[near], second[near], iou[near])]
        parts.append((first[near], second[near], iou[near]))
    if not parts:
        return drawn
    one, two, iou = (np.concatenate(part) for part in zip(*parts, strict=True))
    seed = group_by_support(drawn.workers, one, two, iou)
    return _by_group(drawn, seed)


def _by_group(drawn: Drawn, seed: NDArray[np.intp]) -> Drawn:
    order = np.argsort(seed, kind="stable")
    seeds, group = np.unique(seed[order], return_inverse=True)
    return replace(
        drawn,
        objects=drawn.objects[order],
        workers=drawn.workers[order],
        label=drawn.label[order],
        edges=drawn.edges[order],
        group=group,
        group_object=drawn.objects[seeds],
        group_label=drawn.label[seeds],
        votes=np.bincount(group, minlength=len(seeds)),
        asked=drawn.asked[seeds],
    )


def mean_overlap(drawn: Drawn) -> NDArray[np.float64]:
    """Mean IoU over the pairs of each group, shape (n_groups,); 1 for a box alone."""
    total, pairs = np.zeros(drawn.n_groups), np.zeros(drawn.n_groups)
    for step in range(1, int(drawn.votes.max(initial=1))):
        same = np.flatnonzero(drawn.group[step:] == drawn.group[:-step])
        iou = iou_of_rows(drawn.edges[same], drawn.edges[same + step])
        total += np.bincount(drawn.group[same], iou, minlength=drawn.n_groups)
        pairs += np.bincount(drawn.group[same], minlength=drawn.n_groups)
    return np.divide(total, pairs, out=np.ones_like(total), where=pairs > 0)

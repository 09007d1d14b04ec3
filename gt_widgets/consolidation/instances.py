"""Instance consolidation: which painted things are the same, and which pixels are its own.

Layer: consolidation (pure functions; imports only ``errors``). Ours; AWS consolidates no instances.
The rules are those of boxes and masks: groups by overlap, more than half of the workers, a vote
per pixel.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from gt_widgets.consolidation.grouping import group_by_support
from gt_widgets.consolidation.types import ConsolidatedInstances
from gt_widgets.errors import NoResponsesError, ValidationError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from gt_widgets.consolidation.types import InstanceResponse

    Window = tuple[slice, slice]
    Overlaps = dict[tuple[int, int], NDArray[np.float64]]
    Thing = tuple[int, int]

__all__ = ["SAME_THING_IOU", "consolidate_instances"]

SAME_THING_IOU = 0.5
"""Two painted things of one class mean the same from this overlap of their pixels on."""
_MOST = 254
"""Things in one mask, at most: a pixel has one byte."""


def consolidate_instances(responses: Sequence[InstanceResponse]) -> ConsolidatedInstances:
    """Consolidate the things that several workers painted on one picture.

    Class by class, the thing that most other workers confirm gathers the best overlapping thing
    of each of them, from IoU 0.5 on; a group stays with more than half of the workers. A pixel
    belongs to a thing if more than half of its painters painted it there; where two things claim
    it, to the one with more of them.

    Parameters
    ----------
    responses : sequence of InstanceResponse, length >= 1
        Masks of one shape. Oldest first; a worker who answers twice counts once, with the newer
        answer.

    Returns
    -------
    ConsolidatedInstances
        Things ordered by label, top and left, at most 254 (the surest). ``confidence`` is ``0.05 +
        0.9 * votes / workers * mean pairwise IoU``, 2 decimals; with a single worker the things as
        painted, confidence 0. The result does not depend on the order of the workers.

    Raises
    ------
    NoResponsesError
        If ``responses`` is empty.
    ValidationError
        If masks differ in shape or hold a thing without a label.
    """
    if not responses:
        raise NoResponsesError("consolidate_instances needs at least one worker response")
    latest = {response.worker_id: response for response in responses}
    _check(latest)
    team = [latest[worker_id] for worker_id in sorted(latest)]
    if len(team) == 1:
        [alone] = team
        return ConsolidatedInstances(alone.mask.copy(), alone.labels, (0.0,) * len(alone.labels))
    overlaps = {(a, b): _overlaps(team[a], team[b]) for a, b in combinations(range(len(team)), 2)}
    groups = [group for group in _groups(team, overlaps) if 2 * len(group) > len(team)]
    return _painted(team, groups, overlaps)


def _check(latest: Mapping[str, InstanceResponse]) -> None:
    shapes = {response.mask.shape for response in latest.values()}
    if len(shapes) > 1:
        raise ValidationError(
            f"masks of one object must all have the shape (height, width); found {sorted(shapes)}"
        )
    for worker_id, response in latest.items():
        highest = int(response.mask.max(initial=0))
        if response.mask.dtype != np.uint8 or highest > len(response.labels):
            raise ValidationError(
                f"worker {worker_id}: a mask must be uint8 with things 1 to "
                f"{len(response.labels)}; found {response.mask.dtype} up to {highest}"
            )


def _overlaps(one: InstanceResponse, two: InstanceResponse) -> NDArray[np.float64]:
    """IoU of every thing of one worker with every thing of another; 0 across labels."""
    rows, columns = len(one.labels) + 1, len(two.labels) + 1
    both = one.mask.ravel().astype(np.intp) * columns + two.mask.ravel()
    shared = np.bincount(both, minlength=rows * columns).reshape(rows, columns)
    union = shared.sum(axis=1)[1:, None] + shared.sum(axis=0)[None, 1:] - shared[1:, 1:]
    same = _texts(one)[:, None] == _texts(two)[None, :]
    found: NDArray[np.float64] = np.where(same, shared[1:, 1:] / np.maximum(union, 1), 0.0)
    return found


def _texts(response: InstanceResponse) -> NDArray[np.str_]:
    return np.array(response.labels, dtype=np.str_)


def _groups(team: Sequence[InstanceResponse], overlaps: Overlaps) -> list[list[Thing]]:
    """Group things, each as (worker, number of the thing from 0), one of each worker at most."""
    things = [(w, k) for w, response in enumerate(team) for k in range(len(response.labels))]
    row_of = {thing: row for row, thing in enumerate(things)}
    pairs = [
        (row_of[a, i], row_of[b, j], iou[i, j])
        for (a, b), iou in overlaps.items()
        for i, j in np.argwhere(iou >= SAME_THING_IOU).tolist()
    ]
    first = np.array([pair[0] for pair in pairs], dtype=np.intp)
    second = np.array([pair[1] for pair in pairs], dtype=np.intp)
    similarity = np.array([pair[2] for pair in pairs], dtype=np.float64)
    workers = np.array([w for w, _ in things], dtype=np.intp)
    found: dict[int, list[Thing]] = {}
    seeds = group_by_support(workers, first, second, similarity)
    for thing, seed in zip(things, seeds.tolist(), strict=True):
        found.setdefault(seed, []).append(thing)
    return list(found.values())


def _painted(
    team: Sequence[InstanceResponse], groups: Sequence[list[Thing]], overlaps: Overlaps
) -> ConsolidatedInstances:
    from scipy import ndimage

    seen = [ndimage.find_objects(response.mask, len(response.labels)) for response in team]
    windows = [_around([seen[w][k] for w, k in group]) for group in groups]
    confidences = [_confidence(group, len(team), overlaps) for group in groups]
    labels = [team[group[0][0]].labels[group[0][1]] for group in groups]
    kept = sorted(range(len(groups)), key=lambda n: -confidences[n])[:_MOST]
    kept.sort(key=lambda n: (labels[n], windows[n][0].start, windows[n][1].start, n))
    mask = np.zeros_like(team[0].mask)
    most = np.zeros_like(mask)
    for number, n in enumerate(kept, 1):
        window, group = windows[n], groups[n]
        votes = np.zeros(mask[window].shape, dtype=np.uint8)
        for w, k in group:
            votes += team[w].mask[window] == k + 1
        own = (2 * votes > len(group)) & (votes > most[window])
        mask[window][own] = number
        most[window][own] = votes[own]
    return ConsolidatedInstances(
        mask, tuple(labels[n] for n in kept), tuple(confidences[n] for n in kept)
    )


def _around(windows: Sequence[Window]) -> Window:
    top, bottom = min(w[0].start for w in windows), max(w[0].stop for w in windows)
    left, right = min(w[1].start for w in windows), max(w[1].stop for w in windows)
    return slice(top, bottom), slice(left, right)


def _confidence(group: Sequence[Thing], asked: int, overlaps: Overlaps) -> float:
    pairs = [overlaps[a, b][i, j] for (a, i), (b, j) in combinations(sorted(group), 2)]
    likeness = sum(pairs) / len(pairs) if pairs else 1.0
    return round(round(0.05 + 0.9 * len(group) / asked * likeness, 9), 2)

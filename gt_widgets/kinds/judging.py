"""Does a label agree with the truth? What a careful simulated worker would say of it.

Layer: kinds (imports ``geometry`` and ``simulation``).
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from gt_widgets.geometry import as_boxes, match_boxes
from gt_widgets.schema.masks import mask_of_answer
from gt_widgets.simulation import SimulatedWorker

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gt_widgets.kinds.base import Seen

__all__ = ["agrees"]

_SAME_IOU = 0.7
_SAME_PIXELS = 0.8
_SIDES = ("left", "top", "width", "height")
_FLAWLESS = SimulatedWorker("simulated-judge", accuracy=1.0, box_jitter_px=0.0)


def agrees(kind: str, value: Mapping[str, Any], truth: Any, seen: Seen) -> bool:
    """Tell whether an answer says what the truth says.

    Parameters
    ----------
    kind : str
        Of the answer.
    value : mapping
        The answer, in the stored form.
    truth : object
        In a form that the kind can be simulated from.
    seen : Seen
        What the worker saw; ``labels`` are those of the answer.

    Returns
    -------
    bool
        Classes, labels and entities must be the same; boxes match one to one with IoU >= 0.7;
        masks share 0.8 of the pixels that either has; of other shapes there must be as many of each
        label.
    """
    from gt_widgets.kinds import KINDS

    used = _labels_of(truth)
    known = replace(seen, labels=tuple(dict.fromkeys((*seen.labels, *used))))
    right = KINDS[kind].simulate(truth, _FLAWLESS, random.Random(0), known)
    right = KINDS[kind].check(right, known)
    judge = _JUDGES.get(kind, _same)
    return judge(value, right, known)


def _labels_of(truth: Any) -> list[str]:
    if isinstance(truth, str):
        return [truth]
    if isinstance(truth, np.ndarray):
        return []
    return [str(each["label"]) if isinstance(each, dict) else str(each) for each in truth]


def _same(value: Mapping[str, Any], right: Mapping[str, Any], _seen: Seen) -> bool:
    return all(value.get(key) == part for key, part in right.items())


def _same_boxes(value: Mapping[str, Any], right: Mapping[str, Any], _seen: Seen) -> bool:
    mine, true = value["boundingBoxes"], right["boundingBoxes"]
    if len(mine) != len(true):
        return False
    matched = 0
    for label in {box["label"] for box in true}:
        rows = [
            as_boxes([[box[side] for side in _SIDES] for box in boxes if box["label"] == label])
            for boxes in (mine, true)
        ]
        matched += sum(iou >= _SAME_IOU for _, _, iou in match_boxes(*rows))
    return matched == len(true)


def _same_mask(value: Mapping[str, Any], right: Mapping[str, Any], seen: Seen) -> bool:
    one, two = (
        mask_of_answer(
            each["labeledImage"]["pngImageData"],
            {label: entry["color"] for label, entry in each["labelMappings"].items()},
            categories=seen.labels,
            width=seen.width or 0,
            height=seen.height or 0,
        )
        for each in (value, right)
    )
    either = (one > 0) | (two > 0)
    return not either.any() or float((one == two)[either].mean()) >= _SAME_PIXELS


def _same_labels(value: Mapping[str, Any], right: Mapping[str, Any], _seen: Seen) -> bool:
    counts = [
        Counter(
            shape["label"] for part in each.values() if isinstance(part, list) for shape in part
        )
        for each in (value, right)
    ]
    return counts[0] == counts[1]


_JUDGES: dict[str, Callable[[Mapping[str, Any], Mapping[str, Any], Seen], bool]] = {
    "boxes": _same_boxes,
    "mask": _same_mask,
    **dict.fromkeys(("polygons", "polylines", "lines", "keypoints", "instances"), _same_labels),
}

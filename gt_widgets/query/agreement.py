"""How far workers agree with each other, which is not how right they are.

Layer: query (pure functions; imports only ``geometry``).
"""

from __future__ import annotations

import json
import math
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gt_widgets.geometry import as_boxes, match_boxes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["agreement"]

_SIDES = ("left", "top", "width", "height")


def agreement(workers: pd.DataFrame) -> pd.DataFrame:
    """How far each two workers agree on the objects both have seen.

    Parameters
    ----------
    workers : pandas.DataFrame
        Of `worker_frame`.

    Returns
    -------
    pandas.DataFrame
        Square and symmetric, workers as index and columns, values in [0, 1], 1 on the
        diagonal, NaN where two workers share no object. For classes the share of equal
        answers. For boxes the mean over objects of: IoU summed over boxes of the same label
        matched one to one, divided by the larger number of boxes; two empty answers agree.
        For several classes and for entities the share that both gave among all that either gave;
        NaN for masks and other shapes.
    """
    ids = sorted(workers["worker_id"].unique())
    answers = {
        worker_id: {row["object_id"]: row for row in group.to_dict("records")}
        for worker_id, group in workers.groupby("worker_id")
    }
    table = pd.DataFrame(np.eye(len(ids)), index=ids, columns=ids)
    for one, two in combinations(ids, 2):
        shared = sorted(answers[one].keys() & answers[two].keys())
        scores = [_alike(answers[one][o], answers[two][o]) for o in shared]
        value = float(np.mean(scores)) if scores else math.nan
        table.loc[one, two] = table.loc[two, one] = value
    return table


def _alike(one: Mapping[Any, Any], two: Mapping[Any, Any]) -> float:
    if isinstance(one["label"], str) or isinstance(two["label"], str):
        return float(one["label"] == two["label"])
    a, b = (each.get("answer") or {} for each in (one, two))
    if (a or b) and "boundingBoxes" not in a and "boundingBoxes" not in b:
        return _shared(a, b)
    most = max(len(one["boxes"]), len(two["boxes"]))
    if most == 0:
        return 1.0
    labels = {box["label"] for box in one["boxes"]}
    return sum(_overlap(one["boxes"], two["boxes"], label) for label in labels) / most


def _shared(one: Mapping[str, Any], two: Mapping[str, Any]) -> float:
    """Share of classes or entities that both gave, among all that either gave."""
    for part in ("labels", "entities"):
        if isinstance(one.get(part), list) and isinstance(two.get(part), list):
            a, b = (
                {json.dumps(each, sort_keys=True) for each in given[part]} for given in (one, two)
            )
            return len(a & b) / len(a | b) if a | b else 1.0
    return math.nan


def _overlap(
    one: Sequence[Mapping[str, Any]], two: Sequence[Mapping[str, Any]], label: str
) -> float:
    a, b = (
        as_boxes(
            [
                tuple(box[side] for side in _SIDES)
                for box in boxes
                if box["label"] == label and box["width"] > 0 and box["height"] > 0
            ]
        )
        for boxes in (one, two)
    )
    return sum(iou for _, _, iou in match_boxes(a, b))

"""Boxes: what a bounding box job asks for.

Layer: kinds (imports ``consolidation``, ``geometry``, ``schema``, ``simulation``). Reference
sections 4.4 and 6.4.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from gt_widgets.consolidation import Box, BoxResponse, consolidate_box_batch
from gt_widgets.errors import AnswerError
from gt_widgets.kinds.base import (
    Kind,
    Labeled,
    check_label,
    class_map,
    number,
    picture_size,
    pixel_count,
    shown,
    used_names,
)
from gt_widgets.simulation import answer_boxes

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping, Sequence

    from gt_widgets.consolidation import BoxMethod, ConsolidatedBoxes
    from gt_widgets.kinds.base import Answered, JobFacts, Seen
    from gt_widgets.simulation import SimulatedWorker

__all__ = ["BOXES", "MAX_BOXES"]

MAX_BOXES = 10_000
"""Boxes in one answer, at most (ours: AWS states none)."""
_SIDES = ("left", "top", "width", "height")


def _check(value: Mapping[str, Any], seen: Seen) -> dict[str, Any]:
    width, height = picture_size(seen, "boxes")
    boxes = value.get("boundingBoxes")
    if not isinstance(boxes, list):
        raise AnswerError("boundingBoxes must be a list; an empty one for nothing to label.")
    if len(boxes) > MAX_BOXES:
        raise AnswerError(f"{len(boxes)} boxes in one answer; at most {MAX_BOXES}.")
    return {
        "boundingBoxes": [_box(i, box, seen.labels, width, height) for i, box in enumerate(boxes)],
        "inputImageProperties": {"height": height, "width": width},
    }


def _box(index: int, box: Any, labels: Sequence[str], width: int, height: int) -> dict[str, Any]:
    if not isinstance(box, dict):
        raise AnswerError(f"Box {index} must be an object with label, left, top, width, height.")
    sides = {side: pixel_count(box.get(side), f"Box {index}: {side}") for side in _SIDES}
    inside = (
        sides["left"] >= 0
        and sides["top"] >= 0
        and sides["width"] >= 1
        and sides["height"] >= 1
        and sides["left"] + sides["width"] <= width
        and sides["top"] + sides["height"] <= height
    )
    if not inside:
        raise AnswerError(
            f"Box {index} {shown(sides)} does not lie inside the picture of {width} x "
            f"{height} pixels."
        )
    # the key order of AWS's own answers
    return {
        "height": sides["height"],
        "label": check_label(box.get("label"), labels),
        "left": sides["left"],
        "top": sides["top"],
        "width": sides["width"],
    }


def _merge(job: JobFacts, batch: Sequence[Answered], _created: str) -> dict[int, Labeled]:
    answers = {str(found.object_id): _responses(found) for found in batch}
    merged = consolidate_box_batch(answers, method=cast("BoxMethod", job.method))
    return {found.object_id: _labeled(job, found, merged[str(found.object_id)]) for found in batch}


def _responses(found: Answered) -> list[BoxResponse]:
    return [
        BoxResponse(
            answer.sub,
            tuple(
                Box(b["label"], b["left"], b["top"], b["width"], b["height"])
                for b in answer.value["boundingBoxes"]
            ),
        )
        for answer in found.answers
    ]


def _labeled(job: JobFacts, found: Answered, merged: ConsolidatedBoxes) -> Labeled:
    annotations = [
        {
            "class_id": job.categories.class_id(box.label),
            "top": int(box.top),
            "left": int(box.left),
            "height": int(box.height),
            "width": int(box.width),
        }
        for box in merged.boxes
    ]
    used = sorted({entry["class_id"] for entry in annotations})
    size = {"width": found.width, "height": found.height, "depth": found.depth}
    return Labeled(
        {"image_size": [size], "annotations": annotations},
        {
            "objects": [{"confidence": number(value)} for value in merged.confidences],
            "class-map": {str(class_id): job.categories.labels[class_id] for class_id in used},
        },
    )


def _show(
    label: Any, metadata: Mapping[str, Any], seen: Seen, _data: bytes | None
) -> dict[str, Any]:
    """Boxes of other tools may stand out of the picture; workers get what lies inside."""
    width, height = picture_size(seen, "boxes")
    names = class_map(metadata)
    boxes = []
    for box in label["annotations"]:
        left, top = max(0, round(box["left"])), max(0, round(box["top"]))
        right = min(width, round(box["left"] + box["width"]))
        bottom = min(height, round(box["top"] + box["height"]))
        if right > left and bottom > top:
            name = names.get(str(box["class_id"]), str(box["class_id"]))
            sides = {"left": left, "top": top, "width": right - left, "height": bottom - top}
            boxes.append({"label": name, **sides})
    return {"boundingBoxes": boxes}


def _simulate(
    truth: Any, worker: SimulatedWorker, rng: random.Random, seen: Seen
) -> dict[str, Any]:
    known = [box for box in truth if box["label"] in seen.labels]
    size = picture_size(seen, "boxes")
    content = answer_boxes(known, worker=worker, rng=rng, size=size, categories=seen.labels)
    value: dict[str, Any] = content["boundingBox"]
    return value


BOXES = Kind(
    "boxes",
    check=_check,
    merge=_merge,
    show=_show,
    names=used_names,
    simulate=_simulate,
    metadata_keys=(
        "objects",
        "class-map",
        "type",
        "human-annotated",
        "creation-date",
        "job-name",
    ),
    methods=("ground-truth", "em"),
    learning=frozenset({"em"}),
    answer='{"boundingBoxes": [{"height": 40, "label": "DHL", "left": 12, "top": 8, "width": 90}], '
    '"inputImageProperties": {"height": 533, "width": 800}}',
    label='{"image_size": [{"width": 800, "height": 533, "depth": 3}], "annotations": '
    '[{"class_id": 0, "top": 8, "left": 12, "height": 40, "width": 90}]}',
    truth="boxes, each a mapping with `label`, `left`, `top`, `width`, `height` in pixels",
)

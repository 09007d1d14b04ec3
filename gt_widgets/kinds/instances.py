"""Instances: a mask for each single thing.

Layer: kinds (imports ``consolidation``, ``schema``, ``simulation``). Reference section 4.4. AWS has
no built-in job for them: without a function of ours the label is the worker responses. With it, it
is a palette PNG as of masks, whose pixel values number the things.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gt_widgets.consolidation import InstanceResponse, consolidate_instances
from gt_widgets.errors import AnswerError
from gt_widgets.kinds.base import File, Kind, Labeled, check_label, number, picture_size
from gt_widgets.kinds.masks import image_answer, packed_mask
from gt_widgets.schema.masks import (
    MAX_CLASSES,
    answer_of_mask,
    internal_color_map,
    mask_of_answer,
    palette_png,
    tool_colors,
)
from gt_widgets.simulation import answer_instances

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from gt_widgets.kinds.base import Answered, JobFacts, Seen
    from gt_widgets.simulation import SimulatedWorker

__all__ = ["INSTANCES"]


def _check(value: Mapping[str, Any], seen: Seen) -> dict[str, Any]:
    width, height = picture_size(seen, "instances")
    instances = value.get("instances")
    if not isinstance(instances, list) or not all(isinstance(each, dict) for each in instances):
        raise AnswerError('instances must be a list like [{"color": "#2ca02c", "label": "car"}].')
    if len(instances) > MAX_CLASSES:
        raise AnswerError(f"{len(instances)} instances in one answer; at most {MAX_CLASSES}.")
    labels = [check_label(each.get("label"), seen.labels) for each in instances]
    packed = packed_mask(value, width=width, height=height, highest=len(instances))
    if packed is not None:
        return _painted(packed, labels)
    return _painted(_mask(value, width, height), labels)


def _mask(value: Mapping[str, Any], width: int, height: int) -> NDArray[np.uint8]:
    """Read the painting of an answer: pixel value k is its k-th instance."""
    numbers = [str(index) for index in range(len(value["instances"]))]
    colors = {n: each.get("color") for n, each in zip(numbers, value["instances"], strict=True)}
    return mask_of_answer(
        image_answer(value), colors, categories=numbers, width=width, height=height
    )


def _painted(mask: Any, labels: Sequence[str]) -> dict[str, Any]:
    colors = tool_colors(len(labels))
    painted = answer_of_mask(mask, [str(index) for index in range(len(labels))])
    return {
        "inputImageProperties": painted["inputImageProperties"],
        "instances": [
            {"color": color, "label": label} for color, label in zip(colors, labels, strict=True)
        ],
        "labeledImage": painted["labeledImage"],
    }


def _merge(job: JobFacts, batch: Sequence[Answered], created: str) -> dict[int, Labeled]:
    return {found.object_id: _merged(job, found, created) for found in batch}


def _merged(job: JobFacts, found: Answered, created: str) -> Labeled:
    responses = [
        InstanceResponse(
            answer.sub,
            _mask(answer.value, found.width or 0, found.height or 0),
            tuple(each["label"] for each in answer.value["instances"]),
        )
        for answer in found.answers
    ]
    merged = consolidate_instances(responses)
    colors = tool_colors(len(merged.labels))
    folder = f"{job.output_folder}/annotations/consolidated-annotation/output"
    uri = f"{folder}/{found.object_id}_{created}.png"
    color_map = internal_color_map(merged.labels, confidence=0, colors=colors)
    for index, confidence in enumerate(merged.confidences, 1):
        color_map[str(index)]["confidence"] = number(confidence)
    png = File(uri, palette_png(merged.mask, colors), "image/png")
    return Labeled(uri, {"internal-color-map": color_map}, (png,))


def _show(
    _label: Any, _metadata: Mapping[str, Any], _seen: Seen, _data: bytes | None
) -> dict[str, Any]:
    raise AnswerError("the earlier label of an instance segmentation job holds no instances.")


def _simulate(
    truth: Any, worker: SimulatedWorker, rng: random.Random, seen: Seen
) -> dict[str, Any]:
    size = picture_size(seen, "instances")
    mask, labels = answer_instances(
        truth, worker=worker, rng=rng, size=size, categories=seen.labels
    )
    return _painted(mask, labels)


INSTANCES = Kind(
    "instances",
    check=_check,
    merge=_merge,
    show=_show,
    names=lambda _label, _metadata: (),
    simulate=_simulate,
    metadata_keys=(),
    methods=("majority",),
    decodes=True,
    answer='{"inputImageProperties": {"height": 533, "width": 800}, "instances": [{"color": '
    '"#2ca02c", "label": "car"}], "labeledImage": {"pngImageData": "<base64 PNG>"}}',
    label='"s3://.../annotations/consolidated-annotation/output/0_2026-11-20T10:48:00.091190.png"',
    truth="boxes or polygons, each one instance",
)

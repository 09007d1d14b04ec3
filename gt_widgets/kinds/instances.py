"""Instances: a mask for each single thing.

Layer: kinds (imports ``schema``, ``simulation``). Reference section 4.4. AWS has no built-in job
for them, and what several workers painted is not consolidated: the label is the worker responses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gt_widgets.errors import AnswerError, ValidationError
from gt_widgets.kinds.base import Kind, check_label, picture_size
from gt_widgets.kinds.masks import image_answer, packed_mask
from gt_widgets.schema.masks import MAX_CLASSES, answer_of_mask, mask_of_answer, tool_colors
from gt_widgets.simulation import answer_instances

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping, Sequence

    from gt_widgets.kinds.base import Answered, JobFacts, Labeled, Seen
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
    numbers = [str(index) for index in range(len(instances))]
    colors = {n: each.get("color") for n, each in zip(numbers, instances, strict=True)}
    mask = mask_of_answer(
        image_answer(value), colors, categories=numbers, width=width, height=height
    )
    return _painted(mask, labels)


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


def _merge(job: JobFacts, _batch: Sequence[Answered], _created: str) -> dict[int, Labeled]:
    raise ValidationError(
        f"Labeling job {job.name!r}: instances of several workers are not consolidated. Leave "
        "AnnotationConsolidationConfig out; the label then names the worker responses."
    )


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
    decodes=True,
    answer='{"inputImageProperties": {"height": 533, "width": 800}, "instances": [{"color": '
    '"#2ca02c", "label": "car"}], "labeledImage": {"pngImageData": "<base64 PNG>"}}',
    label="{}",
    truth="boxes or polygons, each one instance",
)

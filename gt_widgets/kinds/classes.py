"""Classes: one of many, several of many, and verdicts on an earlier label.

Layer: kinds (imports ``consolidation``, ``schema``, ``simulation``). Reference sections 4.4, 6.2,
6.3 and 6.7.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gt_widgets.consolidation import (
    METHODS,
    Consolidated,
    LabelSetResponse,
    WorkerResponse,
    consolidate_classes,
    consolidate_label_sets,
)
from gt_widgets.errors import AnswerError
from gt_widgets.kinds.base import Kind, Labeled, check_label, class_map, number, shown
from gt_widgets.simulation import answer_class, answer_label_set

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping, Sequence

    from gt_widgets.kinds.base import Answered, JobFacts, Seen
    from gt_widgets.simulation import SimulatedWorker

__all__ = ["CLASS", "CLASSES", "MAX_COMMENT", "comments_of"]

MAX_COMMENT = 2_000
"""Characters of a worker's comment, at most (ours: AWS states none)."""
_LEARNING = frozenset({"hierarchical", "one-coin", "dawid-skene"})


# --- one of many --------------------------------------------------------------------------------


def _check_class(value: Mapping[str, Any], seen: Seen) -> dict[str, Any]:
    checked = {"label": check_label(value.get("label"), seen.labels)}
    comment = value.get("workerComment", "")
    if not isinstance(comment, str) or len(comment) > MAX_COMMENT:
        raise AnswerError(f"workerComment must be a text of at most {MAX_COMMENT} characters.")
    return checked | ({"workerComment": comment.strip()} if comment.strip() else {})


def _merge_class(job: JobFacts, batch: Sequence[Answered], _created: str) -> dict[int, Labeled]:
    answers = {
        str(found.object_id): [
            WorkerResponse(answer.sub, str(answer.value["label"])) for answer in found.answers
        ]
        for found in batch
    }
    merged = _consolidated(job, answers)
    return {
        found.object_id: Labeled(
            job.categories.class_id(merged[str(found.object_id)].label),
            {
                "confidence": number(merged[str(found.object_id)].confidence),
                "class-name": merged[str(found.object_id)].label,
            },
        )
        for found in batch
    }


def _consolidated(
    job: JobFacts, answers: Mapping[str, Sequence[WorkerResponse]]
) -> dict[str, Consolidated]:
    labels = job.categories.labels
    if len(labels) == 1:  # a verification with one verdict: nothing can differ
        sure = 0.0 if job.workers_per_object == 1 else 0.95
        return {object_id: Consolidated(labels[0], sure) for object_id in answers}
    return consolidate_classes(
        answers,
        categories=labels,
        workers_per_object=job.workers_per_object,
        method=job.method,
    )


def comments_of(found: Answered) -> list[dict[str, str]]:
    """Return the comments of all workers, ``worker-feedback`` of a verification (6.7)."""
    return [
        {"comment": str(answer.value["workerComment"])}
        for answer in found.answers
        if answer.value.get("workerComment")
    ]


def _name_of_class(label: Any, metadata: Mapping[str, Any]) -> str:
    return str(metadata.get("class-name", class_map(metadata).get(str(label), label)))


def _show_class(
    label: Any, metadata: Mapping[str, Any], _seen: Seen, _data: bytes | None
) -> dict[str, Any]:
    return {"label": _name_of_class(label, metadata)}


def _simulate_class(
    truth: Any, worker: SimulatedWorker, rng: random.Random, seen: Seen
) -> dict[str, Any]:
    content = answer_class(_main_label(truth), worker=worker, rng=rng, categories=seen.labels)
    value: dict[str, Any] = content["crowd-image-classifier"]
    return value


def _main_label(truth: Any) -> str:
    """Return the class of an object: the truth itself, or the label of its largest box."""
    if isinstance(truth, str):
        return truth
    largest = max(truth, key=lambda box: box["width"] * box["height"], default=None)
    return str(largest["label"]) if largest else "none"


# --- several of many ----------------------------------------------------------------------------


def _check_classes(value: Mapping[str, Any], seen: Seen) -> dict[str, Any]:
    labels = value.get("labels")
    if not isinstance(labels, list):
        raise AnswerError(f"labels must be a list of labels, not {shown(labels)}.")
    if len(labels) > len(seen.labels):
        raise AnswerError(f"{len(labels)} labels in one answer; the job has {len(seen.labels)}.")
    chosen = {check_label(label, seen.labels) for label in labels}
    if len(chosen) < len(labels):
        raise AnswerError("labels holds one label twice.")
    return {"labels": [label for label in seen.labels if label in chosen]}


def _merge_classes(job: JobFacts, batch: Sequence[Answered], _created: str) -> dict[int, Labeled]:
    answers = {
        str(found.object_id): [
            LabelSetResponse(answer.sub, tuple(answer.value["labels"])) for answer in found.answers
        ]
        for found in batch
    }
    merged = consolidate_label_sets(
        answers,
        categories=job.categories.labels,
        workers_per_object=job.workers_per_object,
        method=job.method,
    )
    found = {}
    for object_id, labels in merged.items():
        ids = [job.categories.class_id(label) for label in labels.labels]
        found[int(object_id)] = Labeled(
            ids,
            {
                "class-map": dict(zip(map(str, ids), labels.labels, strict=True)),
                "confidence-map": {
                    str(class_id): number(confidence)
                    for class_id, confidence in zip(ids, labels.confidences, strict=True)
                },
            },
        )
    return found


def _names_of_classes(label: Any, metadata: Mapping[str, Any]) -> tuple[str, ...]:
    names = class_map(metadata)
    return tuple(names.get(str(class_id), str(class_id)) for class_id in label)


def _show_classes(
    label: Any, metadata: Mapping[str, Any], _seen: Seen, _data: bytes | None
) -> dict[str, Any]:
    return {"labels": list(_names_of_classes(label, metadata))}


def _simulate_classes(
    truth: Any, worker: SimulatedWorker, rng: random.Random, seen: Seen
) -> dict[str, Any]:
    chosen = [truth] if isinstance(truth, str) else [_label_of(each) for each in truth]
    known = {label for label in chosen if label in seen.labels}
    return answer_label_set(known, worker=worker, rng=rng, categories=seen.labels)


def _label_of(each: Any) -> str:
    return str(each["label"] if isinstance(each, dict) else each)


CLASS = Kind(
    "class",
    check=_check_class,
    merge=_merge_class,
    show=_show_class,
    names=lambda label, metadata: (_name_of_class(label, metadata),),
    simulate=_simulate_class,
    metadata_keys=(
        "confidence",
        "job-name",
        "class-name",
        "human-annotated",
        "creation-date",
        "type",
    ),
    batched=True,
    methods=tuple(METHODS),
    learning=_LEARNING,
    answer='{"label": "DHL"}, and "workerComment" if the worker wrote one',
    label="0",
    truth="a label; or boxes, of which the largest counts",
)
CLASSES = Kind(
    "classes",
    check=_check_classes,
    merge=_merge_classes,
    show=_show_classes,
    names=_names_of_classes,
    simulate=_simulate_classes,
    metadata_keys=(
        "job-name",
        "class-map",
        "human-annotated",
        "creation-date",
        "confidence-map",
        "type",
    ),
    batched=True,
    methods=tuple(METHODS),
    learning=_LEARNING,
    answer='{"labels": ["DHL", "RedBull"]}',
    label="[0, 2]",
    truth="a list of labels; or boxes, whose labels count",
)

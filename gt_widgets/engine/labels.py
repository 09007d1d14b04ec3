"""From a batch of worker responses to the attributes that an output manifest line gains.

Layer: engine (pure). Reference sections 6.2 and 6.4, in the key order of real files.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gt_widgets.consolidation import (
    Box,
    BoxResponse,
    WorkerResponse,
    consolidate_boxes,
    consolidate_classes,
)
from gt_widgets.engine.clock import creation_date
from gt_widgets.schema.answers import boxes_of, label_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gt_widgets.engine.jobs import Job

__all__ = ["Answer", "Answered", "failure_attributes", "label_attributes", "worker_id"]


@dataclass(frozen=True, slots=True)
class Answer:
    """One stored response; times in epoch seconds."""

    sub: str
    content: dict[str, Any]
    accepted_at: float
    submitted_at: float
    time_spent_s: float


@dataclass(frozen=True, slots=True)
class Answered:
    """One data object that workers are done with, its answers oldest first."""

    object_id: int
    width: int | None
    height: int | None
    depth: int | None
    answers: tuple[Answer, ...]
    finished_at: float


def worker_id(region: str, sub: str, *, crowd: str = "private") -> str:
    """``private.<region>.<26 base-32 characters>``: how files name a worker (5.2).

    Workers of vendors and of the public crowd are simulated, and their ids begin by saying so.
    """
    digest = hashlib.sha256(sub.encode()).digest()
    said = "" if crowd == "private" else "SIMULATED"
    return f"{crowd}.{region}.{(said + base64.b32encode(digest).decode())[:26]}"


def label_attributes(job: Job, batch: Sequence[Answered]) -> dict[int, dict[str, Any]]:
    """Consolidate one batch of objects that have at least one answer each.

    Their creation date is the time when the last of them was finished: a stored fact, so that a
    batch consolidated again after a crash gets the same labels.

    Returns
    -------
    dict of object_id to dict
        ``{label_attribute: label, label_attribute + "-metadata": metadata}``.
    """
    if not batch:
        return {}
    common = {
        "human-annotated": "yes",
        "creation-date": creation_date(max(found.finished_at for found in batch)),
    }
    if job.task_type.name == "bounding-box":
        return {found.object_id: _boxes(job, found, common) for found in batch}
    return _classes(job, batch, common)


def failure_attributes(job: Job, reason: str) -> dict[str, Any]:
    """Return the metadata of an object that failed: no label, so that readers skip it (6.12)."""
    return {
        f"{job.label_attribute}-metadata": {
            "retry-count": 1,
            "failure-reason": reason,
            "human-annotated": "true",
        }
    }


def _boxes(job: Job, found: Answered, common: dict[str, Any]) -> dict[str, Any]:
    responses = [
        BoxResponse(
            answer.sub,
            tuple(
                Box(b["label"], b["left"], b["top"], b["width"], b["height"])
                for b in boxes_of(answer.content)
            ),
        )
        for answer in found.answers
    ]
    merged = consolidate_boxes(responses)
    categories = job.categories
    annotations = [
        {
            "class_id": categories.class_id(box.label),
            "top": int(box.top),
            "left": int(box.left),
            "height": int(box.height),
            "width": int(box.width),
        }
        for box in merged.boxes
    ]
    used = sorted({entry["class_id"] for entry in annotations})
    size = {"width": found.width, "height": found.height, "depth": found.depth}
    return {
        job.label_attribute: {"image_size": [size], "annotations": annotations},
        f"{job.label_attribute}-metadata": {
            "objects": [{"confidence": _number(value)} for value in merged.confidences],
            "class-map": {str(class_id): categories.labels[class_id] for class_id in used},
            "type": job.task_type.metadata_type,
            **common,
            "job-name": f"labeling-job/{job.name}",
        },
    }


def _classes(
    job: Job, batch: Sequence[Answered], common: dict[str, Any]
) -> dict[int, dict[str, Any]]:
    answers = {
        str(found.object_id): [
            WorkerResponse(answer.sub, label_of(answer.content)) for answer in found.answers
        ]
        for found in batch
    }
    merged = consolidate_classes(
        answers, categories=job.categories.labels, workers_per_object=job.workers_per_object
    )
    return {
        found.object_id: {
            job.label_attribute: job.categories.class_id(merged[str(found.object_id)].label),
            f"{job.label_attribute}-metadata": {
                "confidence": _number(merged[str(found.object_id)].confidence),
                "job-name": f"labeling-job/{job.name}",
                "class-name": merged[str(found.object_id)].label,
                **common,
                "type": job.task_type.metadata_type,
            },
        }
        for found in batch
    }


def _number(confidence: float) -> float | int:
    """Write a confidence of zero as ``0``, as the service does for one worker (A01)."""
    return 0 if confidence == 0 else round(float(confidence), 2)

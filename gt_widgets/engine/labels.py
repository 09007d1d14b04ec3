"""From a batch of worker responses to the attributes that an output manifest line gains.

Layer: engine (pure). What differs by task type stands in ``kinds``; here is what all have in
common: reference sections 6.1, 6.7, 6.8, 6.11 and 6.12, in the key order of real files.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gt_widgets.engine.clock import creation_date
from gt_widgets.kinds import Answer, Answered, Labeled, kind_of
from gt_widgets.kinds.classes import comments_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gt_widgets.engine.jobs import Job
    from gt_widgets.kinds import File

__all__ = [
    "Answer",
    "Answered",
    "attributes_of",
    "failure_attributes",
    "label_attributes",
    "machine_attributes",
    "worker_id",
]

_VERDICT_KEYS = (
    "class-name",
    "confidence",
    "type",
    "job-name",
    "human-annotated",
    "creation-date",
)


def worker_id(region: str, sub: str, *, crowd: str = "private") -> str:
    """``private.<region>.<26 base-32 characters>``: how files name a worker (5.2).

    Workers of vendors and of the public crowd are simulated, and their ids begin by saying so.
    """
    digest = hashlib.sha256(sub.encode()).digest()
    said = "" if crowd == "private" else "SIMULATED"
    return f"{crowd}.{region}.{(said + base64.b32encode(digest).decode())[:26]}"


def label_attributes(
    job: Job, batch: Sequence[Answered], responses: Mapping[int, str]
) -> tuple[dict[int, dict[str, Any]], list[File]]:
    """Consolidate one batch of objects that have at least one answer each.

    Their creation date is the time when the last of them was finished: a stored fact, so that a
    batch consolidated again after a crash gets the same labels.

    Parameters
    ----------
    responses : mapping of object_id to str
        Where the worker responses of each object lie, for jobs that are not consolidated.

    Returns
    -------
    tuple
        ``{object_id: {label_attribute: label, label_attribute + "-metadata": metadata}}``, and the
        files that the labels name.
    """
    if not batch:
        return {}, []
    if not job.consolidated:
        labels = {found.object_id: _referred(responses[found.object_id]) for found in batch}
    else:
        labels = _merged(job, batch, _created(batch))
    return attributes_of(job, batch, labels), [f for each in labels.values() for f in each.files]


def _created(batch: Sequence[Answered]) -> str:
    return creation_date(max(found.finished_at for found in batch))


def attributes_of(
    job: Job, batch: Sequence[Answered], labels: Mapping[int, Labeled]
) -> dict[int, dict[str, Any]]:
    """Write labels as manifest lines have them, all with the batch's creation date.

    Parameters
    ----------
    batch : sequence of Answered, length >= 1
        Objects that were consolidated in one group.
    labels : mapping of object_id to Labeled
        May hold other objects too.
    """
    created = _created(batch)
    return {
        found.object_id: {
            job.label_attribute: labels[found.object_id].label,
            f"{job.label_attribute}-metadata": _metadata(
                job, labels[found.object_id].metadata, created, found
            ),
        }
        for found in batch
    }


def _merged(job: Job, batch: Sequence[Answered], created: str) -> dict[int, Labeled]:
    """Consolidate a batch; objects that got further votes are no longer one worker's word."""
    merge = kind_of(job.task_type).merge
    most = max(len(found.answers) for found in batch)
    if most <= job.workers_per_object:
        return merge(job, batch, created)
    human = {**job.human, "NumberOfHumanWorkersPerDataObject": most}
    asked = replace(job, request={**job.request, "HumanTaskConfig": human})
    return merge(asked, batch, created)


def machine_attributes(job: Job, labeled: Labeled, created: str) -> dict[str, Any]:
    """Return what a line gains by a machine's label: the same, but for who annotated (6.13)."""
    known = {
        **labeled.metadata,
        "type": job.task_type.metadata_type,
        "job-name": f"labeling-job/{job.name}",
        "human-annotated": "no",
        "creation-date": created,
    }
    order = kind_of(job.task_type).metadata_keys
    return {
        job.label_attribute: labeled.label,
        f"{job.label_attribute}-metadata": {key: known[key] for key in order},
    }


def failure_attributes(job: Job, reason: str) -> dict[str, Any]:
    """Return the metadata of an object that failed: no label, so that readers skip it (6.12)."""
    return {
        f"{job.label_attribute}-metadata": {
            "retry-count": 1,
            "failure-reason": reason,
            "human-annotated": "true",
        }
    }


def _referred(uri: str) -> Labeled:
    """Give the label of a job without consolidation function: an empty one (4.8, P12)."""
    return Labeled({}, {"worker-response-ref": uri})


def _metadata(job: Job, own: Mapping[str, Any], created: str, found: Answered) -> dict[str, Any]:
    task_type = job.task_type
    if task_type.custom:
        metadata = {
            "type": task_type.metadata_type,
            "job_name": job.name,
            "human-annotated": "yes",
            "creation_date": created,
            **own,
        }
    else:
        known = {
            **own,
            "type": task_type.metadata_type,
            "job-name": f"labeling-job/{job.name}",
            "human-annotated": "yes",
            "creation-date": created,
        }
        verdict = task_type.purpose == "verify"
        order = _VERDICT_KEYS if verdict else kind_of(task_type).metadata_keys
        metadata = {key: known[key] for key in order}
    return metadata | _added(job, found)


def _added(job: Job, found: Answered) -> dict[str, Any]:
    """What verification (6.7) and adjustment (6.8) add at the end."""
    if job.task_type.purpose == "verify":
        comments = comments_of(found)
        return {"worker-feedback": comments} if comments else {}
    if job.task_type.purpose == "adjust":
        changed = any(answer.value.get("initialValueModified") for answer in found.answers)
        return {"adjustment-status": "adjusted" if changed else "unadjusted"}
    return {}

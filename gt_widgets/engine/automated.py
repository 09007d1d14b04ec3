"""Automated data labeling, the request's side: enough data, and a task that works at all.

Layer: engine. What the machine does then is elsewhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from gt_widgets.engine.tables import data_objects
from gt_widgets.errors import ValidationError
from gt_widgets.schema.limits import AUTOLABEL_MIN_OBJECTS, PROBE_FAILURES

if TYPE_CHECKING:
    from gt_widgets.engine.jobs import Job
    from gt_widgets.engine.store import Store

__all__ = ["automated", "check_enough_objects", "first_sample_failed"]


def automated(job: Job) -> bool:
    """Tell whether a job asks for automated data labeling."""
    return "LabelingJobAlgorithmsConfig" in job.request


def check_enough_objects(job: Job) -> None:
    """Refuse automated data labeling of too few objects (C19).

    Raises
    ------
    ValidationError
        It fails the job.
    """
    if automated(job) and job.total < AUTOLABEL_MIN_OBJECTS:
        raise ValidationError(
            f"The input manifest has {job.total} data objects; automated data labeling needs at "
            f"least {AUTOLABEL_MIN_OBJECTS}. Add objects, or leave LabelingJobAlgorithmsConfig out."
        )


def first_sample_failed(store: Store, job: Job) -> str:
    """Say why an automated job cannot go on after its first sample, or nothing (D05).

    Returns
    -------
    str
        Empty as long as at most a tenth of the first sample failed, and for other jobs.
    """
    if not automated(job) or job.iteration != 1:
        return ""
    first = {"job_id": job.job_id, "iteration": 1}
    counted = sa.select(sa.func.count()).select_from(data_objects)
    with store.reading() as connection:
        sample = int(connection.scalar(counted.filter_by(**first)) or 0)
        failed = int(connection.scalar(counted.filter_by(**first, state="failed")) or 0)
    if failed <= PROBE_FAILURES * sample:
        return ""
    return (
        f"{failed} of the first {sample} objects failed; a job with automated data labeling goes "
        f"on only if at most {PROBE_FAILURES:.0%} of its first sample do. The metadata of these "
        "objects in the output manifest says why."
    )

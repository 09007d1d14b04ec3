"""One line of the worker activity log (reference 9.6).

Layer: engine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gt_widgets.engine.clock import activity_time
from gt_widgets.schema.arns import crowd_of

if TYPE_CHECKING:
    from gt_widgets.engine.jobs import Job
    from gt_widgets.engine.tasks import Lease

__all__ = ["activity_record"]

_MOMENTS = {
    "TasksSubmitted": "task_submitted_time",
    "TasksReturned": "task_returned_time",
    "TasksDeclined": "task_declined_time",
}


def activity_record(
    event: str, *, worker: Any, job: Job, held: Lease, account_id: str, now: float
) -> dict[str, Any]:
    """Build the record of what a worker did with a task.

    Parameters
    ----------
    event : {"TasksSubmitted", "TasksReturned", "TasksDeclined"}
    worker : Worker
        Who did it: ``sub`` and ``pool_id``.
    now : float
        Epoch seconds.
    """
    return {
        "worker_id": worker.sub.replace("-", "")[:16],
        "cognito_user_pool_id": worker.pool_id,
        "cognito_sub_id": worker.sub,
        "task_accepted_time": activity_time(held.accepted_at),
        **dict.fromkeys(_MOMENTS.values(), ""),
        _MOMENTS[event]: activity_time(now),
        "workteam_arn": job.human["WorkteamArn"],
        "labeling_job_arn": job.arn,
        "work_requester_account_id": account_id,
        "job_reference_code": job.reference_code,
        "job_type": crowd_of(job.human["WorkteamArn"])[0].capitalize(),
        "event_type": event,
        "event_timestamp": str(int(now)),
    }

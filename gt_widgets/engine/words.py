"""What happens next with a job, in plain words.

Layer: engine (pure). The real service's silence is its users' first complaint.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gt_widgets.engine.machine_words import batch_name, machine_words, meter_of, training_words
from gt_widgets.schema.arns import crowd_of
from gt_widgets.schema.jobs import JobStatus

if TYPE_CHECKING:
    from gt_widgets.engine.automations import Automation
    from gt_widgets.engine.commits import Wish
    from gt_widgets.engine.jobs import Job
    from gt_widgets.engine.meter import Forecast

__all__ = ["next_words"]


def next_words(
    job: Job,
    batch: dict[str, Any],
    team_size: int,
    automation: Automation | None = None,
    *,
    forecast: Forecast | None = None,
    wish: Wish | None = None,
    closed: str = "",
) -> str:
    """Say what the job waits for and what it will do then.

    Parameters
    ----------
    batch : dict
        ``objects``, ``tasks_done``, ``tasks_total``, ``leased`` of the objects with workers now.
    team_size : int
        Workers in the job's team.
    automation : Automation, optional
        Where the loop of an automated job stands.
    forecast : Forecast, optional
        What a commit would bring, as of the last look.
    wish : Wish, optional
        A commit that was asked for.
    closed : str
        What browsers may not read of the job's pictures, in words.
    """
    final = {
        JobStatus.COMPLETED: f"Done. The output manifest lies at {job.manifest_uri}.",
        JobStatus.STOPPED: f"Stopped. The labels up to then lie at {job.manifest_uri}.",
        JobStatus.FAILED: f"Failed: {job.failure_reason}",
        JobStatus.STOPPING: "Stopping: the labels that are there are being written.",
        JobStatus.INITIALIZING: "Reading and checking the input manifest.",
    }
    if job.status in final:
        return final[job.status]
    if automation is None:
        said = [_batch_words(job, batch, team_size), closed]
    elif not batch["objects"] and not automation.committed:
        said = [training_words(automation, wish), closed]
    else:
        meter = meter_of(job, automation, forecast, wish)
        said = [_batch_words(job, batch, team_size, automation), machine_words(automation, wish)]
        said += [str(meter["words"]) if meter else "", closed]
    return " ".join(filter(None, said))


def _batch_words(
    job: Job, batch: dict[str, Any], team_size: int, automation: Automation | None = None
) -> str:
    waiting = job.unlabeled - batch["objects"]
    open_tasks = batch["tasks_total"] - batch["tasks_done"]
    if not batch["objects"]:
        return "The next batch is being put together."
    crowd = crowd_of(job.human["WorkteamArn"])[0]
    if crowd != "private" and team_size < job.workers_per_object:
        who = "This vendor is a sample" if crowd == "vendor" else "The public crowd is closed"
        return (
            f"{open_tasks} task(s) wait. {who}; its workers are simulated here: "
            f"job.simulate(workers={job.workers_per_object}) lets them work."
        )
    if not team_size:
        return (
            f"{open_tasks} task(s) wait, but the team has no worker. Add one: "
            "session.create_private_team(..., workers=['ana'])."
        )
    if team_size < job.workers_per_object:
        return (
            f"{open_tasks} task(s) wait. Each object asks for {job.workers_per_object} different "
            f"workers and the team has {team_size}: without more workers its objects stay open "
            "until their availability ends."
        )
    if automation is not None and not automation.committed:
        return (
            f"{open_tasks} of {batch['tasks_total']} tasks of this {batch_name(automation, job)} "
            f"({batch['objects']} objects) wait for workers, {batch['leased']} of them in hand."
        )
    probe = "probe batch" if job.iteration == 1 and waiting else "batch"
    then = (
        f"the next {min(waiting, int(job.human['MaxConcurrentTaskCount']))} of {waiting} waiting "
        "objects follow when it is done."
        if waiting > 0
        else "then the job completes."
    )
    return (
        f"{open_tasks} of {batch['tasks_total']} tasks of this {probe} ({batch['objects']} "
        f"objects) wait for workers, {batch['leased']} of them in hand; {then}"
    )

"""The worker side: what a labeler may ask, and nothing else.

Layer: engine. The operations of ``docs/reference/worker-protocol.md``: dict in, dict out. Inline
widgets, the portal and simulated workers all come through here. A session names one worker; that
worker sees the jobs of their teams and the tasks leased to them.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gt_widgets.engine.activity import activity_record
from gt_widgets.engine.arguments import draft_in, key_in, lease_in, text_in, whole
from gt_widgets.engine.attached import answer_with
from gt_widgets.engine.logbook import WORKER_GROUP
from gt_widgets.engine.pictures import as_stored, measure
from gt_widgets.engine.tasks import MAX_HELD, lane_of
from gt_widgets.engine.telling import instructions_of, picture_of
from gt_widgets.errors import (
    AddressRefusedError,
    DataObjectError,
    EngineUnreachableError,
    ImageError,
    LeaseError,
    StoreUnreachableError,
    WorkerError,
)
from gt_widgets.kinds import Seen
from gt_widgets.schema.jobs import JobStatus
from gt_widgets.schema.masks import label_colors

if TYPE_CHECKING:
    from collections.abc import Callable

    from gt_widgets.engine.jobs import Job
    from gt_widgets.engine.root import Engine
    from gt_widgets.engine.tasks import Lease

__all__ = ["PictureBytes", "WorkerSide"]

_LOG = logging.getLogger(__name__)
_TRY_AGAIN = (
    "Try again in a moment: what the engine keeps its files in does not answer. The task stays "
    "yours until its time limit."
)
_MAX_SECONDS = 30 * 86_400
"""Longest time on one task that is believed; a page that says more has a wrong clock."""


@dataclass(frozen=True, slots=True)
class PictureBytes:
    """A picture in the stored frame, ready for a browser."""

    data: bytes
    content_type: str


class WorkerSide:
    """Answers one operation of the worker protocol.

    Parameters
    ----------
    engine : Engine
        The composition root.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._operations: dict[str, Callable[[Any, dict[str, Any]], Any]] = {
            "jobs": self._jobs,
            "claim": self._claim,
            "begin": self._begin,
            "save_draft": self._save_draft,
            "submit": self._submit,
            "skip": self._skip,
            "decline": self._decline,
            "release": self._release,
            "stop": self._stop,
            "picture": self._picture,
            "segment": self._segment,
        }

    def call(
        self,
        operation: str,
        args: dict[str, Any],
        session: str | None,
        *,
        address: str | None = None,
    ) -> Any:
        """Answer one operation: a dict, or ``PictureBytes`` for ``picture``.

        Parameters
        ----------
        address : str, optional
            The IP address the worker's page calls from, where the carrier knows it. The
            workforce's ``SourceIpConfig`` may shut it out.

        Raises
        ------
        AddressRefusedError
            If the workforce lets nobody in from ``address`` (T04).
        SignInError
            If the session is missing, expired or revoked.
        EngineUnreachableError
            If the store or the objects cannot be reached for now: the page tries again.
        WorkerError
            With a ``code`` the page understands.
        """
        if address is not None and not self._engine.workforce.admits(address):
            raise AddressRefusedError("The workforce lets no worker in from this address.")
        try:
            return self._answer(operation, args, session)
        except StoreUnreachableError as error:
            _LOG.warning("a worker's %s must be repeated: %s", operation, error)
            raise EngineUnreachableError(_TRY_AGAIN) from error
        except (KeyError, TypeError, AttributeError) as error:
            raise WorkerError(
                f"{operation}: an argument is missing or of the wrong kind ({error!r}); "
                "docs/reference/worker-protocol.md lists them."
            ) from error

    def _answer(self, operation: str, args: dict[str, Any], session: str | None) -> Any:
        identity = self._engine.identity
        if operation == "sign_in":
            return _signed_in(
                identity.sign_in(text_in(args, "user_name"), text_in(args, "password"))
            )
        if operation == "set_new_password":
            return _signed_in(
                identity.set_new_password(
                    text_in(args, "user_name"),
                    text_in(args, "challenge_session"),
                    text_in(args, "new_password"),
                )
            )
        if operation == "sign_out":
            identity.sign_out(session or "")
            return {}
        worker = identity.worker_of(session or "")
        if operation not in self._operations:
            raise WorkerError(
                f"There is no worker operation {operation[:40]!r}; there are "
                f"{', '.join(sorted(self._operations))}."
            )
        # every operation is: a lease opens it and an answer counts once, so it may be repeated
        return self._engine.store.repeated(lambda: self._operations[operation](worker, args))

    # --- jobs -----------------------------------------------------------------------------------

    def _jobs(self, worker: Any, _args: dict[str, Any]) -> dict[str, Any]:
        teams = self._engine.workforce.teams_of(worker.sub)
        found = [
            self._job_entry(job, worker)
            for job in self._engine.jobs.active()
            if job.request["HumanTaskConfig"]["WorkteamArn"] in teams
        ]
        return {
            "worker": {"user_name": worker.user_name, "sub": worker.sub},
            "jobs": found,
        }

    def _job_entry(self, job: Job, worker: Any) -> dict[str, Any]:
        tally = self._engine.tasks.tallies.of_job(job.job_id).get(worker.sub)
        available = self._engine.tasks.available(job, worker.sub)
        return {
            "job_name": job.name,
            "title": job.human["TaskTitle"],
            "description": job.human["TaskDescription"],
            "task_type": job.task_type.name,
            "available": available,
            "done": tally.answers if tally else 0,
            "status": job.status,
            "message": "" if available else self._why_none(job),
        }

    def _my_job(self, worker: Any, name: str) -> Job:
        """T07: a worker cannot tell a job of another team from one that does not exist."""
        refused = WorkerError(f"There is no job {name[:63]!r} for your teams.")
        refused.code = "JobNotInProgress"
        with self._engine.store.reading():
            try:
                job = self._engine.jobs.get(name)
            except LookupError as error:
                raise refused from error
            if job.human["WorkteamArn"] not in self._engine.workforce.teams_of(worker.sub):
                raise refused
        return job

    def _why_none(self, job: Job) -> str:
        if job.status is JobStatus.INITIALIZING:
            return "The job is being prepared; its first tasks come in a moment."
        if job.status is not JobStatus.IN_PROGRESS:
            return f"The job is {job.status}; there is nothing left to do."
        others = sum(self._engine.tasks.open(job).values())
        if others:
            return (
                f"You have done your share of this batch. {others} task(s) wait for other "
                "workers; the next batch comes when they are done."
            )
        return "The batch is done; its answers are being put together. More may come in a moment."

    # --- tasks ----------------------------------------------------------------------------------

    def _claim(self, worker: Any, args: dict[str, Any]) -> dict[str, Any]:
        job = self._my_job(worker, text_in(args, "job_name"))
        if job.status not in {JobStatus.INITIALIZING, JobStatus.IN_PROGRESS}:
            return {
                "tasks": [],
                "state": "finished",
                "message": self._why_none(job),
            }
        count = min(MAX_HELD, max(1, whole(args.get("count", 1))))
        holding = {str(task_id) for task_id in args.get("holding", [])}
        leases = self._engine.tasks.claim(job, worker.sub, count=count, holding=holding)
        if not leases:
            message = self._why_none(job)
            return {"tasks": [], "state": "waiting", "message": message}
        return {
            "tasks": [self._task(job, lease) for lease in leases],
            "state": "tasks",
            "message": "",
        }

    def _task(self, job: Job, lease: Lease) -> dict[str, Any]:
        task_type, categories = job.task_type, job.categories
        seen, earlier, problem = self._shown(job, lease)
        colors = label_colors(categories.labels)
        return {
            "task_id": lease.task_id,
            "lease": lease.lease,
            "job_name": job.name,
            "object_id": str(lease.object_id),
            "task_type": task_type.name,
            "kind": task_type.kind,
            "purpose": task_type.purpose,
            "element": task_type.element,
            "title": job.human["TaskTitle"],
            "description": job.human["TaskDescription"],
            "categories": list(categories.labels),
            "labels": [
                {**entry, "color": colors[entry["label"]]} for entry in categories.entries()
            ],
            "segment": self._engine.segmenting.prompts(job),
            "earlier": earlier,
            "problem": problem,
            "instructions": instructions_of(job),
            "picture": None
            if seen.width is None
            else {
                "width": lease.width,
                "height": lease.height,
                "content_type": "image/jpeg",
            },
            "text": seen.text,
            "time_limit_s": job.human["TaskTimeLimitInSeconds"],
            "lease_until": lease.until,
            "now": self._engine.clock(),
            "draft": lease.draft,
        }

    def _shown(self, job: Job, lease: Lease) -> tuple[Seen, dict[str, Any] | None, str | None]:
        """Text and earlier label; a file that is gone since must not keep all tasks back."""
        showing = self._engine.showing
        try:
            seen = showing.seen(job, lease.object_id, lease.width, lease.height)
            return seen, showing.earlier(job, lease.object_id, seen), None
        except (DataObjectError, ImageError) as error:
            return Seen(job.categories.labels, lease.width, lease.height), None, str(error)

    def _begin(self, worker: Any, args: dict[str, Any]) -> dict[str, Any]:
        until = self._engine.tasks.begin(*self._mine(worker, args))
        return {"lease_until": until, "now": self._engine.clock()}

    def _save_draft(self, worker: Any, args: dict[str, Any]) -> dict[str, Any]:
        self._engine.tasks.save_draft(*self._mine(worker, args), draft_in(args, args["draft"]))
        return {}

    def _submit(self, worker: Any, args: dict[str, Any]) -> dict[str, Any]:
        task_id, lease = lease_in(args)
        queue = self._engine.tasks
        if queue.answered_with(task_id, lease, worker.sub):
            return {"accepted": True, "duplicate": True}
        held, job = self._held(worker, args)
        given = answer_with(args["content"], args.get("attached"))
        content = self._engine.showing.check(job, held.object_id, given, held.width, held.height)
        key = key_in(args)
        # the answer and its record of activity are stored together or not at all
        with self._engine.store.begin(durable=True, lane=lane_of(worker.sub)):
            new = queue.submit(
                task_id,
                lease,
                worker.sub,
                content=content,
                time_spent_s=self._time_spent(worker, held, args.get("time_spent_s")),
                key=key,
            )
            if new:
                self._record(worker, job, held, "TasksSubmitted")
        self._engine.wake()
        return {"accepted": True, "duplicate": not new}

    def _held(self, worker: Any, args: dict[str, Any]) -> tuple[Lease, Job]:
        """Find a live lease of this worker, who must still be in the job's team."""
        with self._engine.store.reading():
            held = self._engine.tasks.lease_of(*lease_in(args), worker.sub)
            job = self._engine.jobs.by_id(held.job_id)
            if job.human["WorkteamArn"] not in self._engine.workforce.teams_of(worker.sub):
                raise LeaseError(
                    "You are no longer in the team of this job; the task goes to somebody else."
                )
        return held, job

    def _mine(self, worker: Any, args: dict[str, Any]) -> tuple[str, str, str]:
        self._held(worker, args)
        return *lease_in(args), worker.sub

    def _time_spent(self, worker: Any, held: Lease, reported: Any) -> float:
        """Active time as the page measured it, no more than has passed since it was accepted.

        A simulated worker's time is the one the simulation says.
        """
        passed = max(0.0, self._engine.clock() - held.accepted_at)
        if isinstance(reported, bool) or not isinstance(reported, int | float):
            return passed
        if not 0 <= reported <= _MAX_SECONDS:  # false for NaN too
            return passed
        return float(reported) if worker.simulated else min(float(reported), passed)

    def _skip(self, worker: Any, args: dict[str, Any]) -> dict[str, Any]:
        self._engine.tasks.give_back(*self._mine(worker, args), kind="skipped")
        return {}

    def _decline(self, worker: Any, args: dict[str, Any]) -> dict[str, Any]:
        held, job = self._held(worker, args)
        with self._engine.store.begin(lane=lane_of(worker.sub)):
            self._engine.tasks.give_back(held.task_id, held.lease, worker.sub, kind="declined")
            self._record(worker, job, held, "TasksDeclined")
        self._engine.wake()
        return {}

    def _release(self, worker: Any, args: dict[str, Any]) -> dict[str, Any]:
        held, job = self._held(worker, args)
        with self._engine.store.begin(lane=lane_of(worker.sub)):
            self._engine.tasks.give_back(held.task_id, held.lease, worker.sub)
            self._record(worker, job, held, "TasksReturned")
        return {}

    def _stop(self, worker: Any, args: dict[str, Any]) -> dict[str, Any]:
        self._engine.tasks.save_draft(*self._mine(worker, args), draft_in(args, args.get("draft")))
        return {}

    def _picture(self, worker: Any, args: dict[str, Any]) -> PictureBytes:
        held, job = self._held(worker, args)
        data = picture_of(self._engine, job, held.object_id, args.get("example"))
        return PictureBytes(as_stored(data), measure("picture", data).content_type)

    def _segment(self, worker: Any, args: dict[str, Any]) -> dict[str, Any]:
        held, job = self._held(worker, args)
        return self._engine.segmenting.propose(job, held.object_id, args["prompt"])

    def _record(self, worker: Any, job: Job, held: Lease, event: str) -> None:
        """Write one line of the worker activity log (9.6)."""
        now = self._engine.clock()
        account_id = self._engine.account_id
        record = activity_record(
            event, worker=worker, job=job, held=held, account_id=account_id, now=now
        )
        self._engine.logs.put(WORKER_GROUP, worker.sub, now, record)


def _signed_in(found: Any) -> dict[str, Any]:
    if found.session:
        worker = {"user_name": found.worker.user_name, "sub": found.worker.sub}
        return {"session": found.session, "worker": worker}
    return {
        "challenge": "NEW_PASSWORD_REQUIRED",
        "challenge_session": found.challenge_session,
        "password_policy": found.password_policy,
    }

"""The queue of worker tasks: leased, begun, given back, answered exactly once.

Layer: engine. A lease is one conditional ``UPDATE ... RETURNING``, so two claims never get the
same task. Slots are ordered by slot number first and object second: ordered by object, a lone
worker would skip everything done before, and each claim would cost more than the last. What a
worker does runs in a lane of its own: one worker's calls come one after another, workers beside one
another. Locks are taken in the order object, task.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from gt_widgets.engine.leasing import (
    ANSWERED_LEASE,
    COUNT_AVAILABLE,
    COUNT_OPEN,
    EXPIRED,
    FREED,
    GIVE_BACK,
    HELD,
    JOB_OF_TASK,
    KEY_OWNER,
    LEASE_ANY,
    LEASE_NOT_SKIPPED,
    LIVE,
    LIVE_LOCKED,
    LOCK_OBJECT,
    OPEN,
    SIZE,
    SLOTS,
    STATUS,
    STORE_RESPONSE,
)
from gt_widgets.engine.tables import data_objects, jobs, refusals, tasks
from gt_widgets.engine.tallies import Tallies
from gt_widgets.errors import LeaseError, WorkerError
from gt_widgets.schema.jobs import JobStatus

if TYPE_CHECKING:
    from gt_widgets.engine.clock import Clock, NewId
    from gt_widgets.engine.jobs import Job
    from gt_widgets.engine.store import Store

__all__ = [
    "MAX_HELD",
    "Lease",
    "TaskQueue",
    "close_object",
    "finish_object_if_answered",
    "lane_of",
]

MAX_HELD = 3
"""Tasks of one job that one worker may hold at once: the one shown and two read ahead."""
MAX_DRAFT_CHARACTERS = 1 << 20
"""Of one draft as JSON, which lies in the store until its task is answered."""


@dataclass(frozen=True, slots=True)
class Lease:
    """One task in one worker's hands, until ``until`` (epoch seconds)."""

    task_id: str
    lease: str
    job_id: int
    object_id: int
    until: float
    accepted_at: float
    draft: Any
    width: int | None
    height: int | None


class TaskQueue:
    """Tasks of all jobs of one state folder."""

    def __init__(self, store: Store, *, clock: Clock, new_id: NewId) -> None:
        self._store, self._clock, self._new_id = store, clock, new_id
        self.tallies = Tallies(store)

    def claim(self, job: Job, sub: str, *, count: int, holding: set[str]) -> list[Lease]:
        """Lease up to ``count`` tasks of a job to a worker, those held already first.

        Parameters
        ----------
        job : Job
            Must be ``InProgress``; otherwise nothing is leased.
        sub : str
            The worker.
        count : int in 1..`MAX_HELD`
        holding : set of str
            Task ids that the worker's page still has; others come back with their drafts.
        """
        now = self._clock()
        with self._store.begin(lane=lane_of(sub)) as connection:
            late = connection.scalars(EXPIRED, {"job": job.job_id, "now": now}).all()
            if late:
                connection.execute(GIVE_BACK, {"task_ids": late})
            held = self._held(connection, job.job_id, sub)
            returned = [lease for lease in held if lease.task_id not in holding][:count]
            free = min(count - len(returned), MAX_HELD - len(held))
            fresh = []
            for _ in range(max(0, free)):
                lease = self._lease_one(connection, job, sub, now)
                if lease is None:
                    break
                fresh.append(lease)
        return [*returned, *fresh]

    def _lease_one(self, connection: sa.Connection, job: Job, sub: str, now: float) -> Lease | None:
        values = {
            "job": job.job_id,
            "me": sub,
            "now": now,
            "new_lease": self._new_id(),
            "until": now + job.human["TaskTimeLimitInSeconds"],
        }
        for lease in (LEASE_NOT_SKIPPED, LEASE_ANY):
            row = connection.execute(lease, values).one_or_none()
            if row is not None:
                return self._with_size(connection, row)
        return None

    def available(self, job: Job, sub: str) -> int:
        """Count the objects that this worker could get now, at most 1,000 (it is only shown)."""
        values = {"job": job.job_id, "me": sub, "now": self._clock()}
        with self._store.reading() as connection:
            return int(connection.scalar(COUNT_AVAILABLE, values) or 0)

    def open(self, job: Job) -> dict[str, int]:
        """Count the tasks of a job that are ``available`` and those that are ``leased``."""
        with self._store.reading() as connection:
            rows = connection.execute(COUNT_OPEN, {"job": job.job_id}).all()
        found = {row[0]: row[1] for row in rows}
        return {"available": found.get("available", 0), "leased": found.get("leased", 0)}

    def begin(self, task_id: str, lease: str, sub: str) -> float:
        """Start the time limit of a task when it is first shown; returns the deadline.

        Raises
        ------
        LeaseError
            If the task is not this worker's any more.
        """
        now = self._clock()
        with self._store.begin(lane=lane_of(sub)) as connection:
            row = self._live(connection, task_id, lease, sub, now)
            if row.began_at is not None:
                return float(row.lease_until)
            request = connection.scalar(
                sa.select(jobs.c.request).where(jobs.c.job_id == row.job_id)
            )
            limit = json.loads(str(request))["HumanTaskConfig"]["TaskTimeLimitInSeconds"]
            self._change(connection, row, began_at=now, accepted_at=now, lease_until=now + limit)
        return float(now + limit)

    def save_draft(self, task_id: str, lease: str, sub: str, draft: Any) -> None:
        """Keep an unfinished answer with the lease.

        Raises
        ------
        LeaseError
            If the task is not this worker's any more.
        WorkerError
            If the draft is larger than 1 MiB, or holds NaN.
        """
        try:
            text = json.dumps(draft, allow_nan=False)
        except (ValueError, TypeError, RecursionError) as error:
            raise WorkerError(f"The draft is not JSON that a page could read ({error}).") from error
        if len(text) > MAX_DRAFT_CHARACTERS:
            raise WorkerError(
                f"The draft has {len(text)} characters; at most {MAX_DRAFT_CHARACTERS} are kept."
            )
        with self._store.begin(lane=lane_of(sub)) as connection:
            row = self._live(connection, task_id, lease, sub, self._clock())
            self._change(connection, row, draft=text)

    def give_back(self, task_id: str, lease: str, sub: str, *, kind: str | None = None) -> None:
        """Return a task to the pool.

        Parameters
        ----------
        kind : {"skipped", "declined"}, optional
            Skipped: offered to this worker last. Declined: never again (A09).

        Raises
        ------
        LeaseError
            If the task is not this worker's any more.
        """
        now = self._clock()
        with self._store.begin(lane=lane_of(sub)) as connection:
            self._take_object(connection, task_id)
            row = self._live(connection, task_id, lease, sub, now)
            self._change(connection, row, **FREED)
            if kind:
                key = {"job_id": row.job_id, "object_id": row.object_id, "sub": sub}
                connection.execute(sa.delete(refusals).filter_by(**key))
                connection.execute(sa.insert(refusals).values(kind=kind, refused_at=now, **key))
            if kind == "declined":
                _close_if_declined_by_all(connection, row.job_id, row.object_id, now)

    def lease_of(self, task_id: str, lease: str, sub: str) -> Lease:
        """Return a live lease of this worker.

        Raises
        ------
        LeaseError
            If the task is not this worker's any more.
        """
        with self._store.reading() as connection:
            row = self._live(connection, task_id, lease, sub, self._clock(), statement=LIVE)
            return self._with_size(connection, row)

    def answered_with(self, task_id: str, lease: str, sub: str) -> bool:
        """Tell whether this worker answered this task under this lease already."""
        with self._store.reading() as connection:
            found = connection.scalar(ANSWERED_LEASE, {"task": task_id, "me": sub})
        return found == lease

    def submit(
        self,
        task_id: str,
        lease: str,
        sub: str,
        *,
        content: dict[str, Any],
        time_spent_s: float,
        key: str,
    ) -> bool:
        """Store an answer; True if it is new, False if it was stored before.

        The answer is on disk, whatever happens next, when this returns.

        Parameters
        ----------
        task_id, lease, sub : str
            The task, under which lease, and the worker.
        content : dict
            The answer in the stored form, checked.
        time_spent_s : float >= 0
            Active time.
        key : str
            Drawn by the page for this answer: sent again under it, it counts once.

        Raises
        ------
        LeaseError
            If the task is not this worker's any more (A11).
        WorkerError
            With code ``JobNotInProgress`` if the job was stopped meanwhile, or if ``key`` came
            with another answer.
        """
        now = self._clock()
        with self._store.begin(durable=True, lane=lane_of(sub)) as connection:
            if self.answered_with(task_id, lease, sub):
                return False
            self._take_object(connection, task_id)
            row = self._live(connection, task_id, lease, sub, now)
            self._check_in_progress(connection, row.job_id)
            self._check_key(connection, key)
            self._change(connection, row, state="answered", draft=None)
            connection.execute(
                STORE_RESPONSE,
                {
                    "task_id": task_id,
                    "lease": lease,
                    "key": key,
                    "job_id": row.job_id,
                    "object_id": row.object_id,
                    "sub": sub,
                    "content": json.dumps(content, ensure_ascii=False),
                    "accepted_at": row.accepted_at,
                    "submitted_at": now,
                    "time_spent_s": time_spent_s,
                },
            )
            finish_object_if_answered(connection, row.job_id, row.object_id, now)
            self.tallies.add(connection, row.job_id, sub, time_spent_s)
        return True

    def _take_object(self, connection: sa.Connection, task_id: str) -> None:
        if self._store.shared:
            connection.execute(LOCK_OBJECT, {"task": task_id})

    def _live(
        self,
        connection: sa.Connection,
        task_id: str,
        lease: str,
        sub: str,
        now: float,
        *,
        statement: sa.Select[Any] = LIVE_LOCKED,
    ) -> sa.Row[Any]:
        values = {"task": task_id, "lease_token": lease, "me": sub}
        row = connection.execute(statement, {**values, "now": now}).one_or_none()
        if row is None:
            job = connection.execute(JOB_OF_TASK, values).one_or_none()
            if job is not None and job.status != JobStatus.IN_PROGRESS:
                raise _over(job.status)
            raise LeaseError(
                f"Task {task_id[:40]} is no longer yours: its time limit passed, or it was given "
                "back. Fetch another task; your draft is kept in this page."
            )
        return row

    @staticmethod
    def _check_in_progress(connection: sa.Connection, job_id: int) -> None:
        status = connection.scalar(STATUS, {"job": job_id})
        if status != JobStatus.IN_PROGRESS:
            raise _over(str(status))

    @staticmethod
    def _check_key(connection: sa.Connection, key: str) -> None:
        if connection.scalar(KEY_OWNER, {"key_": key}) is not None:
            raise WorkerError(
                f"The key {key!r} came with the answer to another task already. Draw a random one "
                "for each task."
            )

    @staticmethod
    def _change(connection: sa.Connection, row: sa.Row[Any], **values: Any) -> None:
        connection.execute(sa.update(tasks).where(tasks.c.task_id == row.task_id).values(**values))

    def _held(self, connection: sa.Connection, job_id: int, sub: str) -> list[Lease]:
        rows = connection.execute(HELD, {"job": job_id, "me": sub}).all()
        return [self._with_size(connection, row) for row in rows]

    @staticmethod
    def _with_size(connection: sa.Connection, row: sa.Row[Any]) -> Lease:
        where = {"job": row.job_id, "object": row.object_id}
        size = connection.execute(SIZE, where).one()
        return Lease(
            task_id=row.task_id,
            lease=row.lease,
            job_id=row.job_id,
            object_id=row.object_id,
            until=row.lease_until,
            accepted_at=row.accepted_at,
            draft=json.loads(row.draft) if row.draft else None,
            width=size.width,
            height=size.height,
        )


def lane_of(sub: str) -> str:
    """Name the lane in which a worker's own transactions run."""
    return f"worker {sub}"


def _over(status: str) -> WorkerError:
    error = WorkerError(
        f"The labeling job is {status} and takes no more answers. What was submitted before is "
        "kept."
    )
    error.code = "JobNotInProgress"
    return error


def close_object(connection: sa.Connection, job_id: int, object_id: int, now: float) -> None:
    """Take an object off the queue with the answers it has, which may be none (A08)."""
    connection.execute(
        sa.update(tasks)
        .where(tasks.c.job_id == job_id, tasks.c.object_id == object_id)
        .where(tasks.c.state.in_(OPEN))
        .values(state="closed")
    )
    finish_object_if_answered(connection, job_id, object_id, now)


def _close_if_declined_by_all(
    connection: sa.Connection, job_id: int, object_id: int, now: float
) -> None:
    """As many declined as the object has slots: it is not sent any further (A09)."""
    here = {"job_id": job_id, "object_id": object_id}
    declined = sa.select(refusals.c.sub).filter_by(kind="declined", **here)
    slots = connection.execute(SLOTS, {"job": job_id, "object": object_id}).all()
    if len(connection.scalars(declined).all()) >= len(slots):
        close_object(connection, job_id, object_id, now)


def finish_object_if_answered(
    connection: sa.Connection, job_id: int, object_id: int, now: float
) -> None:
    """Mark an object ``answered`` once no slot of it is open."""
    slots = connection.execute(SLOTS, {"job": job_id, "object": object_id})
    if not any(slot.state in OPEN for slot in slots):
        connection.execute(
            sa.update(data_objects)
            .where(data_objects.c.job_id == job_id, data_objects.c.object_id == object_id)
            .where(data_objects.c.state == "live")
            .values(state="answered", finished_at=now)
        )

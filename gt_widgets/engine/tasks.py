"""The queue of worker tasks: leased, begun, given back, answered exactly once.

Layer: engine. A lease is one conditional ``UPDATE ... RETURNING``, so two claims never get the
same task. Slots are ordered by slot number first and object second: ordered by object, a lone
worker would skip everything he had done before, and each claim would cost more than the last.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from gt_widgets.engine.tables import data_objects, jobs, refusals, responses, tasks
from gt_widgets.errors import LeaseError, WorkerError
from gt_widgets.schema.jobs import JobStatus

if TYPE_CHECKING:
    from gt_widgets.engine.clock import Clock, NewId
    from gt_widgets.engine.jobs import Job
    from gt_widgets.engine.store import Store

__all__ = ["MAX_HELD", "Lease", "TaskQueue", "close_object", "finish_object_if_answered"]

MAX_HELD = 3
"""Tasks of one job that one worker may hold at once: the one shown and two read ahead."""
MAX_DRAFT_CHARACTERS = 1 << 20


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

    def claim(self, job: Job, sub: str, *, count: int, holding: set[str]) -> list[Lease]:
        """Lease up to ``count`` tasks of a job to a worker, those he holds already first.

        Parameters
        ----------
        job : Job
            Must be ``InProgress``; otherwise nothing is leased.
        sub : str
            The worker.
        count : int
            1 to 3.
        holding : set of str
            Task ids that the worker's page still has; his others come back with their drafts.
        """
        now = self._clock()
        with self._store.begin() as connection:
            self._give_back_expired(connection, job.job_id, now)
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
        mine = tasks.alias()
        # counted, not NOT EXISTS: PostgreSQL makes the latter a join over the whole table
        taken = (
            sa.select(sa.func.count())
            .where(mine.c.job_id == tasks.c.job_id)
            .where(mine.c.object_id == tasks.c.object_id)
            .where(mine.c.sub == sub)
            .scalar_subquery()
        )
        refused = (
            sa.select(sa.func.count())
            .where(refusals.c.job_id == tasks.c.job_id)
            .where(refusals.c.object_id == tasks.c.object_id)
            .where(refusals.c.sub == sub)
        )
        in_progress = (
            sa.select(sa.func.count())
            .where(jobs.c.job_id == job.job_id)
            .where(jobs.c.status == JobStatus.IN_PROGRESS)
            .scalar_subquery()
        )
        skipped = refused.where(refusals.c.kind == "skipped").scalar_subquery()
        declined = refused.where(refusals.c.kind == "declined").scalar_subquery()
        free = (
            sa.select(tasks.c.task_id)
            .where(tasks.c.job_id == job.job_id)
            .where(tasks.c.state == "available")
            .where(taken == 0)
            .where(declined == 0)
            .where(in_progress == 1)
        )
        lease_values = {
            "state": "leased",
            "sub": sub,
            "lease": self._new_id(),
            "accepted_at": now,
            "began_at": None,
            "lease_until": now + job.human["TaskTimeLimitInSeconds"],
            "draft": None,
        }
        for candidate in (free.where(skipped == 0), free):
            row = connection.execute(
                sa.update(tasks)
                .where(
                    tasks.c.task_id
                    == candidate.order_by(tasks.c.slot, tasks.c.object_id)
                    .limit(1)
                    .scalar_subquery()
                )
                .where(tasks.c.state == "available")
                .values(lease_values)
                .returning(tasks)
            ).one_or_none()
            if row is not None:
                return self._with_size(connection, row)
        return None

    def available(self, job: Job, sub: str) -> int:
        """Count the tasks that this worker could get now, at most 1,000 (it is only shown)."""
        mine = tasks.alias()
        taken = (
            sa.select(sa.func.count())
            .where(mine.c.job_id == tasks.c.job_id)
            .where(mine.c.object_id == tasks.c.object_id)
            .where(mine.c.sub == sub)
            .where(mine.c.state != "leased")
            .scalar_subquery()
        )
        declined = (
            sa.select(sa.func.count())
            .where(refusals.c.job_id == tasks.c.job_id)
            .where(refusals.c.object_id == tasks.c.object_id)
            .where(refusals.c.sub == sub, refusals.c.kind == "declined")
            .scalar_subquery()
        )
        lapsed = sa.and_(tasks.c.state == "leased", tasks.c.lease_until <= self._clock())
        own = sa.and_(tasks.c.state == "leased", tasks.c.sub == sub)
        rows = (
            sa.select(tasks.c.object_id)
            .where(tasks.c.job_id == job.job_id)
            .where(sa.or_(tasks.c.state == "available", lapsed, own))
            .where(taken == 0, declined == 0)
            .distinct()
            .limit(1000)
            .subquery()
        )
        with self._store.begin() as connection:
            return int(connection.scalar(sa.select(sa.func.count()).select_from(rows)) or 0)

    def begin(self, task_id: str, lease: str, sub: str) -> float:
        """Start the time limit of a task when it is first shown; returns the deadline.

        Raises
        ------
        LeaseError
            If the task is not this worker's any more.
        """
        now = self._clock()
        with self._store.begin() as connection:
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
            If the draft is larger than 1 MiB.
        """
        text = json.dumps(draft)
        if len(text) > MAX_DRAFT_CHARACTERS:
            raise WorkerError(
                f"The draft has {len(text)} characters; at most {MAX_DRAFT_CHARACTERS} are kept."
            )
        with self._store.begin() as connection:
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
        with self._store.begin() as connection:
            row = self._live(connection, task_id, lease, sub, now)
            self._change(connection, row, **_FREED)
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
        with self._store.begin() as connection:
            row = self._live(connection, task_id, lease, sub, self._clock())
            return self._with_size(connection, row)

    def answered_with(self, task_id: str, lease: str, sub: str) -> bool:
        """Tell whether this worker answered this task under this lease already."""
        with self._store.begin() as connection:
            found = connection.scalar(
                sa.select(responses.c.lease)
                .where(responses.c.task_id == task_id)
                .where(responses.c.sub == sub)
            )
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

        Raises
        ------
        LeaseError
            If the task is not this worker's any more (A11).
        WorkerError
            With code ``JobNotInProgress`` if the job was stopped meanwhile.
        """
        now = self._clock()
        with self._store.begin(durable=True) as connection:
            if self.answered_with(task_id, lease, sub):
                return False
            row = self._live(connection, task_id, lease, sub, now)
            self._check_in_progress(connection, row.job_id)
            self._change(connection, row, state="answered", draft=None)
            connection.execute(
                sa.insert(responses).values(
                    task_id=task_id,
                    lease=lease,
                    key=key,
                    job_id=row.job_id,
                    object_id=row.object_id,
                    sub=sub,
                    content=json.dumps(content, ensure_ascii=False),
                    accepted_at=row.accepted_at,
                    submitted_at=now,
                    time_spent_s=time_spent_s,
                )
            )
            finish_object_if_answered(connection, row.job_id, row.object_id, now)
        return True

    def _live(
        self, connection: sa.Connection, task_id: str, lease: str, sub: str, now: float
    ) -> sa.Row[Any]:
        row = connection.execute(
            sa.select(tasks)
            .where(tasks.c.task_id == task_id, tasks.c.lease == lease, tasks.c.sub == sub)
            .where(tasks.c.state == "leased", tasks.c.lease_until > now)
        ).one_or_none()
        if row is None:
            raise LeaseError(
                f"Task {task_id} is no longer yours: its time limit passed, it was given back, "
                "or the job ended. Fetch another task; your draft is kept in this page."
            )
        return row

    @staticmethod
    def _check_in_progress(connection: sa.Connection, job_id: int) -> None:
        status = connection.scalar(sa.select(jobs.c.status).where(jobs.c.job_id == job_id))
        if status != JobStatus.IN_PROGRESS:
            error = WorkerError(
                f"The labeling job is {status} and takes no more answers. "
                "What was submitted before is kept."
            )
            error.code = "JobNotInProgress"
            raise error

    @staticmethod
    def _change(connection: sa.Connection, row: sa.Row[Any], **values: Any) -> None:
        connection.execute(sa.update(tasks).where(tasks.c.task_id == row.task_id).values(**values))

    @staticmethod
    def _give_back_expired(connection: sa.Connection, job_id: int, now: float) -> None:
        connection.execute(
            sa.update(tasks)
            .where(tasks.c.job_id == job_id, tasks.c.state == "leased")
            .where(tasks.c.lease_until <= now)
            .values(_FREED)
        )

    def _held(self, connection: sa.Connection, job_id: int, sub: str) -> list[Lease]:
        rows = connection.execute(
            sa.select(tasks)
            .where(tasks.c.job_id == job_id, tasks.c.sub == sub, tasks.c.state == "leased")
            .order_by(
                tasks.c.began_at.is_(None), tasks.c.accepted_at, tasks.c.slot, tasks.c.object_id
            )
        ).all()
        return [self._with_size(connection, row) for row in rows]

    @staticmethod
    def _with_size(connection: sa.Connection, row: sa.Row[Any]) -> Lease:
        size = connection.execute(
            sa.select(data_objects.c.width, data_objects.c.height)
            .where(data_objects.c.job_id == row.job_id)
            .where(data_objects.c.object_id == row.object_id)
        ).one()
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


_FREED: dict[str, Any] = {
    "state": "available",
    "sub": None,
    "lease": None,
    "accepted_at": None,
    "began_at": None,
    "lease_until": None,
    "draft": None,
}


def close_object(connection: sa.Connection, job_id: int, object_id: int, now: float) -> None:
    """Take an object off the queue with the answers it has, which may be none (A08)."""
    connection.execute(
        sa.update(tasks)
        .where(tasks.c.job_id == job_id, tasks.c.object_id == object_id)
        .where(tasks.c.state.in_(("available", "leased")))
        .values(state="closed")
    )
    finish_object_if_answered(connection, job_id, object_id, now)


def _close_if_declined_by_all(
    connection: sa.Connection, job_id: int, object_id: int, now: float
) -> None:
    """As many declined as the object has slots: it is not sent any further (A09)."""
    declined = sa.select(sa.func.count()).select_from(refusals)
    slots = sa.select(sa.func.count()).select_from(tasks)
    here = {"job_id": job_id, "object_id": object_id}
    if (connection.scalar(declined.filter_by(kind="declined", **here)) or 0) >= (
        connection.scalar(slots.filter_by(**here)) or 0
    ):
        close_object(connection, job_id, object_id, now)


def finish_object_if_answered(
    connection: sa.Connection, job_id: int, object_id: int, now: float
) -> None:
    """Mark an object ``answered`` once no slot of it is open."""
    open_slots = connection.scalar(
        sa.select(sa.func.count())
        .select_from(tasks)
        .where(tasks.c.job_id == job_id, tasks.c.object_id == object_id)
        .where(tasks.c.state.in_(("available", "leased")))
    )
    if not open_slots:
        connection.execute(
            sa.update(data_objects)
            .where(data_objects.c.job_id == job_id, data_objects.c.object_id == object_id)
            .where(data_objects.c.state == "live")
            .values(state="answered", finished_at=now)
        )

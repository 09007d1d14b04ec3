"""Statements of the task queue, built once: building them costs more than running them.

Layer: engine. Each reads a number of rows that does not grow with what has been labeled:
``tests/unit/engine/test_growth.py`` counts what they touch. Where servers share the store, rows
are locked before they are believed; SQLite, which has one transaction at a time, leaves that out.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import bindparam as given

from gt_widgets.engine.tables import data_objects, jobs, refusals, responses, tasks
from gt_widgets.schema.jobs import JobStatus

__all__ = [
    "ANSWERED_LEASE",
    "COUNT_AVAILABLE",
    "COUNT_OPEN",
    "EXPIRED",
    "FREED",
    "GIVE_BACK",
    "HELD",
    "JOB_OF_TASK",
    "KEY_OWNER",
    "LEASE_ANY",
    "LEASE_NOT_SKIPPED",
    "LIVE",
    "LIVE_LOCKED",
    "LOCK_OBJECT",
    "NEW_WITH_WORKERS",
    "OPEN",
    "SIZE",
    "SLOTS",
    "STATUS",
    "STORE_RESPONSE",
    "WITH_WORKERS",
]

OPEN = ("available", "leased")
_MOST_READ = 5000

FREED: dict[str, str | None] = {
    "state": "available",
    "sub": None,
    "lease": None,
    "accepted_at": None,
    "began_at": None,
    "lease_until": None,
    "draft": None,
}
"""Values of a task that nobody holds."""

_MINE = tasks.alias("mine")
# counted, not NOT EXISTS: PostgreSQL makes the latter a join over the whole table. A count is 0 or
# 1, and is compared by "not equal": PostgreSQL holds that for nearly always true, so it expects the
# first free slot soon and goes by the index; held for rare, it would read all slots and sort them
_TAKEN = (
    sa.select(sa.func.count())
    .where(_MINE.c.job_id == tasks.c.job_id, _MINE.c.object_id == tasks.c.object_id)
    .where(_MINE.c.sub == given("me"))
)
_REFUSED = (
    sa.select(sa.func.count())
    .where(refusals.c.job_id == tasks.c.job_id, refusals.c.object_id == tasks.c.object_id)
    .where(refusals.c.sub == given("me"))
)
_DECLINED = _REFUSED.where(refusals.c.kind == "declined").scalar_subquery()
_SKIPPED = _REFUSED.where(refusals.c.kind == "skipped").scalar_subquery()
_IN_PROGRESS = (
    sa.select(sa.func.count())
    .where(jobs.c.job_id == given("job"), jobs.c.status == JobStatus.IN_PROGRESS)
    .scalar_subquery()
)
_FREE = (
    sa.select(tasks.c.task_id)
    .where(tasks.c.job_id == given("job"), tasks.c.state == "available")
    .where(_TAKEN.scalar_subquery() != 1, _DECLINED != 1, _IN_PROGRESS != 0)
    .order_by(tasks.c.slot, tasks.c.object_id)
    .limit(1)
    .with_for_update(skip_locked=True, of=tasks)
)


def _lease(free: sa.Select[tuple[str]]) -> sa.sql.dml.ReturningUpdate[tuple[object, ...]]:
    return (
        sa.update(tasks)
        .where(tasks.c.task_id == free.scalar_subquery(), tasks.c.state == "available")
        .values(
            state="leased",
            sub=given("me"),
            lease=given("new_lease"),
            accepted_at=given("now"),
            began_at=None,
            lease_until=given("until"),
            draft=None,
        )
        .returning(*tasks.c)
    )


LEASE_NOT_SKIPPED = _lease(_FREE.where(_SKIPPED != 1))
"""Lease the first free task that worker ``me`` has not skipped."""
LEASE_ANY = _lease(_FREE)
"""Lease the first free task, skipped or not."""

EXPIRED = (
    sa.select(tasks.c.task_id)
    .where(tasks.c.job_id == given("job"), tasks.c.state == "leased")
    .where(tasks.c.lease_until <= given("now"))
    .with_for_update(skip_locked=True)
)
"""Tasks whose time limit has passed; what another server is giving back already is left to it."""
GIVE_BACK = (
    sa.update(tasks).where(tasks.c.task_id.in_(given("task_ids", expanding=True))).values(FREED)
)

HELD = (
    sa.select(tasks)
    .where(tasks.c.job_id == given("job"), tasks.c.sub == given("me"), tasks.c.state == "leased")
    .order_by(tasks.c.began_at.is_(None), tasks.c.accepted_at, tasks.c.slot, tasks.c.object_id)
)
"""Tasks in a worker's hands, the one shown first."""

_COUNTED = (
    sa.select(tasks.c.object_id)
    # the first condition bounds the rows that are read; the second says which of them count
    .where(tasks.c.job_id == given("job"), tasks.c.state.in_(OPEN))
    .where(
        sa.or_(
            tasks.c.state == "available",
            tasks.c.lease_until <= given("now"),
            tasks.c.sub == given("me"),
        )
    )
    .where(_TAKEN.where(_MINE.c.state != "leased").scalar_subquery() != 1, _DECLINED != 1)
    .limit(_MOST_READ)
    .subquery()
)
# counted outside: with DISTINCT inside, SQLite reads all tasks of the job in object order
COUNT_AVAILABLE = sa.select(sa.func.count(sa.distinct(_COUNTED.c.object_id)))
"""Objects of which worker ``me`` could get a task."""

COUNT_OPEN = (
    sa.select(tasks.c.state, sa.func.count())
    .where(tasks.c.job_id == given("job"), tasks.c.state.in_(OPEN))
    .group_by(tasks.c.state)
)

LIVE = (
    sa.select(tasks)
    .where(tasks.c.task_id == given("task"), tasks.c.lease == given("lease_token"))
    .where(tasks.c.sub == given("me"), tasks.c.state == "leased")
    .where(tasks.c.lease_until > given("now"))
)
LIVE_LOCKED = LIVE.with_for_update()


def _of_task(column: sa.Column[int]) -> sa.ScalarSelect[int]:
    return sa.select(column).where(tasks.c.task_id == given("task")).scalar_subquery()


LOCK_OBJECT = (
    sa.select(data_objects.c.object_id)
    .where(data_objects.c.job_id == _of_task(tasks.c.job_id))
    .where(data_objects.c.object_id == _of_task(tasks.c.object_id))
    .with_for_update(key_share=True)
)
"""Take the object of a task, before the task: its slots are then counted by one at a time."""

JOB_OF_TASK = (
    sa.select(jobs.c.name, jobs.c.status)
    .join(tasks, tasks.c.job_id == jobs.c.job_id)
    .where(tasks.c.task_id == given("task"), tasks.c.lease == given("lease_token"))
    .where(tasks.c.sub == given("me"))
)

SIZE = sa.select(data_objects.c.width, data_objects.c.height).where(
    data_objects.c.job_id == given("job"), data_objects.c.object_id == given("object")
)

ANSWERED_LEASE = sa.select(responses.c.lease).where(
    responses.c.task_id == given("task"), responses.c.sub == given("me")
)

KEY_OWNER = sa.select(responses.c.task_id).where(responses.c.key == given("key_"))

STATUS = sa.select(jobs.c.status).where(jobs.c.job_id == given("job"))

STORE_RESPONSE = sa.insert(responses)

# the id is selected to keep SQLite off an index that holds everything else: it would read the
# states of all tasks of the job there, instead of looking these few up
SLOTS = sa.select(tasks.c.task_id, tasks.c.state).where(
    tasks.c.job_id == given("job"), tasks.c.object_id == given("object")
)
"""The slots of one object."""

WITH_WORKERS = (
    sa.select(sa.func.count())
    .select_from(data_objects)
    .where(data_objects.c.job_id == given("job"), data_objects.c.state.in_(("live", "answered")))
)
"""How many objects of a job are with workers, or wait to be put together."""

NEW_WITH_WORKERS = WITH_WORKERS.where(data_objects.c.label.is_(None))
"""The same without those that are asked about again."""

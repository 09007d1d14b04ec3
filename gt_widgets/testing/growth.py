"""Counting what a call reads, to see that it does not grow with what has been labeled.

Layer: testing. Counted, not timed: SQLite's virtual machine steps, PostgreSQL's pages.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from gt_widgets.engine import tables
from gt_widgets.engine.logbook import WORKER_GROUP
from gt_widgets.schema.limits import CONSOLIDATION_BATCH

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from gt_widgets.engine.jobs import Job
    from gt_widgets.engine.store import Store
    from gt_widgets.testing.workbench import Workbench

__all__ = ["pretend_labeled", "work_of"]

_STEP = 10
_PAGES = sa.text(
    "SELECT sum(heap_blks_read + heap_blks_hit + coalesce(idx_blks_read, 0) + "
    "coalesce(idx_blks_hit, 0)) FROM pg_statio_user_tables"
)
_FLUSH = sa.text("SELECT pg_stat_force_next_flush()")


def work_of(store: Store, call: Callable[[], object]) -> int:
    """Make a call and count what it made the store read.

    Returns
    -------
    int
        Steps of SQLite's virtual machine, to the next ten, or pages that PostgreSQL looked at.
    """
    return _pages(store, call) if store.shared else _steps(store, call)


def _steps(store: Store, call: Callable[[], object]) -> int:
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += _STEP
        return 0

    with store.reading() as connection:
        driver: Any = connection.connection.driver_connection
    driver.set_progress_handler(count, _STEP)
    try:
        call()
    finally:
        driver.set_progress_handler(None, _STEP)
    return steps


def _pages(store: Store, call: Callable[[], object]) -> int:
    before = _pages_so_far(store)
    call()
    return _pages_so_far(store) - before


def _pages_so_far(store: Store) -> int:
    with store.reading() as connection:  # the only connection of a call that has one thread
        connection.execute(_FLUSH)
    with store.reading() as connection:
        return int(connection.scalar(_PAGES) or 0)


def pretend_labeled(bench: Workbench, job: Job, sub: str, objects: int) -> None:
    """Give a job more objects that worker ``sub`` has labeled, with all rows labeling leaves."""
    with bench.engine.store.begin() as connection:
        first = job.total + 1_000_000
        line = connection.execute(
            sa.select(tables.data_objects).filter_by(job_id=job.job_id).limit(1)
        ).one()
        name = job.label_attribute
        label = json.dumps({name: {"annotations": []}, f"{name}-metadata": {"objects": []}})
        groups = connection.scalars(
            sa.insert(tables.consolidations).returning(tables.consolidations.c.consolidation_id),
            [
                {"job_id": job.job_id, "iteration": 2, "created_at": float(n), "done": True}
                for n in range(-(-objects // CONSOLIDATION_BATCH))
            ],
        ).all()
        ids = range(first, first + objects)
        for table, rows in _rows(job, sub, ids, line, label, groups).items():
            connection.execute(sa.insert(table), list(rows))
        counted = {"total": job.total + objects, "human_labeled": job.human_labeled + objects}
        connection.execute(sa.update(tables.jobs).filter_by(job_id=job.job_id).values(counted))
        connection.execute(
            sa.update(tables.tallies)
            .filter_by(job_id=job.job_id, sub=sub)
            .values(answers=tables.tallies.c.answers + objects)
        )


def _rows(
    job: Job, sub: str, ids: range, line: Any, label: str, groups: Any
) -> dict[sa.Table, Iterable[dict[str, Any]]]:
    here = {"job_id": job.job_id}
    moments = {"accepted_at": 1.0, "began_at": 1.0, "lease_until": 1.0}
    stored = {"accepted_at": 1.0, "submitted_at": 2.0, "time_spent_s": 1.0, "content": "{}"}
    return {
        tables.data_objects: (
            {
                **line._mapping,  # noqa: SLF001  (SQLAlchemy's public name for it)
                "object_id": n,
                "state": "labeled",
                "iteration": 2,
                "finished_at": 2.0,
                "consolidation_id": groups[(n - ids.start) // CONSOLIDATION_BATCH],
                "label": label,
            }
            for n in ids
        ),
        tables.tasks: (
            {
                **here,
                **moments,
                "task_id": f"{job.job_id}-{n}",
                "object_id": n,
                "slot": 0,
                "state": "answered",
                "sub": sub,
                "lease": "l",
                "draft": None,
            }
            for n in ids
        ),
        tables.responses: (
            {
                **here,
                **stored,
                "task_id": f"{job.job_id}-{n}",
                "lease": "l",
                "key": f"{job.job_id}-{n}",
                "object_id": n,
                "sub": sub,
            }
            for n in ids
        ),
        tables.log_events: (
            {"log_group": WORKER_GROUP, "stream": sub, "logged_at": 1.0, "message": "{}"}
            for _ in ids
        ),
    }

"""Sending a batch of data objects to workers: measured, given their tasks, made live.

Layer: engine. Which objects go is ``choosing.py``'s and ``active_learning.py``'s to say; a batch
goes in one transaction, so that workers see all of it or nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from gt_widgets.engine.intake import lane_of_job
from gt_widgets.engine.jobs import later, stored_status
from gt_widgets.engine.measuring import Measurer
from gt_widgets.engine.tables import data_objects, jobs, tasks
from gt_widgets.schema.jobs import JobStatus

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gt_widgets.engine.active_learning import Ask
    from gt_widgets.engine.clock import NewId
    from gt_widgets.engine.gather import Gatherer
    from gt_widgets.engine.jobs import Job
    from gt_widgets.engine.showing import Showing
    from gt_widgets.engine.store import Store

__all__ = ["Batches"]

_MEASURED = 50
"""Pictures are measured and stored in groups of so many: a kill costs the last group, no more."""
_MAKE_LIVE = sa.update(data_objects).where(data_objects.c.object_id == sa.bindparam("id"))


class Batches:
    """Sends the batches of all jobs.

    Parameters
    ----------
    store : Store
    showing : Showing
        Says how large pictures are and which objects cannot be shown.
    gatherer : Gatherer
        Marks those as failed.
    new_id : callable
        Identifiers of tasks.
    """

    def __init__(
        self, store: Store, showing: Showing, gatherer: Gatherer, *, new_id: NewId
    ) -> None:
        self._store, self._gatherer, self._new_id = store, gatherer, new_id
        self._measurer = Measurer(store, showing)

    def send(self, job: Job, ask: Ask, now: float) -> None:
        """Put a batch before the workers (S03); nothing if the job has been stopped meanwhile.

        All of it in one transaction, together with the last of its pictures to be measured.

        Parameters
        ----------
        job : Job
        ask : Ask
            The batch; an object that cannot be shown fails instead.
        now : float
            Seconds since the epoch.
        """
        new = [object_id for object_id in ask.objects if object_id not in ask.votes]
        unknown, refused = self._measurer.unmeasured(job, new), set[int]()
        while True:
            group, unknown = unknown[:_MEASURED], unknown[_MEASURED:]
            found, failed = self._measurer.measure(job, group)
            refused.update(object_id for object_id, _ in failed)
            with self._store.begin(lane=lane_of_job(job)) as connection:
                if stored_status(connection, job) is not JobStatus.IN_PROGRESS:
                    return
                self._measurer.keep_sizes(connection, job, found)
                self._gatherer.mark_failed(connection, job, ask.iteration, failed, now)
                if not unknown:
                    good = [object_id for object_id in ask.objects if object_id not in refused]
                    slots = self._slots(connection, job, good, ask.votes)
                    _make_live(connection, job, ask.iteration, good, slots, now)
                    return

    def _slots(
        self,
        connection: sa.Connection,
        job: Job,
        object_ids: Sequence[int],
        votes: Mapping[int, int],
    ) -> list[dict[str, Any]]:
        """Tasks of objects; those that were labeled before get as many more as are said."""
        had = dict.fromkeys(object_ids, 0)
        if votes:
            counted = sa.select(tasks.c.object_id, sa.func.count()).group_by(tasks.c.object_id)
            which = (tasks.c.job_id == job.job_id, tasks.c.object_id.in_(list(votes)))
            had |= {int(o): int(n) for o, n in connection.execute(counted.where(*which)).all()}
        new = {object_id: votes.get(object_id, job.workers_per_object) for object_id in object_ids}
        return [
            {
                "task_id": self._new_id(),
                "job_id": job.job_id,
                "object_id": object_id,
                "slot": had[object_id] + slot,
                "state": "available",
            }
            for slot in range(max(new.values(), default=0))
            for object_id in object_ids
            if slot < new[object_id]
        ]


def _make_live(
    connection: sa.Connection,
    job: Job,
    iteration: int,
    object_ids: Sequence[int],
    slots: Sequence[dict[str, Any]],
    now: float,
) -> None:
    if object_ids:
        lifetime_s = job.human["TaskAvailabilityLifetimeInSeconds"]
        connection.execute(
            _MAKE_LIVE.where(data_objects.c.job_id == job.job_id).values(
                state="live",
                iteration=iteration,
                expires_at=now + lifetime_s,
                consolidation_id=None,
            ),
            [{"id": object_id} for object_id in object_ids],
        )
        connection.execute(sa.insert(tasks), slots)
    connection.execute(
        sa.update(jobs)
        .where(jobs.c.job_id == job.job_id)
        .values(iteration=iteration, modified_at=later(now))
    )

"""Which objects of a job go to workers next.

Layer: engine. A random probe first, then the rest in the order of the manifest (reference 1.13); a
streaming job's as they arrive (1.14). Stopping conditions bound both ends.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import sqlalchemy as sa

from gt_widgets.engine.automated import automated
from gt_widgets.engine.tables import automations, data_objects
from gt_widgets.schema.limits import PROBE_OBJECTS

if TYPE_CHECKING:
    from gt_widgets.engine.jobs import Job
    from gt_widgets.engine.store import Store

__all__ = ["Chooser"]


class Chooser:
    """Counts the objects of jobs and picks the next batch."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def next_batch(self, job: Job) -> tuple[int, list[int]]:
        """Pick the next batch: its iteration, and the ids of its objects, ascending (S03)."""
        waiting = (
            sa.select(data_objects.c.object_id)
            .where(data_objects.c.job_id == job.job_id, data_objects.c.state == "waiting")
            .order_by(data_objects.c.object_id)
        )
        most = min(int(job.human["MaxConcurrentTaskCount"]), self.still_allowed(job))
        if job.streaming:
            most = self.room(job)
        with self._store.reading() as connection:
            if job.iteration == 0 and not job.streaming:
                ids = list(connection.scalars(waiting))
                if len(ids) > PROBE_OBJECTS:
                    probe = random.Random(job.seed).sample(ids, min(PROBE_OBJECTS, most))
                    return 1, sorted(probe)
                return 1, ids[:most]
            alone = job.streaming or job.total <= PROBE_OBJECTS
            return 1 if alone else 2, list(connection.scalars(waiting.limit(most)))

    def room(self, job: Job) -> int:
        """How many objects a streaming job may offer now.

        New ones are taken when those with workers fall below ``MaxConcurrentTaskCount -
        NumberOfHumanWorkersPerDataObject``, and then up to the former.
        """
        most = int(job.human["MaxConcurrentTaskCount"])
        live = self.count(job, "live")
        return most - live if live < max(1, most - job.workers_per_object) else 0

    def still_allowed(self, job: Job) -> int:
        """How many more objects the stopping conditions let people label (D06)."""
        conditions = job.request.get("StoppingConditions", {})
        allowed = job.total
        if "MaxHumanLabeledObjectCount" in conditions:
            # neither what a chained manifest brought, nor what the job's machine has labeled
            labeled_here = job.human_labeled + job.machine_labeled - job.kept - self._machine(job)
            allowed = min(allowed, conditions["MaxHumanLabeledObjectCount"] - labeled_here)
        share = self.percentage_allowed(job)
        return max(0, allowed if share is None else min(allowed, share))

    def percentage_allowed(self, job: Job) -> int | None:
        """How many more objects ``MaxPercentageOfInputDatasetLabeled`` allows; None if not given.

        It counts machine labels too.
        """
        conditions = job.request.get("StoppingConditions", {})
        if "MaxPercentageOfInputDatasetLabeled" not in conditions:
            return None
        most = -(-job.total * conditions["MaxPercentageOfInputDatasetLabeled"] // 100)
        return max(0, int(most) - job.human_labeled - job.machine_labeled)

    def _machine(self, job: Job) -> int:
        """How many objects the machine of this job has labeled."""
        if not automated(job):
            return 0
        with self._store.reading() as connection:
            found = connection.scalar(
                sa.select(automations.c.machine).where(automations.c.job_id == job.job_id)
            )
        return int(found or 0)

    def waiting(self, job: Job, most: int) -> list[int]:
        """Ids of objects that no worker has seen, ascending."""
        with self._store.reading() as connection:
            return list(
                connection.scalars(
                    sa.select(data_objects.c.object_id)
                    .where(data_objects.c.job_id == job.job_id, data_objects.c.state == "waiting")
                    .order_by(data_objects.c.object_id)
                    .limit(most)
                )
            )

    def condition_met(self, job: Job) -> bool:
        """Tell whether a stopping condition ends a job that has objects left."""
        return self.still_allowed(job) == 0 and self.has(job, "waiting")

    def has(self, job: Job, state: str) -> bool:
        """Tell whether any object of a job is in a state."""
        with self._store.reading() as connection:
            found = connection.scalar(
                sa.select(data_objects.c.object_id)
                .where(data_objects.c.job_id == job.job_id, data_objects.c.state == state)
                .limit(1)
            )
        return found is not None

    def count(self, job: Job, state: str) -> int:
        """Count the objects of a job in one state."""
        with self._store.reading() as connection:
            return int(
                connection.scalar(
                    sa.select(sa.func.count())
                    .select_from(data_objects)
                    .where(data_objects.c.job_id == job.job_id, data_objects.c.state == state)
                )
                or 0
            )

"""Labels made anew from all answers of a job, where its method learns how its workers err.

Layer: engine. A group of 50 objects tells little about a worker, a whole job much. So the labels of
the groups are provisional: they are settled when the job ends, and in between whenever there are
twice as many as last time. A group's files keep their names and are written again, so that they
always say what the output manifest says; repeated after a kill, the same answers give the same.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from gt_widgets.engine.intake import lane_of_job
from gt_widgets.engine.labels import attributes_of
from gt_widgets.engine.tables import consolidations, data_objects, jobs
from gt_widgets.kinds import kind_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from gt_widgets.engine.jobs import Job
    from gt_widgets.engine.outputs import Outputs
    from gt_widgets.engine.store import Store
    from gt_widgets.kinds import Answered

    Group = tuple[sa.Row[Any], list[Answered]]

__all__ = ["Settler", "learns"]

_WINDOW = 200
"""Groups looked at together, 10,000 objects: enough to know workers, little enough for memory."""
_FIRST = 50
"""Labels that are worth a first look between two batches."""
_GROUPS = (
    sa.select(consolidations)
    .where(consolidations.c.job_id == sa.bindparam("job"), consolidations.c.done)
    .where(
        sa.tuple_(consolidations.c.iteration, consolidations.c.created_at)
        > sa.tuple_(sa.bindparam("iteration"), sa.bindparam("created"))
    )
    .order_by(consolidations.c.iteration, consolidations.c.created_at)
    .limit(_WINDOW)
)


def learns(job: Job) -> bool:
    """Tell whether a label of the job depends on the answers to its other objects.

    What a streaming job has told on its topic stands, so there nothing is settled.
    """
    several = job.consolidated and job.workers_per_object > 1 and not job.streaming
    return several and job.method in kind_of(job.task_type).learning


class Settler:
    """Settles the labels of jobs.

    Parameters
    ----------
    store, outputs : Store, Outputs
    answered : callable
        ``(job, condition on data_objects)`` to the objects with their answers.
    """

    def __init__(
        self,
        store: Store,
        outputs: Outputs,
        answered: Callable[[Job, sa.ColumnElement[bool]], list[Answered]],
    ) -> None:
        self._store, self._outputs, self._answered = store, outputs, answered
        self._settled: dict[int, int] = {}

    def settle_if_due(self, job: Job) -> None:
        """Settle if there are twice as many labels as last time: all in all, linear work."""
        labeled = job.human_labeled
        if learns(job) and labeled >= max(_FIRST, 2 * self._settled.get(job.job_id, 0)):
            self.settle(job)
            self._settled[job.job_id] = labeled

    def settle(self, job: Job, *, stand: Collection[int] = ()) -> None:
        """Label every object anew that people have answered, from all answers to its window.

        Parameters
        ----------
        stand : collection of int
            Objects whose label stays as it is stored.
        """
        if not learns(job):
            return
        for row, labels in self._anew(job):
            self._write(job, row, labels, stand)
        self._settled.pop(job.job_id, None)

    def settled(self, job: Job) -> dict[int, dict[str, Any]]:
        """Return what `settle` would store, by object; nothing where no label can change."""
        if not learns(job):
            return {}
        return {key: label for _, labels in self._anew(job) for key, label in labels.items()}

    def _anew(self, job: Job) -> Iterator[tuple[sa.Row[Any], dict[int, dict[str, Any]]]]:
        for window in self._windows(job):
            found = [each for _, batch in window for each in batch]
            labels = kind_of(job.task_type).merge(job, found, "")
            for row, batch in window:
                yield row, attributes_of(job, batch, labels)

    def _windows(self, job: Job) -> Iterator[list[Group]]:
        last = {"iteration": -1, "created": 0.0}
        while True:
            with self._store.reading() as connection:
                rows = connection.execute(_GROUPS, {"job": job.job_id, **last}).all()
            if not rows:
                return
            last = {"iteration": rows[-1].iteration, "created": rows[-1].created_at}
            groups = [(row, self._labeled(job, row)) for row in rows]
            yield [(row, batch) for row, batch in groups if batch]

    def _labeled(self, job: Job, row: sa.Row[Any]) -> list[Answered]:
        group = data_objects.c.consolidation_id == row.consolidation_id
        found = self._answered(job, sa.and_(group, data_objects.c.state == "labeled"))
        return [each for each in found if each.answers]

    def _write(
        self,
        job: Job,
        row: sa.Row[Any],
        labels: dict[int, dict[str, Any]],
        stand: Collection[int],
    ) -> None:
        """Write a group's file and labels anew, if any of them has changed."""
        texts = {key: json.dumps(each, ensure_ascii=False) for key, each in labels.items()}
        with self._store.reading() as connection:
            known = connection.execute(
                sa.select(data_objects.c.object_id, data_objects.c.label).where(
                    data_objects.c.job_id == job.job_id,
                    data_objects.c.consolidation_id == row.consolidation_id,
                )
            )
            stored = {key: label for key, label in known if key in texts}
        changed = {key for key in stored if key not in stand and texts[key] != stored[key]}
        if not changed:
            return
        labels |= {key: json.loads(stored[key]) for key in stored if key in stand}
        self._outputs.consolidation_response(job, row.iteration, row.created_at, labels)
        with self._store.begin(lane=lane_of_job(job)) as connection:
            for object_id in sorted(changed):
                connection.execute(
                    sa.update(data_objects)
                    .filter_by(job_id=job.job_id, object_id=object_id)
                    .values(label=texts[object_id])
                )
            connection.execute(
                sa.update(jobs).where(jobs.c.job_id == job.job_id).values(manifest_stale=True)
            )

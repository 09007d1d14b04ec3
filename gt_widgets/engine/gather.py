"""Gathering answers: objects that workers are done with become labels and files.

Layer: engine. A group of at most 50 objects is first given a number and a time in the store, then
its files are written under names that follow from these, then its labels are stored in one
transaction. Repeated after a kill, it writes the same files again.
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from gt_widgets.engine.intake import lane_of_job, location_of
from gt_widgets.engine.jobs import later
from gt_widgets.engine.labels import Answer, Answered, failure_attributes, label_attributes
from gt_widgets.engine.settling import Settler
from gt_widgets.engine.tables import consolidations, data_objects, jobs, responses, tasks
from gt_widgets.kinds import kind_of
from gt_widgets.schema.limits import CONSOLIDATION_BATCH
from gt_widgets.schema.manifest import compact

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from gt_widgets.engine.intake import Intake
    from gt_widgets.engine.jobs import Job
    from gt_widgets.engine.outputs import Outputs
    from gt_widgets.engine.store import Store

__all__ = ["Gatherer"]

QUIET_S = 2.0
"""Objects whose label does not depend on others wait this long for company, no longer."""
_SMALL = 1000
_PAGE = 2000
_MANIFEST_EVERY_S = 10.0
NOBODY = (
    "ClientError: no worker answered: the object's TaskAvailabilityLifetimeInSeconds passed, or "
    "as many workers declined it as it has slots."
)
# a group is finished before the next is numbered, so only this one can be open
_NEWEST = (
    sa.select(consolidations)
    .where(consolidations.c.job_id == sa.bindparam("job"))
    .order_by(consolidations.c.iteration.desc(), consolidations.c.created_at.desc())
    .limit(1)
)


class Gatherer:
    """Turns answered objects into labels, and labels into files."""

    def __init__(self, store: Store, intake: Intake, outputs: Outputs) -> None:
        self._store, self._intake, self._outputs = store, intake, outputs
        self._settler = Settler(store, outputs, self._answered)

    def gather(self, job: Job, now: float, *, everything: bool) -> float:
        """Consolidate what is ready.

        Parameters
        ----------
        everything : bool
            The batch is over (or the job ends): nothing waits for company any more.

        Returns
        -------
        float
            Seconds until a group becomes ready by quiet alone; ``inf`` if none will.
        """
        self._finish_open(job, now)
        while True:
            ready, wait = self._ready(job, now, everything=everything)
            if not ready:
                return wait
            self._group(job, ready, now)
            self._finish_open(job, now)

    def _ready(self, job: Job, now: float, *, everything: bool) -> tuple[list[int], float]:
        with self._store.reading() as connection:
            rows = connection.execute(
                sa.select(data_objects.c.object_id, data_objects.c.finished_at)
                .where(data_objects.c.job_id == job.job_id, data_objects.c.state == "answered")
                .where(data_objects.c.consolidation_id.is_(None))
                .order_by(data_objects.c.object_id)
                .limit(CONSOLIDATION_BATCH)
            ).all()
        ids = [row.object_id for row in rows]
        if not rows or everything or len(rows) == CONSOLIDATION_BATCH:
            return ids, math.inf
        alone = job.workers_per_object == 1 or not job.consolidated
        if kind_of(job.task_type).batched and not alone:
            return [], math.inf
        # below zero: answered while this step runs; far below, the clock was set back, which must
        # not keep them waiting
        quiet = now - max(row.finished_at for row in rows)
        return ([], QUIET_S - quiet) if abs(quiet) < QUIET_S else (ids, math.inf)

    def _group(self, job: Job, ids: list[int], now: float) -> None:
        """Number a group; its time is a second that no other group of the job has.

        It names the group's files and may run ahead of the clock; nothing else is told by it.
        """
        with self._store.begin(lane=lane_of_job(job)) as connection:
            newest = connection.execute(_NEWEST, {"job": job.job_id}).one_or_none()
            created_at = now if newest is None else max(now, math.floor(newest.created_at) + 1.0)
            iteration = connection.scalar(
                sa.select(data_objects.c.iteration).filter_by(job_id=job.job_id, object_id=ids[0])
            )
            number = connection.execute(
                sa.insert(consolidations)
                .values(job_id=job.job_id, iteration=iteration, created_at=created_at, done=False)
                .returning(consolidations.c.consolidation_id)
            ).scalar_one()
            connection.execute(
                sa.update(data_objects)
                .where(data_objects.c.job_id == job.job_id, data_objects.c.object_id.in_(ids))
                .values(consolidation_id=number)
            )

    def _finish_open(self, job: Job, now: float) -> None:
        """Consolidate the group that was numbered last, if a kill came in between."""
        with self._store.reading() as connection:
            newest = connection.execute(_NEWEST, {"job": job.job_id}).one_or_none()
        if newest is not None and not newest.done:
            self._consolidate(job, newest, now)

    def _consolidate(self, job: Job, row: sa.Row[Any], now: float) -> None:
        found = self._answered(job, data_objects.c.consolidation_id == row.consolidation_id)
        batch = [each for each in found if each.answers]
        answered = {
            each.object_id: self._outputs.worker_response(job, row.iteration, each)
            for each in batch
        }
        labels, files = label_attributes(job, batch, answered)
        for file in files:
            self._outputs.put(file.uri, file.data, file.content_type)
        if batch and job.consolidated:
            shown = [(each, self._data_object(job, each.object_id)) for each in batch]
            self._outputs.consolidation_request(job, row.iteration, row.created_at, shown)
            self._outputs.consolidation_response(job, row.iteration, row.created_at, labels)
        with self._store.begin(lane=lane_of_job(job)) as connection:
            again = self._labeled_before(connection, job, labels)
            for object_id, attributes in labels.items():
                connection.execute(
                    sa.update(data_objects)
                    .where(data_objects.c.job_id == job.job_id)
                    .where(data_objects.c.object_id == object_id)
                    .values(state="labeled", label=json.dumps(attributes, ensure_ascii=False))
                )
            silent = [(each.object_id, NOBODY) for each in found if not each.answers]
            self.mark_failed(connection, job, row.iteration, silent, row.created_at)
            connection.execute(
                sa.update(jobs)
                .where(jobs.c.job_id == job.job_id)
                .values(
                    human_labeled=jobs.c.human_labeled + len(labels) - again,
                    modified_at=later(now),
                    manifest_stale=True,
                )
            )
            connection.execute(
                sa.update(consolidations)
                .where(consolidations.c.consolidation_id == row.consolidation_id)
                .values(done=True)
            )

    @staticmethod
    def _labeled_before(connection: sa.Connection, job: Job, labels: Iterable[int]) -> int:
        """Count the objects of a group that got further votes: they count once."""
        return int(
            connection.scalar(
                sa.select(sa.func.count())
                .select_from(data_objects)
                .where(data_objects.c.job_id == job.job_id)
                .where(data_objects.c.object_id.in_(list(labels)))
                .where(data_objects.c.label.is_not(None))
            )
            or 0
        )

    def mark_failed(
        self,
        connection: sa.Connection,
        job: Job,
        iteration: int,
        failed: Sequence[tuple[int, str]],
        now: float,
    ) -> None:
        """Store objects as failed with their reasons; part of the caller's transaction."""
        for object_id, reason in failed:
            connection.execute(
                sa.update(data_objects)
                .filter_by(job_id=job.job_id, object_id=object_id)
                .values(
                    state="failed",
                    iteration=iteration,
                    finished_at=now,
                    label=json.dumps(failure_attributes(job, reason[:1024]), ensure_ascii=False),
                )
            )
        if failed:
            connection.execute(
                sa.update(jobs)
                .where(jobs.c.job_id == job.job_id)
                .values(failed=jobs.c.failed + len(failed), manifest_stale=True)
            )

    def close(self, job: Job, now: float) -> None:
        """Take the open tasks of a stopping job away; answers of unfinished objects are kept."""
        live = sa.and_(data_objects.c.job_id == job.job_id, data_objects.c.state == "live")
        for each in self._answered(job, live):
            if each.answers:
                with self._store.reading() as connection:
                    iteration = connection.scalar(
                        sa.select(data_objects.c.iteration).filter_by(
                            job_id=job.job_id, object_id=each.object_id
                        )
                    )
                self._outputs.worker_response(job, int(iteration or 1), each)
        with self._store.begin() as connection:
            connection.execute(
                sa.update(tasks)
                .where(tasks.c.job_id == job.job_id)
                .where(tasks.c.state.in_(("available", "leased")))
                .values(state="closed")
            )
            # one that was asked about again keeps the label it had
            before = sa.case((data_objects.c.label.is_(None), "waiting"), else_="labeled")
            connection.execute(
                sa.update(data_objects).where(live).values(state=before, finished_at=now)
            )

    def write_manifest_if_due(self, job: Job, now: float) -> None:
        """Write the output manifest anew: at once for small jobs, now and then for large ones."""
        with self._store.reading() as connection:
            row = connection.execute(
                sa.select(jobs.c.manifest_stale, jobs.c.manifest_written_at, jobs.c.total).where(
                    jobs.c.job_id == job.job_id
                )
            ).one()
        every = 0.0 if row.total <= _SMALL else _MANIFEST_EVERY_S * row.total / _SMALL
        if row.manifest_stale and now - row.manifest_written_at >= every:
            self.write_manifest(job, now)

    def write_manifest(self, job: Job, now: float) -> None:
        """Write the output manifest from what is stored."""
        self._outputs.manifest(job, self._intake.snapshot(job))
        # said afterwards, so that a write that failed is made up for
        with self._store.begin(lane=lane_of_job(job)) as connection:
            connection.execute(
                sa.update(jobs)
                .where(jobs.c.job_id == job.job_id)
                .values(manifest_stale=False, manifest_written_at=now)
            )

    def settle(self, job: Job, *, stand: Collection[int] = ()) -> None:
        """Label all objects but some anew from all answers, where the method learns from them."""
        self._settler.settle(job, stand=stand)

    def settled(self, job: Job) -> dict[int, dict[str, Any]]:
        """Return what `settle` would store, by object: attributes of a manifest line."""
        return self._settler.settled(job)

    def settle_if_due(self, job: Job) -> None:
        """Do so between two batches, whenever twice as many objects are labeled as last time."""
        self._settler.settle_if_due(job)

    def write_intermediate(self, job: Job) -> None:
        """Write the intermediate annotations of every iteration of the job."""
        latest = sa.select(sa.func.max(data_objects.c.iteration))
        with self._store.reading() as connection:  # a machine's last labels have one of their own
            last = connection.scalar(latest.filter_by(job_id=job.job_id, state="labeled")) or 0
        for iteration in range(1, max(job.iteration, int(last)) + 1):
            self._outputs.intermediate(job, iteration, self._intermediate(job, iteration))

    def _intermediate(self, job: Job, iteration: int) -> Iterator[bytes]:
        last = -1
        while True:
            with self._store.reading() as connection:
                rows = connection.execute(
                    sa.select(data_objects)
                    .filter_by(job_id=job.job_id, iteration=iteration, state="labeled")
                    .where(data_objects.c.object_id > last)
                    .order_by(data_objects.c.object_id)
                    .limit(_PAGE)
                ).all()
            if not rows:
                return
            last = rows[-1].object_id
            for row, found in zip(rows, self._intake.lines(job, rows), strict=True):
                head = {
                    "datasetObjectId": str(found.object_id),
                    "inputAttribute": location_of(found),
                }
                yield compact({**head, **json.loads(row.label)})

    def _answered(self, job: Job, which: sa.ColumnElement[bool]) -> list[Answered]:
        with self._store.reading(together=True) as connection:
            found = connection.execute(
                sa.select(data_objects)
                .where(data_objects.c.job_id == job.job_id)
                .where(which)
                .order_by(data_objects.c.object_id)
            ).all()
            answers: dict[int, list[Answer]] = {row.object_id: [] for row in found}
            rows = connection.execute(
                sa.select(responses)
                .where(responses.c.job_id == job.job_id)
                .where(responses.c.object_id.in_(answers))
                .order_by(responses.c.submitted_at, responses.c.task_id)
            ).all()
        for row in rows:
            answers[row.object_id].append(
                Answer(
                    row.sub,
                    json.loads(row.content),
                    row.accepted_at,
                    row.submitted_at,
                    row.time_spent_s,
                )
            )
        return [
            Answered(
                row.object_id,
                row.width,
                row.height,
                row.depth,
                tuple(answers[row.object_id]),
                row.finished_at
                or max((each.submitted_at for each in answers[row.object_id]), default=0.0),
            )
            for row in found
        ]

    def _data_object(self, job: Job, object_id: int) -> dict[str, str]:
        found = self._intake.data_object(job, object_id)
        where = location_of(found)
        return {"content": where} if found.source is not None else {"s3Uri": where}

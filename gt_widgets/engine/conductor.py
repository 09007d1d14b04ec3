"""What moves labeling jobs on: read, offer, consolidate, write, finish.

Layer: engine. ``step`` does all that can be done now and tells when to look again. Every part of it
is one transaction or can be repeated, so a kill at any point costs nothing but time.
"""

from __future__ import annotations

import logging
import random
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from gt_widgets.engine.gather import Gatherer
from gt_widgets.engine.intake import lane_of_job
from gt_widgets.engine.jobs import Job, Jobs, advance, later
from gt_widgets.engine.logbook import job_event
from gt_widgets.engine.tables import data_objects, jobs, tasks
from gt_widgets.engine.tasks import close_object
from gt_widgets.errors import GroundTruthError, ImageError
from gt_widgets.schema.jobs import TRANSITIONS, JobStatus
from gt_widgets.schema.limits import JOB_LIFE_S, PROBE_OBJECTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gt_widgets.engine.clock import Clock, NewId
    from gt_widgets.engine.intake import Intake
    from gt_widgets.engine.outputs import Outputs
    from gt_widgets.engine.pictures import Picture
    from gt_widgets.engine.store import Store
    from gt_widgets.engine.turns import Turns

__all__ = ["Conductor"]

_LOG = logging.getLogger(__name__)
_PATIENCE_S = 30.0
"""Look again after this long where nothing tells an earlier time."""
_RETRY_S = 2.0
"""Wait after a fault of the disk."""
_MAKE_LIVE = (
    sa.update(data_objects)
    .where(data_objects.c.object_id == sa.bindparam("id"))
    .values(
        width=sa.bindparam("width_"), height=sa.bindparam("height_"), depth=sa.bindparam("depth_")
    )
)


class Conductor:
    """Moves every active job of a state folder."""

    def __init__(
        self,
        store: Store,
        jobs_: Jobs,
        intake: Intake,
        outputs: Outputs,
        *,
        clock: Clock,
        new_id: NewId,
        turns: Turns,
    ) -> None:
        self._store, self._jobs, self._intake = store, jobs_, intake
        self._clock, self._new_id, self._turns = clock, new_id, turns
        self._gatherer = Gatherer(store, intake, outputs)

    def step(self, *, news: bool = False) -> float:
        """Do what can be done for every active job that is this server's to conduct.

        Parameters
        ----------
        news : bool
            Something happened on this server; those that conduct other jobs are told.

        Returns
        -------
        float
            Seconds until something is due that no call announces (expiry, quiet time).
        """
        active = list(self._jobs.active())
        self._turns.keep({job.job_id for job in active})
        dues = [self._conducted(job) for job in active]
        if news and None in dues:
            self._turns.tell_others()
        return min((due for due in dues if due is not None), default=_PATIENCE_S)

    def _conducted(self, job: Job) -> float | None:
        """Move one job; None if another server conducts it."""
        try:
            fence = self._turns.take(job.job_id)
        except OSError as error:
            return self._wait(job, error)
        if fence is None:
            return None
        with self._store.fenced(fence):
            return self._guarded(job)

    def _guarded(self, job: Job) -> float:
        """Move one job; its fault must not stop the others, a fault of the disk not even it."""
        try:
            return self._move(job)
        except OSError as error:
            return self._wait(job, error)
        except GroundTruthError as error:
            reason = f"ClientError: {error}"
        except Exception as error:  # noqa: BLE001  told to the requester as the job's failure
            _LOG.exception("labeling job %r failed", job.name)
            reason = f"InternalServerError: {error!r}"
        try:
            self._fail(job, reason)
        except OSError as error:
            return self._wait(job, error)
        return _PATIENCE_S

    @staticmethod
    def _wait(job: Job, error: OSError) -> float:
        _LOG.warning("labeling job %r waits: %s", job.name, error)
        return _RETRY_S

    def _move(self, job: Job) -> float:
        now = self._clock()
        if job.status is JobStatus.INITIALIZING:
            self._initialize(job)
            job = self._jobs.by_id(job.job_id)
        if job.status is JobStatus.STOPPING:
            return self._stop(job, now)
        if now - job.created_at > JOB_LIFE_S:
            self._fail(job, "ClientError: not finished within 30 days, the life of a job.")
            return _PATIENCE_S
        return self._label(job, now)

    def _stop(self, job: Job, now: float) -> float:
        if not job.total:  # stopped before its manifest was read: the output has its lines too
            self._intake.read_manifest(job)
        self._gatherer.gather(job, now, everything=True)
        self._gatherer.close(job, now)
        return self._finish(job, JobStatus.STOPPED)

    def _label(self, job: Job, now: float) -> float:
        while True:
            self._expire(job, now)
            live = self._any(job, "live")
            wait = self._gatherer.gather(job, now, everything=not live)
            if live:
                self._gatherer.write_manifest_if_due(job, now)
                return min(wait, self._next_expiry(job, now))
            job = self._jobs.by_id(job.job_id)
            if job.status is not JobStatus.IN_PROGRESS:
                return 0.0  # stopped while it was being gathered
            if self._condition_met(job):
                self._stop_by_condition(job)
                return 0.0
            if not self._offer(job, now):
                return self._finish(job, JobStatus.COMPLETED)

    def _initialize(self, job: Job) -> None:
        self._intake.read_manifest(job)
        self._gatherer.write_manifest(job, self._clock())
        self._advance(
            job,
            JobStatus.IN_PROGRESS,
            {"BATCH_ANNOTATION_STATUS_EVALUATED": "Labeling job status: SUBMITTED"},
        )

    def _advance(self, job: Job, to: JobStatus, events: dict[str, str]) -> bool:
        """Move a job on and log it, unless it was stopped since it was read."""
        now = self._clock()
        with self._store.begin() as connection:
            if self._status(connection, job) is not job.status:
                return False
            advance(connection, job, to, now)
            for event, message in events.items():
                job_event(connection, now, job.name, event, message)
        return True

    def _offer(self, job: Job, now: float) -> bool:
        """Put the next batch before the workers; False when no object waits (S03)."""
        iteration, chosen = self._choose(job)
        if not chosen:
            return False
        rows, failed = [], list[tuple[int, str]]()
        for object_id in chosen:
            try:
                found = self._intake.picture(job, object_id)
            except ImageError as error:
                failed.append((object_id, f"ClientError: {error}"))
                continue
            rows.append((object_id, found))
        lifetime = job.human["TaskAvailabilityLifetimeInSeconds"]
        with self._store.begin(lane=lane_of_job(job)) as connection:
            if self._status(connection, job) is not JobStatus.IN_PROGRESS:
                return True
            if rows:
                connection.execute(
                    _MAKE_LIVE.where(data_objects.c.job_id == job.job_id).values(
                        state="live", iteration=iteration, expires_at=now + lifetime
                    ),
                    [{"id": object_id, **_size(found)} for object_id, found in rows],
                )
                connection.execute(sa.insert(tasks), self._slots(job, [row[0] for row in rows]))
            self._gatherer.mark_failed(connection, job, iteration, failed, now)
            connection.execute(
                sa.update(jobs)
                .where(jobs.c.job_id == job.job_id)
                .values(iteration=iteration, modified_at=later(now))
            )
        return True

    def _slots(self, job: Job, object_ids: Sequence[int]) -> list[dict[str, Any]]:
        return [
            {
                "task_id": self._new_id(),
                "job_id": job.job_id,
                "object_id": object_id,
                "slot": slot,
                "state": "available",
            }
            for slot in range(job.workers_per_object)
            for object_id in object_ids
        ]

    def _choose(self, job: Job) -> tuple[int, list[int]]:
        """Pick the next batch: a random probe first, then the rest in input order (1.13)."""
        most = int(job.human["MaxConcurrentTaskCount"])
        waiting = (
            sa.select(data_objects.c.object_id)
            .where(data_objects.c.job_id == job.job_id, data_objects.c.state == "waiting")
            .order_by(data_objects.c.object_id)
        )
        allowed = self._still_allowed(job)
        with self._store.reading() as connection:
            if job.iteration == 0:
                ids = list(connection.scalars(waiting))
                if len(ids) > PROBE_OBJECTS:
                    size = min(PROBE_OBJECTS, most, allowed)
                    probe = random.Random(job.seed).sample(ids, size)
                    return 1, sorted(probe)
                return 1, ids[: min(most, allowed)]
            iteration = 1 if job.total <= PROBE_OBJECTS else 2
            return iteration, list(connection.scalars(waiting.limit(min(most, allowed))))

    def _still_allowed(self, job: Job) -> int:
        """How many more objects the stopping conditions let people label."""
        conditions = job.request.get("StoppingConditions", {})
        allowed = job.total
        if "MaxHumanLabeledObjectCount" in conditions:
            # not what a chained manifest brought
            labeled_here = job.human_labeled + job.machine_labeled - job.kept
            allowed = min(allowed, conditions["MaxHumanLabeledObjectCount"] - labeled_here)
        if "MaxPercentageOfInputDatasetLabeled" in conditions:
            most = -(-job.total * conditions["MaxPercentageOfInputDatasetLabeled"] // 100)
            allowed = min(allowed, most - job.human_labeled - job.machine_labeled)
        return max(0, allowed)

    def _condition_met(self, job: Job) -> bool:
        return self._still_allowed(job) == 0 and self._any(job, "waiting")

    def _stop_by_condition(self, job: Job) -> None:
        reached = f"Stopping condition reached: {job.request['StoppingConditions']}"
        self._advance(job, JobStatus.STOPPING, {"STOPPING_CONDITION_REACHED": reached})

    def _expire(self, job: Job, now: float) -> None:
        with self._store.begin() as connection:
            late = connection.scalars(
                sa.select(data_objects.c.object_id)
                .where(data_objects.c.job_id == job.job_id, data_objects.c.state == "live")
                .where(data_objects.c.expires_at <= now)
            ).all()
            for object_id in late:
                close_object(connection, job.job_id, object_id, now)

    def _next_expiry(self, job: Job, now: float) -> float:
        with self._store.reading() as connection:
            first = connection.scalar(
                sa.select(sa.func.min(data_objects.c.expires_at)).where(
                    data_objects.c.job_id == job.job_id, data_objects.c.state == "live"
                )
            )
        return _PATIENCE_S if first is None else max(0.0, float(first) - now)

    def _any(self, job: Job, state: str) -> bool:
        with self._store.reading() as connection:
            found = connection.scalar(
                sa.select(data_objects.c.object_id)
                .where(data_objects.c.job_id == job.job_id, data_objects.c.state == state)
                .limit(1)
            )
        return found is not None

    def _finish(self, job: Job, to: JobStatus) -> float:
        """Write everything first, then say so: a reader of ``Completed`` finds all files."""
        self._gatherer.write_intermediate(self._jobs.by_id(job.job_id))
        self._gatherer.write_manifest(job, self._clock())
        events = {
            "EXPORTED_LABELED_MANIFEST": f"Wrote {job.manifest_uri}",
            "BATCH_ANNOTATION_STATUS_EVALUATED": f"Labeling job status: {to.upper()}",
        }
        return _PATIENCE_S if self._advance(job, to, events) else 0.0

    def _fail(self, job: Job, reason: str) -> None:
        now = self._clock()
        with self._store.begin() as connection:
            if not TRANSITIONS[self._status(connection, job)]:
                return
            advance(connection, job, JobStatus.FAILED, now, reason=reason)
            connection.execute(
                sa.update(tasks)
                .where(tasks.c.job_id == job.job_id)
                .where(tasks.c.state.in_(("available", "leased")))
                .values(state="closed")
            )
            job_event(
                connection,
                now,
                job.name,
                "BATCH_ANNOTATION_STATUS_EVALUATED",
                f"Labeling job status: FAILED. {reason}",
            )

    @staticmethod
    def _status(connection: sa.Connection, job: Job) -> JobStatus:
        return JobStatus(
            str(connection.scalar(sa.select(jobs.c.status).where(jobs.c.job_id == job.job_id)))
        )


def _size(found: Picture) -> dict[str, int]:
    return {"width_": found.width, "height_": found.height, "depth_": found.depth}

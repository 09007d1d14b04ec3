"""What moves labeling jobs on: read, send to workers, consolidate, write, finish.

Layer: engine. ``step`` does all that can be done now and tells when to look again. Every part of it
is one transaction or can be repeated, so a kill at any point costs nothing but time.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import sqlalchemy as sa

from gt_widgets.engine.active_learning import Ask, Training
from gt_widgets.engine.automated import automated, check_enough_objects, first_sample_failed
from gt_widgets.engine.batches import Batches
from gt_widgets.engine.crowds import check_public_data
from gt_widgets.engine.jobs import Job, Jobs, advance, stored_status
from gt_widgets.engine.logbook import job_event
from gt_widgets.engine.tables import data_objects, tasks
from gt_widgets.engine.tasks import close_object
from gt_widgets.errors import GroundTruthError
from gt_widgets.schema.jobs import TRANSITIONS, JobStatus
from gt_widgets.schema.limits import JOB_LIFE_S

if TYPE_CHECKING:
    from gt_widgets.engine.active_learning import ActiveLearning
    from gt_widgets.engine.choosing import Chooser
    from gt_widgets.engine.clock import Clock, NewId
    from gt_widgets.engine.commits import Commits
    from gt_widgets.engine.gather import Gatherer
    from gt_widgets.engine.intake import Intake
    from gt_widgets.engine.meter import Meter
    from gt_widgets.engine.notices import Notices
    from gt_widgets.engine.showing import Showing
    from gt_widgets.engine.store import Store
    from gt_widgets.engine.streams import Streams
    from gt_widgets.engine.turns import Turns

__all__ = ["Conductor"]

_LOG = logging.getLogger(__name__)
_PATIENCE_S = 30.0
"""Look again after this long where nothing tells an earlier time."""
_RETRY_S = 2.0
"""Wait after a fault of the disk."""


class Conductor:
    """Moves every active job of a state folder."""

    def __init__(
        self,
        store: Store,
        jobs_: Jobs,
        intake: Intake,
        showing: Showing,
        *,
        clock: Clock,
        new_id: NewId,
        chooser: Chooser,
        gatherer: Gatherer,
        streams: Streams,
        turns: Turns,
        machine: ActiveLearning,
        meter: Meter,
        commits: Commits,
        notices: Notices,
    ) -> None:
        self._store, self._jobs, self._intake = store, jobs_, intake
        self._showing, self._streams, self._chooser = showing, streams, chooser
        self._clock, self._turns, self._notices = clock, turns, notices
        self._gatherer, self._machine = gatherer, machine
        self._meter, self._commits = meter, commits
        self._batches = Batches(store, showing, gatherer, new_id=new_id)

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
        mine = {job.job_id for job, due in zip(active, dues, strict=True) if due is not None}
        self._machine.keep(mine)
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
        if job.streaming:
            return self._stream(job, now)
        if now - job.created_at > JOB_LIFE_S:
            self._fail(job, "ClientError: not finished within 30 days, the life of a job.")
            return _PATIENCE_S
        return self._label(job, now)

    def _stop(self, job: Job, now: float) -> float:
        if job.streaming:
            self._streams.end(job)
        if not self._intake.has_snapshot(job):  # stopped before its manifest was read
            self._read_input(job)
        self._gatherer.gather(job, now, everything=True)
        self._gatherer.close(job, now)
        if job.streaming:
            self._streams.announce(job)
        if automated(job):
            self._machine.commit(self._jobs.by_id(job.job_id), now)
        return self._finish(job, JobStatus.STOPPED)

    def _stream(self, job: Job, now: float) -> float:
        """Label what has arrived; a streaming job ends when it is stopped, or idle for long."""
        self._expire(job, now)
        self._gatherer.gather(job, now, everything=True)
        self._streams.announce(job)
        job = self._jobs.by_id(job.job_id)
        if job.status is not JobStatus.IN_PROGRESS:
            return 0.0
        idle_at = self._streams.idle_at(job)
        if idle_at <= now:
            reason = "Labeling job status: STOPPED. Nothing arrived or was labeled for 10 days"
            self._advance(job, JobStatus.STOPPING, {"BATCH_ANNOTATION_STATUS_EVALUATED": reason})
            return 0.0
        while room := self._chooser.room(job):
            self._streams.take(job, room - self._chooser.count(job, "waiting"))
            iteration, chosen = self._chooser.next_batch(self._jobs.by_id(job.job_id))
            if not chosen:
                break
            self._batches.send(job, Ask(iteration, tuple(chosen)), now)
            if self._jobs.by_id(job.job_id).status is not JobStatus.IN_PROGRESS:
                return 0.0
        self._streams.announce(job)  # pictures that could not be offered have failed
        self._gatherer.write_manifest_if_due(self._jobs.by_id(job.job_id), now)
        return min(self._next_expiry(job, now), idle_at - now, _PATIENCE_S)

    def _label(self, job: Job, now: float) -> float:
        if automated(job):
            self._commits.cut(job, now)
        while True:
            self._expire(job, now)
            live = self._chooser.has(job, "live")
            wait = self._gatherer.gather(job, now, everything=not live)
            if live:
                self._gatherer.write_manifest_if_due(job, now)
                look = self._meter.watch(job, now) if automated(job) else _PATIENCE_S
                return min(wait, look, self._next_expiry(job, now))
            job = self._jobs.by_id(job.job_id)
            if job.status is not JobStatus.IN_PROGRESS:
                return 0.0  # stopped while it was being gathered
            if failed := first_sample_failed(self._store, job):
                self._gatherer.write_manifest(job, now)
                self._fail(job, f"ClientError: {failed}")
                return _PATIENCE_S
            ask = self._next(job, now)
            if isinstance(ask, Training):
                self._gatherer.write_manifest_if_due(job, now)
                return _PATIENCE_S
            job = self._jobs.by_id(job.job_id)
            if ask is None and self._chooser.has(job, "waiting"):
                self._stop_by_condition(job)
                return 0.0
            if ask is None:
                return self._finish(job, JobStatus.COMPLETED)
            self._batches.send(job, ask, now)
            if not automated(job):  # whose labels are settled before each training
                self._gatherer.settle_if_due(job)

    def _next(self, job: Job, now: float) -> Ask | Training | None:
        """Choose what goes to workers next; None if nothing may."""
        if automated(job):
            return self._machine.turn(job, now)
        if self._chooser.condition_met(job):
            return None
        iteration, chosen = self._chooser.next_batch(job)
        return Ask(iteration, tuple(chosen)) if chosen else None

    def _initialize(self, job: Job) -> None:
        check_public_data(job.request)
        self._read_input(job)
        read = self._jobs.by_id(job.job_id)
        check_enough_objects(self._store, read)
        self._gatherer.write_manifest(job, self._clock())
        events = {"BATCH_ANNOTATION_STATUS_EVALUATED": "Labeling job status: SUBMITTED"}
        with self._store.begin():
            if self._advance(job, JobStatus.IN_PROGRESS, events | self._showing.faults(read)):
                self._notices.new_job(read)
                if job.streaming:
                    self._streams.begin(job)

    def _read_input(self, job: Job) -> None:
        if "S3DataSource" in job.request["InputConfig"]["DataSource"]:
            self._intake.read_manifest(job)
        else:
            self._intake.begin_stream(job)

    def _advance(self, job: Job, to: JobStatus, events: dict[str, str]) -> bool:
        """Move a job on and log it, unless it was stopped since it was read."""
        now = self._clock()
        with self._store.begin() as connection:
            if stored_status(connection, job) is not job.status:
                return False
            advance(connection, job, to, now)
            for event, message in events.items():
                job_event(connection, now, job.name, event, message)
        return True

    def _stop_by_condition(self, job: Job) -> None:
        condition = job.request.get("StoppingConditions", "people are asked no further")
        reached = f"Stopping condition reached: {condition}"
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

    def _finish(self, job: Job, to: JobStatus) -> float:
        """Write everything first, then say so: a reader of ``Completed`` finds all files."""
        self._gatherer.settle(job, stand=self._machine.gone_by(job) if automated(job) else ())
        self._gatherer.write_intermediate(self._jobs.by_id(job.job_id))
        self._gatherer.write_manifest(job, self._clock())
        events = {
            "EXPORTED_LABELED_MANIFEST": f"Wrote {job.manifest_uri}",
            "BATCH_ANNOTATION_STATUS_EVALUATED": f"Labeling job status: {to.upper()}",
        }
        return _PATIENCE_S if self._advance(job, to, events) else 0.0

    def _fail(self, job: Job, reason: str) -> None:
        now = self._clock()
        if automated(job):
            self._machine.abandon(job.job_id)
        with self._store.begin() as connection:
            if not TRANSITIONS[stored_status(connection, job)]:
                return
            advance(connection, job, JobStatus.FAILED, now, reason=reason)
            if job.streaming:
                self._streams.end(job)
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

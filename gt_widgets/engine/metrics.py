"""The metrics of jobs and work teams, read off what is stored anyway.

Layer: engine. Names are those of reference 9.6. Nothing is counted while workers label: a series is
made when it is asked for, from the log of worker activity, the answers and the objects of a job.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from gt_widgets.engine.logbook import EVENT_GROUP, WORKER_GROUP
from gt_widgets.engine.tables import data_objects, jobs, log_events, responses, tasks, workteams

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from gt_widgets.engine.store import Store

    Points = list[tuple[float, float]]

__all__ = ["JOB_NAMESPACE", "TEAM_NAMESPACE", "Metric", "Metrics"]

TEAM_NAMESPACE = "AWS/SageMaker/Workteam"
JOB_NAMESPACE = "AWS/Sagemaker/LabelingJobs"

_EVENTS = {
    "TasksSubmitted": ("TasksSubmitted",),
    "TasksReturned": ("TasksReturned",),
    "TasksDeclined": ("TasksDeclined",),
    "ActiveWorkers": ("TasksSubmitted", "TasksReturned", "TasksDeclined"),
}
_ENDS = {"JobsSucceeded": "Completed", "JobsFailed": "Failed", "JobsStopped": "Stopped"}
_BY_MACHINE = data_objects.c.consolidation_id.is_(None)
_LABELED = data_objects.c.state == "labeled"
_OBJECTS = {
    "DatasetObjectsAutoAnnotated": sa.and_(_LABELED, _BY_MACHINE),
    "DatasetObjectsHumanAnnotated": sa.and_(_LABELED, sa.not_(_BY_MACHINE)),
    "DatasetObjectsLabelingFailed": data_objects.c.state == "failed",
    "TotalDatasetObjectsLabeled": _LABELED,
}
_TEAM_NAMES = (*_EVENTS, "TasksAccepted", "TimeSpent")


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric. ``dimension`` is a name and its value, or None for the whole account."""

    namespace: str
    name: str
    dimension: tuple[str, str] | None = None


class Metrics:
    """Metrics of one state folder.

    Of teams, ``ActiveWorkers`` (Sum: each act of a worker), ``TasksAccepted``, ``TasksDeclined``,
    ``TasksReturned``, ``TasksSubmitted`` and ``TimeSpent`` (seconds), by ``Workteam``. Of jobs the
    objects labeled so far, by ``LabelingJobName`` (Maximum), and ``JobsSucceeded``,
    ``JobsFailed``, ``JobsStopped`` of the account.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def all(self) -> Iterator[Metric]:
        """Every metric there is, teams first."""
        with self._store.reading() as connection:
            teams = connection.scalars(sa.select(workteams.c.arn).order_by(workteams.c.name)).all()
            used = connection.scalars(sa.select(jobs.c.workteam_arn).distinct()).all()
            names = connection.scalars(sa.select(jobs.c.name).order_by(jobs.c.job_id)).all()
        for arn in dict.fromkeys([*teams, *sorted(used)]):
            for name in _TEAM_NAMES:
                yield Metric(TEAM_NAMESPACE, name, ("Workteam", _team_name(arn)))
        for job_name in names:
            for name in _OBJECTS:
                yield Metric(JOB_NAMESPACE, name, ("LabelingJobName", job_name))
        for name in _ENDS:
            yield Metric(JOB_NAMESPACE, name)

    def series(self, metric: Metric, start: float, end: float) -> Points:
        """Values of one metric at ``start <= time < end``, oldest first.

        Parameters
        ----------
        metric : Metric
            One that does not exist has no values.
        start, end : float
            Epoch seconds.

        Returns
        -------
        list of (epoch seconds, value)
            Of objects labeled, the number up to then; of the others, one entry per event.
        """
        readers: dict[str, Callable[[Metric], Points]] = {
            **dict.fromkeys(_EVENTS, self._events),
            **dict.fromkeys(_OBJECTS, self._objects),
            **dict.fromkeys(_ENDS, self._ends),
            "TasksAccepted": self._accepted,
            "TimeSpent": self._time_spent,
        }
        reader = readers.get(metric.name)
        points = reader(metric) if reader else []
        return [(at, value) for at, value in sorted(points) if start <= at < end]

    def of_job(self, job_name: str, workteam_arn: str, start: float) -> dict[str, Points]:
        """All series of one job's objects and of its team since ``start``, by name."""
        job, team = ("LabelingJobName", job_name), ("Workteam", _team_name(workteam_arn))
        wanted = [Metric(JOB_NAMESPACE, name, job) for name in _OBJECTS]
        wanted += [Metric(TEAM_NAMESPACE, name, team) for name in _TEAM_NAMES]
        return {metric.name: self.series(metric, start, math.inf) for metric in wanted}

    def _records(self, group: str) -> list[tuple[float, dict[str, Any]]]:
        with self._store.reading() as connection:
            rows = connection.execute(
                sa.select(log_events.c.logged_at, log_events.c.message)
                .where(log_events.c.log_group == group)
                .order_by(log_events.c.sequence)
            ).all()
        return [(row.logged_at, json.loads(row.message)) for row in rows]

    def _events(self, metric: Metric) -> Points:
        kinds = _EVENTS[metric.name]
        return [
            (at, 1.0)
            for at, record in self._records(WORKER_GROUP)
            if record["event_type"] in kinds and _is_of(metric, record)
        ]

    def _accepted(self, metric: Metric) -> Points:
        done = [
            (_moment(record["task_accepted_time"]), 1.0)
            for _, record in self._records(WORKER_GROUP)
            if _is_of(metric, record)
        ]
        with self._store.reading() as connection:
            held = connection.execute(
                sa.select(tasks.c.accepted_at, jobs.c.workteam_arn)
                .join(jobs, jobs.c.job_id == tasks.c.job_id)
                .where(tasks.c.state == "leased")
            ).all()
        return done + [(row[0], 1.0) for row in held if _is_of(metric, {"workteam_arn": row[1]})]

    def _time_spent(self, metric: Metric) -> Points:
        with self._store.reading() as connection:
            rows = connection.execute(
                sa.select(responses.c.submitted_at, responses.c.time_spent_s, jobs.c.workteam_arn)
                .join(jobs, jobs.c.job_id == responses.c.job_id)
                .order_by(responses.c.submitted_at)
            ).all()
        return [
            (at, float(spent)) for at, spent, arn in rows if _is_of(metric, {"workteam_arn": arn})
        ]

    def _objects(self, metric: Metric) -> Points:
        if metric.dimension is None or metric.dimension[0] != "LabelingJobName":
            return []
        with self._store.reading() as connection:
            rows = connection.execute(
                sa.select(data_objects.c.finished_at, sa.func.count())
                .join(jobs, jobs.c.job_id == data_objects.c.job_id)
                .where(jobs.c.name_key == metric.dimension[1].lower(), _OBJECTS[metric.name])
                .where(data_objects.c.finished_at.is_not(None))
                .group_by(data_objects.c.finished_at)
                .order_by(data_objects.c.finished_at)
            ).all()
        points, total = [], 0
        for at, count in rows:
            total += count
            points.append((float(at), float(total)))
        return points

    def _ends(self, metric: Metric) -> Points:
        if metric.dimension is not None:
            return []
        status = _ENDS[metric.name]
        return [
            (at, 1.0)
            for at, event in self._records(EVENT_GROUP)
            if event["detail"]["LabelingJobStatus"] == status
        ]


def _is_of(metric: Metric, record: Mapping[str, Any]) -> bool:
    """Tell whether a record is of the metric's team; without a dimension all are."""
    if metric.dimension is None:
        return True
    name, value = metric.dimension
    return name == "Workteam" and _team_name(record["workteam_arn"]) == value


def _team_name(arn: str) -> str:
    return arn.rpartition("/")[2]


def _moment(text: str) -> float:
    """Read the time of a worker activity record: ``Fri Nov 20 10:00:05 UTC 2026``."""
    return datetime.strptime(text, "%a %b %d %H:%M:%S UTC %Y").replace(tzinfo=UTC).timestamp()

"""Log records of jobs and workers, as CloudWatch Logs would hold them.

Layer: engine. Reference sections 1.15 and 9.6. EventBridge keeps no events; a rule that sends them
to a log group is how people keep them, so that is where they are found here.
"""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from gt_widgets.engine.tables import log_events

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gt_widgets.engine.store import Store

__all__ = [
    "EVENT_GROUP",
    "JOB_GROUP",
    "TRAINING_GROUP",
    "WORKER_GROUP",
    "LogBook",
    "job_event",
    "state_change",
    "training_records",
]

JOB_GROUP = "/aws/sagemaker/LabelingJobs"
EVENT_GROUP = "/aws/events/sagemaker"
TRAINING_GROUP = "/aws/sagemaker/TrainingJobs"
WORKER_GROUP = "/aws/sagemaker/groundtruth/WorkerActivity"


def job_event(
    connection: sa.Connection, now: float, job_name: str, event: str, message: str
) -> None:
    """Write one record of a labeling job, in the transaction of what it tells."""
    record = {
        "labeling-job-name": job_name,
        "event-name": event,
        "event-log-message": message,
    }
    _write(connection, JOB_GROUP, job_name, now, record)


def training_records(
    connection: sa.Connection, now: float, training: str, records: Iterable[dict[str, Any]]
) -> None:
    """Write what one training of automated labeling said, in the transaction of its result."""
    for record in records:
        _write(connection, TRAINING_GROUP, f"{training}/algo-1", now, record)


def state_change(
    connection: sa.Connection, now: float, job_name: str, arn: str, status: str
) -> None:
    """Write the event that EventBridge sends when a job ends (V02), with what ended it.

    A job ends once, so its event's id follows from its ARN.
    """
    _, _, _, region, account, _ = arn.split(":", 5)
    event = {
        "version": "0",
        "id": str(uuid.uuid5(uuid.NAMESPACE_URL, arn)),
        "detail-type": "SageMaker Ground Truth Labeling Job State Change",
        "source": "aws.sagemaker",
        "account": account,
        "time": datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": region,
        "resources": [arn],
        "detail": {"LabelingJobStatus": status},
    }
    _write(connection, EVENT_GROUP, job_name, now, event)


def _write(
    connection: sa.Connection, group: str, stream: str, now: float, record: dict[str, Any]
) -> None:
    connection.execute(
        sa.insert(log_events).values(
            log_group=group, stream=stream, logged_at=now, message=json.dumps(record)
        )
    )


def _distinct(column: sa.Column[str], *conditions: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """Select the values of a column, going from each to the next by the index.

    ``DISTINCT`` would read every event.
    """
    first = sa.select(sa.func.min(column).label("name")).where(*conditions)
    names = first.cte("names", recursive=True)
    behind = sa.select(sa.func.min(column)).where(*conditions, column > names.c.name)
    names = names.union_all(sa.select(behind.scalar_subquery()).where(names.c.name.is_not(None)))
    return sa.select(names.c.name).where(names.c.name.is_not(None))


_GROUPS = _distinct(log_events.c.log_group)
_STREAMS = _distinct(log_events.c.stream, log_events.c.log_group == sa.bindparam("group"))


class LogBook:
    """Groups, streams and events of one state folder; events in the order they were written."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def put(self, group: str, stream: str, now: float, record: dict[str, Any]) -> None:
        """Write one record as JSON."""
        with self._store.begin() as connection:
            _write(connection, group, stream, now, record)

    def groups(self) -> list[str]:
        """Names of all log groups."""
        with self._store.reading() as connection:
            return [str(name) for name in connection.scalars(_GROUPS)]

    def streams(self, group: str) -> list[str]:
        """Names of the streams of one group."""
        with self._store.reading() as connection:
            return [str(name) for name in connection.scalars(_STREAMS, {"group": group})]

    def events(
        self,
        group: str,
        stream: str,
        *,
        start_ms: int | None = None,
        end_ms: int | None = None,
        after: int = 0,
        limit: int = 10_000,
    ) -> list[tuple[int, int, str]]:
        """Events of one stream, in the order they were written.

        Parameters
        ----------
        start_ms, end_ms : int, optional
            Epoch milliseconds: from the first on, before the second.
        after : int
            Sequence number behind which to begin.
        limit : int >= 1
            As many at most.

        Returns
        -------
        list of (sequence, epoch milliseconds, message)
        """
        query = (
            sa.select(log_events.c.sequence, log_events.c.logged_at, log_events.c.message)
            .where(log_events.c.log_group == group, log_events.c.stream == stream)
            .where(log_events.c.sequence > after)
            .order_by(log_events.c.sequence)
            .limit(limit)
        )
        if start_ms is not None:
            query = query.where(log_events.c.logged_at >= start_ms / 1000)
        if end_ms is not None:
            query = query.where(log_events.c.logged_at < end_ms / 1000)
        with self._store.reading() as connection:
            rows = connection.execute(query).all()
        return [(row.sequence, int(row.logged_at * 1000), row.message) for row in rows]

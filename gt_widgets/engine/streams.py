"""Streaming jobs: objects that arrive on a topic, wait their turn, and leave by another topic.

Layer: engine. Reference section 1.14. A running job's queue is subscribed to its input topic and
keeps what is more than workers may have at once. Which objects arrived is remembered for the life
of the job. Every finished object is told on the output topic, in the transaction that notes so.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from gt_widgets.engine.intake import lane_of_job
from gt_widgets.engine.logbook import job_event
from gt_widgets.engine.tables import data_objects, jobs, stream_messages, stream_objects
from gt_widgets.errors import ServiceError, ValidationError
from gt_widgets.schema.jobs import JobStatus
from gt_widgets.schema.limits import QUEUED_S, STREAM_IDLE_S
from gt_widgets.schema.manifest import splice
from gt_widgets.schema.stream import arrivals

if TYPE_CHECKING:
    from collections.abc import Callable

    from gt_widgets.engine.clock import Clock
    from gt_widgets.engine.intake import Intake
    from gt_widgets.engine.jobs import Job
    from gt_widgets.engine.store import Store
    from gt_widgets.engine.topics import Message, Subscription, Topics
    from gt_widgets.schema.stream import Arrival

__all__ = ["Streams", "check_topics", "queue_arn"]

_PAGE = 500
_DONE = ("labeled", "failed")


class Streams:
    """What streaming jobs have besides other jobs.

    Parameters
    ----------
    store, topics, intake : Store, Topics, Intake
    clock : callable
        Epoch seconds.
    """

    def __init__(self, store: Store, topics: Topics, intake: Intake, *, clock: Clock) -> None:
        self._store, self._topics, self._intake, self._clock = store, topics, intake, clock
        topics.to_queue.append(self._receive)

    # --- the input ----------------------------------------------------------------------------

    def begin(self, job: Job) -> None:
        """Subscribe a job's queue: what is published from now on reaches it."""
        with self._store.begin():
            topic = job.request["InputConfig"]["DataSource"]["SnsDataSource"]["SnsTopicArn"]
            self._topics.connect(topic, "sqs", queue_arn(job.arn, job.name))
            self._note_manifest(job)

    def end(self, job: Job) -> None:
        """Take the job's queue off its topic; what is in it stays there."""
        self._topics.disconnect(queue_arn(job.arn, job.name))

    def _note_manifest(self, job: Job) -> None:
        """Note the objects of the job's manifest, which need to be told when they are done."""
        with self._store.begin() as connection:
            rows = connection.execute(
                sa.select(data_objects.c.object_id, data_objects.c.state).filter_by(
                    job_id=job.job_id
                )
            ).all()
            if rows:
                noted = [
                    {
                        "job_id": job.job_id,
                        "dedup_hash": _hash(f"line {row.object_id}"),
                        "object_id": row.object_id,
                        "announced": row.state == "kept",
                    }
                    for row in rows
                ]
                connection.execute(sa.insert(stream_objects), noted)

    def _receive(self, subscription: Subscription, message: Message) -> None:
        """Put the objects of one message into the queue of the job that it was delivered to."""
        with self._store.begin() as connection:
            job = connection.execute(
                sa.select(jobs).where(
                    jobs.c.name_key == subscription.endpoint.rpartition("GroundTruth-")[2]
                )
            ).one()
            attribute = json.loads(job.request)["LabelAttributeName"]
            try:
                found = arrivals(
                    message.text, message_id=message.message_id, label_attribute=attribute
                )
            except ValidationError as error:
                job_event(
                    connection,
                    message.published_at,
                    job.name,
                    "STREAMING_MESSAGE_REFUSED",
                    f"Message {message.message_id} brings no data object: {error}",
                )
                return
            for arrival in found:
                self._queue(connection, job.job_id, arrival, message.published_at)

    @staticmethod
    def _queue(connection: sa.Connection, job_id: int, arrival: Arrival, now: float) -> None:
        key = {"job_id": job_id, "dedup_hash": _hash(arrival.dedup_id)}
        if connection.scalar(sa.select(stream_objects.c.announced).filter_by(**key)) is not None:
            return  # it arrived before
        connection.execute(sa.insert(stream_objects).values(**key, announced=False))
        connection.execute(
            sa.insert(stream_messages).values(
                job_id=job_id,
                dedup_id=arrival.dedup_id,
                line=arrival.line.decode(),
                received_at=now,
            )
        )

    def backlog(self, job_id: int) -> int:
        """How many objects wait in a job's queue."""
        with self._store.reading() as connection:
            return int(
                connection.scalar(
                    sa.select(sa.func.count())
                    .select_from(stream_messages)
                    .where(stream_messages.c.job_id == job_id)
                )
                or 0
            )

    def take(self, job: Job, count: int) -> None:
        """Make data objects of at most ``count`` that wait in the queue, oldest first.

        What has waited for 14 days is gone, as in a queue of SQS.
        """
        now = self._clock()
        own = stream_messages.c.job_id == job.job_id
        with self._store.begin(lane=lane_of_job(job)) as connection:
            connection.execute(
                sa.delete(stream_messages).where(
                    own, stream_messages.c.received_at <= now - QUEUED_S
                )
            )
            rows = connection.execute(
                sa.select(stream_messages)
                .where(own)
                .order_by(stream_messages.c.sequence)
                .limit(max(0, count))
            ).all()
            if not rows:
                return
            ids = self._intake.append(job, [row.line.encode() for row in rows])
            for object_id, row in zip(ids, rows, strict=True):
                connection.execute(
                    sa.update(stream_objects)
                    .filter_by(job_id=job.job_id, dedup_hash=_hash(row.dedup_id))
                    .values(object_id=object_id)
                )
            taken = [row.sequence for row in rows]
            connection.execute(
                sa.delete(stream_messages).where(stream_messages.c.sequence.in_(taken))
            )

    # --- the output ---------------------------------------------------------------------------

    def announce(self, job: Job) -> None:
        """Tell the output topic of each object that is finished and was not told yet."""
        topic = job.request["OutputConfig"].get("SnsTopicArn")
        while True:
            with self._store.begin() as connection:
                rows = connection.execute(
                    sa.select(data_objects)
                    .join(
                        stream_objects,
                        sa.and_(
                            stream_objects.c.job_id == data_objects.c.job_id,
                            stream_objects.c.object_id == data_objects.c.object_id,
                        ),
                    )
                    .where(data_objects.c.job_id == job.job_id)
                    .where(stream_objects.c.announced.is_(False))
                    .where(data_objects.c.state.in_(_DONE))
                    .order_by(data_objects.c.object_id)
                    .limit(_PAGE)
                ).all()
                for row in rows:
                    if topic:
                        _, line = self._intake.read_object(job, row.object_id)
                        finished = splice(line, json.loads(row.label)).decode()
                        self._topics.publish(topic, finished)
                connection.execute(
                    sa.update(stream_objects)
                    .where(stream_objects.c.job_id == job.job_id)
                    .where(stream_objects.c.object_id.in_([row.object_id for row in rows]))
                    .values(announced=True)
                )
            if len(rows) < _PAGE:
                return

    # --- the end ------------------------------------------------------------------------------

    def idle_at(self, job: Job) -> float:
        """When a job stops by itself: ten days after the last thing that happened to it."""
        with self._store.reading() as connection:
            row = connection.execute(
                sa.select(jobs.c.modified_at, jobs.c.status).filter_by(job_id=job.job_id)
            ).one()
            arrived = connection.scalar(
                sa.select(sa.func.max(stream_messages.c.received_at)).filter_by(job_id=job.job_id)
            )
        if row.status != JobStatus.IN_PROGRESS:
            return float("inf")
        return max(float(row.modified_at), float(arrived or 0.0)) + STREAM_IDLE_S


def check_topics(request: dict[str, Any], find: Callable[[str], object]) -> None:
    """Check that the topics of a streaming job's request exist; other requests have none.

    Parameters
    ----------
    find : callable
        Raises ``ServiceError`` for an ARN that no topic has.

    Raises
    ------
    ValidationError
        With the field.
    """
    source = request["InputConfig"]["DataSource"].get("SnsDataSource")
    if source is None:
        return
    named = {"InputConfig.DataSource.SnsDataSource.SnsTopicArn": source["SnsTopicArn"]}
    if "SnsTopicArn" in request["OutputConfig"]:
        named["OutputConfig.SnsTopicArn"] = request["OutputConfig"]["SnsTopicArn"]
    for field, arn in named.items():
        try:
            find(arn)
        except ServiceError as error:
            raise ValidationError(f"{field}: {error}. Create it with CreateTopic.") from error


def queue_arn(job_arn: str, job_name: str) -> str:
    """ARN of a streaming job's queue, which is named after the job in lower case."""
    _, _, _, region, account, _ = job_arn.split(":", 5)
    return f"arn:aws:sqs:{region}:{account}:GroundTruth-{job_name.lower()}"


def _hash(dedup_id: str) -> str:
    return hashlib.sha256(dedup_id.encode()).hexdigest()

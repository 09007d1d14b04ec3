"""SNS topics, as far as streaming jobs and their requesters need them.

Layer: engine. A message is delivered in the transaction that publishes it: to the queues of
streaming jobs, and as mail to the local outbox. Every message can be read again in the log of its
topic, where SNS writes delivery records.
"""

from __future__ import annotations

import json
import re
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from gt_widgets.engine.clock import answer_time
from gt_widgets.engine.pages import Page, page_of
from gt_widgets.engine.tables import subscriptions, topics
from gt_widgets.errors import ServiceError
from gt_widgets.schema.arns import topic_arn

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gt_widgets.engine.clock import Clock, NewId
    from gt_widgets.engine.logbook import LogBook
    from gt_widgets.engine.outbox import Outbox
    from gt_widgets.engine.store import Store

__all__ = ["Message", "Subscription", "Topic", "Topics"]

_NAME = re.compile(r"[A-Za-z0-9_-]{1,256}")
_SETTABLE = {"DisplayName", "Policy", "DeliveryPolicy", "KmsMasterKeyId", "TracingConfig"}
_BY_MAIL = ("email", "email-json")
MAX_MESSAGE_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic; ``attributes`` are those that were set."""

    arn: str
    attributes: dict[str, str]
    created_at: float


@dataclass(frozen=True, slots=True)
class Subscription:
    """One subscription of a topic: ``protocol`` and where its messages go."""

    arn: str
    topic_arn: str
    protocol: str
    endpoint: str
    created_at: float


@dataclass(frozen=True, slots=True)
class Message:
    """One published message."""

    message_id: str
    topic_arn: str
    subject: str | None
    text: str
    published_at: float


class Topics:
    """The topics of one account and region.

    Attributes
    ----------
    to_queue : list of callable
        Called with the subscription and message of each delivery to a queue, in its transaction.
    """

    def __init__(
        self,
        store: Store,
        *,
        clock: Clock,
        new_id: NewId,
        region: str,
        account_id: str,
        outbox: Outbox,
        logs: LogBook,
    ) -> None:
        self._store, self._clock, self._new_id = store, clock, new_id
        self._region, self._account_id = region, account_id
        self._outbox, self._logs = outbox, logs
        self.to_queue: list[Callable[[Subscription, Message], None]] = []

    # --- topics -----------------------------------------------------------------------------------

    def create(self, name: str, attributes: Mapping[str, str] | None = None) -> str:
        """Create a topic, or find the one of that name; returns its ARN.

        Raises
        ------
        ServiceError
            ``InvalidParameter`` if the name is none, or the topic has other attributes.
        """
        if name.endswith(".fifo"):
            raise _invalid("FIFO topics are not kept here. Streaming jobs take standard topics.")
        if not _NAME.fullmatch(name):
            raise _invalid("Topic Name: 1 to 256 letters, digits, hyphens and underscores.")
        wanted = dict(attributes or {})
        for key in wanted:
            _check_attribute(key)
        arn = topic_arn(self._region, self._account_id, name)
        with self._store.begin() as connection:
            known = self._find(arn)
            if known is None:
                row = {"arn": arn, "attributes": json.dumps(wanted), "created_at": self._clock()}
                connection.execute(sa.insert(topics).values(row))
            elif not wanted.items() <= known.attributes.items():
                raise _invalid("Attributes: Topic already exists with different attributes.")
        return arn

    def get(self, arn: str) -> Topic:
        """Find a topic.

        Raises
        ------
        ServiceError
            ``NotFound``, HTTP 404.
        """
        found = self._find(arn)
        if found is None:
            raise ServiceError("NotFound", f"Topic does not exist: {arn}", 404)
        return found

    def set_attribute(self, arn: str, name: str, value: str) -> None:
        """Set one attribute of a topic."""
        _check_attribute(name)
        with self._store.begin() as connection:
            changed = self.get(arn).attributes | {name: value}
            connection.execute(
                sa.update(topics).where(topics.c.arn == arn).values(attributes=json.dumps(changed))
            )

    def delete(self, arn: str) -> None:
        """Delete a topic with its subscriptions; no change if it is not there."""
        with self._store.begin() as connection:
            connection.execute(sa.delete(subscriptions).where(subscriptions.c.topic_arn == arn))
            connection.execute(sa.delete(topics).where(topics.c.arn == arn))

    def page(self, *, token: str | None, size: int = 100) -> Page[Topic]:
        """One page of topics, oldest first."""
        with self._store.begin() as connection:
            found = page_of(
                connection,
                sa.select(topics),
                by=topics.c.created_at,
                tie=topics.c.arn,
                token=token,
                size=size,
            )
        return Page([_topic(row) for row in found.rows], found.next_token)

    # --- messages ---------------------------------------------------------------------------------

    def publish(self, arn: str, text: str, *, subject: str | None = None) -> str:
        """Deliver a message to all subscribers and return its id.

        Raises
        ------
        ServiceError
            ``NotFound``, or ``InvalidParameter`` if it is empty or larger than 256 KiB.
        """
        if not text:
            raise _invalid("Empty message.")
        if len(text.encode()) > MAX_MESSAGE_BYTES:
            raise _invalid(f"Message too long: at most {MAX_MESSAGE_BYTES} bytes.")
        message = Message(str(uuid.UUID(self._new_id())), arn, subject, text, self._clock())
        with self._store.begin():
            self.get(arn)
            name = arn.rpartition(":")[2]
            group = f"sns/{self._region}/{self._account_id}/{name}"
            record = {
                "notification": {
                    "messageId": message.message_id,
                    "topicArn": arn,
                    "timestamp": answer_time(message.published_at),
                },
                "subject": subject,
                "message": text,
            }
            self._logs.put(group, "messages", message.published_at, record)
            for subscription in self.subscriptions(arn):
                self._deliver(subscription, message)
        return message.message_id

    def _deliver(self, subscription: Subscription, message: Message) -> None:
        if subscription.protocol in _BY_MAIL:
            subject = message.subject or "AWS Notification Message"
            details = {"topic_arn": message.topic_arn, "message_id": message.message_id}
            self._outbox.write(
                subscription.endpoint, subject=subject, body=message.text, details=details
            )
            return
        for receive in self.to_queue:
            receive(subscription, message)

    # --- subscriptions ----------------------------------------------------------------------------

    def subscribe(self, arn: str, protocol: str, endpoint: str) -> str:
        """Subscribe an address to a topic; returns the subscription's ARN.

        Mail goes to the local outbox and needs no confirmation.

        Raises
        ------
        ServiceError
            ``NotFound``, or ``InvalidParameter`` if nothing is delivered by that protocol here.
        """
        if protocol not in _BY_MAIL:
            raise _invalid(
                f"Protocol: {protocol!r} is not delivered by the local engine; email and "
                "email-json go to the local outbox, and the topic's log has every message. The "
                "queues of streaming jobs subscribe themselves."
            )
        if "@" not in endpoint:
            raise _invalid(f"Endpoint: {endpoint!r} is no e-mail address.")
        return self.connect(arn, protocol, endpoint)

    def connect(self, arn: str, protocol: str, endpoint: str) -> str:
        """Add a subscription of any protocol, or find the one there is."""
        with self._store.begin() as connection:
            self.get(arn)
            for known in self.subscriptions(arn):
                if (known.protocol, known.endpoint) == (protocol, endpoint):
                    return known.arn
            made = f"{arn}:{uuid.UUID(self._new_id())}"
            row = Subscription(made, arn, protocol, endpoint, self._clock())
            connection.execute(
                sa.insert(subscriptions).values(
                    arn=row.arn,
                    topic_arn=row.topic_arn,
                    protocol=row.protocol,
                    endpoint=row.endpoint,
                    created_at=row.created_at,
                )
            )
        return made

    def disconnect(self, endpoint: str) -> None:
        """Take a queue off every topic."""
        with self._store.begin() as connection:
            connection.execute(sa.delete(subscriptions).where(subscriptions.c.endpoint == endpoint))

    def unsubscribe(self, subscription_arn: str) -> None:
        """Delete a subscription; no change if it is not there."""
        with self._store.begin() as connection:
            connection.execute(
                sa.delete(subscriptions).where(subscriptions.c.arn == subscription_arn)
            )

    def subscription(self, arn: str) -> Subscription:
        """Find a subscription.

        Raises
        ------
        ServiceError
            ``NotFound``, HTTP 404.
        """
        with self._store.reading() as connection:
            row = connection.execute(
                sa.select(subscriptions).where(subscriptions.c.arn == arn)
            ).one_or_none()
        if row is None:
            raise ServiceError("NotFound", f"Subscription does not exist: {arn}", 404)
        return _subscription(row)

    def subscriptions(self, arn: str) -> list[Subscription]:
        """All subscriptions of a topic, oldest first."""
        with self._store.reading() as connection:
            rows = connection.execute(
                sa.select(subscriptions)
                .where(subscriptions.c.topic_arn == arn)
                .order_by(subscriptions.c.created_at, subscriptions.c.arn)
            ).all()
        return [_subscription(row) for row in rows]

    def subscription_page(
        self, *, arn: str | None, token: str | None, size: int = 100
    ) -> Page[Subscription]:
        """One page of subscriptions, of one topic or of all, oldest first."""
        query = sa.select(subscriptions)
        if arn is not None:
            self.get(arn)
            query = query.where(subscriptions.c.topic_arn == arn)
        with self._store.reading() as connection:
            found = page_of(
                connection,
                query,
                by=subscriptions.c.created_at,
                tie=subscriptions.c.arn,
                token=token,
                size=size,
            )
        return Page([_subscription(row) for row in found.rows], found.next_token)

    def _find(self, arn: str) -> Topic | None:
        with self._store.reading() as connection:
            row = connection.execute(sa.select(topics).where(topics.c.arn == arn)).one_or_none()
        return None if row is None else _topic(row)


def _topic(row: Any) -> Topic:
    return Topic(row.arn, json.loads(row.attributes), row.created_at)


def _subscription(row: Any) -> Subscription:
    return Subscription(row.arn, row.topic_arn, row.protocol, row.endpoint, row.created_at)


def _check_attribute(name: str) -> None:
    if name not in _SETTABLE:
        raise _invalid(f"AttributeName: {name!r} is not one of {', '.join(sorted(_SETTABLE))}.")


def _invalid(problem: str) -> ServiceError:
    return ServiceError("InvalidParameter", f"Invalid parameter: {problem}")

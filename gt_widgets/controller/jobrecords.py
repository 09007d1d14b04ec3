"""What is recorded of a labeling job: log, events, acts of its workers, messages, metrics.

Layer: controller.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from gt_widgets.controller.records import activity_of, events_of, log_of, messages_of
from gt_widgets.errors import ValidationError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gt_widgets.controller.places import Place

__all__ = ["JobRecords"]


class JobRecords(ABC):
    """What is recorded of a job outside of its output manifest."""

    name: str
    _session: Any
    _place: Place
    _fixed: dict[str, Any]

    @property
    @abstractmethod
    def arn(self) -> str:
        """The job's ARN."""

    def publish(self, line: Mapping[str, Any]) -> str:
        """Send one data object to a streaming job: a manifest line; returns the message's id.

        Raises
        ------
        ValidationError
            If the job has a manifest and no topic.
        """
        source = self._fixed["InputConfig"]["DataSource"].get("SnsDataSource")
        if source is None:
            raise ValidationError(
                f"Labeling job {self.name!r} reads a manifest; objects are published to streaming "
                "jobs: session.stream(job, 'name')."
            )
        sent = self._session.client("sns").publish(
            TopicArn=source["SnsTopicArn"], Message=json.dumps(dict(line), ensure_ascii=False)
        )
        return str(sent["MessageId"])

    def messages(self) -> list[dict[str, Any]]:
        """Return what was told on the job's output topic: one finished line per object.

        Locally the topic's log has them all; AWS keeps none, there a queue has to subscribe.
        """
        topic = self._fixed["OutputConfig"].get("SnsTopicArn", "")
        self._place.only_here("Reading the messages of a topic again")
        return messages_of(self._session.client("logs"), topic)

    def log(self) -> list[dict[str, Any]]:
        """Return the job's log: ``time``, ``event`` and ``message``, oldest first."""
        return log_of(self._session.client("logs"), self.name)

    def events(self) -> list[dict[str, Any]]:
        """Return what EventBridge was sent: one event once the job is final, before that none."""
        return events_of(self._session.client("logs"), self.arn)

    def activity(self) -> list[dict[str, Any]]:
        """Return what workers did: tasks submitted, returned and declined, oldest first."""
        return activity_of(self._session.client("logs"), self.arn)

    def metrics(self) -> dict[str, list[tuple[float, float]]]:
        """Return CloudWatch's metrics of the job and of its team, as (epoch seconds, value).

        ``TotalDatasetObjectsLabeled`` and its like grow; ``TasksSubmitted`` and its like have one
        entry per event, ``TimeSpent`` in seconds. On AWS read them with the cloudwatch client.
        """
        portal = self._place.only_here("Reading metrics without CloudWatch").portal
        found = portal.requester("metrics", {"job_name": self.name})["series"]
        return {name: [(at, value) for at, value in points] for name, points in found.items()}

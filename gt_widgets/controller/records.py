"""What was recorded of a job: its log, its state changes, its workers' acts.

Layer: controller. Read by boto3 from CloudWatch Logs, here and on AWS alike. EventBridge keeps no
events anywhere; they are found where a rule with a log group as its target puts them.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["activity_of", "events_of", "log_of", "messages_of"]

_JOBS = "/aws/sagemaker/LabelingJobs"
_EVENTS = "/aws/events/sagemaker"
_WORKERS = "/aws/sagemaker/groundtruth/WorkerActivity"


def log_of(logs: Any, job_name: str) -> list[dict[str, Any]]:
    """Records of a job's own log stream, oldest first.

    Returns
    -------
    list of dict
        ``time`` (aware datetime), ``event`` and ``message``.
    """
    return [
        {"time": at, "event": found["event-name"], "message": found["event-log-message"]}
        for at, found in _read(logs, _JOBS, logStreamNames=[job_name])
    ]


def events_of(logs: Any, arn: str) -> list[dict[str, Any]]:
    """State changes of a job as EventBridge sent them: one, when it has ended."""
    found = _read(logs, _EVENTS, filterPattern=f'"{arn}"')
    return [event for _, event in found if event["resources"] == [arn]]


def activity_of(logs: Any, arn: str) -> list[dict[str, Any]]:
    """Tasks that workers submitted, returned and declined (reference 9.6), oldest first."""
    found = _read(logs, _WORKERS, filterPattern=f'"{arn}"')
    return [record for _, record in found if record["labeling_job_arn"] == arn]


def messages_of(logs: Any, topic_arn: str) -> list[dict[str, Any]]:
    """Messages of a topic, oldest first, as the local engine logs them."""
    _, _, _, region, account, name = topic_arn.split(":", 5)
    found = _read(logs, f"sns/{region}/{account}/{name}")
    return [json.loads(record["message"]) for _, record in found]


def _read(logs: Any, group: str, **which: Any) -> Iterator[tuple[datetime, dict[str, Any]]]:
    pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group, **which)
    try:
        for page in pages:
            for event in page["events"]:
                at = datetime.fromtimestamp(event["timestamp"] / 1000, UTC)
                yield at, json.loads(event["message"])
    except ClientError as error:
        # a group or stream begins with its first record
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise

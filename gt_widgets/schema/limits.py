"""Limits of the service in one place.

Layer: schema. Those that the AWS API model states are compared with the installed botocore in
``tests/unit/schema/test_limits.py``, so that a change on AWS's side shows. The others come from
the quota pages of the developer guide.
"""

from __future__ import annotations

__all__ = [
    "ATTRIBUTE_CHARACTERS",
    "AUTOLABEL_MIN_OBJECTS",
    "CIDRS",
    "CONSOLIDATION_BATCH",
    "DEFAULT_AVAILABILITY_PRIVATE_S",
    "DEFAULT_AVAILABILITY_PUBLIC_S",
    "DEFAULT_CONCURRENT_TASKS",
    "IMAGE_BYTES",
    "IMAGE_PIXELS",
    "JOB_LIFE_S",
    "LABEL_LENGTH",
    "LINE_CHARACTERS",
    "MAX_AVAILABILITY_PRIVATE_S",
    "MAX_AVAILABILITY_PUBLIC_S",
    "MAX_CONCURRENT_TASKS",
    "MAX_TASK_TIME_S",
    "MAX_WORKERS",
    "MIN_TASK_TIME_S",
    "OBJECTS_PER_JOB",
    "PROBE_FAILURES",
    "PROBE_OBJECTS",
    "QUEUED_S",
    "STREAM_IDLE_S",
    "WORKTEAMS",
]

MAX_WORKERS = 9
"""``NumberOfHumanWorkersPerDataObject``, at most (API model)."""
MAX_CONCURRENT_TASKS = 5000
"""``MaxConcurrentTaskCount``, at most, in data objects (API model)."""
MIN_TASK_TIME_S = 30
"""``TaskTimeLimitInSeconds``, at least (API model)."""

DEFAULT_CONCURRENT_TASKS = 1000
MAX_TASK_TIME_S = 28_800
"""``TaskTimeLimitInSeconds`` of image, text and custom tasks, at most: 8 hours."""
DEFAULT_AVAILABILITY_PRIVATE_S = MAX_AVAILABILITY_PRIVATE_S = 2_592_000
DEFAULT_AVAILABILITY_PUBLIC_S = 21_600
MAX_AVAILABILITY_PUBLIC_S = 43_200

OBJECTS_PER_JOB = 100_000
QUEUED_S = 14 * 86_400
"""An object waits so long in a streaming job's queue, then it is gone."""
STREAM_IDLE_S = 10 * 86_400
"""A streaming job to which nothing happened for so long stops by itself."""
LINE_CHARACTERS = 100_000
ATTRIBUTE_CHARACTERS = 20_000
LABEL_LENGTH = 256
CIDRS = 10
"""Address blocks of a workforce's ``SourceIpConfig``."""
IMAGE_BYTES = 40 * 1024 * 1024
IMAGE_PIXELS = 100_000_000
AUTOLABEL_MIN_OBJECTS = 1250
"""Data objects of a job with automated data labeling, at least (C19)."""
PROBE_FAILURES = 0.1
"""Share of the first sample that may fail before an automated job fails (D05)."""
WORKTEAMS = 25
"""Work teams per account and region."""
JOB_LIFE_S = 30 * 86_400

PROBE_OBJECTS = 10
"""Objects sent alone first, to check the set-up."""
CONSOLIDATION_BATCH = 50
"""Objects per consolidation request, at most."""

"""Time and identifiers as arguments, and the ways Ground Truth writes a time.

Layer: engine. Only ``system_clock`` and ``random_id`` touch the outside world, and only the
engine's edge passes them in; tests pass ``gt_widgets.testing.FakeClock`` and counters.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime

__all__ = [
    "Clock",
    "NewId",
    "activity_time",
    "answer_time",
    "creation_date",
    "file_time",
    "random_id",
    "system_clock",
]

Clock = Callable[[], float]
"""Epoch seconds, UTC."""

NewId = Callable[[], str]
"""32 lower-case hexadecimal characters, never the same twice."""


def system_clock() -> float:
    """Wall-clock time in epoch seconds."""
    return time.time()


def random_id() -> str:
    """Return a fresh random identifier of 32 hexadecimal characters."""
    return uuid.uuid4().hex


def _utc(moment: float) -> datetime:
    return datetime.fromtimestamp(moment, UTC)


def creation_date(moment: float) -> str:
    """``2026-11-20T10:40:59.217995``: output manifest metadata, no zone suffix (O02)."""
    return _utc(moment).strftime("%Y-%m-%dT%H:%M:%S.%f")


def answer_time(moment: float) -> str:
    """``2026-11-20T10:00:05.120Z``: worker response files (S02)."""
    return _utc(moment).strftime("%Y-%m-%dT%H:%M:%S.") + f"{_utc(moment).microsecond // 1000:03d}Z"


def file_time(moment: float) -> str:
    """``2026-11-20_10:01:33``: file names below ``annotations/`` (S01)."""
    return _utc(moment).strftime("%Y-%m-%d_%H:%M:%S")


def activity_time(moment: float) -> str:
    """``Fri Nov 20 10:00:05 UTC 2026``: worker activity log records (V01)."""
    return _utc(moment).strftime("%a %b %d %H:%M:%S UTC %Y")

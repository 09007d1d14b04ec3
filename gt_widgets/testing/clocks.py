"""A clock that stands still until told otherwise, and identifiers that count.

Layer: testing.
"""

from __future__ import annotations

import itertools
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["NOON", "FakeClock", "counting_ids"]

NOON = 1_795_176_000.0
"""2026-11-20T12:00:00Z."""


class FakeClock:
    """Time that a test moves by hand.

    Examples
    --------
    >>> clock = FakeClock()
    >>> clock.advance(5) - NOON
    5.0
    """

    def __init__(self, now: float = NOON) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> float:
        """Move time on and return it."""
        self.now += seconds
        return self.now


def counting_ids(start: int = 1) -> Callable[[], str]:
    """Return ``new_id`` that gives ``0...01``, ``0...02`` and so on, from any thread."""
    numbers, lock = itertools.count(start), threading.Lock()

    def new_id() -> str:
        with lock:
            return f"{next(numbers):032x}"

    return new_id

"""Waiting for a condition, with an end.

Layer: testing.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["eventually"]

T = TypeVar("T")
_POLL_S = 0.02


def eventually(condition: Callable[[], T], timeout_s: float = 90.0, *, what: str = "") -> T:
    """Ask until the answer is true, and return it.

    Parameters
    ----------
    condition : callable
        Asked every 20 ms.
    timeout_s : float
        Long enough for a loaded machine: it ends a hang, it measures nothing.
    what : str, optional
        What is waited for, for the message.

    Raises
    ------
    AssertionError
        If the answer is still false at the end; it is part of the message.

    Examples
    --------
    >>> eventually(lambda: "InProgress")
    'InProgress'
    """
    deadline, pause = time.monotonic() + timeout_s, threading.Event()
    while not (found := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(
                f"{what or 'the condition'}: still {found!r} after {timeout_s:g} s"
            )
        pause.wait(_POLL_S)
    return found

"""Guessing passwords gets slower and slower, by Cognito's rule.

Layer: engine. Kept in memory: a restart of the engine forgives, which costs an attacker more
than it gives.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from gt_widgets.errors import SignInError

if TYPE_CHECKING:
    from gt_widgets.engine.clock import Clock

__all__ = ["Lockout"]

_FREE_ATTEMPTS = 5
_LONGEST_S = 900.0
_REMEMBERED = 10_000


class Lockout:
    """Counts failed sign-ins per account.

    After five failures an account is locked for one second, and for twice as long after each
    further one, up to 15 minutes. Attempts while it is locked do not count. A success, or
    15 quiet minutes, starts over.

    Parameters
    ----------
    clock : callable
        Epoch seconds.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._failures: dict[str, tuple[int, float]] = {}

    def attempt(self, account: str) -> None:
        """Count an attempt as failed before it is made, so that parallel guesses all count.

        Raises
        ------
        SignInError
            If the account is locked.
        """
        now = self._clock()
        with self._lock:
            count, last = self._failures.pop(account, (0, now))
            wait = min(2.0 ** (count - _FREE_ATTEMPTS), _LONGEST_S)
            locked = count >= _FREE_ATTEMPTS and now < last + wait
            if count and now >= last + wait + _LONGEST_S:
                count = 0
            self._failures[account] = (count, last) if locked else (count + 1, now)
            while len(self._failures) > _REMEMBERED:
                self._failures.pop(next(iter(self._failures)))
        if locked:
            raise SignInError("Password attempts exceeded")

    def forgive(self, account: str) -> None:
        """Start over after a success."""
        with self._lock:
            self._failures.pop(account, None)

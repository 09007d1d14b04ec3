"""A process of its own for decoding what comes from outside: it may die, the engine does not.

Layer: engine.
"""

from __future__ import annotations

import os
import threading
from concurrent.futures import CancelledError, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from multiprocessing import get_context, parent_process
from typing import TYPE_CHECKING, TypeVar

from gt_widgets.errors import ImageError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Apart", "end_with_parent"]

_TIMEOUT_S = 60.0
T = TypeVar("T")


class Apart:
    """Runs functions in one other process, started when it is first needed."""

    def __init__(self) -> None:
        self._pool: ProcessPoolExecutor | None = None
        self._lock = threading.Lock()

    def run(self, what: str, function: Callable[..., T], *args: object) -> T:
        """Call a function of a module with arguments that can be sent; give its result.

        Parameters
        ----------
        what : str
            What is being decoded, for the message.

        Raises
        ------
        ImageError
            If the process died of it or took more than a minute. What the function raises comes
            through.
        """
        with self._lock:
            if self._pool is None:
                self._pool = ProcessPoolExecutor(
                    1, mp_context=get_context("spawn"), initializer=end_with_parent
                )
            pool = self._pool
        try:
            return pool.submit(partial(function, *args)).result(timeout=_TIMEOUT_S)
        except (BrokenProcessPool, CancelledError, TimeoutError) as error:
            self._abandon(pool)
            raise ImageError(f"{what}: decoding died.") from error

    def close(self) -> None:
        """End the process."""
        if self._pool:
            self._pool.shutdown(cancel_futures=True)

    def _abandon(self, pool: ProcessPoolExecutor) -> None:
        pool.shutdown(wait=False, cancel_futures=True)
        with self._lock:
            if self._pool is pool:
                self._pool = None


def end_with_parent() -> None:
    """Let a decoder not outlive an engine that is killed; it would wait for work for ever."""
    parent = parent_process()

    def watch() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=watch, name="parent", daemon=True).start()

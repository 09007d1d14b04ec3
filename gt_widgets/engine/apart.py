"""A process of its own for decoding what comes from outside: it may die, the engine does not.

Layer: engine.
"""

from __future__ import annotations

import os
import threading
from concurrent.futures import CancelledError, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from multiprocessing import get_context
from typing import TYPE_CHECKING, TypeVar

from gt_widgets.errors import ImageError
from gt_widgets.processes import end_with_parent

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Apart"]

_THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
T = TypeVar("T")


class Apart:
    """Runs functions in one other process, started when it is first needed.

    One call at a time has the process, so that none is blamed for, or waits within its time for,
    what another sent there.

    Parameters
    ----------
    timeout_s : float > 0
        How long one call may take; then its process is given up.
    """

    def __init__(self, *, timeout_s: float = 60.0) -> None:
        self._timeout_s = timeout_s
        self._pool: ProcessPoolExecutor | None = None
        self._turn = threading.Lock()

    def run(self, what: str, function: Callable[..., T], *args: object) -> T:
        """Call a function of a module with arguments that can be sent; give its result.

        Parameters
        ----------
        what : str
            What is being decoded, for the message.

        Raises
        ------
        ImageError
            If the process died of it or took longer than ``timeout_s``. What the function raises
            comes through.
        """
        with self._turn:
            if self._pool is None:
                self._pool = _started()
            try:
                call = self._pool.submit(partial(function, *args))
                return call.result(timeout=self._timeout_s)
            except (BrokenProcessPool, CancelledError, TimeoutError) as error:
                self._abandon(self._pool)
                late = isinstance(error, TimeoutError)
                end = f"took more than {self._timeout_s:g} s" if late else "died of it"
                raise ImageError(f"{what}: the process that decodes it {end}.") from error

    def close(self) -> None:
        """End the process."""
        if self._pool:
            self._pool.shutdown(cancel_futures=True)

    def _abandon(self, pool: ProcessPoolExecutor) -> None:
        # shutting down alone would let a process that takes too long go on
        for process in list((pool._processes or {}).values()):  # noqa: SLF001
            process.terminate()
        pool.shutdown(wait=False, cancel_futures=True)
        self._pool = None


def _started() -> ProcessPoolExecutor:
    """Start a process whose linear algebra keeps to one thread.

    Its libraries read that from the environment when they are loaded. On a busy machine their
    threads wait for each other in a loop, and make small problems fifty times slower.
    """
    pool = ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=end_with_parent)
    before = {name: os.environ.get(name) for name in _THREADS}
    try:
        os.environ.update(dict.fromkeys(_THREADS, "1"))
        pool.submit(os.getpid)
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
    return pool

"""The owner's dask cluster, where there is one: joined when it is needed, never needed.

Layer: training. What a cluster cannot do, for whatever reason, is done here: it may be gone, or
its workers may not see a file. The result is the same.
"""

from __future__ import annotations

import logging
from concurrent.futures import Executor, Future
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Self, TypeVar

from gt_widgets.autolabel.executor import dask_executor

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

__all__ = ["Cluster"]

_LOG = logging.getLogger(__name__)
_CONNECT_S = 20.0

T = TypeVar("T")


class Cluster:
    """Workers elsewhere, for one step.

    Parameters
    ----------
    address : str
        Of a scheduler; empty for none.
    """

    def __init__(self, address: str = "", *, timeout_s: float = _CONNECT_S) -> None:
        self.address, self.timeout_s = address, timeout_s
        self.problem = ""
        """Why it is not used (any more)."""
        self.done = 0
        """Batches that came back."""
        self._open = ExitStack()
        self._executor: _Helped | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self._open.close()
        except Exception as problem:  # noqa: BLE001  a cluster that is gone cannot be left
            _LOG.info("leaving %s: %r", self.address, problem)

    def executor(self) -> Executor | None:
        """Join it; None where there is none, or it does not answer."""
        if not self.address or self.problem:
            return None
        if self._executor is None:
            try:
                theirs = self._open.enter_context(
                    dask_executor(self.address, timeout_s=self.timeout_s)
                )
            except Exception as problem:  # noqa: BLE001  whatever it is, it can be done here
                self.lose(problem)
                return None
            self._executor = _Helped(self, theirs)
        return self._executor

    def lose(self, problem: BaseException) -> None:
        """Go on without it."""
        if not self.problem:
            self.problem = f"{type(problem).__name__}: {problem}"[:300]
            _LOG.warning("the dask cluster %s is left out: %s", self.address, self.problem)

    @property
    def said(self) -> list[dict[str, Any]]:
        """What the job's log says of it."""
        if not self.address or not (self.done or self.problem):
            return []
        lost = {"left out": self.problem} if self.problem else {}
        return [{"dask": self.address, "batches": self.done, **lost}]


class _Helped(Executor):
    """The cluster's executor, with this process to fall back on."""

    def __init__(self, cluster: Cluster, theirs: Executor) -> None:
        self._cluster, self._theirs = cluster, theirs

    def submit(self, work: Callable[..., T], /, *arguments: Any, **named: Any) -> Future[T]:
        """Give it to the cluster."""
        theirs: Future[T] | None = None
        if not self._cluster.problem:
            try:
                theirs = self._theirs.submit(work, *arguments, **named)
            except Exception as problem:  # noqa: BLE001
                self._cluster.lose(problem)
        return _Sure(self._cluster, theirs, lambda: work(*arguments, **named))


class _Sure(Future[T]):
    """A result that is made here if the cluster does not bring it."""

    def __init__(self, cluster: Cluster, theirs: Future[T] | None, here: Callable[[], T]) -> None:
        super().__init__()
        self._cluster, self._theirs, self._here = cluster, theirs, here

    def result(self, timeout: float | None = None) -> T:
        """Wait for it."""
        if self._theirs is not None and not self._cluster.problem:
            try:
                found = self._theirs.result(timeout)
            except Exception as problem:  # noqa: BLE001  a fault of the work itself shows again
                self._cluster.lose(problem)
            else:
                self._cluster.done += 1
                return found
        return self._here()

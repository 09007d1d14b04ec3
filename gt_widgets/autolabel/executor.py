"""Where features and predictions are computed: in this process, or by workers elsewhere.

Layer: autolabel (imports only ``errors``). Anything with `concurrent.futures.Executor.submit` will
do; `dask_executor` gives a `dask.distributed` scheduler's.
"""

from __future__ import annotations

from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar

from gt_widgets.errors import ValidationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from concurrent.futures import Executor, Future

__all__ = ["dask_executor", "in_batches"]

T = TypeVar("T")
_UNDER_WAY = 8
_PATIENCE_S = 180.0


def in_batches(
    work: Callable[..., T],
    items: Sequence[Any],
    *arguments: Any,
    batch: int,
    executor: Executor | None = None,
) -> Iterator[tuple[int, T]]:
    """Yield ``(start, work(items[start : start + batch], *arguments))``, in order.

    Parameters
    ----------
    work : callable
        Pure; importable by the workers where they are other processes.
    items : sequence
        Read slice by slice, so that a lazy sequence keeps memory bounded.
    *arguments
        Passed on to every call.
    batch : int >= 1
    executor : concurrent.futures.Executor, optional
        In this process when None. At most 8 batches are under way at once.
    """
    waiting: list[tuple[int, Future[T]]] = []
    for start in range(0, len(items), batch):
        part = items[start : start + batch]
        if executor is None:
            yield start, work(part, *arguments)
            continue
        waiting.append((start, executor.submit(work, part, *arguments)))
        if len(waiting) >= _UNDER_WAY:
            first, future = waiting.pop(0)
            yield first, future.result()
    for first, future in waiting:
        yield first, future.result()


@contextmanager
def dask_executor(
    address: str | None = None, *, workers: int = 2, timeout_s: float = _PATIENCE_S
) -> Iterator[Executor]:
    """Open a `dask.distributed` cluster as an executor.

    Parameters
    ----------
    address : str, optional
        Of a scheduler that runs already, as ``tcp://host:8786``. Without one a scheduler and
        ``workers`` processes are started on this machine, on loopback, and stopped afterwards.
    workers : int >= 1
    timeout_s : float > 0
        How long to wait for the scheduler.

    Raises
    ------
    ValidationError
        If dask is not installed.
    """
    try:
        dask: Any = import_module("dask")
        distributed: Any = import_module("distributed")
    except ImportError as problem:
        raise ValidationError(
            "a dask cluster needs dask: pip install 'gt-widgets[dask]'; without an executor "
            "everything runs in this process"
        ) from problem
    patience = f"{timeout_s}s"
    with dask.config.set({"distributed.comm.timeouts.connect": patience}):
        if address is not None:
            with distributed.Client(address, set_as_default=False, timeout=patience) as client:
                yield client.get_executor(pure=False)
            return
        with (
            distributed.LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                processes=True,
                host="127.0.0.1",
                dashboard_address=None,
            ) as cluster,
            distributed.Client(cluster, set_as_default=False, timeout=patience) as client,
        ):
            yield client.get_executor(pure=False)

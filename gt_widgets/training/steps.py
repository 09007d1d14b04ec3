"""One step of a job's loop: see, train, certify, decide, and keep the model.

Layer: training. Everything follows from the request and the objects; nothing is drawn twice.
"""

from __future__ import annotations

import logging
import time
from concurrent.futures import BrokenExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gt_widgets.autolabel import LoopState, advance, foresee
from gt_widgets.errors import GroundTruthError
from gt_widgets.training.charts import chart_numbers
from gt_widgets.training.messages import Request, Result
from gt_widgets.training.sights import Built, Once, build

if TYPE_CHECKING:
    from gt_widgets.training.items import Items

__all__ = ["take_step"]

_LOG = logging.getLogger(__name__)


def take_step(request: Request, items: Items) -> Result:
    """Take the step that a request asks for.

    Returns
    -------
    Result
        With ``error`` where no repetition would help.

    Raises
    ------
    OSError
        If the disk fails; another try may do.
    BrokenExecutor
        If a helper process died; likewise.
    """
    began = time.perf_counter()
    try:
        result = _step(request, LoopState.from_dict(request.state), items)
    except (OSError, MemoryError, BrokenExecutor):
        raise
    except GroundTruthError as error:
        return Result(request.digest, error=str(error))
    except Exception as error:  # noqa: BLE001  the same again, however often it is tried
        _LOG.exception("step %d of job %d failed", request.step, request.job_id)
        return Result(request.digest, error=f"the training failed: {error!r}")
    log = [*result.log, {"seconds": round(time.perf_counter() - began, 3)}]
    return replace(result, log=log)


def _step(request: Request, state: LoopState, items: Items) -> Result:
    built = build(request, state, items)
    state = _without_unreadable(state, built.unreadable)
    if request.look:
        return _looked(request, state, built)
    sight = Once(built.sight)
    after = advance(state, sight, stop=request.stop, watched=request.watched)
    return Result(
        request.digest,
        state=after.to_dict(),
        report=None if sight.seen is None else chart_numbers(after, sight.seen),
        log=_log(after, built.unreadable),
        model=built.keep_model(after),
    )


def _looked(request: Request, state: LoopState, built: Built) -> Result:
    began = time.process_time()
    found = foresee(state, built.sight)
    if found is None:
        return Result(request.digest, forecast={"certificate": None, "seconds": 0.0})
    certificate, seen = found
    numbers = chart_numbers(state, seen, threshold=certificate.threshold)
    report = {name: numbers[name] for name in ("curve", "confidence", "targets")}
    seconds = round(time.process_time() - began, 3)
    forecast = {"certificate": certificate.to_dict(), "seconds": seconds, "accuracy": seen.accuracy}
    return Result(request.digest, report=report, forecast=forecast)


def _without_unreadable(state: LoopState, unreadable: tuple[int, ...]) -> LoopState:
    """Leave to people what the machine cannot read; people may see it, or say why not."""
    blind = set(unreadable) - set(state.labels)
    return replace(state, failed=tuple(sorted({*state.failed, *blind})))


def _log(state: LoopState, unreadable: tuple[int, ...]) -> list[dict[str, Any]]:
    """What a training job would print."""
    said: list[dict[str, Any]] = [{"task": state.task, "objects": state.n}]
    if unreadable:
        said.append({"unreadable": list(unreadable[:20]), "count": len(unreadable)})
    if state.last is not None:
        past = state.last
        said.append(
            {
                "round": past.round,
                "people": past.people,
                "machine": past.machine,
                "validation:accuracy": round(past.accuracy, 4),
                "validation:log_loss": round(past.log_loss, 4),
                "certificate": past.certificate.to_dict(),
            }
        )
    said.append({"next": state.pending.purpose, "objects": len(state.pending.objects)})
    return said

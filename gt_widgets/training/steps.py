"""One step of a job's loop: see, train, certify, decide, and keep the model.

Layer: training. Everything follows from the request and the objects; nothing is drawn twice.
"""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gt_widgets.autolabel import ClassSight, LoopState, advance
from gt_widgets.errors import GroundTruthError, ValidationError
from gt_widgets.training.charts import chart_numbers
from gt_widgets.training.messages import Request, Result, write_whole
from gt_widgets.training.models import FinalModel
from gt_widgets.training.sheets import sheet_of

if TYPE_CHECKING:
    from gt_widgets.autolabel.sights import ClassRound
    from gt_widgets.training.items import Items
    from gt_widgets.training.sheets import Sheet

__all__ = ["take_step"]

_PSEUDO = 3_000
"""Machine labels that the final model learns from besides people's, at most."""


class _Once(ClassSight):
    """Remembers what it saw last: the charts show it again."""

    seen: ClassRound | None = None

    def look(self, state: LoopState) -> ClassRound | None:
        """See `gt_widgets.autolabel.sights.protocol.Sight`."""
        self.seen = super().look(state)
        return self.seen


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
    """
    began = time.perf_counter()
    try:
        state = LoopState.from_dict(request.state)
        if state.task != "classes":
            raise ValidationError(f"a machine cannot learn to give {state.task} here yet")
        result = _class_step(request, state, items)
    except GroundTruthError as error:
        if isinstance(error, OSError):
            raise
        return Result(request.digest, error=str(error))
    log = [*result.log, {"seconds": round(time.perf_counter() - began, 3)}]
    return replace(result, log=log)


def _class_step(request: Request, state: LoopState, items: Items) -> Result:
    sheet = sheet_of(
        Path(request.folder),
        request.media,
        state.n,
        items,
        earlier_model=request.earlier_model,
        seed=state.config.seed,
    )
    sight = _Once(sheet.features, groups=sheet.groups)
    after = advance(_without_unreadable(state, sheet.unreadable), sight, stop=request.stop)
    return Result(
        request.digest,
        state=after.to_dict(),
        report=None if sight.seen is None else chart_numbers(after, sight.seen),
        log=_log(after, sheet),
        model=_keep_model(request, after, sheet),
    )


def _without_unreadable(state: LoopState, unreadable: tuple[int, ...]) -> LoopState:
    """Leave to people what the machine cannot read; people may see it, or say why not."""
    blind = set(unreadable) - set(state.labels)
    return replace(state, failed=tuple(sorted({*state.failed, *blind})))


def _keep_model(request: Request, state: LoopState, sheet: Sheet) -> bool:
    """Learn once more from everything that has a label, for the jobs to come."""
    labels = {**_some_of(state), **state.labels}
    usable = sorted(index for index in labels if index not in set(sheet.unreadable))
    classes = np.array([labels[index] for index in usable], dtype=np.intp)
    if len(np.unique(classes)) < 2:  # noqa: PLR2004
        return False
    make = ClassSight(sheet.rows).family[state.choice or 0]
    learner = make(state.n_classes).fit(sheet.rows[np.array(usable, dtype=np.intp)], classes)
    model = FinalModel(request.categories, sheet.embedder, learner)
    write_whole(request.model_path, model.to_bytes())
    return True


def _some_of(state: LoopState) -> dict[int, int]:
    given = state.machine or state.proposal
    chosen = np.array(sorted(given), dtype=np.intp)
    if len(chosen) > _PSEUDO:
        rng = np.random.default_rng([state.config.seed, 5])
        chosen = np.sort(rng.permutation(chosen)[:_PSEUDO])
    return {int(index): given[int(index)].class_id or 0 for index in chosen}


def _log(state: LoopState, sheet: Sheet) -> list[dict[str, Any]]:
    """What a training job would print."""
    said: list[dict[str, Any]] = [{"objects": state.n, "features": int(sheet.features.shape[1])}]
    if sheet.unreadable:
        said.append({"unreadable": list(sheet.unreadable[:20]), "count": len(sheet.unreadable)})
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

"""People's answers as the loop of an automated job takes them.

Layer: engine (pure).
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gt_widgets.autolabel import record
from gt_widgets.engine.automated import task_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gt_widgets.autolabel import LoopState
    from gt_widgets.engine.jobs import Job

__all__ = ["recorded"]


def recorded(job: Job, state: LoopState, rows: Sequence[Any], *, stop: bool, cut: int) -> LoopState:
    """Add to the state what people answered since it was stored.

    Parameters
    ----------
    rows : sequence
        Of the pending objects: ``object_id, state, label, iteration``.
    stop : bool
        A stopping condition or a commit may come before all were asked: the calibration sample,
        drawn in random order, is then shorter.
    cut : int
        An iteration that was cut short, or 0: of a calibration sample its answers only train,
        because who answers what first is not random.
    """
    pending = state.pending
    labels = {row.object_id: _class_of(job, row.label) for row in rows if row.state == "labeled"}
    failed = {row.object_id for row in rows if row.state == "failed"}
    if stop:
        answered = tuple(o for o in pending.objects if o in labels or o in failed)
        state = replace(state, pending=replace(pending, objects=answered))
        if pending.purpose == "calibration":
            missed = set(pending.objects) - set(answered)
            missed |= {row.object_id for row in rows if cut and row.iteration == cut}
            drawn = tuple(o for o in state.calibration if o not in missed)
            state = replace(state, calibration=drawn)
    return record(state, labels, failed=failed)


def _class_of(job: Job, label: str) -> int:
    """Return the class of an object; boxes and masks only say that there is a label."""
    if task_of(job.task_type) != "classes":
        return 0
    return int(json.loads(label)[job.label_attribute])

"""The numbers behind a job's charts as JSON values.

Layer: training (pure).
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from gt_widgets.autolabel.certificate import GRID
from gt_widgets.autolabel.planner import Rates, cost_slider
from gt_widgets.autolabel.report import report
from gt_widgets.autolabel.sights import ClassRound

if TYPE_CHECKING:
    from gt_widgets.autolabel.sights import Round
    from gt_widgets.autolabel.state import LoopState

__all__ = ["chart_numbers"]

_BINS = 20
_LOSSES = (0.01, 0.02, 0.03, 0.05, 0.08, 0.1, 0.15, 0.2)
_LOSSES_IOU = (0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5)
_SHOWN = 10


def chart_numbers(
    state: LoopState, seen: Round, *, threshold: float | None = None
) -> dict[str, Any]:
    """Sum up a round.

    Parameters
    ----------
    state : LoopState
    seen : Round
    threshold : float, optional
        Where the line lies if this is no round of the state; its last certificate's unless given.

    Returns
    -------
    dict
        ``curve``, ``hardest``, ``above`` and ``below``, for classes all fields of
        `gt_widgets.autolabel.report.Report`; and ``confidence``: how many objects of the pool
        have which score, ``edges`` and ``counts``, and where the line lies; and ``targets``: how
        many of the pool a machine could label at other targets, and how many are left to people.
    """
    own = _of_classes(state, seen) if isinstance(seen, ClassRound) else _of_shapes(state, seen)
    line = _threshold(state) if threshold is None else threshold
    confidence = _histogram(seen, line)
    return {**own, "confidence": confidence, "targets": _targets(state, seen)}


def _targets(state: LoopState, seen: Round) -> list[dict[str, float]]:
    losses = _LOSSES_IOU if state.config.target_kind == "iou" else _LOSSES
    wanted = sorted({*losses, state.config.target})
    return [
        {
            "target": round(1.0 - at.target, 6),
            "machine": at.machine,
            "people": at.people,
            "low": at.low,
            "high": at.high,
        }
        for at in reversed(cost_slider(state, seen, Rates(), targets=wanted))
    ]


def _of_classes(state: LoopState, seen: ClassRound) -> dict[str, Any]:
    found = report(state, seen)
    return {
        "curve": [asdict(point) for point in found.curve],
        "reliability": [list(row) for row in found.reliability],
        "confusion": found.confusion.tolist(),
        "classes": [asdict(row) for row in found.classes],
        "hardest": list(found.hardest),
        "above": list(found.above),
        "below": list(found.below),
        "suspects": list(found.suspects),
    }


def _of_shapes(state: LoopState, seen: Round) -> dict[str, Any]:
    """Mean loss (1 - IoU) among the surest, and the pictures about the line."""
    able = np.sort(seen.pool_scores[seen.pool_scores > -np.inf])[::-1]
    curve = []
    for share in GRID if able.size else ():
        threshold = float(able[max(int(np.ceil(share * able.size)) - 1, 0)])
        inside = seen.losses[seen.scores >= threshold]
        curve.append(
            {
                "coverage": float((seen.pool_scores >= threshold).mean()),
                "threshold": threshold,
                "error": float(inside.mean()) if inside.size else 0.0,
                "n": int(inside.size),
            }
        )
    order = np.argsort(seen.pool_scores, kind="stable")
    line = _threshold(state)
    cut = len(order) if line is None else int((seen.pool_scores < line).sum())
    return {
        "curve": curve,
        "hardest": seen.pool[order[:_SHOWN]].tolist(),
        "above": seen.pool[order[cut : cut + _SHOWN]].tolist(),
        "below": seen.pool[order[max(cut - _SHOWN, 0) : cut][::-1]].tolist(),
    }


def _threshold(state: LoopState) -> float | None:
    return state.last.certificate.threshold if state.last else None


def _histogram(seen: Round, line: float | None) -> dict[str, Any]:
    scores = seen.pool_scores[seen.pool_scores > -np.inf]
    low = min(0.0, float(scores.min())) if scores.size else 0.0
    counts, edges = np.histogram(scores, bins=_BINS, range=(low, 1.0))
    return {
        "edges": [round(float(edge), 4) for edge in edges],
        "counts": [int(count) for count in counts],
        "threshold": line,
    }

"""The numbers behind a job's charts as JSON values.

Layer: training (pure).
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from gt_widgets.autolabel.report import report

if TYPE_CHECKING:
    from gt_widgets.autolabel.sights import ClassRound
    from gt_widgets.autolabel.state import LoopState

__all__ = ["chart_numbers"]

_BINS = 20


def chart_numbers(state: LoopState, seen: ClassRound) -> dict[str, Any]:
    """Sum up a round.

    Returns
    -------
    dict
        The fields of `gt_widgets.autolabel.report.Report`, and ``confidence``: how many objects
        of the pool have which score, ``edges`` and ``counts``, and where the line lies.
    """
    found = report(state, seen)
    scores = seen.pool_scores[seen.pool_scores > -np.inf]
    counts, edges = np.histogram(scores, bins=_BINS, range=(0.0, 1.0))
    certificate = state.last.certificate if state.last else None
    return {
        "curve": [asdict(point) for point in found.curve],
        "reliability": [list(row) for row in found.reliability],
        "confusion": found.confusion.tolist(),
        "classes": [asdict(row) for row in found.classes],
        "hardest": list(found.hardest),
        "above": list(found.above),
        "below": list(found.below),
        "suspects": list(found.suspects),
        "confidence": {
            "edges": [round(float(edge), 4) for edge in edges],
            "counts": [int(count) for count in counts],
            "threshold": certificate.threshold if certificate else None,
        },
    }

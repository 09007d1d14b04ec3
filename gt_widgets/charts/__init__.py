"""Pictures of results: a gallery with overlays, counts, times, agreement and accuracy.

Layer: charts (matplotlib; imports nothing else of ours).
"""

from __future__ import annotations

from gt_widgets.charts.automation import (
    accuracy_against_coverage,
    confidences,
    cost_per_round,
    labels_per_round,
)
from gt_widgets.charts.figures import (
    Chart,
    accuracy_intervals,
    agreement_heat_map,
    confusion_heat_map,
    label_bars,
    worker_bars,
)
from gt_widgets.charts.gallery import Picture, gallery

__all__ = [
    "Chart",
    "Picture",
    "accuracy_against_coverage",
    "accuracy_intervals",
    "agreement_heat_map",
    "confidences",
    "confusion_heat_map",
    "cost_per_round",
    "gallery",
    "label_bars",
    "labels_per_round",
    "worker_bars",
]

"""Pictures of results: galleries, counts, times, agreement, accuracy, automated labeling.

Layer: charts (matplotlib; imports nothing else of ours).
"""

from __future__ import annotations

from gt_widgets.charts.automation import (
    accuracy_by_coverage,
    automation_overview,
    class_coverage,
    confidence_charts,
    cost_by_round,
    cost_by_target,
    labels_by_round,
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
from gt_widgets.charts.palette import themed
from gt_widgets.charts.plans import plan_bars

__all__ = [
    "Chart",
    "Picture",
    "accuracy_by_coverage",
    "accuracy_intervals",
    "agreement_heat_map",
    "automation_overview",
    "class_coverage",
    "confidence_charts",
    "confusion_heat_map",
    "cost_by_round",
    "cost_by_target",
    "gallery",
    "label_bars",
    "labels_by_round",
    "plan_bars",
    "themed",
    "worker_bars",
]

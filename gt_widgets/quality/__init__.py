"""Worker quality: accuracy with intervals, agreement, gold objects, human-level performance.

Layer: quality (pure; imports ``consolidation``, ``query``, ``geometry`` and ``errors``).
"""

from __future__ import annotations

from gt_widgets.quality.agreement import (
    cohen_kappa,
    count_table,
    fleiss_kappa,
    krippendorff_alpha,
)
from gt_widgets.quality.gap import ErrorGap, error_gap
from gt_widgets.quality.gold import MixedManifest, gold_answers, is_right, mix_gold, score_gold
from gt_widgets.quality.human_level import HumanLevel, human_level
from gt_widgets.quality.intervals import Share, clopper_pearson
from gt_widgets.quality.workers import (
    agreement_measures,
    confusion_matrix,
    kappa_table,
    worker_quality,
)

__all__ = [
    "ErrorGap",
    "HumanLevel",
    "MixedManifest",
    "Share",
    "agreement_measures",
    "clopper_pearson",
    "cohen_kappa",
    "confusion_matrix",
    "count_table",
    "error_gap",
    "fleiss_kappa",
    "gold_answers",
    "human_level",
    "is_right",
    "kappa_table",
    "krippendorff_alpha",
    "mix_gold",
    "score_gold",
    "worker_quality",
]

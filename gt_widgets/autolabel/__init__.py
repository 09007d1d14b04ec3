"""Automated data labeling: people label some objects, a model the ones it can be held to.

Layer: autolabel (pure; imports only ``errors``, ``schema`` and ``geometry``). ``loop`` decides,
``sights`` know the tasks, ``certificate`` promises, ``queries`` choose, ``learners`` learn,
``features`` see.
"""

from __future__ import annotations

from gt_widgets.autolabel.bounds import betting_upper, clopper_pearson_upper, finite_upper
from gt_widgets.autolabel.certificate import Certificate, certify
from gt_widgets.autolabel.config import AutoLabelConfig
from gt_widgets.autolabel.loop import advance, begin, foresee, look
from gt_widgets.autolabel.sights import BoxSight, ClassSight, MaskSight, Sight
from gt_widgets.autolabel.state import (
    Decision,
    LoopState,
    MachineBox,
    MachineLabel,
    RoundSummary,
    record,
    relabeled,
)

__all__ = [
    "AutoLabelConfig",
    "BoxSight",
    "Certificate",
    "ClassSight",
    "Decision",
    "LoopState",
    "MachineBox",
    "MachineLabel",
    "MaskSight",
    "RoundSummary",
    "Sight",
    "advance",
    "begin",
    "betting_upper",
    "certify",
    "clopper_pearson_upper",
    "finite_upper",
    "foresee",
    "look",
    "record",
    "relabeled",
]

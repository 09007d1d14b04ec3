"""Sights: one per task, each what the loop needs to know of it; ``protocol`` says what that is.

Layer: autolabel (imports only ``errors``, ``schema`` and ``geometry``).
"""

from __future__ import annotations

from gt_widgets.autolabel.sights.boxes import BoxRound, BoxSight
from gt_widgets.autolabel.sights.classes import ClassRound, ClassSight, View
from gt_widgets.autolabel.sights.masks import MaskRound, MaskSight
from gt_widgets.autolabel.sights.protocol import Model, Round, Sight

__all__ = [
    "BoxRound",
    "BoxSight",
    "ClassRound",
    "ClassSight",
    "MaskRound",
    "MaskSight",
    "Model",
    "Round",
    "Sight",
    "View",
]

"""Learners: what fits and predicts. One file per learner; ``protocol`` says what each must do.

Layer: autolabel (imports only ``errors``).
"""

from __future__ import annotations

from gt_widgets.autolabel.learners.cleaned import CleanedLearner, beyond_belief
from gt_widgets.autolabel.learners.files import load_learner
from gt_widgets.autolabel.learners.kernel import KernelLearner, kernel_family
from gt_widgets.autolabel.learners.linear import LinearLearner, linear_family
from gt_widgets.autolabel.learners.protocol import Family, Learner, MaskLearner

__all__ = [
    "CleanedLearner",
    "Family",
    "KernelLearner",
    "Learner",
    "LinearLearner",
    "MaskLearner",
    "beyond_belief",
    "kernel_family",
    "linear_family",
    "load_learner",
]

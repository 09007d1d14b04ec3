"""Read a model file of any of our learners.

Layer: autolabel (imports only ``errors``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gt_widgets.autolabel.learners.archive import kind_of, read_model
from gt_widgets.autolabel.learners.cnn import SmallCnn
from gt_widgets.autolabel.learners.kernel import KernelLearner
from gt_widgets.autolabel.learners.linear import LinearLearner
from gt_widgets.errors import ModelFileError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["load_learner"]


def load_learner(path: str | Path) -> LinearLearner | KernelLearner | SmallCnn:
    """Load by what the file says it is.

    Raises
    ------
    ModelFileError
        If it is none of them.
    """
    kind = kind_of(read_model(path))
    if kind.startswith("linear"):
        return LinearLearner.load(path)
    if kind.startswith("kernel"):
        return KernelLearner.load(path)
    if kind.startswith("cnn"):
        return SmallCnn.load(path)
    raise ModelFileError(f"{path}: expected a linear, kernel or cnn model; found {kind!r}")

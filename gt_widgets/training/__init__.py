"""Training and prediction of automated data labeling, in a process of its own.

Layer: training (imports ``autolabel``, ``schema`` and ``errors``; knows no store and no service).
The engine writes a `Request`, ``python -m gt_widgets.training`` answers it with a `Result`: one
step of the loop. The same request always has the same result, so a step whose process was killed
is simply repeated.
"""

from __future__ import annotations

from gt_widgets.training.messages import Request, Result, read_result, write_whole
from gt_widgets.training.steps import take_step

__all__ = ["Request", "Result", "read_result", "take_step", "write_whole"]

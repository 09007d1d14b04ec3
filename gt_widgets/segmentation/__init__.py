"""Auto-segment: a rough hint on a picture becomes a proposal for a mask.

Layer: segmentation (pure; imports ``schema`` and ``errors``). Without weights the proposal comes
from the picture's own colours; with a promptable ONNX model of the user's, from that model. Run
it where it may take time and die: it decodes pictures from outside.
"""

from __future__ import annotations

from gt_widgets.segmentation.colors import propose_by_color
from gt_widgets.segmentation.prompts import Prompt, Region, read_prompt
from gt_widgets.segmentation.proposals import ModelFiles, propose

__all__ = ["ModelFiles", "Prompt", "Region", "propose", "propose_by_color", "read_prompt"]

"""Detectors: what finds boxes. One file per detector; ``protocol`` says what each must do.

Layer: autolabel (imports only ``errors`` and ``geometry``).
"""

from __future__ import annotations

from gt_widgets.autolabel.detectors.centres import CentreDetector
from gt_widgets.autolabel.detectors.onnx import OnnxDetector
from gt_widgets.autolabel.detectors.protocol import Detector, DetectorMaker

__all__ = ["CentreDetector", "Detector", "DetectorMaker", "OnnxDetector"]

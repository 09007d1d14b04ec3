"""Features: objects as rows of numbers. ``images`` and ``text`` need no weights.

Layer: autolabel (imports only ``errors``).
"""

from __future__ import annotations

from gt_widgets.autolabel.features.cache import FeatureCache, embed_cached
from gt_widgets.autolabel.features.images import ImageFeatures
from gt_widgets.autolabel.features.onnx import OnnxEmbedder
from gt_widgets.autolabel.features.protocol import Embedder
from gt_widgets.autolabel.features.reduce import principal_axes, reduce_rows
from gt_widgets.autolabel.features.text import SentenceFolder, TextFeatures

__all__ = [
    "Embedder",
    "FeatureCache",
    "ImageFeatures",
    "OnnxEmbedder",
    "SentenceFolder",
    "TextFeatures",
    "embed_cached",
    "principal_axes",
    "reduce_rows",
]

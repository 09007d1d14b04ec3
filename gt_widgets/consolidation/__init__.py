"""Annotation consolidation: many worker responses become one label and a confidence.

Layer: consolidation (pure; imports only ``geometry`` and ``errors``). One file per method.
"""

from __future__ import annotations

from gt_widgets.consolidation.boxes import consolidate_boxes
from gt_widgets.consolidation.majority import majority_vote
from gt_widgets.consolidation.multiclass import class_posteriors, consolidate_classes
from gt_widgets.consolidation.types import (
    Box,
    BoxResponse,
    Consolidated,
    ConsolidatedBoxes,
    ConsolidatedEntities,
    ConsolidatedLabels,
    ConsolidatedMask,
    ConsolidatedShapes,
    Entity,
    EntityResponse,
    LabelSetResponse,
    MaskResponse,
    Shape,
    ShapeResponse,
    WorkerResponse,
)

__all__ = [
    "Box",
    "BoxResponse",
    "Consolidated",
    "ConsolidatedBoxes",
    "ConsolidatedEntities",
    "ConsolidatedLabels",
    "ConsolidatedMask",
    "ConsolidatedShapes",
    "Entity",
    "EntityResponse",
    "LabelSetResponse",
    "MaskResponse",
    "Shape",
    "ShapeResponse",
    "WorkerResponse",
    "class_posteriors",
    "consolidate_boxes",
    "consolidate_classes",
    "majority_vote",
]

"""Annotation consolidation: many worker responses become one label and a confidence.

Layer: consolidation (pure; imports only ``geometry`` and ``errors``). One file per method.
"""

from __future__ import annotations

from gt_widgets.consolidation.boxes import BoxMethod, consolidate_box_batch, consolidate_boxes
from gt_widgets.consolidation.entities import consolidate_entities
from gt_widgets.consolidation.majority import majority_vote
from gt_widgets.consolidation.masks import consolidate_masks
from gt_widgets.consolidation.multiclass import class_posteriors, consolidate_classes
from gt_widgets.consolidation.shapes import ShapeKind, consolidate_shapes
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
    "BoxMethod",
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
    "ShapeKind",
    "ShapeResponse",
    "WorkerResponse",
    "class_posteriors",
    "consolidate_box_batch",
    "consolidate_boxes",
    "consolidate_classes",
    "consolidate_entities",
    "consolidate_masks",
    "consolidate_shapes",
    "majority_vote",
]

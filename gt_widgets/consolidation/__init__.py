"""Annotation consolidation: many worker responses become one label and a confidence.

Layer: consolidation (pure; imports only ``geometry`` and ``errors``). One file per method.
"""

from __future__ import annotations

from gt_widgets.consolidation.answers import AnswerTable, Estimate, answer_table
from gt_widgets.consolidation.boxes import BoxMethod, consolidate_box_batch, consolidate_boxes
from gt_widgets.consolidation.classes import METHODS, consolidate_classes
from gt_widgets.consolidation.dawid_skene import dawid_skene
from gt_widgets.consolidation.entities import consolidate_entities
from gt_widgets.consolidation.hierarchical import hierarchical
from gt_widgets.consolidation.instances import consolidate_instances
from gt_widgets.consolidation.majority import majority, majority_vote
from gt_widgets.consolidation.masks import consolidate_masks
from gt_widgets.consolidation.multiclass import class_posteriors, ground_truth
from gt_widgets.consolidation.multilabel import consolidate_label_sets
from gt_widgets.consolidation.one_coin import one_coin
from gt_widgets.consolidation.shapes import ShapeKind, consolidate_shapes
from gt_widgets.consolidation.types import (
    Box,
    BoxResponse,
    Consolidated,
    ConsolidatedBoxes,
    ConsolidatedEntities,
    ConsolidatedInstances,
    ConsolidatedLabels,
    ConsolidatedMask,
    ConsolidatedShapes,
    Entity,
    EntityResponse,
    InstanceResponse,
    LabelSetResponse,
    MaskResponse,
    Shape,
    ShapeResponse,
    WorkerResponse,
)

__all__ = [
    "METHODS",
    "AnswerTable",
    "Box",
    "BoxMethod",
    "BoxResponse",
    "Consolidated",
    "ConsolidatedBoxes",
    "ConsolidatedEntities",
    "ConsolidatedInstances",
    "ConsolidatedLabels",
    "ConsolidatedMask",
    "ConsolidatedShapes",
    "Entity",
    "EntityResponse",
    "Estimate",
    "InstanceResponse",
    "LabelSetResponse",
    "MaskResponse",
    "Shape",
    "ShapeKind",
    "ShapeResponse",
    "WorkerResponse",
    "answer_table",
    "class_posteriors",
    "consolidate_box_batch",
    "consolidate_boxes",
    "consolidate_classes",
    "consolidate_entities",
    "consolidate_instances",
    "consolidate_label_sets",
    "consolidate_masks",
    "consolidate_shapes",
    "dawid_skene",
    "ground_truth",
    "hierarchical",
    "majority",
    "majority_vote",
    "one_coin",
]

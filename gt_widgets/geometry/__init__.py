"""Boxes, polygons, lines and points as numbers, in image pixels.

Layer: geometry (pure functions on numpy arrays; imports only ``errors``).
"""

from __future__ import annotations

from gt_widgets.geometry.boxes import (
    as_boxes,
    box_areas,
    boxes_to_edges,
    clip_boxes,
    edges_to_boxes,
    iou_matrix,
    iou_of_rows,
    match_boxes,
    round_boxes,
)
from gt_widgets.geometry.curves import (
    as_vertices,
    curve_distance,
    curve_length,
    densify,
    nearest_on_curve,
    polygon_area,
    polygon_iou,
    resample,
    thin_out,
)

__all__ = [
    "as_boxes",
    "as_vertices",
    "box_areas",
    "boxes_to_edges",
    "clip_boxes",
    "curve_distance",
    "curve_length",
    "densify",
    "edges_to_boxes",
    "iou_matrix",
    "iou_of_rows",
    "match_boxes",
    "nearest_on_curve",
    "polygon_area",
    "polygon_iou",
    "resample",
    "round_boxes",
    "thin_out",
]

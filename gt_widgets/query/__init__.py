"""Questions about output manifests and worker responses, answered as DataFrames.

Layer: query (pure functions; imports only ``errors``, ``geometry`` and ``charts``).
"""

from __future__ import annotations

from gt_widgets.query.agreement import agreement
from gt_widgets.query.catalog import (
    filter_objects,
    join_attributes,
    label_attributes,
    objects_frame,
)
from gt_widgets.query.frames import (
    boxes_frame,
    label_counts,
    manifest_frame,
    time_per_task,
    worker_frame,
)
from gt_widgets.query.labels import entities_frame, shapes_frame
from gt_widgets.query.splits import rarest_labels, split
from gt_widgets.query.statistics import box_statistics, job_statistics, label_statistics

__all__ = [
    "agreement",
    "box_statistics",
    "boxes_frame",
    "entities_frame",
    "filter_objects",
    "job_statistics",
    "join_attributes",
    "label_attributes",
    "label_counts",
    "label_statistics",
    "manifest_frame",
    "objects_frame",
    "rarest_labels",
    "shapes_frame",
    "split",
    "time_per_task",
    "worker_frame",
]

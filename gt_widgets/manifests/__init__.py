"""Whole manifests as streams: validate, sample, filter, join, make and check them.

Layer: manifests (imports ``errors`` and ``schema``). A million lines never stand in memory at
once, and a line that is kept is kept byte for byte.
"""

from __future__ import annotations

from gt_widgets.manifests.check import Report, check, repair
from gt_widgets.manifests.join import join_by_line, join_by_source
from gt_widgets.manifests.problems import Problem
from gt_widgets.manifests.select import select_lines
from gt_widgets.manifests.setup import (
    Setup,
    Skipped,
    csv_manifest,
    image_manifest,
    manifest_name,
    text_manifest,
)
from gt_widgets.manifests.streams import (
    Census,
    count_objects,
    data_lines,
    filter_lines,
    pick_lines,
    sample_lines,
    validate,
    write_lines,
)

__all__ = [
    "Census",
    "Problem",
    "Report",
    "Setup",
    "Skipped",
    "check",
    "count_objects",
    "csv_manifest",
    "data_lines",
    "filter_lines",
    "image_manifest",
    "join_by_line",
    "join_by_source",
    "manifest_name",
    "pick_lines",
    "repair",
    "sample_lines",
    "select_lines",
    "text_manifest",
    "validate",
    "write_lines",
]

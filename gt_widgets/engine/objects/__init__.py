"""The object store behind the local S3: one folder, or whatever else has its methods.

Layer: engine (imports ``errors`` and ``engine.clock``).
"""

from __future__ import annotations

from gt_widgets.engine.objects.interface import Objects, Uploads
from gt_widgets.engine.objects.records import (
    Attributes,
    BucketInfo,
    Condition,
    Expected,
    Listing,
    ObjectInfo,
    PartInfo,
    UploadInfo,
)
from gt_widgets.engine.objects.store import ObjectStore

__all__ = [
    "Attributes",
    "BucketInfo",
    "Condition",
    "Expected",
    "Listing",
    "ObjectInfo",
    "ObjectStore",
    "Objects",
    "PartInfo",
    "UploadInfo",
    "Uploads",
]

"""The workshop in verbs, over boto3.

Layer: controller.
"""

from __future__ import annotations

from gt_widgets.controller.data import Dataset
from gt_widgets.controller.jobs import LabelingJob
from gt_widgets.controller.places import AwsPlace, LocalPlace, Place, Views
from gt_widgets.controller.session import Session
from gt_widgets.controller.teams import Team

__all__ = [
    "AwsPlace",
    "Dataset",
    "LabelingJob",
    "LocalPlace",
    "Place",
    "Session",
    "Team",
    "Views",
]

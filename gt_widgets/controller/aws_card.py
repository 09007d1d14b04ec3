"""The job card of a job on AWS, from what DescribeLabelingJob says.

Layer: controller (pure).
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gt_widgets.pricing import Estimate

__all__ = ["card_on_aws"]


def card_on_aws(described: Mapping[str, Any], cost: Estimate) -> dict[str, Any]:
    """Sum up a job on AWS as the requester protocol's ``card`` does here.

    Parameters
    ----------
    described : mapping
        DescribeLabelingJob's answer.
    cost : Estimate
        Up to now.
    """
    counters, human = described["LabelCounters"], described["HumanTaskConfig"]
    return {
        "job_name": described["LabelingJobName"],
        "status": described["LabelingJobStatus"],
        "task_type": human.get("PreHumanTaskLambdaArn", "").rsplit("-", 1)[-1],
        "team": human["WorkteamArn"].rsplit("/", 1)[-1],
        "counters": {
            "total": counters["TotalLabeled"]
            + counters["Unlabeled"]
            + counters["FailedNonRetryableError"],
            "human_labeled": counters["HumanLabeled"],
            "machine_labeled": counters["MachineLabeled"],
            "failed": counters["FailedNonRetryableError"],
            "unlabeled": counters["Unlabeled"],
            "foreseen": 0,
        },
        "batch": {"iteration": 0, "objects": 0, "tasks_done": 0, "tasks_total": 0, "leased": 0},
        "workers": [],
        "cost": {
            "so_far_usd": cost.total_usd,
            "estimate_usd": cost.total_usd,
            "explanation": str(cost),
        },
        "automation": None,
        "next": "AWS does not say what the job waits for; workers see it in their portal.",
        "failure_reason": described.get("FailureReason"),
        "manifest_uri": str(described["LabelingJobOutput"]["OutputDatasetS3Uri"]),
        "created_at": described["CreationTime"].timestamp(),
        "now": time.time(),
        "seconds_per_task": None,
        "recent": [],
        "categories": [],
    }

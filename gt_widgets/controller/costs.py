"""What a job costs: before it is created, and for jobs on AWS, from what DescribeLabelingJob says.

Layer: controller. The local engine counts tasks and hours itself (``engine/costs.py``).
"""

from __future__ import annotations

from typing import Any

from gt_widgets.pricing import (
    Estimate,
    amount_in_usd,
    billed_s,
    estimate,
    free_objects_left,
    sample_vendors,
    suggest_task_price_usd,
)
from gt_widgets.schema.arns import crowd_of

__all__ = ["cost_on_aws", "estimate_job"]


def estimate_job(
    objects: int,
    *,
    team_arn: str | None,
    workers_per_object: int,
    task: str,
    seconds_per_task: float,
    task_price_usd: float | None,
    account_month: int | None,
    human_objects: int | None = None,
) -> Estimate:
    """Estimate a job that does not exist yet.

    Parameters
    ----------
    objects : int >= 0
    human_objects : int in 0..objects, optional
        Those that people label; all of them unless given.
    team_arn : str or None
        A private team's work costs nothing, the public crowd's per task, a vendor's per hour.
    task_price_usd : float, optional
        For the public crowd; the price that suits ``seconds_per_task`` unless given.

    Raises
    ------
    ValidationError
        If a number lies outside its range, or the ARN is not a work team's.
    """
    crowd, name = crowd_of(team_arn) if team_arn else ("private", "")
    price, hourly, work_s = 0.0, 0.0, 0.0
    if crowd == "public":
        suggested = suggest_task_price_usd(seconds_per_task, task_type=task)
        price = suggested if task_price_usd is None else task_price_usd
    if crowd == "vendor":
        known = {vendor.vendor_id: vendor.hourly_usd for vendor in sample_vendors()}
        hourly = known.get(name, 0.0)
        by_people = objects if human_objects is None else human_objects
        work_s = by_people * workers_per_object * billed_s([seconds_per_task])
    return estimate(
        objects,
        human_objects=human_objects,
        workers_per_object=workers_per_object,
        task_price_usd=price,
        hourly_usd=hourly,
        work_s=work_s,
        free_objects=free_objects_left(month=account_month) if account_month else 0,
    )


def cost_on_aws(described: dict[str, Any], *, whole: bool, account_month: int | None) -> Estimate:
    """Cost of a job on AWS by its counters; what a vendor asks is between it and the account."""
    counters, human = described["LabelCounters"], described["HumanTaskConfig"]
    to_come = counters["Unlabeled"] if whole else 0
    amount = human.get("PublicWorkforceTaskPrice", {}).get("AmountInUsd", {})
    return estimate(
        counters["TotalLabeled"] + to_come,
        human_objects=counters["HumanLabeled"] + to_come,
        workers_per_object=human["NumberOfHumanWorkersPerDataObject"],
        task_price_usd=amount_in_usd(amount),
        free_objects=free_objects_left(month=account_month) if account_month else 0,
    )

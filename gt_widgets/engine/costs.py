"""What a job has cost so far on AWS, and what it will have cost when it is done.

Layer: engine. The prices are those of ``gt_widgets.pricing``; here stands what is counted: objects
that this job labels (not those that a chained manifest brought along), tasks that workers did, a
vendor's hours, and the objects that earlier jobs of the same month have put into the first tiers.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from gt_widgets.engine.automated import automated
from gt_widgets.engine.tables import jobs
from gt_widgets.pricing import Estimate, amount_in_usd, billed_s, estimate, free_objects_left
from gt_widgets.schema.arns import crowd_of
from gt_widgets.schema.jobs import JobStatus

if TYPE_CHECKING:
    from collections.abc import Callable

    from gt_widgets.engine.crowds import Crowds
    from gt_widgets.engine.jobs import Job
    from gt_widgets.engine.store import Store
    from gt_widgets.engine.tallies import Tallies

__all__ = ["Cost", "Costs"]

_GUESS_S = 30.0
"""Seconds per task where nobody has answered yet."""
_MOVING = (JobStatus.INITIALIZING, JobStatus.IN_PROGRESS)


@dataclass(frozen=True, slots=True)
class Cost:
    """A job's costs: up to now, and as a whole. ``seconds_per_task`` is measured or a guess."""

    so_far: Estimate
    whole: Estimate
    seconds_per_task: float


@dataclass(frozen=True, slots=True)
class _Counted:
    labeled: int
    by_people: int
    to_come: int
    answers: int
    billed_s: float
    seconds_per_task: float


class Costs:
    """Counts what jobs cost.

    Parameters
    ----------
    store, tallies : Store, Tallies
        What was labeled, and by whom.
    crowds : Crowds
        What vendors ask for an hour.
    """

    def __init__(self, store: Store, tallies: Tallies, crowds: Crowds) -> None:
        self._store, self._tallies, self._crowds = store, tallies, crowds

    def of(self, job: Job, *, account_month: int | None = None) -> Cost:
        """Cost of one job.

        Parameters
        ----------
        account_month : int >= 1, optional
            Which month of the account's SageMaker use it is; 500 objects are free in each of the
            first two. Nothing is free unless it is given ($02).
        """
        counted = self._counted(job)
        before = self._labeled_before(job)
        free = 0
        if account_month is not None:
            free = free_objects_left(month=account_month, labeled_before=before)
        price, hourly = self._prices(job)
        given: dict[str, Any] = {
            "workers_per_object": job.workers_per_object,
            "task_price_usd": price,
            "hourly_usd": hourly,
            "labeled_before": before,
            "free_objects": free,
        }
        left = counted.to_come * job.workers_per_object
        left_s = left * billed_s([counted.seconds_per_task])
        so_far = estimate(
            counted.labeled,
            human_objects=counted.by_people,
            tasks=counted.answers,
            work_s=counted.billed_s,
            **given,
        )
        whole = estimate(
            counted.labeled + counted.to_come,
            human_objects=counted.by_people + counted.to_come,
            tasks=counted.answers + left,
            work_s=counted.billed_s + left_s,
            **given,
        )
        return Cost(so_far, whole, round(counted.seconds_per_task, 1))

    def billing(self, job: Job) -> Callable[[int], tuple[float, float]]:
        """Split the bill of a whole job between people and a machine, as of now.

        Returns
        -------
        callable
            From how many objects people label to US dollars for what people label, and for what
            the machine does: the price of its objects.
        """
        price, hourly = self._prices(job)
        each_s = billed_s([self._counted(job).seconds_per_task])
        whole, before = job.total - job.kept, self._labeled_before(job)

        def split(people: int) -> tuple[float, float]:
            found = estimate(
                whole,
                human_objects=people,
                workers_per_object=job.workers_per_object,
                task_price_usd=price,
                hourly_usd=hourly,
                work_s=people * job.workers_per_object * each_s,
                labeled_before=before,
            )
            machine = found.base_usd * (whole - people) / whole if whole else 0.0
            return round(found.total_usd - machine, 4), round(machine, 4)

        return split

    def _counted(self, job: Job) -> _Counted:
        labeled = job.human_labeled + job.machine_labeled - job.kept  # kept ones are not paid again
        machine = min(job.machine_labeled, labeled) if automated(job) else 0
        tallies = self._tallies.of_job(job.job_id).values()
        answers = sum(tally.answers for tally in tallies)
        seconds = sum(tally.seconds for tally in tallies)
        return _Counted(
            labeled=labeled,
            by_people=labeled - machine,
            to_come=job.unlabeled if job.status in _MOVING else 0,
            answers=answers,
            billed_s=billed_s(tally.seconds for tally in tallies),
            seconds_per_task=seconds / answers if answers else _GUESS_S,
        )

    def _prices(self, job: Job) -> tuple[float, float]:
        """Price per task of the public crowd, and per hour of a vendor."""
        arn = job.human["WorkteamArn"]
        crowd = crowd_of(arn)[0]
        if crowd == "vendor":
            return 0.0, self._crowds.vendor(arn).hourly_usd
        amount = job.human.get("PublicWorkforceTaskPrice", {}).get("AmountInUsd", {})
        return (amount_in_usd(amount) if crowd == "public" else 0.0), 0.0

    def _labeled_before(self, job: Job) -> int:
        """Objects that jobs created earlier in the same month have labeled."""
        created = datetime.fromtimestamp(job.created_at, UTC)
        first = created.replace(day=1, hour=0, minute=0, second=0, microsecond=0).timestamp()
        labeled = jobs.c.human_labeled + jobs.c.machine_labeled - jobs.c.kept
        with self._store.reading() as connection:
            found = connection.scalar(
                sa.select(sa.func.sum(labeled))
                .where(jobs.c.created_at >= first, jobs.c.created_at <= job.created_at)
                .where(jobs.c.job_id < job.job_id)
            )
        return int(found or 0)

"""The verbs of a session that go from job to job: vendors, estimates, clones, chains, streams.

Layer: controller.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from gt_widgets.controller.chains import (
    chained_label_attribute,
    chained_request,
    cloned_request,
    merged,
)
from gt_widgets.controller.costs import estimate_job
from gt_widgets.controller.data import Dataset
from gt_widgets.controller.requests import known_task
from gt_widgets.errors import ValidationError
from gt_widgets.schema.arns import public_crowd_arn
from gt_widgets.schema.tasks import TASK_TYPES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gt_widgets.controller.jobs import LabelingJob
    from gt_widgets.controller.pilots import KnownPilot
    from gt_widgets.controller.places import Views
    from gt_widgets.controller.planning import JobPlan
    from gt_widgets.controller.teams import Team
    from gt_widgets.pricing import Estimate

__all__ = ["JobVerbs"]


class JobVerbs(ABC):
    """What a session can do with jobs that are there already."""

    _views: Views

    @abstractmethod
    def client(self, service: str) -> Any:
        """Return the boto3 client of a service."""

    @property
    @abstractmethod
    def region(self) -> str:
        """Region of every call."""

    @abstractmethod
    def labeling_job(self, name: str) -> LabelingJob:
        """Attach to a job that exists."""

    @abstractmethod
    def _new_job(self, name: str, data: Dataset, settings: Mapping[str, Any]) -> LabelingJob:
        """Create a labeling job with settings of ``create_labeling_job``."""

    @abstractmethod
    def _attached(self, name: str, data: Dataset | None) -> LabelingJob:
        """Attach to a job whose data is known."""

    def labeling_jobs(self) -> list[dict[str, Any]]:
        """List the account's labeling jobs, newest first, as ListLabelingJobs gives them."""
        pages = self.client("sagemaker").get_paginator("list_labeling_jobs")
        found = pages.paginate(SortBy="CreationTime", SortOrder="Descending")
        return [job for page in found for job in page["LabelingJobSummaryList"]]

    def vendors(self) -> list[dict[str, Any]]:
        """List the vendor teams this account is subscribed to, as the marketplace shows them.

        Locally these are three fictional samples, whose workers are simulated. Give a vendor's
        ``WorkteamArn`` as ``team`` of a job.
        """
        pages = self.client("sagemaker").get_paginator("list_subscribed_workteams").paginate()
        return [team for page in pages for team in page["SubscribedWorkteams"]]

    @property
    def public_crowd(self) -> str:
        """ARN of the public crowd; locally its workers are simulated."""
        return public_crowd_arn(self.region)

    def estimate(
        self,
        data: Dataset | int,
        *,
        team: Team | str | None = None,
        workers_per_object: int = 1,
        task: str = "bounding-box",
        seconds_per_task: float = 30.0,
        task_price_usd: float | None = None,
        account_month: int | None = None,
    ) -> Estimate:
        """What a job would cost on AWS, before it is created.

        Parameters
        ----------
        data : Dataset or int
            The data, or how many objects.
        team : Team or ARN, optional
            A vendor asks for hours and the public crowd for a price per task; a private team, which
            is taken unless another is given, for nothing.
        workers_per_object : int in 1..9
        task : str
            As in `create_labeling_job`; some tasks have a least price.
        seconds_per_task : float >= 0
            A guess.
        task_price_usd : float, optional
            For the public crowd; the price that suits ``seconds_per_task`` unless given.
        account_month : int >= 1, optional
            Which month of SageMaker use it is: in the first two, 500 objects are free.
        """
        return estimate_job(
            data if isinstance(data, int) else len(data),
            team_arn=team if isinstance(team, str) or team is None else team.arn,
            workers_per_object=workers_per_object,
            task=task,
            seconds_per_task=seconds_per_task,
            task_price_usd=task_price_usd,
            account_month=account_month,
        )

    def plan_labeling_job(
        self,
        data: Dataset | int,
        *,
        task: str = "bounding-box",
        target: float | None = None,
        pilot: LabelingJob | Dataset | str | None = None,
        label_attribute: str | None = None,
        accuracy: float | tuple[float, float] | None = None,
        seconds_per_task: float | None = None,
        workers_per_object: int = 1,
        team: Team | str | None = None,
        task_price_usd: float | None = None,
        account_month: int | None = None,
        hourly_usd: float = 0.0,
        automation: Mapping[str, Any] | None = None,
        seed: int = 0,
    ) -> JobPlan:
        """Plan a job with automated labeling before it is created: its bill, hours and coverage.

        The job is played through some dozens of times, with the loop's own rules, on a model as
        the pilot shows it or as you assume it; every number has the band that 9 of 10 plays lie in.

        Parameters
        ----------
        data : Dataset or int
            The data, or how many objects.
        task : str
            One that a machine can do: a class, boxes or masks.
        target : float in (0, 1), optional
            As in `create_labeling_job`.
        pilot : LabelingJob, its name, or Dataset, optional
            Labels that are there already. Classes: at least 40 objects that were drawn at random,
            from a job or a manifest that one wrote; of an automated job its random sample counts.
            Boxes and masks: an automated job, whose held-out mean IoU is taken.
        label_attribute : str, optional
            Of a manifest; the first one with classes unless given.
        accuracy : float or (float, float), optional
            Where there is no pilot: how often a model is right that has learned from the random
            sample, or its mean IoU; a range where you do not know better.
        seconds_per_task : float > 0, optional
            What the pilot's workers took, or a guess by the kind of task, unless given.
        workers_per_object, team, task_price_usd, account_month
            As in `estimate`.
        hourly_usd : float >= 0
            What an hour of your own people costs you; AWS's bill has nothing for them.
        automation : mapping, optional
            ``calibration``, ``batch``, ``patience`` and ``confidence``, as `create_labeling_job`
            takes them.
        seed : int
            The same seed gives the same plan.

        Returns
        -------
        JobPlan
            Shows itself in a notebook; ``plan`` has the numbers.

        Raises
        ------
        ValidationError
            If a machine cannot do the task, there is neither pilot nor assumption, or the pilot is
            too small.
        """
        from gt_widgets.controller.planning import basis_of, plan_job, plannable

        task_type = known_task(task)
        known = self._pilot(pilot, label_attribute)
        basis = basis_of(
            plannable(task_type),
            pilot=known.found,
            pilot_objects=known.objects,
            accuracy=accuracy,
            seconds_per_task=seconds_per_task or known.seconds_per_task,
            s3=self.client("s3"),
            seed=seed,
        )
        return plan_job(
            data if isinstance(data, int) else len(data),
            task_type,
            basis,
            target=target,
            workers_per_object=workers_per_object,
            team_arn=team if isinstance(team, str) or team is None else team.arn,
            task_price_usd=task_price_usd,
            account_month=account_month,
            hourly_usd=hourly_usd,
            automation=automation or {},
            seed=seed,
            views=self._views,
        )

    def _pilot(
        self, pilot: LabelingJob | Dataset | str | None, attribute: str | None
    ) -> KnownPilot:
        from gt_widgets.controller.pilots import KnownPilot, labeled_classes, pilot_job

        if pilot is None:
            return KnownPilot(None)
        if isinstance(pilot, str):
            pilot = self.labeling_job(pilot)
        if isinstance(pilot, Dataset):
            return KnownPilot(labeled_classes(pilot.lines, attribute))
        return pilot_job(pilot, attribute)

    def clone(
        self, job: LabelingJob | str, name: str, *, changes: Mapping[str, Any] | None = None
    ) -> LabelingJob:
        """Create a job with another job's settings and input manifest.

        Parameters
        ----------
        job : LabelingJob or str
            Running or finished.
        name : str
            Of the new job.
        changes : mapping, optional
            What is to be different, in AWS's keys:
            ``{"HumanTaskConfig": {"NumberOfHumanWorkersPerDataObject": 3}}``.
        """
        earlier = self.labeling_job(job) if isinstance(job, str) else job
        request = cloned_request(earlier.describe(), name, changes)
        same = not (changes and "InputConfig" in changes) and not earlier.streaming
        return self._created(request, earlier.data if same else None)

    def chain(
        self,
        job: LabelingJob | str,
        name: str,
        *,
        label_attribute: str | None = None,
        task: str | None = None,
        changes: Mapping[str, Any] | None = None,
        **settings: Any,
    ) -> LabelingJob:
        """Create a job whose input is another job's output manifest.

        Parameters
        ----------
        job : LabelingJob or str
            It must have completed, stopped or failed.
        name : str
            Of the new job.
        label_attribute : str, optional
            With the earlier job's own, only objects without a label are labeled; with another,
            all of them. Unless given: the new job's name after a completed job, the earlier job's
            own after one that stopped or failed.
        task : str, optional
            Another task than the earlier job's, for example ``"bounding-box-verification"`` or
            ``"bounding-box-adjustment"``; then ``settings`` are those of `create_labeling_job`.
        changes : mapping, optional
            As in `clone`, where the task stays.

        Raises
        ------
        ValidationError
            If the earlier job still runs.
        """
        earlier = self.labeling_job(job) if isinstance(job, str) else job
        described = earlier.describe()
        chosen = label_attribute or chained_label_attribute(described, name)
        if task is None:
            if settings:
                raise ValidationError(
                    f"{', '.join(sorted(settings))} can be given with task=...; for the same task "
                    "give changes={...} in AWS's keys."
                )
            request = chained_request(described, name, label_attribute=chosen, changes=changes)
            return self._created(request, earlier.output_data())
        wants_ref = any(kind.ref_suffix for kind in TASK_TYPES if kind.name == task)
        bare = (label_attribute or name).removesuffix("-ref")
        settings = {
            "team": described["HumanTaskConfig"]["WorkteamArn"],
            **settings,
            "task": task,
            "label_attribute": f"{bare}-ref" if wants_ref else bare,
            "extra": changes,
        }
        return self._new_job(name, earlier.output_data(), settings)

    def stream(
        self, job: LabelingJob | str, name: str, *, changes: Mapping[str, Any] | None = None
    ) -> LabelingJob:
        """Create a streaming job with another job's settings; it has no input manifest.

        Its input topic is ``<name>-in`` and its output topic ``<name>-out``. Publish objects once
        it is InProgress; it goes on until it is stopped, or nothing happens for ten days.

        Parameters
        ----------
        job, name, changes
            As in `clone`.
        """
        earlier = self.labeling_job(job) if isinstance(job, str) else job
        sns = self.client("sns")
        arns = [sns.create_topic(Name=f"{name}-{way}")["TopicArn"] for way in ("in", "out")]
        request = cloned_request(earlier.describe(), name)
        request["InputConfig"]["DataSource"] = {"SnsDataSource": {"SnsTopicArn": arns[0]}}
        request["OutputConfig"]["SnsTopicArn"] = arns[1]
        for refused in ("StoppingConditions", "LabelingJobAlgorithmsConfig"):
            request.pop(refused, None)
        return self._created(merged(request, changes or {}), earlier.data)

    def _created(self, request: dict[str, Any], data: Dataset | None) -> LabelingJob:
        self.client("sagemaker").create_labeling_job(**request)
        return self._attached(request["LabelingJobName"], data)

    def _free_name(self, name: str) -> str:
        """Return ``name``, or ``name-2`` and so on if jobs of that name exist."""
        known = {job["LabelingJobName"].lower() for job in self.labeling_jobs()}
        candidates = (name if n == 1 else f"{name}-{n}" for n in range(1, len(known) + 2))
        return next(found for found in candidates if found.lower() not in known)

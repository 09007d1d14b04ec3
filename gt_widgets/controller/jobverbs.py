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
from gt_widgets.errors import ValidationError
from gt_widgets.schema.arns import public_crowd_arn
from gt_widgets.schema.tasks import TASK_TYPES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gt_widgets.controller.data import Dataset
    from gt_widgets.controller.jobs import LabelingJob
    from gt_widgets.controller.teams import Team
    from gt_widgets.pricing import Estimate

__all__ = ["JobVerbs"]


class JobVerbs(ABC):
    """What a session can do with jobs that are there already."""

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

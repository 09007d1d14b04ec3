"""A labeling job in a notebook: watch it, label it, look at what it made.

Layer: controller.
"""

from __future__ import annotations

import json
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gt_widgets.controller.audits import audit_pages, machine_sample, write_sample
from gt_widgets.controller.automation import Automation, Following
from gt_widgets.controller.aws_card import card_on_aws
from gt_widgets.controller.costs import cost_on_aws
from gt_widgets.controller.data import Dataset, read_manifest
from gt_widgets.controller.models import trained_model
from gt_widgets.controller.records import activity_of, events_of, log_of, messages_of
from gt_widgets.controller.results import Results
from gt_widgets.controller.simulate import simulate
from gt_widgets.engine.learners import Learners
from gt_widgets.errors import ValidationError
from gt_widgets.pricing import Estimate
from gt_widgets.schema.tasks import task_type_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from gt_widgets.controller.places import Place, Views
    from gt_widgets.quality import HumanLevel
    from gt_widgets.training.trained import TrainedModel
    from gt_widgets.tree import Tree

__all__ = ["LabelingJob"]

_FINAL = {"Completed", "Failed", "Stopped"}
_POLL_S = 0.5
_POLL_AWS_S = 15.0
_BEGINS_S = 30.0
"""A loop begins when its manifest has been read."""
_WITH_SECOND_VOTES = 3


class LabelingJob:
    """One labeling job, here or on AWS; in a notebook it shows itself as a live card.

    Parameters
    ----------
    boto_session : boto3.Session
    place : Place
    views : Views
    name : str
    data : Dataset, optional
        What it was created from; read from the job's manifest if not given.
    """

    def __init__(
        self,
        boto_session: Any,
        place: Place,
        views: Views,
        name: str,
        data: Dataset | None = None,
    ) -> None:
        self._session, self._place, self._views = boto_session, place, views
        self._sagemaker = boto_session.client("sagemaker")
        self._s3 = boto_session.client("s3")
        self._data = data
        self.name = name
        self._fixed = self.describe()
        cognito = boto_session.client("cognito-idp")
        known = data.categories if data else ()
        self.results = Results(self._s3, cognito, self._fixed, known)

    # --- where it is ------------------------------------------------------------------------------

    def describe(self) -> dict[str, Any]:
        """Return DescribeLabelingJob's answer."""
        found: dict[str, Any] = self._sagemaker.describe_labeling_job(LabelingJobName=self.name)
        return found

    @property
    def arn(self) -> str:
        """The job's ARN."""
        return str(self._fixed["LabelingJobArn"])

    @property
    def status(self) -> str:
        """``LabelingJobStatus``, for example ``InProgress``."""
        return str(self.describe()["LabelingJobStatus"])

    @property
    def counters(self) -> dict[str, int]:
        """``LabelCounters``, in data objects."""
        found: dict[str, int] = self.describe()["LabelCounters"]
        return found

    @property
    def manifest_uri(self) -> str:
        """Where the output manifest lies."""
        return str(self._fixed["LabelingJobOutput"]["OutputDatasetS3Uri"])

    @property
    def data(self) -> Dataset:
        """The input manifest and what it lists."""
        if self.streaming:
            return self._arrived()
        if self._data is None:
            uri = self._fixed["InputConfig"]["DataSource"]["S3DataSource"]["ManifestS3Uri"]
            self._data = Dataset(uri, tuple(read_manifest(self._s3, uri)))
        return self._data

    def _arrived(self) -> Dataset:
        """What a stream has brought up to now: its output manifest lists it."""
        known = self._data or Dataset(self.manifest_uri, ())
        try:
            lines = tuple(read_manifest(self._s3, self.manifest_uri))
        except self._s3.exceptions.NoSuchKey:  # it is not running yet
            lines = ()
        return replace(known, manifest_uri=self.manifest_uri, lines=lines)

    @property
    def streaming(self) -> bool:
        """Whether its objects arrive one by one on an SNS topic."""
        return "SnsDataSource" in self._fixed["InputConfig"]["DataSource"]

    def output_data(self) -> Dataset:
        """Return the output manifest as the data of a further job, with what is known of truth."""
        lines = tuple(read_manifest(self._s3, self.manifest_uri))
        return Dataset(self.manifest_uri, lines, self.data.categories, self.data.truth)

    def wait(self, *, timeout_s: float = 3600.0) -> str:
        """Wait until the job is final and return its status; labeling goes on meanwhile.

        Parameters
        ----------
        timeout_s : float
            Give up after this long; the job goes on.

        Raises
        ------
        TimeoutError
            With what the job waits for.
        """
        deadline = time.monotonic() + timeout_s
        pause = _POLL_AWS_S if self._place.name == "AWS" else _POLL_S
        while (status := self.status) not in _FINAL:
            if time.monotonic() > deadline:
                raise TimeoutError(
                    f"Labeling job {self.name!r} is still {status} after {timeout_s:.0f} s. "
                    f"{self.next}"
                )
            time.sleep(min(pause, max(0.0, deadline - time.monotonic())))
        return status

    @property
    def next(self) -> str:
        """What happens next, in plain words."""
        return str(self.card()["next"])

    def stop(self) -> None:
        """Stop the job; the labels up to now are kept. A stopped job cannot go on."""
        self._sagemaker.stop_labeling_job(LabelingJobName=self.name)

    def cost(self, *, whole: bool = False, account_month: int | None = None) -> Estimate:
        """What the labels so far cost on AWS, or would cost, in numbers and words.

        The workers are paid besides: the public crowd per task, a vendor per hour.

        Parameters
        ----------
        whole : bool
            What the job will have cost when every object has its label.
        account_month : int >= 1, optional
            Which month of SageMaker use it is: in the first two, 500 objects are free.
        """
        if self._place.name == "AWS":
            return cost_on_aws(self.describe(), whole=whole, account_month=account_month)
        asked = {"job_name": self.name, "account_month": account_month}
        found = self._place.only_here("A cost").portal.requester("cost", asked)
        return Estimate(**found["whole" if whole else "so_far"])

    # --- labeling ---------------------------------------------------------------------------------

    def label(self, worker: str = "", *, backend: str = "gt_widgets") -> Any:
        """Open the worker's page for this job in the notebook.

        Parameters
        ----------
        worker : str
            User name, filled into the sign-in.
        backend : {"gt_widgets", "ipyannotations"}
            Whose canvas it has; the second needs the extra ``[ipyannotations]`` and knows boxes,
            polygons, key points, classes and entities.

        Raises
        ------
        ValidationError
            If the job is on AWS, or the backend has no widget for it.
        """
        place = self._place.only_here("Labeling in a notebook cell")
        return self._views.worker(place, job_name=self.name, user_name=worker, backend=backend)

    def simulate(
        self,
        workers: int | None = None,
        *,
        accuracy: float = 0.9,
        box_jitter_px: float = 3.0,
        seconds_per_task: float = 12.0,
        seed: int = 0,
    ) -> str:
        """Let simulated workers do what is left of the job.

        They take tasks and submit answers through the same door as people, and are called
        simulated wherever their answers appear.

        Parameters
        ----------
        workers : int, optional
            As many as each object asks for, unless given; at least three in an automated job of
            classes, whose doubtful labels get two more votes.
        accuracy : float in [0, 1]
            Share of right answers.
        box_jitter_px : float >= 0
            Standard deviation of a box's edges, of a vertex, of where a region lies, in image
            pixels.
        seconds_per_task : float > 0
            What their answers say, not what it takes.
        seed : int
            The same seed gives the same answers.

        Returns
        -------
        str
            What was done, in words.

        Raises
        ------
        ValidationError
            On AWS, or if there is no truth to answer from.
        """
        place = self._place.only_here("Simulating workers")
        task = self._fixed["HumanTaskConfig"]
        needed = task["NumberOfHumanWorkersPerDataObject"]
        task_type = task_type_of(task.get("PreHumanTaskLambdaArn", ""))
        if "LabelingJobAlgorithmsConfig" in self._fixed and task_type.kind == "class":
            needed = max(needed, _WITH_SECOND_VOTES)
        return simulate(
            place.portal,
            self._fixed,
            self.data,
            workers=needed if workers is None else workers,
            accuracy=accuracy,
            box_jitter_px=box_jitter_px,
            seconds_per_task=seconds_per_task,
            seed=seed,
        )

    # --- results ----------------------------------------------------------------------------------

    def output_manifest(self) -> pd.DataFrame:
        """Return the output manifest as a table, one row per data object."""
        return self.results.manifest()

    def worker_quality(self, gold: Mapping[str, Any] | None = None) -> pd.DataFrame:
        """Return one row per worker: time, agreement and, against gold, accuracy with interval.

        Parameters
        ----------
        gold : mapping to settled labels, optional
            A class, or all boxes of the picture, by object id, by file name or by URI. Without
            it nothing is called accuracy: agreement does not show mistakes that many share.
        """
        return self.results.worker_quality(gold)

    def human_level(self, gold: Mapping[str, Any], *, seed: int = 0) -> HumanLevel:
        """Measure what one worker and what a team gets wrong, against gold objects."""
        return self.results.human_level(gold, seed=seed)

    @property
    def automation(self) -> Automation | None:
        """What the machine of an automated job saw and promised; None for other jobs.

        Read anew each time; of a job that was created just now it waits for the loop to begin.
        AWS does not tell.
        """
        portal = self._place.only_here("Looking into automated labeling").portal
        asked = Following(self.name, portal, self.results, self._views)
        found = asked.automation()
        deadline = time.monotonic() + _BEGINS_S
        while found is None and "LabelingJobAlgorithmsConfig" in self._fixed:
            if self.status in _FINAL or time.monotonic() > deadline:
                break
            time.sleep(_POLL_S)
            found = asked.automation()
        return found

    @property
    def model_arn(self) -> str | None:
        """``FinalActiveLearningModelArn``: give it to a later job as ``initial_model``."""
        output: dict[str, str] = self.describe()["LabelingJobOutput"]
        return output.get("FinalActiveLearningModelArn")

    def model(self) -> TrainedModel:
        """Read what the machine of an automated job has learned, to label other objects with it.

        Raises
        ------
        ValidationError
            If the job has left no model, or on AWS, whose models run in AWS's own containers.
        """
        here = self._place.only_here("Reading the model of a job")
        categories = self.results.categories or ()
        known = Learners(here.root).known
        return trained_model(self._sagemaker, self._s3, self.describe(), categories, known=known)

    def audit(self, count: int = 60, *, seed: int = 0) -> Any:
        """Show a random sample of the machine's labels; whoever looks clicks the wrong ones.

        Parameters
        ----------
        count : int >= 1
            Objects; 60 without a wrong one say that at least 94 % are right.
        seed : int
            The same seed draws the same objects.

        Returns
        -------
        AuditGrid
            ``result`` is the measured accuracy with its interval.

        Raises
        ------
        ValidationError
            If no label is a machine's.
        """
        sample = machine_sample(self.results.manifest(), count, seed=seed)
        return self._views.audit(audit_pages(sample), self.results.pictures)

    def audit_data(self, count: int = 60, *, seed: int = 0) -> Dataset:
        """Write a random sample of the machine's labels as the data of a verification job.

        Takes the parameters of `audit`. Workers judge it as any other data:
        ``session.create_labeling_job("check", job.audit_data(), task="...-verification")``; then
        ``results.audited()`` of that job is the measured accuracy.
        """
        sample = machine_sample(self.results.manifest(), count, seed=seed)
        lines = self.results.lines()
        drawn = tuple(lines[int(object_id)] for object_id in sample["object_id"])
        uri = write_sample(self._s3, self.manifest_uri, f"{count}-{seed}", drawn)
        return Dataset(uri, drawn, self.data.categories, self.data.truth)

    def tree(self) -> Tree:
        """Show the files that the job wrote to S3."""
        return self.results.tree()

    # --- a stream ---------------------------------------------------------------------------------

    def publish(self, line: Mapping[str, Any]) -> str:
        """Send one data object to a streaming job: a manifest line; returns the message's id.

        Raises
        ------
        ValidationError
            If the job has a manifest and no topic.
        """
        source = self._fixed["InputConfig"]["DataSource"].get("SnsDataSource")
        if source is None:
            raise ValidationError(
                f"Labeling job {self.name!r} reads a manifest; objects are published to streaming "
                "jobs: session.stream(job, 'name')."
            )
        sent = self._session.client("sns").publish(
            TopicArn=source["SnsTopicArn"], Message=json.dumps(dict(line), ensure_ascii=False)
        )
        return str(sent["MessageId"])

    def messages(self) -> list[dict[str, Any]]:
        """Return what was told on the job's output topic: one finished line per object.

        Locally the topic's log has them all; AWS keeps none, there a queue has to subscribe.
        """
        topic = self._fixed["OutputConfig"].get("SnsTopicArn", "")
        self._place.only_here("Reading the messages of a topic again")
        return messages_of(self._session.client("logs"), topic)

    # --- records ----------------------------------------------------------------------------------

    def log(self) -> list[dict[str, Any]]:
        """Return the job's log: ``time``, ``event`` and ``message``, oldest first."""
        return log_of(self._session.client("logs"), self.name)

    def events(self) -> list[dict[str, Any]]:
        """Return what EventBridge was sent: one event once the job is final, before that none."""
        return events_of(self._session.client("logs"), self.arn)

    def activity(self) -> list[dict[str, Any]]:
        """Return what workers did: tasks submitted, returned and declined, oldest first."""
        return activity_of(self._session.client("logs"), self.arn)

    def metrics(self) -> dict[str, list[tuple[float, float]]]:
        """Return CloudWatch's metrics of the job and of its team, as (epoch seconds, value).

        ``TotalDatasetObjectsLabeled`` and its like grow; ``TasksSubmitted`` and its like have one
        entry per event, ``TimeSpent`` in seconds. On AWS read them with the cloudwatch client.
        """
        portal = self._place.only_here("Reading metrics without CloudWatch").portal
        found = portal.requester("metrics", {"job_name": self.name})["series"]
        return {name: [(at, value) for at, value in points] for name, points in found.items()}

    # --- in a notebook ----------------------------------------------------------------------------

    def card(self) -> dict[str, Any]:
        """Sum up the job as the card shows it (requester protocol ``card``)."""
        if self._place.name == "AWS":
            return card_on_aws(self.describe(), self.cost())
        portal = self._place.only_here("A card").portal
        found: dict[str, Any] = portal.requester("card", {"job_name": self.name})
        return found

    def __repr__(self) -> str:
        card = self.card()
        counters = card["counters"]
        labeled = counters["human_labeled"] + counters["machine_labeled"]
        failed = f", {counters['failed']} failed" if counters["failed"] else ""
        return (
            f"Labeling job {self.name!r} ({self._place.name}): {card['status']}, "
            f"{labeled} of {counters['total']} labeled{failed}\n  {card['next']}"
        )

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        card = self.card()
        view = self._views.card(self._place, job_name=self.name, snapshot=card)
        return view._repr_mimebundle_(**kwargs)

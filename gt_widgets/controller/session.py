"""The workshop in verbs: create_private_team, create_bucket, upload, create_labeling_job.

Layer: controller. A session holds a boto3 session and cannot tell the local engine from AWS.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gt_widgets.controller import data as data_module
from gt_widgets.controller.chains import (
    chained_label_attribute,
    chained_request,
    cloned_request,
)
from gt_widgets.controller.costs import estimate_job
from gt_widgets.controller.dataverbs import DataVerbs
from gt_widgets.controller.jobs import LabelingJob, check_categories
from gt_widgets.controller.teams import Team, create_private_team
from gt_widgets.controller.templates import worker_template
from gt_widgets.errors import ValidationError
from gt_widgets.schema.arns import function_arn, public_crowd_arn, s3_parts
from gt_widgets.schema.labels import label_file
from gt_widgets.schema.tasks import TASK_TYPES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import boto3

    from gt_widgets.controller.data import Dataset
    from gt_widgets.controller.places import Place, Views
    from gt_widgets.pricing import Estimate
    from gt_widgets.tree import Tree

__all__ = ["Session"]

_WORDS = {
    "bounding-box": ("Draw a box around each object", "Draw a tight box around every object."),
    "image-classification": ("Choose a label", "Choose the label that fits the picture best."),
}


class Session(DataVerbs):
    """One place to label data in: the local engine or an AWS account.

    Made by ``gt_widgets.connect``.

    Parameters
    ----------
    boto_session : boto3.Session
        Every call goes through its clients.
    place : Place
    views : Views
        What shows itself in a notebook.
    role : str, optional
        ARN of the role that jobs run with; AWS needs one, the local engine has its own.
    """

    def __init__(
        self, boto_session: boto3.Session, place: Place, views: Views, *, role: str | None = None
    ) -> None:
        self.boto_session = boto_session
        self.place = place
        self._views, self._role = views, role
        self._clients: dict[str, Any] = {}
        self._bucket: str | None = None
        self._team: Team | None = None

    def client(self, service: str) -> Any:
        """Return the boto3 client of a service; one per service and session."""
        if service not in self._clients:
            self._clients[service] = self.boto_session.client(service)
        return self._clients[service]

    @property
    def region(self) -> str:
        """Region of every call."""
        return str(self.boto_session.region_name)

    @property
    def account_id(self) -> str:
        """Twelve digits."""
        return str(self.client("sts").get_caller_identity()["Account"])

    @property
    def bucket(self) -> str:
        """The bucket of this session; created when first used."""
        if self._bucket is None:
            self.create_bucket()
        return str(self._bucket)

    @property
    def role(self) -> str:
        """ARN of the role that jobs run with.

        Raises
        ------
        ValidationError
            On AWS, if none was given.
        """
        if self._role is None:
            if self.place.name == "AWS":
                raise ValidationError(
                    "A labeling job on AWS runs with an IAM role that may read and write the "
                    "bucket: gt.connect('aws', role='arn:aws:iam::123456789012:role/...')."
                )
            # as AWS's own SDK finds it: the role that this session has assumed
            assumed = str(self.client("sts").get_caller_identity()["Arn"])
            found = self.client("iam").get_role(RoleName=assumed.split("/")[1])
            self._role = str(found["Role"]["Arn"])
        return self._role

    # --- the workshop's steps ---------------------------------------------------------------------

    def create_private_team(
        self,
        name: str,
        workers: Sequence[str] = (),
        *,
        description: str = "People who label data",
    ) -> Team:
        """Create a private team and invite its workers; running it again adds who is missing.

        Parameters
        ----------
        name : str
            1-63 letters, digits and hyphens.
        workers : sequence of str
            User names, or e-mail addresses.
        description : str
            1-200 characters.
        """
        self._team = create_private_team(self.boto_session, self.place, name, workers, description)
        return self._team

    def create_bucket(self, name: str | None = None) -> str:
        """Create a bucket (or use it if it is yours already) and set the CORS rule it needs.

        Parameters
        ----------
        name : str, optional
            ``gt-widgets-<region>-<account>`` unless given.
        """
        chosen = name or f"gt-widgets-{self.region}-{self.account_id}"
        self._bucket = data_module.open_bucket(self.client("s3"), chosen, self.region)
        return chosen

    def upload(
        self,
        source: Any,
        *,
        name: str = "data",
        truth: Mapping[str, Any] | None = None,
    ) -> Dataset:
        """Upload pictures to the session's bucket and write the input manifest.

        Parameters
        ----------
        source : folder, list of files, or LogoSet
        name : str
            Key prefix in the bucket.
        truth : mapping of file name to label or boxes, optional
            For simulated workers; it is not uploaded.
        """
        return data_module.upload(
            self.client("s3"), source, bucket=self.bucket, prefix=name.strip("/"), truth=truth
        )

    def create_labeling_job(
        self,
        name: str,
        data: Dataset,
        *,
        categories: Sequence[str] | None = None,
        team: Team | str | None = None,
        task: str = "bounding-box",
        workers_per_object: int = 1,
        title: str = "",
        instructions: str = "",
        label_attribute: str | None = None,
        task_time_limit_s: int = 300,
        max_concurrent_tasks: int = 1000,
        extra: Mapping[str, Any] | None = None,
        unique: bool = False,
    ) -> LabelingJob:
        """Create a labeling job.

        Parameters
        ----------
        name : str
            1-63 letters, digits and hyphens; it can be used once per account.
        data : Dataset
            From ``upload``.
        categories : sequence of str, optional
            Labels in ``class_id`` order; those the data came with unless given.
        team : Team or ARN, optional
            The team created last unless given.
        task : {"bounding-box", "image-classification"}
        workers_per_object : int in 1..9
        title, instructions : str
            Shown to workers.
        label_attribute : str, optional
            Manifest key of the label; ``name`` unless given.
        task_time_limit_s : int >= 30
            A task goes back to the pool after this.
        max_concurrent_tasks : int in 1..5000
            Data objects with workers at once, after the probe batch of 10.
        extra : mapping, optional
            Further members of CreateLabelingJob in AWS's keys, for example ``Tags``.
        unique : bool
            Append ``-2``, ``-3`` ... to ``name`` if it was used before.

        Raises
        ------
        ValidationError
            If the team or the categories are missing, or the task type is not known.
        botocore.exceptions.ClientError
            What the service refuses.
        """
        functions = {kind.name: kind.function for kind in TASK_TYPES if kind.supported}
        if task not in functions:
            raise ValidationError(f"task {task!r} is not one of {', '.join(functions)}.")
        chosen = self._free_name(name) if unique else name
        words = _WORDS[task]
        bucket, key = s3_parts(data.manifest_uri)
        folder = f"{key.rsplit('/', 1)[0]}/{chosen}"
        labels = check_categories(categories, data)
        title, instructions = title or words[0], instructions or words[1]
        s3 = self.client("s3")
        page = worker_template(
            task, header=title, short_instruction=instructions, full_instruction=instructions
        )
        s3.put_object(Bucket=bucket, Key=f"{folder}/class_labels.json", Body=label_file(labels))
        s3.put_object(Bucket=bucket, Key=f"{folder}/instructions.template", Body=page)
        request = {
            "LabelingJobName": chosen,
            "LabelAttributeName": label_attribute or name,
            "InputConfig": {"DataSource": {"S3DataSource": {"ManifestS3Uri": data.manifest_uri}}},
            "OutputConfig": {"S3OutputPath": f"s3://{bucket}/output/"},
            "RoleArn": self.role,
            "LabelCategoryConfigS3Uri": f"s3://{bucket}/{folder}/class_labels.json",
            "HumanTaskConfig": {
                "WorkteamArn": self._team_arn(team),
                "UiConfig": {"UiTemplateS3Uri": f"s3://{bucket}/{folder}/instructions.template"},
                "PreHumanTaskLambdaArn": function_arn(self.region, f"PRE-{functions[task]}"),
                "AnnotationConsolidationConfig": {
                    "AnnotationConsolidationLambdaArn": function_arn(
                        self.region, f"ACS-{functions[task]}"
                    )
                },
                "TaskKeywords": ["image", "labeling"],
                "TaskTitle": title[:128],
                "TaskDescription": instructions[:255],
                "NumberOfHumanWorkersPerDataObject": workers_per_object,
                "TaskTimeLimitInSeconds": task_time_limit_s,
                "MaxConcurrentTaskCount": max_concurrent_tasks,
            },
            **(extra or {}),
        }
        self.client("sagemaker").create_labeling_job(**request)
        return LabelingJob(self.boto_session, self.place, self._views, chosen, data)

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
        earlier = self._job(job)
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
        earlier = self._job(job)
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
        given = {"team": described["HumanTaskConfig"]["WorkteamArn"], **settings}
        return self.create_labeling_job(
            name,
            earlier.output_data(),
            task=task,
            label_attribute=f"{bare}-ref" if wants_ref else bare,
            extra=changes,
            **given,
        )

    def _job(self, job: LabelingJob | str) -> LabelingJob:
        return self.labeling_job(job) if isinstance(job, str) else job

    def _created(self, request: dict[str, Any], data: Dataset | None) -> LabelingJob:
        self.client("sagemaker").create_labeling_job(**request)
        name = request["LabelingJobName"]
        return LabelingJob(self.boto_session, self.place, self._views, name, data)

    def labeling_job(self, name: str) -> LabelingJob:
        """Attach to a job that exists, for example after the kernel was restarted."""
        return LabelingJob(self.boto_session, self.place, self._views, name)

    def labeling_jobs(self) -> list[dict[str, Any]]:
        """List the account's labeling jobs, newest first, as ListLabelingJobs gives them."""
        pages = self.client("sagemaker").get_paginator("list_labeling_jobs")
        found = pages.paginate(SortBy="CreationTime", SortOrder="Descending")
        return [job for page in found for job in page["LabelingJobSummaryList"]]

    def outbox(self) -> Any:
        """Show the mails the engine would have sent: invitations with temporary passwords."""
        return self._views.outbox(self.place.only_here("An outbox"))

    def tree(self, prefix: str = "", *, bucket: str | None = None) -> Tree:
        """Show what lies in a bucket as a tree."""
        from gt_widgets.tree import Tree

        chosen = bucket or self.bucket
        pages = self.client("s3").get_paginator("list_objects_v2")
        entries = (
            (entry["Key"].removeprefix(prefix), entry["Size"], entry["LastModified"].timestamp())
            for page in pages.paginate(Bucket=chosen, Prefix=prefix)
            for entry in page.get("Contents", ())
        )
        return Tree(entries, title=f"s3://{chosen}/{prefix}")

    def __repr__(self) -> str:
        if self.place.name == "AWS":
            return f"Ground Truth on AWS, account {self.account_id}, {self.region}"
        local = self.place.only_here("A folder")
        return (
            f"Ground Truth LOCAL, engine {local.endpoint.url}, folder {local.root}\n"
            "  no AWS account is used and nothing leaves this machine"
        )

    def _team_arn(self, team: Team | str | None) -> str:
        if isinstance(team, str):
            return team
        chosen = team or self._team
        if chosen is None:
            raise ValidationError(
                "The job needs a team: session.create_private_team('my-team', workers=['ana'])."
            )
        return chosen.arn

    def _free_name(self, name: str) -> str:
        """Return ``name``, or ``name-2`` and so on if jobs of that name exist."""
        known = {job["LabelingJobName"].lower() for job in self.labeling_jobs()}
        candidates = (name if n == 1 else f"{name}-{n}" for n in range(1, len(known) + 2))
        return next(found for found in candidates if found.lower() not in known)

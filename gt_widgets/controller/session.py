"""The workshop in verbs: create_private_team, create_bucket, upload, create_labeling_job.

Layer: controller. A session holds a boto3 session and cannot tell the local engine from AWS.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from gt_widgets.controller import data as data_module
from gt_widgets.controller.automation import automated_members
from gt_widgets.controller.chains import merged
from gt_widgets.controller.dataverbs import DataVerbs
from gt_widgets.controller.guards import encrypt_with, warn_of_closed_bucket
from gt_widgets.controller.jobs import LabelingJob
from gt_widgets.controller.jobverbs import JobVerbs
from gt_widgets.controller.learners import named_settings
from gt_widgets.controller.requests import (
    JobChoices,
    attribute_of,
    consolidation_of,
    earlier_attribute_of,
    files_and_request,
    known_task,
    labels_for,
)
from gt_widgets.controller.teams import Team, create_private_team
from gt_widgets.errors import ValidationError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import boto3

    from gt_widgets.controller.data import Dataset
    from gt_widgets.controller.places import Place, Views
    from gt_widgets.tree import Tree

__all__ = ["Session"]


class Session(DataVerbs, JobVerbs):
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
    kms_key_id : str, optional
        KMS key that everything written to S3 is encrypted with, here and by jobs.
    """

    def __init__(
        self,
        boto_session: boto3.Session,
        place: Place,
        views: Views,
        *,
        role: str | None = None,
        kms_key_id: str | None = None,
    ) -> None:
        self.boto_session = boto_session
        self.place = place
        self._views, self._role, self._kms_key_id = views, role, kms_key_id
        if kms_key_id:
            encrypt_with(boto_session, kms_key_id)
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
        """Upload pictures or texts to the session's bucket and write the input manifest.

        Parameters
        ----------
        source : folder, list of files, LogoSet or TextSet
            Texts go into the manifest itself.
        name : str
            Key prefix in the bucket.
        truth : mapping of file name (or text) to what is right, optional
            For simulated workers; it is not uploaded. A label, labels, boxes, entities, polygons
            or a mask: ``docs/reference/task-types.md`` says which task type takes what.
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
        full_instructions: str = "",
        good_examples: Sequence[str | Path] = (),
        bad_examples: Sequence[str | Path] = (),
        label_attribute: str | None = None,
        earlier_attribute: str | None = None,
        short_names: Mapping[str, str] | None = None,
        consolidate: bool = True,
        consolidation: str | None = None,
        task_time_limit_s: int = 300,
        max_concurrent_tasks: int = 1000,
        automated: bool = False,
        target: float | None = None,
        initial_model: str | None = None,
        automation: Mapping[str, Any] | None = None,
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
            Labels in ``class_id`` order; those the data came with unless given, and in a
            verification the verdicts ``good`` and ``bad``.
        team : Team or ARN, optional
            The team created last unless given.
        task : str
            A task type, for example ``"bounding-box"``, ``"named-entity-recognition"`` or
            ``"semantic-segmentation-adjustment"``; ``docs/reference/task-types.md`` lists them.
        workers_per_object : int in 1..9
        title, instructions, full_instructions : str
            Shown to workers.
        good_examples, bad_examples : sequence of path
            JPEG or PNG files: how to label and how not to. They go to the session's bucket and
            into the worker template, and stand beside the task.
        label_attribute : str, optional
            Manifest key of the label; ``name`` unless given. Where labels are files, ``-ref``
            is added if it is missing.
        earlier_attribute : str, optional
            Manifest key of the label to verify or adjust; the last of the right type unless given.
        short_names : mapping of label to str, optional
            Short display names of named entities.
        consolidate : bool
            Of polygons, lines and points only: False leaves the worker responses as they are.
        consolidation : str, optional
            How the answers to one object become a label, by another method than AWS's:
            ``"hierarchical"`` or ``"majority"`` for classes, ``"em"`` for boxes, ``"staple"`` for
            masks; ``docs/reference/consolidation.md`` lists them. Not on AWS.
        task_time_limit_s : int >= 30
            A task goes back to the pool after this.
        max_concurrent_tasks : int in 1..5000
            Data objects with workers at once, after the probe batch of 10.
        automated : bool
            Let a machine label what it can be held to. The service asks for 1,250 objects; a local
            job may have fewer.
        target : float in (0, 1), optional
            Accuracy of machine labels (mean IoU of boxes and masks), promised with 95 %
            probability; local only. The service's own unless given: 0.95, IoU 0.6 and 0.7.
        initial_model : str, optional
            ``FinalActiveLearningModelArn`` of an earlier job of the same task and categories.
        automation : mapping, optional
            Further settings, local only: ``docs/guides/automated-labeling.md`` lists them. Also
            ``features`` and ``learner``, what the machine sees and learns with: a file, a name or
            code of your own.
        extra : mapping, optional
            Further members of CreateLabelingJob in AWS's keys, for example ``Tags``; a mapping is
            merged into what the arguments say, as the ``changes`` of `clone` are.
        unique : bool
            Append ``-2``, ``-3`` ... to ``name`` if it was used before.

        Raises
        ------
        ValidationError
            If the team or the categories are missing, or the task type is not known.
        botocore.exceptions.ClientError
            What the service refuses.
        """
        task_type = known_task(task)
        chosen = self._free_name(name) if unique else name
        choices = JobChoices(
            name=chosen,
            task_type=task_type,
            data=data,
            labels=labels_for(task_type, categories, data),
            workteam_arn=self._team_arn(team),
            role_arn=self.role,
            label_attribute=attribute_of(name, task_type, label_attribute),
            earlier_attribute=earlier_attribute_of(data, task_type, earlier_attribute),
            title=title or task_type.title,
            instructions=instructions or task_type.instruction,
            full_instructions=full_instructions,
            examples=self._uploaded_examples(chosen, good_examples, bad_examples),
            workers_per_object=workers_per_object,
            task_time_limit_s=task_time_limit_s,
            max_concurrent_tasks=max_concurrent_tasks,
            short_names=short_names or {},
            consolidate=consolidate,
            consolidation=consolidation_of(self.place.name, consolidation),
        )
        files, bucket, request = files_and_request(
            choices, region=self.region, account=self.account_id
        )
        warn_of_closed_bucket(self.client("s3"), data)
        for key, body in files.items():
            self.client("s3").put_object(Bucket=bucket, Key=key, Body=body)
        if self._kms_key_id:
            request["OutputConfig"]["KmsKeyId"] = self._kms_key_id
        if automated:
            request |= automated_members(
                task_type,
                region=self.region,
                objects=len(data),
                local=self.place.name != "AWS",
                target=target,
                initial_model=initial_model,
                settings=named_settings(self.place, automation or {}),
            )
        elif target is not None or initial_model or automation:
            raise ValidationError(
                "target, initial_model and automation belong to automated=True; without a machine "
                "there is nothing they could say."
            )
        tags = [*request.get("Tags", []), *((extra or {}).get("Tags") or [])]
        request = merged(request, {**(extra or {}), "Tags": tags or None})
        self.client("sagemaker").create_labeling_job(**request)
        return LabelingJob(self.boto_session, self.place, self._views, chosen, data)

    def _uploaded_examples(
        self, job_name: str, good: Sequence[str | Path], bad: Sequence[str | Path]
    ) -> list[tuple[str, str]]:
        """Put example pictures into the bucket; returns kind and ``s3://`` URI of each."""
        found = []
        for kind, paths in (("good", good), ("bad", bad)):
            for number, path in enumerate(map(Path, paths)):
                key = f"examples/{job_name}/{kind}-{number}{path.suffix.lower()}"
                self.client("s3").put_object(Bucket=self.bucket, Key=key, Body=path.read_bytes())
                found.append((kind, f"s3://{self.bucket}/{key}"))
        return found

    def _new_job(self, name: str, data: Dataset, settings: Mapping[str, Any]) -> LabelingJob:
        return self.create_labeling_job(name, data, **settings)

    def _attached(self, name: str, data: Dataset | None) -> LabelingJob:
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

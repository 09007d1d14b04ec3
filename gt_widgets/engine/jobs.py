"""Labeling jobs as the API sees them: create, describe, list, stop.

Layer: engine. What moves a job on is ``conductor.py``; what workers see of it is ``tasks.py``.
"""

from __future__ import annotations

import json
import string
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from gt_widgets.engine.automated import check_settings
from gt_widgets.engine.crowds import check_price
from gt_widgets.engine.leasing import COUNT_OPEN, NEW_WITH_WORKERS, STATUS
from gt_widgets.engine.logbook import state_change
from gt_widgets.engine.pages import Page, page_of
from gt_widgets.engine.preflight import check_files, check_method, read_page_and_labels
from gt_widgets.engine.streams import check_topics
from gt_widgets.engine.tables import jobs
from gt_widgets.errors import ResourceInUseError, ResourceNotFoundError
from gt_widgets.kinds import kind_of
from gt_widgets.schema.arns import labeling_job_arn
from gt_widgets.schema.functions import consolidates, consolidation_method
from gt_widgets.schema.jobs import TRANSITIONS, JobStatus, check_move, check_request, with_defaults
from gt_widgets.schema.labels import LabelCategories, categories_from_json, categories_to_json
from gt_widgets.schema.tasks import TaskType, task_type_named

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterator

    from gt_widgets.engine.clock import Clock
    from gt_widgets.engine.objects import Objects
    from gt_widgets.engine.store import Store

__all__ = ["Job", "Jobs", "advance", "later", "stored_status"]

_REFERENCE_CHARACTERS = string.ascii_letters + string.digits


@dataclass(frozen=True, slots=True)
class Job:
    """One labeling job as stored; ``request`` is the request with the service's defaults.

    ``kept`` of its ``total`` objects came with a label of the job's name and are not labeled again.
    """

    job_id: int
    name: str
    arn: str
    reference_code: str
    request: dict[str, Any]
    task_type: TaskType
    status: JobStatus
    failure_reason: str | None
    categories: LabelCategories
    seed: int
    iteration: int
    total: int
    kept: int
    human_labeled: int
    machine_labeled: int
    failed: int
    manifest_stale: bool
    manifest_written_at: float
    created_at: float
    modified_at: float

    @property
    def human(self) -> dict[str, Any]:
        """``HumanTaskConfig`` of the request."""
        found: dict[str, Any] = self.request["HumanTaskConfig"]
        return found

    @property
    def label_attribute(self) -> str:
        """The key the job writes its label under."""
        return str(self.request["LabelAttributeName"])

    @property
    def streaming(self) -> bool:
        """Whether its objects arrive on a topic."""
        return "SnsDataSource" in self.request["InputConfig"]["DataSource"]

    @property
    def workers_per_object(self) -> int:
        """Slots per data object."""
        return int(self.human["NumberOfHumanWorkersPerDataObject"])

    @property
    def consolidated(self) -> bool:
        """Whether answers become a label; else the label names the answers (4.8, P12)."""
        if not self.task_type.custom or self.task_type.purpose != "label":
            return True
        config = self.human.get("AnnotationConsolidationConfig", {})
        return consolidates(config.get("AnnotationConsolidationLambdaArn", ""), self.task_type)

    @property
    def method(self) -> str:
        """How answers become a label: what the consolidation function's alias names."""
        config = self.human.get("AnnotationConsolidationConfig", {})
        named = consolidation_method(config.get("AnnotationConsolidationLambdaArn", ""))
        return named or kind_of(self.task_type).methods[0]

    @property
    def output_folder(self) -> str:
        """``s3://.../<job>`` with exactly one slash at the join (C09)."""
        path = str(self.request["OutputConfig"]["S3OutputPath"])
        return f"{path.removesuffix('/')}/{self.name}"

    @property
    def manifest_uri(self) -> str:
        """Where the output manifest lies."""
        return f"{self.output_folder}/manifests/output/output.manifest"

    @property
    def unlabeled(self) -> int:
        """Objects not finished: total = labeled + failed + unlabeled at any time (C13)."""
        return self.total - self.human_labeled - self.machine_labeled - self.failed


class Jobs:
    """The labeling jobs of one state folder.

    Parameters
    ----------
    store, objects : Store, Objects
        Where jobs and S3 objects lie.
    check_team, check_topic : callable
        Raise if a work team's or an SNS topic's ARN names none.
    check_model : callable
        ``(request, task_type, categories)``: raises if its initial model cannot be used.
    check_learner : callable
        ``(request, task_type)``: raises if it names what no machine here can learn with.
    """

    def __init__(
        self,
        store: Store,
        objects: Objects,
        *,
        clock: Clock,
        rng: random.Random,
        region: str,
        account_id: str,
        check_team: Callable[[str], None],
        check_topic: Callable[[str], object],
        check_model: Callable[[dict[str, Any], TaskType, LabelCategories], None],
        check_learner: Callable[[dict[str, Any], TaskType], None],
    ) -> None:
        self._store, self._objects = store, objects
        self._clock, self._rng = clock, rng
        self._region, self._account_id = region, account_id
        self._check_team, self._check_topic = check_team, check_topic
        self._check_model, self._check_learner = check_model, check_learner

    def create(self, request: dict[str, Any]) -> Job:
        """Check a CreateLabelingJob request and store the job as ``Initializing``.

        The label file is read and the existence of manifest and template is checked now; the
        manifest's lines are read by the conductor, and their faults fail the job.

        Raises
        ------
        ValidationError
            If a rule is broken or a file is missing.
        ResourceInUseError
            If a job of that name exists, in whatever case (C05).
        """
        task_type = check_request(request)
        check_price(request, task_type)
        self._check_team(request["HumanTaskConfig"]["WorkteamArn"])
        check_files(self._objects, request)
        check_topics(request, self._check_topic)
        task_type, categories = read_page_and_labels(self._objects, request, task_type)
        check_method(request, task_type)
        check_settings(request, task_type)
        self._check_learner(request, task_type)
        self._check_model(request, task_type, categories)
        name = request["LabelingJobName"]
        values = self._row(request, task_type, categories, self._clock())
        with self._store.begin() as connection:
            if connection.scalar(sa.select(jobs.c.name).where(jobs.c.name_key == name.lower())):
                raise ResourceInUseError(
                    f"Labeling job name {name!r} is in use (names compare without case). "
                    "Choose another name; a finished job's name is not free again."
                )
            connection.execute(sa.insert(jobs).values(values))
        return self.get(name)

    def _row(
        self, request: dict[str, Any], task_type: TaskType, categories: LabelCategories, now: float
    ) -> dict[str, Any]:
        name = request["LabelingJobName"]
        reference = "".join(self._rng.choices(_REFERENCE_CHARACTERS, k=16))
        return {
            "name": name,
            "name_key": name.lower(),
            "arn": labeling_job_arn(self._region, self._account_id, name),
            "reference_code": self._account_id + reference,
            "request": json.dumps(with_defaults(request)),
            "task_type": task_type.name,
            "workteam_arn": request["HumanTaskConfig"]["WorkteamArn"],
            "status": JobStatus.INITIALIZING,
            "categories": categories_to_json(categories),
            "instructions": json.dumps([categories.short_instruction, categories.full_instruction]),
            "seed": self._rng.randrange(2**31),
            "iteration": 0,
            "total": 0,
            "kept": 0,
            "human_labeled": 0,
            "machine_labeled": 0,
            "failed": 0,
            "manifest_stale": True,
            "manifest_written_at": 0.0,
            "created_at": now,
            "modified_at": now,
        }

    def get(self, name: str) -> Job:
        """Return one job by name, in whatever case.

        Raises
        ------
        ResourceNotFoundError
            With AWS's practice: code ``ValidationException`` (C06).
        """
        with self._store.reading() as connection:
            row = connection.execute(
                sa.select(jobs).where(jobs.c.name_key == name.lower())
            ).one_or_none()
        if row is None:
            error = ResourceNotFoundError(
                f"Could not find labeling job {name!r} in region {self._region}. "
                "ListLabelingJobs shows those there are."
            )
            error.code = "ValidationException"
            raise error
        return _job(row)

    def by_id(self, job_id: int) -> Job:
        """Return one job by the number it has in the store."""
        with self._store.reading() as connection:
            return _job(connection.execute(sa.select(jobs).filter_by(job_id=job_id)).one())

    def stop(self, name: str) -> Job:
        """Move a job to ``Stopping``; the conductor writes what there is and ends it (C14).

        Raises
        ------
        StateError
            If it is stopping or finished already (C15).
        """
        with self._store.begin() as connection:
            advance(connection, self.get(name), JobStatus.STOPPING, self._clock())
        return self.get(name)

    def list(self, params: dict[str, Any]) -> Page[Job]:
        """ListLabelingJobs: filters, sorting and pages (C24, C25)."""
        query = sa.select(jobs)
        for key, column, after in (
            ("CreationTimeAfter", jobs.c.created_at, True),
            ("CreationTimeBefore", jobs.c.created_at, False),
            ("LastModifiedTimeAfter", jobs.c.modified_at, True),
            ("LastModifiedTimeBefore", jobs.c.modified_at, False),
        ):
            if key in params:
                moment = _epoch(params[key])
                query = query.where(column > moment if after else column < moment)
        if "NameContains" in params:
            query = query.where(
                jobs.c.name_key.contains(params["NameContains"].lower(), autoescape=True)
            )
        if "StatusEquals" in params:
            query = query.where(jobs.c.status == params["StatusEquals"])
        keys = {"Name": jobs.c.name_key, "Status": jobs.c.status}
        by = keys.get(params.get("SortBy", ""), jobs.c.created_at)
        return self._page(query, by, params)

    def list_for_workteam(self, params: dict[str, Any]) -> Page[Job]:
        """ListLabelingJobsForWorkteam: the same, of one team."""
        query = sa.select(jobs).where(jobs.c.workteam_arn == params["WorkteamArn"])
        if "CreationTimeAfter" in params:
            query = query.where(jobs.c.created_at > _epoch(params["CreationTimeAfter"]))
        if "CreationTimeBefore" in params:
            query = query.where(jobs.c.created_at < _epoch(params["CreationTimeBefore"]))
        if "JobReferenceCodeContains" in params:
            part = params["JobReferenceCodeContains"]
            query = query.where(jobs.c.reference_code.icontains(part, autoescape=True))
        return self._page(query, jobs.c.created_at, params)

    def active(self) -> Iterator[Job]:
        """Jobs that still move, oldest first."""
        moving = (JobStatus.INITIALIZING, JobStatus.IN_PROGRESS, JobStatus.STOPPING)
        with self._store.reading() as connection:
            rows = connection.execute(
                sa.select(jobs).where(jobs.c.status.in_(moving)).order_by(jobs.c.job_id)
            ).all()
        yield from map(_job, rows)

    def pending_tasks(self, job: Job) -> int:
        """Worker tasks that are not answered: those offered, and those of objects that wait."""
        if job.status not in {JobStatus.INITIALIZING, JobStatus.IN_PROGRESS}:
            return 0
        with self._store.reading(together=True) as connection:
            offered = connection.execute(COUNT_OPEN, {"job": job.job_id}).all()
            with_workers = connection.scalar(NEW_WITH_WORKERS, {"job": job.job_id})
        waiting = job.unlabeled - int(with_workers or 0)
        return int(sum(count for _, count in offered)) + waiting * job.workers_per_object

    def _page(self, query: Any, by: sa.Column[Any], params: dict[str, Any]) -> Page[Job]:
        with self._store.reading() as connection:
            page = page_of(
                connection,
                query,
                by=by,
                tie=jobs.c.job_id,
                descending=params.get("SortOrder") == "Descending",
                token=params.get("NextToken"),
                size=params.get("MaxResults", 100),
            )
        return Page([_job(row) for row in page.rows], page.next_token)


def advance(
    connection: sa.Connection,
    job: Job,
    to: JobStatus,
    now: float,
    *,
    reason: str | None = None,
) -> None:
    """Move a job along its life cycle: the one door for every change of status.

    ``reason`` becomes its ``FailureReason``, of which the first 1,024 characters are kept.

    Raises
    ------
    StateError
        If the life cycle has no such move from the job's stored status.
    """
    check_move(job.name, stored_status(connection, job), to)
    connection.execute(
        sa.update(jobs)
        .where(jobs.c.job_id == job.job_id)
        .values(
            status=to,
            modified_at=later(now),
            failure_reason=reason[:1024] if reason else None,
        )
    )
    if not TRANSITIONS[to]:
        state_change(connection, now, job.name, job.arn, to)


def stored_status(connection: sa.Connection, job: Job) -> JobStatus:
    """Return the status that a job has by now; its own is that of when it was read."""
    return JobStatus(str(connection.scalar(STATUS, {"job": job.job_id})))


def later(now: float) -> sa.Case[float]:
    """``modified_at`` after a change now: it never goes back, whatever the clock does (C11)."""
    return sa.case((jobs.c.modified_at > now, jobs.c.modified_at), else_=now)


def _epoch(moment: Any) -> float:
    return float(moment.timestamp() if hasattr(moment, "timestamp") else moment)


def _job(row: sa.Row[Any]) -> Job:
    short, full = json.loads(row.instructions)
    request = json.loads(row.request)
    return Job(
        job_id=row.job_id,
        name=row.name,
        arn=row.arn,
        reference_code=row.reference_code,
        request=request,
        task_type=task_type_named(row.task_type),
        status=JobStatus(row.status),
        failure_reason=row.failure_reason,
        categories=categories_from_json(row.categories, short, full),
        seed=row.seed,
        iteration=row.iteration,
        total=row.total,
        kept=row.kept,
        human_labeled=row.human_labeled,
        machine_labeled=row.machine_labeled,
        failed=row.failed,
        manifest_stale=row.manifest_stale,
        manifest_written_at=row.manifest_written_at,
        created_at=row.created_at,
        modified_at=row.modified_at,
    )

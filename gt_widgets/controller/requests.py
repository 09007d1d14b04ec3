"""CreateLabelingJob requests, written from a few choices.

Layer: controller. What a task type asks for stands in ``schema.tasks``; here it becomes the label
file, the worker template and the request, the same for the local engine and for AWS.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gt_widgets.controller.templates import worker_template
from gt_widgets.errors import AnswerError, ValidationError
from gt_widgets.kinds.earlier import find_earlier
from gt_widgets.schema.arns import s3_parts
from gt_widgets.schema.functions import method_arn
from gt_widgets.schema.labels import label_file
from gt_widgets.schema.tasks import TASK_TYPES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gt_widgets.controller.data import Dataset
    from gt_widgets.schema.tasks import TaskType

__all__ = [
    "VERDICTS",
    "JobChoices",
    "attribute_of",
    "consolidation_of",
    "earlier_attribute_of",
    "files_and_request",
    "known_task",
    "labels_for",
]

VERDICTS = ("good", "bad")
"""What workers choose from in a verification unless the requester says it."""


@dataclass(frozen=True, slots=True)
class JobChoices:
    """What a requester chooses; see ``Session.create_labeling_job``."""

    name: str
    task_type: TaskType
    data: Dataset
    labels: tuple[str, ...]
    workteam_arn: str
    role_arn: str
    label_attribute: str
    earlier_attribute: str
    title: str
    instructions: str
    workers_per_object: int
    task_time_limit_s: int
    max_concurrent_tasks: int
    short_names: Mapping[str, str]
    consolidate: bool
    consolidation: str

    full_instructions: str = ""
    examples: Sequence[tuple[str, str]] = ()


def consolidation_of(place: str, given: str | None) -> str:
    """Return the consolidation method asked for; ``""`` for the service's own.

    Raises
    ------
    ValidationError
        On AWS, whose functions have one method each.
    """
    if given and place == "AWS":
        raise ValidationError(
            f"consolidation={given!r} is not possible on AWS, whose functions have one method "
            "each. Leave it out, and consolidate the worker responses yourself: "
            "gt_widgets.consolidation."
        )
    return given or ""


def known_task(name: str) -> TaskType:
    """Return a task type that jobs can be created of.

    Raises
    ------
    ValidationError
        With those there are.
    """
    known = {task_type.name: task_type for task_type in TASK_TYPES if task_type.supported}
    if name not in known:
        raise ValidationError(f"task {name!r} is not one of {', '.join(known)}.")
    return known[name]


def earlier_attribute_of(data: Dataset, task_type: TaskType, given: str | None) -> str:
    """Return the manifest key of the label to verify or adjust; ``""`` for other jobs.

    Raises
    ------
    ValidationError
        If no line of the data has such a label.
    """
    if not task_type.earlier or given:
        return given or ""
    problem: Exception | None = None
    for line in data.lines:
        try:
            return find_earlier(line, task_type).attribute
        except AnswerError as error:
            problem = error
    raise ValidationError(
        f"{data.manifest_uri}: {problem} Give the output of the job whose labels are to be looked "
        "at: session.chain(first, name, task=...)."
    )


def attribute_of(name: str, task_type: TaskType, given: str | None) -> str:
    """Return the label attribute name: the job's, with the suffix its task type asks for."""
    chosen = given or name
    return f"{chosen}-ref" if task_type.ref_suffix and not chosen.endswith("-ref") else chosen


def files_and_request(
    choices: JobChoices, *, region: str, account: str
) -> tuple[dict[str, bytes], str, dict[str, Any]]:
    """Write the files of a job and the request that names them.

    Returns
    -------
    tuple
        ``{key: bytes}`` of the files, their bucket, and the request.
    """
    bucket, key = s3_parts(choices.data.manifest_uri)
    above = key.rpartition("/")[0]
    folder = f"{above}/{choices.name}" if above else choices.name
    words = choices.instructions
    full = choices.full_instructions or words
    files = {
        f"{folder}/class_labels.json": label_file(
            choices.labels,
            short_names=choices.short_names,
            instructions=(words, full) if choices.task_type.ui else None,
            earlier_attribute=choices.earlier_attribute,
        ),
        f"{folder}/instructions.template": worker_template(
            choices.task_type,
            header=choices.title,
            short_instruction=words,
            full_instruction=full,
            labels=choices.labels,
            earlier_attribute=choices.earlier_attribute,
            examples=choices.examples,
        ),
    }
    request = {
        "LabelingJobName": choices.name,
        "LabelAttributeName": choices.label_attribute,
        "InputConfig": {
            "DataSource": {"S3DataSource": {"ManifestS3Uri": choices.data.manifest_uri}}
        },
        "OutputConfig": {"S3OutputPath": f"s3://{bucket}/output/"},
        "RoleArn": choices.role_arn,
        "LabelCategoryConfigS3Uri": f"s3://{bucket}/{folder}/class_labels.json",
        "HumanTaskConfig": {
            "WorkteamArn": choices.workteam_arn,
            "UiConfig": {"UiTemplateS3Uri": f"s3://{bucket}/{folder}/instructions.template"},
            **_functions(choices, region, account),
            "TaskKeywords": [choices.task_type.media, "labeling"],
            "TaskTitle": choices.title[:128],
            "TaskDescription": " ".join(words.split())[:255],
            "NumberOfHumanWorkersPerDataObject": choices.workers_per_object,
            "TaskTimeLimitInSeconds": choices.task_time_limit_s,
            "MaxConcurrentTaskCount": choices.max_concurrent_tasks,
        },
    }
    return files, bucket, request


def _functions(choices: JobChoices, region: str, account: str) -> dict[str, Any]:
    """Name the functions; a custom job that is not consolidated has none (P12)."""
    before, after = choices.task_type.function_arns(region, account)
    if choices.consolidation:
        after = method_arn(choices.task_type, choices.consolidation, region, account)
    custom = choices.task_type.custom and choices.task_type.purpose == "label"
    # instances are consolidated where a method is asked for, since their label is then a file
    asked = choices.consolidation or choices.task_type.kind != "instances"
    consolidated = choices.consolidate and asked
    if custom and not consolidated:
        return {}
    config = {"AnnotationConsolidationConfig": {"AnnotationConsolidationLambdaArn": after}}
    return config if custom else {"PreHumanTaskLambdaArn": before, **config}


def labels_for(task_type: TaskType, given: Sequence[str] | None, data: Dataset) -> tuple[str, ...]:
    """Return the label categories of a job: those given, else those the data came with.

    Raises
    ------
    ValidationError
        If there are none.
    """
    if isinstance(given, str):
        raise ValidationError(f"categories must be a list: categories=[{given!r}].")
    found = tuple(given or (VERDICTS if task_type.purpose == "verify" else data.categories))
    if not found:
        raise ValidationError(
            "categories are missing: give the labels workers choose from, for example "
            "categories=['DHL', 'RedBull']."
        )
    return tuple(map(str, found))

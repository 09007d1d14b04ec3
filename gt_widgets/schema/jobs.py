"""Labeling jobs: their life cycle and the rules of a request that span several fields.

Layer: schema. What the AWS API model states of single fields (types, ranges, patterns) is
checked by the wire from that model; here stands what only the documentation says.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from gt_widgets.errors import StateError, ValidationError
from gt_widgets.schema import limits
from gt_widgets.schema.arns import crowd_of, function_name
from gt_widgets.schema.functions import consolidates
from gt_widgets.schema.tasks import (
    LOCAL_PREFIX,
    TaskType,
    custom_type_of,
    task_type_of,
)

__all__ = [
    "FINAL",
    "TRANSITIONS",
    "JobStatus",
    "check_custom",
    "check_move",
    "check_request",
    "with_defaults",
]

_CUSTOM_FUNCTIONS = ("PRE-PassThrough", "ACS-PassThrough")


class JobStatus(StrEnum):
    """``LabelingJobStatus``, spelt as AWS spells it."""

    INITIALIZING = "Initializing"
    IN_PROGRESS = "InProgress"
    COMPLETED = "Completed"
    FAILED = "Failed"
    STOPPING = "Stopping"
    STOPPED = "Stopped"


S = JobStatus
TRANSITIONS: dict[JobStatus, frozenset[JobStatus]] = {
    S.INITIALIZING: frozenset({S.IN_PROGRESS, S.FAILED, S.STOPPING}),
    S.IN_PROGRESS: frozenset({S.COMPLETED, S.FAILED, S.STOPPING}),
    S.STOPPING: frozenset({S.STOPPED, S.FAILED}),
    S.COMPLETED: frozenset(),
    S.FAILED: frozenset(),
    S.STOPPED: frozenset(),
}
FINAL = frozenset(status for status, after in TRANSITIONS.items() if not after)
"""What a job ends in; AWS's words for them are members too."""


def check_move(name: str, now: JobStatus, to: JobStatus) -> None:
    """Refuse a move that the life cycle does not have.

    Raises
    ------
    StateError
        With the moves that are allowed.
    """
    allowed = TRANSITIONS[now]
    if to not in allowed:
        words = ", ".join(sorted(allowed)) or "none, it is final"
        raise StateError(
            f"Labeling job {name!r} is {now} and cannot become {to}; allowed next: {words}."
        )


def with_defaults(request: dict[str, Any]) -> dict[str, Any]:
    """Return the request with the members that the service fills in (C08).

    Nothing that was given is changed: clients concatenate ``S3OutputPath``, byte for byte.
    """
    human = request["HumanTaskConfig"]
    public = crowd_of(human["WorkteamArn"])[0] == "public"
    lifetime = (
        limits.DEFAULT_AVAILABILITY_PUBLIC_S if public else limits.DEFAULT_AVAILABILITY_PRIVATE_S
    )
    filled = {
        **request,
        "OutputConfig": {"KmsKeyId": "", **request["OutputConfig"]},
        "HumanTaskConfig": {
            "MaxConcurrentTaskCount": limits.DEFAULT_CONCURRENT_TASKS,
            "TaskAvailabilityLifetimeInSeconds": lifetime,
            **human,
        },
    }
    if "LabelingJobAlgorithmsConfig" in request:
        filled["LabelingJobAlgorithmsConfig"] = {
            "LabelingJobResourceConfig": {},
            **request["LabelingJobAlgorithmsConfig"],
        }
    return filled


def check_request(request: dict[str, Any]) -> TaskType:
    """Check a CreateLabelingJob request across its fields and return its task type.

    A custom job's is known when its template has been read: see ``check_custom``.

    Raises
    ------
    ValidationError
        With the field, what was found, and what to write instead.
    """
    human = request["HumanTaskConfig"]
    task_type = task_type_of(human.get("PreHumanTaskLambdaArn", ""))
    _check_functions(human, task_type)
    _check_algorithm(request, task_type)
    _check_label_attribute(request["LabelAttributeName"], task_type)
    _check_page(human["UiConfig"], task_type)
    _check_times(human)
    _check_crowd(human, task_type)
    _check_source(request)
    if not task_type.supported and not task_type.custom:
        raise ValidationError(
            f"{task_type.name} jobs ({human['PreHumanTaskLambdaArn']}) are not run here: the local "
            "engine labels images and texts, no video and no 3D point clouds. Extract the frames "
            "you need as pictures and label these."
        )
    if "LabelCategoryConfigS3Uri" not in request and not task_type.custom:
        raise ValidationError(
            f"LabelCategoryConfigS3Uri is missing: a {task_type.name} job reads its label "
            'categories there. Upload {"labels": [{"label": "..."}]} and give its s3:// location.'
        )
    return task_type


def check_custom(request: dict[str, Any], task_type: TaskType, template: str) -> TaskType:
    """Tell a custom job's task type from the crowd element of its template.

    Parameters
    ----------
    task_type : TaskType
        As ``check_request`` gave it; returned if the job is none of the custom ones.

    Raises
    ------
    ValidationError
        If the page has no element that the engine knows, or its functions are not of it.
    """
    if not task_type.custom or task_type.purpose != "label":
        return task_type
    found = custom_type_of(template)
    human = request["HumanTaskConfig"]
    page = human["UiConfig"]["UiTemplateS3Uri"]
    if not found.supported or (task_type.supported and found is not task_type):
        wanted = f"<{task_type.tag}>" if task_type.tag else "labeling element"
        raise ValidationError(
            f"UiTemplateS3Uri: {page} has no {wanted} that the local engine knows; these are "
            "crowd-bounding-box, crowd-polygon, crowd-polyline, crowd-line, crowd-keypoint, "
            "crowd-semantic-segmentation, crowd-instance-segmentation, the four classifiers and "
            "crowd-entity-annotation."
        )
    after = human.get("AnnotationConsolidationConfig", {}).get("AnnotationConsolidationLambdaArn")
    if after and not _passes_through(after) and not consolidates(after, found):
        own = found.function_names()[1]
        raise ValidationError(
            f"AnnotationConsolidationLambdaArn {after!r} is not run here. Leave "
            f"AnnotationConsolidationConfig out, or name the engine's own {own}, and read the "
            "worker responses."
        )
    return found


def _passes_through(function_arn: str) -> bool:
    return function_name(function_arn) in _CUSTOM_FUNCTIONS


def _check_functions(human: dict[str, Any], task_type: TaskType) -> None:
    """C17."""
    before = human.get("PreHumanTaskLambdaArn", "")
    consolidation = human.get("AnnotationConsolidationConfig", {})
    after = consolidation.get("AnnotationConsolidationLambdaArn", "")
    if task_type.custom and task_type.purpose == "label":
        name = function_name(before)
        if before and name not in _CUSTOM_FUNCTIONS and not name.startswith(LOCAL_PREFIX + "PRE-"):
            raise ValidationError(
                f"HumanTaskConfig.PreHumanTaskLambdaArn {before!r} makes a custom job with a "
                "function of its own, which is not run here. Leave it out: the page's task.input "
                "is then the manifest line."
            )
        return
    if not consolidation or consolidates(after, task_type):
        return
    wanted = task_type.function_names()
    raise ValidationError(
        f"PreHumanTaskLambdaArn ({wanted[0]}) and AnnotationConsolidationLambdaArn "
        f"({function_name(after) or after}) do not belong together. Use {wanted[1]}; "
        "consolidation functions of your own are not run here."
    )


def _check_algorithm(request: dict[str, Any], task_type: TaskType) -> None:
    """C18."""
    config = request.get("LabelingJobAlgorithmsConfig")
    if config is None:
        return
    algorithm = str(config["LabelingJobAlgorithmSpecificationArn"]).rsplit("/", 1)[-1]
    if not task_type.algorithm:
        raise ValidationError(
            f"LabelingJobAlgorithmsConfig: {task_type.name} jobs cannot be labeled automatically. "
            "Leave it out."
        )
    if algorithm != task_type.algorithm:
        raise ValidationError(
            f"LabelingJobAlgorithmSpecificationArn names {algorithm!r}; {task_type.name} jobs "
            f"need {task_type.algorithm!r}."
        )


def _check_label_attribute(name: str, task_type: TaskType) -> None:
    """C16."""
    if name.endswith("-metadata"):
        raise ValidationError(
            f"LabelAttributeName {name!r} must not end in '-metadata': the job writes its "
            "metadata under that key."
        )
    if name in {"source", "source-ref"}:
        raise ValidationError(
            f"LabelAttributeName {name!r} is the key of the data object itself. "
            "Choose a name for the label, for example 'logos'."
        )
    if task_type.custom:
        return
    if task_type.ref_suffix and not name.endswith("-ref"):
        raise ValidationError(
            f"LabelAttributeName {name!r} must end in '-ref' for {task_type.name} jobs, whose "
            f"labels are files. Use {name + '-ref'!r}."
        )
    if not task_type.ref_suffix and name.endswith("-ref"):
        raise ValidationError(
            f"LabelAttributeName {name!r} must not end in '-ref' for {task_type.name} jobs. "
            f"Use {name.removesuffix('-ref')!r}."
        )


def _check_page(ui_config: dict[str, Any], task_type: TaskType) -> None:
    """C23."""
    given = [key for key in ("UiTemplateS3Uri", "HumanTaskUiArn") if ui_config.get(key)]
    if len(given) != 1:
        raise ValidationError(
            "HumanTaskConfig.UiConfig: expected exactly one of UiTemplateS3Uri and "
            f"HumanTaskUiArn; found {' and '.join(given) or 'neither'}."
        )
    if given == ["HumanTaskUiArn"] and task_type.media in {"image", "text"}:
        name = str(ui_config["HumanTaskUiArn"]).rsplit("/", 1)[-1]
        if not task_type.ui or name != task_type.ui:
            use = f"HumanTaskUiArn .../{task_type.ui} or " if task_type.ui else ""
            raise ValidationError(
                f"HumanTaskConfig.UiConfig.HumanTaskUiArn names {name!r}, which is no page of "
                f"{task_type.name} jobs. Use {use}UiTemplateS3Uri."
            )


def _check_crowd(human: dict[str, Any], task_type: TaskType) -> None:
    """C21, C22: tasks over time or in space go to one known worker."""
    if not task_type.function.removeprefix("Adjustment").startswith(("Video", "3D")):
        return
    if crowd_of(human["WorkteamArn"])[0] == "public":
        raise ValidationError(
            f"HumanTaskConfig.WorkteamArn is the public crowd; {task_type.name} jobs (video and "
            "3D) need a private team or a vendor."
        )
    workers = human["NumberOfHumanWorkersPerDataObject"]
    if task_type.workers == 1 and workers != 1:
        raise ValidationError(
            f"HumanTaskConfig.NumberOfHumanWorkersPerDataObject is {workers}; {task_type.name} "
            "jobs (video frames and 3D) have exactly 1."
        )


def _check_source(request: dict[str, Any]) -> None:
    source = request["InputConfig"]["DataSource"]
    if not {"S3DataSource", "SnsDataSource"} & source.keys():
        raise ValidationError(
            "InputConfig.DataSource: expected S3DataSource, SnsDataSource (a streaming job) or "
            "both; found neither."
        )
    if "SnsDataSource" not in source:
        return
    for name in ("StoppingConditions", "LabelingJobAlgorithmsConfig"):
        if request.get(name):
            raise ValidationError(
                f"{name} cannot be given to a streaming job (InputConfig.DataSource."
                "SnsDataSource), which goes on until it is stopped or idle for 10 days. Leave it "
                "out."
            )


def _check_times(human: dict[str, Any]) -> None:
    time_limit = human["TaskTimeLimitInSeconds"]
    if time_limit > limits.MAX_TASK_TIME_S:
        raise ValidationError(
            f"HumanTaskConfig.TaskTimeLimitInSeconds is {time_limit}; image and text tasks "
            f"take at most {limits.MAX_TASK_TIME_S} (8 hours)."
        )
    public = crowd_of(human["WorkteamArn"])[0] == "public"
    most = limits.MAX_AVAILABILITY_PUBLIC_S if public else limits.MAX_AVAILABILITY_PRIVATE_S
    lifetime = human.get("TaskAvailabilityLifetimeInSeconds", 0)
    if lifetime > most:
        raise ValidationError(
            f"HumanTaskConfig.TaskAvailabilityLifetimeInSeconds is {lifetime}; at most {most}."
        )

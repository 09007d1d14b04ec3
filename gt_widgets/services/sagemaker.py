"""SageMaker: the labeling operations, one function each.

Layer: services. The workforce operations are in ``sagemaker_workforce.py`` and stand here by name,
because the wire looks an operation up in one module per AWS service.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gt_widgets.engine.automated import automated
from gt_widgets.schema.jobs import JobStatus
from gt_widgets.services.sagemaker_task_uis import (
    create_human_task_ui,
    delete_human_task_ui,
    describe_human_task_ui,
    list_human_task_uis,
    render_ui_template,
)
from gt_widgets.services.sagemaker_workforce import (
    add_tags,
    create_workforce,
    create_workteam,
    delete_tags,
    delete_workforce,
    delete_workteam,
    describe_subscribed_workteam,
    describe_workforce,
    describe_workteam,
    list_subscribed_workteams,
    list_tags,
    list_workforces,
    list_workteams,
    update_workforce,
    update_workteam,
)

if TYPE_CHECKING:
    from gt_widgets.engine.jobs import Job
    from gt_widgets.services.call import Call

__all__ = [
    "add_tags",
    "create_human_task_ui",
    "create_labeling_job",
    "create_workforce",
    "create_workteam",
    "delete_human_task_ui",
    "delete_tags",
    "delete_workforce",
    "delete_workteam",
    "describe_human_task_ui",
    "describe_labeling_job",
    "describe_model",
    "describe_subscribed_workteam",
    "describe_workforce",
    "describe_workteam",
    "list_human_task_uis",
    "list_labeling_jobs",
    "list_labeling_jobs_for_workteam",
    "list_subscribed_workteams",
    "list_tags",
    "list_workforces",
    "list_workteams",
    "render_ui_template",
    "stop_labeling_job",
    "update_workforce",
    "update_workteam",
]

_ECHOED = (
    "LabelAttributeName",
    "InputConfig",
    "OutputConfig",
    "RoleArn",
    "LabelCategoryConfigS3Uri",
    "StoppingConditions",
    "LabelingJobAlgorithmsConfig",
    "HumanTaskConfig",
)


def create_labeling_job(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """CreateLabelingJob."""
    with call.engine.store.begin():
        job = call.engine.jobs.create(params)
        call.engine.tags.add(job.arn, params.get("Tags", []))
    call.engine.wake()
    return {"LabelingJobArn": job.arn}


def describe_labeling_job(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """DescribeLabelingJob: the request as it was given, the defaults, and where the job is."""
    job = call.engine.jobs.get(params["LabelingJobName"])
    described = {
        "LabelingJobName": job.name,
        "LabelingJobArn": job.arn,
        "LabelingJobStatus": job.status,
        "LabelCounters": _counters(job),
        "JobReferenceCode": job.reference_code,
        "CreationTime": job.created_at,
        "LastModifiedTime": job.modified_at,
        "LabelingJobOutput": _output(call, job),
        **{key: job.request[key] for key in _ECHOED if key in job.request},
    }
    if job.failure_reason:
        described["FailureReason"] = job.failure_reason
    tags = call.engine.tags.of(job.arn)
    if tags:
        described["Tags"] = tags
    return described


def describe_model(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """DescribeModel: where the model file of an automated job lies."""
    model = call.engine.models.named(params["ModelName"])
    return {
        "ModelName": model.name,
        "ModelArn": model.arn,
        "CreationTime": model.created_at,
        "PrimaryContainer": {"ModelDataUrl": model.uri},
    }


def list_labeling_jobs(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """ListLabelingJobs."""
    page = call.engine.jobs.list(params)
    listed: dict[str, Any] = {"LabelingJobSummaryList": [_summary(call, job) for job in page.rows]}
    return listed | ({"NextToken": page.next_token} if page.next_token else {})


def list_labeling_jobs_for_workteam(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """ListLabelingJobsForWorkteam: counters in worker tasks, not in objects (C26)."""
    call.engine.workforce.check_team(params["WorkteamArn"])
    page = call.engine.jobs.list_for_workteam(params)
    listed: dict[str, Any] = {
        "LabelingJobSummaryList": [
            {
                "LabelingJobName": job.name,
                "JobReferenceCode": job.reference_code,
                "WorkRequesterAccountId": call.account_id,
                "CreationTime": job.created_at,
                "LabelCounters": {
                    "HumanLabeled": job.human_labeled,
                    "PendingHuman": call.engine.jobs.pending_tasks(job),
                    "Total": job.total * job.workers_per_object,
                },
                "NumberOfHumanWorkersPerDataObject": job.workers_per_object,
            }
            for job in page.rows
        ]
    }
    return listed | ({"NextToken": page.next_token} if page.next_token else {})


def stop_labeling_job(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """StopLabelingJob."""
    call.engine.jobs.stop(params["LabelingJobName"])
    call.engine.wake()
    return {}


def _summary(call: Call, job: Job) -> dict[str, Any]:
    summary = {
        "LabelingJobName": job.name,
        "LabelingJobArn": job.arn,
        "CreationTime": job.created_at,
        "LastModifiedTime": job.modified_at,
        "LabelingJobStatus": job.status,
        "LabelCounters": _counters(job),
        "WorkteamArn": job.human["WorkteamArn"],
        "InputConfig": job.request["InputConfig"],
        "LabelingJobOutput": _output(call, job),
    }
    if "PreHumanTaskLambdaArn" in job.human:
        summary["PreHumanTaskLambdaArn"] = job.human["PreHumanTaskLambdaArn"]
    consolidation = job.human.get("AnnotationConsolidationConfig", {})
    if "AnnotationConsolidationLambdaArn" in consolidation:
        summary["AnnotationConsolidationLambdaArn"] = consolidation[
            "AnnotationConsolidationLambdaArn"
        ]
    if job.failure_reason:
        summary["FailureReason"] = job.failure_reason
    return summary


def _counters(job: Job) -> dict[str, int]:
    return {
        "TotalLabeled": job.human_labeled + job.machine_labeled,
        "HumanLabeled": job.human_labeled,
        "MachineLabeled": job.machine_labeled,
        "FailedNonRetryableError": job.failed,
        "Unlabeled": job.unlabeled if job.status is not JobStatus.INITIALIZING else 0,
    }


def _output(call: Call, job: Job) -> dict[str, str]:
    output = {"OutputDatasetS3Uri": job.manifest_uri}
    model = call.engine.models.of_job(job.job_id) if automated(job) else None
    return output | ({"FinalActiveLearningModelArn": model.arn} if model else {})

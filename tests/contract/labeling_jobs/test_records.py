"""What is recorded of jobs and workers, read by real clients: events, log streams, metrics."""

from __future__ import annotations

import json

import pytest

from gt_widgets.controller.records import activity_of, events_of, log_of
from gt_widgets.engine.metrics import JOB_NAMESPACE, TEAM_NAMESPACE, Metric
from gt_widgets.testing import box_answer, job_request

ARN = "arn:aws:sagemaker:us-east-1:111122223333:labeling-job/logos"
TEAM = job_request()["HumanTaskConfig"]["WorkteamArn"]


@pytest.fixture
def logs(client):
    return client("logs")


def boxes(_task):
    return box_answer(("Norda", 1, 2, 10, 10))


def complete(bench):
    bench.finish(boxes)


def stop(bench):
    bench.engine.jobs.stop("logos")
    bench.settle()


def fail(bench):
    bench.clock.advance(30 * 86_400 + 1)
    bench.settle()


# V02
@pytest.mark.parametrize(
    ("end", "status"), [(complete, "Completed"), (stop, "Stopped"), (fail, "Failed")]
)
def test_a_job_sends_one_event_when_it_ends_and_none_before(bench, sagemaker, logs, end, status):
    sagemaker.create_labeling_job(**job_request(TaskAvailabilityLifetimeInSeconds=2_592_000))
    assert events_of(logs, ARN) == []
    bench.settle()
    assert events_of(logs, ARN) == []
    end(bench)
    [event] = events_of(logs, ARN)
    assert event["source"] == "aws.sagemaker"
    assert event["detail-type"] == "SageMaker Ground Truth Labeling Job State Change"
    assert event["resources"] == [ARN]
    assert (event["account"], event["region"]) == ("111122223333", "us-east-1")
    assert event["detail"] == {"LabelingJobStatus": status}
    assert event.keys() == {
        "version", "id", "detail-type", "source", "account", "time", "region", "resources", "detail",
    }  # fmt: skip


# V03
def test_each_job_has_a_log_stream_of_json_lines(bench, sagemaker, logs):
    for name in ("logos", "more-logos"):
        sagemaker.create_labeling_job(**job_request(name))
    bench.settle()
    for name in ("logos", "more-logos"):
        bench.finish(boxes, name=name)
    group = "/aws/sagemaker/LabelingJobs"
    streams = logs.describe_log_streams(logGroupName=group)["logStreams"]
    assert [stream["logStreamName"] for stream in streams] == ["logos", "more-logos"]
    events = logs.get_log_events(logGroupName=group, logStreamName="logos")["events"]
    records = [json.loads(event["message"]) for event in events]
    assert all(record["labeling-job-name"] == "logos" for record in records)
    assert all(
        record.keys() == {"labeling-job-name", "event-name", "event-log-message"}
        for record in records
    )
    assert [(record["event-name"], record["event-log-message"][-9:]) for record in records] == [
        ("BATCH_ANNOTATION_STATUS_EVALUATED", "SUBMITTED"),
        ("EXPORTED_LABELED_MANIFEST", ".manifest"),
        ("BATCH_ANNOTATION_STATUS_EVALUATED", "COMPLETED"),
    ]


# V03, D06
def test_a_stopping_condition_is_told_in_the_log(bench, sagemaker, logs):
    conditions = {"MaxHumanLabeledObjectCount": 2}
    sagemaker.create_labeling_job(**job_request(), StoppingConditions=conditions)
    bench.settle()
    assert bench.finish(boxes).status == "Stopped"
    names = [record["event"] for record in log_of(logs, "logos")]
    assert names.count("STOPPING_CONDITION_REACHED") == 1
    described = sagemaker.describe_labeling_job(LabelingJobName="logos")
    assert described["StoppingConditions"] == conditions
    assert described["LabelCounters"]["HumanLabeled"] == 2


# D06
def test_a_percentage_of_the_data_set_stops_the_job_too(bench, sagemaker, logs):
    conditions = {"MaxPercentageOfInputDatasetLabeled": 34}  # of 3 objects, rounded up: 2
    sagemaker.create_labeling_job(**job_request(), StoppingConditions=conditions)
    bench.settle()
    assert (bench.finish(boxes).status, bench.engine.jobs.get("logos").human_labeled) == (
        "Stopped",
        2,
    )
    assert "STOPPING_CONDITION_REACHED" in [record["event"] for record in log_of(logs, "logos")]


# V01
def test_each_finished_task_is_an_entry_of_the_worker_activity_log(bench, sagemaker, logs):
    sagemaker.create_labeling_job(**job_request())
    bench.settle()
    first, second, third = bench.ana.claim(count=3)
    bench.clock.advance(26)
    bench.ana.submit(first, boxes(first))
    bench.ana.act("decline", second)
    bench.ana.act("release", third)
    entries = activity_of(logs, ARN)
    assert [entry["event_type"] for entry in entries] == [
        "TasksSubmitted",
        "TasksDeclined",
        "TasksReturned",
    ]
    entry = entries[0]
    assert entry.keys() == {
        "worker_id", "cognito_user_pool_id", "cognito_sub_id", "task_accepted_time",
        "task_submitted_time", "task_returned_time", "task_declined_time", "workteam_arn",
        "labeling_job_arn", "work_requester_account_id", "job_reference_code", "job_type",
        "event_type", "event_timestamp",
    }  # fmt: skip
    assert (entry["workteam_arn"], entry["labeling_job_arn"]) == (TEAM, ARN)
    assert (entry["job_type"], entry["cognito_sub_id"]) == ("Private", bench.ana.sub)
    assert entry["event_timestamp"] == str(int(bench.clock()))
    assert entry["task_accepted_time"].endswith(" UTC 2026")
    assert (entry["task_declined_time"], entry["task_returned_time"]) == ("", "")
    assert all(isinstance(value, str) for value in entry.values())


# V01
def test_metrics_count_what_workers_did_and_jobs_became(bench, sagemaker):
    sagemaker.create_labeling_job(**job_request(TaskTimeLimitInSeconds=3600))
    began = bench.clock()
    bench.settle()
    first, second, third = bench.ana.claim(count=3)
    bench.clock.advance(60)
    bench.ana.submit(first, boxes(first), time_spent_s=11.5)
    bench.ana.act("decline", second)
    bench.settle()

    def values(name, dimension=("Workteam", "loggers"), namespace=TEAM_NAMESPACE):
        metric = Metric(namespace, name, dimension)
        found = bench.engine.metrics.series(metric, began, bench.clock() + 1)
        return [value for _, value in found]

    job = ("LabelingJobName", "logos")
    assert values("TasksAccepted") == [1.0, 1.0, 1.0]  # the third is in Ana's hands
    assert (values("TasksSubmitted"), values("TasksDeclined")) == ([1.0], [1.0])
    assert (values("TasksReturned"), values("ActiveWorkers")) == ([], [1.0, 1.0])
    assert values("TimeSpent") == [11.5]
    assert values("TasksSubmitted", ("Workteam", "others")) == []
    assert values("DatasetObjectsHumanAnnotated", job, JOB_NAMESPACE) == [1.0]
    bench.ana.submit(third, boxes(third))
    bench.finish(boxes)
    assert values("TotalDatasetObjectsLabeled", job, JOB_NAMESPACE) == [1.0, 2.0]
    assert values("DatasetObjectsLabelingFailed", job, JOB_NAMESPACE) == [1.0]  # declined
    assert values("DatasetObjectsAutoAnnotated", job, JOB_NAMESPACE) == []
    ends = [values(f"Jobs{end}", None, JOB_NAMESPACE) for end in ("Succeeded", "Failed", "Stopped")]
    assert ends == [[1.0], [], []]
    known = list(bench.engine.metrics.all())
    assert Metric(JOB_NAMESPACE, "TotalDatasetObjectsLabeled", job) in known
    assert Metric(TEAM_NAMESPACE, "TimeSpent", ("Workteam", "loggers")) in known

"""A job's life as the API tells it: statuses, counters, the end it comes to and why."""

from __future__ import annotations

import itertools
import json
import re

import pytest
from botocore.exceptions import ClientError

from gt_widgets.schema.jobs import TRANSITIONS, JobStatus
from gt_widgets.testing import box_answer, class_answer, job_request

COUNTERS = {
    "TotalLabeled",
    "HumanLabeled",
    "MachineLabeled",
    "FailedNonRetryableError",
    "Unlabeled",
}


def boxes(_task):
    return box_answer(("Norda", 1, 2, 30, 20))


class Watch:
    """Polls a job: remembers its statuses and holds its counters against the invariant."""

    def __init__(self, sagemaker, name="logos"):
        self.sagemaker, self.name = sagemaker, name
        self.statuses, self.counters = [], []

    def __call__(self):
        found = self.sagemaker.describe_labeling_job(LabelingJobName=self.name)
        self.statuses.append(JobStatus(found["LabelingJobStatus"]))
        counters = found["LabelCounters"]
        assert counters.keys() == COUNTERS
        assert counters["TotalLabeled"] == counters["HumanLabeled"] + counters["MachineLabeled"]
        done = counters["TotalLabeled"] + counters["FailedNonRetryableError"]
        self.counters.append((done, done + counters["Unlabeled"]))
        return found

    def path(self):
        """Statuses without repeats; each step must be one of the life cycle."""
        path = [status for status, _ in itertools.groupby(self.statuses)]
        for now, to in itertools.pairwise(path):
            assert to in TRANSITIONS[now], f"{now} -> {to}"
        return path


@pytest.fixture
def watch(sagemaker):
    return Watch(sagemaker)


def manifest(client, described):
    bucket, _, key = (
        described["LabelingJobOutput"]["OutputDatasetS3Uri"].removeprefix("s3://").partition("/")
    )
    body = client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    return [json.loads(line) for line in body.splitlines()]


# C12 C13
def test_a_job_that_is_labeled_to_its_end_is_completed(bench, client, sagemaker, watch):
    sagemaker.create_labeling_job(**job_request())
    watch()
    bench.settle()
    for worker in (bench.ana, bench.ben, bench.ana):
        watch()
        worker.work(boxes, most=1)
        watch()
        bench.settle()
    found = watch()
    assert watch.path() == ["Initializing", "InProgress", "Completed"]
    assert watch.counters[0] == (0, 0)
    assert {total for _, total in watch.counters[1:]} == {3}
    labeled = [done for done, _ in watch.counters]
    assert labeled == sorted(labeled)
    assert labeled[-1] == 3
    assert all(line["logos"]["annotations"] for line in manifest(client, found))


# C12 C13 C14
def test_a_stopped_job_keeps_the_labels_it_has(bench, client, sagemaker, watch):
    sagemaker.create_labeling_job(**job_request())
    bench.settle()
    bench.ana.work(boxes, most=2)
    watch()
    assert sagemaker.stop_labeling_job(LabelingJobName="logos").keys() == {"ResponseMetadata"}
    watch()
    bench.settle()
    found = watch()
    assert watch.path() == ["InProgress", "Stopping", "Stopped"]
    assert found["LabelCounters"]["HumanLabeled"] == 2
    assert found["LabelCounters"]["Unlabeled"] == 1
    lines = manifest(client, found)
    assert [line["source-ref"][-5:] for line in lines] == ["0.jpg", "1.jpg", "2.jpg"]
    assert sorted(len(line) for line in lines) == [1, 3, 3]


def test_a_job_that_is_stopped_before_it_began_is_stopped(bench, sagemaker, watch):
    sagemaker.create_labeling_job(**job_request())
    sagemaker.stop_labeling_job(LabelingJobName="logos")
    watch()
    bench.settle()
    watch()
    assert watch.path() == ["Stopping", "Stopped"]


BAD_LINES = {
    "no-source": ('{"source_ref": "s3://demo-gt/images/1.jpg"}', "Rename 'source_ref' to"),
    "no-json": ('{"source-ref": ', ""),
    "no-object": ("[1, 2]", ""),
}


# C12
@pytest.mark.parametrize(("line", "words"), BAD_LINES.values(), ids=BAD_LINES)
def test_a_bad_line_fails_the_job_and_is_named(bench, client, sagemaker, watch, line, words):
    good = '{"source-ref": "s3://demo-gt/images/0.jpg"}'
    body = f"{good}\n{line}\n{good}".encode()
    client("s3").put_object(Bucket="demo-gt", Key="input.manifest", Body=body)
    sagemaker.create_labeling_job(**job_request())
    watch()
    bench.settle()
    found = watch()
    assert watch.path() == ["Initializing", "Failed"]
    reason = found["FailureReason"]
    assert reason.startswith("ClientError: s3://demo-gt/input.manifest line 2: ")
    assert words in reason
    [listed] = sagemaker.list_labeling_jobs()["LabelingJobSummaryList"]
    assert listed["FailureReason"] == reason


def test_a_manifest_that_goes_away_before_it_is_read_fails_the_job(bench, client, sagemaker, watch):
    sagemaker.create_labeling_job(**job_request())
    client("s3").delete_object(Bucket="demo-gt", Key="input.manifest")
    bench.settle()
    assert "s3://demo-gt/input.manifest" in watch()["FailureReason"]
    assert watch.path() == ["Failed"]


# C13: what cannot be opened is counted, and the job goes on
def test_a_missing_picture_is_counted_as_failed(bench, client, sagemaker, watch):
    client("s3").delete_object(Bucket="demo-gt", Key="images/1.jpg")
    sagemaker.create_labeling_job(**job_request())
    bench.settle()
    watch()
    bench.ana.work(boxes)
    bench.settle()
    found = watch()
    assert found["LabelingJobStatus"] == "Completed"
    assert found["LabelCounters"]["FailedNonRetryableError"] == 1
    assert watch.counters == [(1, 3), (3, 3)]
    assert "logos" not in manifest(client, found)[1]


# what is not in our buckets is never opened, whatever the manifest's author hoped for
@pytest.mark.parametrize(
    "location",
    [
        "file:///etc/passwd",
        "/etc/passwd",
        "http://127.0.0.1:1/a.jpg",
        "s3://demo-gt/../../state.db",
    ],
)
def test_a_location_outside_the_buckets_is_a_failed_object(
    bench, client, sagemaker, watch, location
):
    body = json.dumps({"source-ref": location}).encode()
    client("s3").put_object(Bucket="demo-gt", Key="input.manifest", Body=body)
    sagemaker.create_labeling_job(**job_request())
    bench.settle()
    found = watch()
    assert found["LabelCounters"]["FailedNonRetryableError"] == 1
    metadata = manifest(client, found)[0]["logos-metadata"]
    assert location in metadata["failure-reason"]


# C15
@pytest.mark.parametrize("end", ["Completed", "Stopped", "Failed", "Stopping"])
def test_a_job_that_has_ended_cannot_be_stopped(bench, client, sagemaker, watch, end):
    if end == "Failed":
        client("s3").put_object(Bucket="demo-gt", Key="input.manifest", Body=b"\n")
    sagemaker.create_labeling_job(**job_request())
    if end in {"Stopped", "Stopping"}:
        sagemaker.stop_labeling_job(LabelingJobName="logos")
    if end != "Stopping":
        bench.settle()
    bench.ana.work(boxes)
    if end != "Stopping":
        bench.settle()
    before = watch()
    assert before["LabelingJobStatus"] == end
    with pytest.raises(ClientError, match=f"is {end} and cannot become Stopping") as caught:
        sagemaker.stop_labeling_job(LabelingJobName="logos")
    assert caught.value.response["Error"]["Code"] == "ValidationException"
    assert watch()["LastModifiedTime"] == before["LastModifiedTime"]


def test_three_answers_make_one_label_of_a_class(bench, client, sagemaker, watch):
    request = job_request(task="ImageMultiClass", workers=2)
    sagemaker.create_labeling_job(**request)
    bench.settle()
    for worker in (bench.ana, bench.ben):
        worker.work(lambda _task: class_answer("Kivi"))
        watch()
    bench.settle()
    found = watch()
    assert found["LabelingJobStatus"] == "Completed"
    assert [line["logos"] for line in manifest(client, found)] == [1, 1, 1]


# S05: what the object detection notebook of AWS's examples does with a finished job
def test_the_reads_of_awss_own_notebook_work(bench, client, sagemaker, watch):
    sagemaker.create_labeling_job(**job_request(workers=2))
    bench.settle()
    for worker in (bench.ana, bench.ben):
        worker.work(boxes)
    bench.settle()
    output = watch()["OutputConfig"]["S3OutputPath"]
    s3 = client("s3")
    prefix = f"{output.split('/', 3)[3]}logos/annotations/"
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket="demo-gt", Prefix=prefix)
    keys = [found["Key"] for page in pages for found in page["Contents"]]
    consolidated = {}
    for key in keys:
        if "consolidation-response/iteration-" not in key:
            continue
        iteration = int(key.split("/")[-2].split("-")[-1])
        assert re.fullmatch(r"\d{4}-\d\d-\d\d_\d\d:\d\d:\d\d\.json", key.split("/")[-1])
        for entry in json.loads(s3.get_object(Bucket="demo-gt", Key=key)["Body"].read()):
            label = entry["consolidatedAnnotation"]["content"]["logos"]
            consolidated[entry["datasetObjectId"]] = iteration, label["annotations"]
    box = {"class_id": 0, "left": 1, "top": 2, "width": 30, "height": 20}
    assert consolidated == {str(n): (1, [box]) for n in range(3)}
    workers = [key for key in keys if "worker-response/iteration-1/" in key]
    assert [key.split("/")[-2] for key in workers] == ["0", "1", "2"]
    answers = json.loads(s3.get_object(Bucket="demo-gt", Key=workers[0])["Body"].read())["answers"]
    assert len(answers) == 2
    assert answers[0]["answerContent"]["boundingBox"]["boundingBoxes"][0]["label"] == "Norda"

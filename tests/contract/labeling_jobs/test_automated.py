"""Automated data labeling, the request's side of it: what is asked for, and when the job fails."""

from __future__ import annotations

import json

import pytest

from gt_widgets.schema.arns import FUNCTION_ACCOUNTS
from gt_widgets.schema.tasks import TASK_TYPES
from gt_widgets.testing import job_request
from gt_widgets.testing.carriers import CARRIERS

ALGORITHM = "arn:aws:sagemaker:us-east-1:027400017018:labeling-job-algorithm-specification/"


@pytest.fixture(scope="module", params=CARRIERS)
def place(request):
    """SQLite alone: nothing here depends on the store."""
    return request.param


def automated(algorithm="object-detection", **more):
    config = {"LabelingJobAlgorithmSpecificationArn": ALGORITHM + algorithm}
    return job_request(**more) | {"LabelingJobAlgorithmsConfig": config}


def fill(bench, objects, *, broken=False):
    name = "gone" if broken else "0"
    line = json.dumps({"source-ref": f"s3://demo-gt/images/{name}.jpg"})
    bench.engine.objects.put("demo-gt", "input.manifest", (f"{line}\n" * objects).encode())


def described(sagemaker):
    return sagemaker.describe_labeling_job(LabelingJobName="logos")


# C17
@pytest.mark.parametrize("region", FUNCTION_ACCOUNTS)
def test_functions_of_every_region_are_known_and_a_wrong_pair_is_refused(standing, refused, region):
    pre = f"arn:aws:lambda:{region}:{FUNCTION_ACCOUNTS[region]}:function:PRE-BoundingBox"
    request = job_request(f"from-{region}")
    human = request["HumanTaskConfig"]
    human["PreHumanTaskLambdaArn"] = pre
    after = human["AnnotationConsolidationConfig"]
    after["AnnotationConsolidationLambdaArn"] = pre.replace("PRE-BoundingBox", "ACS-TextMultiClass")
    assert "do not belong together" in refused(request)
    after["AnnotationConsolidationLambdaArn"] = pre.replace("PRE", "ACS")
    standing.sagemaker.create_labeling_job(**request)


# C18
@pytest.mark.parametrize(
    "function",
    [
        "ImageMultiClassMultiLabel",
        "TextMultiClassMultiLabel",
        "NamedEntityRecognition",
        "VideoObjectDetection",
        "3DPointCloudObjectDetection",
        "PassThrough",
        "VerificationBoundingBox",
    ],
)
def test_what_a_machine_cannot_label_is_refused(refused, function):
    assert function in {task_type.function for task_type in TASK_TYPES}
    assert "cannot be labeled automatically" in refused(automated(task=function))


# C18
def test_the_algorithm_must_be_the_tasks_own(refused):
    said = refused(automated("image-classification"))
    assert "names 'image-classification'; bounding-box jobs need 'object-detection'" in said


# C19
def test_one_object_too_few_fails_the_job_and_says_how_many_it_takes(bench, sagemaker):
    fill(bench, 1249)
    sagemaker.create_labeling_job(**automated())
    bench.settle()
    found = described(sagemaker)
    assert found["LabelingJobStatus"] == "Failed"
    assert "1249 data objects" in found["FailureReason"]
    assert "at least 1250" in found["FailureReason"]


# C19
def test_twelve_hundred_and_fifty_objects_are_enough(bench, sagemaker):
    fill(bench, 1250)
    sagemaker.create_labeling_job(**automated())
    bench.settle()
    assert described(sagemaker)["LabelingJobStatus"] == "InProgress"


# D05
@pytest.mark.parametrize(("declined", "status"), [(1, "InProgress"), (2, "Failed")])
def test_an_automated_job_fails_when_more_than_a_tenth_of_its_first_sample_does(
    bench, sagemaker, declined, status
):
    fill(bench, 1250)
    sagemaker.create_labeling_job(**automated())
    bench.settle()
    for _ in range(declined):
        [task, *_] = bench.ana.claim()
        bench.ana.act("decline", task)
    for task in iter(bench.ana.claim, []):
        empty = {"boundingBoxes": [], "inputImageProperties": {"width": 64, "height": 48}}
        bench.ana.submit(task[0], {"boundingBox": empty})
    bench.settle()
    found = described(sagemaker)
    assert found["LabelingJobStatus"] == status
    assert found["LabelCounters"]["FailedNonRetryableError"] == declined
    if status == "Failed":
        assert "2 of the first 10 objects failed" in found["FailureReason"]
        failed = [
            line for line in bench.output() if "logos-metadata" in line and "logos" not in line
        ]
        assert len(failed) == 2


# D05: only its first sample is judged so
def test_a_job_without_a_machine_goes_on_when_its_probe_fails(bench, sagemaker):
    fill(bench, 12, broken=True)
    sagemaker.create_labeling_job(**job_request())
    bench.settle()
    found = described(sagemaker)
    assert found["LabelingJobStatus"] == "Completed"
    assert found["LabelCounters"]["FailedNonRetryableError"] == 12

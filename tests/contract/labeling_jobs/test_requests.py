"""What CreateLabelingJob takes, what it refuses and why, and what Describe gives back."""

from __future__ import annotations

import copy
import datetime as dt
import json
import re

import pytest
from botocore.exceptions import ClientError

from gt_widgets.schema.arns import function_arn
from gt_widgets.schema.labels import label_file
from gt_widgets.schema.tasks import TASK_TYPES
from gt_widgets.testing import job_request
from gt_widgets.testing.carriers import CARRIERS

REGION, ACCOUNT = "us-east-1", "111122223333"
ALGORITHM = (
    f"arn:aws:sagemaker:{REGION}:027400017018:labeling-job-algorithm-specification/object-detection"
)
WORKSHOP = {
    "LabelingJobName": "logo-boxes-01",
    "LabelAttributeName": "logos",
    "InputConfig": {
        "DataSource": {"S3DataSource": {"ManifestS3Uri": "s3://demo-gt/input.manifest"}},
        "DataAttributes": {
            "ContentClassifiers": [
                "FreeOfPersonallyIdentifiableInformation",
                "FreeOfAdultContent",
            ]
        },
    },
    "OutputConfig": {
        "S3OutputPath": "s3://demo-gt/aim406//output/",
        "KmsKeyId": "alias/labels",
    },
    "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/gt-demo",
    "LabelCategoryConfigS3Uri": "s3://demo-gt/labels.json",
    "StoppingConditions": {
        "MaxHumanLabeledObjectCount": 900,
        "MaxPercentageOfInputDatasetLabeled": 100,
    },
    "LabelingJobAlgorithmsConfig": {
        "LabelingJobAlgorithmSpecificationArn": ALGORITHM,
        "LabelingJobResourceConfig": {"VolumeKmsKeyId": "alias/volumes"},
    },
    "HumanTaskConfig": {
        "WorkteamArn": f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:workteam/private-crowd/loggers",
        "UiConfig": {"UiTemplateS3Uri": "s3://demo-gt/page.template"},
        "PreHumanTaskLambdaArn": function_arn(REGION, "PRE-BoundingBox"),
        "TaskKeywords": ["image", "object", "detection"],
        "TaskTitle": "Draw a box around each logo",
        "TaskDescription": "Box every brand logo you can see: Dörte's, 日本's, <b>yours</b>",
        "NumberOfHumanWorkersPerDataObject": 1,
        "TaskTimeLimitInSeconds": 300,
        "TaskAvailabilityLifetimeInSeconds": 21600,
        "MaxConcurrentTaskCount": 200,
        "AnnotationConsolidationConfig": {
            "AnnotationConsolidationLambdaArn": function_arn(REGION, "ACS-BoundingBox")
        },
    },
    "Tags": [{"Key": "project", "Value": "aim406"}, {"Key": "empty", "Value": ""}],
}


@pytest.fixture(scope="module", params=CARRIERS)
def place(request):
    """SQLite alone: nothing here depends on the store."""
    return request.param


def changed(request, path, value):
    """Copy a request with one member, named by a dotted path, set; ``None`` takes it away."""
    request = copy.deepcopy(request)
    *parents, last = path.split(".")
    inside = request
    for name in parents:
        inside = inside[name]
    if value is None:
        del inside[last]
    else:
        inside[last] = value
    return request


def describe(sagemaker, name="logos"):
    return sagemaker.describe_labeling_job(LabelingJobName=name)


# C07
def test_describe_gives_back_every_field_of_the_workshops_request(sagemaker):
    made = sagemaker.create_labeling_job(**WORKSHOP)
    assert made["LabelingJobArn"] == (
        f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:labeling-job/logo-boxes-01"
    )
    found = describe(sagemaker, "logo-boxes-01")
    assert {key: found[key] for key in WORKSHOP} == WORKSHOP
    assert found["LabelingJobArn"] == made["LabelingJobArn"]


# C08
def test_describe_fills_in_the_defaults_of_the_service(sagemaker):
    sagemaker.create_labeling_job(**job_request())
    found = describe(sagemaker)
    assert found["OutputConfig"]["KmsKeyId"] == ""
    assert found["HumanTaskConfig"]["MaxConcurrentTaskCount"] == 1000
    assert found["HumanTaskConfig"]["TaskAvailabilityLifetimeInSeconds"] == 2_592_000
    assert "Tags" not in found
    assert "FailureReason" not in found


def test_automated_labeling_without_resources_is_described_with_them(sagemaker):
    request = changed(WORKSHOP, "LabelingJobAlgorithmsConfig.LabelingJobResourceConfig", None)
    sagemaker.create_labeling_job(**request)
    config = describe(sagemaker, "logo-boxes-01")["LabelingJobAlgorithmsConfig"]
    assert config == {
        "LabelingJobAlgorithmSpecificationArn": ALGORITHM,
        "LabelingJobResourceConfig": {},
    }


# C05
@pytest.mark.parametrize("second", ["Job-a", "job-A", "JOB-A"])
def test_a_name_in_use_is_refused_in_whatever_case(sagemaker, second):
    sagemaker.create_labeling_job(**job_request("Job-a"))
    with pytest.raises(sagemaker.exceptions.ResourceInUse, match=f"'{second}' is in use"):
        sagemaker.create_labeling_job(**job_request(second))


def test_the_name_of_a_finished_job_stays_taken(bench, sagemaker):
    bench.job()
    sagemaker.stop_labeling_job(LabelingJobName="logos")
    bench.settle()
    with pytest.raises(sagemaker.exceptions.ResourceInUse):
        sagemaker.create_labeling_job(**job_request())


def test_a_job_is_found_in_whatever_case_and_keeps_its_own(sagemaker):
    sagemaker.create_labeling_job(**job_request("Job-A"))
    assert describe(sagemaker, "jOB-a")["LabelingJobName"] == "Job-A"


@pytest.mark.parametrize(
    "tags",
    [
        [{"Key": "aws:project", "Value": "logos"}],
        [{"Key": "project", "Value": "a"}, {"Key": "project", "Value": "b"}],
    ],
)
def test_a_job_whose_tags_are_refused_is_not_made(sagemaker, tags):
    with pytest.raises(ClientError, match="Tag key"):
        sagemaker.create_labeling_job(**job_request(), Tags=tags)
    assert sagemaker.list_labeling_jobs()["LabelingJobSummaryList"] == []


# C06
@pytest.mark.parametrize("operation", ["describe_labeling_job", "stop_labeling_job"])
def test_a_missing_job_is_a_validation_exception(standing, operation):
    with pytest.raises(ClientError, match="no-such-job") as caught:
        getattr(standing.sagemaker, operation)(LabelingJobName="no-such-job")
    assert caught.value.response["Error"]["Code"] == "ValidationException"
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


# C09
@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("s3://demo-gt/out/", "s3://demo-gt/out/logos/manifests/output/output.manifest"),
        ("s3://demo-gt/out", "s3://demo-gt/out/logos/manifests/output/output.manifest"),
        ("s3://demo-gt", "s3://demo-gt/logos/manifests/output/output.manifest"),
        ("s3://demo-gt/", "s3://demo-gt/logos/manifests/output/output.manifest"),
        ("s3://demo-gt/ü b", "s3://demo-gt/ü b/logos/manifests/output/output.manifest"),
    ],
)
def test_the_output_manifest_has_one_slash_at_each_join_and_is_there(
    bench, client, sagemaker, path, uri
):
    sagemaker.create_labeling_job(**changed(job_request(), "OutputConfig.S3OutputPath", path))
    bench.settle()
    found = describe(sagemaker)
    assert found["OutputConfig"]["S3OutputPath"] == path
    assert found["LabelingJobOutput"]["OutputDatasetS3Uri"] == uri
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    body = client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    assert len(body.splitlines()) == 3


# C10
def test_the_reference_code_begins_with_the_account_and_stays(bench, sagemaker):
    sagemaker.create_labeling_job(**job_request())
    first = describe(sagemaker)["JobReferenceCode"]
    bench.settle()
    assert re.fullmatch(ACCOUNT + "[0-9A-Za-z]{16}", first)
    assert describe(sagemaker)["JobReferenceCode"] == first


# C11
def test_times_are_aware_and_the_last_change_moves_on(bench, sagemaker):
    sagemaker.create_labeling_job(**job_request())
    first = describe(sagemaker)
    assert first["CreationTime"] == dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
    assert first["LastModifiedTime"] == first["CreationTime"]
    bench.settle(seconds=60)
    bench.ana.work(lambda task: {"boundingBox": {"boundingBoxes": []}}, most=1)
    bench.settle(seconds=60)
    second = describe(sagemaker)
    bench.clock.advance(-600)  # somebody sets the clock back
    sagemaker.stop_labeling_job(LabelingJobName="logos")
    assert second["CreationTime"] == first["CreationTime"]
    assert second["LastModifiedTime"] - first["LastModifiedTime"] == dt.timedelta(seconds=120)
    assert describe(sagemaker)["LastModifiedTime"] >= second["LastModifiedTime"]


# --- the label attribute name (C16) -----------------------------------------------------------


def of_task(function, name="logos"):
    request = job_request(task=function)
    return request | {"LabelAttributeName": name}


@pytest.mark.parametrize("name", ["logos-metadata", "source", "source-ref"])
def test_an_attribute_name_that_the_line_has_already_is_refused(refused, name):
    assert f"LabelAttributeName '{name}'" in refused(of_task("BoundingBox", name))


@pytest.mark.parametrize(
    "task", [task for task in TASK_TYPES if not task.custom], ids=lambda task: task.function
)
def test_the_ref_suffix_is_asked_for_where_labels_are_files_and_refused_elsewhere(refused, task):
    wrong, right = ("logos", "logos-ref") if task.ref_suffix else ("logos-ref", "logos")
    said = refused(of_task(task.function, wrong))
    assert f"LabelAttributeName '{wrong}' must {'' if task.ref_suffix else 'not '}end" in said
    assert f"Use '{right}'" in said


# --- what is not run here is said -------------------------------------------------------------


@pytest.mark.parametrize(
    "task",
    [task for task in TASK_TYPES if not task.supported and not task.custom],
    ids=lambda task: task.function,
)
def test_a_task_type_that_is_not_run_here_is_refused_by_its_name(refused, task):
    request = of_task(task.function, "logos-ref" if task.ref_suffix else "logos")
    said = refused(request)
    assert f"PRE-{task.function}" in said
    assert "the local engine labels images and texts, no video and no 3D" in said


def test_a_custom_job_with_a_function_of_its_own_is_refused_in_words(refused):
    arn = "arn:aws:lambda:us-east-1:111122223333:function:my-own"
    request = changed(job_request(), "HumanTaskConfig.PreHumanTaskLambdaArn", arn)
    assert "makes a custom job with a function of its own" in refused(request)


def test_a_custom_job_whose_page_has_no_element_that_is_known_is_refused_in_words(refused):
    request = changed(job_request(), "HumanTaskConfig.PreHumanTaskLambdaArn", None)
    assert "page.template has no labeling element that the local engine knows" in refused(request)


def test_a_stream_from_a_topic_that_is_not_there_is_refused_in_words(refused):
    topic = {"SnsDataSource": {"SnsTopicArn": f"arn:aws:sns:{REGION}:{ACCOUNT}:objects"}}
    said = refused(changed(job_request(), "InputConfig.DataSource", topic))
    assert f"Topic does not exist: arn:aws:sns:{REGION}:{ACCOUNT}:objects" in said


# C23
@pytest.mark.parametrize(
    ("config", "found"),
    [
        ({}, "neither"),
        (
            {
                "UiTemplateS3Uri": "s3://demo-gt/page.template",
                "HumanTaskUiArn": f"arn:aws:sagemaker:{REGION}:394669845002:human-task-ui/Boxes",
            },
            "UiTemplateS3Uri and HumanTaskUiArn",
        ),
    ],
)
def test_a_job_has_exactly_one_page(refused, config, found):
    said = refused(changed(job_request(), "HumanTaskConfig.UiConfig", config))
    assert said.endswith(
        f"expected exactly one of UiTemplateS3Uri and HumanTaskUiArn; found {found}."
    )


# --- what is missing is named -----------------------------------------------------------------

MANIFEST = "InputConfig.DataSource.S3DataSource.ManifestS3Uri"
PAGE = "HumanTaskConfig.UiConfig.UiTemplateS3Uri"
TEAM = "arn:aws:sagemaker:us-east-1:111122223333:workteam/private-crowd/nobody"


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        (MANIFEST, "s3://demo-gt/gone.manifest", f"{MANIFEST}: s3://demo-gt/gone.manifest does"),
        (MANIFEST, "s3://no-bucket/a", "s3://no-bucket/a does not exist"),
        (MANIFEST, "s3://demo-gt", "s3://demo-gt"),
        (MANIFEST, "s3://demo-gt/images/", "s3://demo-gt/images/ does not exist"),
        (PAGE, "s3://demo-gt/gone.template", f"{PAGE}: s3://demo-gt/gone.template does not exist"),
        ("LabelCategoryConfigS3Uri", "s3://demo-gt/gone.json", "s3://demo-gt/gone.json does not"),
        ("LabelCategoryConfigS3Uri", "s3://demo-gt", "s3://demo-gt"),
        ("LabelCategoryConfigS3Uri", None, "LabelCategoryConfigS3Uri is missing"),
        ("OutputConfig.S3OutputPath", "s3://no-bucket/output", "bucket 'no-bucket' does not"),
        ("HumanTaskConfig.WorkteamArn", TEAM, "nobody"),
        ("HumanTaskConfig.WorkteamArn", TEAM.replace("us-east-1", "eu-west-1"), "eu-west-1"),
        ("HumanTaskConfig.WorkteamArn", TEAM.replace("private", "vendor"), "vendor"),
    ],
)
def test_what_a_request_names_and_is_not_there_is_refused_by_its_name(refused, path, value, words):
    assert words in refused(changed(job_request(), path, value))


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_location_outside_s3_is_refused_at_once(refused, scheme):
    said = refused(changed(job_request(), MANIFEST, f"{scheme}://example.org/input.manifest"))
    assert "example.org" in said


# --- the label category file (L01) ------------------------------------------------------------


def with_labels(client, data, task="BoundingBox"):
    client("s3").put_object(Bucket="demo-gt", Key="own.json", Body=data)
    return job_request(task=task) | {"LabelCategoryConfigS3Uri": "s3://demo-gt/own.json"}


def test_a_label_file_without_document_version_is_accepted(client, sagemaker):
    document = {"labels": [{"label": "Norda"}, {"label": "norda"}]}
    sagemaker.create_labeling_job(**with_labels(client, json.dumps(document)))
    assert describe(sagemaker)["LabelingJobStatus"] == "Initializing"


@pytest.mark.parametrize(
    ("data", "task", "words"),
    [
        (label_file(["Norda", "Kivi", "Norda"]), "BoundingBox", "'Norda' stands there twice"),
        (label_file(["Norda"]), "ImageMultiClass", "at least 2"),
        (label_file([f"brand {n}" for n in range(51)]), "BoundingBox", "51"),
        (label_file([]), "BoundingBox", "at least 1"),
        (label_file(["x" * 257]), "BoundingBox", "at most 256"),
        (b"labels: [a]", "BoundingBox", "own.json: expected"),
        (b"\xff\xfe", "BoundingBox", "own.json"),
        (b'{"labels": "Norda"}', "BoundingBox", "own.json"),
    ],
)
def test_a_label_file_that_breaks_a_rule_is_refused(standing, refused, data, task, words):
    said = refused(with_labels(standing, data, task))
    assert "s3://demo-gt/own.json" in said
    assert words in said

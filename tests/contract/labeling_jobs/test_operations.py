"""Every operation of the service that labeling needs: called, or refused in words."""

from __future__ import annotations

import re

import boto3
import pytest
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import ClientError, ParamValidationError

from gt_widgets.testing import job_request
from gt_widgets.testing.shapes import check_shape

JOB = "arn:aws:sagemaker:us-east-1:111122223333:labeling-job/logos"
TEAM = job_request()["HumanTaskConfig"]["WorkteamArn"]
VENDOR = "arn:aws:sagemaker:us-east-1:555566667777:workteam/vendor-crowd/meridian-labeling"
OPERATIONS = {
    "AddTags": {"ResourceArn": JOB, "Tags": [{"Key": "project", "Value": "logos"}]},
    "CreateHumanTaskUi": {"HumanTaskUiName": "page", "UiTemplate": {"Content": "<crowd-form/>"}},
    "CreateLabelingJob": job_request(),
    "CreateWorkforce": {"WorkforceName": "default"},
    "CreateWorkteam": {"WorkteamName": "loggers", "Description": "They know the brands"},
    "DeleteHumanTaskUi": {"HumanTaskUiName": "page"},
    "DeleteTags": {"ResourceArn": JOB, "TagKeys": ["project"]},
    "DeleteWorkforce": {"WorkforceName": "default"},
    "DeleteWorkteam": {"WorkteamName": "loggers"},
    "DescribeHumanTaskUi": {"HumanTaskUiName": "page"},
    "DescribeLabelingJob": {"LabelingJobName": "logos"},
    "DescribeSubscribedWorkteam": {"WorkteamArn": VENDOR},
    "DescribeWorkforce": {"WorkforceName": "default"},
    "DescribeWorkteam": {"WorkteamName": "loggers"},
    "ListHumanTaskUis": {},
    "ListLabelingJobs": {},
    "ListLabelingJobsForWorkteam": {"WorkteamArn": TEAM},
    "ListSubscribedWorkteams": {},
    "ListTags": {"ResourceArn": JOB},
    "ListWorkforces": {},
    "ListWorkteams": {},
    "RenderUiTemplate": {
        "UiTemplate": {"Content": "<p>{{ task.input }}</p>"},
        "Task": {"Input": "{}"},
        "RoleArn": job_request()["RoleArn"],
    },
    "StopLabelingJob": {"LabelingJobName": "logos"},
    "UpdateWorkforce": {"WorkforceName": "default", "IpAddressType": "ipv4"},
    "UpdateWorkteam": {"WorkteamName": "loggers", "Description": "Other people"},
}
STORY = [
    "ListWorkteams",
    "DescribeWorkteam",
    "UpdateWorkteam",
    "DeleteWorkteam",
    "DeleteWorkforce",
    "CreateWorkforce",
    "ListWorkforces",
    "DescribeWorkforce",
    "UpdateWorkforce",
    "CreateWorkteam",
    "ListSubscribedWorkteams",
    "DescribeSubscribedWorkteam",
    "CreateLabelingJob",
    "DescribeLabelingJob",
    "ListLabelingJobs",
    "ListLabelingJobsForWorkteam",
    "AddTags",
    "ListTags",
    "DeleteTags",
    "StopLabelingJob",
    "CreateHumanTaskUi",
    "DescribeHumanTaskUi",
    "ListHumanTaskUis",
    "RenderUiTemplate",
    "DeleteHumanTaskUi",
]
OF_OTHERS = {
    "CreateFlowDefinition": {
        "FlowDefinitionName": "flow",
        "OutputConfig": {"S3OutputPath": "s3://demo-gt/output/"},
        "RoleArn": job_request()["RoleArn"],
    },
    "ListFlowDefinitions": {},
    "ListTrainingJobs": {},
}


# C01, and C02: each answer is held against its output shape as it comes
def test_every_operation_we_have_answers_in_the_shape_of_the_service(client, sagemaker):
    described = sagemaker.describe_workteam(WorkteamName="loggers")["Workteam"]
    group = described["MemberDefinitions"][0]["CognitoMemberDefinition"]
    config = {"UserPool": group["UserPool"], "ClientId": group["ClientId"]}
    made_by_hand = {
        "CreateWorkforce": {"CognitoConfig": config},
        "CreateWorkteam": {"MemberDefinitions": described["MemberDefinitions"]},
    }
    client.answered.clear()
    for name in STORY:
        getattr(sagemaker, xform_name(name))(**OPERATIONS[name], **made_by_hand.get(name, {}))
    assert client.answered == STORY
    assert set(STORY) == OPERATIONS.keys()


# C01
@pytest.mark.parametrize("name", OF_OTHERS)
def test_an_operation_we_lack_says_so_and_names_those_we_have(standing, name):
    with pytest.raises(ClientError) as caught:
        getattr(standing.sagemaker, xform_name(name))(**OF_OTHERS[name])
    error, status = caught.value.response["Error"], caught.value.response["ResponseMetadata"]
    assert (error["Code"], status["HTTPStatusCode"]) == ("NotImplemented", 501)
    assert f"has no {name}" in error["Message"]
    assert all(f"'{ours}'" in error["Message"] for ours in STORY)


def test_an_operation_of_another_trade_is_refused_too(standing):
    with pytest.raises(ClientError, match="has no ListTrainingJobs of sagemaker"):
        standing.sagemaker.list_training_jobs()


# C02: the check itself sees what it is there for
@pytest.mark.parametrize(
    ("broken", "words"),
    [
        ({"LabelingJobStatus": None}, "required members .'LabelingJobStatus'. are missing"),
        ({"LabelingJobStatus": "Done"}, "'Done' is none of"),
        ({"LabelCounters": {"TotalLabeled": -1}}, "-1 is not in 0 to"),
        ({"LabelingJobArn": "arn:logos"}, "does not fit"),
        ({"Cost": 12}, "are no members of DescribeLabelingJobResponse"),
        ({"CreationTime": 1.5}, "expected timestamp"),
    ],
)
def test_an_answer_out_of_shape_is_noticed(bench, sagemaker, broken, words):
    bench.job()
    answer = sagemaker.describe_labeling_job(LabelingJobName="logos")
    del answer["ResponseMetadata"]
    shape = sagemaker.meta.service_model.operation_model("DescribeLabelingJob").output_shape
    check_shape(answer, shape)
    with pytest.raises(AssertionError, match=words):
        check_shape(answer | broken, shape)


@pytest.fixture(scope="module")
def aws():
    """What boto3 says without us; nobody listens at that address."""
    nobody = Config(connect_timeout=30, retries={"total_max_attempts": 1})
    session = boto3.Session("a", "b", region_name="us-east-1")
    return session.client("sagemaker", endpoint_url="http://127.0.0.1:1", config=nobody)


def without(*path):
    request = job_request()
    *parents, last = path
    inside = request
    for name in parents:
        inside = inside[name]
    del inside[last]
    return request


def human(**values):
    request = job_request()
    request["HumanTaskConfig"].update(values)
    return request


# C03: reference 1.1
@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (without("RoleArn"), 'Missing required parameter in input: "RoleArn"'),
        (
            without("HumanTaskConfig", "TaskTitle"),
            'Missing required parameter in HumanTaskConfig: "TaskTitle"',
        ),
        (job_request() | {"Foo": 1}, 'Unknown parameter in input: "Foo", must be one of: '),
        (job_request() | {"LabelingJobName": 7}, "Invalid type for parameter LabelingJobName"),
        (human(TaskKeywords="image"), "Invalid type for parameter HumanTaskConfig.TaskKeywords"),
        (
            human(NumberOfHumanWorkersPerDataObject=0),
            (
                "Invalid value for parameter HumanTaskConfig.NumberOfHumanWorkersPerDataObject, "
                "value: 0, valid min value: 1"
            ),
        ),
        (
            job_request() | {"LabelingJobName": ""},
            "Invalid length for parameter LabelingJobName, value: 0, valid min length: 1",
        ),
        (human(TaskKeywords=[]), "value: 0, valid min length: 1"),
    ],
)
def test_what_boto3_refuses_it_refuses_here_in_the_same_words(standing, aws, request_, words):
    said = []
    for each in (standing.sagemaker, aws):
        with pytest.raises(ParamValidationError) as caught:
            each.create_labeling_job(**request_)
        said.append(str(caught.value))
    assert said[0] == said[1]
    assert words in said[0]
    assert "CreateLabelingJob" not in standing.answered


# C04
@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (
            human(NumberOfHumanWorkersPerDataObject=10),
            (
                "Value '10' at 'humanTaskConfig.numberOfHumanWorkersPerDataObject' failed to satisfy "
                "constraint: Member must have value less than or equal to 9"
            ),
        ),
        (
            job_request("bad name!"),
            (
                "Value 'bad name!' at 'labelingJobName' failed to satisfy constraint: Member must "
                "satisfy regular expression pattern: "
            ),
        ),
        (job_request("a" * 64), "Member must have length less than or equal to 63"),
        (
            job_request()
            | {
                "InputConfig": {
                    **job_request()["InputConfig"],
                    "DataAttributes": {"ContentClassifiers": ["X"]},
                }
            },
            "FreeOfPersonallyIdentifiableInformation, FreeOfAdultContent]",
        ),
        (human(TaskDescription="d" * 256), "Member must have length less than or equal to 255"),
        (human(MaxConcurrentTaskCount=5001), "Member must have value less than or equal to 5000"),
    ],
)
def test_what_boto3_lets_through_the_service_refuses(refused, request_, words):
    said = refused(request_)
    assert re.match(r"\d validation errors? detected: Value ", said)
    assert words in said


# C04: several are told at once
def test_all_violations_are_told_together(refused):
    request = human(NumberOfHumanWorkersPerDataObject=10) | {"LabelingJobName": "bad name!"}
    assert re.match("2 validation errors detected: Value .*; Value ", refused(request))


# C27
def test_no_waiter_is_invented(standing):
    assert not [name for name in standing.sagemaker.waiter_names if "label" in name]

"""Server-side validation, against the table of reference section 1.1."""

from __future__ import annotations

import copy

import pytest

from gt_widgets.errors import ServiceError, ValidationError
from gt_widgets.services.wire.models import service_model
from gt_widgets.services.wire.validate import validate

LABELING = [
    name
    for name in service_model("sagemaker").operation_names
    if any(word in name for word in ("Labeling", "Workteam", "Workforce", "HumanTaskUi"))
]
JOB = {
    "LabelingJobName": "logos",
    "LabelAttributeName": "logo",
    "InputConfig": {"DataSource": {"S3DataSource": {"ManifestS3Uri": "s3://logos/in.manifest"}}},
    "OutputConfig": {"S3OutputPath": "s3://logos/out"},
    "RoleArn": "arn:aws:iam::111122223333:role/label",
    "HumanTaskConfig": {
        "WorkteamArn": "arn:aws:sagemaker:us-east-1:111122223333:workteam/private-crowd/ana",
        "UiConfig": {"UiTemplateS3Uri": "s3://logos/template.liquid"},
        "PreHumanTaskLambdaArn": "arn:aws:lambda:us-east-1:432418664414:function:PRE-BoundingBox",
        "TaskTitle": "Draw",
        "TaskDescription": "Draw a box around each logo",
        "NumberOfHumanWorkersPerDataObject": 1,
        "TaskTimeLimitInSeconds": 600,
        "AnnotationConsolidationConfig": {
            "AnnotationConsolidationLambdaArn": (
                "arn:aws:lambda:us-east-1:432418664414:function:ACS-BoundingBox"
            )
        },
    },
}


def create_labeling_job(**changes):
    params = copy.deepcopy(JOB)
    for path, value in changes.items():
        *parents, last = path.split("__")
        node = params
        for name in parents:
            node = node.setdefault(name, {})
        node[last] = value
    shape = service_model("sagemaker").operation_model("CreateLabelingJob").input_shape
    validate(params, shape)


def complaint(**changes):
    with pytest.raises(ValidationError) as caught:
        create_labeling_job(**changes)
    assert (caught.value.code, caught.value.status) == ("ValidationException", 400)
    return str(caught.value)


def test_a_good_request_passes():
    create_labeling_job()


# C04
def test_ten_workers_are_one_too_many():
    assert complaint(HumanTaskConfig__NumberOfHumanWorkersPerDataObject=10) == (
        "1 validation error detected: Value '10' at "
        "'humanTaskConfig.numberOfHumanWorkersPerDataObject' failed to satisfy constraint: "
        "Member must have value less than or equal to 9"
    )


# C04
def test_a_name_with_a_space_breaks_the_pattern():
    assert complaint(LabelingJobName="bad name!") == (
        "1 validation error detected: Value 'bad name!' at 'labelingJobName' failed to satisfy "
        "constraint: Member must satisfy regular expression pattern: "
        "[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}"
    )


# C04
def test_a_name_of_64_characters_is_too_long():
    assert "Member must have length less than or equal to 63" in complaint(LabelingJobName="a" * 64)


# C04
def test_an_unknown_content_classifier_is_outside_the_enum():
    text = complaint(
        InputConfig__DataAttributes={"ContentClassifiers": ["FreeOfAdultContent", "X"]}
    )
    assert text == (
        "1 validation error detected: Value '[X]' at "
        "'inputConfig.dataAttributes.contentClassifiers' failed to satisfy constraint: Member "
        "must satisfy constraint: [Member must satisfy enum value set: "
        "[FreeOfPersonallyIdentifiableInformation, FreeOfAdultContent]]"
    )


# C04
def test_a_description_of_256_characters_is_too_long():
    assert "at 'humanTaskConfig.taskDescription'" in complaint(
        HumanTaskConfig__TaskDescription="d" * 256
    )


def test_a_pattern_must_match_the_whole_value():
    assert "outputConfig.s3OutputPath" in complaint(OutputConfig__S3OutputPath="http://logos")


def test_patterns_with_unicode_classes_are_understood():
    create_labeling_job(HumanTaskConfig__TaskTitle="Zeichne Kästchen 日本")
    assert "taskTitle" in complaint(HumanTaskConfig__TaskTitle="tab\x00")


def test_two_violations_come_in_one_message():
    text = complaint(LabelingJobName="-", HumanTaskConfig__TaskTimeLimitInSeconds=1)
    assert text.startswith("2 validation errors detected: Value '-' at 'labelingJobName'")
    assert "; Value '1' at 'humanTaskConfig.taskTimeLimitInSeconds'" in text


def test_an_error_in_a_list_of_structures_names_the_entry():
    text = complaint(Tags=[{"Key": "ok", "Value": "v"}, {"Key": "", "Value": "v"}])
    assert "Value '' at 'tags.2.member.key' failed" in text


# C03: boto3 stops these before they are sent; raw clients do not
def test_a_missing_member_is_named():
    shape = service_model("sagemaker").operation_model("DescribeLabelingJob").input_shape
    with pytest.raises(ValidationError) as caught:
        validate({}, shape)
    assert str(caught.value) == (
        "1 validation error detected: Value null at 'labelingJobName' failed to satisfy "
        "constraint: Member must not be null"
    )


# C03
def test_an_unknown_member_is_refused_and_the_known_ones_are_named():
    text = complaint(HumanTaskConfig__Workers=3)
    assert "Value at 'humanTaskConfig.workers' failed" in text
    assert "NumberOfHumanWorkersPerDataObject" in text


# C03
@pytest.mark.parametrize(
    ("member", "value", "text"),
    [
        ("LabelingJobName", 7, "NUMBER_VALUE 7 can not be converted to a String"),
        ("HumanTaskConfig__TaskTimeLimitInSeconds", "x", "STRING_VALUE can not be converted"),
        ("HumanTaskConfig__TaskTimeLimitInSeconds", 1.5, "NUMBER_VALUE 1.5 can not be"),
        ("HumanTaskConfig__TaskTimeLimitInSeconds", True, "TRUE_VALUE can not be"),
        ("HumanTaskConfig__TaskTimeLimitInSeconds", 2**31, "converted to an Integer"),
        ("Tags", {"Key": "a"}, "START_OBJECT can not be converted to a List at 'tags'"),
        ("InputConfig", [], "START_ARRAY can not be converted to a Structure"),
    ],
)
def test_a_wrong_type_is_told_before_any_constraint(member, value, text):
    with pytest.raises(ServiceError) as caught:
        create_labeling_job(**{member: value, "LabelAttributeName": "not valid!"})
    assert caught.value.code == "SerializationException"
    assert text in str(caught.value)


def test_a_secret_is_not_repeated_in_the_message():
    shape = service_model("cognito-idp").operation_model("AdminCreateUser").input_shape
    params = {"UserPoolId": "us-east-1_a", "Username": "ana", "TemporaryPassword": "hunter 2 "}
    with pytest.raises(ValidationError) as caught:
        validate(params, shape)
    assert "hunter" not in str(caught.value)
    assert "Value at 'temporaryPassword' failed" in str(caught.value)


def test_a_long_value_is_shortened_in_the_message():
    assert len(complaint(LabelingJobName="n" * 100_000)) < 1_000


@pytest.mark.parametrize("operation", sorted(LABELING))
def test_every_pattern_of_the_labeling_operations_compiles(operation):
    shape = service_model("sagemaker").operation_model(operation).input_shape
    if shape is not None and shape.required_members:
        with pytest.raises(ValidationError, match="must not be null"):
            validate({}, shape)

"""The life cycle of a job, and the rules of a request that span several fields."""

from __future__ import annotations

from itertools import product

import pytest

from gt_widgets.errors import StateError, ValidationError
from gt_widgets.schema.arns import FUNCTION_ACCOUNTS, function_arn
from gt_widgets.schema.jobs import (
    TRANSITIONS,
    JobStatus,
    check_custom,
    check_move,
    check_request,
    with_defaults,
)
from gt_widgets.schema.tasks import TASK_TYPES
from gt_widgets.testing import job_request

S = JobStatus
ALLOWED = {
    (S.INITIALIZING, S.IN_PROGRESS),
    (S.INITIALIZING, S.FAILED),
    (S.INITIALIZING, S.STOPPING),
    (S.IN_PROGRESS, S.COMPLETED),
    (S.IN_PROGRESS, S.FAILED),
    (S.IN_PROGRESS, S.STOPPING),
    (S.STOPPING, S.STOPPED),
    (S.STOPPING, S.FAILED),
}


@pytest.mark.parametrize(("now", "to"), list(product(JobStatus, repeat=2)))
def test_a_job_moves_only_along_its_life_cycle(now, to):  # C12
    if (now, to) in ALLOWED:
        check_move("logos", now, to)
        return
    with pytest.raises(StateError, match=f"'logos' is {now} and cannot become {to}"):
        check_move("logos", now, to)


def test_the_refusal_says_that_a_final_status_is_final():  # C15
    with pytest.raises(StateError) as caught:
        check_move("logos", S.COMPLETED, S.IN_PROGRESS)
    assert str(caught.value) == (
        "Labeling job 'logos' is Completed and cannot become InProgress; "
        "allowed next: none, it is final."
    )
    assert caught.value.code == "ValidationException"


def test_every_status_has_its_moves():
    assert TRANSITIONS.keys() == set(JobStatus)


# label attribute names (C16): the suffix rule of every row of reference 1.4

NEEDS_REF = {
    "SemanticSegmentation",
    "AdjustmentSemanticSegmentation",
    "VideoObjectDetection",
    "VideoObjectTracking",
    "AdjustmentVideoObjectDetection",
    "AdjustmentVideoObjectTracking",
    "3DPointCloudObjectTracking",
    "3DPointCloudSemanticSegmentation",
    "Adjustment3DPointCloudObjectTracking",
    "Adjustment3DPointCloudSemanticSegmentation",
}
FUNCTIONS = [task_type.function for task_type in TASK_TYPES]
CUSTOM = {"Polygon", "Polyline", "Line", "Keypoint", "InstanceSegmentation", "PassThrough"}
CUSTOM |= {f"Adjustment{name}" for name in CUSTOM}
NOT_RUN = [task_type.function for task_type in TASK_TYPES if task_type.media in {"video", "3d"}]
RUN_HERE = [function for function in FUNCTIONS if function not in NOT_RUN]


def refusal(**changes):
    request = job_request(task=changes.pop("task", "BoundingBox")) | changes
    with pytest.raises(ValidationError) as caught:
        check_request(request)
    return str(caught.value)


@pytest.mark.parametrize("task", FUNCTIONS)
def test_the_ref_suffix_is_asked_of_the_task_types_whose_labels_are_files(task):  # C16
    right, wrong = ("logos-ref", "logos") if task in NEEDS_REF else ("logos", "logos-ref")
    if task in CUSTOM:
        check_request(job_request(task=task) | {"LabelAttributeName": wrong})
    else:
        assert f"Use {right!r}." in refusal(task=task, LabelAttributeName=wrong)
    if task in RUN_HERE:
        check_request(job_request(task=task) | {"LabelAttributeName": right})
    else:
        assert "LabelAttributeName" not in refusal(task=task, LabelAttributeName=right)


@pytest.mark.parametrize("task", FUNCTIONS)
@pytest.mark.parametrize("name", ["logos-metadata", "source", "source-ref"])
def test_a_label_attribute_cannot_have_a_name_the_manifest_uses_itself(task, name):  # C16
    assert f"LabelAttributeName {name!r}" in refusal(task=task, LabelAttributeName=name)


@pytest.mark.parametrize("region", FUNCTION_ACCOUNTS)
@pytest.mark.parametrize("task", RUN_HERE)
def test_the_functions_of_one_task_belong_together_in_every_region(region, task):  # C17
    request = job_request(task=task)
    known = next(task_type for task_type in TASK_TYPES if task_type.function == task)
    before, after = known.function_arns(region, "111122223333")
    request["LabelAttributeName"] = "logos-ref" if task in NEEDS_REF else "logos"
    request["HumanTaskConfig"] |= {
        "PreHumanTaskLambdaArn": before,
        "AnnotationConsolidationConfig": {"AnnotationConsolidationLambdaArn": after},
    }
    assert check_request(request).function == task
    assert (f":{FUNCTION_ACCOUNTS[region]}:" in before) is not known.local


def with_human(**changes):
    return {"HumanTaskConfig": job_request()["HumanTaskConfig"] | changes}


@pytest.mark.parametrize("name", ["ACS-TextMultiClass", "PRE-BoundingBox", "my-consolidation"])
def test_a_consolidation_function_of_another_task_is_refused(name):  # C17
    arn = function_arn("us-east-1", name)
    words = refusal(
        **with_human(AnnotationConsolidationConfig={"AnnotationConsolidationLambdaArn": arn})
    )
    assert "Use ACS-BoundingBox" in words


@pytest.mark.parametrize("name", ["BoundingBox", "ACS-BoundingBox", "PRE-", "my-own"])
def test_a_custom_job_with_a_function_of_its_own_is_refused(name):
    words = refusal(**with_human(PreHumanTaskLambdaArn=function_arn("us-east-1", name)))
    assert "makes a custom job with a function of its own" in words


def custom(template, **changes):
    request = job_request() | {}
    human = request["HumanTaskConfig"]
    del human["PreHumanTaskLambdaArn"], human["AnnotationConsolidationConfig"]
    human |= changes
    return check_custom(request, check_request(request), template)


@pytest.mark.parametrize(
    ("page", "name"),
    [
        ("<crowd-form><crowd-polygon\n name='a' labels=\"['a']\">", "polygon"),
        ("<crowd-form><crowd-line name='a'></crowd-line>", "line"),
        ("<crowd-polyline>", "polyline"),
        ("<crowd-keypoint/>", "keypoint"),
        ("<crowd-instance-segmentation >", "instance-segmentation"),
        ("<crowd-bounding-box >", "custom-bounding-box"),
        ("<crowd-entity-annotation >", "custom-named-entity-recognition"),
    ],
)
def test_a_custom_job_is_told_by_the_element_of_its_page(page, name):
    assert custom(page).name == name
    through = function_arn("us-east-1", "PRE-PassThrough")
    assert custom(page, PreHumanTaskLambdaArn=through).name == name


@pytest.mark.parametrize("page", ["", "<crowd-form>", "<crowd-polygons>", "crowd-polygon"])
def test_a_page_without_an_element_that_is_known_is_refused(page):
    with pytest.raises(ValidationError, match="has no labeling element"):
        custom(page)


def test_a_custom_jobs_consolidation_is_ours_or_none():
    page = "<crowd-polygon >"
    own = function_arn("us-east-1", "my-own")
    with pytest.raises(
        ValidationError, match="or name the engine's own SageMaker-GtWidgets-ACS-Poly"
    ):
        custom(page, AnnotationConsolidationConfig={"AnnotationConsolidationLambdaArn": own})
    ours = function_arn("us-east-1", "SageMaker-GtWidgets-ACS-Polygon", "111122223333")
    config = {"AnnotationConsolidationLambdaArn": ours}
    assert custom(page, AnnotationConsolidationConfig=config).name == "polygon"


def test_instances_are_consolidated_by_a_function_of_ours():
    ours = function_arn("us-east-1", "SageMaker-GtWidgets-ACS-InstanceSegmentation", "1" * 12)
    config = {"AnnotationConsolidationLambdaArn": ours}
    found = custom("<crowd-instance-segmentation >", AnnotationConsolidationConfig=config)
    assert found.name == "instance-segmentation"


@pytest.mark.parametrize(
    ("task", "page", "said"),
    [
        ("NamedEntityRecognition", "NamedEntityRecognition", None),
        ("NamedEntityRecognition", "VideoObjectDetection", "is no page of named-entity"),
        ("BoundingBox", "NamedEntityRecognition", "is no page of bounding-box jobs. Use UiTemp"),
    ],
)
def test_only_named_entities_have_a_page_of_the_services_own(task, page, said):  # C23
    arn = f"arn:aws:sagemaker:us-east-1:394669845002:human-task-ui/{page}"
    request = job_request(task=task, UiConfig={"HumanTaskUiArn": arn})
    if said is None:
        assert check_request(request).ui == page
        return
    with pytest.raises(ValidationError, match=said):
        check_request(request)


VIDEO_AND_3D = [function for function in NOT_RUN if function != "VideoMultiClass"]


@pytest.mark.parametrize("task", VIDEO_AND_3D)
def test_video_and_3d_never_go_to_the_public_workforce(task):  # C21
    public = "arn:aws:sagemaker:us-east-1:394669845002:workteam/public-crowd/default"
    request = job_request(task=task, WorkteamArn=public)
    request["LabelAttributeName"] = "logos-ref" if task in NEEDS_REF else "logos"
    with pytest.raises(ValidationError, match="is the public crowd"):
        check_request(request)


@pytest.mark.parametrize("task", VIDEO_AND_3D)
def test_video_and_3d_take_one_worker(task):  # C22
    request = job_request(task=task, workers=3)
    request["LabelAttributeName"] = "logos-ref" if task in NEEDS_REF else "logos"
    with pytest.raises(
        ValidationError, match=r"NumberOfHumanWorkersPerDataObject is 3; .* have exactly 1"
    ):
        check_request(request)


@pytest.mark.parametrize(
    ("page", "found"),
    [
        ({}, "neither"),
        (
            {"UiTemplateS3Uri": "s3://a/b", "HumanTaskUiArn": "arn:aws:x"},
            "UiTemplateS3Uri and HumanTaskUiArn",
        ),
        ({"UiTemplateS3Uri": ""}, "neither"),
    ],
)
def test_a_job_has_exactly_one_page(page, found):  # C23
    assert f"found {found}." in refusal(**with_human(UiConfig=page))


@pytest.mark.parametrize(
    ("function", "algorithm", "words"),
    [
        ("BoundingBox", "image-classification", "need 'object-detection'"),
        ("ImageMultiClass", "object-detection", "need 'image-classification'"),
        ("ImageMultiClassMultiLabel", "image-classification", "cannot be labeled automatically"),
        ("NamedEntityRecognition", "text-classification", "cannot be labeled automatically"),
        ("VideoMultiClass", "image-classification", "cannot be labeled automatically"),
    ],
)
def test_an_algorithm_must_be_that_of_the_task(function, algorithm, words):  # C18
    arn = (
        f"arn:aws:sagemaker:us-east-1:027400017018:labeling-job-algorithm-specification/{algorithm}"
    )
    config = {"LabelingJobAlgorithmSpecificationArn": arn}
    assert words in refusal(task=function, LabelingJobAlgorithmsConfig=config)


@pytest.mark.parametrize("task", NOT_RUN)
def test_video_and_3d_are_refused_by_name_with_what_to_do(task):  # O11
    attribute = "logos-ref" if task in NEEDS_REF else "logos"
    words = refusal(task=task, LabelAttributeName=attribute)
    assert f"PRE-{task}) are not run here" in words
    assert "Extract the frames you need as pictures" in words


def test_a_streaming_job_has_no_stopping_conditions_and_needs_no_manifest():
    sns = {"SnsDataSource": {"SnsTopicArn": "arn:aws:sns:us-east-1:111122223333:objects"}}
    manifest = job_request()["InputConfig"]["DataSource"]
    conditions = {"MaxHumanLabeledObjectCount": 3}
    for source in (sns, sns | manifest):
        streaming = {"InputConfig": {"DataSource": source}}
        assert check_request(job_request() | streaming).name == "bounding-box"
        assert "StoppingConditions" in refusal(StoppingConditions=conditions, **streaming)
    assert "found neither" in refusal(InputConfig={"DataSource": {}})


@pytest.mark.parametrize(
    ("field", "most"),
    [("TaskTimeLimitInSeconds", 28_800), ("TaskAvailabilityLifetimeInSeconds", 2_592_000)],
)
def test_times_have_an_upper_limit(field, most):
    check_request(job_request(**{field: most}))
    assert f"{field} is {most + 1}" in refusal(**with_human(**{field: most + 1}))


def test_a_job_without_label_file_is_told_where_its_categories_are_read():
    request = job_request()
    del request["LabelCategoryConfigS3Uri"]
    with pytest.raises(ValidationError, match="LabelCategoryConfigS3Uri is missing"):
        check_request(request)


def test_the_defaults_of_the_service_are_filled_in_and_nothing_given_is_changed():  # C08
    request = job_request()
    filled = with_defaults(request)
    assert filled["OutputConfig"] == {"KmsKeyId": "", "S3OutputPath": "s3://demo-gt/output/"}
    added = {"MaxConcurrentTaskCount": 1000, "TaskAvailabilityLifetimeInSeconds": 2_592_000}
    assert filled["HumanTaskConfig"] == request["HumanTaskConfig"] | added
    assert request == job_request()


def test_a_public_crowd_has_a_shorter_default_of_availability():  # C08
    public = "arn:aws:sagemaker:us-east-1:394669845002:workteam/public-crowd/default"
    filled = with_defaults(job_request(WorkteamArn=public))
    assert filled["HumanTaskConfig"]["TaskAvailabilityLifetimeInSeconds"] == 21_600


def test_what_was_given_wins_over_a_default():  # C08
    filled = with_defaults(job_request(MaxConcurrentTaskCount=7))
    assert filled["HumanTaskConfig"]["MaxConcurrentTaskCount"] == 7

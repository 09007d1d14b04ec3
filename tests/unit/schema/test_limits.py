"""Our limits are those of the AWS API model that is installed; a change there shows here."""

from __future__ import annotations

import botocore.session
import pytest

from gt_widgets.schema import limits
from gt_widgets.schema.jobs import JobStatus


@pytest.fixture(scope="module")
def shape_of():
    return botocore.session.get_session().get_service_model("sagemaker").shape_for


@pytest.mark.parametrize(
    ("shape", "bound", "value"),
    [
        ("NumberOfHumanWorkersPerDataObject", "max", limits.MAX_WORKERS),
        ("MaxConcurrentTaskCount", "max", limits.MAX_CONCURRENT_TASKS),
        ("TaskTimeLimitInSeconds", "min", limits.MIN_TASK_TIME_S),
        ("LabelingJobName", "max", 63),
        ("LabelAttributeName", "max", 127),
        ("TaskTitle", "max", 128),
        ("TaskDescription", "max", 255),
        ("TaskAvailabilityLifetimeInSeconds", "min", 60),
        ("FailureReason", "max", 1024),
        ("NextToken", "max", 8192),
        ("MaxResults", "max", 100),
    ],
)
def test_a_bound_of_ours_is_the_bound_of_the_api_model(shape_of, shape, bound, value):
    assert shape_of(shape).metadata[bound] == value


@pytest.mark.parametrize(
    ("shape", "pattern"),
    [
        ("LabelingJobName", r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}"),
        ("LabelAttributeName", r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,126}"),
        ("LabelingJobArn", r"arn:aws[a-z\-]*:sagemaker:[a-z0-9\-]*:[0-9]{12}:labeling-job/.*"),
    ],
)
def test_a_name_pattern_is_the_one_we_were_written_against(shape_of, shape, pattern):
    assert shape_of(shape).metadata["pattern"] == pattern


def test_the_statuses_are_those_of_the_api_model(shape_of):  # C12
    assert set(shape_of("LabelingJobStatus").enum) == set(JobStatus)


def test_a_failure_reason_and_a_reference_code_fit_the_columns_that_hold_them(shape_of):
    from gt_widgets.engine.tables import jobs

    assert jobs.c.failure_reason.type.length == shape_of("FailureReason").metadata["max"]
    assert shape_of("JobReferenceCode").metadata["min"] == 1


def test_the_defaults_lie_within_the_bounds_they_default_to(shape_of):
    bound = shape_of("MaxConcurrentTaskCount").metadata
    assert bound["min"] <= limits.DEFAULT_CONCURRENT_TASKS <= bound["max"]
    assert limits.DEFAULT_AVAILABILITY_PUBLIC_S <= limits.MAX_AVAILABILITY_PUBLIC_S
    assert limits.MIN_TASK_TIME_S <= limits.MAX_TASK_TIME_S

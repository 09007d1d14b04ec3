"""Clones and chains: K01, M11, the console's rules for both."""

from __future__ import annotations

import pytest

from gt_widgets.controller.chains import chained_request, cloned_request
from gt_widgets.errors import ValidationError
from gt_widgets.testing.waiting import eventually as wait_until

MODEL = "arn:aws:sagemaker:us-east-1:111122223333:model/logos"


def described(status="Completed", **more):
    """DescribeLabelingJob's answer, as far as a new request is made from it."""
    return {
        "LabelingJobName": "logos",
        "LabelingJobStatus": status,
        "LabelAttributeName": "logos",
        "InputConfig": {
            "DataSource": {"S3DataSource": {"ManifestS3Uri": "s3://demo/input.manifest"}},
            "DataAttributes": {"ContentClassifiers": ["FreeOfAdultContent"]},
        },
        "OutputConfig": {"S3OutputPath": "s3://demo/output/", "KmsKeyId": ""},
        "LabelingJobOutput": {"OutputDatasetS3Uri": "s3://demo/output/logos/output.manifest"},
        "RoleArn": "arn:aws:iam::111122223333:role/gt",
        "LabelCategoryConfigS3Uri": "s3://demo/labels.json",
        "HumanTaskConfig": {"TaskTitle": "Box logos", "NumberOfHumanWorkersPerDataObject": 1},
        "Tags": [{"Key": "project", "Value": "logos"}, {"Key": "aws:x", "Value": "y"}],
        **more,
    }


def manifest(request):
    return request["InputConfig"]["DataSource"]["S3DataSource"]["ManifestS3Uri"]


def test_a_clone_has_the_same_settings_and_the_same_input():  # K01
    request = cloned_request(described(), "again")
    assert request["LabelingJobName"] == "again"
    assert manifest(request) == "s3://demo/input.manifest"
    assert request["LabelAttributeName"] == "logos"
    assert request["OutputConfig"] == {"S3OutputPath": "s3://demo/output/"}
    assert request["Tags"] == [{"Key": "project", "Value": "logos"}]
    assert "LabelingJobOutput" not in request


def test_a_clone_may_differ_where_it_is_told_to_and_leaves_the_first_alone():  # K01
    first = described()
    request = cloned_request(first, "again", {"HumanTaskConfig": {"TaskTitle": "Other"}})
    assert request["HumanTaskConfig"] == {
        "TaskTitle": "Other",
        "NumberOfHumanWorkersPerDataObject": 1,
    }
    assert first["HumanTaskConfig"]["TaskTitle"] == "Box logos"


@pytest.mark.parametrize(  # K01, M11
    ("status", "earlier", "expected"),
    [
        ("Completed", "logos", "second"),
        ("Completed", "logos-ref", "second-ref"),
        ("Stopped", "logos", "logos"),
        ("Failed", "logos", "logos"),
    ],
)
def test_a_chain_takes_a_new_label_attribute_after_a_completed_job_only(status, earlier, expected):
    request = chained_request(described(status, LabelAttributeName=earlier), "second")
    assert request["LabelAttributeName"] == expected
    assert manifest(request) == "s3://demo/output/logos/output.manifest"
    assert request["InputConfig"]["DataAttributes"] == {
        "ContentClassifiers": ["FreeOfAdultContent"]
    }


def test_a_running_job_has_nothing_to_chain_to():  # K01
    with pytest.raises(ValidationError, match=r"is InProgress; .* job.wait"):
        chained_request(described("InProgress"), "second")


@pytest.mark.parametrize(("attribute", "expected"), [("logos", MODEL), ("other", None)])
def test_the_machine_goes_on_with_its_model_under_the_same_label_attribute(attribute, expected):
    first = described(LabelingJobAlgorithmsConfig={"LabelingJobAlgorithmSpecificationArn": "arn:x"})
    first["LabelingJobOutput"]["FinalActiveLearningModelArn"] = MODEL
    request = chained_request(first, "second", label_attribute=attribute)
    found = request["LabelingJobAlgorithmsConfig"].get("InitialActiveLearningModelArn")
    assert found == expected


# --- on an engine ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def half(session, team, data):
    """A job that was stopped by its condition after four of twelve objects."""
    job = session.create_labeling_job(
        "half", data, team=team, extra={"StoppingConditions": {"MaxHumanLabeledObjectCount": 4}}
    )
    job.simulate()
    assert job.wait(timeout_s=120) == "Stopped"
    return job


def test_a_chain_from_a_stopped_job_labels_the_rest_and_costs_the_rest(session, half):  # M11, $01
    rest = session.chain(half, "the-rest", changes={"StoppingConditions": None})
    assert rest.describe()["LabelAttributeName"] == "half"
    rest.simulate()
    assert rest.wait(timeout_s=120) == "Completed"
    assert rest.counters["HumanLabeled"] == 12
    assert len(rest.results.responses()) == 8
    assert rest.cost().objects == rest.cost(whole=True).objects == 8


def test_a_chain_under_another_name_labels_everything_again(session, half):  # M11
    again = session.chain(
        "half", "afresh", label_attribute="afresh", changes={"StoppingConditions": None}
    )
    assert again.data.truth == {}  # attached by name, nothing is known of truth
    again.stop()
    assert again.wait(timeout_s=120) == "Stopped"
    assert again.counters["Unlabeled"] == 12


def test_a_clone_starts_from_the_same_input(session, half):  # K01
    clone = session.clone(half, "half-again")
    assert clone.data.manifest_uri == half.data.manifest_uri
    clone.simulate()
    assert clone.wait(timeout_s=120) == "Stopped"  # under the same condition
    assert clone.counters["HumanLabeled"] == 4


def test_what_was_recorded_of_a_job_is_read_from_the_job(half):  # V01, V02, V03
    assert [event["detail"]["LabelingJobStatus"] for event in half.events()] == ["Stopped"]
    assert "STOPPING_CONDITION_REACHED" in [record["event"] for record in half.log()]
    assert {entry["event_type"] for entry in half.activity()} == {"TasksSubmitted"}
    metrics = half.metrics()
    assert metrics["TotalDatasetObjectsLabeled"][-1][1] == 4.0
    assert len(metrics["TimeSpent"]) >= 4  # of the whole team


def test_a_vendor_does_a_job_by_simulated_workers_for_money(session, data):
    [vendor] = [v for v in session.vendors() if v["SellerName"].startswith("Meridian")]
    guess = session.estimate(data, team=vendor["WorkteamArn"], seconds_per_task=12.0)
    assert guess.total_usd == 1.36  # 0.96 + 0.40: 12 objects; 12 x 20 s at 6 USD an hour
    job = session.create_labeling_job("by-vendor", data, team=vendor["WorkteamArn"])
    job.simulate()
    assert job.wait(timeout_s=120) == "Completed"
    assert job.cost().work_usd > 0
    assert "SIMULATED" in job.results.responses()["worker_id"][0]


def test_the_public_crowd_is_estimated_at_the_price_that_suits_the_time(session):
    guess = session.estimate(100, team=session.public_crowd, workers_per_object=5)
    assert guess.total_usd == 8.0 + 60.0  # 30 s: 0.12 for each of 500 tasks
    free = session.estimate(100, account_month=2)
    assert (free.total_usd, free.free_objects) == (0.0, 100)  # $02


def test_a_stream_takes_what_is_published_until_it_is_stopped(session, half, data):
    stream = session.stream(half, "stream")
    wait_until(lambda: stream.status == "InProgress")
    for line in data.lines[:3]:
        stream.publish(line)
    wait_until(lambda: len(stream.data) == 3)
    stream.simulate(seconds_per_task=1.0)
    wait_until(lambda: len(stream.messages()) == 3)
    assert {message["source-ref"] for message in stream.messages()} == {
        line["source-ref"] for line in data.lines[:3]
    }
    stream.stop()
    assert stream.wait(timeout_s=120) == "Stopped"
    assert list(stream.output_manifest()["status"]) == ["labeled"] * 3
    assert len(stream.results.pictures(["0", "2"])) == 2


def test_nothing_is_published_to_a_job_with_a_manifest(half):
    with pytest.raises(ValidationError, match=r"session\.stream"):
        half.publish({"source": "text"})

"""Streaming jobs: objects arrive by Publish, are labeled, and are told of on the output topic."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

from gt_widgets.controller.records import log_of
from gt_widgets.testing import box_answer

DAY = 86_400


def line(number, **more):
    return json.dumps({"source-ref": f"s3://demo-gt/images/{number}.jpg", **more})


def boxes(_task):
    return box_answer(("Norda", 1, 2, 10, 10))


def described(sagemaker, name="logos"):
    return sagemaker.describe_labeling_job(LabelingJobName=name)


def told(client, topic):
    """Messages of a topic, as its log keeps them."""
    group = f"sns/us-east-1/111122223333/{topic}"
    try:
        events = client("logs").get_log_events(
            logGroupName=group, logStreamName="messages", startFromHead=True
        )["events"]
    except ClientError:
        return []
    return [json.loads(json.loads(event["message"])["message"]) for event in events]


def work(bench, *workers):
    for worker in workers or (bench.ana,):
        worker.session = bench.engine.identity.session_for(worker.sub)  # days may have passed
        worker.work(boxes)
    bench.settle()


def test_an_object_that_is_published_is_labeled_and_told_of(
    bench, client, sagemaker, sns, topics, stream
):
    sagemaker.create_labeling_job(**stream())
    assert described(sagemaker)["LabelingJobStatus"] == "Initializing"
    bench.settle()
    assert described(sagemaker)["LabelingJobStatus"] == "InProgress"
    assert described(sagemaker)["InputConfig"] == stream()["InputConfig"]
    sns.publish(TopicArn=topics[0], Message=line(0, shot="left"))
    bench.settle()
    work(bench)
    counters = described(sagemaker)["LabelCounters"]
    assert (counters["TotalLabeled"], counters["Unlabeled"]) == (1, 0)
    assert described(sagemaker)["LabelingJobStatus"] == "InProgress"  # more may come
    [message] = told(client, "logos-out")
    assert message == bench.output()[0]
    assert message["shot"] == "left"
    assert len(message["logos"]["annotations"]) == 1


def test_what_is_published_before_the_job_runs_is_lost_as_on_sns(
    bench, sagemaker, sns, topics, stream
):
    sns.publish(TopicArn=topics[0], Message=line(0))
    sagemaker.create_labeling_job(**stream())
    sns.publish(TopicArn=topics[0], Message=line(1))
    bench.settle()
    sns.publish(TopicArn=topics[0], Message=line(2))
    bench.settle()
    assert [entry["source-ref"][-5:] for entry in bench.output()] == ["2.jpg"]


def test_a_queue_named_after_the_job_subscribes_while_it_runs(
    bench, sagemaker, sns, topics, running
):
    running("Logos-A")
    [found] = sns.list_subscriptions_by_topic(TopicArn=topics[0])["Subscriptions"]
    assert found["Protocol"] == "sqs"
    assert found["Endpoint"] == "arn:aws:sqs:us-east-1:111122223333:GroundTruth-logos-a"
    sagemaker.stop_labeling_job(LabelingJobName="Logos-A")
    bench.settle()
    assert described(sagemaker, "Logos-A")["LabelingJobStatus"] == "Stopped"
    assert sns.list_subscriptions()["Subscriptions"] == []


# --- repetitions ------------------------------------------------------------------------------


def test_an_object_that_arrives_again_is_labeled_once(bench, client, sns, topics, running):
    running()
    key = {"dataset-objectid-attribute-name": "shot", "shot": "77"}
    for number in (0, 1):
        sns.publish(TopicArn=topics[0], Message=line(number, **key))
    bench.settle()
    work(bench)
    sns.publish(TopicArn=topics[0], Message=line(2, **key))  # long after it is labeled
    bench.settle()
    assert [entry["source-ref"][-5:] for entry in bench.output()] == ["0.jpg"]
    assert "$logos-object-id" not in told(client, "logos-out")[0]


def test_without_an_id_of_its_own_an_object_gets_its_messages(bench, client, sns, topics, running):
    running()
    ids = [sns.publish(TopicArn=topics[0], Message=line(0))["MessageId"] for _ in range(2)]
    bench.settle()
    work(bench)
    messages = told(client, "logos-out")
    assert [found["dataset-objectid-attribute-name"] for found in messages] == [
        "$logos-object-id"
    ] * 2
    assert [found["$logos-object-id"] for found in messages] == ids


def test_a_notification_of_s3_brings_its_object(bench, client, sns, topics, running):
    running()
    sns.publish(TopicArn=topics[0], Message=json.dumps({"Event": "s3:TestEvent"}))
    created = {"key": "images/3.jpg", "sequencer": "00A1"}
    record = {"s3": {"bucket": {"name": "demo-gt"}, "object": created}}
    for _ in range(2):
        sns.publish(TopicArn=topics[0], Message=json.dumps({"Records": [record]}))
    bench.settle()
    work(bench)
    [found] = told(client, "logos-out")
    assert found["source-ref"] == found["$logos-object-id"] == "s3://demo-gt/images/3.jpg"
    assert found["$sequencer"] == "00A1"


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ("no JSON", "not JSON"),
        ("[1]", "not one JSON object"),
        ('{"source_ref": "s3://a/b"}', "source-ref"),
        (line(0, **{"dataset-objectid-attribute-name": "shot"}), "holds the object's id"),
        (line(0, **{"dataset-objectid-attribute-name": "a b"}), "name of a key"),
        ('{"Records": [{"s3": {}}]}', "lacks 'bucket'"),
    ],
)
def test_a_message_that_brings_no_object_is_logged_and_left_out(
    bench, client, sagemaker, sns, topics, running, message, words
):
    running()
    sns.publish(TopicArn=topics[0], Message=message)
    bench.settle()
    assert sum(described(sagemaker)["LabelCounters"].values()) == 0
    [said] = [
        record["message"]
        for record in log_of(client("logs"), "logos")
        if record["event"] == "STREAMING_MESSAGE_REFUSED"
    ]
    assert words in said


# --- the backlog ------------------------------------------------------------------------------


def test_no_more_objects_are_with_workers_than_the_limit_and_the_rest_waits(
    bench, sagemaker, sns, topics, running
):
    running(MaxConcurrentTaskCount=4, workers=2)
    job = bench.engine.jobs.get("logos")
    for number in range(9):
        sns.publish(TopicArn=topics[0], Message=line(number))
    bench.settle()
    assert bench.engine.streams.backlog(job.job_id) == 5
    assert described(sagemaker)["LabelCounters"]["Unlabeled"] == 4
    bench.ana.work(boxes)
    waiting = []
    for _ in range(3):  # new ones come when fewer than 4 - 2 are left, not before
        bench.ben.work(boxes, most=1)
        bench.settle()
        waiting.append(bench.engine.streams.backlog(job.job_id))
    assert waiting == [5, 5, 2]
    assert described(sagemaker)["LabelCounters"]["Unlabeled"] == 4
    while described(sagemaker)["LabelCounters"]["HumanLabeled"] < 9:
        work(bench, bench.ana, bench.ben)
    assert bench.engine.streams.backlog(job.job_id) == 0


def test_a_queued_object_is_gone_after_fourteen_days(bench, sns, topics, running):
    running(MaxConcurrentTaskCount=1, TaskAvailabilityLifetimeInSeconds=30 * DAY)
    for number in range(2):
        sns.publish(TopicArn=topics[0], Message=line(number))
        bench.settle()
    job_id = bench.engine.jobs.get("logos").job_id
    bench.clock.advance(9 * DAY)
    sns.publish(TopicArn=topics[0], Message=line(2))
    bench.clock.advance(5 * DAY)
    work(bench)
    bench.settle()
    assert bench.engine.streams.backlog(job_id) == 0
    assert [entry["source-ref"][-5:] for entry in bench.output()] == ["0.jpg", "2.jpg"]


def test_a_picture_that_is_not_there_fails_and_is_told_of_too(
    bench, client, sagemaker, sns, topics, running
):
    running()
    sns.publish(TopicArn=topics[0], Message=line("gone"))
    bench.settle()
    assert described(sagemaker)["LabelCounters"]["FailedNonRetryableError"] == 1
    [found] = told(client, "logos-out")
    assert "gone.jpg" in found["logos-metadata"]["failure-reason"]


def test_a_manifest_begins_a_stream_where_there_is_one(
    bench, client, sagemaker, sns, topics, stream
):
    request = stream()
    manifest = {"ManifestS3Uri": "s3://demo-gt/input.manifest"}
    request["InputConfig"]["DataSource"]["S3DataSource"] = manifest
    sagemaker.create_labeling_job(**request)
    bench.settle()
    sns.publish(TopicArn=topics[0], Message=line(3))
    bench.settle()
    work(bench)
    assert described(sagemaker)["LabelCounters"]["HumanLabeled"] == 13
    assert len(told(client, "logos-out")) == 13


# --- chains, ends, refusals -------------------------------------------------------------------


def test_the_output_of_one_job_is_the_input_of_the_next(
    bench, client, sagemaker, sns, topics, stream
):
    last = sns.create_topic(Name="checked")["TopicArn"]
    second = stream("second", incoming=topics[1], outgoing=last)
    for request in (stream("first"), second | {"LabelAttributeName": "again"}):
        sagemaker.create_labeling_job(**request)
    bench.settle()
    sns.publish(TopicArn=topics[0], Message=line(0))
    bench.settle()
    for name in ("first", "second"):
        bench.ana.work(boxes, job_name=name)
        bench.settle()
        bench.settle()
    [found] = told(client, "checked")
    assert {"logos", "again", "$logos-object-id"} <= found.keys()
    assert "$again-object-id" not in found  # it has an id already


def test_after_ten_idle_days_the_job_stops_by_itself(
    bench, client, sagemaker, sns, topics, running
):
    running()
    bench.clock.advance(9 * DAY)
    sns.publish(TopicArn=topics[0], Message=line(0))
    bench.settle()
    work(bench)
    bench.clock.advance(10 * DAY - 60)
    bench.settle()
    assert described(sagemaker)["LabelingJobStatus"] == "InProgress"
    bench.settle(60)
    bench.settle()
    assert described(sagemaker)["LabelingJobStatus"] == "Stopped"
    assert any("10 days" in record["message"] for record in log_of(client("logs"), "logos"))
    assert len(bench.output()) == 1


def test_a_stream_outlives_thirty_days(bench, sagemaker, sns, topics, running):
    running()
    for number in range(4):
        bench.clock.advance(9 * DAY)
        sns.publish(TopicArn=topics[0], Message=line(number))
        bench.settle()
        work(bench)
    assert described(sagemaker)["LabelCounters"]["HumanLabeled"] == 4
    assert described(sagemaker)["LabelingJobStatus"] == "InProgress"


def test_a_restart_loses_nothing_that_arrived(bench, carrier, topics, running):
    running(MaxConcurrentTaskCount=1)
    for number in range(3):
        bench.engine.topics.publish(topics[0], line(number))
    bench.settle()
    bench.reopen()
    for _ in range(3):
        work(bench)
    assert len([entry for entry in bench.output() if "logos" in entry]) == 3
    events = bench.engine.logs.events("sns/us-east-1/111122223333/logos-out", "messages")
    assert len(events) == 3


def test_stopping_keeps_what_is_labeled_and_tells_of_it(
    bench, client, sagemaker, sns, topics, running
):
    running()
    for number in range(3):
        sns.publish(TopicArn=topics[0], Message=line(number))
    bench.settle()
    bench.ana.work(boxes, most=2)
    sagemaker.stop_labeling_job(LabelingJobName="logos")
    bench.settle()
    assert described(sagemaker)["LabelingJobStatus"] == "Stopped"
    assert ["logos" in entry for entry in bench.output()] == [True, True, False]
    assert len(told(client, "logos-out")) == 2


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"StoppingConditions": {"MaxHumanLabeledObjectCount": 3}}, "StoppingConditions cannot"),
        (
            {
                "LabelingJobAlgorithmsConfig": {
                    "LabelingJobAlgorithmSpecificationArn": "arn:aws:sagemaker:us-east-1:"
                    "027400017018:labeling-job-algorithm-specification/object-detection"
                }
            },
            "LabelingJobAlgorithmsConfig cannot",  # C18
        ),
        ({"InputConfig": {"DataSource": {}}}, "found neither"),
    ],
)
def test_what_a_stream_cannot_have_is_refused(sagemaker, stream, change, words):
    with pytest.raises(ClientError, match=words) as caught:
        sagemaker.create_labeling_job(**stream() | change)
    assert caught.value.response["Error"]["Code"] == "ValidationException"


@pytest.mark.parametrize("side", ["incoming", "outgoing"])
def test_a_topic_that_does_not_exist_is_refused_by_its_field(sagemaker, stream, topics, side):
    field = {"incoming": "InputConfig", "outgoing": "OutputConfig"}[side]
    with pytest.raises(ClientError, match=f"{field}.*SnsTopicArn: Topic does not exist"):
        sagemaker.create_labeling_job(**stream(**{side: topics[0] + "-gone"}))

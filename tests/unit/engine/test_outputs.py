"""The files of a job: the tree of reference 5.1, worker responses, manifests of each task type."""

from __future__ import annotations

import io
import json
import re
from collections import Counter

import pandas as pd
import pytest

from gt_widgets.testing import box_answer, class_answer

OUT = "output/logos/"
TIME = r"\d{4}-\d\d-\d\d_\d\d:\d\d:\d\d\.json"
TREE = [
    rf"annotations/worker-response/iteration-\d+/\d+/{TIME}",
    rf"annotations/consolidated-annotation/consolidation-request/iteration-\d+/{TIME}",
    rf"annotations/consolidated-annotation/consolidation-response/iteration-\d+/{TIME}",
    r"annotations/intermediate/\d+/annotations\.json",
    r"manifests/output/output\.manifest",
]


@pytest.fixture
def store_url():
    """SQLite alone: nothing here depends on the store."""
    return


def read(bench, key):
    return json.loads(bench.engine.objects.read("demo-gt", key))


def keys(bench, part):
    return [key for key in bench.keys(OUT) if part in key]


def boxes(task):
    return box_answer(("Kivi", 8, 4, 30, 20), ("Halo", 1, 2, 3, 4))


@pytest.fixture
def finished(bench, people):
    """A job of 12 objects with three workers each, done; Ben saw one box fewer."""
    ana, ben, cem = people
    bench.bucket(12)
    bench.job(workers=3)
    while bench.engine.jobs.get("logos").status == "InProgress":
        ana.work(boxes)
        bench.clock.advance(1.5)
        ben.work(lambda _: box_answer(("Kivi", 8, 4, 30, 20)))
        bench.clock.advance(1.5)
        cem.work(boxes)
        bench.settle()
    return bench


def test_the_tree_has_the_names_of_the_services_own(finished):  # S01
    found = {
        pattern
        for key in finished.keys(OUT)
        for pattern in TREE
        if re.fullmatch(OUT + pattern, key)
    }
    assert found == set(TREE)
    assert all(
        any(re.fullmatch(OUT + pattern, key) for pattern in TREE) for key in finished.keys(OUT)
    )


def test_a_worker_response_file_holds_all_workers_of_one_object(finished):  # S02
    found = keys(finished, "/worker-response/")
    assert Counter(key.split("/")[-2] for key in found) == {str(index): 1 for index in range(12)}
    answers = read(finished, found[0])["answers"]
    assert len({answer["workerId"] for answer in answers}) == 3
    first = answers[0]
    assert list(first) == [
        "acceptanceTime",
        "answerContent",
        "submissionTime",
        "timeSpentInSeconds",
        "workerId",
        "workerMetadata",
    ]
    moment = r"2026-11-20T12:00:\d\d\.\d{3}Z"
    assert re.fullmatch(moment, first["acceptanceTime"])
    assert re.fullmatch(moment, first["submissionTime"])
    assert re.fullmatch(r"private\.us-east-1\.[A-Z2-7]{26}", first["workerId"])
    assert first["answerContent"]["boundingBox"]["inputImageProperties"] == {
        "height": 48,
        "width": 64,
    }
    identity = first["workerMetadata"]["identityData"]
    assert identity["identityProviderType"] == "Cognito"
    assert identity["issuer"].startswith("https://cognito-idp.us-east-1.amazonaws.com/us-east-1_")
    assert identity["sub"] in {worker.sub for worker in finished.workers}


def test_the_first_iteration_has_ten_objects_and_the_second_the_rest(finished):  # S03
    iterations = Counter(key.split("/")[-3] for key in keys(finished, "/worker-response/"))
    assert iterations == {"iteration-1": 10, "iteration-2": 2}


def test_a_consolidation_has_a_request_and_a_response_of_the_same_objects(finished):  # S04
    requests = keys(finished, "/consolidation-request/")
    responses = keys(finished, "/consolidation-response/")
    assert [key.split("/")[-2:] for key in requests] == [key.split("/")[-2:] for key in responses]
    for request, response in zip(requests, responses, strict=True):
        asked, given = read(finished, request), read(finished, response)
        assert [one["datasetObjectId"] for one in asked] == [
            one["datasetObjectId"] for one in given
        ]
        assert [len(one["annotations"]) for one in asked] == [3] * len(asked)


def test_a_consolidation_has_at_most_fifty_objects_and_no_object_twice(bench, people):  # S04
    line = '{"source-ref":"s3://demo-gt/images/0.jpg"}'
    bench.bucket(1, labels=("a", "b"), lines=[line] * 130)
    bench.job(task="ImageMultiClass", workers=2)
    bench.finish(lambda _: class_answer("b"))
    for kind in ("request", "response"):
        files = [read(bench, key) for key in keys(bench, f"/consolidation-{kind}/")]
        assert max(map(len, files)) == 50
        ids = [int(one["datasetObjectId"]) for file in files for one in file]
        assert sorted(ids) == list(range(130))


def test_labels_are_never_dated_in_the_future(bench, people):  # O02
    line = '{"source-ref":"s3://demo-gt/images/0.jpg"}'
    bench.bucket(1, labels=("a", "b"), lines=[line] * 130)
    bench.job(task="ImageMultiClass", workers=2)
    bench.finish(lambda _: class_answer("b"))
    now = pd.Timestamp(bench.clock.now, unit="s")
    dates = [pd.Timestamp(one["logos-metadata"]["creation-date"]) for one in bench.output()]
    assert max(dates) <= now


def test_the_object_detection_notebook_of_aws_can_read_the_folder(finished):  # S05
    """Our own re-implementation of how it walks worker responses and consolidated labels."""
    counted = {}
    for key in finished.keys(OUT):
        parts = key.split("/")
        if parts[-4] == "worker-response" and re.match(r"\d{4}-\d\d-\d\d_", parts[-1]):
            iteration, object_id = int(parts[-3].split("-")[1]), parts[-2]
            for answer in read(finished, key)["answers"]:
                content = answer["answerContent"]["boundingBox"]
                counted[iteration, object_id, answer["workerId"]] = [
                    (box["label"], box["left"], box["top"], box["width"], box["height"])
                    for box in content["boundingBoxes"]
                ]
    assert len(counted) == 36
    consolidated = {}
    for key in finished.keys(OUT):
        if "/consolidation-response/" not in key:
            continue
        assert key.split("/")[-2].startswith("iteration-")
        for one in read(finished, key):
            content = one["consolidatedAnnotation"]["content"]
            metadata = content["logos-metadata"]
            names = [
                metadata["class-map"][str(box["class_id"])]
                for box in content["logos"]["annotations"]
            ]
            consolidated[int(one["datasetObjectId"])] = names, metadata["objects"]
    assert sorted(consolidated) == list(range(12))
    names, confidences = consolidated[0]
    assert sorted(names) == ["Halo", "Kivi"]
    assert [set(one) for one in confidences] == [{"confidence"}] * 2


def test_a_box_line_has_the_services_keys_ints_and_only_the_classes_used(finished):  # O04, L02
    [line] = [line for line in finished.output() if line["source-ref"].endswith("/7.jpg")]
    assert list(line) == ["source-ref", "logos", "logos-metadata"]
    label, metadata = line["logos"], line["logos-metadata"]
    assert label["image_size"] == [{"width": 64, "height": 48, "depth": 3}]
    assert label["annotations"] == [
        {"class_id": 2, "top": 2, "left": 1, "height": 4, "width": 3},
        {"class_id": 1, "top": 4, "left": 8, "height": 20, "width": 30},
    ]
    assert len(metadata["objects"]) == 2
    assert metadata["class-map"] == {"1": "Kivi", "2": "Halo"}
    assert list(metadata) == [
        "objects",
        "class-map",
        "type",
        "human-annotated",
        "creation-date",
        "job-name",
    ]


def test_dates_have_microseconds_and_job_names_their_prefix(finished):  # O02
    for line in finished.output():
        metadata = line["logos-metadata"]
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}", metadata["creation-date"])
        assert metadata["job-name"] == "labeling-job/logos"
        assert (metadata["type"], metadata["human-annotated"]) == (
            "groundtruth/object-detection",
            "yes",
        )


def test_the_manifest_is_compact_json_lines_that_pandas_reads(finished):  # O13
    data = finished.engine.objects.read("demo-gt", OUT + "manifests/output/output.manifest")
    for line in data.splitlines():
        label = line[line.index(b',"logos":') :]
        assert b": " not in label
        assert b", " not in label
    assert list(pd.read_json(io.BytesIO(data), lines=True).columns) == list(finished.output()[0])


def test_the_intermediate_annotations_name_their_objects(finished):
    [first] = keys(finished, "/intermediate/1/")
    lines = finished.engine.objects.read("demo-gt", first).decode().splitlines()
    assert len(lines) == 10
    found = json.loads(lines[0])
    assert found["inputAttribute"] == f"s3://demo-gt/images/{found['datasetObjectId']}.jpg"
    assert found["logos"]["annotations"]


def test_a_picture_without_a_logo_is_labeled_with_empty_lists(bench, ana):  # O05
    bench.bucket(1)
    bench.job()
    job = bench.finish(lambda _: box_answer())
    [line] = bench.output()
    assert job.human_labeled == 1
    assert line["logos"]["annotations"] == []
    assert line["logos-metadata"]["objects"] == []
    assert line["logos-metadata"]["class-map"] == {}


def test_one_worker_gives_confidence_zero(bench, ana):  # A01
    bench.bucket(2)
    bench.job()
    bench.finish(boxes)
    bench.job("classes", task="ImageMultiClass")
    bench.finish(lambda _: class_answer("Halo"), name="classes")
    for line in bench.output():
        assert [one["confidence"] for one in line["logos-metadata"]["objects"]] == [0, 0]
    assert [line["logos-metadata"]["confidence"] for line in bench.output("classes")] == [0, 0]


def test_a_class_line_has_an_integer_and_the_services_metadata(bench, people):  # O01, L02
    bench.bucket(3)
    bench.job(task="ImageMultiClass", workers=3)
    bench.finish(lambda task: class_answer("Halo" if task["object_id"] == "1" else "Norda"))
    first, second, _ = bench.output()
    assert (first["logos"], second["logos"]) == (0, 2)
    metadata = second["logos-metadata"]
    assert list(metadata) == [
        "confidence",
        "job-name",
        "class-name",
        "human-annotated",
        "creation-date",
        "type",
    ]
    assert metadata["class-name"] == "Halo"
    assert metadata["type"] == "groundtruth/image-classification"
    assert 0.05 + 0.9 / 3 <= metadata["confidence"] <= 0.95


def test_a_failed_line_has_metadata_and_no_label(bench, ana):  # O14
    bench.bucket(2)
    bench.engine.objects.delete("demo-gt", "images/0.jpg")
    bench.job()
    assert bench.finish(boxes).failed == 1
    [bad, _] = bench.output()
    assert list(bad) == ["source-ref", "logos-metadata"]
    assert list(bad["logos-metadata"]) == ["retry-count", "failure-reason", "human-annotated"]
    assert bad["logos-metadata"]["human-annotated"] == "true"


def test_unknown_keys_of_the_input_pass_through_byte_for_byte(bench, ana):  # M03
    odd = (
        '{"n":1.50, "source-ref":"s3://demo-gt/images/0.jpg" ,"o":{"ü":["\\u00e9",1e-400]},'
        '"big":' + "9" * 5000 + "}"
    )
    bench.bucket(1, lines=[odd, "  " + odd + " "])
    bench.job()
    bench.finish(boxes)
    data = bench.engine.objects.read("demo-gt", OUT + "manifests/output/output.manifest")
    assert all(line.startswith(odd[:-1].encode() + b',"logos":{') for line in data.splitlines())


def test_workers_of_a_job_are_logged_once_per_answer(finished):  # V01
    group = "/aws/sagemaker/groundtruth/WorkerActivity"
    logs = finished.engine.logs
    events = [
        json.loads(message)
        for stream in logs.streams(group)
        for _, _, message in logs.events(group, stream)
    ]
    assert Counter(event["event_type"] for event in events) == {"TasksSubmitted": 36}


def test_a_job_logs_its_milestones_in_order(finished):  # V03
    events = finished.engine.logs.events("/aws/sagemaker/LabelingJobs", "logos")
    names = [json.loads(message)["event-name"] for _, _, message in events]
    assert names == [
        "BATCH_ANNOTATION_STATUS_EVALUATED",
        "EXPORTED_LABELED_MANIFEST",
        "BATCH_ANNOTATION_STATUS_EVALUATED",
    ]

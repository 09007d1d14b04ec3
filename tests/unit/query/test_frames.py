"""Questions about manifests and worker responses."""

from __future__ import annotations

import json
import math

import pandas as pd
import pytest

from gt_widgets.query import (
    agreement,
    boxes_frame,
    label_counts,
    manifest_frame,
    time_per_task,
    worker_frame,
)

BOXES = json.loads(  # reference 6.4
    '{"source-ref":"s3://demo-gt/l/1.jpg","logos":{"image_size":[{"width":800,"height":533,'
    '"depth":3}],"annotations":[{"class_id":0,"top":8,"left":12,"height":40,"width":90}]},'
    '"logos-metadata":{"objects":[{"confidence":0.83}],"class-map":{"0":"DHL"},"type":'
    '"groundtruth/object-detection","human-annotated":"yes","creation-date":'
    '"2026-11-20T10:18:13.527256","job-name":"labeling-job/logo-boxes-01"}}'
)
BIRD = json.loads(  # reference 6.2
    '{"source-ref":"s3://demo-gt/birds/1.jpg","species":9,"species-metadata":{"confidence":0.95,'
    '"job-name":"labeling-job/birds","class-name":"Canary","human-annotated":"yes",'
    '"creation-date":"2026-11-20T10:40:59.217995","type":"groundtruth/image-classification"}}'
)
TAGS = json.loads(  # reference 6.3
    '{"source-ref":"s3://demo-gt/m/1.jpg","tags":[1,0],"tags-metadata":{"job-name":'
    '"labeling-job/tags","class-map":{"1":"bicycle","0":"person"},"human-annotated":"yes",'
    '"creation-date":"2026-11-20T10:36:25.000201","confidence-map":{"1":0.95,"0":0.77},'
    '"type":"groundtruth/image-classification-multilabel"}}'
)
EMPTY = {
    "source-ref": "s3://demo-gt/l/2.jpg",
    "logos": {"image_size": [], "annotations": []},
    "logos-metadata": {"objects": [], "class-map": {}, "human-annotated": "no"},
}
FAILED = {  # reference 6.12
    "source-ref": "s3://demo-gt/l/3.jpg",
    "logos-metadata": {
        "retry-count": 1,
        "failure-reason": "ClientError: x",
        "human-annotated": "true",
    },
}
WAITING = {"source-ref": "s3://demo-gt/l/4.jpg"}


def answer(worker_id, content, seconds=10.0):
    return {
        "acceptanceTime": "2026-11-20T10:00:05.120Z",
        "answerContent": content,
        "submissionTime": "2026-11-20T10:00:31.482Z",
        "timeSpentInSeconds": seconds,
        "workerId": worker_id,
        "workerMetadata": {"identityData": {"sub": f"sub-of-{worker_id}"}},
    }


def boxed(*boxes):
    keys = ("label", "left", "top", "width", "height")
    drawn = [dict(zip(keys, box, strict=True)) for box in boxes]
    return {"boundingBox": {"boundingBoxes": drawn, "inputImageProperties": {}}}


def chosen(label):
    return {"crowd-image-classifier": {"label": label}}


def responses(*answers_of_objects):
    return {str(i): {"answers": answers} for i, answers in enumerate(answers_of_objects)}


def test_a_box_line_is_one_row_with_its_classes_and_mean_confidence():
    (row,) = manifest_frame([BOXES], "logos").to_dict("records")
    assert (row["object_id"], row["status"], row["labels"]) == ("0", "labeled", ("DHL",))
    assert (row["n_boxes"], row["confidence"], row["human_annotated"]) == (1, 0.83, "yes")
    assert row["job_name"] == "logo-boxes-01"
    assert row["creation_date"] == pd.Timestamp("2026-11-20T10:18:13.527256")


@pytest.mark.parametrize("index", [9, "9"])  # reference 13: read both
def test_a_class_line_shows_its_class_name(index):
    (row,) = manifest_frame([BIRD | {"species": index}], "species").to_dict("records")
    assert (row["label"], row["labels"], row["confidence"]) == ("Canary", ("Canary",), 0.95)


def test_a_class_line_without_a_name_shows_its_number():
    line = {"source": "text", "kind": "0", "kind-metadata": {"confidence": 0}}
    (row,) = manifest_frame([line], "kind").to_dict("records")
    assert (row["label"], row["source"], row["confidence"]) == ("0", "text", 0.0)


def test_a_multi_label_line_shows_all_its_classes():
    (row,) = manifest_frame([TAGS], "tags").to_dict("records")
    assert row["labels"] == ("bicycle", "person")
    assert row["confidence"] == pytest.approx(0.86)


def test_empty_failed_and_waiting_objects_are_told_apart():  # O05, O14
    frame = manifest_frame([EMPTY, FAILED, WAITING], "logos")
    assert frame["status"].tolist() == ["labeled", "failed", "unlabeled"]
    assert frame["failure_reason"].tolist()[1] == "ClientError: x"
    assert frame["human_annotated"].tolist() == ["no", None, None]
    assert frame["confidence"].isna().all()


def test_an_empty_manifest_is_an_empty_frame_with_all_columns():
    frame = manifest_frame([], "logos")
    assert len(frame) == 0
    assert {"object_id", "labels", "confidence"} <= set(frame.columns)


def test_every_box_is_a_row_and_a_missing_confidence_is_nan():
    bare = {"source-ref": "b", "logos": {"annotations": BOXES["logos"]["annotations"]}}
    frame = boxes_frame([BOXES, EMPTY, FAILED, bare], "logos")
    assert frame["object_id"].tolist() == ["0", "3"]
    assert frame["label"].tolist() == ["DHL", "0"]
    assert frame.loc[0, ["left", "top", "width", "height"]].tolist() == [12, 8, 90, 40]
    assert math.isnan(frame.loc[1, "confidence"])


def test_labels_are_counted_for_people_and_machine():
    machine = json.loads(json.dumps(BOXES).replace('"yes"', '"no"'))
    counts = label_counts(manifest_frame([BOXES, BOXES, machine, EMPTY, WAITING], "logos"))
    assert counts.loc["DHL"].to_dict() == {"human": 2, "machine": 1, "total": 3}


def test_counting_nothing_gives_an_empty_table():
    assert label_counts(manifest_frame([WAITING], "logos")).empty


def test_a_worker_response_is_read_as_object_or_as_text():  # reference 5.2
    same = responses([answer("w1", chosen("DHL")), answer("w2", json.dumps(chosen("DHL")))])
    frame = worker_frame(same)
    assert frame["label"].tolist() == ["DHL", "DHL"]
    assert frame["submitted_at"].dt.year.tolist() == [2026, 2026]


def test_an_old_answer_without_times_is_read_too():
    old = {
        "answerContent": chosen("DHL"),
        "submissionTime": "2019-01-01T00:00:00Z",
        "workerId": "w",
    }
    (row,) = worker_frame(responses([old])).to_dict("records")
    assert math.isnan(row["time_spent_s"])
    assert pd.isna(row["accepted_at"])


def test_workers_get_readable_names_by_id_or_by_sub():
    given = responses([answer("w1", chosen("DHL")), answer("w2", chosen("DHL"))])
    frame = worker_frame(given, names={"w1": "ana", "sub-of-w2": "ben"})
    assert frame["worker_id"].tolist() == ["ana", "ben"]


def test_agreement_on_classes_is_the_share_of_equal_answers():
    given = responses(
        [answer("w1", chosen("DHL")), answer("w2", chosen("DHL"))],
        [answer("w1", chosen("DHL")), answer("w2", chosen("Kilo"))],
        [answer("w3", chosen("DHL"))],
    )
    table = agreement(worker_frame(given))
    assert table.loc["w1", "w2"] == table.loc["w2", "w1"] == 0.5
    assert table.loc["w1", "w1"] == 1.0
    assert math.isnan(table.loc["w1", "w3"])


def test_agreement_on_boxes_is_the_overlap_of_the_best_matches():
    given = responses(
        [  # the same box, and one that only w1 has drawn: 1 of 2
            answer("w1", boxed(("DHL", 0, 0, 10, 10), ("DHL", 50, 50, 10, 10))),
            answer("w2", boxed(("DHL", 0, 0, 10, 10))),
        ],
        [answer("w1", boxed()), answer("w2", boxed())],  # nothing there, say both: 1
        [  # the same place with another label: 0
            answer("w1", boxed(("DHL", 0, 0, 10, 10))),
            answer("w2", boxed(("Kilo", 0, 0, 10, 10))),
        ],
    )
    assert agreement(worker_frame(given)).loc["w1", "w2"] == 0.5


def test_time_per_task_adds_up_by_worker():
    given = responses([answer("w1", chosen("a"), 4.0)], [answer("w1", chosen("a"), 8.0)])
    assert time_per_task(worker_frame(given)).loc["w1"].to_dict() == {
        "tasks": 2,
        "mean_s": 6.0,
        "median_s": 6.0,
        "total_s": 12.0,
    }


def test_no_responses_give_empty_tables():
    frame = worker_frame({})
    assert agreement(frame).empty
    assert time_per_task(frame).empty

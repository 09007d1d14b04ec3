"""Entities and shapes of output manifests, thing by thing; how far workers agree on them."""

from __future__ import annotations

import math

from gt_widgets.query import agreement, entities_frame, manifest_frame, shapes_frame, worker_frame

TEXT = "Norda \U0001f69a Oslo"
ENTITIES = {
    "source": TEXT,
    "ner": {
        "annotations": {
            "labels": [{"label": "place"}],
            "entities": [{"label": "place", "startOffset": 8, "endOffset": 12}],
        }
    },
    "ner-metadata": {"entities": [{"confidence": 0.65}], "human-annotated": "yes"},
}
SHAPES = {
    "source-ref": "s3://a/1.jpg",
    "ner": {"annotations": [{"class_id": 1, "vertices": [{"x": 3, "y": 4}, {"x": 5, "y": 6}]}]},
    "ner-metadata": {"class-map": {"1": "road"}, "objects": [{"confidence": 0}]},
}
MASK = {
    "source-ref": "s3://a/1.jpg",
    "ner": "s3://a/0.png",
    "ner-metadata": {
        "internal-color-map": {"0": {"class-name": "BACKGROUND"}, "1": {"class-name": "sky"}},
        "adjustment-status": "adjusted",
    },
}
VERDICT = {
    "source-ref": "s3://a/1.jpg",
    "ner": 1,
    "ner-metadata": {"class-name": "bad", "worker-feedback": [{"comment": "cut"}]},
}
REFERRED = {"source": "a", "ner": {}, "ner-metadata": {"worker-response-ref": "s3://a/r.json"}}
LINES = [ENTITIES, SHAPES, MASK, VERDICT, REFERRED, {"source": "not labeled"}]


def test_an_entity_is_a_row_with_the_text_it_marks():
    [row] = entities_frame(LINES, "ner").to_dict("records")
    assert (row["object_id"], row["label"], row["text"]) == ("0", "place", "Oslo")
    assert (row["start_offset"], row["end_offset"], row["confidence"]) == (8, 12, 0.65)


def test_a_shape_is_a_row_with_its_vertices():
    [row] = shapes_frame(LINES, "ner").to_dict("records")
    assert (row["object_id"], row["label"], row["class_id"]) == ("1", "road", 1)
    assert (row["vertices"], row["confidence"]) == (((3, 4), (5, 6)), 0)


def test_the_table_tells_masks_adjustments_comments_and_responses():
    frame = manifest_frame(LINES, "ner")
    assert list(frame["labels"])[:4] == [("place",), ("road",), ("sky",), ("bad",)]
    assert list(frame["mask"]) == [None, None, "s3://a/0.png", None, None, None]
    assert list(frame["adjustment"])[2] == "adjusted"
    assert list(frame["comments"])[3] == ("cut",)
    assert list(frame["response_ref"])[4] == "s3://a/r.json"
    assert list(frame["status"]) == ["labeled"] * 5 + ["unlabeled"]


def between(one, two):
    """Agreement of two workers who gave these answers to one object."""
    answers = [
        {"workerId": f"w{n}", "answerContent": {"any": value}} for n, value in enumerate((one, two))
    ]
    return agreement(worker_frame({"0": {"answers": answers}})).loc["w0", "w1"]


def test_agreement_on_classes_and_entities_is_the_share_that_both_gave():
    span = {"label": "place", "startOffset": 1, "endOffset": 3}
    assert between({"labels": ["a", "b"]}, {"labels": ["b", "c"]}) == 1 / 3
    assert between({"labels": []}, {"labels": []}) == 1
    assert between({"entities": [span]}, {"entities": [span | {"endOffset": 4}]}) == 0
    assert math.isnan(between({"polygons": []}, {"polygons": []}))

"""Many manifests as one table."""

import pandas as pd
import pytest

from gt_widgets.errors import ValidationError
from gt_widgets.query import (
    filter_objects,
    join_attributes,
    label_attributes,
    objects_frame,
    worker_frame,
)


def classes(name, confidence, *, day=1, human="yes", job="birds", class_id=0):
    return {
        "species": class_id,
        "species-metadata": {
            "confidence": confidence,
            "job-name": f"labeling-job/{job}",
            "class-name": name,
            "human-annotated": human,
            "creation-date": f"2026-11-{day:02d}T10:00:00.000001",
            "type": "groundtruth/image-classification",
        },
    }


VERDICT = {
    "check": 1,
    "check-metadata": {
        "confidence": 0.9,
        "class-name": "bad",
        "type": "groundtruth/label-verification",
        "human-annotated": "yes",
        "creation-date": "2026-11-05T10:00:00.000001",
        "job-name": "labeling-job/check",
    },
}
FAILED = {
    "species-metadata": {"retry-count": 1, "failure-reason": "gone", "human-annotated": "true"}
}
FIRST = [
    {"source-ref": "s3://a/1.jpg", **classes("robin", 0.9)},
    {"source-ref": "s3://a/2.jpg", **classes("wren", 0.4, human="no", day=2)},
    {"source-ref": "s3://a/3.jpg", **FAILED},
    {"source-ref": "s3://a/4.jpg"},
]
SECOND = [
    {"source-ref": "s3://a/2.jpg", **classes("robin", 0.8, day=3), **VERDICT},
    {"source-ref": "s3://a/1.jpg", **classes("robin", 0.9), **VERDICT},
]
OBJECTS = objects_frame({"s3://out/birds": FIRST, "s3://out/check": SECOND})


def test_a_row_is_a_label_of_a_line_and_failed_and_unlabeled_objects_are_told_apart():  # O14
    assert list(OBJECTS["label_attribute"]) == ["species"] * 3 + [None] + ["species", "check"] * 2
    assert list(OBJECTS["status"][:4]) == ["labeled", "labeled", "failed", "unlabeled"]
    assert list(OBJECTS["type"].dropna().unique()) == ["image-classification", "label-verification"]
    assert OBJECTS["creation_date"].dtype.kind == "M"


def test_label_attributes_are_found_by_their_metadata():
    assert label_attributes(SECOND[0]) == ["species", "check"]
    assert label_attributes(FIRST[2]) == ["species"]
    assert label_attributes({"source-ref": "s3://a/1.bin", "source-ref-metadata": {}, "x": 1}) == []


@pytest.mark.parametrize(
    ("wanted", "sources"),
    [
        ({"label": "wren"}, ["2"]),
        ({"label": ["wren", "bad"], "label_attribute": "check"}, ["2", "1"]),
        ({"min_confidence": 0.9, "label_attribute": "species"}, ["1", "1"]),
        ({"max_confidence": 0.4}, ["2"]),
        ({"by": "machine"}, ["2"]),
        ({"since": "2026-11-02", "until": "2026-11-03"}, ["2"]),
        ({"since": "2026-11-03T12:00:00+02:00", "until": "2026-11-04"}, ["2"]),
        ({"job": "check", "by": "human"}, ["2", "1"]),
        ({"status": "failed"}, ["3"]),
        ({"label": "eagle"}, []),
    ],
)
def test_filters_keep_what_matches_all_of_them(wanted, sources):
    found = filter_objects(OBJECTS, **wanted)
    assert [source[-5] for source in found["source"]] == sources


def test_a_filter_by_worker_needs_the_responses():
    answers = {"1": {"answers": [{"workerId": "ana", "answerContent": {"x": {"label": "wren"}}}]}}
    responses = worker_frame(answers).assign(job_name="birds")
    found = filter_objects(OBJECTS, worker="ana", responses=responses)
    assert set(found["object_id"]) == {"1"}
    assert filter_objects(OBJECTS, worker="ben", responses=responses).empty
    with pytest.raises(ValidationError, match="responses="):
        filter_objects(OBJECTS, worker="ana")
    with pytest.raises(ValidationError, match="'human' or 'machine'"):
        filter_objects(OBJECTS, by="robots")


def test_chained_jobs_are_joined_by_source_and_the_newest_label_counts():
    joined = join_attributes(OBJECTS)
    assert list(joined["species"].iloc[:2]) == ["robin", "robin"]  # the machine said wren before
    assert list(joined["species.human_annotated"].iloc[:2]) == ["yes", "yes"]
    assert list(joined["check"].iloc[:2]) == ["bad", "bad"]
    assert joined["check"].iloc[2:].isna().all()
    assert list(join_attributes(OBJECTS, on="line").index) == ["0", "1", "2", "3"]
    with pytest.raises(ValidationError):
        join_attributes(OBJECTS, on="x")


def test_no_manifests_give_an_empty_table_with_all_columns():
    empty = objects_frame({})
    assert list(empty.columns) == list(OBJECTS.columns)
    assert filter_objects(empty, label="x", min_confidence=0.5, by="human").empty
    assert join_attributes(empty).empty


def test_entities_and_masks_have_their_classes_as_labels():
    entity = {"label": "city", "startOffset": 0, "endOffset": 4}
    text = {
        "source": "Oslo",
        "ner": {"annotations": {"entities": [entity]}},
        "ner-metadata": {
            "type": "groundtruth/text-span",
            "entities": [{"confidence": 0.7}],
            "human-annotated": "yes",
        },
    }
    colours = {
        "0": {"class-name": "BACKGROUND", "hex-color": "#ffffff", "confidence": 0.8},
        "1": {"class-name": "road", "hex-color": "#2ca02c", "confidence": 0.8},
    }
    mask = {
        "source-ref": "s3://a/1.jpg",
        "city-ref": "s3://out/0.png",
        "city-ref-metadata": {
            "internal-color-map": colours,
            "type": "groundtruth/semantic-segmentation",
            "human-annotated": "yes",
        },
    }
    found = objects_frame({"m": [text, mask]})
    assert list(found["labels"]) == [("city",), ("road",)]
    assert list(found["confidence"]) == pytest.approx([0.7, 0.8])
    assert pd.isna(found["label"]).all()

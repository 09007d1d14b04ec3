"""Answers of workers: what is accepted, and the form that is stored."""

from __future__ import annotations

import math

import pytest

from gt_widgets.errors import AnswerError
from gt_widgets.kinds import Seen, check_answer
from gt_widgets.kinds.boxes import MAX_BOXES
from gt_widgets.schema.tasks import TASK_TYPES

TYPES = {task_type.function: task_type for task_type in TASK_TYPES}
LABELS = ("DHL", "McDonalds", "RedBull")
BOX = {"label": "DHL", "left": 10, "top": 20, "width": 30, "height": 28}


def check(content, task="BoundingBox", size=(64, 48)):
    width, height = size
    return check_answer(TYPES[task], content, Seen(LABELS, width, height))


def boxes_of(stored):
    return stored["boundingBox"]["boundingBoxes"]


def boxes(*changes):
    return {"boundingBox": {"boundingBoxes": [BOX | change for change in changes]}}


def test_a_box_answer_is_stored_under_the_name_and_in_the_order_of_awss_own():
    stored = check({"annotatedResult": {"boundingBoxes": [BOX], "junk": 1}})
    assert list(stored) == ["boundingBox"]
    assert list(stored["boundingBox"]["boundingBoxes"][0]) == [
        "height",
        "label",
        "left",
        "top",
        "width",
    ]
    assert stored["boundingBox"]["inputImageProperties"] == {"height": 48, "width": 64}
    assert boxes_of(stored) == [BOX]


def test_an_answer_without_a_box_is_an_answer():  # O05
    assert boxes_of(check(boxes())) == []


def test_a_class_answer_is_stored_as_the_classifier_gives_it():
    stored = check({"crowd-image-classifier": {"label": "RedBull"}}, "ImageMultiClass")
    assert stored == {"crowd-image-classifier": {"label": "RedBull"}}


def test_a_whole_number_written_as_a_float_becomes_an_int():
    [stored] = boxes_of(check(boxes({"left": 3.0})))
    assert stored["left"] == 3
    assert isinstance(stored["left"], int)


@pytest.mark.parametrize(
    "change",
    [
        {"left": 0, "top": 0, "width": 64, "height": 48},
        {"left": 63, "top": 47, "width": 1, "height": 1},
    ],
)
def test_a_box_that_touches_the_edges_lies_inside(change):
    assert boxes_of(check(boxes(change))) == [BOX | change]


@pytest.mark.parametrize(
    "change",
    [
        {"left": -1},
        {"top": -1},
        {"width": 0},
        {"height": -3},
        {"left": 35},
        {"top": 21},
        {"left": 10**400},
        {"width": 10**5000},
    ],
)
def test_a_box_outside_the_picture_is_refused_with_its_number(change):
    with pytest.raises(AnswerError, match=r"Box 1 .* does not lie inside the picture of 64 x 48"):
        check(boxes({}, change))


@pytest.mark.parametrize(
    "value", [True, "3", None, [3], 1.5, math.nan, math.inf, -math.inf, 1e-300]
)
@pytest.mark.parametrize("side", ["left", "top", "width", "height"])
def test_a_side_that_is_no_whole_number_is_refused_by_name(side, value):
    with pytest.raises(AnswerError, match=f"Box 0: {side} must be a whole number"):
        check(boxes({side: value}))


def test_the_number_of_boxes_is_limited():
    assert len(boxes_of(check(boxes(*[{}] * MAX_BOXES)))) == MAX_BOXES
    with pytest.raises(AnswerError, match=f"{MAX_BOXES + 1} boxes in one answer"):
        check(boxes(*[{}] * (MAX_BOXES + 1)))


@pytest.mark.parametrize("label", ["dhl", "", None, 0, ["DHL"], {"a": 1}, True])
def test_a_label_that_is_not_the_jobs_is_refused_with_those_that_are(label):
    with pytest.raises(AnswerError, match="is not one of this job's: DHL, McDonalds, RedBull"):
        check(boxes({"label": label}))
    with pytest.raises(AnswerError, match="is not one of this job's: DHL, McDonalds, RedBull"):
        check({"crowd-image-classifier": {"label": label}}, "ImageMultiClass")


@pytest.mark.parametrize(
    "content",
    [
        None,
        [],
        {},
        "boundingBox",
        {"boundingBox": []},
        {"boundingBox": {}},
        {"boundingBox": {"boundingBoxes": {}}},
        {"boundingBox": {"boundingBoxes": [7]}},
        {"boundingBox": {"boundingBoxes": []}, "second": {}},
        {"crowd-image-classifier": {"label": "DHL"}},
    ],
)
def test_an_answer_of_another_shape_is_refused(content):
    with pytest.raises(AnswerError):
        check(content)


def test_a_picture_of_unknown_size_takes_no_boxes():
    with pytest.raises(AnswerError, match="size is not known"):
        check(boxes(), size=(None, None))

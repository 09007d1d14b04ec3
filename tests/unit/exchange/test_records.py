"""Manifest lines read as labeled objects."""

import pytest

from gt_widgets.errors import FormatError
from gt_widgets.exchange import Box, Entity, Given, categories_of, class_ids, read_labels


def test_failed_and_unlabeled_lines_are_passed_over_and_empty_images_are_not(boxes):
    first, empty = read_labels(boxes, "x")
    assert first.boxes == (
        Box("DHL", 12, 8, 30, 20, 0.83),
        Box("Größe & <b>", 0, 0, 60, 40, 0.5),
    )
    assert (first.size(), first.depth, first.object_id) == ((60, 40), 3, 0)
    assert (empty.kind, empty.boxes, empty.object_id) == ("boxes", (), 1)


def test_every_kind_of_label_is_read(others):
    found = {kind: next(read_labels([line], "x")) for kind, line in others.items()}
    assert {each.kind for each in found.values()} == set(others)
    assert found["class"].given == (Given("=wren", 0.9),)
    assert found["classes"].given == (Given("c", 0.9), Given("a", 0.7))
    assert found["mask"].labels == ("road", "car")
    assert found["entities"].entities == (Entity("city", 3, 7, 0.6),)
    assert found["entities"].is_text


def test_class_ids_are_those_of_the_job_and_unseen_ones_have_a_number(boxes, others):
    assert class_ids(boxes, "x") == ("DHL", "class_1", "Größe & <b>")
    assert class_ids([others["mask"]], "x") == ("road", "car")
    assert class_ids([others["entities"]], "x") == ("person", "city")
    assert class_ids([others["class"]], "x") == ("class_0", "=wren")


def test_one_class_id_with_two_names_is_refused(others):
    other = others["class"] | {
        "x-metadata": others["class"]["x-metadata"] | {"class-name": "robin"}
    }
    with pytest.raises(FormatError, match="class 1 of 'x' is called '=wren' and 'robin'"):
        class_ids([others["class"], other], "x")


def test_categories_must_hold_every_label_once(boxes):
    objects = list(read_labels(boxes, "x"))
    assert categories_of(objects) == {"DHL": 0, "Größe & <b>": 1}
    with pytest.raises(FormatError, match="none of the categories"):
        categories_of(objects, ["DHL"])
    with pytest.raises(FormatError, match="stands there twice"):
        categories_of([], ["a", "a"])


@pytest.mark.parametrize(
    "line",
    [
        {"source-ref": "s3://a/1", "x": {"annotations": [{"class_id": 0}]}, "x-metadata": {"class-map": {"0": "a"}}},
        {"source-ref": "s3://a/1", "x": {"annotations": [{"class_id": 0, "left": "1", "top": 1, "width": 1, "height": 1}]}, "x-metadata": {"class-map": {"0": "a"}}},
        {"source-ref": "s3://a/1", "x": {}, "x-metadata": {}},
        {"source-ref": "s3://a/1", "x": "s3://mask", "x-metadata": {}},
        {"source-ref": "s3://a/1", "x": [3], "x-metadata": {}},
        {"source-ref": 1, "x": 3, "x-metadata": {}},
        {"source-ref": "s3://a/1", "x": None, "x-metadata": None},
    ],
)  # fmt: skip
def test_a_label_of_no_known_shape_is_refused_with_its_line(line):
    with pytest.raises(FormatError, match="line 1: "):
        list(read_labels([line], "x"))

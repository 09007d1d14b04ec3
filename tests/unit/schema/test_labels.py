"""Label category files."""

from __future__ import annotations

import json

import pytest

from gt_widgets.errors import LabelCategoryError
from gt_widgets.schema.labels import label_file, parse_label_file
from gt_widgets.schema.tasks import TASK_TYPES

TYPES = {task_type.function: task_type for task_type in TASK_TYPES}
BOXES, CLASSES = TYPES["BoundingBox"], TYPES["ImageMultiClass"]
URI = "s3://demo-gt/labels.json"


def parse(labels, task_type=BOXES):
    return parse_label_file(URI, label_file(labels), task_type)


def test_a_file_without_document_version_is_accepted():  # L01
    data = b'{"labels": [{"label": "DHL"}]}'
    assert parse_label_file(URI, data, BOXES).labels == ("DHL",)


def test_the_class_index_is_the_position_in_the_file_also_of_unused_labels():  # L02
    found = parse(["Zeta", "Alpha", "Norda"])
    assert [found.class_id(label) for label in ("Zeta", "Norda", "Alpha")] == [0, 2, 1]


def test_instructions_come_along():
    given = {"shortInstruction": "Mark it.", "fullInstruction": "<b>Mark</b> it well."}
    document = {"labels": [{"label": "DHL"}], "instructions": given}
    found = parse_label_file(URI, json.dumps(document).encode(), BOXES)
    assert (found.short_instruction, found.full_instruction) == tuple(given.values())


REFUSED = {
    "twice": (["DHL", "UPS", "DHL"], BOXES, "label 'DHL' stands there twice"),
    "twice, spelt with a combining accent": (["é", "e\u0301"], BOXES, "stands there twice"),
    "none": ([], BOXES, "0 label(s); bounding-box jobs need at least 1"),
    "one class": (["DHL"], CLASSES, "need at least 2"),
    "too many": ([str(i) for i in range(51)], BOXES, "51 labels; bounding-box jobs take at most"),
    "too long": (["a" * 257], BOXES, "has 257 characters; at most 256"),
    "blank": (["  "], BOXES, "a text that is not empty"),
}


@pytest.mark.parametrize("fault", REFUSED)
def test_labels_that_break_a_rule_are_refused_with_the_reason(fault):  # L01
    labels, task_type, words = REFUSED[fault]
    with pytest.raises(LabelCategoryError) as caught:
        parse(labels, task_type)
    assert str(caught.value).startswith(URI)
    assert words in str(caught.value)


def test_the_largest_and_longest_that_are_allowed_are_accepted():
    assert len(parse([str(i) for i in range(50)]).labels) == 50
    assert len(parse([str(i) for i in range(500)], CLASSES).labels) == 500
    assert len(parse(["a" * 256]).labels[0]) == 256


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe\x00",
        b"[]",
        b"7",
        b'"labels"',
        b"{}",
        b'{"labels": 3}',
        b'{"labels": "DHL"}',
        b'{"labels": ["DHL"]}',
        b'{"labels": {"label": "DHL"}}',
        b'{"labels": [{"name": "DHL"}]}',
        b'{"labels": [{"label": null}]}',
        b'{"labels": [{"label": 7}]}',
        b'{"labels": [{"label": "\\ud800"}]}',
        b'{"labels": ' + b"[" * 100_000,
    ],
)
def test_a_file_of_another_shape_is_refused_by_its_location(data):
    with pytest.raises(LabelCategoryError, match=r"s3://demo-gt/labels\.json: "):
        parse_label_file(URI, data, BOXES)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"labels: [DHL]", "it is not JSON (Expecting value: line 1 column 1"),
        (b'{"classes": ["DHL"]}', "found the keys ['classes']"),
        (b'["DHL"]', "found no object"),
        (b'{"labels": "DHL"}', "found labels that are no list"),
        (b'{"labels": [{"label": "DHL"}, "UPS"]}', 'label 2 is "UPS"'),
        (b'{"labels": [{"name": "DHL"}]}', "label 1 is not such an object"),
    ],
)
def test_a_file_of_another_shape_is_answered_with_what_it_holds(data, words):
    with pytest.raises(LabelCategoryError) as refused:
        parse_label_file(URI, data, BOXES)
    assert words in str(refused.value)
    assert "Error(" not in str(refused.value)

"""What a worker task template tells of its job."""

from __future__ import annotations

import pytest

from gt_widgets.errors import ValidationError
from gt_widgets.schema.pages import labels_of_template
from gt_widgets.schema.tasks import custom_type_of


def labels(attribute, tag="crowd-entity-annotation"):
    page = f"<crowd-form><{tag} name='a' labels={attribute}></{tag}></crowd-form>"
    return labels_of_template("s3://demo-gt/page.template", page, custom_type_of(page))


@pytest.mark.parametrize(
    "attribute",
    [
        '\'["person", "place"]\'',
        "\"['person', 'place']\"",
        "\"['person', 'place',]\"",
        '"[&quot;person&quot;, &quot;place&quot;]"',
        "\"[{label: 'person'}, {label: 'place',},]\"",
        "\"[{'label': 'person'}, {'label': 'place'}]\"",
    ],
)
def test_labels_are_read_as_leniently_as_the_elements_read_them(attribute):  # P04
    assert labels(attribute).labels == ("person", "place")


def test_short_names_come_along_and_words_stay_words():  # P04
    found = labels("\"[{label: 'no', shortDisplayName: 'n', fullDisplayName: 'No'}, {label: on}]\"")
    assert (found.labels, found.short_names) == (("no", "on"), {"no": "n"})


@pytest.mark.parametrize(
    "attribute",
    ['"{{ task.input.labels | to_json }}"', '"person, place"', '"[]"', '"[1, {}]"', '"[[["', '"[\'\']"',
     '"' + "[" * 5000 + '"', '"[' + "'a'," * 50_000 + ']"'],
)  # fmt: skip
def test_what_is_no_list_of_labels_is_refused(attribute):
    with pytest.raises(ValidationError, match="lists no labels"):
        labels(attribute)

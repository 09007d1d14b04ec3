"""Data of ipyannotations goes into our answers and manifests and comes back unchanged."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gt_widgets.errors import FormatError
from gt_widgets.exchange.ipyannotations import (
    from_ipyannotations,
    label_from_ipyannotations,
    label_to_ipyannotations,
    to_ipyannotations,
)
from gt_widgets.exchange.utf16 import in_code_points, in_utf16_units
from gt_widgets.kinds import KINDS, Seen

WIDTH, HEIGHT = 640, 480
TEXT = "Ana 😀 met Bo in e\u0301vora."
LABELS = ("Norda", "Kivi", "Halo")
label = st.sampled_from(LABELS)
place = st.tuples(st.integers(0, WIDTH), st.integers(0, HEIGHT))


def span(most):
    return st.tuples(st.integers(0, most), st.integers(0, most)).filter(lambda s: s[0] < s[1])


box = st.builds(
    lambda label, xs, ys: {"type": "box", "label": label, "xyxy": (xs[0], ys[0], xs[1], ys[1])},
    label,
    span(WIDTH),
    span(HEIGHT),
)
polygon = st.builds(
    lambda label, points: {"type": "polygon", "label": label, "points": [*points, points[0]]},
    label,
    st.lists(place, min_size=3, max_size=8, unique=True),
)
point = st.builds(
    lambda label, at: {"type": "point", "label": label, "coordinates": at}, label, place
)
entity = st.tuples(span(len(TEXT)), label).map(lambda found: (*found[0], found[1]))
DATA = {
    "boxes": st.lists(box, max_size=5),
    "polygons": st.lists(polygon, max_size=4),
    "keypoints": st.lists(point, max_size=5),
    "entities": st.lists(entity, unique=True, max_size=5).map(sorted),
    "class": label,
    "classes": st.lists(label, unique=True).map(lambda found: sorted(found, key=LABELS.index)),
}
some_data = st.sampled_from(sorted(DATA)).flatmap(lambda kind: st.tuples(st.just(kind), DATA[kind]))


@given(some_data)
def test_data_survives_being_an_answer_that_the_engine_takes(found):
    kind, data = found
    value = from_ipyannotations(kind, data)
    assert to_ipyannotations(kind, value) == data
    checked = KINDS[kind].check(value, Seen(LABELS, WIDTH, HEIGHT, TEXT))
    assert to_ipyannotations(kind, checked) == data


@given(some_data)
def test_data_survives_a_manifest_and_is_what_a_job_would_show_workers(found):
    kind, data = found
    label, metadata = json.loads(
        json.dumps(label_from_ipyannotations(kind, data, categories=LABELS, size=(WIDTH, HEIGHT)))
    )
    assert label_to_ipyannotations(kind, label, metadata) == data
    seen = Seen(LABELS, WIDTH, HEIGHT, TEXT)
    assert to_ipyannotations(kind, KINDS[kind].show(label, metadata, seen, None)) == data


@given(some_data)
def test_data_that_went_through_json_is_read_all_the_same(found):
    kind, data = found
    again = json.loads(json.dumps(data))
    assert from_ipyannotations(kind, again) == from_ipyannotations(kind, data)


@given(st.text(max_size=30), st.data())
def test_offsets_go_from_code_points_to_utf16_units_and_back(text, data):
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    spans = in_utf16_units(text, [(start, end, "x")])
    [(first, last, _)] = spans
    units = text.encode("utf-16-le", "surrogatepass")
    middle = units[2 * first : 2 * last].decode("utf-16-le", "surrogatepass")
    whole = text[start:end].encode("utf-16-le", "surrogatepass")
    assert middle.encode("utf-16-le", "surrogatepass") == whole
    assert in_code_points(text, spans) == [(start, end, "x")]


def test_an_open_polygon_is_the_closed_one():
    corners = [(1, 2), (5, 2), (5, 9)]
    entry = {"type": "polygon", "label": "Kivi"}
    opened = from_ipyannotations("polygons", [{**entry, "points": corners}])
    assert opened == from_ipyannotations("polygons", [{**entry, "points": [*corners, (1, 2)]}])


@pytest.mark.parametrize(
    ("kind", "data", "said"),
    [
        ("boxes", [{"type": "box", "label": "Kivi", "xyxy": (3, 3, 3, 9)}], "no area"),
        ("boxes", [{"type": "point", "label": "Kivi", "coordinates": (3, 3)}], "'point'"),
        ("boxes", [{"type": "box", "label": None, "xyxy": (3, 3, 4, 9)}], "class chosen"),
        ("boxes", "Kivi", "found a text"),
        ("polygons", [{"type": "polygon", "label": "Kivi", "points": [(1, 1)]}], "three"),
        ("keypoints", [{"type": "point", "label": "Kivi"}], "coordinates"),
        ("entities", [(1, 2)], "entities"),
        ("classes", "Kivi", "list of labels"),
        ("mask", [], "has no 'mask'"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_reason(kind, data, said):
    with pytest.raises(FormatError, match=said):
        from_ipyannotations(kind, data)


def test_a_label_that_is_no_category_and_a_missing_size_are_refused():
    data = [{"type": "box", "label": "Kivi", "xyxy": (1, 1, 4, 9)}]
    with pytest.raises(FormatError, match="none of the categories"):
        label_from_ipyannotations("boxes", data, categories=["Halo"], size=(9, 9))
    with pytest.raises(FormatError, match="size="):
        label_from_ipyannotations("boxes", data, categories=["Kivi"])


def test_a_span_outside_of_its_text_is_refused():
    with pytest.raises(FormatError, match="does not lie inside"):
        in_code_points("Ana", [(1, 9, "x")])

"""What holds for every answer of every kind, whatever a page may send."""

from __future__ import annotations

import json
from contextlib import suppress
from copy import deepcopy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gt_widgets.errors import AnswerError
from gt_widgets.kinds import KINDS, Seen, check_answer
from gt_widgets.schema.tasks import TASK_TYPES
from gt_widgets.testing import BRANDS
from gt_widgets.testing.task_types import TEXTS, good_value

SEEN = Seen(BRANDS, 64, 48, TEXTS[0])
TYPE_OF = {kind: next(each for each in TASK_TYPES if each.kind == kind) for kind in KINDS}

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-5, 70)
    | st.floats()
    | st.integers()
    | st.just(10**400)
    | text
    | st.sampled_from(BRANDS)
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4),
    max_leaves=8,
)


def places(value, path=()):
    """Every place in a JSON value, as the path to it."""
    yield path
    if isinstance(value, dict | list):
        for key in value if isinstance(value, dict) else range(len(value)):
            yield from places(value[key], (*path, key))


@st.composite
def almost_good(draw, kind):
    """A good answer with one or two places replaced by anything."""
    value = deepcopy(good_value(kind))
    for _ in range(draw(st.integers(0, 2))):
        path = draw(st.sampled_from([place for place in places(value) if place]))
        holder = value
        for key in path[:-1]:
            holder = holder[key]
        holder[path[-1]] = draw(values)
    return value


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_an_answer_is_stored_in_its_form_or_refused_and_nothing_else_ever_happens(kind, data):
    content = data.draw(st.fixed_dictionaries({"any": almost_good(kind)}) | values)
    task_type = TYPE_OF[kind]
    with suppress(AnswerError):
        stored = check_answer(task_type, content, SEEN)
        assert list(stored) == [task_type.element]
        assert check_answer(task_type, stored, SEEN) == stored
        assert json.loads(json.dumps(stored, allow_nan=False)) == stored


sides = st.integers(-5, 70)
box = st.fixed_dictionaries(
    {"label": st.sampled_from(BRANDS)} | dict.fromkeys(("left", "top", "width", "height"), sides)
)


@given(st.lists(box, max_size=3))
def test_a_stored_box_lies_inside_the_picture_and_has_whole_sides(boxes):
    with suppress(AnswerError):
        stored = check_answer(TYPE_OF["boxes"], {"b": {"boundingBoxes": boxes}}, SEEN)
        for found in stored["boundingBox"]["boundingBoxes"]:
            assert all(type(found[side]) is int for side in ("left", "top", "width", "height"))
            assert 0 <= found["left"] < found["left"] + found["width"] <= 64
            assert 0 <= found["top"] < found["top"] + found["height"] <= 48


@given(st.lists(st.tuples(st.integers(-2, 60), st.integers(-2, 60)), max_size=4))
def test_a_stored_entity_lies_inside_the_text_in_reading_order(spans):  # O08
    entities = [{"label": BRANDS[0], "startOffset": s, "endOffset": e} for s, e in spans]
    with suppress(AnswerError):
        stored = check_answer(TYPE_OF["entities"], {"e": {"entities": entities}}, SEEN)
        found = [
            (each["startOffset"], each["endOffset"])
            for each in stored["crowd-entity-annotation"]["entities"]
        ]
        assert found == sorted(set(spans))
        assert all(0 <= start < end <= len(TEXTS[0]) for start, end in found)

"""Gold objects: mixed in unmarked, found again, scored."""

from __future__ import annotations

import random

import pytest

from gt_widgets.errors import ValidationError
from gt_widgets.quality import gold_answers, is_right, mix_gold, score_gold

LINES = [{"source-ref": f"s3://b/{i}.jpg"} for i in range(90)]
GOLD = [({"source-ref": f"s3://b/gold-{i}.jpg"}, "Kilo") for i in range(20)]
BOX = {"label": "Kilo", "left": 10, "top": 10, "width": 40, "height": 40}


def test_the_wanted_share_is_mixed_in_and_found_again():
    mixed = mix_gold(LINES, GOLD, rng=random.Random(1), share=0.1)
    assert (len(mixed.lines), len(mixed.gold)) == (100, 10)
    assert all("gold" in mixed.lines[int(i)]["source-ref"] for i in mixed.gold)
    assert set(mixed.gold.values()) == {"Kilo"}


def test_the_other_lines_keep_their_order_and_carry_no_mark():
    mixed = mix_gold(LINES, GOLD, rng=random.Random(2))
    rest = [line for i, line in enumerate(mixed.lines) if str(i) not in mixed.gold]
    assert rest == LINES
    assert {tuple(line) for line in mixed.lines} == {("source-ref",)}


def test_the_same_seed_mixes_alike():
    one, two = (mix_gold(LINES, GOLD, rng=random.Random(3), share=0.1) for _ in range(2))
    assert one == two


def test_too_few_gold_objects_for_the_share_are_refused():
    with pytest.raises(ValidationError, match="90 gold objects are needed; found 20"):
        mix_gold(LINES, GOLD, rng=random.Random(0), share=0.5)


def test_an_object_that_is_in_the_manifest_already_is_refused():
    with pytest.raises(ValidationError, match=r"s3://b/7\.jpg' would be in the manifest twice"):
        mix_gold(LINES, [(LINES[7], "Kilo")], rng=random.Random(0))


@pytest.mark.parametrize(
    ("answer", "truth", "right"),
    [
        ({"label": "Kilo"}, "Kilo", True),
        ({"label": None}, "Kilo", False),
        ({"label": ("a", "b")}, ["b", "a"], True),
        ({"label": ("a",)}, {"a", "b"}, False),
        ({"label": None, "boxes": [BOX | {"left": 14}]}, [BOX], True),
        ({"label": None, "boxes": [BOX | {"left": 40}]}, [BOX], False),
        ({"label": None, "boxes": [BOX | {"label": "Norda"}]}, [BOX], False),
        ({"label": None, "boxes": [BOX, BOX]}, [BOX], False),
        ({"label": None, "boxes": []}, [], True),
    ],
)
def test_an_answer_is_right_if_it_says_all_that_is_settled_and_no_more(answer, truth, right):
    assert is_right(answer, truth) is right


def test_the_last_answer_of_a_worker_is_the_one_that_is_judged(frames):
    frame = frames([(0, "ana", "Norda"), (0, "ana", "Kilo"), (1, "ana", "Kilo")])
    found = gold_answers(frame, {"0": "Kilo"})
    assert found[["object_id", "label", "right"]].to_numpy().tolist() == [["0", "Kilo", True]]


def test_a_verdict_needs_enough_answers(frames):
    rows = [(i, "good", "Kilo") for i in range(40)]
    rows += [(i, "bad", "Kilo" if i < 15 else "Norda") for i in range(40)]
    rows += [(i, "new", "Norda") for i in range(2)]
    gold = {str(i): "Kilo" for i in range(40)}
    found = score_gold(frames(rows), gold, required=0.8)
    assert found["verdict"].to_dict() == {"new": "open", "bad": "below", "good": "met"}
    assert score_gold(frames(rows), {}).empty

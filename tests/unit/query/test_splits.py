"""Splits: exact, stratified, grouped, repeatable; statistics and plots."""

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gt_widgets.errors import ValidationError
from gt_widgets.query import (
    box_statistics,
    boxes_frame,
    job_statistics,
    label_statistics,
    objects_frame,
    rarest_labels,
    split,
)
from gt_widgets.query.plots import box_sizes, confidence_histogram, split_bars

SHARES = {"train": 0.8, "validation": 0.1, "test": 0.1}


@given(st.integers(0, 300), st.integers(0, 99), st.integers(1, 12))
def test_a_split_is_exact_and_every_stratum_is_shared_out_alike(objects, seed, kinds):
    strata = [number * number % kinds for number in range(objects)]
    found = split(objects, SHARES, rng=random.Random(seed), strata=strata)
    counts = Counter(found)
    for name, share in SHARES.items():
        assert abs(counts[name] - share * objects) < 1
    for stratum, size in Counter(strata).items():
        own = Counter(s for s, k in zip(found, strata, strict=True) if k == stratum)
        for name, share in SHARES.items():
            assert abs(own[name] - share * size) < 2.5


def test_shares_that_give_whole_numbers_are_met_exactly():
    assert Counter(split(1000, SHARES, rng=random.Random(1))) == {
        "train": 800,
        "validation": 100,
        "test": 100,
    }
    thirds = dict.fromkeys("abc", 1 / 3)
    assert sorted(Counter(split(100, thirds, rng=random.Random(1))).values()) == [33, 33, 34]


def test_the_same_seed_gives_the_same_split_and_another_seed_another():
    one, same, other = (split(500, SHARES, rng=random.Random(s)) for s in (3, 3, 4))
    assert one == same != other


@given(st.lists(st.integers(0, 20), min_size=1, max_size=200), st.integers(0, 9))
def test_a_group_stays_together(groups, seed):
    found = split(len(groups), SHARES, rng=random.Random(seed), groups=groups)
    sets = {}
    for group, name in zip(groups, found, strict=True):
        assert sets.setdefault(group, name) == name


def test_groups_come_near_to_the_shares_in_size_and_in_labels():
    rng = random.Random(2)
    groups = [rng.randrange(200) for _ in range(2000)]
    strata = [group % 4 for group in groups]
    found = split(2000, SHARES, rng=rng, groups=groups, strata=strata)
    counts = Counter(found)
    assert all(abs(counts[name] / 2000 - share) < 0.03 for name, share in SHARES.items())
    test = Counter(s for s, name in zip(strata, found, strict=True) if name == "test")
    assert all(abs(test[s] / Counter(strata)[s] - 0.1) < 0.05 for s in range(4))


@pytest.mark.parametrize("shares", [{}, {"a": 0.5}, {"a": 1.5, "b": -0.5}, {"a": float("nan")}])
def test_shares_that_do_not_add_up_are_refused(shares):
    with pytest.raises(ValidationError, match="add up to 1"):
        split(10, shares, rng=random.Random(0))
    with pytest.raises(ValidationError, match="strata has 1 entries for 2"):
        split(2, {"a": 1.0}, rng=random.Random(0), strata=["x"])


def test_an_object_with_several_labels_counts_with_its_rarest():
    assert rarest_labels([("a", "b"), ("a",), (), ("a", "b", "c")]) == ["b", "a", None, "c"]


def boxes_line(number, human="yes"):
    boxes = [
        {"class_id": number % 2, "left": 0, "top": 0, "width": 10 * (i + 1), "height": 10}
        for i in range(number)
    ]
    return {
        "source-ref": f"s3://a/{number}.jpg",
        "logos": {"image_size": [{"width": 100, "height": 100, "depth": 3}], "annotations": boxes},
        "logos-metadata": {
            "objects": [{"confidence": 0.5}] * number,
            "class-map": {"0": "DHL", "1": "_$x$"},
            "type": "groundtruth/object-detection",
            "human-annotated": human,
            "creation-date": "2026-11-20T10:00:00.000001",
            "job-name": "labeling-job/logos",
        },
    }


LINES = [boxes_line(number, "no" if number == 3 else "yes") for number in range(4)]
OBJECTS = objects_frame({"s3://out/logos": LINES})


def test_statistics_count_objects_labels_people_and_machines():
    labels = label_statistics(OBJECTS)
    assert labels.loc["_$x$", ["objects", "labels", "human", "machine"]].tolist() == [2, 4, 1, 1]
    assert labels["share"].sum() == pytest.approx(1)
    [job] = job_statistics(OBJECTS).to_dict("records")
    assert (job["labeled"], job["empty"], job["human"], job["machine"]) == (4, 1, 3, 1)
    boxes = box_statistics(boxes_frame(LINES, "logos"))
    assert boxes.loc["_$x$", ["boxes", "per_object", "width"]].tolist() == [4, 2.0, 15.0]


def test_plots_are_pictures_even_of_nothing():
    found = split(4, {"train": 0.5, "test": 0.5}, rng=random.Random(0))
    nothing = objects_frame({})
    for figure in (
        confidence_histogram(OBJECTS),
        confidence_histogram(nothing),
        box_sizes(boxes_frame(LINES, "logos")),
        box_sizes(boxes_frame([], "logos")),
        split_bars(found, ["$a$", "_b", None, "c"]),
        split_bars([], []),
    ):
        assert figure._repr_png_().startswith(b"\x89PNG")

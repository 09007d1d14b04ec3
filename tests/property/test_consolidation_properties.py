"""What holds for all answers of all workers."""

from __future__ import annotations

import random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gt_widgets.consolidation import (
    Box,
    BoxResponse,
    WorkerResponse,
    consolidate_boxes,
    consolidate_classes,
)

WORKERS = ["ana", "ben", "cho", "dee", "eli", "fay"]


@st.composite
def class_batches(draw):
    categories = [f"c{i}" for i in range(draw(st.integers(2, 12)))]
    team = draw(st.lists(st.sampled_from(WORKERS), min_size=2, unique=True))
    labels = st.sampled_from(categories)
    of_one_object = st.dictionaries(st.sampled_from(team), labels, min_size=1)
    objects = draw(st.lists(of_one_object, min_size=1, max_size=12))
    answers = {
        str(i): [WorkerResponse(w, label) for w, label in given_.items()]
        for i, given_ in enumerate(objects)
    }
    return categories, len(team), answers


@given(class_batches())
def test_confidence_lies_between_a_guess_and_ninety_five_percent(drawn):  # A03
    categories, workers, answers = drawn
    found = consolidate_classes(answers, categories=categories, workers_per_object=workers)
    least = 0.05 + 0.9 / len(categories)
    assert all(least - 0.005 <= c.confidence <= 0.95 for c in found.values())


@given(class_batches(), st.randoms(use_true_random=False))
def test_classes_do_not_depend_on_the_order_of_workers_or_objects(drawn, rng):  # A04
    categories, workers, answers = drawn
    shuffled = [(key, rng.sample(list(of), len(of))) for key, of in answers.items()]
    rng.shuffle(shuffled)
    first, second = (
        consolidate_classes(a, categories=categories, workers_per_object=workers)
        for a in (answers, dict(shuffled))
    )
    assert first == second


@given(class_batches())
def test_what_all_say_is_the_label(drawn):
    categories, workers, answers = drawn
    found = consolidate_classes(answers, categories=categories, workers_per_object=workers)
    whole_batch = {r.label for of in answers.values() for r in of}
    if len(whole_batch) == 1:
        assert {c.label for c in found.values()} == whole_batch


side = st.integers(1, 60)
boxes = st.builds(Box, st.sampled_from(["DHL", "Kilo"]), side, side, side, side)
teams = st.lists(st.lists(boxes, max_size=5), min_size=1, max_size=6).map(
    lambda drawn: [BoxResponse(w, tuple(b)) for w, b in zip(WORKERS, drawn, strict=False)]
)


@given(teams, st.integers(0, 99))
def test_boxes_do_not_depend_on_the_order_of_workers_or_boxes(responses, seed):  # A04
    rng = random.Random(seed)
    shuffled = [
        BoxResponse(r.worker_id, tuple(rng.sample(r.boxes, len(r.boxes)))) for r in responses
    ]
    rng.shuffle(shuffled)
    first, second = consolidate_boxes(responses), consolidate_boxes(shuffled)
    if len(responses) > 1:
        assert first == second


@given(teams)
def test_every_kept_box_has_whole_pixels_and_a_confidence_in_range(responses):
    found = consolidate_boxes(responses)
    assert len(found.boxes) == len(found.confidences)
    assert all(0 <= c <= 0.95 for c in found.confidences)
    assert all(isinstance(v, int) and v >= 1 for b in found.boxes for v in (b.width, b.height))


@given(teams)
def test_every_kept_box_lies_inside_what_was_drawn(responses):
    lefts = [b.left for r in responses for b in r.boxes]
    rights = [b.left + b.width for r in responses for b in r.boxes]
    for box in consolidate_boxes(responses).boxes:
        assert min(lefts) - 1 <= box.left
        assert box.left + box.width <= max(rights) + 1


@given(st.integers(0, 1000))
def test_five_noisy_copies_stay_within_two_pixels_of_their_mean(seed):  # A05
    rng = np.random.default_rng(seed)
    rows = np.array([50, 40, 120, 80]) + rng.integers(-6, 7, (5, 4))
    team = [
        BoxResponse(w, (Box("DHL", *row),)) for w, row in zip(WORKERS, rows.tolist(), strict=False)
    ]
    (box,) = consolidate_boxes(team).boxes
    found = np.array([box.left, box.top, box.width, box.height])
    assert np.abs(found - rows.mean(axis=0)).max() <= 2

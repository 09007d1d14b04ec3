"""Simulated workers at masks, shapes, entities and several labels."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from gt_widgets.errors import ValidationError
from gt_widgets.kinds import KINDS, Seen
from gt_widgets.kinds.judging import agrees
from gt_widgets.simulation import (
    SimulatedWorker,
    answer_entities,
    answer_instances,
    answer_label_set,
    answer_mask,
    answer_shapes,
)
from gt_widgets.testing import BRANDS
from gt_widgets.testing.task_types import TEXTS, changed_value, good_value

FLAWLESS = SimulatedWorker("simulated-1", accuracy=1.0, box_jitter_px=0.0)
SLOPPY = SimulatedWorker("simulated-2", accuracy=0.6, box_jitter_px=2.0, seed=3)
SIZE = (64, 48)
BOX = {"label": "Kivi", "left": 10, "top": 5, "width": 20, "height": 30}
TRIANGLE = {"label": "Halo", "vertices": [{"x": 1, "y": 1}, {"x": 9, "y": 1}, {"x": 1, "y": 9}]}
SPAN = {"label": "Norda", "startOffset": 3, "endOffset": 8}


def many(answer, worker=SLOPPY, times=300):
    return [answer(worker=worker, rng=worker.rng(str(number))) for number in range(times)]


def test_each_label_of_a_set_is_right_as_often_as_the_worker_is():
    answers = many(lambda **given: answer_label_set({"Kivi"}, categories=BRANDS, **given))
    counts = Counter(label for answer in answers for label in answer["labels"])
    assert 0.5 < counts["Kivi"] / 300 < 0.7
    assert all(0.3 < counts[other] / 300 < 0.5 for other in ("Norda", "Halo"))


def test_a_flawless_worker_fills_boxes_and_polygons():
    mask = answer_mask(
        [BOX, TRIANGLE], worker=FLAWLESS, rng=FLAWLESS.rng("0"), size=SIZE, categories=BRANDS
    )
    assert mask[5, 10] == mask[34, 29] == 2
    assert mask[4, 10] == mask[35, 29] == 0
    assert (mask[2, 2], mask[8, 8]) == (3, 0)


def test_a_mask_is_painted_as_the_array_says():
    truth = np.zeros((48, 64), dtype=np.uint8)
    truth[4:9, 5:20] = 3
    same = answer_mask(truth, worker=FLAWLESS, rng=FLAWLESS.rng("0"), size=SIZE, categories=BRANDS)
    assert (same == truth).all()
    moved = many(
        lambda **given: answer_mask(truth, size=SIZE, categories=BRANDS, **given), times=40
    )
    assert len({mask.tobytes() for mask in moved}) > 10


@pytest.mark.parametrize("truth", [np.zeros((4, 4)), np.full((48, 64), 4)])
def test_a_true_mask_of_another_size_or_class_is_refused(truth):
    with pytest.raises(ValidationError, match="the true mask has shape"):
        answer_mask(truth, worker=SLOPPY, rng=SLOPPY.rng("0"), size=SIZE, categories=BRANDS)


def test_instances_are_painted_one_by_one():
    mask, labels = answer_instances(
        [BOX, TRIANGLE], worker=FLAWLESS, rng=FLAWLESS.rng("0"), size=SIZE, categories=BRANDS
    )
    assert labels == ["Kivi", "Halo"]
    assert set(np.unique(mask).tolist()) == {0, 1, 2}


def test_vertices_are_whole_pixels_inside_the_picture():
    truth = [("Kivi", ((0, 0), (64, 0), (64, 48)))]
    for shapes in many(lambda **given: answer_shapes(truth, size=SIZE, categories=BRANDS, **given)):
        for _, vertices in shapes:
            assert len(vertices) == 3
            assert all(x == int(x) and 0 <= x <= 64 and 0 <= y <= 48 for x, y in vertices)


def test_entities_lie_inside_the_text_and_none_is_there_twice():
    answers = many(
        lambda **given: answer_entities(
            [SPAN] * 2, text="a Norda parcel", categories=BRANDS, **given
        )
    )
    for answer in answers:
        spans = [(e["startOffset"], e["endOffset"], e["label"]) for e in answer["entities"]]
        assert len(set(spans)) == len(spans)
        assert all(0 <= start < end <= 14 for start, end, _ in spans)
    assert any(not answer["entities"] for answer in answers)


@pytest.mark.parametrize("kind", ["boxes", "class", "classes", "entities", "polygons", "keypoints"])
def test_a_truth_in_the_form_of_the_answer_is_simulated_and_judged(kind):
    """What is right agrees with the truth, what was changed does not."""
    seen = Seen(BRANDS, *SIZE, TEXTS[0])
    value = good_value(kind)
    truth = value["label"] if kind == "class" else next(iter(value.values()))
    right = KINDS[kind].check(value, seen)
    assert agrees(kind, right, truth, seen)
    assert not agrees(kind, KINDS[kind].check(changed_value(kind), seen), truth, seen)
    assert KINDS[kind].check(KINDS[kind].simulate(truth, FLAWLESS, FLAWLESS.rng("0"), seen), seen)


def test_a_mask_agrees_with_the_truth_as_far_as_most_of_its_pixels_do():
    seen = Seen(BRANDS, *SIZE)
    truth = [BOX]
    right = KINDS["mask"].simulate(truth, FLAWLESS, FLAWLESS.rng("0"), seen)
    assert agrees("mask", right, truth, seen)
    assert not agrees("mask", right, [BOX | {"left": 30}], seen)
    assert not agrees("mask", right, [BOX | {"label": "Norda"}], seen)

"""Simulated workers do what their accuracy says, and can be replayed."""

from __future__ import annotations

from collections import Counter

import pytest

from gt_widgets.consolidation import WorkerResponse, consolidate_classes
from gt_widgets.errors import ValidationError
from gt_widgets.simulation import (
    SimulatedWorker,
    answer_boxes,
    answer_class,
    simulated_team,
    time_spent_s,
)

BRANDS = ["Alba", "Brio", "Cavo"]
TRUTH = [
    {"label": "Alba", "left": 100, "top": 80, "width": 120, "height": 60},
    {"label": "Brio", "left": 400, "top": 300, "width": 90, "height": 90},
]


def boxes_of(worker, object_id="0", truth=TRUTH, categories=BRANDS, size=(640, 480)):
    rng = worker.rng(object_id)
    content = answer_boxes(truth, worker=worker, rng=rng, size=size, categories=categories)
    return content["boundingBox"]["boundingBoxes"]


def test_a_perfect_worker_without_jitter_gives_the_truth():
    assert boxes_of(SimulatedWorker("simulated-1", 1.0, 0.0)) == TRUTH


def test_the_answer_has_the_form_of_the_crowd_element():
    worker = SimulatedWorker("simulated-1", 1.0, 0.0)
    content = answer_boxes(
        [], worker=worker, rng=worker.rng("0"), size=(640, 480), categories=BRANDS
    )
    properties = {"width": 640, "height": 480}
    assert content == {"boundingBox": {"boundingBoxes": [], "inputImageProperties": properties}}


def test_the_same_worker_answers_the_same_object_the_same_way_in_any_order():
    worker = SimulatedWorker("simulated-1", 0.6, 4.0, seed=7)
    there = [boxes_of(worker, str(i)) for i in range(20)]
    back = [boxes_of(worker, str(i)) for i in reversed(range(20))]
    assert there == back[::-1]
    assert there != [
        boxes_of(SimulatedWorker("simulated-2", 0.6, 4.0, seed=7), str(i)) for i in range(20)
    ]


def test_misses_wrong_labels_and_spurious_boxes_come_as_often_as_the_model_says():
    worker = SimulatedWorker("simulated-1", 0.8, 0.0)
    right = wrong = extra = 0
    places = {(100, 80): "Alba", (400, 300): "Brio"}
    for i in range(2000):
        for box in boxes_of(worker, str(i)):
            true_label = places.get((box["left"], box["top"]))
            right += box["label"] == true_label
            wrong += true_label is not None and box["label"] != true_label
            extra += true_label is None
    assert right / 4000 == pytest.approx(0.8, abs=0.02)
    assert wrong / 4000 == pytest.approx(0.1, abs=0.02)
    assert extra / 2000 == pytest.approx(0.1, abs=0.02)


def test_classes_are_right_as_often_as_the_accuracy_says():
    worker = SimulatedWorker("simulated-1", 0.7)
    labels = Counter(
        answer_class("Alba", worker=worker, rng=worker.rng(str(i)), categories=BRANDS)[
            "crowd-image-classifier"
        ]["label"]
        for i in range(2000)
    )
    assert labels["Alba"] / 2000 == pytest.approx(0.7, abs=0.03)
    assert labels["Brio"] / 2000 == pytest.approx(0.15, abs=0.03)


def test_boxes_are_whole_pixels_inside_the_picture_however_large_the_jitter():
    worker = SimulatedWorker("simulated-1", 0.9, 200.0)
    for i in range(300):
        for box in boxes_of(worker, str(i)):
            assert all(isinstance(box[s], int) for s in ("left", "top", "width", "height"))
            assert box["width"] >= 1 <= box["height"]
            assert 0 <= box["left"] <= 640 - box["width"]
            assert 0 <= box["top"] <= 480 - box["height"]


def test_with_one_category_a_wrong_box_is_a_missed_box():
    worker = SimulatedWorker("simulated-1", 0.0, 0.0)
    found = [boxes_of(worker, str(i), TRUTH[:1], ["Alba"]) for i in range(50)]
    assert not [b for boxes in found for b in boxes if (b["left"], b["top"]) == (100, 80)]


def test_half_of_the_tasks_take_less_than_the_stated_seconds():
    worker = SimulatedWorker("simulated-1", seconds_per_task=10.0)
    times = sorted(time_spent_s(worker, worker.rng(str(i))) for i in range(1001))
    assert times[500] == pytest.approx(10.0, rel=0.1)
    assert times[0] > 0


def test_a_team_is_called_simulated():
    names = [worker.name for worker in simulated_team(3, accuracy=0.8)]
    assert names == ["simulated-1", "simulated-2", "simulated-3"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "ana"},
        {"name": "simulated-1", "accuracy": 1.1},
        {"name": "simulated-1", "box_jitter_px": -1},
        {"name": "simulated-1", "seconds_per_task": 0},
    ],
)
def test_a_worker_with_impossible_parameters_is_refused(wrong):
    with pytest.raises(ValidationError):
        SimulatedWorker(**wrong)


def test_a_team_of_nobody_is_refused():
    with pytest.raises(ValidationError, match="at least one worker"):
        simulated_team(0)


def test_a_truth_outside_the_categories_is_named():
    worker = SimulatedWorker("simulated-1")
    with pytest.raises(ValidationError, match="found 'Dado'"):
        answer_class("Dado", worker=worker, rng=worker.rng("0"), categories=BRANDS)


def test_five_workers_together_are_better_than_each_of_them_alone():
    team = simulated_team(5, accuracy=0.7)
    truth = {str(i): BRANDS[i % 3] for i in range(60)}
    answers = {
        o: [WorkerResponse(w.name, label_of(w, o, t)) for w in team] for o, t in truth.items()
    }
    found = consolidate_classes(answers, categories=BRANDS, workers_per_object=5)
    together = sum(found[o].label == t for o, t in truth.items())
    alone = [sum(label_of(w, o, t) == t for o, t in truth.items()) for w in team]
    assert together > max(alone)
    assert together >= 52


def label_of(worker, object_id, truth):
    content = answer_class(truth, worker=worker, rng=worker.rng(object_id), categories=BRANDS)
    return content["crowd-image-classifier"]["label"]

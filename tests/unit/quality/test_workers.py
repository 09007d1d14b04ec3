"""Worker by worker: measured accuracy, agreement, what is mistaken for what."""

from __future__ import annotations

import math

import numpy as np
import pytest

from gt_widgets.quality import (
    agreement_measures,
    confusion_matrix,
    kappa_table,
    worker_quality,
)

DENSE = {"n_objects": 300, "answers_per_object": 5, "n_classes": 4, "n_workers": 10}


def test_accuracy_is_measured_on_gold_with_an_exact_interval(frames):
    rows = [(i, "ana", "Kilo" if i < 9 else "Norda", 4 + i) for i in range(10)]
    rows += [(i, "ben", "Kilo") for i in range(10)]
    found = worker_quality(frames(rows), gold={str(i): "Kilo" for i in range(10)})
    ana = found.loc["ana"]
    assert (ana["gold_answers"], ana["gold_right"], ana["accuracy"]) == (10, 9, 0.9)
    assert (ana["accuracy_low"], ana["accuracy_high"]) == pytest.approx((0.555, 0.9975), abs=1e-3)
    assert (ana["answers"], ana["median_s"]) == (10, 8.5)
    assert found.loc["ben", "agreement"] == 0.9


def test_without_gold_nothing_is_called_accuracy(frames):
    rows = [(i, w, "Kilo") for i in range(5) for w in ("ana", "ben")]
    found = worker_quality(frames([*rows, (5, "ana", "Norda")]))
    assert found[["accuracy", "accuracy_low", "accuracy_high"]].isna().all(axis=None)
    assert (found["gold_answers"] == 0).all()
    assert (found["agreement"] == 1.0).all()
    assert found["estimated_accuracy"].between(0.8, 1.0).all()


def test_the_estimate_ranks_workers_and_covers_independent_accuracies(crowd_frame):
    frame, gold = crowd_frame(1, **DENSE, accuracy=(0.4, 0.95))
    found = worker_quality(frame, gold=gold)
    assert found["estimated_accuracy"].corr(found["accuracy"]) > 0.95
    assert (found["estimated_accuracy"] - found["accuracy"]).abs().max() < 0.05
    assert (found["estimated_low"] < found["estimated_accuracy"]).all()


def test_a_worker_whom_all_contradict_is_not_estimated_by_his_own_word(frames):
    # two against one on every object; the one would like to be right by his own word
    rows = [(i, w, f"c{i % 2}") for i in range(20) for w in ("ana", "ben")]
    rows += [(i, "odd", f"c{1 - i % 2}") for i in range(20)]
    found = worker_quality(frames(rows))
    assert found.loc["odd", "estimated_accuracy"] < 0.05
    assert found.loc["odd", "agreement"] == 0.0


def test_shared_mistakes_look_right_to_the_workers_and_wrong_on_gold(frames):
    rows = [(i, w, "Kilo") for i in range(30) for w in ("ana", "ben", "cho")]
    rows += [(i, w, "Norda") for i in range(30, 60) for w in ("ana", "ben", "cho")]
    gold = {str(i): "Kilo" if i < 20 else "Norda" for i in range(60)}  # ten look like Kilo
    found = worker_quality(frames(rows), gold=gold)
    assert found["estimated_accuracy"].min() > 0.95
    assert found["accuracy"].max() == pytest.approx(50 / 60)


def test_a_worker_alone_agrees_with_nobody_and_is_not_estimated(frames):
    found = worker_quality(frames([(0, "ana", "Kilo"), (1, "ben", "Norda")]))
    assert found["agreement"].isna().all()
    assert found["estimated_accuracy"].isna().all()


def test_a_job_without_answers_has_no_workers(frames):
    assert worker_quality(frames([])).empty


def test_boxes_have_agreement_and_gold_but_no_estimate(frames):
    box = {"label": "Kilo", "left": 10, "top": 10, "width": 40, "height": 40}
    near, far = box | {"left": 12}, box | {"left": 90}
    frame = frames([(0, "ana", None), (0, "ben", None), (1, "ana", None), (1, "ben", None)])
    frame["boxes"] = [[near], [near], [near], [far]]
    found = worker_quality(frame, gold={"0": [box], "1": [box]})
    assert found["accuracy"].to_dict() == {"ana": 1.0, "ben": 0.5}
    assert found["agreement"].to_dict() == {"ana": 0.5, "ben": 0.5}
    assert found["estimated_accuracy"].isna().all()


def test_the_confusion_matrix_counts_answers_against_gold(frames):
    rows = [(0, "ana", "Kilo"), (1, "ana", "Norda"), (1, "ben", "Kilo"), (2, "ben", "Norda")]
    gold = {"0": "Kilo", "1": "Kilo", "9": "Umbra"}
    table = confusion_matrix(frames(rows), gold=gold)
    assert table.index.name == "truth"
    assert table.loc["Kilo"].to_dict() == {"Kilo": 2, "Norda": 1, "Umbra": 0}
    assert confusion_matrix(frames(rows), gold=gold, worker_id="ben").to_numpy().sum() == 1


def test_without_gold_the_confusion_matrix_is_against_the_consensus_and_says_so(crowd_frame):
    frame, gold = crowd_frame(2, **DENSE)
    guessed, counted = confusion_matrix(frame), confusion_matrix(frame, gold=gold)
    assert guessed.index.name == "consensus"
    assert guessed.to_numpy().sum() == pytest.approx(1500)
    assert np.abs(guessed.to_numpy() - counted.to_numpy()).max() < 25


def test_kappa_is_worked_out_for_each_two_workers(frames):
    rows = [(i, "ana", f"c{i % 2}") for i in range(10)] + [(i, "ben", "c0") for i in range(10)]
    table = kappa_table(frames([*rows, (99, "cho", "c1")]))
    assert table.loc["ana", "ben"] == 0.0
    assert math.isnan(table.loc["ana", "cho"])
    assert (table == table.T).sum().sum() == 5  # the rest is NaN


def test_agreement_measures_of_a_job_are_named_as_such(crowd_frame):
    frame, _ = crowd_frame(3, **DENSE)
    found = agreement_measures(frame)
    assert list(found.index) == [
        "krippendorff_alpha",
        "fleiss_kappa",
        "mean_cohen_kappa",
        "raw_agreement",
    ]
    assert found["krippendorff_alpha"] == pytest.approx(found["fleiss_kappa"], abs=0.01)
    assert found["raw_agreement"] > found["fleiss_kappa"]

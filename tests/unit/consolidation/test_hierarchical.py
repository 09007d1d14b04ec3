"""The hierarchical method wins where workers gave few answers and where they gave many."""

from __future__ import annotations

import numpy as np
import pytest

from gt_widgets.consolidation import dawid_skene, hierarchical, majority, one_coin
from gt_widgets.testing import simulated_crowd

SPARSE = {"n_objects": 300, "answers_per_object": 3, "n_classes": 5, "n_workers": 200}
DENSE = {"n_objects": 400, "answers_per_object": 6, "n_classes": 4, "n_workers": 12}
METHODS = {"ours": hierarchical, "vote": majority, "plain": dawid_skene, "coin": one_coin}


def mean_errors(shape, **kwargs):
    """Mean error of each method over eight crowds of that shape."""
    errors = {name: [] for name in METHODS}
    for seed in range(8):
        crowd = simulated_crowd(np.random.default_rng(seed), **shape, **kwargs)
        for name, method in METHODS.items():
            found = method(crowd.objects, crowd.workers, crowd.labels, n_classes=crowd.n_classes)
            errors[name].append(crowd.error(found.posteriors))
    return {name: float(np.mean(values)) for name, values in errors.items()}


@pytest.mark.parametrize("shared_mistakes", [True, False])
def test_with_four_answers_per_worker_it_beats_the_vote_and_plain_dawid_skene(shared_mistakes):
    error = mean_errors(SPARSE, shared_mistakes=shared_mistakes)
    assert error["ours"] < error["vote"] < error["plain"]


@pytest.mark.parametrize("shared_mistakes", [True, False])
def test_with_two_hundred_answers_per_worker_it_keeps_up_with_plain_dawid_skene(shared_mistakes):
    # plain has all it needs here, so the two differ by one or two labels in a thousand
    error = mean_errors(DENSE, shared_mistakes=shared_mistakes)
    assert error["ours"] < error["plain"] + 0.0015
    assert max(error["ours"], error["plain"]) < 0.6 * error["vote"]
    assert error["ours"] < error["coin"]


def test_guessers_are_seen_through():
    error = mean_errors(DENSE, guessers=0.4)
    assert error["ours"] < 0.7 * error["vote"]


def test_a_worker_who_swaps_two_classes_is_read_the_other_way_round():
    rng = np.random.default_rng(1)
    truth = rng.integers(0, 3, 400)
    objects, workers = np.repeat(np.arange(400), 5), np.tile(np.arange(5), 400)
    right = np.where(rng.random(2000) < 0.8, truth[objects], rng.integers(0, 3, 2000))
    swapped = np.array([1, 0, 2])[truth[objects]]
    found = hierarchical(objects, workers, np.where(workers == 4, swapped, right), n_classes=3)
    assert found.accuracy[4] < 0.5 < found.accuracy[:4].min()
    assert (found.posteriors.argmax(axis=1) == truth).mean() > 0.98


def test_one_answer_alone_is_believed():
    found = hierarchical([0], [0], [2], n_classes=4)
    assert found.posteriors[0].argmax() == 2


def test_a_thousand_workers_on_one_object_do_not_underflow():
    workers = np.arange(1000)
    found = hierarchical(np.zeros(1000, int), workers, workers % 5 // 4, n_classes=200)
    assert np.isfinite(found.posteriors).all()
    assert found.posteriors[0].argmax() == 0

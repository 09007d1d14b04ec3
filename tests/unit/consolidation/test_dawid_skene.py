"""Plain Dawid and Skene and the one-coin model, against slow readings of the formulas."""

from __future__ import annotations

import numpy as np
import pytest

from gt_widgets.consolidation import dawid_skene, hierarchical, one_coin
from gt_widgets.testing import simulated_crowd


@pytest.fixture(scope="module")
def crowd():
    return simulated_crowd(
        np.random.default_rng(5),
        n_objects=120,
        answers_per_object=6,
        n_classes=3,
        n_workers=9,
        shared_mistakes=False,
    )


def by_hand(crowd, rounds):
    """The formulas of the 1979 paper, one answer at a time."""
    n, k, m = len(crowd.truth), crowd.n_classes, crowd.workers.max() + 1
    answers = list(zip(crowd.objects, crowd.workers, crowd.labels, strict=True))
    p = np.zeros((n, k))
    for o, _, y in answers:
        p[o, y] += 1
    p /= p.sum(axis=1, keepdims=True)
    for _ in range(rounds):
        seen = np.full((m, k, k), 1e-10)  # [worker, true, given]
        for o, w, y in answers:
            seen[w, :, y] += p[o]
        seen /= seen.sum(axis=2, keepdims=True)
        after = np.tile(p.mean(axis=0), (n, 1))
        for o, w, y in answers:
            after[o] *= seen[w, :, y]
        p = after / after.sum(axis=1, keepdims=True)
    return p


def test_it_computes_the_formulas_of_the_paper(crowd):
    found = dawid_skene(
        crowd.objects, crowd.workers, crowd.labels, n_classes=3, max_rounds=7, tolerance=1e-12
    )
    assert found.rounds == 7
    assert np.abs(found.posteriors - by_hand(crowd, 7)).max() < 1e-8


def test_it_runs_until_nothing_moves(crowd):
    found = dawid_skene(crowd.objects, crowd.workers, crowd.labels, n_classes=3)
    assert 1 < found.rounds < 100
    again = by_hand(crowd, found.rounds + 1)
    assert np.abs(found.posteriors - again).sum() / 2 / len(again) < 1e-4


def test_crowd_kit_gives_the_same_labels(crowd):
    aggregation = pytest.importorskip("crowdkit.aggregation")
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(
        {"task": crowd.objects, "worker": crowd.workers, "label": crowd.labels}
    )
    theirs = aggregation.DawidSkene(n_iter=100, tol=1e-9).fit_predict(frame).sort_index()
    ours = dawid_skene(crowd.objects, crowd.workers, crowd.labels, n_classes=3).posteriors
    assert (ours.argmax(axis=1) == theirs.to_numpy()).mean() >= 0.99


def test_one_coin_weighs_votes_by_the_odds_of_its_workers():
    # three objects, where A and B agree; on the last C contradicts A, whom the others confirm
    objects = np.array([0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3])
    workers = np.array([0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 2])
    labels = np.array([0, 0, 1, 1, 1, 0, 0, 0, 1, 1, 0])
    found = one_coin(objects, workers, labels, n_classes=2)
    assert found.posteriors.argmax(axis=1).tolist() == [0, 1, 0, 1]
    assert found.accuracy[0] > 0.85
    assert found.accuracy[2] < 0.5


def test_one_coin_recovers_the_accuracy_of_workers_who_err_alike_everywhere():
    rng = np.random.default_rng(3)
    truth, skill = rng.integers(0, 4, 2000), np.array([0.9, 0.8, 0.7, 0.6, 0.5])
    objects, workers = np.repeat(np.arange(2000), 5), np.tile(np.arange(5), 2000)
    aside = (truth[objects] + rng.integers(1, 4, 10_000)) % 4
    labels = np.where(rng.random(10_000) < skill[workers], truth[objects], aside)
    found = one_coin(objects, workers, labels, n_classes=4)
    assert np.abs(found.accuracy - skill).max() < 0.03


@pytest.mark.parametrize("method", [dawid_skene, one_coin, hierarchical])
def test_a_worker_number_without_answers_has_no_accuracy(method):
    found = method([0, 0, 1], [0, 2, 2], [1, 1, 0], n_classes=2)
    assert np.isnan(found.accuracy).tolist() == [False, True, False]

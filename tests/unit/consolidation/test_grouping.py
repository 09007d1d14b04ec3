"""Which drawn things mean the same."""

from __future__ import annotations

import numpy as np

from gt_widgets.consolidation.grouping import group_by_support, nearest_few, overlapping_pairs


def pairs(*rows):
    first, second, likeness = zip(*rows, strict=True)
    return np.array(first), np.array(second), np.array(likeness)


def test_the_most_confirmed_thing_gathers_one_of_each_worker():
    workers = np.array([0, 0, 1, 2])
    found = group_by_support(workers, *pairs((0, 2, 0.9), (1, 2, 0.8), (0, 3, 0.9), (2, 3, 0.9)))
    assert found.tolist() == [0, 1, 0, 0]


def test_what_overlaps_nothing_is_a_group_of_its_own():
    none = np.array([], dtype=np.intp)
    found = group_by_support(np.array([0, 1, 2]), none, none, np.array([]))
    assert found.tolist() == [0, 1, 2]


def test_pairs_never_cross_cells_and_each_comes_once():
    low, high = np.zeros(4), np.ones(4)
    cells = np.array([0, 1, 0, 1])
    found = [
        tuple(sorted(pair))
        for one, two in overlapping_pairs(cells, low, high, min_share=0.5)
        for pair in zip(one.tolist(), two.tolist(), strict=True)
    ]
    assert sorted(found) == [(0, 2), (1, 3)]


def test_of_a_pile_by_one_worker_only_the_likest_sixteen_are_compared():
    workers = np.repeat([0, 1], [20, 400])
    first, second = np.repeat(np.arange(20), 400), np.tile(np.arange(20, 420), 20)
    likeness = np.tile(np.linspace(0.5, 1.0, 400), 20)
    kept = nearest_few(workers, first, second, likeness)
    assert len(kept) == 20 * 16
    assert likeness[kept].min() == np.sort(np.linspace(0.5, 1.0, 400))[-16]

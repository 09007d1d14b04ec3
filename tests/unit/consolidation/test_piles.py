"""Thousands of things in one place: nobody means them, and they must not cost their square."""

from __future__ import annotations

import numpy as np
import pytest

from gt_widgets.consolidation import (
    Box,
    BoxResponse,
    Entity,
    EntityResponse,
    box_groups,
    consolidate_box_batch,
    consolidate_entities,
    grouping,
)

WORKERS = 5


def pile(count, *, spread=6, seed=0):
    """Five workers' boxes, all in one place."""
    rng = np.random.default_rng(seed)
    return [
        BoxResponse(
            f"w{worker}",
            tuple(
                Box("DHL", 100 + a, 100 + b, 100 + c, 100 + d)
                for a, b, c, d in rng.integers(-spread, spread + 1, (count, 4)).tolist()
            ),
        )
        for worker in range(WORKERS)
    ]


@pytest.fixture
def compared(monkeypatch):
    """Counts the pairs of boxes whose overlap is computed."""
    pairs = []
    real = box_groups.iou_of_rows
    monkeypatch.setattr(
        box_groups, "iou_of_rows", lambda a, b: (pairs.append(len(a)), real(a, b))[1]
    )
    return pairs


@pytest.mark.parametrize("spread", [0, 6])
@pytest.mark.parametrize("method", ["ground-truth", "em"])
def test_a_pile_is_compared_with_its_nearest_alone(compared, method, spread):
    count = 600
    found = consolidate_box_batch({"0": pile(count, spread=spread)}, method=method)["0"]
    everybody_with_everybody = WORKERS * (WORKERS - 1) // 2 * count**2
    assert sum(compared) < 0.06 * everybody_with_everybody
    assert sum(compared) < 40 * WORKERS * count  # and it grows with the boxes, not their square
    assert 0.9 * count <= len(found.boxes) <= count


def test_what_stands_apart_is_still_compared_with_all_it_overlaps(monkeypatch):
    """A full page of boxes gives the same whether it counts as crowded or not."""
    rng = np.random.default_rng(3)
    places = [(x * 30, y * 30) for x in range(20) for y in range(20)]
    page = [
        BoxResponse(
            f"w{worker}",
            tuple(
                Box("DHL", x + dx, y + dy, 20, 20)
                for (x, y), (dx, dy) in zip(
                    places, rng.integers(0, 4, (400, 2)).tolist(), strict=True
                )
            ),
        )
        for worker in range(3)
    ]
    usual = consolidate_box_batch({"0": page})
    monkeypatch.setattr(grouping, "_CROWDED", 100)
    assert consolidate_box_batch({"0": page}) == usual
    assert len(usual["0"].boxes) == 400


def test_who_labels_first_makes_no_difference_in_a_pile():
    answers = pile(400)
    assert consolidate_box_batch({"0": answers}) == consolidate_box_batch({"0": answers[::-1]})


def test_boxes_in_exactly_one_place_find_each_other_one_by_one():
    same = [BoxResponse(f"w{n}", (Box("DHL", 9, 9, 50, 50),) * 700) for n in range(3)]
    found = consolidate_box_batch({"0": same})["0"]
    assert found.boxes == (Box("DHL", 9, 9, 50, 50),) * 700
    assert set(found.confidences) == {0.95}


def test_thousands_of_selections_of_one_word_are_as_cheap():
    selections = tuple(Entity("ORG", 0, 1000 + n) for n in range(500))
    found = consolidate_entities([EntityResponse(f"w{n}", selections) for n in range(3)])
    assert len(found.entities) >= 1

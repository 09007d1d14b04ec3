"""Things painted by several workers, each thing by itself."""

from __future__ import annotations

import numpy as np
import pytest

from gt_widgets.consolidation import InstanceResponse, consolidate_instances
from gt_widgets.errors import NoResponsesError, ValidationError


def painted(worker, *things, size=(30, 40)):
    """``things`` are (label, top, left, height, width); a later one covers an earlier one."""
    mask = np.zeros(size, dtype=np.uint8)
    for number, (_, top, left, height, width) in enumerate(things, 1):
        mask[top : top + height, left : left + width] = number
    return InstanceResponse(worker, mask, tuple(thing[0] for thing in things))


def things(found):
    """(label, top, left, height, width, confidence) of each, from its outermost pixels."""
    result = []
    for number, (label, confidence) in enumerate(
        zip(found.labels, found.confidences, strict=True), 1
    ):
        rows, columns = np.nonzero(found.mask == number)
        height, width = np.ptp(rows) + 1, np.ptp(columns) + 1
        assert height * width == len(rows)
        result.append((label, rows.min(), columns.min(), height, width, confidence))
    return result


CAR, TREE = ("car", 2, 3, 10, 12), ("tree", 15, 20, 9, 9)


def test_things_on_which_all_agree_stay_as_they_are_in_whatever_order_they_were_painted():
    found = consolidate_instances(
        [painted("ana", CAR, TREE), painted("ben", TREE, CAR), painted("cem", CAR, TREE)]
    )
    assert things(found) == [(*CAR, 0.95), (*TREE, 0.95)]


def test_what_only_one_of_three_painted_goes():
    ghost = ("car", 25, 30, 4, 4)
    found = consolidate_instances(
        [painted("ana", CAR, ghost), painted("ben", CAR), painted("cem", CAR)]
    )
    assert things(found) == [(*CAR, 0.95)]


def test_a_pixel_is_a_things_if_more_than_half_of_its_painters_say_so():
    wide = ("car", 2, 3, 10, 16)
    found = consolidate_instances([painted("ana", CAR), painted("ben", CAR), painted("cem", wide)])
    [(label, top, left, height, width, confidence)] = things(found)
    assert (label, top, left, height, width) == CAR
    assert confidence == round(0.05 + 0.9 * (1 + 2 * 12 / 16) / 3, 2)


def test_two_of_a_label_side_by_side_stay_two():
    left, right = ("car", 5, 2, 8, 8), ("car", 5, 10, 8, 8)
    found = consolidate_instances([painted("ana", left, right), painted("ben", right, left)])
    assert [thing[:5] for thing in things(found)] == [left, right]


def test_another_label_is_another_thing():
    other = ("van", *CAR[1:])
    found = consolidate_instances([painted("ana", CAR), painted("ben", other), painted("cem", CAR)])
    assert things(found) == [(*CAR, round(0.05 + 0.9 * 2 / 3, 2))]


def test_one_worker_stands_as_painted_with_confidence_zero():  # A01
    found = consolidate_instances([painted("ana", TREE, CAR)])
    assert things(found) == [(*TREE, 0.0), (*CAR, 0.0)]


def test_who_answers_twice_counts_once_and_nothing_painted_is_an_answer():
    again = [painted("ana", TREE), painted("ana", CAR), painted("ben", CAR), painted("cem")]
    found = consolidate_instances(again)
    assert things(found) == [(*CAR, round(0.05 + 0.9 * 2 / 3, 2))]
    assert things(consolidate_instances([painted("ana"), painted("ben")])) == []


def test_the_order_of_the_workers_makes_no_difference():
    rng = np.random.default_rng(5)
    answers = [
        painted(
            f"w{n}",
            *(
                ("car", *rng.integers((y, x, 6, 6), (y + 3, x + 3, 9, 9)))
                for y in (1, 16)
                for x in (1, 14, 28)
            ),
        )
        for n in range(5)
    ]
    one, two = consolidate_instances(answers), consolidate_instances(answers[::-1])
    assert np.array_equal(one.mask, two.mask)
    assert (one.labels, one.confidences) == (two.labels, two.confidences)
    assert len(one.labels) >= 4


def test_what_cannot_be_consolidated_is_refused():
    with pytest.raises(NoResponsesError):
        consolidate_instances([])
    with pytest.raises(ValidationError, match="the shape"):
        consolidate_instances([painted("ana", CAR), painted("ben", CAR, size=(31, 40))])
    with pytest.raises(
        ValidationError, match="worker ana: a mask must be uint8 with things 1 to 0"
    ):
        consolidate_instances([InstanceResponse("ana", painted("ana", CAR).mask, ())])

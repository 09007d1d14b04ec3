"""Boxes of several workers become one."""

from __future__ import annotations

import numpy as np
import pytest

from gt_widgets.consolidation import Box, BoxResponse, consolidate_box_batch, consolidate_boxes
from gt_widgets.errors import NoResponsesError, ValidationError


def answers(*drawn):
    return [BoxResponse(f"w{i}", tuple(boxes)) for i, boxes in enumerate(drawn)]


def dhl(left, top, width=100, height=60):
    return Box("DHL", left, top, width, height)


def test_five_noisy_copies_become_one_box_within_two_pixels_of_their_mean():  # A05
    rng = np.random.default_rng(4)
    rows = np.array([50, 40, 100, 60]) + rng.normal(0, 4, (5, 4)).round()
    found = consolidate_boxes(answers(*[[Box("DHL", *row)] for row in rows.tolist()]))
    (box,) = found.boxes
    near = np.abs(np.array([box.left, box.top, box.width, box.height]) - rows.mean(axis=0))
    assert near.max() <= 2


def test_an_outlier_box_of_one_worker_disappears():  # A05
    same = [dhl(50, 40)]
    found = consolidate_boxes(answers(same, same, same, same, [*same, dhl(300, 300)]))
    assert found.boxes == (dhl(50, 40),)
    assert found.confidences == (0.95,)


def test_the_boxes_of_a_single_worker_stand_as_drawn_with_confidence_zero():  # A01
    drawn = [dhl(50, 40), Box("Kilo", 3, 4, 5, 6)]
    found = consolidate_boxes(answers(drawn))
    assert (found.boxes, found.confidences) == (tuple(drawn), (0.0, 0.0))


def test_confidence_grows_with_the_votes():
    same, none = [dhl(50, 40)], []
    confidences = [
        consolidate_boxes(answers(*[same] * n, *[none] * (5 - n))).confidences for n in range(6)
    ]
    assert confidences == [(), (), (), (0.59,), (0.77,), (0.95,)]


def test_of_two_workers_both_must_have_drawn_a_box():
    assert consolidate_boxes(answers([dhl(50, 40)], [])).boxes == ()
    assert consolidate_boxes(answers([dhl(50, 40)], []), min_votes=1).boxes == (dhl(50, 40),)


def test_nobody_drawing_anything_is_a_picture_without_boxes():  # O05
    found = consolidate_boxes(answers([], [], []))
    assert (found.boxes, found.confidences) == ((), ())


def test_classes_are_never_mixed():
    here = (10, 10, 50, 50)
    found = consolidate_boxes(
        answers([Box("DHL", *here)], [Box("DHL", *here)], [Box("Kilo", *here)])
    )
    assert [box.label for box in found.boxes] == ["DHL"]
    assert found.confidences == (0.65,)


def test_two_logos_side_by_side_stay_two():
    drawn = [dhl(10, 10, 40, 40), dhl(35, 10, 40, 40)]
    assert consolidate_boxes(answers(drawn, drawn, drawn)).boxes == tuple(drawn)


def test_a_worker_has_one_vote_however_often_the_box_was_drawn():
    found = consolidate_boxes(answers([dhl(50, 40), dhl(51, 41)], [], []))
    assert found.boxes == ()


def test_the_compatible_mode_is_the_plain_mean():
    careful, sloppy = [dhl(50, 40)], [dhl(50, 40, 170, 60)]
    (box,) = consolidate_boxes(answers(careful, careful, careful, careful, sloppy)).boxes
    assert box == dhl(50, 40, 114, 60)


def test_a_box_without_area_is_left_out():
    found = consolidate_boxes(answers([dhl(1, 1, 0, 9), dhl(50, 40)], [dhl(50, 40)]))
    assert found.boxes == (dhl(50, 40),)


def test_consolidating_nothing_is_refused():
    with pytest.raises(NoResponsesError):
        consolidate_boxes([])


def test_a_crowded_picture_keeps_every_cell():
    rng = np.random.default_rng(0)
    cells = [(60 * (i % 12), 60 * (i // 12)) for i in range(120)]
    drawn = [
        [dhl(x + rng.integers(-2, 3), y + rng.integers(-2, 3), 50, 50) for x, y in cells]
        for _ in range(5)
    ]
    assert len(consolidate_boxes(answers(*drawn)).boxes) == 120


def test_a_method_that_does_not_exist_is_refused_by_name():
    with pytest.raises(ValidationError, match=r"'ground-truth' or 'em'; found 'mean'"):
        consolidate_boxes(answers([dhl(50, 40)]), method="mean")


def test_a_batch_gives_every_object_what_it_would_get_alone():
    pictures = {
        "0": answers([dhl(50, 40)], [dhl(52, 40)], []),
        "1": answers([], [], []),
        "2": answers([dhl(9, 9)]),
    }
    alone = {key: consolidate_boxes(of) for key, of in pictures.items()}
    assert consolidate_box_batch(pictures) == alone

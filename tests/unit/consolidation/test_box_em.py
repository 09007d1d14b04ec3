"""A crowd that is known better than its boxes."""

from __future__ import annotations

import numpy as np

from gt_widgets.consolidation import Box, BoxResponse, consolidate_box_batch, consolidate_boxes
from gt_widgets.geometry import as_boxes, iou_matrix

LOGO = Box("DHL", 50, 40, 100, 60)


def em(*drawn, min_votes=None):
    team = [BoxResponse(f"w{i}", tuple(boxes)) for i, boxes in enumerate(drawn)]
    return consolidate_boxes(team, method="em", min_votes=min_votes)


def crowd(rng, n_pictures, habits):
    """One 100 x 100 thing per picture, drawn by workers of a stated bias and spread, in pixels."""
    truth = np.column_stack([rng.uniform(0, 500, (n_pictures, 2)), np.full((n_pictures, 2), 100.0)])
    answers = {
        str(i): [
            BoxResponse(w, (Box("a", *(row + bias + rng.normal(0, spread, 4)).round()),))
            for w, (bias, spread) in habits.items()
        ]
        for i, row in enumerate(truth)
    }
    return truth, answers


def mean_iou(truth, found):
    rows = as_boxes([(b.left, b.top, b.width, b.height) for f in found.values() for b in f.boxes])
    return float(np.diag(iou_matrix(truth, rows)).mean())


def test_an_outlier_box_of_one_worker_disappears():  # A05
    found = em([LOGO], [LOGO], [LOGO], [LOGO], [LOGO, Box("DHL", 300, 300, 20, 20)])
    assert found.boxes == (LOGO,)


def test_five_noisy_copies_become_one_box_near_their_mean():  # A05
    rng = np.random.default_rng(4)
    rows = np.array([50, 40, 100, 60]) + rng.integers(-3, 4, (5, 4))
    (box,) = em(*[[Box("DHL", *row)] for row in rows.tolist()]).boxes
    found = np.array([box.left, box.top, box.width, box.height])
    assert np.abs(found - rows.mean(axis=0)).max() <= 2


def test_a_slip_of_the_hand_pulls_less_than_in_the_mean():
    (box,) = em([LOGO], [LOGO], [LOGO], [LOGO], [Box("DHL", 50, 40, 170, 60)]).boxes
    assert box.width < 107  # the plain mean is 114


def test_confidence_grows_with_agreement_as_in_real_jobs():
    confidences = [em(*[[LOGO]] * n, *[[]] * (5 - n), min_votes=1).confidences for n in range(1, 6)]
    shown = np.array(confidences).ravel()
    assert np.abs(shown - [0.32, 0.59, 0.71, 0.82, 0.90]).max() <= 0.05
    assert (np.diff(shown) > 0).all()


def test_of_two_workers_both_must_have_drawn_a_box():
    assert em([LOGO], []).boxes == ()
    assert em([LOGO], [LOGO]).boxes == (LOGO,)


def test_a_worker_who_always_draws_too_far_right_is_put_right():
    habits = {
        "ana": (np.array([0, 0, 0, 0]), 1.0),
        "ben": (np.array([0, 0, 0, 0]), 1.0),
        "cho": (np.array([24, 0, 0, 0]), 1.0),
    }
    truth, answers = crowd(np.random.default_rng(1), 60, habits)
    mean, learned = (mean_iou(truth, consolidate_box_batch(answers, method=m)) for m in METHODS)
    assert mean < 0.87
    assert learned > 0.95


def test_a_careful_worker_outweighs_two_careless_ones():
    none = np.zeros(4)
    habits = {"ana": (none, 1.0), "ben": (none, 9.0), "cho": (none, 9.0)}
    truth, answers = crowd(np.random.default_rng(2), 60, habits)
    mean, learned = (mean_iou(truth, consolidate_box_batch(answers, method=m)) for m in METHODS)
    assert learned > mean + 0.04


def test_who_often_draws_what_nobody_sees_is_believed_less():
    rng = np.random.default_rng(3)
    answers = {}
    for i in range(40):
        junk = [Box("DHL", *row) for row in rng.integers(200, 260, (2, 4)).tolist()]
        answers[str(i)] = [
            BoxResponse("ana", (LOGO,)),
            BoxResponse("ben", (LOGO,)),
            BoxResponse("cho", (LOGO, junk[0])),
            BoxResponse("dee", (LOGO, junk[1])),
        ]
    lone = Box("DHL", 400, 400, 50, 50)
    answers["few"] = [BoxResponse("ana", (lone,)), BoxResponse("ben", (lone,)), _none("cho")]
    answers["loud"] = [_none("ana"), BoxResponse("cho", (lone,)), BoxResponse("dee", (lone,))]
    found = consolidate_box_batch(answers, method="em")
    assert found["few"].confidences > found["loud"].confidences


def test_nobody_drawing_anything_is_a_picture_without_boxes():  # O05
    assert em([], [], []).boxes == ()


METHODS = ("ground-truth", "em")


def _none(worker):
    return BoxResponse(worker, ())

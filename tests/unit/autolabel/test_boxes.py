import numpy as np
import pytest

from gt_widgets.autolabel.boxes import FoundBoxes, box_loss, kept_boxes, picture_score
from gt_widgets.errors import ValidationError


def boxes(*rows):
    """Rows of (left, class, score); each box is 10 x 10."""
    return FoundBoxes(
        np.array([[left, 0, 10, 10] for left, _, _ in rows], dtype=float).reshape(-1, 4),
        np.array([c for _, c, _ in rows], dtype=np.intp),
        np.array([s for _, _, s in rows], dtype=float),
    )


def test_one_of_two_boxes_on_one_place_is_kept():
    found = kept_boxes(boxes((0, 0, 0.9), (1, 0, 0.8), (1, 1, 0.7), (50, 0, 0.1)))
    assert found.scores.tolist() == [0.9, 0.7]


def test_a_picture_scores_its_lowest_box_above_its_best_doubt():
    assert picture_score(boxes((0, 0, 0.9), (50, 0, 0.6), (99, 0, 0.2))) == pytest.approx(0.4)
    assert picture_score(boxes((0, 0, 0.9), (3, 0, 0.29))) == pytest.approx(0.9)
    assert picture_score(boxes()) == pytest.approx(0.3)


def test_the_services_loss_counts_missed_and_invented_boxes():
    truth = boxes((0, 0, 1), (50, 1, 1))
    assert box_loss(truth, truth) == 0.0
    assert box_loss(boxes((0, 0, 1)), truth) == 0.5
    assert box_loss(boxes((0, 0, 1), (80, 0, 1), (50, 1, 1)), truth) == 0.25
    assert box_loss(boxes(), boxes()) == 0.0
    assert box_loss(boxes((0, 0, 1)), boxes()) == 1.0


def test_boxes_without_classes_are_refused():
    with pytest.raises(ValidationError, match="as many classes"):
        FoundBoxes(np.zeros((2, 4)), np.zeros(1, np.intp), np.zeros(2))

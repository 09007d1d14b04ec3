"""Boxes as numbers."""

from __future__ import annotations

import numpy as np
import pytest

from gt_widgets.geometry import as_boxes, clip_boxes, iou_matrix, match_boxes, round_boxes


def test_two_boxes_that_share_half_have_an_iou_of_one_third():
    a, b = as_boxes([(0, 0, 10, 10)]), as_boxes([(5, 0, 10, 10)])
    assert iou_matrix(a, b)[0, 0] == pytest.approx(1 / 3)


def test_boxes_that_only_touch_do_not_overlap():
    assert iou_matrix(as_boxes([(0, 0, 10, 10)]), as_boxes([(10, 0, 5, 5)]))[0, 0] == 0.0


def test_a_box_without_area_is_refused_with_its_row():
    with pytest.raises(ValueError, match=r"b\[1\] must have width and height > 0"):
        iou_matrix(as_boxes([(0, 0, 1, 1)]), as_boxes([(0, 0, 1, 1), (3, 3, 0, 2)]))


@pytest.mark.parametrize("rows", [[(1, 2, 3)], [1, 2, 3, 4], [(0, 0, float("nan"), 1)]])
def test_what_is_not_a_row_of_four_finite_numbers_is_refused(rows):
    with pytest.raises(ValueError, match=r"box"):
        as_boxes(rows)


def test_no_boxes_is_an_empty_matrix():
    assert iou_matrix(as_boxes([]), as_boxes([(0, 0, 1, 1)])).shape == (0, 1)


def test_clipping_keeps_the_row_of_a_box_outside_but_takes_its_area():
    clipped = clip_boxes(as_boxes([(-5, 90, 20, 20), (200, 0, 5, 5)]), width=100, height=100)
    assert clipped.tolist() == [[0, 90, 15, 10], [100, 0, 0, 5]]


def test_rounding_goes_to_the_nearest_pixel_and_leaves_a_side_of_at_least_one():
    assert round_boxes(as_boxes([(0.5, 1.4, 0.2, 7.5)])).tolist() == [[1, 1, 1, 8]]


def test_matching_pairs_each_box_once_best_first():
    a = as_boxes([(0, 0, 10, 10), (2, 0, 10, 10)])
    b = as_boxes([(2, 0, 10, 10), (50, 50, 5, 5)])
    assert match_boxes(a, b) == [(1, 0, 1.0)]


def test_matching_can_ask_for_a_least_overlap():
    a, b = as_boxes([(0, 0, 10, 10)]), as_boxes([(5, 0, 10, 10)])
    assert match_boxes(a, b, min_iou=0.5) == []
    assert np.isclose(match_boxes(a, b, min_iou=0.3)[0][2], 1 / 3)

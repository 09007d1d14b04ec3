"""What holds for all boxes."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gt_widgets.geometry import (
    as_boxes,
    boxes_to_edges,
    clip_boxes,
    edges_to_boxes,
    iou_matrix,
    match_boxes,
    round_boxes,
)

places = st.integers(-500, 500)
sides = st.integers(1, 500)
boxes = st.lists(st.tuples(places, places, sides, sides), max_size=8).map(as_boxes)


@given(boxes, boxes)
def test_overlap_is_symmetric_and_between_zero_and_one(a, b):
    iou = iou_matrix(a, b)
    assert np.array_equal(iou, iou_matrix(b, a).T)
    assert ((iou >= 0) & (iou <= 1)).all()


@given(boxes, places, places)
def test_overlap_does_not_see_where_the_picture_begins(a, dx, dy):
    moved = a + np.array([dx, dy, 0, 0])
    assert np.array_equal(iou_matrix(a, a), iou_matrix(moved, moved))
    assert np.array_equal(np.diag(iou_matrix(a, a)), np.ones(len(a)))


@given(boxes)
def test_edges_and_boxes_are_two_spellings_of_the_same(a):
    assert np.array_equal(edges_to_boxes(boxes_to_edges(a)), a)


@given(boxes)
def test_a_clipped_box_lies_in_the_picture_and_clipping_again_changes_nothing(a):
    once = clip_boxes(a, width=300, height=200)
    edges = boxes_to_edges(once)
    assert (edges >= 0).all()
    assert (edges <= [300, 200, 300, 200]).all()
    assert np.array_equal(clip_boxes(once, width=300, height=200), once)


@given(boxes)
def test_whole_pixels_stay_as_they_are(a):
    assert np.array_equal(round_boxes(a), a)


@given(boxes, boxes)
def test_no_box_is_matched_twice(a, b):
    pairs = match_boxes(a, b)
    assert len({i for i, _, _ in pairs}) == len({j for _, j, _ in pairs}) == len(pairs)
    assert [iou for _, _, iou in pairs] == sorted((iou for _, _, iou in pairs), reverse=True)

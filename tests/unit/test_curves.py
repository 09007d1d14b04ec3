"""Polygons and polylines as numbers."""

from __future__ import annotations

import numpy as np
import pytest

from gt_widgets.geometry import (
    as_vertices,
    curve_distance,
    curve_length,
    densify,
    nearest_on_curve,
    polygon_area,
    polygon_iou,
    resample,
    thin_out,
)

SQUARE = as_vertices([(0, 0), (10, 0), (10, 10), (0, 10)])
ELL = as_vertices([(0, 0), (10, 0), (10, 4), (4, 4), (4, 10), (0, 10)])


def circle(radius=100.0, n=400):
    turn = np.linspace(0, 2 * np.pi, n, endpoint=False)
    return np.column_stack([radius * np.cos(turn), radius * np.sin(turn)])


def test_the_area_of_a_square_and_of_an_l():
    assert polygon_area(SQUARE) == 100
    assert polygon_area(ELL[::-1]) == 64


def test_two_squares_that_share_half_have_an_iou_of_one_third():
    assert polygon_iou(SQUARE, SQUARE + np.array([5, 0])) == pytest.approx(1 / 3)
    assert polygon_iou(SQUARE, SQUARE + np.array([5, 5])) == pytest.approx(25 / 175)


def test_a_polygon_that_is_not_convex_overlaps_only_where_it_is():
    assert polygon_iou(ELL, SQUARE) == pytest.approx(0.64)
    assert polygon_iou(ELL, SQUARE + np.array([4, 4])) == 0.0


def test_two_circles_overlap_as_the_formula_of_the_lens_says():
    lens = 2 * 100**2 * np.arccos(0.3) - 30 * np.sqrt(4 * 100**2 - 60**2)
    expected = lens / (2 * np.pi * 100**2 - lens)
    for shift in ([60, 0], [0, 60]):
        assert polygon_iou(circle(), circle() + shift) == pytest.approx(expected, abs=2e-3)


def test_a_polygon_that_crosses_itself_covers_what_the_even_odd_rule_says():
    bow = as_vertices([(0, 0), (10, 10), (10, 0), (0, 10)])
    assert polygon_iou(bow, SQUARE) == pytest.approx(0.5, abs=1e-3)


@pytest.mark.parametrize("flat", [[(0, 0), (10, 10)], [(0, 0), (5, 5), (10, 10)], [(1, 1)] * 3])
def test_a_polygon_without_area_overlaps_nothing(flat):
    assert polygon_iou(as_vertices(flat), SQUARE) == 0.0
    assert polygon_iou(as_vertices(flat), as_vertices(flat)) == 0.0


def test_lengths_open_and_closed():
    assert curve_length(SQUARE) == 30
    assert curve_length(SQUARE, closed=True) == 40
    assert curve_length(SQUARE[:1]) == 0


def test_points_laid_along_a_curve_are_equally_far_apart():
    assert resample(SQUARE[:3], 5).tolist() == [[0, 0], [5, 0], [10, 0], [10, 5], [10, 10]]
    assert resample(SQUARE, 4, closed=True).tolist() == SQUARE.tolist()
    assert resample(SQUARE[:1], 3).tolist() == [[0, 0]] * 3


def test_the_nearest_point_of_a_curve_may_be_a_corner_or_on_a_side():
    found = nearest_on_curve(as_vertices([(5, -3), (20, 20)]), SQUARE, closed=True)
    assert found.tolist() == [[5, 0], [10, 10]]
    assert nearest_on_curve(as_vertices([(-3, 5)]), SQUARE).tolist() == [[0, 0]]


def test_two_curves_are_as_far_apart_as_they_look_whichever_way_they_run():
    line = as_vertices([(0, 0), (100, 0)])
    assert curve_distance(line, line[::-1] + np.array([0, 3])) == pytest.approx(3)
    assert curve_distance(line, line) == pytest.approx(0)


def test_points_are_added_evenly_and_the_vertices_stay():
    points, is_vertex = densify(SQUARE, 8, closed=True)
    assert np.array_equal(points[is_vertex], SQUARE)
    assert points[1].tolist() == pytest.approx([10 / 3, 0])
    points, is_vertex = densify(SQUARE[:2], 1)
    assert (points[0].tolist(), points[-1].tolist()) == ([0, 0], [10, 0])


def test_thinning_drops_what_lies_on_a_side_and_keeps_what_bends():
    points = as_vertices([(0, 0), (5, 0), (10, 0), (15, 4), (20, 0)])
    ends = np.array([True, False, False, False, True])
    assert thin_out(points, ends, tolerance=0.5).tolist() == [[0, 0], [10, 0], [15, 4], [20, 0]]
    assert thin_out(points, ends, tolerance=5).tolist() == [[0, 0], [20, 0]]


def test_thinning_gives_back_the_vertices_of_a_closed_curve():
    points, is_vertex = densify(ELL, 64, closed=True)
    assert np.array_equal(thin_out(points, is_vertex, tolerance=0.01, closed=True), ELL)


@pytest.mark.parametrize("rows", [[], [(1, 2, 3)], [1, 2]])
def test_what_is_not_rows_of_x_and_y_is_refused(rows):
    with pytest.raises(ValueError, match="rows of x, y"):
        as_vertices(rows)


def test_a_vertex_that_is_no_number_is_refused_with_its_row():
    with pytest.raises(ValueError, match="vertex 1"):
        as_vertices([(0, 0), (np.nan, 1)])

"""Polygons, polylines, lines and key points of several workers become one."""

from __future__ import annotations

import numpy as np
import pytest

from gt_widgets.consolidation import Shape, ShapeResponse, consolidate_shapes
from gt_widgets.errors import NoResponsesError, ValidationError
from gt_widgets.geometry import polygon_iou

HOUSE = ((10, 40), (30, 10), (50, 40), (50, 80), (10, 80))
PATH = ((0, 0), (40, 10), (80, 0), (120, 30))


def of(kind, *drawn, **options):
    team = [
        ShapeResponse(f"w{i}", tuple(Shape("a", tuple(v)) for v in shapes))
        for i, shapes in enumerate(drawn)
    ]
    return consolidate_shapes(team, kind=kind, **options)


def moved(vertices, dx=0.0, dy=0.0, scale=1.0):
    return tuple((x * scale + dx, y * scale + dy) for x, y in vertices)


@pytest.mark.parametrize(
    ("kind", "vertices"),
    [("polygon", HOUSE), ("polyline", PATH), ("line", PATH[:2]), ("keypoint", PATH[1:2])],
)
def test_what_all_drew_alike_comes_out_unchanged(kind, vertices):
    found = of(kind, *[[vertices]] * 3)
    assert found.shapes == (Shape("a", vertices),)
    assert found.confidences == (0.95,)


@pytest.mark.parametrize(
    ("kind", "vertices"),
    [("polygon", HOUSE), ("polyline", PATH), ("line", PATH[:2]), ("keypoint", PATH[1:2])],
)
def test_what_only_one_of_three_drew_goes(kind, vertices):
    far = moved(vertices, 500, 500)
    assert of(kind, [vertices], [vertices], [vertices, far]).shapes == (Shape("a", vertices),)


def test_a_polygon_may_start_anywhere_and_go_either_way_round():
    found = of("polygon", [HOUSE], [(*HOUSE[2:], *HOUSE[:2])], [HOUSE[::-1]])
    (shape,) = found.shapes
    assert polygon_iou(np.array(shape.vertices), np.array(HOUSE, dtype=float)) == pytest.approx(1)


def test_a_polygon_lies_between_the_workers_outlines():
    big, small = moved(HOUSE, scale=1.2, dx=-6, dy=-9), moved(HOUSE, scale=0.8, dx=6, dy=9)
    (shape,) = of("polygon", [big], [HOUSE], [small]).shapes
    assert polygon_iou(np.array(shape.vertices), np.array(HOUSE, dtype=float)) > 0.95


def test_the_consensus_of_five_sloppy_outlines_beats_their_average():
    rng = np.random.default_rng(0)
    truth = np.array(HOUSE, dtype=float) * 4
    drawn = [truth + rng.normal(0, 9, truth.shape) for _ in range(5)]
    (shape,) = of("polygon", *[[tuple(map(tuple, d.tolist()))] for d in drawn]).shapes
    singles = [polygon_iou(truth, d) for d in drawn]
    assert polygon_iou(truth, np.array(shape.vertices)) > np.mean(singles) + 0.03


def test_one_worker_who_drew_a_corner_far_out_does_not_move_it():
    spike = (*HOUSE[:1], (30, -40), *HOUSE[2:])
    (shape,) = of("polygon", *[[HOUSE]] * 4, [spike]).shapes
    assert shape.vertices == HOUSE


def test_a_line_may_be_drawn_from_either_end():
    (shape,) = of("line", [((0, 0), (100, 0))], [((100, 2), (0, 2))], [((0, 1), (100, 1))]).shapes
    assert shape.vertices == ((0, 1), (100, 1))


def test_a_polyline_may_be_drawn_from_either_end():
    (shape,) = of("polyline", [PATH], [PATH[::-1]], [moved(PATH, dy=1)]).shapes
    assert shape.vertices[0][0] in {PATH[0][0], PATH[-1][0]}
    assert len(shape.vertices) == len(PATH)


def test_two_lines_that_cross_stay_two():
    down, up = ((0, 0), (100, 100)), ((0, 100), (100, 0))
    assert len(of("line", *[[down, up]] * 3).shapes) == 2


def test_a_key_point_far_from_the_others_is_left_out_of_their_mean():
    found = of("keypoint", [((100, 50),)], [((102, 50),)], [((101, 51),)], [((300, 50),)])
    ((x, y),) = found.shapes[0].vertices
    assert (round(x), round(y)) == (101, 50)
    assert found.confidences == (0.72,)  # 0.05 + 0.9 * 3 / 4


def test_two_eyes_stay_two_key_points():
    eyes = [((100, 50),), ((140, 50),)]
    near = [((102, 51),), ((139, 52),)]
    assert len(of("keypoint", eyes, near, eyes).shapes) == 2


def test_classes_are_never_mixed():
    team = [ShapeResponse(w, (Shape(w, HOUSE),)) for w in ("ana", "ben")]
    assert consolidate_shapes(team, kind="polygon").shapes == ()


def test_of_two_workers_both_must_have_drawn_a_shape():
    assert of("polygon", [HOUSE], []).shapes == ()
    assert of("polygon", [HOUSE], [], min_votes=1).shapes == (Shape("a", HOUSE),)


def test_the_shapes_of_a_single_worker_stand_as_drawn_with_confidence_zero():  # A01
    found = of("polyline", [PATH, HOUSE])
    assert [shape.vertices for shape in found.shapes] == [PATH, HOUSE]
    assert found.confidences == (0.0, 0.0)


def test_nobody_drawing_anything_is_a_picture_without_shapes():
    assert of("polygon", [], [], []).shapes == ()


@pytest.mark.parametrize(
    ("kind", "vertices"),
    [("polygon", PATH[:2]), ("line", PATH), ("keypoint", PATH), ("polyline", PATH[:1])],
)
def test_a_shape_of_the_wrong_number_of_vertices_is_refused_by_worker(kind, vertices):
    with pytest.raises(ValidationError, match="worker w0"):
        of(kind, [vertices])


def test_a_vertex_that_is_no_number_is_refused():
    with pytest.raises(ValidationError, match="vertex 1"):
        of("line", [((0, 0), (float("nan"), 3))])


def test_a_kind_that_does_not_exist_is_refused_by_name():
    with pytest.raises(ValidationError, match="'circle'"):
        of("circle", [HOUSE])


def test_consolidating_nothing_is_refused():
    with pytest.raises(NoResponsesError):
        consolidate_shapes([], kind="polygon")

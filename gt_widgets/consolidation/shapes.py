"""Polygons, polylines, lines and key points of several workers become one.

Layer: consolidation (pure functions; imports only ``geometry`` and ``errors``).

AWS consolidates none of these by itself (they are custom tasks with a function of one's own), so
the rules are ours and stand in ``docs/reference/consolidation.md``. How much two shapes are the
same is here; how several become one is in ``shape_means.py``.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Literal

import numpy as np

from gt_widgets.consolidation.grouping import group_by_support, overlapping_pairs
from gt_widgets.consolidation.shape_means import mean_line, mean_outline, mean_point
from gt_widgets.consolidation.types import ConsolidatedShapes, Shape
from gt_widgets.errors import NoResponsesError, ValidationError
from gt_widgets.geometry import as_vertices, curve_distance, polygon_iou

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from gt_widgets.consolidation.types import ShapeResponse

    Curve = NDArray[np.float64]
    Likeness = Callable[[Curve, Curve], float]

__all__ = ["ShapeKind", "consolidate_shapes"]

ShapeKind = Literal["polygon", "polyline", "line", "keypoint"]

_VERTICES = {"polygon": (3, None), "polyline": (2, None), "line": (2, 2), "keypoint": (1, 1)}
_SAME = 0.5
"""Two shapes of one class mean the same thing from this likeness on."""
_LINE_REACH = 0.2
"""Mean distance at which two lines are not alike at all, in diagonals of their boxes."""
_GATE_SPREADS, _LEAST_GATE = 4.0, 5.0
"""Key points belong together up to 4 usual distances apart, and always up to 5 pixels."""


def consolidate_shapes(
    responses: Sequence[ShapeResponse],
    *,
    kind: ShapeKind,
    min_votes: int | None = None,
) -> ConsolidatedShapes:
    """Consolidate the shapes of one data object.

    Class by class, the shape that most other workers confirm gathers the most similar shape
    of each of them; a worker has one vote per group. A group stays when more than half of the
    workers are in it, so of two workers both must have drawn it.

    Parameters
    ----------
    responses : sequence of ShapeResponse, length >= 1
        Oldest first; a worker who answers twice counts once, with the newer answer. A worker
        who drew nothing counts among those asked. Coordinates in image pixels.
    kind : {"polygon", "polyline", "line", "keypoint"}
        Polygons are alike by IoU (>= 0.5), polylines and lines by their mean distance (up to
        a tenth of their size), whichever way they were drawn. Key points are gated by
        distance: up to four times what is usual between workers on this object.
    min_votes : int >= 1, optional
        Votes that keep a group, in place of "more than half".

    Returns
    -------
    ConsolidatedShapes
        Ordered by label and vertices, coordinates rounded to 0.01 pixels. A polygon or
        polyline is the point-by-point median of the group's outlines, with the vertices of
        the most typical one and as few more as 1/200 of its size needs; lines and key points
        are robust means. What all drew alike comes out unchanged. ``confidence`` is ``0.05 +
        0.9 * votes / workers * mean pairwise likeness`` (key points: without the likeness),
        in (0, 0.95], 2 decimals. With a single worker: the shapes as drawn, confidence 0. The
        result does not depend on the order of the workers.

    Raises
    ------
    NoResponsesError
        If ``responses`` is empty.
    ValidationError
        If ``kind`` is none of the four, or a shape has too few or too many vertices or one
        that is not two finite numbers.
    """
    if not responses:
        raise NoResponsesError("consolidate_shapes needs at least one worker response")
    if kind not in _VERTICES:
        raise ValidationError(f"kind must be one of {', '.join(_VERTICES)}; found {kind!r}")
    latest = {r.worker_id: r.shapes for r in responses}
    drawn = sorted({(s.label, w, s.vertices) for w, shapes in latest.items() for s in shapes})
    curves = [_curve(kind, *row) for row in drawn]
    if len(latest) == 1:
        (alone,) = latest.values()
        return ConsolidatedShapes(alone, (0.0,) * len(alone))
    enough = len(latest) // 2 + 1 if min_votes is None else min_votes
    if not drawn:
        return ConsolidatedShapes((), ())
    labels, workers, _ = zip(*drawn, strict=True)
    margin, alike = _measure(kind, labels, workers, curves)
    kept = []
    for group in _groups(labels, workers, curves, alike, margin):
        if len(group) >= enough:
            chosen = [curves[i] for i in group]
            shape, likeness = _merged(kind, labels[group[0]], chosen, alike)
            share = len(group) / len(latest)
            kept.append((shape, round(round(0.05 + 0.9 * share * likeness, 9), 2)))
    kept.sort()
    return ConsolidatedShapes(tuple(s for s, _ in kept), tuple(c for _, c in kept))


def _curve(
    kind: ShapeKind, label: str, worker_id: str, vertices: tuple[tuple[float, float], ...]
) -> Curve:
    least, most = _VERTICES[kind]
    if len(vertices) < least or (most is not None and len(vertices) > most):
        wanted = f"{least}" if most == least else f"at least {least}"
        raise ValidationError(
            f"worker {worker_id}: a {kind} has {wanted} vertices; the one labeled {label!r} "
            f"has {len(vertices)}"
        )
    try:
        return as_vertices(vertices)
    except ValueError as error:
        raise ValidationError(f"worker {worker_id}, {kind} {label!r}: {error}") from error


def _groups(
    labels: Sequence[str],
    worker_ids: Sequence[str],
    curves: Sequence[Curve],
    alike: Likeness,
    margin: NDArray[np.float64],
) -> list[list[int]]:
    """Rows that mean the same, at most one of each worker."""
    _, cells = np.unique(labels, return_inverse=True)
    _, workers = np.unique(worker_ids, return_inverse=True)
    low = np.array([curve.min(axis=0) for curve in curves]) - margin[:, None]
    high = np.array([curve.max(axis=0) for curve in curves]) + margin[:, None]
    pairs: list[tuple[int, int, float]] = []
    for one, two in overlapping_pairs(cells, low[:, 0], high[:, 0], min_share=1e-9):
        near = (workers[one] != workers[two]) & (low[one, 1] <= high[two, 1])
        near &= low[two, 1] <= high[one, 1]
        for i, j in zip(one[near].tolist(), two[near].tolist(), strict=True):
            likeness = alike(curves[min(i, j)], curves[max(i, j)])
            if likeness >= _SAME:
                pairs.append((i, j, likeness))
    rows = np.array(pairs, dtype=np.float64).reshape(-1, 3)
    first, second = rows[:, 0].astype(np.intp), rows[:, 1].astype(np.intp)
    found: dict[int, list[int]] = {}
    for row, seed in enumerate(group_by_support(workers, first, second, rows[:, 2]).tolist()):
        found.setdefault(seed, []).append(row)
    return list(found.values())


def _merged(
    kind: ShapeKind, label: str, curves: list[Curve], alike: Likeness
) -> tuple[Shape, float]:
    """Make one shape of a group, and say how alike its members are on average."""
    table = np.eye(len(curves))
    for i, j in combinations(range(len(curves)), 2):
        table[i, j] = table[j, i] = alike(curves[i], curves[j])
    typical = int(table.sum(axis=1).round(9).argmax())
    if kind == "keypoint":
        vertices, mean = mean_point(curves), 1.0
    else:
        n = len(curves)
        mean = (float(table.sum()) - n) / (n * (n - 1)) if n > 1 else 1.0
        if kind == "line":
            vertices = mean_line(curves, typical)
        else:
            vertices = mean_outline(curves, typical, closed=kind == "polygon")
    places = (vertices.round(2) + 0.0).tolist()  # + 0.0: no minus zero
    return Shape(label, tuple((x, y) for x, y in places)), mean


def _measure(
    kind: ShapeKind, labels: Sequence[str], workers: Sequence[str], curves: Sequence[Curve]
) -> tuple[NDArray[np.float64], Likeness]:
    """How far beyond its extent each shape can find its like, and how alike two are."""
    if kind == "polygon":
        return np.full(len(curves), 1e-6), polygon_iou
    if kind == "keypoint":
        gate = _gate(labels, workers, np.concatenate(curves))
        margin = np.full(len(curves), gate)
        return margin, lambda a, b: max(0.0, 1.0 - float(np.hypot(*(a - b)[0])) / (2.0 * gate))
    return np.array([_size(curve) * _LINE_REACH + 1e-6 for curve in curves]), _line_likeness


def _size(curve: Curve) -> float:
    return float(np.hypot(*(curve.max(axis=0) - curve.min(axis=0))))


def _line_likeness(a: Curve, b: Curve) -> float:
    size = (_size(a) + _size(b)) / 2.0
    return max(0.0, 1.0 - curve_distance(a, b) / (_LINE_REACH * size)) if size else 0.0


def _gate(labels: Sequence[str], workers: Sequence[str], points: NDArray[np.float64]) -> float:
    """Distance up to which key points belong together, in pixels.

    Four times the median distance from a point to the nearest one of another worker.
    """
    name, worker = np.array(labels), np.array(workers)
    nearest = []
    for label in sorted(set(labels)):
        mine, who = points[name == label], worker[name == label]
        for point, owner in zip(mine, who, strict=True):
            others = mine[who != owner]
            if len(others):
                nearest.append(float(np.hypot(*(others - point).T).min()))
    return max(_LEAST_GATE, _GATE_SPREADS * float(np.median(nearest))) if nearest else _LEAST_GATE

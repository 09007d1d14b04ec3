"""Polygons and polylines as numbers, in image pixels: area, overlap, distance, resampling.

Layer: geometry (pure functions on numpy arrays; imports only ``errors``).

A curve is an array of vertices ``x, y``, shape (n, 2), origin top left. A polygon is a closed
curve that does not repeat its first vertex; where it crosses itself, the even-odd rule says what
is inside.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import ArrayLike, NDArray

__all__ = [
    "as_vertices",
    "curve_distance",
    "curve_length",
    "densify",
    "nearest_on_curve",
    "polygon_area",
    "polygon_iou",
    "resample",
    "thin_out",
]

_SCAN_LINES = 128
_FEW_VERTICES = 256
_SAMPLES = 64
_CHUNK = 2_000_000
_CORNERS = 3


def as_vertices(points: ArrayLike | Iterable[Sequence[float]]) -> NDArray[np.float64]:
    """Read rows of ``x, y`` in image pixels, shape (n, 2), n >= 1.

    Raises
    ------
    ValueError
        If there is none, or a row has not two finite numbers.
    """
    found = points if isinstance(points, np.ndarray) else list(points)  # type: ignore[arg-type]
    rows = np.asarray(found, dtype=np.float64)
    if rows.ndim != 2 or rows.shape[1] != 2 or not len(rows):  # noqa: PLR2004 - x and y
        raise ValueError(f"vertices must be rows of x, y: shape (n, 2); found {rows.shape}")
    if not np.isfinite(rows).all():
        bad = int(np.flatnonzero(~np.isfinite(rows).all(axis=1))[0])
        raise ValueError(f"vertex {bad} is not two finite numbers: {rows[bad]}")
    return rows


def polygon_area(vertices: NDArray[np.float64]) -> float:
    """Area of a polygon that does not cross itself, in square pixels (shoelace formula)."""
    x, y = (vertices - vertices.mean(axis=0)).T
    return abs(float(x @ np.roll(y, -1) - y @ np.roll(x, -1))) / 2.0


def polygon_iou(
    a: NDArray[np.float64], b: NDArray[np.float64], *, scan_lines: int = _SCAN_LINES
) -> float:
    """Intersection over union of two polygons, convex or not.

    Parameters
    ----------
    a, b : ndarray of shape (n_a, 2) and (n_b, 2)
        Vertices.
    scan_lines : int >= 1
        Lines across the union's height, besides one between any two vertices of outlines that
        have few. Overlap is exact along each line, and exact between lines too but where
        sides cross each other.

    Returns
    -------
    float
        In [0, 1]; 0 where neither has an area.
    """
    if min(len(a), len(b)) < _CORNERS:
        return 0.0
    far = float(max(a[:, 0].max(), b[:, 0].max()))
    if (np.maximum(a.min(axis=0), b.min(axis=0)) >= np.minimum(a.max(axis=0), b.max(axis=0))).any():
        return 0.0
    y, heights = _scan(np.concatenate([a[:, 1], b[:, 1]]), scan_lines)
    crossings = np.concatenate([_crossings(a, y, far), _crossings(b, y, far)], axis=1)
    order = np.argsort(crossings, axis=1, kind="stable")
    widths = np.diff(np.take_along_axis(crossings, order, axis=1), axis=1) * heights[:, None]
    in_a = (np.cumsum(order < len(a), axis=1) % 2 == 1)[:, :-1]
    in_b = (np.cumsum(order >= len(a), axis=1) % 2 == 1)[:, :-1]
    union = float(widths[in_a | in_b].sum())
    return min(float(widths[in_a & in_b].sum()) / union, 1.0) if union > 0.0 else 0.0


def _scan(
    ys: NDArray[np.float64], scan_lines: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Heights to scan at, and how much height each stands for."""
    breaks = np.linspace(ys.min(), ys.max(), scan_lines + 1)
    if len(ys) <= _FEW_VERTICES:
        breaks = np.unique(np.concatenate([breaks, ys]))
    return (breaks[1:] + breaks[:-1]) / 2.0, np.diff(breaks)


def _crossings(
    polygon: NDArray[np.float64], y: NDArray[np.float64], far: float
) -> NDArray[np.float64]:
    """Where each side crosses each scan line; ``far`` right of everything where it does not."""
    begin, end = polygon, np.roll(polygon, -1, axis=0)
    rise = end[:, 1] - begin[:, 1]
    slope = np.divide(end[:, 0] - begin[:, 0], rise, out=np.zeros_like(rise), where=rise != 0.0)
    x = begin[:, 0] + (y[:, None] - begin[:, 1]) * slope
    crosses = (begin[:, 1] <= y[:, None]) != (end[:, 1] <= y[:, None])
    return np.where(crosses, x, far)


def curve_length(vertices: NDArray[np.float64], *, closed: bool = False) -> float:
    """Length of a curve in pixels; ``closed`` adds the side back to the first vertex."""
    return float(np.hypot(*_sides(vertices, closed=closed)[1].T).sum())


def resample(vertices: NDArray[np.float64], n: int, *, closed: bool = False) -> NDArray[np.float64]:
    """Lay ``n`` points along a curve at equal distances.

    Parameters
    ----------
    vertices : ndarray of shape (n_vertices, 2)
    n : int >= 1
        An open curve keeps both ends (for n >= 2), a closed one its first vertex.
    closed : bool
        Whether it returns to its first vertex.

    Returns
    -------
    ndarray of shape (n, 2)
    """
    begin, side = _sides(vertices, closed=closed)
    lengths = np.hypot(*side.T)
    reached = np.concatenate([[0.0], np.cumsum(lengths)])
    if reached[-1] == 0.0:
        return np.repeat(vertices[:1], n, axis=0)
    at = np.linspace(0.0, reached[-1], n, endpoint=not closed)
    points = np.concatenate([begin, (begin[-1] + side[-1])[None, :]])
    return np.column_stack([np.interp(at, reached, points[:, k]) for k in range(2)])


def densify(
    vertices: NDArray[np.float64], n: int, *, closed: bool = False
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Add points between the vertices of a curve, about ``n`` in all, evenly by length.

    Returns
    -------
    points : ndarray of shape (n_points, 2)
        The vertices, with the new points between them, in order.
    is_vertex : ndarray of shape (n_points,), bool
    """
    begin, side = _sides(vertices, closed=closed)
    lengths = np.hypot(*side.T)
    total = float(lengths.sum())
    more = np.floor(lengths / total * n).astype(np.intp) if total else np.zeros(len(side), np.intp)
    owner = np.repeat(np.arange(len(side)), more + 1)
    step = np.arange(len(owner)) - np.repeat(np.cumsum(more + 1) - (more + 1), more + 1)
    points = begin[owner] + side[owner] * (step / (more[owner] + 1.0))[:, None]
    is_vertex = step == 0
    if closed or len(vertices) == 1:
        return points, is_vertex
    return np.concatenate([points, vertices[-1:]]), np.append(is_vertex, [True])


def thin_out(
    points: NDArray[np.float64],
    keep: NDArray[np.bool_],
    *,
    tolerance: float,
    closed: bool = False,
) -> NDArray[np.float64]:
    """Drop points that a curve hardly needs (Douglas and Peucker between the kept ones).

    Parameters
    ----------
    points : ndarray of shape (n, 2)
    keep : ndarray of shape (n,), bool
        Points that stay whatever happens; the first must be one, of an open curve the last too.
    tolerance : float >= 0
        Distance in pixels that a dropped point may have from the side that replaces it.
    closed : bool
        Whether the curve returns to its first point.

    Returns
    -------
    ndarray of shape (n_left, 2)
    """
    chain = np.concatenate([points, points[:1]]) if closed else points
    stays = np.append(keep, [True]) if closed else keep.copy()
    fixed = np.flatnonzero(stays).tolist()
    spans = list(pairwise(fixed))
    while spans:
        first, last = spans.pop()
        if last - first < 2:  # noqa: PLR2004 - nothing between them
            continue
        inner = chain[first + 1 : last]
        feet = nearest_on_curve(inner, chain[[first, last]])
        off = np.hypot(*(inner - feet).T)
        worst = int(off.argmax())
        if off[worst] > tolerance:
            middle = first + 1 + worst
            stays[middle] = True
            spans += [(first, middle), (middle, last)]
    left = chain[stays]
    return left[:-1] if closed else left


def nearest_on_curve(
    points: NDArray[np.float64], vertices: NDArray[np.float64], *, closed: bool = False
) -> NDArray[np.float64]:
    """For each point, the nearest point of a curve.

    Parameters
    ----------
    points : ndarray of shape (n, 2)
    vertices : ndarray of shape (n_vertices, 2)
    closed : bool
        Whether the curve returns to its first vertex.

    Returns
    -------
    ndarray of shape (n, 2)
    """
    if len(vertices) == 1:
        return np.repeat(vertices, len(points), axis=0)
    begin, side = _sides(vertices, closed=closed)
    step = max(1, _CHUNK // len(side))
    parts = [_nearest(points[i : i + step], begin, side) for i in range(0, len(points), step)]
    return np.concatenate(parts)


def _nearest(
    points: NDArray[np.float64], begin: NDArray[np.float64], side: NDArray[np.float64]
) -> NDArray[np.float64]:
    square = (side**2).sum(axis=1)
    along = ((points[:, None, :] - begin) * side).sum(axis=2)
    share = np.clip(along / np.where(square > 0.0, square, 1.0), 0.0, 1.0)
    feet = begin + share[..., None] * side
    best = ((points[:, None, :] - feet) ** 2).sum(axis=2).argmin(axis=1)
    nearest: NDArray[np.float64] = feet[np.arange(len(points)), best]
    return nearest


def curve_distance(
    a: NDArray[np.float64], b: NDArray[np.float64], *, closed: bool = False
) -> float:
    """Mean distance between two curves in pixels, whichever way each was drawn.

    Points at equal distances along each curve are taken to the nearest point of the other; the
    mean over both ways is symmetric and 0 only for curves that lie on each other.
    """
    total = 0.0
    for one, two in ((a, b), (b, a)):
        points = resample(one, _SAMPLES, closed=closed)
        total += float(np.hypot(*(points - nearest_on_curve(points, two, closed=closed)).T).mean())
    return total / 2.0


def _sides(
    vertices: NDArray[np.float64], *, closed: bool
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    if closed:
        return vertices, np.roll(vertices, -1, axis=0) - vertices
    if len(vertices) == 1:
        return vertices, np.zeros_like(vertices)
    return vertices[:-1], np.diff(vertices, axis=0)

"""Boxes as numbers, in image pixels: overlap, clipping, matching.

Layer: geometry (pure functions on numpy arrays; imports only ``errors``).

A box is a row ``left, top, width, height``, origin top left, as in a Ground Truth
bounding-box output. Its *edges* are the row ``left, top, right, bottom``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import ArrayLike, NDArray

__all__ = [
    "as_boxes",
    "box_areas",
    "boxes_to_edges",
    "clip_boxes",
    "edges_to_boxes",
    "iou_matrix",
    "iou_of_rows",
    "match_boxes",
    "round_boxes",
]

_SIDES = 4


def as_boxes(boxes: ArrayLike | Iterable[Sequence[float]]) -> NDArray[np.float64]:
    """Read rows of ``left, top, width, height``; nothing at all is shape (0, 4).

    Parameters
    ----------
    boxes : array-like or iterable of sequences of 4 numbers
        In image pixels.

    Returns
    -------
    ndarray of shape (n, 4), float64

    Raises
    ------
    ValueError
        If a row has not four finite numbers.
    """
    found = boxes if isinstance(boxes, np.ndarray) else list(boxes)  # type: ignore[arg-type]
    rows = np.asarray(found, dtype=np.float64)
    if rows.size == 0:
        return np.zeros((0, _SIDES))
    if rows.ndim != 2 or rows.shape[1] != _SIDES:  # noqa: PLR2004 - rows and columns
        raise ValueError(
            f"boxes must be rows of left, top, width, height: shape (n, 4); found {rows.shape}"
        )
    if not np.isfinite(rows).all():
        bad = int(np.flatnonzero(~np.isfinite(rows).all(axis=1))[0])
        raise ValueError(f"box {bad} has a side that is not a finite number: {rows[bad]}")
    return rows


def boxes_to_edges(boxes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Turn ``left, top, width, height`` into ``left, top, right, bottom``; shape (n, 4)."""
    edges = boxes.copy()
    edges[:, 2:] += boxes[:, :2]
    return edges


def edges_to_boxes(edges: NDArray[np.float64]) -> NDArray[np.float64]:
    """Turn ``left, top, right, bottom`` into ``left, top, width, height``; shape (n, 4)."""
    boxes = edges.copy()
    boxes[:, 2:] -= edges[:, :2]
    return boxes


def box_areas(boxes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Area of each box in square pixels, shape (n,)."""
    areas: NDArray[np.float64] = boxes[:, 2] * boxes[:, 3]
    return areas


def iou_matrix(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """Intersection over union of every box in ``a`` with every box in ``b``.

    Parameters
    ----------
    a, b : ndarray of shape (n_a, 4) and (n_b, 4)
        Rows of ``left, top, width, height`` in image pixels, origin top left, as in
        a Ground Truth bounding-box output. Width and height must be > 0.

    Returns
    -------
    ndarray of shape (n_a, n_b)
        Values in [0, 1]; 0 for boxes that only touch.

    Raises
    ------
    ValueError
        If an array is not of shape (n, 4) or a box has no area.

    References
    ----------
    Everingham et al., The PASCAL Visual Object Classes (VOC) Challenge, IJCV 2010.
    """
    first, second = _with_area(a, "a"), _with_area(b, "b")
    one, two = boxes_to_edges(first)[:, None, :], boxes_to_edges(second)[None, :, :]
    sides = np.minimum(one[..., 2:], two[..., 2:]) - np.maximum(one[..., :2], two[..., :2])
    shared = np.prod(np.maximum(sides, 0.0), axis=-1)
    union = box_areas(first)[:, None] + box_areas(second)[None, :] - shared
    # Rounding can push the quotient of two equal boxes a last digit above one.
    iou: NDArray[np.float64] = np.minimum(shared / union, 1.0)
    return iou


def iou_of_rows(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """Intersection over union of each row of ``a`` with the same row of ``b``.

    Parameters
    ----------
    a, b : ndarray of shape (n, 4)
        *Edges*, ``left, top, right, bottom``, in image pixels; areas > 0.

    Returns
    -------
    ndarray of shape (n,)
        Values in [0, 1].
    """
    sides = np.minimum(a[:, 2:], b[:, 2:]) - np.maximum(a[:, :2], b[:, :2])
    shared = np.prod(np.maximum(sides, 0.0), axis=1)
    areas = np.prod(a[:, 2:] - a[:, :2], axis=1) + np.prod(b[:, 2:] - b[:, :2], axis=1)
    iou: NDArray[np.float64] = np.minimum(shared / (areas - shared), 1.0)
    return iou


def _with_area(boxes: NDArray[np.float64], name: str) -> NDArray[np.float64]:
    rows = as_boxes(boxes)
    flat = np.flatnonzero((rows[:, 2:] <= 0.0).any(axis=1))
    if flat.size:
        raise ValueError(f"{name}[{flat[0]}] must have width and height > 0; found {rows[flat[0]]}")
    return rows


def clip_boxes(boxes: NDArray[np.float64], *, width: float, height: float) -> NDArray[np.float64]:
    """Cut boxes at the borders of a picture.

    Parameters
    ----------
    boxes : ndarray of shape (n, 4)
        ``left, top, width, height`` in image pixels.
    width, height : float > 0
        Size of the picture in pixels.

    Returns
    -------
    ndarray of shape (n, 4)
        A box wholly outside keeps its row, with width or height 0.
    """
    edges = boxes_to_edges(as_boxes(boxes))
    edges[:, [0, 2]] = np.clip(edges[:, [0, 2]], 0.0, width)
    edges[:, [1, 3]] = np.clip(edges[:, [1, 3]], 0.0, height)
    return edges_to_boxes(edges)


def round_boxes(boxes: NDArray[np.float64]) -> NDArray[np.int64]:
    """Round left, top, width and height to whole pixels; a side is at least 1.

    Returns
    -------
    ndarray of shape (n, 4), int64
        Halves are rounded up, so that equal boxes at different places stay equal in size.
    """
    whole = np.floor(as_boxes(boxes) + 0.5).astype(np.int64)
    whole[:, 2:] = np.maximum(whole[:, 2:], 1)
    return whole


def match_boxes(
    a: NDArray[np.float64], b: NDArray[np.float64], *, min_iou: float = 0.0
) -> list[tuple[int, int, float]]:
    """Pair boxes one to one, best overlap first.

    Parameters
    ----------
    a, b : ndarray of shape (n_a, 4) and (n_b, 4)
        ``left, top, width, height``; width and height > 0.
    min_iou : float in [0, 1]
        Pairs must overlap, and by at least this much.

    Returns
    -------
    list of (int, int, float)
        Row of ``a``, row of ``b`` and their IoU, best first; each row at most once. Equal
        overlaps are settled by row number.
    """
    iou = iou_matrix(a, b)
    order = np.argsort(-iou, axis=None, kind="stable")
    pairs: list[tuple[int, int, float]] = []
    left_a, left_b = set(range(iou.shape[0])), set(range(iou.shape[1]))
    for flat in order:
        row, column = divmod(int(flat), iou.shape[1])
        overlap = float(iou[row, column])
        if overlap <= 0.0 or overlap < min_iou or not (left_a and left_b):
            break
        if row in left_a and column in left_b:
            left_a.remove(row)
            left_b.remove(column)
            pairs.append((row, column, overlap))
    return pairs

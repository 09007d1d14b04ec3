"""Several outlines, lines or points that mean the same become one.

Layer: consolidation (pure functions on numpy arrays; imports only ``geometry``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gt_widgets.geometry import densify, nearest_on_curve, thin_out

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["mean_line", "mean_outline", "mean_point", "robust_mean"]

_POINTS = 64
"""Points along an outline at which the workers are compared."""
_DETAIL = 1 / 200
"""What is smaller than this share of an outline's size needs no vertex of its own."""
_ROUNDS = 5
_FAR = 3.0


def robust_mean(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean that a far point hardly moves.

    Cauchy weights around the median, in units of three median distances from it; points that
    agree give the plain mean.

    Parameters
    ----------
    points : ndarray of shape (n, 2), n >= 1

    Returns
    -------
    ndarray of shape (2,)
    """
    centre: NDArray[np.float64] = np.median(points, axis=0)
    for _ in range(_ROUNDS):
        off = np.hypot(*(points - centre).T)
        scale = _FAR * float(np.median(off))
        if scale == 0.0:  # more than half lie exactly there
            return centre
        weights = 1.0 / (1.0 + (off / scale) ** 2)
        centre = np.average(points, axis=0, weights=weights)
    return centre


def mean_point(curves: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Robust mean of key points, each of shape (1, 2); shape (1, 2)."""
    return robust_mean(np.concatenate(curves))[None, :]


def mean_line(curves: Sequence[NDArray[np.float64]], typical: int) -> NDArray[np.float64]:
    """Robust mean of lines end by end, drawn the way ``curves[typical]`` is; shape (2, 2)."""
    turned = np.stack([_turned(curve, curves[typical]) for curve in curves])
    return np.stack([robust_mean(turned[:, end]) for end in (0, 1)])


def mean_outline(
    curves: Sequence[NDArray[np.float64]], typical: int, *, closed: bool
) -> NDArray[np.float64]:
    """Median of outlines along the most typical one.

    From points along ``curves[typical]``, its vertices among them, the nearest point of every
    outline is looked up and the median taken, coordinate by coordinate. An open curve's ends
    are matched with ends. New points stay only where the outline bends there.

    Parameters
    ----------
    curves : sequence of ndarray of shape (n_i, 2)
    typical : int
    closed : bool
        Polygons, or polylines.

    Returns
    -------
    ndarray of shape (n, 2)
        With the vertices of ``curves[typical]`` moved, and some more.
    """
    along, is_vertex = densify(curves[typical], _POINTS, closed=closed)
    feet = np.stack([nearest_on_curve(along, curve, closed=closed) for curve in curves])
    if not closed:
        turned = [_turned(curve, curves[typical]) for curve in curves]
        feet[:, 0] = [curve[0] for curve in turned]
        feet[:, -1] = [curve[-1] for curve in turned]
    middle = np.median(feet, axis=0)
    still = (feet == feet[:1]).all(axis=(0, 2))
    middle[still] = along[still]  # where all agree, not a last digit moves
    size = float(np.hypot(*(middle.max(axis=0) - middle.min(axis=0))))
    return thin_out(middle, is_vertex, tolerance=_DETAIL * size, closed=closed)


def _turned(curve: NDArray[np.float64], like: NDArray[np.float64]) -> NDArray[np.float64]:
    """Turn an open curve round if its ends then lie nearer to those of another."""
    ends, wanted = curve[[0, -1]], like[[0, -1]]
    ahead, back = ((ends - wanted) ** 2).sum(), ((ends[::-1] - wanted) ** 2).sum()
    return curve[::-1] if back < ahead else curve

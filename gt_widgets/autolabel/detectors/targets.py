"""From boxes to what the network should say, how wrong it is, and back to boxes.

Layer: autolabel (pure functions; imports only ``errors``). A box speaks through its centre: a
bump on its class's map, and around the bump where exactly the centre is and how large the box.

References: Zhou et al., Objects as Points, 2019 (bumps and their focal loss).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gt_widgets.autolabel.boxes import FoundBoxes
from gt_widgets.autolabel.detectors.network import STRIDE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gt_widgets.autolabel.detectors.layers import Array

__all__ = ["CENTRE_SCALE", "LEAST_SCORE", "MOST_BOXES", "boxes_of", "loss_gradient", "targets_of"]

_BUMP = 0.12
"""Spread of a bump, as a share of the box's sides."""
_SPEAKS = 0.3
"""Cells where the bump is at least this high must also know the box."""
_BOX_WEIGHT = 4.0
CENTRE_SCALE = 4.0
"""Centres are given in units of this many cells."""
MOST_BOXES = 100
LEAST_SCORE = 0.02


def targets_of(
    boxes: NDArray[np.float64],
    classes: NDArray[np.intp],
    *,
    shape: tuple[int, int],
    n_classes: int,
) -> tuple[Array, Array, Array]:
    """Maps of one picture.

    Parameters
    ----------
    boxes : ndarray of shape (n, 4)
        Left, top, width, height in pixels of the network's picture.
    classes : ndarray of shape (n,)
    shape : (int, int)
        Rows and columns of cells.
    n_classes : int

    Returns
    -------
    (ndarray (rows, columns, n_classes), ndarray (rows, columns, 4), ndarray (rows, columns))
        Bumps in [0, 1]; offset of the centre (x, y) and logarithms of width and height, in
        cells; the weight of these four.
    """
    bumps = np.zeros((*shape, n_classes), dtype=np.float32)
    places = np.zeros((*shape, 4), dtype=np.float32)
    weight = np.zeros(shape, dtype=np.float32)
    down, across = np.mgrid[: shape[0], : shape[1]].astype(np.float32) + 0.5
    for (left, top, width, height), class_id in zip(boxes / STRIDE, classes, strict=True):
        x, y = left + width / 2, top + height / 2
        row, column = int(y), int(x)
        if not (0 <= row < shape[0] and 0 <= column < shape[1]):
            continue
        spread_x, spread_y = max(_BUMP * width, 0.7), max(_BUMP * height, 0.7)
        bump = np.exp(
            -0.5
            * (
                ((across - across[row, column]) / spread_x) ** 2
                + ((down - down[row, column]) / spread_y) ** 2
            )
        )
        bumps[..., class_id] = np.maximum(bumps[..., class_id], bump)
        speaks = (bump >= _SPEAKS) & (bump > weight)
        weight[speaks] = bump[speaks]
        sizes = np.log(max(width, 0.25)), np.log(max(height, 0.25))
        places[speaks] = np.stack(
            [
                (x - across[speaks]) / CENTRE_SCALE,
                (y - down[speaks]) / CENTRE_SCALE,
                np.full(speaks.sum(), sizes[0]),
                np.full(speaks.sum(), sizes[1]),
            ],
            axis=1,
        )
    return bumps, places, weight


def loss_gradient(answer: Array, bumps: Array, places: Array, weight: Array) -> tuple[float, Array]:
    """Loss of a batch, and its gradient with respect to the answer.

    Focal loss on the bumps (Zhou et al., equation 1), Huber loss on the rest, both per box.
    """
    n_classes = bumps.shape[3]
    boxes = max(float((bumps == 1).sum()), 1.0)
    p = 1 / (1 + np.exp(-np.clip(answer[..., :n_classes], -15, 15)))
    peak = bumps == 1
    far = (1 - bumps) ** 4
    log_p, log_q = np.log(p + 1e-7), np.log(1 - p + 1e-7)
    loss = -np.where(peak, (1 - p) ** 2 * log_p, far * p**2 * log_q).sum()
    of_peak = 2 * p * (1 - p) ** 2 * log_p - (1 - p) ** 3
    of_rest = far * (p**3 - 2 * p**2 * (1 - p) * log_q)
    off = answer[..., n_classes:] - places
    share = weight[..., None] * (_BOX_WEIGHT * boxes / max(float(weight.sum()), 1e-6))
    small = np.abs(off) < 0.1  # noqa: PLR2004 - where Huber's loss bends
    loss += (share * np.where(small, 5 * off**2, np.abs(off) - 0.05)).sum()
    gradient = np.concatenate(
        [np.where(peak, of_peak, of_rest), share * np.clip(off * 10, -1, 1)], axis=3
    )
    return float(loss / boxes), np.asarray(gradient / boxes, dtype=np.float32)


def boxes_of(answer: Array, *, n_classes: int) -> FoundBoxes:
    """Peaks of the maps as boxes, in pixels of the network's picture.

    A box is the mean of what the 3 x 3 cells around its peak say, by their probability.
    """
    p = np.asarray(1 / (1 + np.exp(-np.clip(answer[..., :n_classes], -15, 15))), dtype=np.float32)
    padded = np.pad(p, ((1, 1), (1, 1), (0, 0)))
    views = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(0, 1))
    peaks = (views.max(axis=(3, 4)) == p) & (p >= LEAST_SCORE)
    rows, columns, classes = np.nonzero(peaks)
    order = np.argsort(-p[rows, columns, classes], kind="stable")[:MOST_BOXES]
    boxes = np.zeros((len(order), 4))
    for place, peak in enumerate(order):
        boxes[place] = _box_at(answer, p, rows[peak], columns[peak], classes[peak], n_classes)
    chosen = classes[order].astype(np.intp)
    return FoundBoxes(boxes, chosen, p[rows, columns, classes][order].astype(np.float64))


def _box_at(
    answer: Array, p: Array, row: int, column: int, class_id: int, n_classes: int
) -> NDArray[np.float64]:
    top, left = max(row - 1, 0), max(column - 1, 0)
    around = answer[top : row + 2, left : column + 2, n_classes:]
    share = p[top : row + 2, left : column + 2, class_id]
    down, across = np.mgrid[top : top + share.shape[0], left : left + share.shape[1]] + 0.5
    share = share / share.sum()
    x = float((share * (across + CENTRE_SCALE * around[..., 0])).sum())
    y = float((share * (down + CENTRE_SCALE * around[..., 1])).sum())
    width, height = np.exp(np.clip((share[..., None] * around[..., 2:]).sum(axis=(0, 1)), -3, 6))
    return np.array([x - width / 2, y - height / 2, width, height]) * STRIDE

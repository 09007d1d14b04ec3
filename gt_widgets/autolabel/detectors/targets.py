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
_BOX_WEIGHT, _OVERLAP_WEIGHT = 2.0, 2.0
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
    down, across = (np.arange(n, dtype=np.float32) + 0.5 for n in shape)
    for (left, top, width, height), class_id in zip(boxes / STRIDE, classes, strict=True):
        x, y = left + width / 2, top + height / 2
        row, column = int(y), int(x)
        if not (0 <= row < shape[0] and 0 <= column < shape[1]):
            continue
        spread_x, spread_y = max(_BUMP * width, 0.7), max(_BUMP * height, 0.7)
        bump = np.outer(
            np.exp(-0.5 * ((down - down[row]) / spread_y) ** 2),
            np.exp(-0.5 * ((across - across[column]) / spread_x) ** 2),
        )
        bumps[..., class_id] = np.maximum(bumps[..., class_id], bump)
        speaks = (bump >= _SPEAKS) & (bump > weight)
        weight[speaks] = bump[speaks]
        rows, columns = np.nonzero(speaks)
        places[rows, columns, 0] = (x - across[columns]) / CENTRE_SCALE
        places[rows, columns, 1] = (y - down[rows]) / CENTRE_SCALE
        places[rows, columns, 2:] = np.log(np.maximum((width, height), 0.25))
    return bumps, places, weight


def loss_gradient(answer: Array, bumps: Array, places: Array, weight: Array) -> tuple[float, Array]:
    """Loss of a batch, and its gradient with respect to the answer.

    Focal loss on the bumps (Zhou et al., equation 1), Huber loss and generalised IoU on the rest,
    all per box.
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
    gradient = np.concatenate(
        [np.where(peak, of_peak, of_rest), np.zeros((*weight.shape, 4))], axis=3
    )
    speaks = weight > 0
    if speaks.any():
        share = weight[speaks] * (boxes / float(weight.sum()))
        said, wanted = answer[speaks][:, n_classes:], places[speaks]
        off = said - wanted
        small = np.abs(off) < 0.1  # noqa: PLR2004 - where Huber's loss bends
        near = np.where(small, 5 * off**2, np.abs(off) - 0.05).sum(axis=1)
        overlap, of_overlap = _overlap_loss(said, wanted)
        loss += float(share @ (_BOX_WEIGHT * near + _OVERLAP_WEIGHT * overlap))
        pull = _BOX_WEIGHT * np.clip(off * 10, -1, 1) + _OVERLAP_WEIGHT * of_overlap
        gradient[..., n_classes:][speaks] = share[:, None] * pull
    return float(loss / boxes), np.asarray(gradient / boxes, dtype=np.float32)


def _overlap_loss(
    said: NDArray[np.float32], wanted: NDArray[np.float32]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """One minus the generalised IoU of boxes as the network gives them, and its gradient.

    References: Rezatofighi et al., Generalized Intersection over Union, 2019.
    """
    ours, theirs = _corners(said), _corners(wanted)
    low, high = np.maximum(ours[0], theirs[0]), np.minimum(ours[1], theirs[1])
    sides = np.maximum(high - low, 0)
    first, last = np.minimum(ours[0], theirs[0]), np.maximum(ours[1], theirs[1])
    round_ = last - first
    own, other = ours[1] - ours[0], theirs[1] - theirs[0]
    inside, hull = sides.prod(axis=1, keepdims=True), round_.prod(axis=1, keepdims=True)
    union = own.prod(axis=1, keepdims=True) + other.prod(axis=1, keepdims=True) - inside
    touch = (sides > 0).all(axis=1, keepdims=True)
    of = []
    for edge, sign in ((0, -1.0), (1, 1.0)):  # left and top, right and bottom
        inner = (ours[edge] * sign < theirs[edge] * sign) & touch
        outer = ours[edge] * sign > theirs[edge] * sign
        of_inside = sign * np.where(inner, sides[:, ::-1], 0)
        of_hull = sign * np.where(outer, round_[:, ::-1], 0)
        of_union = sign * own[:, ::-1] - of_inside
        of.append(
            (inside * of_union - union * of_inside) / union**2
            + (union * of_hull - hull * of_union) / hull**2
        )
    gradient = np.concatenate([CENTRE_SCALE * (of[0] + of[1]), own * (of[1] - of[0]) / 2], axis=1)
    return (2 - inside / union - union / hull)[:, 0], gradient


def _corners(
    places: NDArray[np.float32],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    centre = CENTRE_SCALE * places[:, :2].astype(np.float64)
    half = np.exp(np.clip(places[:, 2:].astype(np.float64), -3, 6)) / 2
    return centre - half, centre + half


def boxes_of(answer: Array, *, n_classes: int) -> FoundBoxes:
    """Peaks of the maps as boxes, in pixels of the network's picture.

    A box is the mean of what the 3 x 3 cells around its peak say, by their probability.
    """
    p = np.asarray(1 / (1 + np.exp(-np.clip(answer[..., :n_classes], -15, 15))), dtype=np.float32)
    padded = np.pad(p, ((1, 1), (1, 1), (0, 0)))
    wide = np.maximum(np.maximum(padded[:, :-2], padded[:, 1:-1]), padded[:, 2:])
    highest = np.maximum(np.maximum(wide[:-2], wide[1:-1]), wide[2:])
    rows, columns, classes = np.nonzero((highest == p) & (p >= LEAST_SCORE))
    order = np.argsort(-p[rows, columns, classes], kind="stable")[:MOST_BOXES]
    rows, columns, classes = rows[order], columns[order], classes[order]
    place = np.arange(9)
    down, across = rows[:, None] + place // 3, columns[:, None] + place % 3
    share = padded[down, across, classes[:, None]].astype(np.float64)
    share /= share.sum(axis=1, keepdims=True)
    around = np.pad(answer[..., n_classes:], ((1, 1), (1, 1), (0, 0)))[down, across]
    x = (share * (across - 0.5 + CENTRE_SCALE * around[..., 0])).sum(axis=1)
    y = (share * (down - 0.5 + CENTRE_SCALE * around[..., 1])).sum(axis=1)
    sides = np.exp(np.clip((share[..., None] * around[..., 2:]).sum(axis=1), -3, 6))
    boxes = np.column_stack([x - sides[:, 0] / 2, y - sides[:, 1] / 2, sides]) * STRIDE
    return FoundBoxes(boxes, classes.astype(np.intp), p[rows, columns, classes].astype(np.float64))

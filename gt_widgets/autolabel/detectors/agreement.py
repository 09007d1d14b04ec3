"""One answer from several looks at a picture.

Layer: autolabel (pure functions; imports only ``errors`` and ``geometry``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gt_widgets.autolabel.boxes import FoundBoxes
from gt_widgets.geometry import iou_matrix

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["agreed_boxes"]

_SAME = 0.5
"""Least IoU of what two looks found, where it is one thing."""


def agreed_boxes(looks: Sequence[FoundBoxes]) -> FoundBoxes:
    """Boxes that looks agree on, surest first.

    Parameters
    ----------
    looks : sequence of FoundBoxes, length >= 1
        Of one picture, in its own pixels.

    Returns
    -------
    FoundBoxes
        Sides are the mean over the looks that found the box, by their scores; the score is the
        mean over all looks, 0 for those that did not.

    References
    ----------
    Solovyev et al., Weighted boxes fusion, Image and Vision Computing 2021.
    """
    boxes = np.concatenate([look.boxes for look in looks])
    classes = np.concatenate([look.classes for look in looks])
    scores = np.concatenate([look.scores for look in looks])
    of = np.repeat(np.arange(len(looks)), [len(look.boxes) for look in looks])
    if not len(boxes):
        return looks[0]
    alike = (iou_matrix(boxes, boxes) > _SAME) & (classes[:, None] == classes)
    order = np.argsort(-scores, kind="stable")
    free = np.ones(len(boxes), dtype=bool)
    groups = []
    for row in order:
        if free[row]:
            groups.append(_partners(row, order[free[order] & alike[row][order]], of))
            free[groups[-1]] = False
    merged = FoundBoxes(
        np.array([np.average(boxes[group], axis=0, weights=scores[group]) for group in groups]),
        classes[[group[0] for group in groups]],
        np.array([scores[group].sum() / len(looks) for group in groups]),
    )
    return merged.take(np.argsort(-merged.scores, kind="stable"))


def _partners(row: int, rivals: NDArray[np.intp], of: NDArray[np.intp]) -> NDArray[np.intp]:
    """Take the row itself and the surest rival of every other look; ``rivals`` surest first."""
    others = rivals[of[rivals] != of[row]]
    _, first = np.unique(of[others], return_index=True)
    return np.concatenate([[row], others[np.sort(first)]])

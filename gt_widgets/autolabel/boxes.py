"""Boxes: how sure a detector is of a whole picture, and how good its boxes were.

Layer: autolabel (pure functions; imports only ``geometry`` and ``errors``). Any detector's
output goes through these into `gt_widgets.autolabel.certificate.certify` with kind "iou".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gt_widgets.errors import ValidationError
from gt_widgets.geometry import iou_matrix, match_boxes

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

__all__ = [
    "BOX_TARGET",
    "FoundBoxes",
    "box_loss",
    "drawn_boxes",
    "kept_boxes",
    "picture_score",
]

BOX_TARGET = 0.4
"""Loss that the service allows: 1 - expected mean IoU 0.6."""

_SIDES = ("left", "top", "width", "height")


@dataclass(frozen=True, slots=True)
class FoundBoxes:
    """Boxes of one picture.

    ``boxes`` (n, 4) left, top, width, height in image pixels; ``classes`` (n,); ``scores`` (n,)
    in [0, 1].
    """

    boxes: NDArray[np.float64]
    classes: NDArray[np.intp]
    scores: NDArray[np.float64]

    def __post_init__(self) -> None:
        n = len(self.boxes)
        if self.boxes.shape != (n, 4) or len(self.classes) != n or len(self.scores) != n:
            raise ValidationError(
                "expected as many classes and scores as boxes of 4 numbers; found "
                f"{self.boxes.shape}, {len(self.classes)}, {len(self.scores)}"
            )

    def take(self, rows: NDArray[np.intp]) -> FoundBoxes:
        """Only these rows, in their order."""
        return FoundBoxes(self.boxes[rows], self.classes[rows], self.scores[rows])


def drawn_boxes(annotations: Iterable[Mapping[str, Any]]) -> FoundBoxes:
    """Boxes as a manifest has them, as people's answer: all scores are 1.

    Parameters
    ----------
    annotations : iterable of mapping
        With ``class_id, left, top, width, height``.

    Raises
    ------
    ValidationError
        If one of them is missing or no number.
    """
    rows = list(annotations)
    try:
        sides = [[float(row[name]) for name in _SIDES] for row in rows]
        classes = [int(row["class_id"]) for row in rows]
    except (KeyError, TypeError, ValueError) as problem:
        raise ValidationError(
            f"a box has class_id, left, top, width and height; {problem!r}"
        ) from problem
    return FoundBoxes(
        np.array(sides, dtype=np.float64).reshape(-1, 4),
        np.array(classes, dtype=np.intp),
        np.ones(len(rows)),
    )


def kept_boxes(found: FoundBoxes, *, keep: float = 0.3, overlap: float = 0.45) -> FoundBoxes:
    """Boxes that become labels: surest first, no two of a class on one place.

    Parameters
    ----------
    found : FoundBoxes
    keep : float in [0, 1]
        Least score.
    overlap : float in [0, 1]
        Greatest IoU of two boxes of one class.
    """
    order = np.argsort(-found.scores, kind="stable")
    order = order[found.scores[order] >= keep]
    if order.size == 0:
        return found.take(order)
    iou = iou_matrix(found.boxes[order], found.boxes[order])
    classes = found.classes[order]
    rivals = (iou > overlap) & (classes[:, None] == classes)
    free = np.ones(len(order), dtype=bool)
    for row in range(len(order)):
        if free[row]:
            free[row + 1 :] &= ~rivals[row, row + 1 :]
    return found.take(order[free])


def picture_score(found: FoundBoxes, *, keep: float = 0.3, overlap: float = 0.45) -> float:
    """How clearly a picture's boxes stand apart from what was almost a box.

    Returns
    -------
    float in [-1, 1]
        The lowest kept score minus the highest ambiguous one: of the refused boxes that no
        kept box of their class explains. An empty picture scores ``keep`` minus the latter.
    """
    kept = kept_boxes(found, keep=keep, overlap=overlap)
    lowest = float(kept.scores.min()) if len(kept.scores) else keep
    refused = np.flatnonzero(found.scores < keep)
    if len(kept.boxes) and refused.size:
        iou = iou_matrix(found.boxes[refused], kept.boxes)
        same = found.classes[refused][:, None] == kept.classes[None, :]
        refused = refused[~((iou > overlap / 2) & same).any(axis=1)]
    highest = float(found.scores[refused].max()) if refused.size else 0.0
    return lowest - highest


def box_loss(found: FoundBoxes, truth: FoundBoxes) -> float:
    """1 - mean IoU over predicted and missed boxes of each class, averaged over classes.

    Returns
    -------
    float in [0, 1]
        A predicted box without a partner and a missed one count as IoU 0; 0.0 when there is
        nothing and nothing was found.
    """
    means = []
    for class_id in np.union1d(found.classes, truth.classes):
        ours = found.boxes[found.classes == class_id]
        theirs = truth.boxes[truth.classes == class_id]
        pairs = match_boxes(ours, theirs) if len(ours) and len(theirs) else []
        means.append(sum(pair[2] for pair in pairs) / (len(ours) + len(theirs) - len(pairs)))
    return 1.0 - float(np.mean(means)) if means else 0.0

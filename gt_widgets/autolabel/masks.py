"""Masks: how good one probably is, how good it was, and both for the certificate.

Layer: autolabel (pure functions; imports only ``errors``). The mean of the largest probabilities
says nothing about IoU; the IoU expected under the model's own pixel probabilities does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gt_widgets.autolabel.learners.forest import PixelForest

__all__ = ["MASK_TARGET", "cross_fit_masks", "expected_iou", "mean_iou"]

MASK_TARGET = 0.3
"""Loss that the service allows: 1 - mean IoU 0.7 over classes without background."""

_LEAST_AREA = 0.002


def mean_iou(
    predicted: NDArray[np.integer[Any]], truth: NDArray[np.integer[Any]], *, n_classes: int
) -> float:
    """Mean IoU over the classes present in either mask, background (class 0) left out.

    Returns
    -------
    float in [0, 1]
        1.0 when both are background only.
    """
    cells = np.bincount(
        (np.asarray(truth, dtype=np.intp) * n_classes + predicted).ravel(), minlength=n_classes**2
    ).reshape(n_classes, n_classes)
    both = np.diag(cells)[1:]
    either = cells.sum(axis=0)[1:] + cells.sum(axis=1)[1:] - both
    present = either > 0
    return float((both[present] / either[present]).mean()) if present.any() else 1.0


def expected_iou(probabilities: NDArray[np.floating[Any]]) -> float:
    """IoU that the model expects of its own likeliest mask.

    Parameters
    ----------
    probabilities : ndarray of shape (h, w, n_classes)
        Background is class 0.

    Returns
    -------
    float in [0, 1]
        Mean over classes of expected intersection / expected union; a class counts when it is
        drawn, or expected on more than 0.2 % of the picture.
    """
    mask = probabilities.argmax(axis=2)
    found = []
    for class_id in range(1, probabilities.shape[2]):
        chance = probabilities[..., class_id]
        drawn = mask == class_id
        expected = float(chance.sum())
        if not drawn.any() and expected < _LEAST_AREA * mask.size:
            continue
        both = float(chance[drawn].sum())
        found.append(both / max(float(drawn.sum()) + expected - both, 1e-9))
    return float(np.mean(found)) if found else float(probabilities[..., 0].mean())


def cross_fit_masks(
    forest: PixelForest,
    pictures: Sequence[NDArray[np.uint8]],
    masks: Sequence[NDArray[np.integer[Any]]],
    *,
    folds: NDArray[np.intp],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Expected IoU and true loss of every labeled picture, by a forest that has not seen it.

    Parameters
    ----------
    forest : PixelForest
        Its settings are used; it is fitted per fold and left in an undefined state.
    pictures, masks : sequences of length n
    folds : ndarray of int, shape (n,)
        As `gt_widgets.autolabel.folds.grouped_folds` deals them.

    Returns
    -------
    (ndarray of shape (n,), ndarray of shape (n,))
        Scores and losses for `gt_widgets.autolabel.certificate.certify` with kind "iou".
    """
    scores, losses = np.zeros(len(pictures)), np.zeros(len(pictures))
    for number in np.unique(folds):
        train = np.flatnonzero(folds != number).tolist()
        forest.fit([pictures[i] for i in train], [masks[i] for i in train])
        for place in np.flatnonzero(folds == number).tolist():
            found = forest.predict(pictures[place])
            scores[place] = expected_iou(found)
            shown = found.argmax(axis=2)
            losses[place] = 1.0 - mean_iou(shown, masks[place], n_classes=forest.n_classes)
    return scores, losses

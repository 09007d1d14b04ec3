"""The service's documented policy, for comparison: a validation set and a point estimate.

Layer: autolabel (pure functions; imports only ``errors``). Nothing here keeps a promise: the
threshold is the lowest one whose *observed* accuracy on the validation set meets the target.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gt_widgets.autolabel.certificate import Certificate
from gt_widgets.autolabel.crossfit import CrossFit

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from gt_widgets.autolabel.learners.protocol import Family

__all__ = ["fit_like_aws", "point_estimate"]


def fit_like_aws(
    features: NDArray[np.float32],
    labeled: NDArray[np.intp],
    classes: NDArray[np.intp],
    pool: NDArray[np.intp],
    in_sample: NDArray[np.intp],
    n_classes: int,
    family: Family,
) -> CrossFit:
    """Train on everything but the validation set; choose the learner on it, as tuning jobs do.

    Returns
    -------
    CrossFit
        ``held_out`` is right for the validation rows only; the others were trained on.
    """
    train = np.ones(len(labeled), dtype=bool)
    train[in_sample] = False
    truth = classes[in_sample]
    found = []
    for place, make in enumerate(family):
        model = make(n_classes).fit(features[labeled[train]], classes[train])
        chance = model.predict(features[labeled[in_sample]])[np.arange(len(truth)), truth]
        found.append((float(-np.log(np.maximum(chance, 1e-6)).mean()), place, model))
    loss, place, model = min(found, key=lambda row: row[:2])
    return CrossFit(model.predict(features[labeled]), model.predict(features[pool]), place, loss)


def point_estimate(
    scores: ArrayLike, losses: ArrayLike, pool_scores: ArrayLike, target: float
) -> Certificate:
    """Lowest threshold whose observed error meets the target, with no margin for luck.

    Returns
    -------
    Certificate
        ``bound`` is the observed error and ``delta`` is 1: nothing is certain.
    """
    s, x = np.asarray(scores, dtype=np.float64), np.asarray(losses, dtype=np.float64)
    order = np.argsort(-s, kind="stable")
    observed = np.cumsum(x[order]) / np.arange(1, len(x) + 1)
    good = np.flatnonzero((observed <= target) & (s[order] > -np.inf))
    pool = np.asarray(pool_scores, dtype=np.float64)
    threshold = float(s[order][good[-1]]) if good.size else None
    accepted = int((pool >= threshold).sum()) if threshold is not None else 0
    return Certificate(
        threshold=threshold,
        bound=float(observed[good[-1]]) if good.size else None,
        target=target,
        delta=1.0,
        kind="auto",
        n_calibration=int(good[-1]) + 1 if good.size else len(x),
        loss=float(x[order][: int(good[-1]) + 1].sum()) if good.size else float(x.sum()),
        accepted=accepted,
        coverage=accepted / max(len(pool), 1),
        reason="" if good.size else "model_too_weak",
        explanation="" if good.size else "No threshold reaches the target on the validation set.",
    )

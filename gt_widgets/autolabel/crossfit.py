"""Cross-fitting: every labeled object is judged by a model that has not seen its label.

Layer: autolabel (pure functions; imports only ``errors``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gt_widgets.autolabel.folds import grouped_folds

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from gt_widgets.autolabel.learners.protocol import Family, Learner

__all__ = ["CrossFit", "cross_fit", "margins_of"]

_FLOOR = 0.02
"""A chance below this counts as this, so that a few wrong labels do not choose the model."""


@dataclass(frozen=True, slots=True)
class CrossFit:
    """One round of cross-fitting.

    ``held_out`` has shape (n_labeled, n_classes), ``pool`` (n_pool, n_classes): the mean over
    the fold models. ``choice`` is the place of the winning candidate in its family.
    """

    held_out: NDArray[np.float64]
    pool: NDArray[np.float64]
    choice: int
    log_loss: float


def cross_fit(
    x: NDArray[np.float32],
    y: NDArray[np.intp],
    pool: NDArray[np.float32],
    *,
    groups: NDArray[np.intp],
    n_classes: int,
    family: Family,
    folds: int,
    rng: np.random.Generator,
    choice: int | None = None,
) -> CrossFit:
    """Fit per fold, predict what was held out, and the pool by all fold models together.

    Parameters
    ----------
    x, y : ndarray of shape (n, d) and (n,)
        Labeled objects.
    pool : ndarray of shape (m, d)
        Unlabeled ones.
    groups : ndarray of shape (n,)
        Near-duplicates among the labeled.
    n_classes : int >= 2
    family : Family
        Candidates; the one of the lowest held-out log loss is kept.
    folds : int >= 2
    rng : numpy Generator
        Deals the folds.
    choice : int, optional
        Take this candidate instead of comparing all.

    Returns
    -------
    CrossFit
    """
    fold = grouped_folds(y, groups, folds=folds, rng=rng)
    places = range(len(family)) if choice is None else [choice]
    best: tuple[float, int, NDArray[np.float64], list[Learner]] | None = None
    for place in places:
        held_out, models = _held_out(x, y, fold, n_classes, family[place])
        chance = np.maximum(held_out[np.arange(len(y)), y], _FLOOR)
        loss = float(-np.log(chance).mean())
        if best is None or loss < best[0]:
            best = (loss, place, held_out, models)
    if best is None:
        raise ValueError("a family needs at least one learner")
    loss, place, held_out, models = best
    mean = np.zeros((len(pool), n_classes))
    for model in models:
        mean += model.predict(pool) if len(pool) else 0.0
    return CrossFit(held_out, mean / len(models), place, loss)


def _held_out(
    x: NDArray[np.float32],
    y: NDArray[np.intp],
    fold: NDArray[np.intp],
    n_classes: int,
    make: Callable[[int], Learner],
) -> tuple[NDArray[np.float64], list[Learner]]:
    found = np.zeros((len(y), n_classes))
    models = []
    for number in np.unique(fold):
        inside = fold == number
        train = ~inside if not inside.all() else inside
        model = make(n_classes).fit(x[train], y[train])
        found[inside] = model.predict(x[inside])
        models.append(model)
    return found, models


def margins_of(probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    """Largest minus second largest probability of each row, in [0, 1]."""
    if len(probabilities) == 0:
        return np.zeros(0)
    top = np.partition(probabilities, -2, axis=1)
    return np.asarray(top[:, -1] - top[:, -2])

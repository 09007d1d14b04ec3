"""What a few labels say about the model to come: how often it errs, and whether it knows when.

Layer: autolabel (pure functions; imports only ``errors``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gt_widgets.autolabel.crossfit import cross_fit, margins_of
from gt_widgets.autolabel.forecast import power_law
from gt_widgets.autolabel.learners.linear import linear_family
from gt_widgets.errors import ValidationError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gt_widgets.autolabel.learners.protocol import Family

__all__ = ["Pilot", "centre_of", "pilot_of", "separation_of"]

_FOLDS = 5
_LEAST = 40
_LEARNED_FROM = 1.0 - 1.0 / _FOLDS
_SEPARATIONS = (0.5, 8.0)
_USUAL, _USUAL_SPREAD = 2.5, 0.8
_DRAWS = 40
_UPPER, _WEIGHTS = np.polynomial.hermite_e.hermegauss(40)


@dataclass(frozen=True, slots=True)
class Pilot:
    """A model seen through its held-out answers.

    Attributes
    ----------
    labels : int
        Labels that were judged, each by a model that had not seen it.
    wrong : int
        Of them.
    learned_from : float
        Labels that such a model had learned from.
    fall : float in [0, 1]
        ``error ~ labels ** -fall``.
    draws : tuple of (error, separation)
        What the pilot might have shown, had it drawn its objects anew (bootstrap): the error, and
        the spread of the model's log odds, which is larger where it knows when it errs.
    """

    labels: int
    wrong: int
    learned_from: float
    fall: float
    draws: tuple[tuple[float, float], ...]

    @property
    def accuracy(self) -> float:
        """Held-out accuracy."""
        return 1.0 - self.wrong / self.labels


def pilot_of(
    x: NDArray[np.float32],
    classes: NDArray[np.intp],
    *,
    n_classes: int,
    groups: NDArray[np.intp] | None = None,
    family: Family | None = None,
    seed: int = 0,
) -> Pilot:
    """Judge labeled objects by models that have not seen them, at two sizes of the training set.

    Parameters
    ----------
    x : ndarray of shape (n, d)
        Features of the labeled objects.
    classes : ndarray of shape (n,)
    n_classes : int >= 2
    groups : ndarray of shape (n,), optional
        Near-duplicates share a number.
    family : Family, optional
        Learners to choose from; `linear_family` by default.
    seed : int

    Raises
    ------
    ValidationError
        If there are fewer than 40 labels, or all have one class.
    """
    n = len(classes)
    if n < _LEAST or len(np.unique(classes)) < 2:  # noqa: PLR2004
        raise ValidationError(
            f"a pilot needs at least {_LEAST} labels of two or more classes; found {n} of "
            f"{len(np.unique(classes))}"
        )
    own = np.arange(n) if groups is None else groups
    rng = np.random.default_rng([seed, 7])
    order = rng.permutation(n)
    sizes, errors = [], []
    for part in (order[: n // 2], order):
        fit = cross_fit(
            x[part],
            classes[part],
            x[:0],
            groups=own[part],
            n_classes=n_classes,
            family=linear_family() if family is None else family,
            folds=_FOLDS,
            rng=rng,
        )
        losses = fit.held_out.argmax(axis=1) != classes[part]
        sizes.append(max(round(_LEARNED_FROM * len(part)), 1))
        errors.append((float(losses.sum()) + 0.5) / (len(part) + 1))
    scores = margins_of(fit.held_out)
    return Pilot(
        labels=n,
        wrong=int(losses.sum()),
        learned_from=_LEARNED_FROM * n,
        fall=power_law(sizes, errors).fall,
        draws=tuple(_drawn_anew(scores, losses, rng) for _ in range(_DRAWS)),
    )


def _drawn_anew(
    scores: NDArray[np.float64], losses: NDArray[np.bool_], rng: np.random.Generator
) -> tuple[float, float]:
    chosen = rng.integers(0, len(scores), len(scores))
    wrong = losses[chosen].astype(np.float64)
    error = min((float(wrong.sum()) + 0.5) / (len(wrong) + 1), 0.95)
    return error, separation_of(scores[chosen], wrong)


def separation_of(scores: NDArray[np.float64], wrong: NDArray[np.float64]) -> float:
    """Spread of log odds of being right, over the normal scores of the ranks of ``scores``.

    Logistic regression by Newton's method, drawn towards a usual spread: a pilot of a good model
    has few errors to learn it from.
    """
    from scipy.special import ndtri

    places = np.argsort(np.argsort(scores, kind="stable"), kind="stable")
    z = ndtri((places + 0.5) / len(scores))
    rows = np.column_stack([np.ones_like(z), z])
    pull = np.diag([1e-3, 1.0 / _USUAL_SPREAD**2])
    usual = np.array([0.0, _USUAL])
    found = np.array([1.0, _USUAL])
    for _ in range(30):
        right = 1 / (1 + np.exp(-rows @ found))
        slope = rows.T @ (1.0 - wrong - right) - pull @ (found - usual)
        curvature = (rows * (right * (1 - right))[:, None]).T @ rows + pull
        found = found + np.clip(np.linalg.solve(curvature, slope), -1.0, 1.0)
    return float(np.clip(found[1], *_SEPARATIONS))


def centre_of(accuracy: float, separation: float) -> float:
    """Mean of log odds of spread ``separation`` whose mean probability is the accuracy."""
    low, high = -20.0, 30.0
    for _ in range(40):
        middle = (low + high) / 2
        mean = float(_WEIGHTS @ (1 / (1 + np.exp(-(middle + separation * _UPPER)))))
        low, high = (middle, high) if mean / _WEIGHTS.sum() < accuracy else (low, middle)
    return (low + high) / 2

"""Multinomial logistic regression with an L2 penalty: the default learner.

Layer: autolabel (imports only ``errors``). Plain numpy and scipy's L-BFGS, so that a refit is
quick enough to follow a person who labels.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Self

import numpy as np

from gt_widgets.autolabel.learners.archive import (
    pack_model,
    read_model,
    unpack_model,
    write_model,
)
from gt_widgets.autolabel.learners.cleaned import CleanedLearner
from gt_widgets.errors import ModelFileError, ValidationError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from gt_widgets.autolabel.learners.protocol import Family

__all__ = ["PENALTIES", "LinearLearner", "linear_family"]

PENALTIES = (300.0, 3_000.0, 30_000.0, 300_000.0)
"""Grid of C, for rows whose mean squared length is 1."""

_KIND = "linear-1"
_TOLERANCE = 5e-5
_JUDGE = 3_000.0
"""Penalty of the models that look for wrong labels: strong, so that they do not learn them."""


class LinearLearner:
    """L2 logistic regression.

    Parameters
    ----------
    n_classes : int >= 2
    c : float > 0
        Inverse strength of the penalty: minimises ``c * mean log loss + |w|^2 / 2`` with rows
        scaled to a mean squared length of 1, so that one grid serves all features.
    max_iterations : int >= 1
    """

    def __init__(self, n_classes: int, *, c: float = 10_000.0, max_iterations: int = 100) -> None:
        if n_classes < 2 or c <= 0:  # noqa: PLR2004
            raise ValidationError(f"expected n_classes >= 2, c > 0; found {n_classes}, {c}")
        self.n_classes, self.c, self.max_iterations = n_classes, c, max_iterations
        self.weights = np.zeros((0, n_classes))
        self.intercept = np.zeros(n_classes)

    def fit(self, x: NDArray[np.float32], y: NDArray[np.intp]) -> Self:
        """Learn; see `gt_widgets.autolabel.learners.protocol.Learner`.

        Raises
        ------
        ValidationError
            If there are no rows, or a class is out of range.
        """
        if len(y) == 0 or x.shape[0] != len(y):
            raise ValidationError(f"expected as many rows as classes, at least 1; found {x.shape}")
        if y.min() < 0 or y.max() >= self.n_classes:
            raise ValidationError(f"classes must lie in 0..{self.n_classes - 1}; found {set(y)}")
        from scipy.optimize import minimize

        centre = x.mean(axis=0)
        scale = float(np.sqrt(np.mean(np.sum((x - centre) ** 2, axis=1)))) or 1.0
        rows = np.asarray((x - centre) / scale, dtype=np.float32)
        axes = _span(rows)
        if axes is not None:
            rows = rows @ axes
        prior = np.log((np.bincount(y, minlength=self.n_classes) + 0.5) / len(y))
        start = np.concatenate([np.zeros(rows.shape[1] * self.n_classes), prior])
        found = minimize(
            _objective,
            start,
            args=(rows, y, self.c, self.n_classes),
            jac=True,
            method="L-BFGS-B",
            options={"maxiter": self.max_iterations, "gtol": _TOLERANCE, "ftol": 1e-7},
        )
        weights = found.x[: -self.n_classes].reshape(rows.shape[1], self.n_classes)
        self.weights = (weights if axes is None else axes @ weights) / scale
        self.intercept = found.x[-self.n_classes :] - centre @ self.weights
        return self

    def predict(self, x: NDArray[np.float32]) -> NDArray[np.float64]:
        """Probabilities of shape (n, n_classes)."""
        if x.shape[1] != self.weights.shape[0]:
            raise ValidationError(
                f"expected rows of {self.weights.shape[0]} features; found {x.shape[1]}"
            )
        logits = (x @ self.weights.astype(np.float32)).astype(np.float64) + self.intercept
        return _softmax(logits)

    def save(self, path: str | Path) -> None:
        """Write the model as one npz-like file."""
        settings = {"n_classes": self.n_classes, "c": self.c, "iterations": self.max_iterations}
        body = pack_model(_KIND, settings, weights=self.weights, intercept=self.intercept)
        write_model(path, body)

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read a model.

        Raises
        ------
        ModelFileError
            If the file is no linear model.
        """
        settings, arrays = unpack_model(read_model(path), _KIND)
        try:
            model = cls(
                int(settings["n_classes"]),
                c=float(settings["c"]),
                max_iterations=int(settings["iterations"]),
            )
            model.weights, model.intercept = arrays["weights"], arrays["intercept"]
        except (KeyError, TypeError, ValueError) as problem:
            raise ModelFileError(f"{path}: a linear model lacks {problem}") from problem
        shapes = (model.weights.ndim, model.weights.shape[-1], model.intercept.shape)
        if shapes != (2, model.n_classes, (model.n_classes,)):
            raise ModelFileError(f"{path}: arrays of a linear model do not fit; found {shapes}")
        return model


def linear_family() -> Family:
    """One candidate per value of `PENALTIES`, each cleaning what it learns from."""
    judge = partial(LinearLearner, c=_JUDGE, max_iterations=40)
    return [
        partial(CleanedLearner, make=partial(LinearLearner, c=c), judge=judge) for c in PENALTIES
    ]


def _span(rows: NDArray[np.float32]) -> NDArray[np.float32] | None:
    """Directions that the rows span, where they are fewer than the columns.

    The best weights are a combination of rows (the representer theorem), so nothing is lost, and
    there is less to search: Schoelkopf, Herbrich and Smola, A Generalized Representer Theorem,
    COLT 2001.
    """
    if len(rows) >= rows.shape[1]:
        return None
    values, vectors = np.linalg.eigh((rows @ rows.T).astype(np.float64))
    keep = values > 1e-6 * max(float(values[-1]), 1e-12)
    if not keep.any():
        return None
    return np.asarray(rows.T @ (vectors[:, keep] / np.sqrt(values[keep])), dtype=np.float32)


def _objective(
    flat: NDArray[np.float64],
    rows: NDArray[np.float32],
    y: NDArray[np.intp],
    c: float,
    n_classes: int,
) -> tuple[float, NDArray[np.float64]]:
    """Penalised mean log loss, divided by c, and its gradient."""
    weights = flat[:-n_classes].reshape(rows.shape[1], n_classes)
    logits = (rows @ weights.astype(np.float32)).astype(np.float64) + flat[-n_classes:]
    shares = _softmax(logits)
    picked = np.arange(len(y)), y
    loss = -float(np.log(np.maximum(shares[picked], 1e-300)).mean())
    shares[picked] -= 1.0
    shares /= len(y)
    slope = (rows.T @ shares.astype(np.float32)).astype(np.float64) + weights / c
    gradient = np.concatenate([slope.ravel(), shares.sum(axis=0)])
    return loss + float((weights**2).sum()) / (2 * c), gradient


def _softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    logits = logits - logits.max(axis=1, keepdims=True)
    np.exp(logits, out=logits)
    logits /= logits.sum(axis=1, keepdims=True)
    return logits

"""A learner that first leaves out the labels it finds hardest to believe.

Layer: autolabel (imports only ``errors``). People err; a few wrong labels make a model unsure
everywhere. Rows are judged by models that have not seen their label, inside the rows given to
`fit` alone, so cross-fitting around this learner stays honest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import numpy as np

from gt_widgets.errors import ModelFileError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from gt_widgets.autolabel.learners.protocol import Learner

__all__ = ["CleanedLearner", "beyond_belief"]

_PARTS = 3
_LEAST_ROWS = 30
_RATIO = 30.0


def beyond_belief(
    probabilities: NDArray[np.float64], labels: NDArray[np.intp], *, ratio: float = _RATIO
) -> NDArray[np.bool_]:
    """Labels that are ``ratio`` times less likely than the likeliest class.

    Parameters
    ----------
    probabilities : ndarray of shape (n, n_classes)
        Held-out.
    labels : ndarray of shape (n,)
    ratio : float > 1

    Returns
    -------
    ndarray of bool, shape (n,)
    """
    given = probabilities[np.arange(len(labels)), labels]
    return np.asarray(given * ratio < probabilities.max(axis=1))


class CleanedLearner:
    """Fit twice: once in parts, to find labels beyond belief; then without them.

    Parameters
    ----------
    n_classes : int >= 2
    make : callable
        Makes the learner inside, from the number of classes.
    judge : callable, optional
        Makes the learners that look for labels beyond belief; ``make`` by default.

    Notes
    -----
    A saved model is the learner inside; load it with that learner's ``load``.
    """

    def __init__(
        self,
        n_classes: int,
        *,
        make: Callable[[int], Learner],
        judge: Callable[[int], Learner] | None = None,
    ) -> None:
        self.n_classes, self.make, self.judge = n_classes, make, judge or make
        self.inside = make(n_classes)

    def fit(self, x: NDArray[np.float32], y: NDArray[np.intp]) -> Self:
        """Learn; see `gt_widgets.autolabel.learners.protocol.Learner`."""
        keep = np.ones(len(y), dtype=bool)
        if len(y) >= _LEAST_ROWS:
            held_out = np.zeros((len(y), self.n_classes))
            part = np.arange(len(y)) % _PARTS
            for number in range(_PARTS):
                out = part == number
                held_out[out] = self.judge(self.n_classes).fit(x[~out], y[~out]).predict(x[out])
            keep = ~beyond_belief(held_out, y)
            lost = np.setdiff1d(y, y[keep])
            keep |= np.isin(y, lost)
        self.inside = self.make(self.n_classes).fit(x[keep], y[keep])
        return self

    def predict(self, x: NDArray[np.float32]) -> NDArray[np.float64]:
        """Probabilities of shape (n, n_classes)."""
        return self.inside.predict(x)

    def save(self, path: str | Path) -> None:
        """Write the learner inside."""
        self.inside.save(path)

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read a linear or kernel model, wrapped."""
        from gt_widgets.autolabel.learners.cnn import SmallCnn
        from gt_widgets.autolabel.learners.files import load_learner

        found = load_learner(path)
        if isinstance(found, SmallCnn):
            raise ModelFileError(f"{path}: expected a linear or kernel model; found a network")
        cleaned = cls.__new__(cls)
        cleaned.n_classes, cleaned.inside = found.n_classes, found
        cleaned.make = cleaned.judge = lambda n_classes: type(found)(n_classes, c=found.c)
        return cleaned

"""Logistic regression on a Gaussian kernel against landmarks (Nystroem): bends where linear cannot.

Layer: autolabel (imports only ``errors``).
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
from gt_widgets.autolabel.learners.linear import PENALTIES, LinearLearner
from gt_widgets.errors import ModelFileError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from gt_widgets.autolabel.learners.protocol import Family

__all__ = ["KernelLearner", "kernel_family", "squared_distances"]

_KIND = "kernel-1"
_MEDIAN_ROWS = 500


class KernelLearner:
    """Nystroem features of a Gaussian kernel, then `LinearLearner`.

    Parameters
    ----------
    n_classes : int >= 2
    c : float > 0
        As in `LinearLearner`.
    landmarks : int >= 2
        At most; they are the first rows fitted, evenly strided.
    width : float > 0
        Kernel width as a multiple of the median distance between rows.
    """

    def __init__(
        self, n_classes: int, *, c: float = 10_000.0, landmarks: int = 300, width: float = 0.7
    ) -> None:
        self.head = LinearLearner(n_classes, c=c)
        self.n_classes, self.landmarks, self.width = n_classes, landmarks, width
        self.centres = np.zeros((0, 0), dtype=np.float32)
        self.gamma = 1.0
        self.root = np.zeros((0, 0), dtype=np.float32)

    def fit(self, x: NDArray[np.float32], y: NDArray[np.intp]) -> Self:
        """Learn; see `gt_widgets.autolabel.learners.protocol.Learner`."""
        places = np.unique(np.linspace(0, len(x) - 1, min(self.landmarks, len(x))).astype(int))
        self.centres = np.ascontiguousarray(x[places])
        sample = self.centres[:_MEDIAN_ROWS]
        median = float(np.median(squared_distances(sample, sample)))
        self.gamma = 1.0 / (2 * self.width**2 * max(median, 1e-12))
        gram = np.exp(-self.gamma * squared_distances(self.centres, self.centres))
        values, vectors = np.linalg.eigh(gram.astype(np.float64))
        keep = values > 1e-6 * values[-1]
        self.root = (vectors[:, keep] / np.sqrt(values[keep])).astype(np.float32)
        self.head.fit(self._map(x), y)
        return self

    def predict(self, x: NDArray[np.float32]) -> NDArray[np.float64]:
        """Probabilities of shape (n, n_classes)."""
        return self.head.predict(self._map(x))

    @property
    def c(self) -> float:
        """Inverse strength of the penalty."""
        return self.head.c

    def _map(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        near = np.exp(-self.gamma * squared_distances(x, self.centres))
        return np.asarray(near @ self.root, dtype=np.float32)

    def save(self, path: str | Path) -> None:
        """Write the model as one npz-like file."""
        settings = {
            "n_classes": self.n_classes,
            "c": self.head.c,
            "landmarks": self.landmarks,
            "width": self.width,
            "gamma": self.gamma,
        }
        arrays = {"centres": self.centres, "root": self.root}
        head = {"weights": self.head.weights, "intercept": self.head.intercept}
        write_model(path, pack_model(_KIND, settings, **arrays, **head))

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read a model.

        Raises
        ------
        ModelFileError
            If the file is no kernel model.
        """
        settings, arrays = unpack_model(read_model(path), _KIND)
        try:
            model = cls(
                int(settings["n_classes"]),
                c=float(settings["c"]),
                landmarks=int(settings["landmarks"]),
                width=float(settings["width"]),
            )
            model.gamma = float(settings["gamma"])
            model.centres, model.root = arrays["centres"], arrays["root"]
            model.head.weights, model.head.intercept = arrays["weights"], arrays["intercept"]
        except (KeyError, TypeError, ValueError) as problem:
            raise ModelFileError(f"{path}: a kernel model lacks {problem}") from problem
        shapes = [model.centres.ndim, model.root.ndim, model.head.weights.ndim]
        if shapes != [2, 2, 2] or len(model.centres) != len(model.root):
            raise ModelFileError(f"{path}: arrays of a kernel model do not fit")
        return model


def kernel_family() -> Family:
    """One candidate per penalty, each cleaning what it learns from."""
    return [partial(CleanedLearner, make=partial(KernelLearner, c=c)) for c in PENALTIES]


def squared_distances(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float32]:
    """Squared Euclidean distances of shape (len(a), len(b)), never below 0."""
    cross = -2.0 * (a @ b.T)
    cross += np.sum(a * a, axis=1)[:, None]
    cross += np.sum(b * b, axis=1)
    return np.asarray(np.maximum(cross, 0.0, out=cross))

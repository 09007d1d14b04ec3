"""Simulated crowds with known truth, as parallel index arrays.

Layer: testing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Crowd", "simulated_crowd"]

_LOOK_ALIKE = 0.5
"""Concentration of a class's mistakes: below 1, so mostly on a few look-alikes."""


@dataclass(frozen=True, slots=True)
class Crowd:
    """Answers of simulated workers: `answer_table`'s arrays, and the truth per object."""

    objects: NDArray[np.intp]
    workers: NDArray[np.intp]
    labels: NDArray[np.intp]
    truth: NDArray[np.intp]
    n_classes: int

    def error(self, posteriors: NDArray[np.float64]) -> float:
        """Share of objects labeled wrong; a tie counts as the chance of a wrong draw."""
        best = posteriors >= posteriors.max(axis=1, keepdims=True) - 1e-9
        right = best[np.arange(len(self.truth)), self.truth] / best.sum(axis=1)
        return float(1.0 - right.mean())


def simulated_crowd(
    rng: np.random.Generator,
    *,
    n_objects: int,
    answers_per_object: int,
    n_classes: int,
    n_workers: int,
    accuracy: tuple[float, float] = (0.55, 0.95),
    shared_mistakes: bool = True,
    guessers: float = 0.0,
) -> Crowd:
    """Draw a crowd.

    Parameters
    ----------
    rng : numpy.random.Generator
    n_objects, answers_per_object, n_classes, n_workers : int
        Every object is answered by that many different workers, drawn at random.
    accuracy : (float, float)
        Each worker's accuracy is uniform between the two.
    shared_mistakes : bool
        True: workers take a class for about the same look-alikes. False: everybody errs in
        a way of his own, and is better at some classes than at others.
    guessers : float in [0, 1]
        Share of workers who answer at random.

    Returns
    -------
    Crowd
        Workers who drew no object are left out, so worker numbers have no gaps.
    """
    confusion = np.empty((n_workers, n_classes, n_classes))  # [worker, true, given]
    common = [rng.dirichlet(np.full(n_classes - 1, _LOOK_ALIKE)) for _ in range(n_classes)]
    for worker, skill in enumerate(rng.uniform(*accuracy, n_workers)):
        for true in range(n_classes):
            own = skill if shared_mistakes else rng.beta(6 * skill, 6 * (1 - skill))
            alike = common[true] * 8 + 0.05 if shared_mistakes else np.full(n_classes - 1, 0.5)
            wrong = (1 - own) * rng.dirichlet(alike)
            confusion[worker, true] = np.insert(wrong, true, own)
    confusion[rng.random(n_workers) < guessers] = 1 / n_classes
    truth = rng.integers(0, n_classes, n_objects)
    objects = np.repeat(np.arange(n_objects), answers_per_object)
    order = np.argsort(rng.random((n_objects, n_workers)), axis=1)
    workers = order[:, :answers_per_object].ravel()
    steps = confusion[workers, truth[objects]].cumsum(axis=1)
    labels = (rng.random((len(objects), 1)) > steps).sum(axis=1).clip(max=n_classes - 1)
    _, workers = np.unique(workers, return_inverse=True)
    return Crowd(objects, workers, labels, truth, n_classes)

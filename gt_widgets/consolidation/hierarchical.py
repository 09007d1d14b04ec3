"""Hierarchical Dawid and Skene: workers borrow from the team what they have not shown yet.

Layer: consolidation (pure functions; imports only ``errors``).

A worker's confusion matrix is drawn around what the team suggests: this worker's own accuracy,
shifted by how hard the class is for everybody, and the classes it is taken for. With few
answers the matrix is the team's; with many it is the worker's own. The matrices are kept as
distributions (variational Bayes), so an uncertain worker counts less.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gt_widgets.consolidation.answers import (
    Estimate,
    answer_table,
    moved,
    sum_by_worker,
    to_shares,
    vote_shares,
)

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from gt_widgets.consolidation.answers import AnswerTable

__all__ = ["hierarchical"]

_STRENGTH = 1.0
"""Answers per class that the team's suggestion weighs in each row of a confusion matrix."""
_FIRST_ACCURACY, _FIRST_ANSWERS = 0.8, 8.0
"""A worker starts as if 8 answers had been 80 % right."""
_ANY = 1e-9
"""Stands for the answers to a class that nobody met, so that there is something to divide by."""
_CLASS_ANSWERS = 10.0
"""A class starts as if it had shown in 10 answers that it is as hard as any other."""


def hierarchical(
    objects: ArrayLike,
    workers: ArrayLike,
    labels: ArrayLike,
    *,
    n_classes: int,
    max_rounds: int = 100,
    tolerance: float = 2e-3,
) -> Estimate:
    """Estimate classes and confusion matrices, sparse workers borrowing from the team.

    Parameters
    ----------
    objects, workers, labels, n_classes
        As in `answer_table`.
    max_rounds : int >= 1
    tolerance : float > 0
        Stop when the posteriors move by less, in mean total variation distance. Going on
        beyond the default changes few labels, and on real crowds as often for the worse.

    Returns
    -------
    Estimate

    Raises
    ------
    NoResponsesError, ValidationError
        As `answer_table`.

    Notes
    -----
    The row of class t in the matrix of worker w has the prior Dirichlet(K m), where
    ``m[t] = a`` and ``m[l] = (1 - a) q[l | t]``; q is the team's pattern of mistakes and
    ``logit a`` the logit of the worker's accuracy plus that of the class against the mean.
    All of them are estimated again in every round.

    References
    ----------
    Kim and Ghahramani, Bayesian Classifier Combination, AISTATS 2012 (confusion matrices as
    distributions). Paun et al., Comparing Bayesian Models of Annotation, TACL 2018 (partial
    pooling, classes of different difficulty).
    """
    from scipy.special import digamma

    table = answer_table(objects, workers, labels, n_classes=n_classes)
    posteriors, rounds = vote_shares(table), 0
    answers = sum_by_worker(table, np.diff(table.by_cell.indptr).astype(np.float64))
    log_seen = np.zeros((len(table.cell_label), n_classes))
    accuracy = np.zeros(table.n_workers)
    while rounds < max_rounds:
        log_seen, accuracy = _workers(table, table.by_cell @ posteriors, answers)
        common = digamma(posteriors.sum(axis=0) + 1.0)  # its total is the same for all classes
        after = to_shares(table.by_object @ log_seen + common)
        change, posteriors, rounds = moved(posteriors, after), after, rounds + 1
        if change < tolerance:
            break
    accuracy[answers == 0] = np.nan
    return Estimate(table, posteriors, accuracy, log_seen, rounds)


def _workers(
    table: AnswerTable, counts: NDArray[np.float64], answers: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Estimate the workers from expected counts of shape (n_cells, n_classes).

    Returns the expected logarithms of the confusion entries and the accuracies.
    """
    from scipy.special import digamma

    owner, label = table.cell_worker, table.cell_label
    cells = np.arange(len(owner))
    right = counts[cells, label]
    totals = sum_by_worker(table, counts)
    hits = sum_by_worker(table, right)
    accuracy = (hits + _FIRST_ACCURACY * _FIRST_ANSWERS) / (answers + _FIRST_ANSWERS)
    pooled = np.zeros((table.n_classes, table.n_classes))  # [given, true]
    np.add.at(pooled, label, counts)
    ability = _ability(accuracy, totals, pooled)
    mean = _mistakes(pooled)[label] * (1.0 - ability)[owner]
    mean[cells, label] = ability[owner, label]
    weight = _STRENGTH * table.n_classes
    log_seen = digamma(counts + weight * mean) - digamma(totals + weight)[owner]
    return log_seen, accuracy


def _ability(
    accuracy: NDArray[np.float64], totals: NDArray[np.float64], pooled: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Chance that each worker gets each class right, before the worker's own answers to it.

    The worker's logit is shifted by how much better or worse the team does on the class than
    the workers who met it would let one expect; (n_workers, n_classes).
    """
    from scipy.special import expit, logit

    met = totals.sum(axis=0)
    expected = (accuracy @ totals + _FIRST_ACCURACY * _ANY) / (met + _ANY)
    shown = (np.diag(pooled) + _CLASS_ANSWERS * expected) / (met + _CLASS_ANSWERS)
    shift = logit(shown) - logit(expected)
    ability: NDArray[np.float64] = expit(logit(accuracy)[:, None] + shift)
    return ability


def _mistakes(pooled: NDArray[np.float64]) -> NDArray[np.float64]:
    """What a class is taken for when it is not seen right; columns sum to 1, diagonal 0."""
    off = pooled + 1.0 / len(pooled)
    np.fill_diagonal(off, 0.0)
    shares: NDArray[np.float64] = off / off.sum(axis=0)
    return shares

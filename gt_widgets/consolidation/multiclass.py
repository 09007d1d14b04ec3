"""Multi-class consolidation: the service's own variant of Dawid and Skene's method.

Layer: consolidation (pure functions; imports only ``errors``).

Each worker has a confusion matrix, each data object a probability per class; two rounds of
Expectation Maximization over one batch estimate both. Two rounds and not convergence, because
that is what reproduces the labels and confidences of real jobs (reference 7.2).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gt_widgets.consolidation.answers import (
    Estimate,
    answer_table,
    sum_by_worker,
    to_shares,
)
from gt_widgets.errors import ValidationError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from gt_widgets.consolidation.answers import AnswerTable

__all__ = ["ROUNDS", "class_posteriors", "ground_truth"]

ROUNDS = 2
"""Rounds of Expectation Maximization the service runs."""

_FIRST_ACCURACY = 0.7
_PRIOR_WEIGHT = 0.5
_TINY = float(np.finfo(np.float64).tiny)


def ground_truth(
    objects: ArrayLike,
    workers: ArrayLike,
    labels: ArrayLike,
    *,
    n_classes: int,
    rounds: int = ROUNDS,
) -> Estimate:
    """Estimate classes and confusion matrices as the service does.

    Parameters
    ----------
    objects, workers, labels, n_classes
        As in `answer_table`.
    rounds : int >= 1
        The service runs 2.

    Returns
    -------
    Estimate

    Raises
    ------
    NoResponsesError
        If there is no answer at all, or an object number is skipped.
    ValidationError
        If ``n_classes`` < 2, ``rounds`` < 1 or a label lies outside ``0 .. n_classes - 1``.

    Notes
    -----
    Time and memory are O(n_answers * n_classes). Products are sums of logarithms, so that
    hundreds of answers to one object do not underflow.

    References
    ----------
    Dawid and Skene, Maximum Likelihood Estimation of Observer Error-Rates Using the EM
    Algorithm, Applied Statistics 1979. AWS example notebook
    ``sm-ground_truth_annotation_consolidation_image_classification``.
    """
    if rounds < 1:
        raise ValidationError(f"rounds must be >= 1; found {rounds}")
    table = answer_table(objects, workers, labels, n_classes=n_classes)
    everyone = _FIRST_ACCURACY
    own = np.full(table.n_workers, everyone)
    posteriors = np.full((table.n_objects, n_classes), 1.0 / n_classes)
    log_seen = np.log(_one_column(own[table.cell_worker], table))
    for _ in range(rounds):
        prior = np.log(np.maximum(posteriors.mean(axis=0), _TINY))
        posteriors = to_shares(table.by_object @ log_seen + prior)
        used = log_seen  # what the posteriors of this round were made from
        log_seen, own = _maximize(table, posteriors, everyone)
        everyone = float(np.nanmean(own))
    return Estimate(table, posteriors, own, used, rounds)


def class_posteriors(
    objects: ArrayLike,
    workers: ArrayLike,
    labels: ArrayLike,
    *,
    n_classes: int,
    rounds: int = ROUNDS,
) -> NDArray[np.float64]:
    """Probability of every class for every object: the posteriors of `ground_truth`.

    Returns
    -------
    ndarray of shape (n_objects, n_classes)
        Rows sum to 1.
    """
    return ground_truth(objects, workers, labels, n_classes=n_classes, rounds=rounds).posteriors


def _one_column(diagonal: NDArray[np.float64], table: AnswerTable) -> NDArray[np.float64]:
    """Column ``cell_label`` of the matrix with ``diagonal`` on the diagonal; (n_cells, K).

    The rest of each row is shared out evenly.
    """
    aside = (1.0 - diagonal) / (table.n_classes - 1)
    column = np.repeat(aside[:, None], table.n_classes, axis=1)
    column[np.arange(len(diagonal)), table.cell_label] = diagonal
    return column


def _maximize(
    table: AnswerTable, posteriors: NDArray[np.float64], everyone: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Estimate the workers from the objects.

    A worker's counts are smoothed towards the worker's own accuracy (weight 1) and towards
    the mean accuracy of the last round (weight 1/2), so that one answer is enough.
    """
    counts = table.by_cell @ posteriors
    row_sums = sum_by_worker(table, counts)
    n = sum_by_worker(table, np.diff(table.by_cell.indptr).astype(np.float64))
    hits = sum_by_worker(table, counts[np.arange(len(counts)), table.cell_label])
    own = np.divide(hits, n, out=np.full_like(n, np.nan), where=n > 0)
    j = table.cell_worker
    shared = np.full(len(j), everyone)
    smooth = _one_column(own[j], table) + _PRIOR_WEIGHT * _one_column(shared, table)
    seen = (counts + n[j, None] * smooth) / (row_sums[j] + (1.0 + _PRIOR_WEIGHT) * n[j, None])
    return np.log(np.maximum(seen, _TINY)), own

"""Dawid and Skene's method as published, to convergence: one free confusion matrix per worker.

Layer: consolidation (pure functions; imports only ``errors``).

For comparison. A worker with few answers has a confusion matrix of noise, and then a majority
vote is better; ``hierarchical`` mends that.
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
    from numpy.typing import ArrayLike

__all__ = ["dawid_skene"]

_NEVER = 1e-10
"""Stands for a count of zero, whose logarithm would rule a class out for good."""


def dawid_skene(
    objects: ArrayLike,
    workers: ArrayLike,
    labels: ArrayLike,
    *,
    n_classes: int,
    max_rounds: int = 100,
    tolerance: float = 1e-4,
) -> Estimate:
    """Estimate classes and confusion matrices by maximum likelihood.

    Parameters
    ----------
    objects, workers, labels, n_classes
        As in `answer_table`.
    max_rounds : int >= 1
    tolerance : float > 0
        Stop when the posteriors move by less, in mean total variation distance.

    Returns
    -------
    Estimate

    Raises
    ------
    NoResponsesError, ValidationError
        As `answer_table`.

    References
    ----------
    Dawid and Skene, Maximum Likelihood Estimation of Observer Error-Rates Using the EM
    Algorithm, Applied Statistics 28 (1979) 20-28.
    """
    table = answer_table(objects, workers, labels, n_classes=n_classes)
    cells, owner = np.arange(len(table.cell_label)), table.cell_worker
    answers = sum_by_worker(table, np.diff(table.by_cell.indptr).astype(np.float64))
    posteriors, rounds = vote_shares(table), 0
    log_seen = np.zeros((len(cells), n_classes))
    hits = np.zeros(table.n_workers)
    while rounds < max_rounds:
        counts = table.by_cell @ posteriors
        totals = sum_by_worker(table, counts) + n_classes * _NEVER
        hits = sum_by_worker(table, counts[cells, table.cell_label])
        log_seen = np.log((counts + _NEVER) / totals[owner])
        prior = np.log(np.maximum(posteriors.mean(axis=0), _NEVER))
        after = to_shares(table.by_object @ log_seen + prior)
        change, posteriors, rounds = moved(posteriors, after), after, rounds + 1
        if change < tolerance:
            break
    with np.errstate(invalid="ignore"):  # 0 / 0 of a worker without answers is meant
        accuracy = hits / np.where(answers > 0, answers, np.nan)
    return Estimate(table, posteriors, accuracy, log_seen, rounds)

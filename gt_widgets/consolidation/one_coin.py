"""One coin per worker: whoever errs, errs towards any other class alike.

Layer: consolidation (pure functions; imports only ``errors``).

Few parameters, so it holds up where workers gave few answers; it cannot see that two classes
look alike.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gt_widgets.consolidation.answers import (
    Estimate,
    answer_table,
    class_prior,
    moved,
    sum_by_worker,
    to_shares,
    vote_shares,
)

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from gt_widgets.consolidation.answers import AnswerTable

__all__ = ["one_coin"]

_FIRST_ACCURACY, _FIRST_ANSWERS = 0.8, 4.0
"""A worker starts as if 4 answers had been 80 % right; more answers outweigh it."""


def one_coin(
    objects: ArrayLike,
    workers: ArrayLike,
    labels: ArrayLike,
    *,
    n_classes: int,
    max_rounds: int = 100,
    tolerance: float = 1e-4,
) -> Estimate:
    """Estimate classes and one accuracy per worker by Expectation Maximization.

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
    Zhang, Chen, Zhou and Jordan, Spectral Methods Meet EM: A Provably Optimal Algorithm for
    Crowdsourcing, JMLR 2016 (the one-coin model).
    """
    table = answer_table(objects, workers, labels, n_classes=n_classes)
    cells = np.arange(len(table.cell_label))
    answers = sum_by_worker(table, np.diff(table.by_cell.indptr).astype(np.float64))
    posteriors, rounds = vote_shares(table), 0
    log_seen = np.zeros((len(cells), n_classes))
    accuracy = np.zeros(table.n_workers)
    while rounds < max_rounds:
        hits = sum_by_worker(table, (table.by_cell @ posteriors)[cells, table.cell_label])
        accuracy = (hits + _FIRST_ACCURACY * _FIRST_ANSWERS) / (answers + _FIRST_ANSWERS)
        log_seen = _log_seen(table, accuracy)
        after = to_shares(table.by_object @ log_seen + np.log(class_prior(posteriors)))
        change, posteriors, rounds = moved(posteriors, after), after, rounds + 1
        if change < tolerance:
            break
    accuracy[answers == 0] = np.nan
    return Estimate(table, posteriors, accuracy, log_seen, rounds)


def _log_seen(table: AnswerTable, accuracy: NDArray[np.float64]) -> NDArray[np.float64]:
    own = accuracy[table.cell_worker]
    aside = np.log((1.0 - own) / (table.n_classes - 1))
    log_seen = np.repeat(aside[:, None], table.n_classes, axis=1)
    log_seen[np.arange(len(own)), table.cell_label] = np.log(own)
    return log_seen

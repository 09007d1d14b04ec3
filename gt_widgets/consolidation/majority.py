"""Majority vote: the baseline consolidation for single-label tasks.

Layer: consolidation (pure functions; imports only ``errors``). One object at a time, with weights,
or a whole batch as arrays.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from gt_widgets.consolidation.answers import (
    Estimate,
    answer_table,
    sum_by_worker,
    vote_shares,
)
from gt_widgets.consolidation.types import Consolidated
from gt_widgets.errors import NoResponsesError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import ArrayLike

    from gt_widgets.consolidation.types import WorkerResponse

__all__ = ["majority", "majority_vote"]


def majority(
    objects: ArrayLike, workers: ArrayLike, labels: ArrayLike, *, n_classes: int
) -> Estimate:
    """Count the votes of a batch.

    Parameters
    ----------
    objects, workers, labels, n_classes
        As in `answer_table`.

    Returns
    -------
    Estimate
        ``posteriors`` are shares of votes. ``accuracy`` is the share of votes, the worker's own
        included, that agree with the worker, on average. ``log_seen`` is 0: a vote knows
        nothing about workers.

    Raises
    ------
    NoResponsesError, ValidationError
        As `answer_table`.
    """
    table = answer_table(objects, workers, labels, n_classes=n_classes)
    shares = vote_shares(table)
    counts = table.by_cell @ shares
    hits = sum_by_worker(table, counts[np.arange(len(counts)), table.cell_label])
    answers = sum_by_worker(table, np.diff(table.by_cell.indptr).astype(np.float64))
    agreed = np.divide(hits, answers, out=np.full_like(hits, np.nan), where=answers > 0)
    return Estimate(table, shares, agreed, np.zeros_like(counts), 0)


def majority_vote(
    responses: Sequence[WorkerResponse],
    *,
    weights: Mapping[str, float] | None = None,
) -> Consolidated:
    """Consolidate the class labels of one data object by weighted vote.

    Parameters
    ----------
    responses : sequence of WorkerResponse, length >= 1
        Oldest first. A worker who answers twice counts once, with the newer answer.
    weights : mapping of worker_id to float > 0, optional
        Vote weight per worker; a worker outside the mapping weighs 1.0.

    Returns
    -------
    Consolidated
        The label with the largest total weight. ``confidence`` is its share of all
        weight, in (0, 1]. A tie goes to the alphabetically first label, so that a
        rerun writes the same output manifest.

    Raises
    ------
    NoResponsesError
        If ``responses`` is empty.

    Examples
    --------
    >>> from gt_widgets.consolidation import WorkerResponse
    >>> votes = [("w1", "DHL"), ("w2", "DHL"), ("w3", "RedBull"), ("w4", "DHL")]
    >>> majority_vote([WorkerResponse(w, label) for w, label in votes])
    Consolidated(label='DHL', confidence=0.75)
    """
    if not responses:
        raise NoResponsesError("majority_vote needs at least one worker response")
    weights = weights or {}
    latest = {r.worker_id: r.label for r in responses}
    total: defaultdict[str, float] = defaultdict(float)
    for worker_id, label in sorted(latest.items()):  # float sums must not follow arrival
        total[label] += weights.get(worker_id, 1.0)
    winner = min(total, key=lambda label: (-total[label], label))
    return Consolidated(winner, total[winner] / sum(total.values()))

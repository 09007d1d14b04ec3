"""Majority vote: the baseline consolidation for single-label tasks.

Layer: consolidation (pure functions; imports only ``errors``).
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from gt_widgets.consolidation.types import Consolidated
from gt_widgets.errors import NoResponsesError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gt_widgets.consolidation.types import WorkerResponse

__all__ = ["majority_vote"]


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

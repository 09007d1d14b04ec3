"""Cluster-margin: small margins, but not twenty pictures of one kind.

Layer: autolabel (pure functions; imports only ``errors``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gt_widgets.autolabel.learners.kernel import squared_distances
from gt_widgets.autolabel.queries.core_set import core_set
from gt_widgets.autolabel.queries.margin import margin

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["cluster_margin"]


def cluster_margin(
    probabilities: NDArray[np.float64],
    features: NDArray[np.float32],
    labeled: NDArray[np.float32],
    *,
    size: int,
    rng: np.random.Generator,
) -> NDArray[np.intp]:
    """Pick small margins in turn from clusters, smallest clusters first.

    Parameters and result are those of `gt_widgets.autolabel.queries.types.Query`. Candidates
    are the ``4 * size`` smallest margins, clustered around ``size / 2`` of them that lie far
    apart.

    References
    ----------
    Citovsky et al., Batch Active Learning at Scale, NeurIPS 2021 (round robin over clusters;
    theirs are hierarchical).
    """
    near = margin(probabilities, features, labeled, size=4 * size, rng=rng)
    rows = features[near]
    middle = core_set(probabilities[near], rows, rows[:1], size=max(size // 2, 1), rng=rng)
    if len(middle) == 0:
        return near
    cluster = squared_distances(rows, rows[middle]).argmin(axis=1)
    within = np.zeros(len(near), dtype=np.intp)
    for number in range(len(middle)):
        inside = np.flatnonzero(cluster == number)
        within[inside] = np.arange(len(inside))
    crowd = np.bincount(cluster, minlength=len(middle))[cluster]
    return near[np.lexsort((np.arange(len(near)), crowd, within))][:size]

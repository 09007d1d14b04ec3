"""Core-set: the objects farthest from everything people have seen.

Layer: autolabel (pure functions; imports only ``errors``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gt_widgets.autolabel.learners.kernel import squared_distances

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["core_set"]

_BLOCK = 512


def core_set(
    probabilities: NDArray[np.float64],
    features: NDArray[np.float32],
    labeled: NDArray[np.float32],
    *,
    size: int,
    rng: np.random.Generator,
) -> NDArray[np.intp]:
    """Pick farthest points greedily; see `gt_widgets.autolabel.queries.types.Query`.

    References
    ----------
    Sener and Savarese, Active Learning for Convolutional Neural Networks: A Core-Set Approach,
    ICLR 2018 (its k-center greedy step).
    """
    if len(features) == 0 or size == 0:
        return np.zeros(0, dtype=np.intp)
    far = np.full(len(features), np.inf, dtype=np.float32)
    for start in range(0, len(labeled), _BLOCK):
        block = squared_distances(features, labeled[start : start + _BLOCK])
        far = np.minimum(far, block.min(axis=1))
    chosen: list[int] = []
    for _ in range(min(size, len(features))):
        place = int(np.argmax(far)) if np.isfinite(far).any() else 0
        chosen.append(place)
        near = squared_distances(features, features[place : place + 1])[:, 0]
        far = np.minimum(far, near)
        far[chosen] = -1.0
    return np.array(chosen, dtype=np.intp)

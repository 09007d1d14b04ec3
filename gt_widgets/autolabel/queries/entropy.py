"""Entropy: the objects about whose class least is known.

Layer: autolabel (pure functions; imports only ``errors``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["entropy"]


def entropy(
    probabilities: NDArray[np.float64],
    features: NDArray[np.float32],
    labeled: NDArray[np.float32],
    *,
    size: int,
    rng: np.random.Generator,
) -> NDArray[np.intp]:
    """Pick the largest entropies; see `gt_widgets.autolabel.queries.types.Query`."""
    shares = np.maximum(probabilities, 1e-300)
    return np.argsort(np.sum(shares * np.log(shares), axis=1), kind="stable")[:size]

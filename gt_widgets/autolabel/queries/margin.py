"""Margin: the objects whose two likeliest classes are closest.

Layer: autolabel (pure functions; imports only ``errors``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gt_widgets.autolabel.crossfit import margins_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["margin"]


def margin(
    probabilities: NDArray[np.float64],
    features: NDArray[np.float32],
    labeled: NDArray[np.float32],
    *,
    size: int,
    rng: np.random.Generator,
) -> NDArray[np.intp]:
    """Pick the smallest margins; see `gt_widgets.autolabel.queries.types.Query`."""
    return np.argsort(margins_of(probabilities), kind="stable")[:size]

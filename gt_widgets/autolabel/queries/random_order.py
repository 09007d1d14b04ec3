"""Random: the baseline every other rule must beat.

Layer: autolabel (pure functions; imports only ``errors``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["random_order"]


def random_order(
    probabilities: NDArray[np.float64],
    features: NDArray[np.float32],
    labeled: NDArray[np.float32],
    *,
    size: int,
    rng: np.random.Generator,
) -> NDArray[np.intp]:
    """Pick at random; see `gt_widgets.autolabel.queries.types.Query`."""
    return rng.permutation(len(probabilities))[:size]

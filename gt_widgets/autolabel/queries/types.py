"""The signature of a query rule.

Layer: autolabel (types only).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Query"]


class Query(Protocol):
    """Pick ``size`` rows of the pool, best first; fewer only when the pool is smaller."""

    def __call__(
        self,
        probabilities: NDArray[np.float64],
        features: NDArray[np.float32],
        labeled: NDArray[np.float32],
        *,
        size: int,
        rng: np.random.Generator,
    ) -> NDArray[np.intp]:
        """Pick rows.

        Parameters
        ----------
        probabilities : ndarray of shape (m, n_classes)
            Of the pool.
        features : ndarray of shape (m, d)
            Of the pool.
        labeled : ndarray of shape (n, d)
            Features of what people have labeled.
        size : int >= 0
        rng : numpy Generator
        """
        ...

"""What a learner must do to take part.

Layer: autolabel (types only).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol, Self

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Family", "Learner"]


class Learner(Protocol):
    """A classifier with confidences. Your own object will do if it has these four verbs."""

    def fit(self, x: NDArray[np.float32], y: NDArray[np.intp]) -> Self:
        """Learn from rows ``x`` of shape (n, d) with classes ``y`` in 0..n_classes - 1.

        Deterministic: the same rows give the same model. A class may be absent.
        """
        ...

    def predict(self, x: NDArray[np.float32]) -> NDArray[np.float64]:
        """Probabilities of shape (n, n_classes); rows sum to 1."""
        ...

    def save(self, path: str | Path) -> None:
        """Write one file that holds no code."""
        ...

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read what `save` wrote; anything else is refused."""
        ...


Family = Sequence[Callable[[int], Learner]]
"""Candidates, each made from the number of classes; the loop keeps the one that predicts best."""

"""What a learner must do to take part.

Layer: autolabel (types only).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Protocol, Self

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Family", "Learner", "MaskLearner"]


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


class MaskLearner(Protocol):
    """Gives every pixel a class. Your own object will do if it has these four verbs."""

    n_classes: int
    """With the background, which is class 0."""

    def fit(
        self, pictures: Sequence[NDArray[np.uint8]], masks: Sequence[NDArray[np.integer[Any]]]
    ) -> Self:
        """Learn from pictures (h, w, 3) and masks (h, w) of class numbers.

        Deterministic: the same pictures and masks give the same model.
        """
        ...

    def predict(self, picture: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Class probabilities of every pixel; shape (h, w, n_classes)."""
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

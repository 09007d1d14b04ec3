"""What a detector must do to take part.

Layer: autolabel (types only).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol, Self

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from gt_widgets.autolabel.boxes import FoundBoxes

__all__ = ["Detector", "DetectorMaker", "LearnsMore"]


class Detector(Protocol):
    """Finds boxes. Your own object will do if it has these four verbs."""

    def fit(self, pictures: Sequence[NDArray[np.uint8]], boxes: Sequence[FoundBoxes]) -> Self:
        """Learn from RGB pictures (h, w, 3), of any sizes, and the boxes people drew on them.

        Deterministic: the same pictures and boxes give the same detector.
        """
        ...

    def predict(self, picture: NDArray[np.uint8]) -> FoundBoxes:
        """Candidates with scores in [0, 1]; 0.3 and more means that it is probably there."""
        ...

    def save(self, path: str | Path) -> None:
        """Write one file that holds no code."""
        ...

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read what `save` wrote; anything else is refused."""
        ...


class LearnsMore(Detector, Protocol):
    """A detector that can go on learning, which is quicker than to begin anew."""

    def further(self, pictures: Sequence[NDArray[np.uint8]], boxes: Sequence[FoundBoxes]) -> Self:
        """Learn from more pictures than before, among them those of before; a new detector."""
        ...


DetectorMaker = Callable[[int], Detector]
"""Makes a detector from the number of classes."""

"""What a task must bring to the loop: how its objects are seen, asked about and labeled.

Layer: autolabel (types only).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from gt_widgets.autolabel.state import LoopState, MachineLabel

__all__ = ["Model", "Round", "Sight"]


@dataclass(frozen=True, slots=True)
class Round:
    """What a round sees; ``labeled`` and ``pool`` are object numbers, ascending.

    ``in_sample`` are the places of the calibration sample within ``labeled``, in the order of
    the draw; ``scores`` and ``losses`` (0..1) belong to them and come from models that have not
    seen these answers; ``pool_scores`` belong to the pool. A score of ``-inf`` marks what a
    machine must not label. ``fit_loss`` is the held-out loss that models are chosen by, and
    ``choice`` the place of the chosen one, if there was a choice.
    """

    labeled: NDArray[np.intp]
    pool: NDArray[np.intp]
    in_sample: NDArray[np.intp]
    scores: NDArray[np.float64]
    losses: NDArray[np.float64]
    pool_scores: NDArray[np.float64]
    fit_loss: float
    choice: int | None

    @property
    def accuracy(self) -> float:
        """Held-out accuracy (mean IoU for boxes and masks) on the calibration sample."""
        return float(1.0 - self.losses.mean()) if self.losses.size else 0.0

    @property
    def own_accuracy(self) -> float:
        """The same, leaving out what is more likely people's error than the model's."""
        return self.accuracy


R = TypeVar("R", bound=Round)


class Model(Protocol):
    """A trained model that can be kept."""

    def save(self, path: str | Path) -> None:
        """Write one file that holds no code."""
        ...


class Sight(Protocol[R]):
    """One task's eyes: objects, people's structured answers and learners together.

    A sight is built anew in whatever process takes the step, from plain files: arrays, paths
    and people's answers. It keeps nothing between calls, and the same state and files give
    the same results, so that a step that was killed is simply repeated.
    """

    @property
    def adjudicates(self) -> bool:
        """Whether contradicted calibration answers go back to people: for classes only."""
        ...

    def look(self, state: LoopState) -> R | None:
        """Cross-fit on what people have labeled, and see the pool.

        Returns
        -------
        Round or None
            None when no object is left in the pool, or too few of the calibration sample have
            come in.

        Raises
        ------
        ValidationError
            If the objects or answers do not fit the state.
        """
        ...

    def ask(
        self, state: LoopState, seen: R, rows: NDArray[np.intp], *, size: int
    ) -> tuple[int, ...]:
        """Choose at most ``size`` objects that people label next, best first.

        Parameters
        ----------
        state : LoopState
        seen : Round
        rows : ndarray of int
            Places within ``seen.pool`` to choose from: those below the line.
        size : int >= 1
        """
        ...

    def annotate(
        self,
        state: LoopState,
        seen: R,
        rows: NDArray[np.intp],
        *,
        confidence: NDArray[np.float64],
    ) -> list[MachineLabel]:
        """Machine labels of pool ``rows``; ``confidence`` is calibrated, one per row."""
        ...

    def final(self, state: LoopState) -> Model:
        """Train on everything that people labeled: the model that outlives the job."""
        ...

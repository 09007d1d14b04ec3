"""Who simulated workers are: name, accuracy, speed and their own random numbers.

Layer: simulation (imports only ``errors``).
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

from gt_widgets.errors import ValidationError

__all__ = ["SimulatedWorker", "simulated_team", "time_spent_s"]

_TIME_SPREAD = 0.35


@dataclass(frozen=True, slots=True)
class SimulatedWorker:
    """A worker that can be replayed.

    Parameters
    ----------
    name : str
        Starts with ``"simulated"``.
    accuracy : float in [0, 1]
    box_jitter_px : float >= 0
        Standard deviation of each edge, in image pixels.
    seconds_per_task : float > 0
        Median.
    seed : int

    Raises
    ------
    ValidationError
        If a number lies outside its range or the name hides that nobody is there.
    """

    name: str
    accuracy: float = 0.9
    box_jitter_px: float = 3.0
    seconds_per_task: float = 12.0
    seed: int = 0

    def __post_init__(self) -> None:
        if not self.name.startswith("simulated"):
            raise ValidationError(
                f"the name of a simulated worker starts with 'simulated'; found {self.name!r}"
            )
        if not 0.0 <= self.accuracy <= 1.0:
            raise ValidationError(f"accuracy must lie in [0, 1]; found {self.accuracy}")
        if not 0.0 <= self.box_jitter_px < math.inf:
            raise ValidationError(f"box_jitter_px must be >= 0; found {self.box_jitter_px}")
        if not 0.0 < self.seconds_per_task < math.inf:
            raise ValidationError(f"seconds_per_task must be > 0; found {self.seconds_per_task}")

    def rng(self, object_id: str) -> random.Random:
        """Return the random numbers of this worker for one object.

        They depend on name, seed and object alone: the answer is the same whichever task
        comes first and however many processes run.
        """
        return random.Random(f"{self.seed}/{self.name}/{object_id}")


def simulated_team(
    workers: int,
    *,
    accuracy: float = 0.9,
    box_jitter_px: float = 3.0,
    seconds_per_task: float = 12.0,
    seed: int = 0,
) -> list[SimulatedWorker]:
    """Return ``simulated-1``, ``simulated-2`` ... with the same parameters.

    Raises
    ------
    ValidationError
        If ``workers`` < 1 or a parameter lies outside its range.
    """
    if workers < 1:
        raise ValidationError(f"a simulated team needs at least one worker; found {workers}")
    return [
        SimulatedWorker(f"simulated-{i + 1}", accuracy, box_jitter_px, seconds_per_task, seed)
        for i in range(workers)
    ]


def time_spent_s(worker: SimulatedWorker, rng: random.Random) -> float:
    """Draw the active time of one task, in seconds, rounded to milliseconds."""
    seconds = rng.lognormvariate(math.log(worker.seconds_per_task), _TIME_SPREAD)
    return round(max(seconds, 0.001), 3)

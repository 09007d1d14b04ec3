"""What the rest of a job would cost at other targets.

Layer: autolabel (pure functions; imports only ``errors``). Prices come in as arguments; the plan
before a job is in ``plans.py``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gt_widgets.autolabel.calibration import chance_of_right
from gt_widgets.autolabel.certificate import certify

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gt_widgets.autolabel.certificate import TargetKind
    from gt_widgets.autolabel.sights import Round
    from gt_widgets.autolabel.state import LoopState

__all__ = ["Rates", "SliderPoint", "cost_slider"]

_NEAR = 5
"""A picture's IoU might have been that of one so many ranks away."""


@dataclass(frozen=True, slots=True)
class Rates:
    """What one object costs: per object and per task in US dollars, seconds per task."""

    object_usd: float = 0.08
    task_usd: float = 0.0
    workers_per_object: int = 1
    seconds_per_task: float = 5.0

    def cost_usd(self, objects: int, by_people: float) -> float:
        """Bill of ``objects``, of which people label ``by_people``."""
        tasks = by_people * self.workers_per_object
        return round(objects * self.object_usd + tasks * self.task_usd, 2)

    def hours(self, by_people: float) -> float:
        """How long people sit."""
        return by_people * self.workers_per_object * self.seconds_per_task / 3600


@dataclass(frozen=True, slots=True)
class SliderPoint:
    """One place of the cost slider: the rest of the job, were this the target.

    ``low`` and ``high`` bound ``machine``: in 8 of 10 samples of the same objects that had other
    luck with their labels, so many could be labeled by machine.
    """

    target: float
    machine: int
    people: int
    cost_usd: float
    hours: float
    low: int
    high: int


def cost_slider(
    state: LoopState,
    seen: Round,
    rates: Rates,
    *,
    targets: Sequence[float] = (0.01, 0.02, 0.03, 0.05, 0.08, 0.1, 0.15, 0.2),
    plays: int = 16,
) -> tuple[SliderPoint, ...]:
    """For each target error: what the machine could take now, and what is left to people.

    A look at several targets is for choosing the next job's; this job's promise stays with the
    target it was created with.

    Parameters
    ----------
    state : LoopState
    seen : Round
    rates : Rates
    targets : sequence of float in (0, 1)
    plays : int >= 1
        Samples with other luck that the band is drawn from.
    """
    rng = np.random.default_rng([state.config.seed, 6])
    other = [_other_luck(seen, state.config.target_kind, rng) for _ in range(plays)]
    return tuple(_point(state, seen, rates, target, other) for target in targets)


def _point(
    state: LoopState, seen: Round, rates: Rates, target: float, other: list[NDArray[np.float64]]
) -> SliderPoint:
    """One place of the slider; ``other`` are the losses of samples with other luck."""
    machine = _accepted(state, seen, seen.losses, target)
    luck = [_accepted(state, seen, losses, target) for losses in other]
    low, high = np.quantile(luck, (0.1, 0.9), method="nearest")
    people = len(seen.pool) - machine
    return SliderPoint(
        target,
        machine,
        people,
        rates.cost_usd(len(seen.pool), people),
        rates.hours(people),
        low=min(int(low), machine),
        high=max(int(high), machine),
    )


def _accepted(state: LoopState, seen: Round, losses: NDArray[np.float64], target: float) -> int:
    found = certify(
        seen.scores,
        losses,
        seen.pool_scores,
        target=target,
        delta=state.config.delta,
        kind=state.config.target_kind,
        rest=state.n - len(seen.in_sample),
    )
    return found.accepted


def _other_luck(seen: Round, kind: TargetKind, rng: np.random.Generator) -> NDArray[np.float64]:
    """Losses that the sample might have had: drawn anew at the rate of its scores."""
    n = len(seen.losses)
    if kind != "iou":
        right = chance_of_right(seen.scores, seen.losses, seen.scores)
        return (rng.random(n) > right).astype(np.float64)
    order = np.argsort(seen.scores, kind="stable")
    near = np.clip(np.arange(n) + rng.integers(-_NEAR, _NEAR + 1, n), 0, max(n - 1, 0))
    drawn = np.empty(n)
    drawn[order] = seen.losses[order][near]
    return drawn

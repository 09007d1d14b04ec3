"""What a job will cost: before it from a pilot or assumptions, during it for other targets.

Layer: autolabel (pure functions; imports only ``errors``). Prices come in as arguments.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gt_widgets.autolabel.calibration import chance_of_right
from gt_widgets.autolabel.certificate import certify
from gt_widgets.errors import ValidationError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gt_widgets.autolabel.certificate import TargetKind
    from gt_widgets.autolabel.config import AutoLabelConfig
    from gt_widgets.autolabel.sights import Round
    from gt_widgets.autolabel.state import LoopState

__all__ = ["Plan", "Rates", "SliderPoint", "cost_slider", "plan"]

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
    points = []
    for target in targets:
        machine = _accepted(state, seen, seen.losses, target)
        luck = [_accepted(state, seen, losses, target) for losses in other]
        low, high = np.quantile(luck, (0.1, 0.9), method="nearest")
        people = len(seen.pool) - machine
        points.append(
            SliderPoint(
                target,
                machine,
                people,
                rates.cost_usd(len(seen.pool), people),
                rates.hours(people),
                low=min(int(low), machine),
                high=max(int(high), machine),
            )
        )
    return tuple(points)


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


@dataclass(frozen=True, slots=True)
class Plan:
    """A job before it begins; ``low`` and ``high`` bound the machine's share (10 % .. 90 %)."""

    objects: int
    calibration: int
    machine_share: float
    low: float
    high: float
    people: int
    cost_usd: float
    all_people_usd: float
    hours: float
    explanation: str


def plan(
    objects: int,
    config: AutoLabelConfig,
    rates: Rates,
    *,
    accuracy: float,
    separation: float = 2.5,
    worlds: int = 60,
    seed: int = 0,
) -> Plan:
    """Play the job through on made-up scores of a model of the stated accuracy.

    Parameters
    ----------
    objects : int >= 1
    config : AutoLabelConfig
    rates : Rates
    accuracy : float in (0.5, 1)
        Of the model once it has learned: an assumption, or the held-out accuracy of a pilot.
    separation : float > 0
        Spread of the model's log odds; larger means that it knows better when it is wrong.
    worlds : int >= 10
        Plays; the band is their 10 % and 90 % quantile.
    seed : int

    Returns
    -------
    Plan

    Raises
    ------
    ValidationError
        If ``accuracy`` is out of range or the job too small.
    """
    if not 0.5 < accuracy < 1:  # noqa: PLR2004
        raise ValidationError(f"accuracy must lie in (0.5, 1); found {accuracy}")
    config.check_size(objects)
    size = config.calibration_size(objects)
    rng = np.random.default_rng(seed)
    centre = _centre(accuracy, separation)
    shares = np.sort(
        [_one_world(objects, size, centre, separation, config, rng) for _ in range(worlds)]
    )
    middle, low, high = (float(np.quantile(shares, q)) for q in (0.5, 0.1, 0.9))
    people = objects - round(middle * objects)
    words = (
        f"People label {size} random objects first. With a model that is right {accuracy:.0%} of "
        f"the time, about {middle:.0%} of {objects} objects would then be labeled by machine "
        f"({low:.0%} to {high:.0%}), and people label {people} in {rates.hours(people):.1f} hours."
    )
    return Plan(
        objects=objects,
        calibration=size,
        machine_share=middle,
        low=low,
        high=high,
        people=people,
        cost_usd=rates.cost_usd(objects, people),
        all_people_usd=rates.cost_usd(objects, objects),
        hours=rates.hours(people),
        explanation=words,
    )


def _centre(accuracy: float, separation: float) -> float:
    """Mean of the log odds that makes their mean probability the accuracy (by bisection)."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(41)
    low, high = -20.0, 20.0
    for _ in range(60):
        middle = (low + high) / 2
        mean = float(weights @ (1 / (1 + np.exp(-(middle + separation * nodes)))))
        low, high = (middle, high) if mean / math.sqrt(2 * math.pi) < accuracy else (low, middle)
    return (low + high) / 2


def _one_world(
    objects: int,
    size: int,
    centre: float,
    separation: float,
    config: AutoLabelConfig,
    rng: np.random.Generator,
) -> float:
    odds = rng.normal(centre, separation, objects)
    wrong = (rng.random(objects) > 1 / (1 + np.exp(-odds))).astype(np.float64)
    kind: TargetKind = "dataset" if config.target_kind == "dataset" else "auto"
    found = certify(
        odds[:size],
        wrong[:size],
        odds[size:],
        target=config.target,
        delta=config.delta,
        kind=kind,
    )
    return found.accepted / objects

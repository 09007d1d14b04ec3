"""A job before it begins: what people would label, and what a machine, played through in advance.

Layer: autolabel (pure functions; imports only ``errors``). Prices come in as arguments.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gt_widgets.autolabel.certificate import certify
from gt_widgets.autolabel.pilot import Pilot, centre_of
from gt_widgets.errors import ValidationError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from gt_widgets.autolabel.certificate import Certificate, TargetKind
    from gt_widgets.autolabel.config import AutoLabelConfig
    from gt_widgets.autolabel.planner import Rates

__all__ = ["Plan", "plan"]

_FALLS = (0.05, 0.5)
"""How fast errors usually fall with labels: ``error ~ labels ** -fall``."""
_PILOT_FALLS = (0.05, 0.7)
"""Likewise from a pilot on, which is smaller than a sample and so on the steeper part."""
_OWN = 0.25
"""Weight of a pilot's own fall: two points say little."""
_SPREAD_IOU = 0.18
"""Spread of a picture's IoU about the mean, and of the score about it."""
_MOST_ACCURATE = 0.9995
_GROWN = 2.5
_ROUNDS = 12
"""A play has so many rounds at most: small steps of a weak model would not change the answer."""
_BAND = (0.05, 0.95)


@dataclass(frozen=True, slots=True)
class Plan:
    """A job before it begins.

    Attributes
    ----------
    objects : int
    calibration : int
        Random objects that people label first.
    machine_share, low, high : float in [0, 1]
        Share of all objects by machine: the middle of all plays, and what 9 of 10 lie between.
    people, people_low, people_high : int
        Objects that people label.
    cost_usd, cost_low, cost_high, all_people_usd : float
        The bill, and that of people alone.
    hours, hours_low, hours_high, all_people_hours : float
        How long people sit.
    nothing : float in [0, 1]
        Share of plays in which nothing could be promised.
    explanation : str
    """

    objects: int
    calibration: int
    machine_share: float
    low: float
    high: float
    people: int
    people_low: int
    people_high: int
    cost_usd: float
    cost_low: float
    cost_high: float
    all_people_usd: float
    hours: float
    hours_low: float
    hours_high: float
    all_people_hours: float
    nothing: float
    explanation: str


def plan(
    objects: int,
    config: AutoLabelConfig,
    rates: Rates,
    *,
    accuracy: float | tuple[float, float] | Pilot,
    separation: float = 2.5,
    worlds: int = 40,
    seed: int = 0,
    bill: Callable[[int, int], float] | None = None,
) -> Plan:
    """Play the job through on made-up scores of a model of the stated accuracy.

    Parameters
    ----------
    objects : int >= 1
    config : AutoLabelConfig
        Its ``target_kind`` says whether ``accuracy`` is a mean IoU.
    rates : Rates
    accuracy : float, (float, float) or Pilot
        Of a model that has learned from the random sample; a range where it is not known better;
        or what a pilot showed, with its uncertainty. Classes: in (0.5, 1).
    separation : float > 0
        Spread of the model's log odds; larger means that it knows better when it is wrong. A pilot
        brings its own.
    worlds : int >= 10
        Plays; the band holds 9 of 10 of them.
    seed : int
    bill : callable, optional
        ``bill(objects, by_people)`` in US dollars; that of ``rates`` unless given.

    Returns
    -------
    Plan

    Raises
    ------
    ValidationError
        If ``accuracy`` is out of range or the job too small.

    Notes
    -----
    A play draws an accuracy and a learning curve within what is known, deals the objects their log
    odds, and goes through the rounds of the loop: the same certificate, the same batches, the least
    sure to people. Further votes on contradicted labels are not in it: 1 to 3 % of the objects.
    """
    chances = _check(accuracy, separation, config)
    config.check_size(objects)
    rng = np.random.default_rng(seed)
    play = _play_iou if config.target_kind == "iou" else _play
    played = [play(objects, config, chances, rng) for _ in range(worlds)]
    return _summed_up(objects, played, rates, bill or rates.cost_usd)


def _summed_up(
    objects: int,
    played: list[tuple[int, int]],
    rates: Rates,
    bill: Callable[[int, int], float],
) -> Plan:
    """What the plays came to: the middle, and the band that most of them lie in."""
    shares = np.array([machine / objects for machine, _ in played])
    middle, low, high = (float(np.quantile(shares, q)) for q in (0.5, *_BAND))
    by_people = [objects - round(share * objects) for share in (middle, high, low)]
    costs = [bill(objects, each) for each in by_people]
    hours = [rates.hours(each) for each in by_people]
    calibration = int(np.median([size for _, size in played]))
    return Plan(
        objects=objects,
        calibration=calibration,
        machine_share=middle,
        low=low,
        high=high,
        people=by_people[0],
        people_low=by_people[1],
        people_high=by_people[2],
        cost_usd=costs[0],
        cost_low=costs[1],
        cost_high=costs[2],
        all_people_usd=bill(objects, objects),
        hours=hours[0],
        hours_low=hours[1],
        hours_high=hours[2],
        all_people_hours=rates.hours(objects),
        nothing=float((shares == 0).mean()),
        explanation=_in_words(objects, calibration, (middle, low, high), by_people, hours),
    )


def _in_words(
    objects: int,
    calibration: int,
    share: tuple[float, float, float],
    people: list[int],
    hours: list[float],
) -> str:
    middle, low, high = share
    return (
        f"People label {calibration:,} random objects first. About {middle:.0%} of {objects:,} "
        f"objects would then be labeled by machine ({low:.0%} to {high:.0%}), and people label "
        f"{people[0]:,} in {hours[0]:.1f} hours ({hours[1]:.1f} to {hours[2]:.1f})."
    )


@dataclass(frozen=True, slots=True)
class _Chances:
    """What is known of the model: draws its error and separation, and how fast errors fall."""

    draw: Callable[[np.random.Generator], tuple[float, float]]
    falls: tuple[float, float]
    learned_from: float | None


def _check(
    accuracy: float | tuple[float, float] | Pilot, separation: float, config: AutoLabelConfig
) -> _Chances:
    if isinstance(accuracy, Pilot):
        low, high = _PILOT_FALLS
        shift, draws = _OWN * (accuracy.fall - (low + high) / 2), accuracy.draws
        falls = (max(low + shift, 0.0), high + shift)
        return _Chances(
            lambda rng: draws[int(rng.integers(len(draws)))], falls, accuracy.learned_from
        )
    low, high = accuracy if isinstance(accuracy, tuple) else (accuracy, accuracy)
    least = 0.0 if config.target_kind == "iou" else 0.5
    if not least < low <= high < 1:
        raise ValidationError(f"accuracy must lie in ({least:g}, 1); found {accuracy}")
    return _Chances(lambda rng: (1.0 - rng.uniform(low, high), separation), _FALLS, None)


def _play(
    objects: int, config: AutoLabelConfig, chances: _Chances, rng: np.random.Generator
) -> tuple[int, int]:
    """Play the rounds of one job of classes; objects by machine, and the sample's size."""
    z, luck = rng.normal(size=objects), rng.random(objects)
    (error, spread), fall = chances.draw(rng), float(rng.uniform(*chances.falls))
    size = config.calibration_size(objects)
    first = chances.learned_from or 0.8 * size

    def look(labels: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        now = min(error * (0.8 * labels / first) ** -fall, 0.9)
        odds = centre_of(min(1.0 - now, _MOST_ACCURATE), spread) + spread * z
        return odds, (luck > 1 / (1 + np.exp(-odds))).astype(np.float64)

    odds, wrong = look(size)
    if config.calibration is None and wrong[:size].mean() > 2 * config.target:
        size = max(size, min(int(_GROWN * size), objects // 3))  # as the loop does, once
    asked = np.zeros(objects, dtype=bool)
    asked[:size] = True
    best, stale = np.zeros(objects, dtype=bool), 0
    while stale < config.patience and not asked.all():
        odds, wrong = look(int(asked.sum()))
        found = _certified(odds, wrong, asked, size, config)
        line = np.inf if found.threshold is None else found.threshold
        accepted = ~asked & (odds >= line)
        kept = best & ~asked
        better = accepted.sum() > kept.sum()
        best, stale = (accepted, 0) if better else (kept, stale + 1 if kept.any() else 0)
        below = np.flatnonzero(~asked & (odds < line))
        if not below.size:
            break
        batch = max(config.batch_size(objects), (objects - size) // _ROUNDS)
        asked[below[np.argsort(odds[below], kind="stable")[:batch]]] = True
    return int((best & ~asked).sum()), size


def _certified(
    odds: NDArray[np.float64],
    wrong: NDArray[np.float64],
    asked: NDArray[np.bool_],
    size: int,
    config: AutoLabelConfig,
) -> Certificate:
    kind: TargetKind = "dataset" if config.target_kind == "dataset" else "auto"
    return certify(
        odds[:size],
        wrong[:size],
        odds[~asked],
        target=config.target,
        delta=config.delta,
        kind=kind,
        rest=len(odds) - size,
    )


def _play_iou(
    objects: int, config: AutoLabelConfig, chances: _Chances, rng: np.random.Generator
) -> tuple[int, int]:
    """Play one round of boxes or masks: each trains for minutes, and one is what there is."""
    size = config.calibration_size(objects)
    mean = float(np.clip(chances.draw(rng)[0], 0.02, 0.98))
    weight = max(mean * (1 - mean) / _SPREAD_IOU**2 - 1, 0.5)
    losses = rng.beta(mean * weight, (1 - mean) * weight, objects)
    scores = np.clip(1.0 - losses + rng.normal(0, _SPREAD_IOU, objects), 0.0, 1.0)
    found = certify(
        scores[:size],
        losses[:size],
        scores[size:],
        target=config.target,
        delta=config.delta,
        kind="iou",
    )
    return found.accepted, size

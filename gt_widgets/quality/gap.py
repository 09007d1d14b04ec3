"""The gap between a model and people, split into avoidable bias and variance.

Layer: quality (pure functions; imports only ``errors``).

A model's error on objects that it has not seen is people's error (a stand-in for the Bayes error),
plus what it cannot even fit (avoidable bias), plus what it fits and does not carry over (variance).
The first calls for another model or other features, the second for more labels.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gt_widgets.errors import ValidationError

if TYPE_CHECKING:
    from gt_widgets.quality.intervals import Share

__all__ = ["ErrorGap", "error_gap"]


@dataclass(frozen=True, slots=True)
class ErrorGap:
    """Where a model's error comes from; differences are in shares, not in percent.

    Attributes
    ----------
    human, training, held_out : Share
        Error of people, of the model on what it learned from, and on what it has not seen.
    bias, variance : tuple of float
        ``(difference, low, high)``: training - human, and held_out - training. Below 0 means that
        there is none to be found.
    advice : str
        What would help most.
    """

    human: Share
    training: Share
    held_out: Share
    bias: tuple[float, float, float]
    variance: tuple[float, float, float]
    advice: str

    def __str__(self) -> str:
        """Sum it up in words."""
        return (
            f"The model errs on {self.held_out.value:.1%} of objects it has not seen, people on "
            f"{self.human.value:.1%}.\n  avoidable bias {_points(self.bias)}: error on what it "
            f"learned from, minus people's\n  variance       {_points(self.variance)}: error on "
            f"what it has not seen, minus that\n  {self.advice}"
        )


def error_gap(human: Share, training: Share, held_out: Share) -> ErrorGap:
    """Split the distance from people's error to the model's.

    Parameters
    ----------
    human : Share
        Of the best team: `gt_widgets.quality.HumanLevel.best`.
    training, held_out : Share
        Errors of the model, for example by `gt_widgets.quality.clopper_pearson`.

    Returns
    -------
    ErrorGap
        The intervals of the differences are Newcombe's (method 10) on the given intervals, and
        cover as often as those do. The model's two errors come from one job's objects; taking
        them as independent makes the interval of the variance too wide rather than too narrow.

    Raises
    ------
    ValidationError
        If one of the three counted nothing.

    References
    ----------
    Newcombe, Interval estimation for the difference between independent proportions, Statistics in
    Medicine 17 (1998) 873-890.
    """
    for name, share in (("human", human), ("training", training), ("held_out", held_out)):
        if share.count == 0:
            raise ValidationError(
                f"{name}: expected an error counted on at least one object; found none counted."
            )
    bias, variance = _difference(training, human), _difference(held_out, training)
    advice = _advice(human, held_out, bias, variance)
    return ErrorGap(human, training, held_out, bias, variance, advice)


def _difference(ours: Share, theirs: Share) -> tuple[float, float, float]:
    """``ours - theirs`` with its limits."""
    difference = ours.value - theirs.value
    below = math.hypot(ours.value - ours.low, theirs.high - theirs.value)
    above = math.hypot(ours.high - ours.value, theirs.value - theirs.low)
    return difference, max(difference - below, -1.0), min(difference + above, 1.0)


def _advice(
    human: Share,
    held_out: Share,
    bias: tuple[float, float, float],
    variance: tuple[float, float, float],
) -> str:
    if held_out.value <= human.value:
        return (
            "The model is no worse than people: what is left may be in the labels. Clearer "
            "instructions, or an expert for the doubtful objects, come first."
        )
    if bias[1] <= 0 and variance[1] <= 0:
        return "Neither part is clearly above 0: count the errors on more objects before deciding."
    if bias[0] >= variance[0]:
        return "Most of it is avoidable bias: a stronger model or better features come first."
    return "Most of it is variance: more labels, or a simpler model, come first."


def _points(difference: tuple[float, float, float]) -> str:
    value, low, high = (100 * part for part in difference)
    return f"{value:+.1f} points ({low:+.1f} to {high:+.1f})"

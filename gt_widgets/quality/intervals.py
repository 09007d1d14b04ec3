"""A share with its interval.

Layer: quality (pure functions; imports ``errors`` and the bound of ``autolabel``).
"""

from __future__ import annotations

from dataclasses import dataclass

from gt_widgets.autolabel.bounds import clopper_pearson_upper
from gt_widgets.errors import ValidationError

__all__ = ["CONFIDENCE", "Share", "clopper_pearson"]

CONFIDENCE = 0.95
"""Chance that an interval covers what it is about, unless asked otherwise."""


@dataclass(frozen=True, slots=True)
class Share:
    """A share and its interval, all in [0, 1]; NaN, 0 and 1 where there was nothing to count."""

    value: float
    low: float
    high: float
    count: int

    def __str__(self) -> str:
        """Write it in percent."""
        return f"{self.value:.1%} ({self.low:.1%} to {self.high:.1%}, {self.count} counted)"


def clopper_pearson(hits: float, trials: int, *, confidence: float = CONFIDENCE) -> Share:
    """Exact binomial interval of a share.

    Parameters
    ----------
    hits : float in [0, trials]
        Need not be whole: for a mean of values in [0, 1], such as the mean error over the
        answers to one object, the interval is too wide rather than too narrow.
    trials : int >= 0
    confidence : float in (0, 1)

    Returns
    -------
    Share
        Covers the true share with at least that chance. Without trials it is all of [0, 1].

    Raises
    ------
    ValidationError
        If a number lies outside its range.

    Examples
    --------
    >>> print(clopper_pearson(0, 60))
    0.0% (0.0% to 6.0%, 60 counted)

    References
    ----------
    Clopper and Pearson, The Use of Confidence or Fiducial Limits Illustrated in the Case of
    the Binomial, Biometrika 26 (1934) 404-413.
    """
    if not 0 < confidence < 1:
        raise ValidationError(f"confidence must lie between 0 and 1, as 0.95; found {confidence}")
    if not 0 <= hits <= trials:
        raise ValidationError(f"hits must lie in 0..{trials}, the trials; found {hits}")
    if trials == 0:
        return Share(float("nan"), 0.0, 1.0, 0)
    tail = (1.0 - confidence) / 2.0
    low = 1.0 - clopper_pearson_upper(trials - hits, trials, delta=tail)
    high = clopper_pearson_upper(hits, trials, delta=tail)
    return Share(hits / trials, low, high, trials)

"""Exact upper confidence bounds of an error, from a random sample.

Layer: autolabel (pure functions; imports only ``errors``).

Three bounds: the textbook one for a share (Clopper-Pearson), its version for a finite pool of
which part was sampled (hypergeometric: the promise is about these objects, not about a
population they might come from), and a betting bound for any loss in [0, 1].
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from gt_widgets.errors import ValidationError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["betting_upper", "clopper_pearson_upper", "finite_upper", "samples_needed"]

_GRID = 400
_MOST = 1_000_000
_REMEMBERED = 20_000
"""A cost slider asks for the same few bounds over and over."""
_HOLD_BACK = 0.75
"""Share of the largest safe stake a bet may use; the usual choice between 1/2 and 1."""


@lru_cache(_REMEMBERED)
def clopper_pearson_upper(errors: float, n: int, *, delta: float) -> float:
    """Upper confidence bound of an error probability.

    Parameters
    ----------
    errors : float in [0, n]
        Errors found among ``n`` independent draws. Where they are losses in [0, 1] and their
        sum is not whole, the bound is too wide rather than too narrow.
    n : int >= 0
    delta : float in (0, 1)
        Probability with which the bound may be too low.

    Returns
    -------
    float in (0, 1]
        The largest p under which ``errors`` or fewer still have probability >= delta; 1.0 when
        ``errors == n`` (and when n is 0).

    Raises
    ------
    ValidationError
        If a number is out of range.

    References
    ----------
    Clopper and Pearson, The use of confidence or fiducial limits, Biometrika 1934.
    """
    _check(errors, n, delta)
    if errors == n:
        return 1.0
    from scipy.special import betaincinv

    return float(betaincinv(errors + 1, n - errors, 1.0 - delta))


@lru_cache(_REMEMBERED)
def finite_upper(errors: int, n: int, rest: int, *, delta: float) -> float:
    """Upper confidence bound of the error share among the objects that were not sampled.

    Parameters
    ----------
    errors, n : int, 0 <= errors <= n
        Errors found among ``n`` objects drawn at random, without replacement, from ``n + rest``.
    rest : int >= 0
        Objects that were not drawn; the bound speaks about them.
    delta : float in (0, 1)

    Returns
    -------
    float in [0, 1]
        Errors among the rest, divided by ``rest``; 0.0 when nothing is left. It is wider than
        `clopper_pearson_upper` in small pools, where a low rate can still be bad luck in the
        objects at hand, and meets it as ``rest`` grows.

    Notes
    -----
    The number M of errors among all ``n + rest`` is at most the largest M for which drawing
    ``errors`` or fewer has probability > delta (hypergeometric); the probability falls with M,
    so bisection finds it.

    References
    ----------
    Wright, Exact Confidence Bounds when Sampling from Small Finite Universes, Springer 1991.
    """
    _check(errors, n, delta)
    if rest < 0:
        raise ValidationError(f"rest must be >= 0; found {rest}")
    if rest == 0:
        return 0.0
    low, high = errors, errors + rest
    while low < high:
        middle = (low + high + 1) // 2
        if _chance_of_few(errors, n, rest, middle) > delta:
            low = middle
        else:
            high = middle - 1
    return (low - errors) / rest


def _chance_of_few(errors: int, n: int, rest: int, wrong: int) -> float:
    """Hypergeometric probability of at most ``errors`` among ``n``, ``wrong`` among all."""
    from scipy.special import gammaln

    found = np.arange(max(0, wrong - rest), min(errors, n, wrong) + 1)

    def log_choose(of: int, some: np.ndarray | int) -> Any:
        return gammaln(of + 1) - gammaln(np.asarray(some) + 1) - gammaln(of - np.asarray(some) + 1)

    logs = log_choose(wrong, found) + log_choose(n + rest - wrong, n - found)
    return float(np.exp(logs - log_choose(n + rest, n)).sum())


def betting_upper(losses: ArrayLike, *, delta: float) -> float:
    """Upper confidence bound of the mean of independent losses in [0, 1].

    Parameters
    ----------
    losses : array-like of float in [0, 1], shape (n,)
        In an order that does not depend on their values (the random order of the draw).
    delta : float in (0, 1)

    Returns
    -------
    float in (0, 1]
        On a grid of 1/400, rounded up. 1.0 for no losses.

    Notes
    -----
    For each candidate mean m a gambler bets that losses lie below m, staking
    ``lambda_i <= 0.75 / (1 - m)`` by what was seen before loss i. Were the mean m or more, the
    capital ``prod(1 + lambda_i (m - x_i))`` would reach 1/delta with probability <= delta
    (Ville); every m at which it does is ruled out.

    References
    ----------
    Waudby-Smith and Ramdas, Estimating means of bounded random variables by betting,
    J. R. Stat. Soc. B 2024, section 4 (predictable plug-in stakes).
    """
    x = np.asarray(losses, dtype=np.float64)
    _check(0, x.size, delta)
    if x.size == 0:
        return 1.0
    if not (np.all(x >= 0) and np.all(x <= 1)):
        raise ValidationError(f"losses must lie in [0, 1]; found {x.min()}..{x.max()}")
    seen = np.arange(1, x.size + 1)
    mean = (0.5 + np.cumsum(x)) / (seen + 1)
    spread = (0.25 + np.cumsum((x - mean) ** 2)) / (seen + 1)
    before = np.concatenate([[0.25], spread[:-1]])
    stake = np.sqrt(2 * math.log(1 / delta) / (x.size * before))
    means = np.arange(1, _GRID) / _GRID
    capped = np.minimum(stake[:, None], _HOLD_BACK / (1.0 - means))
    capital = np.cumsum(np.log1p(capped * (means - x[:, None])), axis=0).max(axis=0)
    standing = np.flatnonzero(capital < math.log(1 / delta))
    return 1.0 if standing.size and standing[-1] == _GRID - 2 else _after(means, standing)


def _after(means: np.ndarray, standing: np.ndarray) -> float:
    """Return the grid point above the highest mean that still stands."""
    return float(means[0]) if standing.size == 0 else float(means[standing[-1] + 1])


def samples_needed(target: float, *, delta: float, error: float = 0.0) -> int | None:
    """Smallest sample that certifies ``target`` if errors come at rate ``error``.

    Parameters
    ----------
    target, delta : float in (0, 1)
    error : float in [0, 1)
        The expected rate; with 0 this is ``ln(delta) / ln(1 - target)``, rounded up.

    Returns
    -------
    int or None
        None when no sample up to 1,000,000 is enough, above all when ``error >= target``.
    """
    if error >= target:
        return None
    from scipy.special import betainc

    n = math.ceil(math.log(delta) / math.log1p(-target))
    while n <= _MOST:
        errors = math.ceil(error * n - 1e-9)
        if errors < n and betainc(errors + 1, n - errors, target) >= 1.0 - delta:
            return n
        n = math.ceil(n * 1.02) + 1 if error else n + 1
    return None


def _check(errors: float, n: int, delta: float) -> None:
    if not 0 <= errors <= n:
        raise ValidationError(f"errors must lie in 0..{n}; found {errors}")
    if not 0 < delta < 1:
        raise ValidationError(f"delta must lie in (0, 1); found {delta}")

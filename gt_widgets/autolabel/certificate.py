"""Where the line may lie: the largest share of a pool that can be promised, or why none can.

Layer: autolabel (pure functions; imports only ``errors``).

A machine label is accepted when its score is at or above a threshold. Candidate thresholds are
quantiles of the pool's scores, on a grid fixed before any calibration label is seen. They are
tested from a strict start outwards and the walk ends at the first one that fails, so walking
costs nothing in certainty. The start is chosen by the number of calibration objects alone.

For errors there are two walks: a strict one for weak models, with 40 % of ``delta``, over smaller
samples than the main start; and the main one, with the other 60 %, or with all of ``delta`` when
the strict walk has arrived there.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from gt_widgets.autolabel.bounds import (
    betting_upper,
    clopper_pearson_upper,
    finite_upper,
    samples_needed,
)
from gt_widgets.errors import ValidationError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["GRID", "Certificate", "TargetKind", "certify"]

TargetKind = Literal["auto", "dataset", "iou"]
"""What ``target`` bounds: errors among machine labels, among all labels (people's taken as
right), or the mean of ``1 - IoU``."""

GRID = tuple(round(0.02 * step, 2) for step in range(1, 51))
"""Shares of the pool that are candidates, ascending."""

_START = 2.2
"""The walk begins where the sample is this many times the smallest that could pass: large enough
to survive an error or two, which a smaller one would not, and small enough to be strict."""
_START_SHARE = 0.65
"""But with at most this share of a small calibration sample."""
_START_IOU = 0.4
"""For IoU losses, which are rarely 0: the share of the sample the walk begins with."""


_STRICT_DELTA = 0.4
"""Share of ``delta`` that the strict walk may spend."""
_STRICT = 1.2
"""It begins where the sample is this many times the smallest that could pass it."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """What is promised, or why nothing is.

    Attributes
    ----------
    threshold : float or None
        Accept scores at or above it. None: nothing may be labeled by machine.
    bound : float or None
        Upper confidence bound of the error at the threshold; of the best candidate when refused.
    target, delta : float
        The promise is ``error <= target`` with probability at least ``1 - delta``.
    kind : {"auto", "dataset", "iou"}
    n_calibration : int
        Calibration objects at or above the threshold: the sample behind the bound.
    loss : float
        Errors found among them (sum of losses for IoU).
    accepted : int
        Objects of the pool at or above the threshold.
    coverage : float in [0, 1]
        ``accepted`` as a share of the pool.
    reason : str
        Empty when granted; else ``sample_too_small``, ``model_too_weak`` or ``empty_pool``; the
        loop knows more (`gt_widgets.autolabel.refusals`): ``labels_too_noisy``, ``class_too_rare``.
    explanation : str
        The same in plain words.
    labels_needed : int or None
        When refused: further labels that would probably be enough. None if no number would be.
    """

    threshold: float | None
    bound: float | None
    target: float
    delta: float
    kind: TargetKind
    n_calibration: int
    loss: float
    accepted: int
    coverage: float
    reason: str = ""
    explanation: str = ""
    labels_needed: int | None = None

    @property
    def granted(self) -> bool:
        """Whether anything may be labeled by machine."""
        return self.threshold is not None

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values, as `Certificate(**dict)` reads them."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class _Walk:
    """Calibration and pool at every candidate; arrays of length n_candidates, strictest first."""

    thresholds: NDArray[np.float64]
    accepted: NDArray[np.intp]
    sampled: NDArray[np.intp]
    scores: NDArray[np.float64]
    losses: NDArray[np.float64]
    rest: int
    kind: TargetKind
    target: float

    def loss_at(self, place: int) -> NDArray[np.float64]:
        """Losses that count at a candidate, in the order of the draw."""
        inside = self.scores >= self.thresholds[place]
        return np.where(inside, self.losses, 0.0) if self.kind == "dataset" else self.losses[inside]

    def bound(self, place: int, delta: float) -> float:
        """Upper confidence bound at a candidate."""
        losses = self.loss_at(place)
        n = losses.size
        if self.kind == "iou":  # the gambler may have won by what came first, and lost it again
            return max(betting_upper(losses, delta=delta), float(losses.mean()) if n else 1.0)
        errors = int(losses.sum())
        rest = self.rest if self.kind == "dataset" else int(self.accepted[place])
        finite = finite_upper(errors, n, rest, delta=delta)
        if self.kind == "dataset":
            return max(finite * rest / (n + rest), 0.0) if n + rest else 0.0
        return max(finite, clopper_pearson_upper(errors, n, delta=delta))


def certify(
    scores: ArrayLike,
    losses: ArrayLike,
    pool_scores: ArrayLike,
    *,
    target: float,
    delta: float = 0.05,
    kind: TargetKind = "auto",
    rest: int | None = None,
) -> Certificate:
    """Choose the threshold that accepts most of a pool and keeps its promise.

    Parameters
    ----------
    scores : array-like of float, shape (n,)
        Out-of-fold scores of the random calibration sample, higher is surer, in the random
        order of the draw. ``-inf`` marks an object that must not be accepted (class guard).
    losses : array-like of float in [0, 1], shape (n,)
        1 where machine and reference label differ, else 0; ``1 - IoU`` for kind "iou".
    pool_scores : array-like of float, shape (m,)
        Scores of the unlabeled objects; ``-inf`` as above.
    target : float in (0, 1)
        Largest error promised.
    delta : float in (0, 1)
        Largest probability of a broken promise.
    kind : {"auto", "dataset", "iou"}
    rest : int, optional
        Objects outside the calibration sample, for kind "dataset"; those of the pool by default.

    Returns
    -------
    Certificate

    Raises
    ------
    ValidationError
        If shapes differ or a number is out of range.

    Notes
    -----
    Fixed-sequence testing: Angelopoulos et al., Learn then Test, Annals of Applied Statistics
    2025, section 3; with two starts: Wiens, A fixed sequence Bonferroni procedure for testing
    multiple endpoints, Pharmaceutical Statistics 2003.
    """
    walk = _walk(scores, losses, pool_scores, target, kind, rest)
    if walk.thresholds.size == 0:
        return _refusal(walk, delta, "empty_pool", "No object is left that may be labeled.", None)
    start = _start(walk, delta)
    passed = None if start is None else _widest(walk, start, delta)
    if passed is None:
        return _explain(walk, delta)
    place, spent = passed
    found = walk.loss_at(place)
    return Certificate(
        threshold=float(walk.thresholds[place]),
        bound=walk.bound(place, spent),
        target=target,
        delta=delta,
        kind=kind,
        n_calibration=int(found.size),
        loss=float(found.sum()),
        accepted=int(walk.accepted[place]),
        coverage=float(walk.accepted[place] / len(np.asarray(pool_scores))),
    )


def _walk(
    scores: ArrayLike,
    losses: ArrayLike,
    pool_scores: ArrayLike,
    target: float,
    kind: TargetKind,
    rest: int | None,
) -> _Walk:
    s, x, pool = (np.asarray(part, dtype=np.float64) for part in (scores, losses, pool_scores))
    if s.shape != x.shape or s.ndim != 1:
        raise ValidationError(
            f"scores and losses must be of one length; found {s.shape}, {x.shape}"
        )
    if not 0 < target < 1:
        raise ValidationError(f"target must lie in (0, 1); found {target}")
    if np.isnan(s).any() or np.isnan(pool).any():
        raise ValidationError("a score is not a number; mark unacceptable objects with -inf")
    able = np.sort(pool[pool > -np.inf])[::-1]
    places = np.unique([math.ceil(share * able.size) - 1 for share in GRID if able.size])
    thresholds = np.unique(able[places.astype(np.intp)])[::-1] if able.size else np.empty(0)
    return _Walk(
        thresholds=thresholds,
        accepted=able.size - np.searchsorted(able[::-1], thresholds, side="left"),
        sampled=s.size - np.searchsorted(np.sort(s), thresholds, side="left"),
        scores=s,
        losses=x,
        rest=pool.size if rest is None else rest,
        kind=kind,
        target=target,
    )


def _start(walk: _Walk, delta: float) -> int | None:
    """First candidate; by sample sizes alone, so that no loss is looked at."""
    size = walk.scores.size
    if walk.kind == "dataset":
        return 0
    least = math.log(delta) / math.log1p(-walk.target)
    wanted = _START_IOU * size if walk.kind == "iou" else min(_START * least, _START_SHARE * size)
    enough = np.flatnonzero(walk.sampled >= max(wanted, least))
    return int(enough[0]) if enough.size else None


def _strict_start(walk: _Walk, delta: float) -> tuple[int, float]:
    """First candidate of the strict walk, and what it may spend of ``delta``."""
    spent = _STRICT_DELTA * delta
    least = math.log(spent) / math.log1p(-walk.target)
    return int(np.searchsorted(walk.sampled, _STRICT * least, side="left")), spent


def _widest(walk: _Walk, start: int, delta: float) -> tuple[int, float] | None:
    """Widest candidate that passes, and the share of ``delta`` it was tested with."""
    if walk.kind != "auto":
        return _walk_out(walk, range(start, walk.thresholds.size), delta)
    strict, strict_delta = _strict_start(walk, delta)
    before = _walk_out(walk, range(strict, start), strict_delta)
    arrived = strict >= start or (before is not None and before[0] == start - 1)
    left = delta if arrived else delta - strict_delta
    return _walk_out(walk, range(start, walk.thresholds.size), left) or before


def _walk_out(walk: _Walk, places: range, delta: float) -> tuple[int, float] | None:
    """Last candidate before the first one that fails."""
    last = None
    for place in places:
        if walk.bound(place, delta) > walk.target:
            break
        last = place, delta
    return last


def _explain(walk: _Walk, delta: float) -> Certificate:
    """Say which of sample and model is to blame, and what would help."""
    start = _start(walk, delta)
    if start is None:  # not even a sample without errors would do
        least = math.log(delta) / math.log1p(-walk.target)
        useful = np.flatnonzero(walk.sampled >= min(least, walk.scores.size / 3))
        tried = [(int(place), delta) for place in useful]
    else:  # where a walk stood still; what lies beyond looks better than could be known there
        tried = [(start, delta)]
        strict = _strict_start(walk, delta)
        tried += [strict] if walk.kind == "auto" and strict[0] < start else []
    rates, needed = [], []
    for place, spent in tried:
        losses = walk.loss_at(place)
        rates.append(float(losses.mean()) if losses.size else 1.0)
        n = samples_needed(walk.target, delta=spent, error=rates[-1])
        share = losses.size / max(walk.scores.size, 1)
        if n is not None and share > 0:
            needed.append(math.ceil(n / share))
    more = max(min(needed) - walk.scores.size, math.ceil(walk.scores.size / 10)) if needed else None
    promise = f"{walk.target:.1%} error"
    if more is not None:
        words = (
            f"The calibration sample of {walk.scores.size} objects is too small to promise at "
            f"most {promise}; about {more} more random labels would probably be enough."
        )
        return _refusal(walk, delta, "sample_too_small", words, more)
    words = (
        f"The model is too weak to promise at most {promise}: among the objects it is surest of, "
        f"{min(rates, default=1.0):.1%} are wrong. Label more objects, or bring better features."
    )
    return _refusal(walk, delta, "model_too_weak", words, None)


def _refusal(
    walk: _Walk, delta: float, reason: str, explanation: str, more: int | None
) -> Certificate:
    bounds = [walk.bound(place, delta) for place in range(walk.thresholds.size)]
    return Certificate(
        threshold=None,
        bound=min(bounds) if bounds else None,
        target=walk.target,
        delta=delta,
        kind=walk.kind,
        n_calibration=int(walk.scores.size),
        loss=float(walk.losses.sum()),
        accepted=0,
        coverage=0.0,
        reason=reason,
        explanation=explanation,
        labels_needed=more,
    )

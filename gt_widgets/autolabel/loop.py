"""The loop of automated labeling as pure steps: state and features in, next state out.

Layer: autolabel (pure functions; imports only ``errors``). An engine keeps the state, asks
people what ``state.pending`` says, hands the answers to `record` and calls `advance`. The same
state and features always give the same next state, so a step that was killed is simply repeated.

::

    begin ─► calibration ─► advance ─► adjudication ─┐
                               ▲  │  ◄───────────────┘
                               │  ├─► query ─► (people) ─┐
                               └──┼──────────────────────┘
                                  └─► commit: machine labels, and the rest for people
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from gt_widgets.autolabel.calibration import chance_of_right
from gt_widgets.autolabel.certificate import Certificate, certify
from gt_widgets.autolabel.crossfit import CrossFit, cross_fit, margins_of
from gt_widgets.autolabel.learners.linear import linear_family
from gt_widgets.autolabel.policy import fit_like_aws, point_estimate
from gt_widgets.autolabel.queries import QUERIES, watch_balance
from gt_widgets.autolabel.state import Decision, LoopState, MachineLabel, RoundSummary, record
from gt_widgets.errors import StateError, ValidationError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from gt_widgets.autolabel.config import AutoLabelConfig
    from gt_widgets.autolabel.learners.protocol import Family

__all__ = ["Round", "advance", "begin", "look", "record"]

_LARGEST_STEP = 4
"""After refusals, batches grow to this many times their size."""

_CHOOSE_AGAIN = 1.25
"""The family is compared anew whenever the labels have grown by this factor."""


@dataclass(frozen=True, slots=True)
class Round:
    """What a round sees; rows of ``labeled`` and ``pool`` are object numbers, ascending.

    ``in_sample`` are the places of the calibration sample within ``labeled``, in the order of
    the draw; ``scores`` and ``losses`` belong to them; ``pool_scores`` to the pool. Scores of
    guarded classes are ``-inf``.
    """

    labeled: NDArray[np.intp]
    classes: NDArray[np.intp]
    pool: NDArray[np.intp]
    fit: CrossFit
    in_sample: NDArray[np.intp]
    scores: NDArray[np.float64]
    losses: NDArray[np.float64]
    pool_scores: NDArray[np.float64]

    @property
    def accuracy(self) -> float:
        """Held-out accuracy on the calibration sample."""
        return float(1.0 - self.losses.mean()) if self.losses.size else 0.0


def begin(
    n: int,
    n_classes: int,
    config: AutoLabelConfig,
    *,
    known: Mapping[int, int] | None = None,
) -> LoopState:
    """Start a loop: the first decision asks for the random calibration sample.

    Parameters
    ----------
    n : int
        Objects of the job.
    n_classes : int >= 2
    config : AutoLabelConfig
    known : mapping of object to class, optional
        Labels that exist already. They train the model; the sample is drawn from the others.

    Returns
    -------
    LoopState
        Its first 10 pending objects may serve as the service's probe batch: they are random.

    Raises
    ------
    ValidationError
        If the job is too small or a known label is out of range.
    """
    labels = dict(known or {})
    config.check_size(n - len(labels))
    if n_classes < 2:  # noqa: PLR2004
        raise ValidationError(f"at least 2 label categories expected; found {n_classes}")
    for index, class_id in labels.items():
        if not (0 <= index < n and 0 <= class_id < n_classes):
            raise ValidationError(
                f"known labels are objects 0..{n - 1} with classes 0..{n_classes - 1}; found "
                f"{class_id} for {index}"
            )
    free = np.array([index for index in range(n) if index not in labels], dtype=np.intp)
    rng = np.random.default_rng([config.seed, 0])
    drawn = rng.permutation(free)[: config.calibration_size(len(free))]
    sample = tuple(int(index) for index in drawn)
    return LoopState(
        n=n,
        n_classes=n_classes,
        config=config,
        calibration=sample,
        pending=Decision("calibration", sample),
        labels=labels,
        known=tuple(sorted(labels)),
    )


def advance(
    state: LoopState,
    features: NDArray[np.float32],
    *,
    groups: NDArray[np.intp] | None = None,
    family: Family | None = None,
    stop: bool = False,
) -> LoopState:
    """Take one step: train, certify, and decide what people do next.

    Parameters
    ----------
    state : LoopState
        With nothing waiting.
    features : ndarray of shape (n, d)
        Of all objects; the same in every call.
    groups : ndarray of shape (n,), optional
        Near-duplicates share a number; each object is its own group by default.
    family : Family, optional
        Learners to choose from; `linear_family` by default.
    stop : bool
        Commit now, whatever could still be gained.

    Returns
    -------
    LoopState
        With a new ``pending``.

    Raises
    ------
    StateError
        If people still owe answers, or the loop is done.
    ValidationError
        If ``features`` has not one row per object.
    """
    _check(state, features)
    family = linear_family() if family is None else family
    if state.config.aws_policy and state.pending.purpose == "calibration":
        return replace(state, pending=_first_batch(state))
    seen = look(state, features, groups=groups, family=family)
    if seen is None:
        return _commit(replace(state, proposal={}), ())
    doubtful = () if stop else _to_adjudicate(state, seen)
    if doubtful:
        return replace(state, pending=Decision("adjudication", doubtful, votes=2))
    certificate = _certify(state, seen)
    state = _after_round(state, seen, certificate)
    line = np.inf if certificate.threshold is None else certificate.threshold
    outside = seen.pool_scores < line
    if stop or not outside.any() or (state.proposal and state.stale >= state.config.patience):
        return _commit(state, tuple(int(index) for index in seen.pool))
    return replace(state, pending=_query(state, seen, features, outside))


def look(
    state: LoopState,
    features: NDArray[np.float32],
    *,
    groups: NDArray[np.intp] | None = None,
    family: Family | None = None,
) -> Round | None:
    """Cross-fit on what people have labeled so far; also the live meter while they label.

    Returns
    -------
    Round or None
        None when no object is left in the pool, or no calibration label has come in.
    """
    config, gone = state.config, set(state.failed)
    labeled = np.array(sorted(set(state.labels) - gone), dtype=np.intp)
    taken = set(state.labels) | gone | set(state.machine)
    pool = np.array([index for index in range(state.n) if index not in taken], dtype=np.intp)
    place = {int(index): row for row, index in enumerate(labeled)}
    in_sample = np.array([place[i] for i in state.calibration if i in place], dtype=np.intp)
    if pool.size == 0 or in_sample.size < config.folds:
        return None
    classes = np.array([state.labels[int(index)] for index in labeled], dtype=np.intp)
    family = linear_family() if family is None else family
    if config.aws_policy:
        fit = fit_like_aws(features, labeled, classes, pool, in_sample, state.n_classes, family)
    else:
        fit = cross_fit(
            features[labeled],
            classes,
            features[pool],
            groups=labeled if groups is None else groups[labeled],
            n_classes=state.n_classes,
            family=family,
            folds=config.folds,
            rng=np.random.default_rng([config.seed, 1]),
            choice=None if _choose_again(state, len(labeled)) else state.choice,
        )
    counts = np.bincount(classes, minlength=state.n_classes)
    rare = counts < config.guard(state.n)
    held_out = fit.held_out[in_sample]
    return Round(
        labeled=labeled,
        classes=classes,
        pool=pool,
        fit=fit,
        in_sample=in_sample,
        scores=_guarded(held_out, rare),
        losses=(held_out.argmax(axis=1) != classes[in_sample]).astype(np.float64),
        pool_scores=_guarded(fit.pool, rare),
    )


def _check(state: LoopState, features: NDArray[np.float32]) -> None:
    if state.done:
        raise StateError("the loop has committed; there is no further step")
    if state.waiting:
        raise StateError(
            f"people still owe {len(state.waiting)} answers of the pending "
            f"{state.pending.purpose}; record them, or report them as failed"
        )
    if features.ndim != 2 or len(features) != state.n:  # noqa: PLR2004
        raise ValidationError(f"expected {state.n} rows of features; found {features.shape}")


def _choose_again(state: LoopState, labeled: int) -> bool:
    return state.choice is None or labeled >= _CHOOSE_AGAIN * state.chosen_at


def _guarded(probabilities: NDArray[np.float64], rare: NDArray[np.bool_]) -> NDArray[np.float64]:
    return np.where(rare[probabilities.argmax(axis=1)], -np.inf, margins_of(probabilities))


def _first_batch(state: LoopState) -> Decision:
    """The service's first training batch: random, outside the validation set."""
    rng = np.random.default_rng([state.config.seed, 2])
    free = [i for i in range(state.n) if i not in state.labels and i not in state.failed]
    size = state.config.batch_size(state.n)
    return Decision("query", tuple(int(index) for index in rng.permutation(free)[:size]))


def _to_adjudicate(state: LoopState, seen: Round) -> tuple[int, ...]:
    """Calibration objects whose label a model that never saw it contradicts, where it matters.

    It matters inside the widest region that would be certified were the model always right
    about them; objects with two more votes already are settled.
    """
    if state.config.adjudicate == "never" or state.config.aws_policy:
        return ()
    objects = seen.labeled[seen.in_sample]
    settled = np.array([int(index) in state.adjudicated for index in objects], dtype=bool)
    open_ = (seen.losses > 0) & ~settled & (seen.scores > -np.inf)
    if not open_.any():
        return ()
    hopeful = _certify(state, replace(seen, losses=np.where(open_, 0.0, seen.losses)))
    if hopeful.threshold is None:
        return ()
    wanted = open_ & (seen.scores >= hopeful.threshold)
    return tuple(int(index) for index in objects[wanted])


def _certify(state: LoopState, seen: Round) -> Certificate:
    if state.config.aws_policy:
        return point_estimate(seen.scores, seen.losses, seen.pool_scores, state.config.target)
    return certify(
        seen.scores,
        seen.losses,
        seen.pool_scores,
        target=state.config.target,
        delta=state.config.delta,
        kind=state.config.target_kind,
        rest=state.n - len(seen.in_sample) - len(state.known) - len(state.failed),
    )


def _after_round(state: LoopState, seen: Round, certificate: Certificate) -> LoopState:
    """Remember the round; keep its labels as the proposal if it accepts most so far."""
    chosen_again = _choose_again(state, len(seen.labeled))
    accepted = _accepted(seen, certificate)
    kept = {index: label for index, label in state.proposal.items() if index not in state.labels}
    number = len(state.history) + 1
    better = len(accepted) > len(kept)
    changed = sum(state.labels[i] != before for i, before in state.adjudicated.items())
    summary = RoundSummary(
        round=number,
        people=len(seen.labeled),
        machine=len(accepted) + len(state.machine),
        accuracy=seen.accuracy,
        log_loss=seen.fit.log_loss,
        asked_again=len(state.adjudicated),
        changed=changed,
        certificate=certificate,
    )
    if state.config.aws_policy:
        state = replace(state, machine={**state.machine, **accepted})
    return replace(
        state,
        choice=seen.fit.choice,
        chosen_at=len(seen.labeled) if chosen_again else state.chosen_at,
        proposal=accepted if better else kept,
        proposal_round=number if better else state.proposal_round,
        stale=0 if better else state.stale + 1,
        history=(*state.history, summary),
    )


def _accepted(seen: Round, certificate: Certificate) -> dict[int, MachineLabel]:
    if certificate.threshold is None:
        return {}
    inside = np.flatnonzero(seen.pool_scores >= certificate.threshold)
    chance = chance_of_right(seen.scores, seen.losses, seen.pool_scores[inside])
    classes = seen.fit.pool[inside].argmax(axis=1)
    return {
        int(seen.pool[row]): MachineLabel(int(c), round(float(p), 4), float(seen.pool_scores[row]))
        for row, c, p in zip(inside, classes, chance, strict=True)
    }


def _commit(state: LoopState, pool: tuple[int, ...]) -> LoopState:
    machine = {**state.machine, **state.proposal}
    rest = tuple(index for index in pool if index not in machine)
    return replace(state, machine=machine, proposal={}, done=True, pending=Decision("commit", rest))


def _batch_size(state: LoopState) -> int:
    """Larger batches after several refusals in a row: small steps would not change the answer."""
    size = state.config.batch_size(state.n)
    refused = 0
    for past in reversed(state.history):
        if past.certificate.granted:
            break
        refused += 1
    return size * min(1 + refused // state.config.patience, _LARGEST_STEP)


def _query(
    state: LoopState, seen: Round, features: NDArray[np.float32], outside: NDArray[np.bool_]
) -> Decision:
    """Objects below the line only: they would go to people anyway, so asking costs nothing."""
    rows = np.flatnonzero(outside)
    probabilities = seen.fit.pool[rows]
    pool = seen.pool[rows]
    picked = QUERIES[state.config.query](
        probabilities,
        features[pool],
        features[seen.labeled],
        size=_batch_size(state),
        rng=np.random.default_rng([state.config.seed, 3, len(state.history)]),
    )
    counts = np.bincount(seen.classes, minlength=state.n_classes)
    if state.config.query != "random":
        guard = state.config.guard(state.n)
        picked = watch_balance(picked, probabilities, counts, guard=guard)
    return Decision("query", tuple(int(index) for index in pool[picked]))

"""The loop of automated labeling as pure steps: state and sight in, next state out.

Layer: autolabel (pure functions; imports only ``errors``). An engine keeps the state, asks
people what ``state.pending`` says, hands the answers to `record` and calls `advance`. The same
state and sight always give the same next state, so a step that was killed is simply repeated.

::

    begin ─► calibration ─► advance ─► adjudication ─┐
                               ▲  │  ◄───────────────┘
                               │  ├─► query ─► (people) ─┐
                               └──┼──────────────────────┘
                                  └─► commit: machine labels, and the rest for people

What differs between tasks lies behind `gt_widgets.autolabel.sights.Sight`: `ClassSight` for one
class per object, `BoxSight` for boxes, `MaskSight` for masks. A sight is built anew for every
step, in any process, from plain files: features or pictures, and people's answers. Classes stand in
``state.labels``; boxes and masks do not: there the state only notes that an object is labeled
(``record(state, dict.fromkeys(objects, 0))``), and the answers themselves are given to the sight.
Machine labels are in the state in either case: `MachineLabel.class_id`, ``boxes`` or ``mask``.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from gt_widgets.autolabel.calibration import chance_of_right
from gt_widgets.autolabel.certificate import Certificate, certify
from gt_widgets.autolabel.policy import point_estimate
from gt_widgets.autolabel.refusals import explain_refusal
from gt_widgets.autolabel.sights.classes import CHOOSE_AGAIN
from gt_widgets.autolabel.sights.protocol import Round, Sight
from gt_widgets.autolabel.state import Decision, LoopState, MachineLabel, RoundSummary, record
from gt_widgets.errors import StateError, ValidationError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gt_widgets.autolabel.config import AutoLabelConfig, Task

__all__ = ["advance", "begin", "foresee", "look", "record"]

R = TypeVar("R", bound=Round)

_LARGEST_STEP = 4
"""After refusals, batches grow to this many times their size."""

_GROWN = 2.5
"""For a weak model the calibration sample grows to this many times its size."""


def begin(
    n: int,
    n_classes: int,
    config: AutoLabelConfig,
    *,
    task: Task = "classes",
    known: Mapping[int, int] | None = None,
) -> LoopState:
    """Start a loop: the first decision asks for the random calibration sample.

    Parameters
    ----------
    n : int
        Objects of the job.
    n_classes : int
        Label categories: at least 2, or 1 for boxes and masks (background is none).
    config : AutoLabelConfig
        `AutoLabelConfig.for_task` has each task's own defaults.
    task : {"classes", "boxes", "masks"}
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
    least = 2 if task == "classes" else 1
    if n_classes < least:
        raise ValidationError(f"at least {least} label categories expected; found {n_classes}")
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
        task=task,
    )


def advance(
    state: LoopState, sight: Sight[R], *, stop: bool = False, watched: bool = False
) -> LoopState:
    """Take one step: train, certify, and decide what people do next.

    Parameters
    ----------
    state : LoopState
        With nothing waiting.
    sight : Sight
        Of all objects; the same in every call but for new answers of people.
    stop : bool
        Commit now, whatever could still be gained.
    watched : bool
        Somebody who had seen forecasts chose this moment: with ``stop`` the certificate may then
        spend half of ``delta`` only.

    Returns
    -------
    LoopState
        With a new ``pending``.

    Raises
    ------
    StateError
        If people still owe answers, or the loop is done.
    ValidationError
        If the sight does not fit the state.
    """
    _check(state)
    if state.config.aws_policy and state.pending.purpose == "calibration":
        return replace(state, pending=_first_batch(state))
    seen = sight.look(state)
    if seen is None:
        return _commit(replace(state, proposal={}), ())
    more = () if stop else _more_of_the_sample(state, seen)
    if more:
        return replace(
            state,
            calibration=(*state.calibration, *more),
            pending=Decision("calibration", more),
            choice=seen.choice,
            chosen_at=len(seen.labeled),
        )
    doubtful = () if stop or not sight.adjudicates else _to_adjudicate(state, seen)
    if doubtful:
        return replace(state, pending=Decision("adjudication", doubtful, votes=2))
    certificate = explain_refusal(state, seen, _certify(state, seen, watched=stop and watched))
    state = _after_round(state, seen, certificate, _accepted(state, sight, seen, certificate))
    line = np.inf if certificate.threshold is None else certificate.threshold
    outside = np.flatnonzero(seen.pool_scores < line)
    enough = state.stale >= state.config.patience
    enough = enough or len(state.history) >= (state.config.max_rounds or np.inf)
    exhausted = bool(state.proposal) and enough
    if stop or not outside.size or exhausted:
        return _commit(state, tuple(int(index) for index in seen.pool))
    # Only objects below the line: they would go to people anyway, so asking costs nothing.
    picked = sight.ask(state, seen, outside, size=_batch_size(state))
    return replace(state, pending=Decision("query", picked))


def look(state: LoopState, sight: Sight[R]) -> R | None:
    """Cross-fit on what people have labeled so far; also the live meter while they label.

    Returns
    -------
    Round or None
        None when no object is left in the pool, or too few calibration labels have come in.
    """
    return sight.look(state)


def foresee(state: LoopState, sight: Sight[R]) -> tuple[Certificate, R] | None:
    """What ``advance(state, sight, stop=True, watched=True)`` would promise, changing nothing.

    Returns
    -------
    Certificate and Round, or None
        None where nothing can be learned yet, or nothing is left to label.
    """
    seen = sight.look(state)
    if seen is None:
        return None
    return explain_refusal(state, seen, _certify(state, seen, watched=True)), seen


def _check(state: LoopState) -> None:
    if state.done:
        raise StateError("the loop has committed; there is no further step")
    if state.waiting:
        raise StateError(
            f"people still owe {len(state.waiting)} answers of the pending "
            f"{state.pending.purpose}; record them, or report them as failed"
        )


def _first_batch(state: LoopState) -> Decision:
    """The service's first training batch: random, outside the validation set."""
    rng = np.random.default_rng([state.config.seed, 2])
    free = [i for i in range(state.n) if i not in state.labels and i not in state.failed]
    size = state.config.batch_size(state.n)
    return Decision("query", tuple(int(index) for index in rng.permutation(free)[:size]))


def _more_of_the_sample(state: LoopState, seen: Round) -> tuple[int, ...]:
    """A larger random sample, once, for a model that errs twice as often as is promised.

    Such a model can be held to its word on a part of the pool only, of which the sample must
    have enough. It is decided by the accuracy alone, before any threshold is tried.
    """
    config = state.config
    first = state.pending.purpose == "calibration" and not state.history
    drawn = len(state.calibration)
    if not first or config.calibration is not None or config.target_kind != "auto":
        return ()
    free = state.n - len(state.known)
    wanted = min(int(_GROWN * config.calibration_size(free)), free // 3)
    if config.aws_policy or drawn >= wanted or 1.0 - seen.own_accuracy <= 2 * config.target:
        return ()
    rng = np.random.default_rng([config.seed, 4])
    return tuple(int(index) for index in rng.permutation(seen.pool)[: wanted - drawn])


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


def _certify(state: LoopState, seen: Round, *, watched: bool = False) -> Certificate:
    """Certify; a moment chosen by forecasts gave luck a second chance, which has half of delta."""
    if state.config.aws_policy:
        return point_estimate(seen.scores, seen.losses, seen.pool_scores, state.config.target)
    found = certify(
        seen.scores,
        seen.losses,
        seen.pool_scores,
        target=state.config.target,
        delta=state.config.delta / 2 if watched else state.config.delta,
        kind=state.config.target_kind,
        rest=state.n - len(seen.in_sample) - len(state.known) - len(state.failed),
    )
    return replace(found, delta=state.config.delta)


def _after_round(
    state: LoopState, seen: Round, certificate: Certificate, accepted: dict[int, MachineLabel]
) -> LoopState:
    """Remember the round; keep its labels as the proposal if it accepts most so far."""
    chosen_again = state.choice is None or len(seen.labeled) >= CHOOSE_AGAIN * state.chosen_at
    kept = {index: label for index, label in state.proposal.items() if index not in state.labels}
    number = len(state.history) + 1
    better = len(accepted) > len(kept)
    # one that was dropped is not grown again by being found again
    most = (
        len(kept)
        if state.proposal_round
        else max((past.machine for past in state.history), default=0)
    )
    changed = sum(state.labels[i] != before for i, before in state.adjudicated.items())
    summary = RoundSummary(
        round=number,
        people=len(seen.labeled),
        machine=len(accepted) + len(state.machine),
        accuracy=seen.accuracy,
        log_loss=seen.fit_loss,
        asked_again=len(state.adjudicated),
        changed=changed,
        certificate=certificate,
    )
    if state.config.aws_policy:
        state = replace(state, machine={**state.machine, **accepted})
    return replace(
        state,
        choice=seen.choice,
        chosen_at=len(seen.labeled) if chosen_again else state.chosen_at,
        proposal=accepted if better else kept,
        proposal_round=number if better else state.proposal_round,
        stale=0 if len(accepted) > most else state.stale + 1,
        history=(*state.history, summary),
    )


def _accepted(
    state: LoopState, sight: Sight[R], seen: R, certificate: Certificate
) -> dict[int, MachineLabel]:
    if certificate.threshold is None:
        return {}
    inside = np.flatnonzero(seen.pool_scores >= certificate.threshold)
    chance = chance_of_right(seen.scores, seen.losses, seen.pool_scores[inside])
    labels = sight.annotate(state, seen, inside, confidence=chance)
    return {int(index): label for index, label in zip(seen.pool[inside], labels, strict=True)}


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

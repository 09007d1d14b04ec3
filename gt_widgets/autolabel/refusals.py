"""Why nothing may be labeled by machine, and what would probably help.

Layer: autolabel (pure functions; imports only ``errors``). A refusal is an answer: it names one of
four reasons, in a sentence, with a forecast of the labels that are missing.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from gt_widgets.autolabel.forecast import power_law
from gt_widgets.autolabel.learners.cleaned import beyond_belief
from gt_widgets.autolabel.sights.classes import ClassRound

if TYPE_CHECKING:
    from gt_widgets.autolabel.certificate import Certificate
    from gt_widgets.autolabel.sights.protocol import Round
    from gt_widgets.autolabel.state import LoopState

__all__ = ["explain_refusal"]

_SUREST = 1 / 3
_MOST_OF = 0.6
_LEAST_WRONG = 3
_RATIO = 10.0


def explain_refusal(state: LoopState, seen: Round, certificate: Certificate) -> Certificate:
    """Give a refused certificate its reason, sentence and forecast.

    Parameters
    ----------
    state : LoopState
        With the rounds before this one.
    seen : Round
    certificate : Certificate
        Refused; a granted one is returned as it is.

    Returns
    -------
    Certificate
        ``reason`` is ``sample_too_small``, ``model_too_weak``, ``labels_too_noisy``,
        ``class_too_rare`` or, when there is nothing to label, ``empty_pool``.
    """
    if certificate.granted:
        return certificate
    if isinstance(seen, ClassRound):
        if seen.pool_scores.size and not (seen.pool_scores > -np.inf).any():
            return _too_rare(state, seen, certificate)
        noise = _noise(seen)
        if noise > certificate.target:
            return _too_noisy(state, noise, certificate)
    if certificate.reason == "model_too_weak":
        return _too_weak(state, seen, certificate)
    left = state.n - len(seen.labeled)
    if (certificate.labels_needed or 0) > left:
        return _too_few_objects(certificate, left)
    return certificate


def _too_few_objects(certificate: Certificate, left: int) -> Certificate:
    words = (
        f"This job is too small to promise at most {certificate.target:.1%} error with a model "
        f"like this: it would take about {certificate.labels_needed} more random labels, and "
        f"{left} objects are left. A better model, or a lower target, needs fewer."
    )
    return replace(certificate, explanation=words, labels_needed=None)


def _too_rare(state: LoopState, seen: ClassRound, certificate: Certificate) -> Certificate:
    """Every class that the model would give has too few labels by people."""
    counts = np.bincount(seen.classes, minlength=state.n_classes)
    guard = state.config.guard(state.n)
    share = (counts + 1) / (counts.sum() + state.n_classes)
    needed = np.where(counts < guard, np.ceil((guard - counts) / share), np.inf)
    first = int(np.argmin(needed))
    more = int(needed[first])
    words = (
        f"The classes are too rare: a machine gives a class only after {guard} labels of it by "
        f"people. Class {first} has {counts[first]}; about {more} more labels would probably do."
    )
    return replace(
        certificate, reason="class_too_rare", explanation=words, labels_needed=min(more, state.n)
    )


def _noise(seen: ClassRound) -> float:
    """Share of labels beyond belief where the model is surest; 0.0 where errors look like its own.

    A weak model errs where it is unsure. Where it errs as often among what it is surest of, and
    thinks those labels next to impossible, the labels are to blame.
    """
    able = np.flatnonzero(seen.scores > -np.inf)
    if able.size == 0:
        return 0.0
    order = able[np.argsort(-seen.scores[able], kind="stable")]
    surest = order[: max(int(_SUREST * able.size), 1)]
    rows = seen.in_sample[surest]
    wrong = seen.losses[surest] > 0
    odd = beyond_belief(seen.fit.held_out[rows], seen.classes[rows], ratio=_RATIO) & wrong
    if odd.sum() < _LEAST_WRONG or odd.sum() < _MOST_OF * wrong.sum():
        return 0.0
    return float(odd.mean())


def _too_noisy(state: LoopState, noise: float, certificate: Certificate) -> Certificate:
    asked = len(state.adjudicated)
    advice = (
        "Let at least three people take part, so that doubtful labels get second votes, have more "
        "of them label each object, or give them clearer instructions"
        if asked
        else "Let disagreements be adjudicated, or have more people label each object"
    )
    words = (
        f"People's labels are too noisy to promise at most {certificate.target:.1%} error: about "
        f"{noise:.1%} of them contradict a model that is sure of its answer. {advice}; more "
        "labels of this kind would not help."
    )
    return replace(certificate, reason="labels_too_noisy", explanation=words, labels_needed=None)


def _too_weak(state: LoopState, seen: Round, certificate: Certificate) -> Certificate:
    """Forecast from the rounds so far when the surest third would err at half the target."""
    people = [*(past.people for past in state.history), len(seen.labeled)]
    errors = [*(1 - past.accuracy for past in state.history), 1 - seen.accuracy]
    order = np.argsort(-seen.scores, kind="stable")
    surest = seen.losses[order[: max(math.ceil(_SUREST * order.size), 1)]]
    ratio = (float(surest.sum()) + 0.5) / (surest.size + 1) / max(errors[-1], 1e-3)
    curve = power_law(people, errors)
    needed = curve.labels_for(certificate.target / 2 / max(ratio, 1e-3))
    sure = f"{float(surest.mean()):.1%}" if surest.size else "all"
    words = (
        f"The model is too weak to promise at most {certificate.target:.1%} error: among the third "
        f"it is surest of, {sure} are wrong. "
    )
    more = None if needed is None else max(needed - people[-1], state.config.batch_size(state.n))
    if more is None or more > state.n - people[-1]:
        words += (
            "By its learning curve, labeling all of the rest would not be enough; bring better "
            "features, or a lower target."
        )
        more = None
    else:
        words += f"By its learning curve, about {more} more labels would probably be enough."
    return replace(certificate, explanation=words, labels_needed=more)

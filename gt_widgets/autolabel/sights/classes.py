"""One class per object: pictures or texts as rows of features, learners from a family.

Layer: autolabel (pure; imports only ``errors``).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from gt_widgets.autolabel.crossfit import CrossFit, cross_fit, margins_of
from gt_widgets.autolabel.learners.cleaned import beyond_belief
from gt_widgets.autolabel.learners.linear import linear_family
from gt_widgets.autolabel.policy import fit_like_aws
from gt_widgets.autolabel.queries import QUERIES, watch_balance
from gt_widgets.autolabel.sights.protocol import Round
from gt_widgets.autolabel.sights.rows import check_size, rows_of
from gt_widgets.autolabel.state import MachineLabel
from gt_widgets.errors import StateError, ValidationError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from gt_widgets.autolabel.learners.protocol import Family, Learner
    from gt_widgets.autolabel.state import LoopState

__all__ = ["CHOOSE_AGAIN", "ClassRound", "ClassSight", "View"]

CHOOSE_AGAIN = 1.25
"""The family is compared anew whenever the labels have grown by this factor."""


@dataclass(frozen=True, slots=True)
class View:
    """What some learners see of the objects.

    Attributes
    ----------
    rows : ndarray of shape (n, d)
    family : Family
        May be empty: nobody sees it.
    least : int
        With fewer labels these learners are not tried, if there are others.
    """

    rows: NDArray[Any]
    family: Family
    least: int = 0


@dataclass(frozen=True, slots=True)
class ClassRound(Round):
    """Also the classes of the labeled, and the probabilities; guarded classes score ``-inf``."""

    classes: NDArray[np.intp]
    fit: CrossFit

    @property
    def own_accuracy(self) -> float:
        """Accuracy on the sample where people's label is not beyond belief."""
        odd = beyond_belief(self.fit.held_out, self.classes)[self.in_sample]
        return float(1.0 - self.losses[~odd].mean()) if not odd.all() else 0.0


class ClassSight:
    """Classes seen through features.

    Parameters
    ----------
    features : ndarray of shape (n, d)
        Of all objects; the same in every step.
    groups : ndarray of shape (n,), optional
        Near-duplicates share a number; each object is its own group by default.
    family : Family, optional
        Learners to choose from; `linear_family` by default.
    beside : View, optional
        Other rows of the same objects with learners of their own, which label where they predict
        held-out labels better; queries still look at ``features``.
    """

    adjudicates = True

    def __init__(
        self,
        features: NDArray[np.float32],
        *,
        groups: NDArray[np.intp] | None = None,
        family: Family | None = None,
        beside: View | None = None,
    ) -> None:
        if features.ndim != 2:  # noqa: PLR2004
            raise ValidationError(f"expected rows of features; found {features.shape}")
        self.features, self.groups = features, groups
        self.family: Family = linear_family() if family is None else family
        self.beside = beside

    def look(self, state: LoopState) -> ClassRound | None:
        """See `gt_widgets.autolabel.sights.protocol.Sight`."""
        check_size(state, len(self.features), what="rows of features")
        rows = rows_of(state)
        if rows is None:
            return None
        labeled, pool, in_sample = rows
        classes = np.array([state.labels[int(index)] for index in labeled], dtype=np.intp)
        fit = self._fit(state, labeled, classes, pool, in_sample)
        rare = np.bincount(classes, minlength=state.n_classes) < state.config.guard(state.n)
        held_out = fit.held_out[in_sample]
        return ClassRound(
            labeled=labeled,
            pool=pool,
            in_sample=in_sample,
            scores=_guarded(held_out, rare),
            losses=(held_out.argmax(axis=1) != classes[in_sample]).astype(np.float64),
            pool_scores=_guarded(fit.pool, rare),
            fit_loss=fit.log_loss,
            choice=fit.choice,
            classes=classes,
            fit=fit,
        )

    def _fit(
        self,
        state: LoopState,
        labeled: NDArray[np.intp],
        classes: NDArray[np.intp],
        pool: NDArray[np.intp],
        in_sample: NDArray[np.intp],
    ) -> CrossFit:
        config = state.config
        if config.aws_policy:
            x, family = self.features, self.family
            return fit_like_aws(x, labeled, classes, pool, in_sample, state.n_classes, family)
        again = state.choice is None or len(labeled) >= CHOOSE_AGAIN * state.chosen_at
        kept = None if again else state.choice
        fits = []
        for first, view in self._tried(len(labeled), kept):
            fit = cross_fit(
                view.rows[labeled],
                classes,
                view.rows[pool],
                groups=labeled if self.groups is None else self.groups[labeled],
                n_classes=state.n_classes,
                family=view.family,
                folds=config.folds,
                rng=np.random.default_rng([config.seed, 1]),
                choice=None if kept is None else kept - first,
            )
            fits.append(replace(fit, choice=first + fit.choice))
        return min(fits, key=lambda fit: fit.log_loss)

    def _views(self) -> list[tuple[int, View]]:
        """Each with the place of its first learner among all."""
        own = View(self.features, self.family)
        both = [(0, own)] + ([(len(self.family), self.beside)] if self.beside else [])
        return [(first, view) for first, view in both if view.family]

    def _tried(self, labels: int, kept: int | None) -> list[tuple[int, View]]:
        views = self._views()
        if kept is not None:
            return [(at, view) for at, view in views if at <= kept < at + len(view.family)]
        return [(at, view) for at, view in views if labels >= view.least] or views

    def chosen(self, choice: int | None) -> tuple[View, Callable[[int], Learner]]:
        """What the chosen learner sees, and what makes it."""
        views = self._views()
        place = views[0][0] if choice is None else choice
        [(first, view)] = self._tried(0, place)
        return view, view.family[place - first]

    def ask(
        self, state: LoopState, seen: ClassRound, rows: NDArray[np.intp], *, size: int
    ) -> tuple[int, ...]:
        """Choose by the query rule of the settings; a few places go to rare classes."""
        probabilities = seen.fit.pool[rows]
        pool = seen.pool[rows]
        picked = QUERIES[state.config.query](
            probabilities,
            self.features[pool],
            self.features[seen.labeled],
            size=size,
            rng=np.random.default_rng([state.config.seed, 3, len(state.history)]),
        )
        if state.config.query != "random":
            counts = np.bincount(seen.classes, minlength=state.n_classes)
            guard = state.config.guard(state.n)
            picked = watch_balance(picked, probabilities, counts, guard=guard)
        return tuple(int(index) for index in pool[picked])

    def annotate(
        self,
        state: LoopState,  # noqa: ARG002 - the protocol's
        seen: ClassRound,
        rows: NDArray[np.intp],
        *,
        confidence: NDArray[np.float64],
    ) -> list[MachineLabel]:
        """Likeliest classes of pool ``rows``."""
        classes = seen.fit.pool[rows].argmax(axis=1)
        return [
            MachineLabel(int(class_id), round(float(chance), 4), float(score))
            for class_id, chance, score in zip(
                classes, confidence, seen.pool_scores[rows], strict=True
            )
        ]

    def final(self, state: LoopState) -> Learner:
        """Train the chosen learner on all of people's labels.

        Raises
        ------
        StateError
            If nobody has labeled anything.
        """
        labeled = sorted(set(state.labels) - set(state.failed))
        if not labeled:
            raise StateError("a model is trained on people's labels; there are none yet")
        classes = np.array([state.labels[index] for index in labeled], dtype=np.intp)
        view, make = self.chosen(state.choice)
        return make(state.n_classes).fit(view.rows[np.array(labeled, dtype=np.intp)], classes)


def _guarded(probabilities: NDArray[np.float64], rare: NDArray[np.bool_]) -> NDArray[np.float64]:
    return np.where(rare[probabilities.argmax(axis=1)], -np.inf, margins_of(probabilities))

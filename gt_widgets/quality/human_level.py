"""Human-level performance: the error of one worker, and of a team, on settled labels.

Layer: quality (pure functions; imports ``consolidation``, ``errors``).

The error of the best team stands in for the Bayes error, which nobody can measure: it is an upper
bound of it. That a team errs less than one worker rests on mistakes being independent; where the
same objects mislead everybody, the team's error shows it, and this module says so.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gt_widgets.consolidation import METHODS
from gt_widgets.consolidation.classes import class_method
from gt_widgets.errors import ValidationError
from gt_widgets.quality.coded import coded
from gt_widgets.quality.gap import ErrorGap, error_gap
from gt_widgets.quality.intervals import CONFIDENCE, Share, clopper_pearson

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from gt_widgets.quality.coded import Coded

__all__ = ["ENOUGH_GOLD", "HumanLevel", "human_level"]

ENOUGH_GOLD = 60
"""Gold objects below which the intervals are too wide to decide much."""
_DRAWS = 40
_WORLDS = 400
"""Simulated jobs with independent mistakes, to compare the team's error with."""
_TIE = 1e-9
_UNLIKELY = 0.05


@dataclass(frozen=True, slots=True)
class HumanLevel:
    """What people get wrong on gold objects.

    Parameters
    ----------
    individuals : pandas.DataFrame
        Index ``group``; ``workers, answers, error, low, high``.
    teams : pandas.DataFrame
        Index ``team_size``; ``objects, error, low, high`` and ``independent``: the error that a
        majority of that many would have if mistakes were independent.
    team_size : int
        Of the best team: that with the least error, the smaller one of two alike.
    best : Share
        Its error: human-level performance, an upper bound of the Bayes error.
    p_value : float
        How often independent mistakes would give the largest team an error as large as it has.
    warnings : tuple of str
        What the reader must know; empty if nothing.
    """

    individuals: pd.DataFrame
    teams: pd.DataFrame
    team_size: int
    best: Share
    p_value: float
    warnings: tuple[str, ...]

    def gap_of(self, training: Share, held_out: Share) -> ErrorGap:
        """Split a model's distance from this; see `gt_widgets.quality.error_gap`."""
        return error_gap(self.best, training, held_out)

    def __str__(self) -> str:
        """Sum it up in words."""
        share = self.best
        first = (
            f"Human-level performance: error {share.value:.1%} ({share.low:.1%} to "
            f"{share.high:.1%}), a team of {self.team_size} on {share.count} gold objects. "
            "A stand-in for the Bayes error, which is no larger."
        )
        return "\n".join([first, *(f"Warning: {words}" for words in self.warnings)])


def human_level(
    workers: pd.DataFrame,
    gold: Mapping[str, str],
    *,
    rng: np.random.Generator,
    groups: Mapping[str, str] | None = None,
    method: str = "majority",
    confidence: float = CONFIDENCE,
) -> HumanLevel:
    """Measure the error of individuals and of teams.

    Parameters
    ----------
    workers : pandas.DataFrame
        Of `query.worker_frame`, with classes.
    gold : mapping of object_id to class
        Labels settled by an expert, of objects drawn at random: not of hard ones.
    rng : numpy.random.Generator
        Draws the teams out of those who answered.
    groups : mapping of worker_id to str, optional
        Seniority, for example; individuals are pooled by group, ``"everyone"`` without.
    method : str
        How a team comes to one label, one of `consolidation.METHODS`. It sees all objects.
    confidence : float in (0, 1)
        Of the intervals. They are Clopper-Pearson over objects, too wide rather than too
        narrow for errors averaged over several answers or draws.

    Returns
    -------
    HumanLevel

    Raises
    ------
    ValidationError
        If nobody answered a gold object, or the method is not known.
    """
    class_method(method)
    given = coded(workers, also=tuple(gold.values()))
    place = {label: index for index, label in enumerate(given.categories)}
    truth = np.array([place[gold[o]] if o in gold else -1 for o in given.object_ids], dtype=int)
    if not (truth >= 0).any():
        raise ValidationError(
            f"none of the {len(gold)} gold objects has an answer with a class. The keys of gold "
            f"must be object ids, for example {list(given.object_ids[:3])}."
        )
    if len(given.categories) == 1:
        raise ValidationError(
            f"only one class, {given.categories[0]!r}, occurs in answers and gold; there is "
            "nothing to get wrong."
        )
    teams = _teams(given, truth, method, rng, confidence)
    observed, expected, p_value = _surprise(given, truth, rng)
    least = int(np.flatnonzero(teams["error"] <= teams["error"].min() + _TIE)[0])
    objects, error, low, high, _ = teams.to_numpy(float)[least]
    return HumanLevel(
        individuals=_individuals(given, truth, groups, confidence),
        teams=teams,
        team_size=int(teams.index[least]),
        best=Share(error, low, high, int(objects)),
        p_value=p_value,
        warnings=_warnings(observed, expected, p_value, int((truth >= 0).sum())),
    )


def _individuals(
    given: Coded,
    truth: NDArray[np.int_],
    groups: Mapping[str, str] | None,
    confidence: float,
) -> pd.DataFrame:
    """Pool the errors by group; an object counts once, with the mean over its answers."""
    known = truth[given.objects] >= 0
    names = [
        "everyone" if groups is None else groups.get(given.worker_ids[w], "no group")
        for w in given.workers
    ]
    frame = pd.DataFrame(
        {
            "group": names,
            "object": given.objects,
            "worker": given.workers,
            "wrong": (given.labels != truth[given.objects]).astype(float),
        }
    )[known]
    rows = {}
    for group, of in frame.groupby("group"):
        by_object = of.groupby("object")["wrong"].mean()
        share = clopper_pearson(float(by_object.sum()), len(by_object), confidence=confidence)
        rows[group] = (of["worker"].nunique(), len(of), share.value, share.low, share.high)
    columns = ["workers", "answers", "error", "low", "high"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("group")


def _teams(
    given: Coded,
    truth: NDArray[np.int_],
    method: str,
    rng: np.random.Generator,
    confidence: float,
) -> pd.DataFrame:
    """Error of a team of k out of those who answered, for every k that some gold object has."""
    answers = np.bincount(given.objects)
    largest = int(answers[truth >= 0].max())
    pooled = _pooled_confusion(given, truth)
    rows = {}
    for size in range(1, largest + 1):
        judged = np.flatnonzero((truth >= 0) & (answers >= size))
        draws = 1 if (answers[judged] == size).all() else _DRAWS
        errors = np.zeros(len(judged))
        for _ in range(draws):
            errors += _wrong(_team_labels(given, size, method, rng)[judged], truth[judged])
        errors /= draws
        share = clopper_pearson(float(errors.sum()), len(judged), confidence=confidence)
        sizes = np.full(len(judged), size)
        independent = float(_independent(pooled, truth[judged], sizes, rng).mean())
        rows[size] = (len(judged), share.value, share.low, share.high, independent)
    columns = ["objects", "error", "low", "high", "independent"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("team_size")


def _team_labels(
    given: Coded, size: int, method: str, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Posteriors of all objects, each from at most ``size`` of its answers, drawn at random."""
    order = rng.permutation(len(given.objects))
    order = order[np.argsort(given.objects[order], kind="stable")]
    sorted_objects = given.objects[order]
    first = np.searchsorted(sorted_objects, sorted_objects)
    kept = order[np.arange(len(order)) - first < size]
    return (
        METHODS[method]
        .estimate(
            given.objects[kept],
            given.workers[kept],
            given.labels[kept],
            n_classes=len(given.categories),
        )
        .posteriors
    )


def _wrong(posteriors: NDArray[np.float64], truth: NDArray[np.int_]) -> NDArray[np.float64]:
    """Chance that the best class is not the true one; a tie is settled by a fair draw."""
    best = posteriors >= posteriors.max(axis=-1, keepdims=True) - _TIE
    right = np.take_along_axis(best, truth[..., None], axis=-1)[..., 0]
    wrong: NDArray[np.float64] = 1.0 - right / best.sum(axis=-1)
    return wrong


def _pooled_confusion(given: Coded, truth: NDArray[np.int_]) -> NDArray[np.float64]:
    """What workers say of each true class, all together; rows sum to 1."""
    known = truth[given.objects] >= 0
    counts = np.zeros((len(given.categories), len(given.categories)))
    np.add.at(counts, (truth[given.objects[known]], given.labels[known]), 1.0)
    unseen = counts.sum(axis=1) == 0
    counts[unseen, unseen] = 1.0
    rows: NDArray[np.float64] = counts / counts.sum(axis=1, keepdims=True)
    return rows


def _independent(
    confusion: NDArray[np.float64],
    truth: NDArray[np.int_],
    sizes: NDArray[np.int_],
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """Error of a majority in simulated jobs where every answer errs on its own; (_WORLDS,)."""
    steps = confusion.cumsum(axis=1)[truth]
    classes = len(confusion)
    worlds = np.empty(_WORLDS)
    for world in range(_WORLDS):
        votes = np.zeros((len(truth), classes))
        for turn in range(int(sizes.max())):
            asked = np.flatnonzero(sizes > turn)
            label = (rng.random((len(asked), 1)) > steps[asked]).sum(axis=1).clip(max=classes - 1)
            votes[asked, label] += 1.0
        worlds[world] = _wrong(votes, truth).mean()
    return worlds


def _surprise(
    given: Coded, truth: NDArray[np.int_], rng: np.random.Generator
) -> tuple[float, float, float]:
    """Error of the majority of all answers, that under independence, and its p-value."""
    counts = np.zeros((len(given.object_ids), len(given.categories)))
    np.add.at(counts, (given.objects, given.labels), 1.0)
    sizes = counts.sum(axis=1).astype(int)
    judged = np.flatnonzero((truth >= 0) & (sizes > 2))  # noqa: PLR2004 - two cannot outvote
    if not len(judged):
        return math.nan, math.nan, math.nan
    observed = float(_wrong(counts[judged], truth[judged]).mean())
    pooled = _pooled_confusion(given, truth)
    worlds = _independent(pooled, truth[judged], sizes[judged], rng)
    p_value = float((1 + (worlds >= observed - _TIE).sum()) / (1 + _WORLDS))
    return observed, float(worlds.mean()), p_value


def _warnings(observed: float, expected: float, p_value: float, n_gold: int) -> tuple[str, ...]:
    found = []
    if p_value < _UNLIKELY:
        found.append(
            f"the mistakes are not independent: together the workers get {observed:.1%} of the "
            f"gold objects wrong, where independent mistakes would give about {expected:.1%}. "
            "The same objects mislead several workers, so agreement overstates how often they "
            "are right; better instructions or an expert help more than another vote."
        )
    if n_gold < ENOUGH_GOLD:
        found.append(
            f"only {n_gold} gold objects were answered; from {ENOUGH_GOLD} on, better 150 to 300, "
            "the intervals are narrow enough to decide by."
        )
    return tuple(found)

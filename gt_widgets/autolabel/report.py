"""What the charts show, as plain numbers: nothing here draws.

Layer: autolabel (pure functions; imports only ``errors``). Everything is computed from one
`gt_widgets.autolabel.sights.ClassRound` and the loop's state.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gt_widgets.autolabel.bounds import clopper_pearson_upper
from gt_widgets.autolabel.certificate import GRID
from gt_widgets.autolabel.crossfit import margins_of
from gt_widgets.autolabel.suspects import suspected_label_errors

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from gt_widgets.autolabel.sights import ClassRound
    from gt_widgets.autolabel.state import LoopState, MachineLabel

__all__ = [
    "Audit",
    "ClassRow",
    "CurvePoint",
    "Report",
    "audit",
    "audit_of",
    "confusion",
    "reliability",
    "report",
    "risk_coverage",
]


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """Error against coverage at one threshold; ``low`` and ``high`` are 90 % limits together."""

    coverage: float
    threshold: float
    error: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class ClassRow:
    """One class: people's labels, machine labels, held-out errors of predictions of it."""

    class_id: int
    people: int
    machine: int
    predicted: int
    wrong: int
    error_upper: float
    guarded: bool


@dataclass(frozen=True, slots=True)
class Audit:
    """Machine labels that people looked at: ``low`` and ``high`` are exact 95 % limits."""

    n: int
    wrong: int
    accuracy: float
    low: float
    high: float

    def __str__(self) -> str:
        """Sum it up in words."""
        return (
            f"{self.n - self.wrong} of {self.n} machine labels looked at are right: "
            f"{self.accuracy:.1%} (with 95 % confidence {self.low:.1%} to {self.high:.1%})"
        )


@dataclass(frozen=True, slots=True)
class Report:
    """Everything the charts of one round need.

    ``reliability`` rows are (mean confidence, share right, count); ``confusion[t, p]`` counts
    calibration objects of class t predicted as p; ``hardest``, ``above`` and ``below`` are object
    numbers (least sure of all; last accepted; first refused); ``suspects`` those whose label by
    people is probably wrong.
    """

    curve: tuple[CurvePoint, ...]
    reliability: tuple[tuple[float, float, int], ...]
    confusion: NDArray[np.intp]
    classes: tuple[ClassRow, ...]
    hardest: tuple[int, ...]
    above: tuple[int, ...]
    below: tuple[int, ...]
    suspects: tuple[int, ...]


def report(state: LoopState, seen: ClassRound, *, shown: int = 10) -> Report:
    """Gather the charts' numbers.

    Parameters
    ----------
    state : LoopState
    seen : ClassRound
        As `gt_widgets.autolabel.loop.look` gives it.
    shown : int >= 1
        Objects in each gallery.
    """
    certificate = state.last.certificate if state.last else None
    line = certificate.threshold if certificate else None
    order = np.argsort(seen.pool_scores, kind="stable")
    cut = len(order) if line is None else int((seen.pool_scores < line).sum())
    held_out = seen.fit.held_out
    truth = seen.classes[seen.in_sample]
    suspects = suspected_label_errors(held_out, seen.classes)
    settled = set(state.adjudicated)
    return Report(
        curve=risk_coverage(seen.scores, seen.losses, seen.pool_scores),
        reliability=reliability(held_out[seen.in_sample], truth),
        confusion=confusion(truth, held_out[seen.in_sample].argmax(axis=1), state.n_classes),
        classes=_class_rows(state, seen),
        hardest=_objects(seen.pool[np.argsort(margins_of(seen.fit.pool), kind="stable")[:shown]]),
        above=_objects(seen.pool[order[cut : cut + shown]]),
        below=_objects(seen.pool[order[max(cut - shown, 0) : cut][::-1]]),
        suspects=tuple(o for o in _objects(seen.labeled[suspects]) if o not in settled),
    )


def _objects(numbers: NDArray[np.intp]) -> tuple[int, ...]:
    return tuple(int(number) for number in numbers)


def risk_coverage(
    scores: NDArray[np.float64], losses: NDArray[np.float64], pool_scores: NDArray[np.float64]
) -> tuple[CurvePoint, ...]:
    """Error among the surest objects, as more and more of the pool is taken.

    Each point's limits are exact on their own (Clopper-Pearson, 5 % on either side); they are
    no promise for the curve as a whole, which is what the certificate is for.
    """
    able = np.sort(pool_scores[pool_scores > -np.inf])[::-1]
    points = []
    for share in GRID:
        if able.size == 0:
            break
        threshold = float(able[max(int(np.ceil(share * able.size)) - 1, 0)])
        inside = losses[scores >= threshold]
        n, wrong = inside.size, int(np.round(inside.sum()))
        points.append(
            CurvePoint(
                coverage=float((pool_scores >= threshold).mean()),
                threshold=threshold,
                error=wrong / n if n else 0.0,
                low=1.0 - clopper_pearson_upper(n - wrong, n, delta=0.05) if n else 0.0,
                high=clopper_pearson_upper(wrong, n, delta=0.05),
                n=n,
            )
        )
    return tuple(points)


def reliability(
    probabilities: NDArray[np.float64], truth: NDArray[np.intp], *, bins: int = 10
) -> tuple[tuple[float, float, int], ...]:
    """Stated confidence against the share that was right, in ``bins`` of equal width."""
    if len(truth) == 0:
        return ()
    stated = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == truth
    place = np.minimum((stated * bins).astype(np.intp), bins - 1)
    rows = []
    for number in np.unique(place):
        inside = place == number
        rows.append((float(stated[inside].mean()), float(right[inside].mean()), int(inside.sum())))
    return tuple(rows)


def confusion(
    truth: NDArray[np.intp], predicted: NDArray[np.intp], n_classes: int
) -> NDArray[np.intp]:
    """Counts of shape (n_classes, n_classes): row true, column predicted."""
    cells = np.bincount(truth * n_classes + predicted, minlength=n_classes**2)
    return np.asarray(cells.reshape(n_classes, n_classes), dtype=np.intp)


def _class_rows(state: LoopState, seen: ClassRound) -> tuple[ClassRow, ...]:
    people = np.bincount(seen.classes, minlength=state.n_classes)
    machine: Mapping[int, MachineLabel] = state.machine or state.proposal
    given = [label.class_id for label in machine.values() if label.class_id is not None]
    by_machine = np.bincount(np.array(given, dtype=np.intp), minlength=state.n_classes)
    guess = seen.fit.held_out[seen.in_sample].argmax(axis=1)
    guard = state.config.guard(state.n)
    rows = []
    for class_id in range(state.n_classes):
        own = seen.losses[guess == class_id]
        wrong = int(own.sum())
        upper = clopper_pearson_upper(wrong, own.size, delta=0.05)
        rows.append(
            ClassRow(
                class_id,
                int(people[class_id]),
                int(by_machine[class_id]),
                int(own.size),
                wrong,
                upper,
                bool(people[class_id] < guard),
            )
        )
    return tuple(rows)


def audit(machine: Sequence[int], people: Sequence[int]) -> Audit:
    """Accuracy of a random sample of machine labels, as people found it.

    Parameters
    ----------
    machine, people : sequence of int
        Classes of the same objects, which must have been drawn at random.
    """
    return audit_of(len(machine), sum(a != b for a, b in zip(machine, people, strict=True)))


def audit_of(n: int, wrong: int) -> Audit:
    """Accuracy of a random sample of ``n`` machine labels; people found ``wrong`` of them wrong."""
    return Audit(
        n=n,
        wrong=wrong,
        accuracy=1 - wrong / n if n else 0.0,
        low=1 - clopper_pearson_upper(wrong, n, delta=0.025),
        high=clopper_pearson_upper(n - wrong, n, delta=0.025),
    )

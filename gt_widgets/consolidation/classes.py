"""One door to all methods for classes: worker responses in, labels and confidences out.

Layer: consolidation (pure functions; imports only ``errors``). To add a method: one file with a
function like the others, one line in `METHODS`.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Protocol

import numpy as np

from gt_widgets.consolidation.dawid_skene import dawid_skene
from gt_widgets.consolidation.hierarchical import hierarchical
from gt_widgets.consolidation.majority import majority
from gt_widgets.consolidation.multiclass import ground_truth
from gt_widgets.consolidation.one_coin import one_coin
from gt_widgets.consolidation.types import Consolidated
from gt_widgets.errors import NoResponsesError, ValidationError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    from gt_widgets.consolidation.answers import Estimate
    from gt_widgets.consolidation.types import WorkerResponse

__all__ = [
    "DEFAULT_METHOD",
    "METHODS",
    "ClassMethod",
    "Estimator",
    "class_method",
    "confidence_of",
    "consolidate_classes",
    "numbered_answers",
]

DEFAULT_METHOD = "ground-truth"
_TIE = 1e-9
"""Posteriors nearer than this are a tie: the rest is the order of float additions."""


class Estimator(Protocol):
    """What every file of a method offers."""

    def __call__(
        self, objects: ArrayLike, workers: ArrayLike, labels: ArrayLike, *, n_classes: int
    ) -> Estimate:
        """Estimate objects and workers of one batch; the parameters of `answer_table`."""
        ...


def _service_confidence(probability: float) -> float:
    """Map a posterior as the service does: the map that fits real output manifests."""
    return 0.05 + 0.9 * probability


def _plain(probability: float) -> float:
    return probability


@dataclass(frozen=True, slots=True)
class ClassMethod:
    """A method, and how its posterior is reported as ``confidence``."""

    estimate: Estimator
    confidence: Callable[[float], float] = _plain


METHODS: dict[str, ClassMethod] = {
    "ground-truth": ClassMethod(ground_truth, _service_confidence),
    "hierarchical": ClassMethod(hierarchical),
    "majority": ClassMethod(majority),
    "one-coin": ClassMethod(one_coin),
    "dawid-skene": ClassMethod(dawid_skene),
}


def class_method(name: str) -> ClassMethod:
    """Return the method of that name.

    Raises
    ------
    ValidationError
        If there is none; with those there are.
    """
    if name not in METHODS:
        near = get_close_matches(name, METHODS, n=1, cutoff=0.5)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise ValidationError(
            f"consolidation method {name!r} is not known; expected one of {list(METHODS)}.{hint}"
        )
    return METHODS[name]


def consolidate_classes(
    answers: Mapping[str, Sequence[WorkerResponse]],
    *,
    categories: Sequence[str],
    workers_per_object: int,
    method: str = DEFAULT_METHOD,
) -> dict[str, Consolidated]:
    """Consolidate one batch of a single-label classification job.

    Parameters
    ----------
    answers : mapping of object_id to sequence of WorkerResponse, length >= 1
        Oldest first. A worker who answers an object twice counts once, with the newer answer.
    categories : sequence of str, length >= 2
        Label categories in ``class_id`` order.
    workers_per_object : int >= 1
        Of the job. With 1 there is nothing to compare: the answer stands, confidence 0.
    method : str
        One of `METHODS`. ``"ground-truth"`` is what the service does; ``"hierarchical"`` is
        more often right.

    Returns
    -------
    dict of object_id to Consolidated
        In the order of ``answers``. ``confidence`` is 0 in a one-worker job. Otherwise it is the
        posterior (of a majority vote the share of votes), rounded to 2 decimals; for
        ``"ground-truth"`` it is ``0.05 + 0.9 * posterior``, in [0.05 + 0.9 / n_classes, 0.95].
        Ties go to the lower class_id. The result does not depend on the order of workers or
        objects.

    Raises
    ------
    NoResponsesError
        If an object has no response.
    ValidationError
        If a response names a label outside ``categories``, or the method is not known.

    Examples
    --------
    >>> from gt_widgets.consolidation import WorkerResponse
    >>> team = [WorkerResponse("ana", "DHL"), WorkerResponse("ben", "DHL")]
    >>> consolidate_classes({"0": team}, categories=["DHL", "RedBull"], workers_per_object=2)
    {'0': Consolidated(label='DHL', confidence=0.93)}
    """
    chosen = class_method(method)
    class_id = {label: index for index, label in enumerate(categories)}
    latest = {
        object_id: _latest(object_id, responses, class_id)
        for object_id, responses in answers.items()
    }
    if workers_per_object == 1:
        return {
            object_id: Consolidated(categories[next(reversed(given.values()))], 0.0)
            for object_id, given in latest.items()
        }
    if not latest:
        return {}
    names, objects, workers, labels = numbered_answers(latest)
    found = chosen.estimate(objects, workers, labels, n_classes=len(categories)).posteriors
    place = {name: index for index, name in enumerate(names)}
    merged = {}
    for object_id in answers:
        winner, confidence = confidence_of(found[place[object_id]], chosen.confidence)
        merged[object_id] = Consolidated(categories[winner], confidence)
    return merged


def _latest(
    object_id: str, responses: Sequence[WorkerResponse], class_id: Mapping[str, int]
) -> dict[str, int]:
    if not responses:
        raise NoResponsesError(
            f"object {object_id} has no worker response; leave it out of the batch and mark "
            "it as failed"
        )
    for response in responses:
        if response.label not in class_id:
            raise ValidationError(
                f"object {object_id}, worker {response.worker_id}: expected one of the "
                f"label categories {list(class_id)}; found {response.label!r}"
            )
    return {r.worker_id: class_id[r.label] for r in responses}


def numbered_answers(
    answers: Mapping[str, Mapping[str, int]],
) -> tuple[list[str], NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """Number the objects and workers of a batch, each in the order of their names.

    Parameters
    ----------
    answers : mapping of object_id to (mapping of worker_id to class_id), none empty

    Returns
    -------
    object_ids : list of str
    objects, workers, labels : ndarray of int, shape (n_answers,)
        Object number ``i`` is ``object_ids[i]``.
    """
    names = sorted(answers)
    rows = [
        (index, worker_id, label)
        for index, name in enumerate(names)
        for worker_id, label in answers[name].items()
    ]
    team = {name: index for index, name in enumerate(sorted({row[1] for row in rows}))}
    objects = np.array([row[0] for row in rows], dtype=np.intp)
    workers = np.array([team[row[1]] for row in rows], dtype=np.intp)
    labels = np.array([row[2] for row in rows], dtype=np.intp)
    return names, objects, workers, labels


def confidence_of(
    posterior: NDArray[np.float64], report: Callable[[float], float] = _service_confidence
) -> tuple[int, float]:
    """Read the winning class and the reported confidence off one posterior of shape (K,).

    Returns
    -------
    (int, float)
        The lowest class index within 1e-9 of the maximum, and the reported confidence rounded
        to 2 decimals.
    """
    best = float(posterior.max())
    winner = int(np.flatnonzero(posterior >= best - _TIE)[0])
    return winner, rounded(report(best))


def rounded(confidence: float) -> float:
    """Round to 2 decimals; 9 first, so that float noise does not decide a half."""
    return round(round(confidence, 9), 2)

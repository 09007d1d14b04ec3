"""Multi-label consolidation: the single-label method once per class, on chosen or not chosen.

Layer: consolidation (pure functions; imports only ``errors``).

As the service does, the result lists every class that anybody chose, each with a confidence; who
uses it draws the line. A worker who did not choose a class has answered "no" to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gt_widgets.consolidation.classes import (
    DEFAULT_METHOD,
    class_method,
    numbered_answers,
    rounded,
)
from gt_widgets.consolidation.types import ConsolidatedLabels
from gt_widgets.errors import NoResponsesError, ValidationError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gt_widgets.consolidation.classes import ClassMethod
    from gt_widgets.consolidation.types import LabelSetResponse

__all__ = ["consolidate_label_sets"]


def consolidate_label_sets(
    answers: Mapping[str, Sequence[LabelSetResponse]],
    *,
    categories: Sequence[str],
    workers_per_object: int,
    method: str = DEFAULT_METHOD,
) -> dict[str, ConsolidatedLabels]:
    """Consolidate one batch of a multi-label classification job.

    Parameters
    ----------
    answers : mapping of object_id to sequence of LabelSetResponse, length >= 1
        Oldest first. A worker who answers an object twice counts once, with the newer answer.
    categories : sequence of str, length >= 1
        Label categories in ``class_id`` order.
    workers_per_object : int >= 1
        Of the job. With 1 there is nothing to compare: every confidence is 0.
    method : str
        One of `METHODS`, run once per class.

    Returns
    -------
    dict of object_id to ConsolidatedLabels
        In the order of ``answers``: every class that at least one worker chose, in
        ``class_id`` order, with the probability that it is there. For ``"ground-truth"`` it is
        mapped as for single labels, to ``0.05 + 0.9 * posterior``. A confidence below one half
        says that the workers who chose the class are probably wrong.

    Raises
    ------
    NoResponsesError
        If an object has no response.
    ValidationError
        If a response names a label outside ``categories``, or the method is not known.
    """
    chosen = class_method(method)
    known = set(categories)
    latest = {
        object_id: _latest(object_id, responses, known) for object_id, responses in answers.items()
    }
    wanted = {object_id: set().union(*given.values()) for object_id, given in latest.items()}
    confidence: dict[tuple[str, str], float] = {}
    if workers_per_object > 1:
        for label in sorted(set().union(*wanted.values())):
            confidence |= _one_class(label, latest, chosen)
    merged = {}
    for object_id in answers:
        labels = tuple(label for label in categories if label in wanted[object_id])
        values = tuple(confidence.get((object_id, label), 0.0) for label in labels)
        merged[object_id] = ConsolidatedLabels(labels, values)
    return merged


def _latest(
    object_id: str, responses: Sequence[LabelSetResponse], known: set[str]
) -> dict[str, frozenset[str]]:
    if not responses:
        raise NoResponsesError(
            f"object {object_id} has no worker response; leave it out of the batch and mark "
            "it as failed"
        )
    for response in responses:
        unknown = sorted(set(response.labels) - known)
        if unknown:
            raise ValidationError(
                f"object {object_id}, worker {response.worker_id}: expected some of the label "
                f"categories {sorted(known)}; found {unknown}"
            )
    return {r.worker_id: frozenset(r.labels) for r in responses}


def _one_class(
    label: str, latest: Mapping[str, Mapping[str, frozenset[str]]], chosen: ClassMethod
) -> dict[tuple[str, str], float]:
    """Confidence that the class is there, for every object of the batch."""
    votes = {
        object_id: {worker_id: int(label in labels) for worker_id, labels in given.items()}
        for object_id, given in latest.items()
    }
    names, objects, workers, present = numbered_answers(votes)
    found = chosen.estimate(objects, workers, present, n_classes=2).posteriors[:, 1]
    return {
        (name, label): rounded(chosen.confidence(float(p)))
        for name, p in zip(names, found, strict=True)
    }

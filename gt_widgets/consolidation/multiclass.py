"""Multi-class consolidation: the service's own variant of Dawid and Skene's method.

Layer: consolidation (pure functions; imports only ``errors``).

Each worker has a confusion matrix, each data object a probability per class; two rounds of
Expectation Maximization over one batch estimate both. Two rounds and not convergence, because
that is what reproduces the labels and confidences of real jobs (reference 7.2).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gt_widgets.consolidation.types import Consolidated
from gt_widgets.errors import NoResponsesError, ValidationError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    from gt_widgets.consolidation.types import WorkerResponse

__all__ = ["ROUNDS", "class_posteriors", "confidence_of", "consolidate_classes"]

ROUNDS = 2
"""Rounds of Expectation Maximization the service runs."""

_FIRST_ACCURACY = 0.7
_PRIOR_WEIGHT = 0.5
_MIN_CLASSES = 2
_TIE = 1e-9
"""Posteriors nearer than this are a tie: the rest is the order of float additions."""


@dataclass(frozen=True, slots=True)
class _Batch:
    """Answers as parallel index arrays of length n_answers, sorted.

    ``cell`` numbers the distinct (worker, label) pairs. Only those columns of the confusion
    matrices are ever read, so no (workers, classes, classes) array is built.
    """

    n_objects: int
    n_workers: int
    n_classes: int
    objects: NDArray[np.intp]
    workers: NDArray[np.intp]
    labels: NDArray[np.intp]
    cell: NDArray[np.intp]
    cell_worker: NDArray[np.intp]
    cell_label: NDArray[np.intp]


def consolidate_classes(
    answers: Mapping[str, Sequence[WorkerResponse]],
    *,
    categories: Sequence[str],
    workers_per_object: int,
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

    Returns
    -------
    dict of object_id to Consolidated
        In the order of ``answers``. ``confidence`` is 0 in a one-worker job, else in
        [0.05 + 0.9 / n_classes, 0.95], rounded to 2 decimals. Ties go to the lower class_id.
        The result does not depend on the order of workers or objects.

    Raises
    ------
    NoResponsesError
        If an object has no response.
    ValidationError
        If a response names a label outside ``categories``.
    """
    class_id = {label: index for index, label in enumerate(categories)}
    rows: list[tuple[str, str, int]] = []
    for object_id, responses in answers.items():
        latest = _latest(object_id, responses, class_id)
        rows.extend((object_id, worker_id, label) for worker_id, label in latest.items())
    if workers_per_object == 1:
        return {object_id: Consolidated(categories[c], 0.0) for object_id, _, c in rows}
    if not rows:
        return {}
    object_names, objects = np.unique([row[0] for row in rows], return_inverse=True)
    _, workers = np.unique([row[1] for row in rows], return_inverse=True)
    labels = np.array([row[2] for row in rows])
    posteriors = class_posteriors(objects, workers, labels, n_classes=len(categories))
    place = {str(name): index for index, name in enumerate(object_names)}
    found = {}
    for object_id in answers:
        winner, confidence = confidence_of(posteriors[place[object_id]])
        found[object_id] = Consolidated(categories[winner], confidence)
    return found


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


def confidence_of(posterior: NDArray[np.float64]) -> tuple[int, float]:
    """Read the winning class and the reported confidence off one posterior of shape (K,).

    Returns
    -------
    (int, float)
        The lowest class index within 1e-9 of the maximum, and ``0.05 + 0.9 * max(p)`` rounded
        to 2 decimals: the map that fits real output manifests.
    """
    best = float(posterior.max())
    winner = int(np.flatnonzero(posterior >= best - _TIE)[0])
    return winner, round(round(0.05 + 0.9 * best, 9), 2)


def class_posteriors(
    objects: ArrayLike,
    workers: ArrayLike,
    labels: ArrayLike,
    *,
    n_classes: int,
    rounds: int = ROUNDS,
) -> NDArray[np.float64]:
    """Probability of every class for every object of one batch.

    Parameters
    ----------
    objects, workers, labels : array-like of int, shape (n_answers,)
        Answer ``k`` says that ``workers[k]`` gave class ``labels[k]`` to ``objects[k]``.
        Zero-based; objects and workers without gaps; one answer per object and worker.
    n_classes : int >= 2
    rounds : int >= 1
        The service runs 2.

    Returns
    -------
    ndarray of shape (n_objects, n_classes)
        Rows sum to 1.

    Raises
    ------
    NoResponsesError
        If there is no answer at all, or an object number is skipped.
    ValidationError
        If ``n_classes`` < 2, ``rounds`` < 1 or a label lies outside ``0 .. n_classes - 1``.

    Notes
    -----
    Time and memory are O(n_answers * n_classes): 90,000 answers of 800 workers take well
    under a second. Products are sums of logarithms, so that hundreds of answers to one
    object do not underflow.

    References
    ----------
    Dawid and Skene, Maximum Likelihood Estimation of Observer Error-Rates Using the EM
    Algorithm, Applied Statistics 1979. AWS example notebook
    ``sm-ground_truth_annotation_consolidation_image_classification``.
    """
    if rounds < 1:
        raise ValidationError(f"rounds must be >= 1; found {rounds}")
    batch = _batch(objects, workers, labels, n_classes)
    accuracy = _FIRST_ACCURACY
    posteriors = np.full((batch.n_objects, n_classes), 1.0 / n_classes)
    log_seen = np.log(_one_column(np.full(batch.cell.max() + 1, accuracy), batch))
    for _ in range(rounds):
        posteriors = _expect(batch, posteriors, log_seen)
        log_seen, accuracy = _maximize(batch, posteriors, accuracy)
    return posteriors


def _batch(objects: ArrayLike, workers: ArrayLike, labels: ArrayLike, n_classes: int) -> _Batch:
    if n_classes < _MIN_CLASSES:
        raise ValidationError(
            f"classification needs at least 2 label categories; found {n_classes}"
        )
    o, w, y = (np.asarray(part, dtype=np.intp) for part in (objects, workers, labels))
    if o.size == 0:
        raise NoResponsesError("class_posteriors needs at least one answer")
    if y.min() < 0 or y.max() >= n_classes:
        raise ValidationError(f"labels must lie in 0..{n_classes - 1}; found {y.min()}..{y.max()}")
    missing = np.setdiff1d(np.arange(o.max() + 1), o)
    if missing.size:
        raise NoResponsesError(f"object {missing[0]} has no worker response")
    order = np.lexsort((y, w, o))
    o, w, y = o[order], w[order], y[order]
    cells, cell = np.unique(w * n_classes + y, return_inverse=True)
    return _Batch(
        n_objects=int(o.max()) + 1,
        n_workers=int(w.max()) + 1,
        n_classes=n_classes,
        objects=o,
        workers=w,
        labels=y,
        cell=cell,
        cell_worker=cells // n_classes,
        cell_label=cells % n_classes,
    )


def _one_column(diagonal: NDArray[np.float64], batch: _Batch) -> NDArray[np.float64]:
    """Column ``cell_label`` of the matrix with ``diagonal`` on the diagonal; (n_cells, K).

    The rest of each row is shared out evenly.
    """
    aside = (1.0 - diagonal) / (batch.n_classes - 1)
    column = np.repeat(aside[:, None], batch.n_classes, axis=1)
    column[np.arange(len(diagonal)), batch.cell_label] = diagonal
    return column


def _expect(
    batch: _Batch, posteriors: NDArray[np.float64], log_seen: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Estimate the objects from the workers; the prior is the mean of the last estimate."""
    prior = np.maximum(posteriors.mean(axis=0), np.finfo(np.float64).tiny)
    score = np.tile(np.log(prior), (batch.n_objects, 1))
    np.add.at(score, batch.objects, log_seen[batch.cell])
    likelihood = np.exp(score - score.max(axis=1, keepdims=True))
    shares: NDArray[np.float64] = likelihood / likelihood.sum(axis=1, keepdims=True)
    return shares


def _maximize(
    batch: _Batch, posteriors: NDArray[np.float64], accuracy: float
) -> tuple[NDArray[np.float64], float]:
    """Estimate the workers from the objects.

    A worker's counts are smoothed towards the worker's own accuracy (weight 1) and towards
    the mean accuracy of the last round (weight 1/2), so that one answer is enough.
    """
    given = posteriors[batch.objects]
    counts = np.zeros((len(batch.cell_worker), batch.n_classes))
    np.add.at(counts, batch.cell, given)
    row_sums = np.zeros((batch.n_workers, batch.n_classes))
    np.add.at(row_sums, batch.workers, given)
    n = np.bincount(batch.workers, minlength=batch.n_workers).astype(np.float64)
    right = posteriors[batch.objects, batch.labels]
    hits = np.bincount(batch.workers, weights=right, minlength=batch.n_workers)
    present = n > 0
    own = np.divide(hits, n, out=np.zeros_like(n), where=present)

    j = batch.cell_worker
    shared = np.full(len(j), accuracy)
    smooth = _one_column(own[j], batch) + _PRIOR_WEIGHT * _one_column(shared, batch)
    seen = (counts + n[j, None] * smooth) / (row_sums[j] + (1.0 + _PRIOR_WEIGHT) * n[j, None])
    log_seen = np.log(np.maximum(seen, np.finfo(np.float64).tiny))
    return log_seen, float(own[present].mean())

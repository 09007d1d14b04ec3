"""Answers of a batch as sparse arrays, and what every method for classes gives back.

Layer: consolidation (pure functions; imports only ``errors``).

A *cell* is a pair (worker, label) that occurs. Only those entries of the confusion matrices are
ever read, so memory is O(n_answers + n_cells * n_classes) however many workers there are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gt_widgets.errors import NoResponsesError, ValidationError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = [
    "AnswerTable",
    "Estimate",
    "answer_table",
    "class_prior",
    "moved",
    "sum_by_worker",
    "to_shares",
    "vote_shares",
]

_MIN_CLASSES = 2
_DENSE_KEYS = 4
"""Keys are numbered by counting while there are at most this many per answer, else by sorting."""


@dataclass(frozen=True, slots=True)
class AnswerTable:
    """Who gave which class to which data object.

    Parameters
    ----------
    n_objects, n_workers, n_classes : int
    by_object : scipy.sparse.csr_array of shape (n_objects, n_cells)
        Number of answers of that cell, nearly always 0 or 1.
    by_cell : scipy.sparse.csr_array of shape (n_cells, n_objects)
        Its transpose.
    cell_worker, cell_label : ndarray of int, shape (n_cells,)
        Ordered by worker, then label.
    """

    n_objects: int
    n_workers: int
    n_classes: int
    by_object: Any
    by_cell: Any
    cell_worker: NDArray[np.intp]
    cell_label: NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a method found out about the objects and the workers of a batch.

    Parameters
    ----------
    table : AnswerTable
    posteriors : ndarray of shape (n_objects, n_classes)
        Probability of each class; rows sum to 1.
    accuracy : ndarray of shape (n_workers,)
        Estimated share of right answers in [0, 1]; NaN for a worker without answers. It comes
        from agreement with the others, so shared mistakes look like right answers.
    log_seen : ndarray of shape (n_cells, n_classes)
        Logarithm of the chance that the cell's worker gives the cell's label, class by class.
    rounds : int
        Rounds of Expectation Maximization that were run; 0 for a vote.
    """

    table: AnswerTable
    posteriors: NDArray[np.float64]
    accuracy: NDArray[np.float64]
    log_seen: NDArray[np.float64]
    rounds: int


def answer_table(
    objects: ArrayLike, workers: ArrayLike, labels: ArrayLike, *, n_classes: int
) -> AnswerTable:
    """Arrange parallel index arrays for sparse arithmetic.

    Parameters
    ----------
    objects, workers, labels : array-like of int, shape (n_answers,)
        Answer ``k`` says that ``workers[k]`` gave class ``labels[k]`` to ``objects[k]``.
        Zero-based; objects without gaps; one answer per object and worker.
    n_classes : int >= 2

    Returns
    -------
    AnswerTable
        The same to the bit in whatever order the answers come.

    Raises
    ------
    NoResponsesError
        If there is no answer at all, or an object number is skipped.
    ValidationError
        If the arrays differ in length, a number is negative, ``n_classes`` < 2 or a label lies
        outside ``0 .. n_classes - 1``.
    """
    if n_classes < _MIN_CLASSES:
        raise ValidationError(
            f"classification needs at least 2 label categories; found {n_classes}"
        )
    from scipy import sparse

    o, w, y = (np.asarray(part, dtype=np.intp).ravel() for part in (objects, workers, labels))
    _check(o, w, y, n_classes)
    n_objects, n_workers = int(o.max()) + 1, int(w.max()) + 1
    cells, cell = _numbered(w * n_classes + y, n_workers * n_classes)
    ones = np.ones(len(o))
    # made from coordinates its rows are sorted, so sums of floats do not follow arrival
    by_object = sparse.csr_array((ones, (o, cell)), shape=(n_objects, len(cells)))
    return AnswerTable(
        n_objects=n_objects,
        n_workers=n_workers,
        n_classes=n_classes,
        by_object=by_object,
        by_cell=by_object.T.tocsr(),
        cell_worker=cells // n_classes,
        cell_label=cells % n_classes,
    )


def _check(o: NDArray[np.intp], w: NDArray[np.intp], y: NDArray[np.intp], n_classes: int) -> None:
    if not len(o) == len(w) == len(y):
        raise ValidationError(
            "objects, workers and labels must have one entry per answer; found "
            f"{len(o)}, {len(w)} and {len(y)}"
        )
    if o.size == 0:
        raise NoResponsesError("consolidation of classes needs at least one answer")
    if o.min() < 0 or w.min() < 0:
        raise ValidationError("objects and workers must be numbered from 0; found a negative one")
    if y.min() < 0 or y.max() >= n_classes:
        raise ValidationError(f"labels must lie in 0..{n_classes - 1}; found {y.min()}..{y.max()}")
    if o.max() >= len(o):
        raise NoResponsesError(f"object {_first_missing(o)} has no worker response")
    empty = np.flatnonzero(np.bincount(o) == 0)
    if empty.size:
        raise NoResponsesError(f"object {empty[0]} has no worker response")


def _first_missing(o: NDArray[np.intp]) -> int:
    """Return the first number without an answer; there is one below len(o)."""
    seen = np.zeros(len(o), dtype=bool)
    seen[o[o < len(o)]] = True
    return int(np.argmin(seen))


def _numbered(keys: NDArray[np.intp], n_keys: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the distinct keys in order, and the place of each key among them."""
    if n_keys > _DENSE_KEYS * len(keys) + 1024:
        found, place = np.unique(keys, return_inverse=True)
        return found, place
    found = np.flatnonzero(np.bincount(keys, minlength=n_keys))
    numbers = np.zeros(n_keys, dtype=np.intp)
    numbers[found] = np.arange(len(found))
    return found, numbers[keys]


def vote_shares(table: AnswerTable) -> NDArray[np.float64]:
    """Share of each object's answers that name each class; (n_objects, n_classes)."""
    from scipy import sparse

    is_label = sparse.csr_array(
        (np.ones(len(table.cell_label)), (np.arange(len(table.cell_label)), table.cell_label)),
        shape=(len(table.cell_label), table.n_classes),
    )
    votes: NDArray[np.float64] = (table.by_object @ is_label).toarray()
    shares: NDArray[np.float64] = votes / votes.sum(axis=1, keepdims=True)
    return shares


def sum_by_worker(table: AnswerTable, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Add up the rows of each worker's cells; (n_workers, ...), 0 for a worker without answers."""
    total = np.zeros((table.n_workers, *values.shape[1:]))
    present, first = np.unique(table.cell_worker, return_index=True)
    total[present] = np.add.reduceat(values, first, axis=0)
    return total


def class_prior(posteriors: NDArray[np.float64]) -> NDArray[np.float64]:
    """How common each class is, with one more object of each class counted in."""
    prior: NDArray[np.float64] = (posteriors.sum(axis=0) + 1.0) / (
        len(posteriors) + posteriors.shape[1]
    )
    return prior


def to_shares(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Turn log-scores into rows that sum to 1; overwrites ``scores``."""
    scores -= scores.max(axis=1, keepdims=True)
    np.exp(scores, out=scores)
    scores /= scores.sum(axis=1, keepdims=True)
    return scores


def moved(before: NDArray[np.float64], after: NDArray[np.float64]) -> float:
    """Mean total variation distance between two sets of posteriors, in [0, 1]."""
    return float(np.abs(after - before).sum()) / (2.0 * len(after))

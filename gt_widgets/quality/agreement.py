"""How far workers agree beyond chance. Agreement is not accuracy.

Layer: quality (pure functions; imports only ``errors``).

Workers who share a mistake agree on it, so none of these numbers says how often they are right.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from gt_widgets.errors import ValidationError

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from numpy.typing import ArrayLike, NDArray

__all__ = ["cohen_kappa", "count_table", "fleiss_kappa", "krippendorff_alpha"]


def count_table(objects: ArrayLike, labels: ArrayLike) -> NDArray[np.float64]:
    """How many answers of each object name each class.

    Parameters
    ----------
    objects, labels : array-like, shape (n_answers,)
        Names or numbers; one entry per answer.

    Returns
    -------
    ndarray of shape (n_objects, n_classes)
        Rows and columns in the order of the sorted names.
    """
    rows, row = np.unique(np.asarray(objects), return_inverse=True)
    columns, column = np.unique(np.asarray(labels), return_inverse=True)
    table = np.zeros((len(rows), len(columns)))
    np.add.at(table, (row, column), 1.0)
    return table


def krippendorff_alpha(counts: ArrayLike) -> float:
    """Krippendorff's alpha for nominal data, with missing answers.

    Parameters
    ----------
    counts : array-like of shape (n_objects, n_classes)
        Of `count_table`. Rows may have different sums; an object with one answer has nothing to
        compare and is left out.

    Returns
    -------
    float
        1 for full agreement, 0 for what chance would give, below 0 for less. NaN if there is
        nothing to compare, or only one class was ever given.

    References
    ----------
    Krippendorff, Computing Krippendorff's Alpha-Reliability, 2011.
    """
    table = _counts(counts)
    answers = table.sum(axis=1)
    table, answers = table[answers > 1], answers[answers > 1]
    total = answers.sum()
    if not total:
        return math.nan
    of_class = table.sum(axis=0)
    expected = (total**2 - (of_class**2).sum()) / (total * (total - 1))
    if expected == 0:
        return math.nan
    pairs = (answers**2 - (table**2).sum(axis=1)) / (answers - 1)
    return float(1.0 - pairs.sum() / total / expected)


def fleiss_kappa(counts: ArrayLike) -> float:
    """Fleiss' kappa, for the same number of answers to every object.

    Parameters
    ----------
    counts : array-like of shape (n_objects, n_classes)
        Of `count_table`.

    Returns
    -------
    float
        In [-1, 1]. NaN if there is nothing to compare, or only one class was ever given.

    Raises
    ------
    ValidationError
        If the objects have different numbers of answers; `krippendorff_alpha` allows that.

    References
    ----------
    Fleiss, Measuring Nominal Scale Agreement among Many Raters, Psychological Bulletin 76
    (1971) 378-382.
    """
    table = _counts(counts)
    answers = table.sum(axis=1)
    if len(table) and answers.min() != answers.max():
        raise ValidationError(
            "Fleiss' kappa needs the same number of answers to every object; found "
            f"{answers.min():.0f} to {answers.max():.0f}. Use krippendorff_alpha instead."
        )
    each = answers[0] if len(table) else 0.0
    if each <= 1:
        return math.nan
    agreed = (((table**2).sum(axis=1) - each) / (each * (each - 1))).mean()
    chance = ((table.sum(axis=0) / table.sum()) ** 2).sum()
    return math.nan if chance == 1 else float((agreed - chance) / (1.0 - chance))


def cohen_kappa(one: Sequence[Hashable], two: Sequence[Hashable]) -> float:
    """Cohen's kappa of two workers on the objects both have answered.

    Parameters
    ----------
    one, two : sequences of the same length
        Their labels, object by object.

    Returns
    -------
    float
        In [-1, 1]. NaN without objects, or if both gave one and the same class throughout.

    Raises
    ------
    ValidationError
        If the lengths differ.

    References
    ----------
    Cohen, A Coefficient of Agreement for Nominal Scales, Educational and Psychological
    Measurement 20 (1960) 37-46.
    """
    if len(one) != len(two):
        raise ValidationError(
            f"Cohen's kappa compares answers object by object; found {len(one)} and {len(two)}"
        )
    if not len(one):
        return math.nan
    _, codes = np.unique(np.concatenate([np.asarray(one), np.asarray(two)]), return_inverse=True)
    first, second = codes[: len(one)], codes[len(one) :]
    n_classes = int(codes.max()) + 1
    agreed = float((first == second).mean())
    shares = [np.bincount(side, minlength=n_classes) / len(one) for side in (first, second)]
    chance = float(shares[0] @ shares[1])
    return math.nan if chance >= 1 else (agreed - chance) / (1.0 - chance)


def _counts(counts: ArrayLike) -> NDArray[np.float64]:
    table = np.asarray(counts, dtype=np.float64)
    if table.ndim != 2 or (table < 0).any():  # noqa: PLR2004 - rows and columns
        raise ValidationError(
            "counts must be a table of objects by classes with entries >= 0, as count_table "
            f"gives it; found shape {table.shape}"
        )
    return table

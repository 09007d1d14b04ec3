"""Worker by worker: how often right, how sure that is, what is mistaken for what, how fast.

Layer: quality (pure functions; imports ``consolidation``, ``query``, ``geometry``, ``errors``).

Two kinds of numbers, never under one name. ``accuracy`` is measured, against labels that an
expert has settled. ``agreement`` and ``estimated_accuracy`` come from the workers alone; mistakes
that many share look right to them.
"""

from __future__ import annotations

import math
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gt_widgets.consolidation import hierarchical
from gt_widgets.quality.agreement import (
    cohen_kappa,
    count_table,
    fleiss_kappa,
    krippendorff_alpha,
)
from gt_widgets.quality.coded import coded
from gt_widgets.quality.gold import gold_answers
from gt_widgets.quality.intervals import CONFIDENCE, clopper_pearson
from gt_widgets.query import agreement as pairwise_agreement
from gt_widgets.query import time_per_task

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from gt_widgets.quality.coded import Coded

__all__ = ["COLUMNS", "agreement_measures", "confusion_matrix", "kappa_table", "worker_quality"]

COLUMNS = [
    "answers",
    "median_s",
    "mean_s",
    "agreement",
    "estimated_accuracy",
    "estimated_low",
    "estimated_high",
    "gold_answers",
    "gold_right",
    "accuracy",
    "accuracy_low",
    "accuracy_high",
]
_MIN_CLASSES = 2


def worker_quality(
    workers: pd.DataFrame,
    *,
    gold: Mapping[str, Any] | None = None,
    confidence: float = CONFIDENCE,
) -> pd.DataFrame:
    """Sum up every worker of a job.

    Parameters
    ----------
    workers : pandas.DataFrame
        Of `query.worker_frame`.
    gold : mapping of object_id to settled label, optional
        As `gold.is_right` reads it; best 60 objects or more, drawn at random.
    confidence : float in (0, 1)
        Of the intervals.

    Returns
    -------
    pandas.DataFrame
        Index ``worker_id``, in alphabetical order.

        - ``answers``; ``median_s`` and ``mean_s``: active time per task, in seconds.
        - ``agreement``: how far the worker agrees with the others on shared objects, the mean
          over the other workers weighted by shared objects, in [0, 1]. **Not accuracy.**
        - ``estimated_accuracy``, ``estimated_low``, ``estimated_high``: right answers if the
          consensus of hierarchical Dawid-Skene is the truth, on objects that others answered
          too. Too high where mistakes are shared. NaN for boxes.
        - ``gold_answers``, ``gold_right``, ``accuracy``, ``accuracy_low``, ``accuracy_high``:
          measured on gold objects, Clopper-Pearson interval. NaN without gold answers.
    """
    if workers.empty:
        return pd.DataFrame(columns=COLUMNS, index=pd.Index([], name="worker_id"), dtype=float)
    times = time_per_task(workers).rename_axis("worker_id")
    found = times[["tasks", "median_s", "mean_s"]].rename(columns={"tasks": "answers"})
    found["agreement"] = _agreement(workers)
    found = found.join(_estimated(workers, confidence))
    found = found.join(_measured(workers, gold or {}, confidence))
    found["gold_answers"] = found["gold_answers"].fillna(0).astype("int64")
    found["gold_right"] = found["gold_right"].fillna(0).astype("int64")
    return found.reindex(columns=COLUMNS).sort_index()


def _agreement(workers: pd.DataFrame) -> pd.Series[float]:
    """Mean agreement with each other worker, weighted by the objects both answered."""
    classes = [isinstance(label, str) for label in workers["label"]]
    if all(classes) and len(workers):
        return _class_agreement(coded(workers))
    table = pairwise_agreement(workers)
    seen = pd.crosstab(workers["worker_id"], workers["object_id"]).clip(upper=1)
    shared = (
        (seen @ seen.T).reindex(index=table.index, columns=table.columns).to_numpy(float, copy=True)
    )
    np.fill_diagonal(shared, 0.0)
    total = shared.sum(axis=1)
    agreed = (np.nan_to_num(table.to_numpy(float)) * shared).sum(axis=1)
    return pd.Series(_ratio(agreed, total), index=table.index)


def _class_agreement(given: Coded) -> pd.Series[float]:
    """Share of the others' answers to the same objects that equal the worker's."""
    counts = np.zeros((len(given.object_ids), len(given.categories)))
    np.add.at(counts, (given.objects, given.labels), 1.0)
    same = counts[given.objects, given.labels] - 1.0
    others = counts.sum(axis=1)[given.objects] - 1.0
    agreed, total = (
        np.bincount(given.workers, weights=part).astype(float) for part in (same, others)
    )
    return pd.Series(_ratio(agreed, total), index=list(given.worker_ids))


def _ratio(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    share = np.full(len(part), math.nan)
    np.divide(part, whole, out=share, where=whole > 0)
    return share


def _estimated(workers: pd.DataFrame, confidence: float) -> pd.DataFrame:
    """Accuracy that the consensus suggests, with an interval for its chance part."""
    columns = ["estimated_accuracy", "estimated_low", "estimated_high"]
    given = coded(workers)
    if len(given.categories) < _MIN_CLASSES:
        return pd.DataFrame(columns=columns, index=pd.Index([], name="worker_id"), dtype=float)
    found = hierarchical(
        given.objects, given.workers, given.labels, n_classes=len(given.categories)
    )
    right = found.posteriors[given.objects, given.labels].clip(0.0, 1.0)
    compared = np.bincount(given.objects)[given.objects] > 1  # nobody confirms their own answer
    rows = {}
    for index, worker_id in enumerate(given.worker_ids):
        mine = (given.workers == index) & compared
        share = clopper_pearson(float(right[mine].sum()), int(mine.sum()), confidence=confidence)
        bounds = (share.low, share.high) if share.count else (math.nan, math.nan)
        rows[worker_id] = (share.value, *bounds)
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns)


def _measured(workers: pd.DataFrame, gold: Mapping[str, Any], confidence: float) -> pd.DataFrame:
    columns = ["gold_answers", "gold_right", "accuracy", "accuracy_low", "accuracy_high"]
    rows = {}
    for worker_id, of in gold_answers(workers, gold).groupby("worker_id"):
        right = int(of["right"].sum())
        share = clopper_pearson(right, len(of), confidence=confidence)
        rows[worker_id] = (len(of), right, share.value, share.low, share.high)
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).astype(float)


def confusion_matrix(
    workers: pd.DataFrame,
    *,
    gold: Mapping[str, str] | None = None,
    worker_id: str | None = None,
) -> pd.DataFrame:
    """What is mistaken for what.

    Parameters
    ----------
    workers : pandas.DataFrame
        Of `query.worker_frame`, with classes.
    gold : mapping of object_id to class, optional
        Settled labels. Without it the consensus of all workers stands in, and says so.
    worker_id : str, optional
        One worker; all together, unless given.

    Returns
    -------
    pandas.DataFrame
        Square. Columns ``given``; rows ``truth`` with gold, ``consensus`` without: then the
        entries are expected numbers of answers, not whole ones.
    """
    given = coded(workers, also=tuple((gold or {}).values()))
    n_classes = len(given.categories)
    mine = np.ones(len(given.labels), dtype=bool)
    if worker_id is not None:
        mine = np.array([given.worker_ids[w] == worker_id for w in given.workers], dtype=bool)
    table = np.zeros((n_classes, n_classes))
    if gold is not None:
        place = {label: index for index, label in enumerate(given.categories)}
        truth = np.array([place[gold[o]] if o in gold else -1 for o in given.object_ids])
        mine &= truth[given.objects] >= 0 if len(truth) else mine
        np.add.at(table, (truth[given.objects[mine]], given.labels[mine]), 1.0)
    elif n_classes >= _MIN_CLASSES:
        posteriors = hierarchical(
            given.objects, given.workers, given.labels, n_classes=n_classes
        ).posteriors
        np.add.at(table.T, given.labels[mine], posteriors[given.objects[mine]])
    names = list(given.categories)
    rows = pd.Index(names, name="consensus" if gold is None else "truth")
    return pd.DataFrame(table, index=rows, columns=pd.Index(names, name="given"))


def kappa_table(workers: pd.DataFrame) -> pd.DataFrame:
    """Cohen's kappa of each two workers, on the objects both have answered.

    Parameters
    ----------
    workers : pandas.DataFrame
        Of `query.worker_frame`, with classes.

    Returns
    -------
    pandas.DataFrame
        Square and symmetric, 1 on the diagonal, NaN where kappa is not defined.
    """
    given = coded(workers)
    answers: dict[str, dict[int, int]] = {name: {} for name in given.worker_ids}
    for o, w, y in zip(given.objects, given.workers, given.labels, strict=True):
        answers[given.worker_ids[w]][int(o)] = int(y)
    ids = list(given.worker_ids)
    table = pd.DataFrame(np.eye(len(ids)), index=ids, columns=ids)
    for one, two in combinations(ids, 2):
        shared = sorted(answers[one].keys() & answers[two].keys())
        kappa = cohen_kappa([answers[one][o] for o in shared], [answers[two][o] for o in shared])
        table.loc[one, two] = table.loc[two, one] = kappa
    return table


def agreement_measures(workers: pd.DataFrame) -> pd.Series[float]:
    """How far the workers of a job agree, beyond chance; which is not accuracy.

    Parameters
    ----------
    workers : pandas.DataFrame
        Of `query.worker_frame`, with classes.

    Returns
    -------
    pandas.Series
        ``krippendorff_alpha`` (missing answers allowed), ``fleiss_kappa`` (NaN unless all
        objects have the same number of answers), ``mean_cohen_kappa`` over pairs of workers, and
        ``raw_agreement``, the share of equal pairs of answers.
    """
    given = coded(workers)
    counts = count_table(given.objects, given.labels)
    answers = counts.sum(axis=1)
    even = len(answers) > 0 and answers.min() == answers.max()
    kappas = kappa_table(workers).to_numpy(float)
    pairs = kappas[np.triu_indices(len(kappas), 1)]
    pairs = pairs[~np.isnan(pairs)]
    asked = (answers * (answers - 1)).sum()
    equal = (counts * (counts - 1)).sum()
    return pd.Series(
        {
            "krippendorff_alpha": krippendorff_alpha(counts),
            "fleiss_kappa": fleiss_kappa(counts) if even else math.nan,
            "mean_cohen_kappa": float(pairs.mean()) if len(pairs) else math.nan,
            "raw_agreement": float(equal / asked) if asked else math.nan,
        }
    )

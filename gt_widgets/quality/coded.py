"""Worker responses as numbers.

Layer: quality (pure functions; imports only ``errors``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

__all__ = ["Coded", "coded"]


@dataclass(frozen=True, slots=True)
class Coded:
    """Class answers as parallel index arrays, one answer per object and worker.

    ``object_ids[objects[k]]``, ``worker_ids[workers[k]]`` and ``categories[labels[k]]`` name
    answer ``k``.
    """

    objects: NDArray[np.intp]
    workers: NDArray[np.intp]
    labels: NDArray[np.intp]
    object_ids: tuple[str, ...]
    worker_ids: tuple[str, ...]
    categories: tuple[str, ...]


def coded(workers: pd.DataFrame, *, also: tuple[str, ...] = ()) -> Coded:
    """Number the class answers of a job.

    Parameters
    ----------
    workers : pandas.DataFrame
        Of `query.worker_frame`. Answers without a class are left out; of a worker who answered
        an object twice, the last answer counts.
    also : tuple of str
        Categories to number even if nobody chose them, for example those of a gold set.

    Returns
    -------
    Coded
        Everything in alphabetical order.
    """
    given = workers[[isinstance(label, str) for label in workers["label"]]]
    given = given.drop_duplicates(["object_id", "worker_id"], keep="last")
    object_ids, objects = np.unique(given["object_id"].to_numpy(dtype=str), return_inverse=True)
    worker_ids, team = np.unique(given["worker_id"].to_numpy(dtype=str), return_inverse=True)
    named = given["label"].tolist()
    categories = sorted({*named, *also})
    place = {label: index for index, label in enumerate(categories)}
    return Coded(
        objects=objects.astype(np.intp),
        workers=team.astype(np.intp),
        labels=np.array([place[label] for label in named], dtype=np.intp),
        object_ids=tuple(str(name) for name in object_ids),
        worker_ids=tuple(str(name) for name in worker_ids),
        categories=tuple(categories),
    )

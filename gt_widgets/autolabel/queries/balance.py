"""Class balance: a few places of each batch go to classes people have hardly seen.

Layer: autolabel (pure functions; imports only ``errors``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["watch_balance"]


def watch_balance(
    picked: NDArray[np.intp],
    probabilities: NDArray[np.float64],
    counts: NDArray[np.intp],
    *,
    guard: int,
    share: float = 0.25,
) -> NDArray[np.intp]:
    """Replace the tail of a batch by objects that may belong to rare classes.

    Parameters
    ----------
    picked : ndarray of int
        A batch, best first.
    probabilities : ndarray of shape (m, n_classes)
        Of the pool.
    counts : ndarray of shape (n_classes,)
        People's labels so far.
    guard : int
        Classes with at least this many are not rare.
    share : float in [0, 1]
        Largest part of the batch that is replaced.

    Returns
    -------
    ndarray of int
        As long as ``picked``, without repetition.
    """
    rare = np.flatnonzero(counts < guard)
    places = int(share * len(picked))
    if rare.size == 0 or places == 0:
        return picked
    kept = picked[: len(picked) - places]
    taken = set(kept.tolist())
    extra: list[int] = []
    for class_id in rare[np.argsort(counts[rare], kind="stable")]:
        wanted = min(guard - int(counts[class_id]), max(places // len(rare), 1))
        hopeful = np.argsort(-probabilities[:, class_id], kind="stable")[: len(kept) + places]
        fresh = [int(row) for row in hopeful if int(row) not in taken][:wanted]
        fresh = fresh[: places - len(extra)]
        taken.update(fresh)
        extra.extend(fresh)
    filler = [int(row) for row in picked[len(kept) :] if int(row) not in taken]
    return np.array([*kept.tolist(), *extra, *filler][: len(picked)], dtype=np.intp)

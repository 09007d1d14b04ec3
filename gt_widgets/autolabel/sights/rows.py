"""Which objects are labeled, which are in the pool, and where the calibration sample stands.

Layer: autolabel (pure functions; imports only ``errors``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gt_widgets.errors import ValidationError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gt_widgets.autolabel.sights.protocol import Round
    from gt_widgets.autolabel.state import LoopState

__all__ = ["check_size", "lowest_first", "rows_of"]

_SHARE_AT_RANDOM = 0.25


def rows_of(state: LoopState) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]] | None:
    """Labeled objects, objects of the pool, and the sample's places among the labeled.

    Returns
    -------
    three ndarrays of int, or None
        None when nothing can be learned: an empty pool, or fewer of the sample than folds.
    """
    gone = set(state.failed)
    labeled = np.array(sorted(set(state.labels) - gone), dtype=np.intp)
    taken = set(state.labels) | gone | set(state.machine)
    pool = np.array([index for index in range(state.n) if index not in taken], dtype=np.intp)
    place = {int(index): row for row, index in enumerate(labeled)}
    in_sample = np.array([place[i] for i in state.calibration if i in place], dtype=np.intp)
    if pool.size == 0 or in_sample.size < state.config.folds:
        return None
    return labeled, pool, in_sample


def check_size(state: LoopState, found: int, *, what: str) -> None:
    """Refuse a sight of another job's objects.

    Raises
    ------
    ValidationError
        If there is not one row, picture ... per object.
    """
    if found != state.n:
        raise ValidationError(f"expected {state.n} {what}, one per object; found {found}")


def lowest_first(
    state: LoopState, seen: Round, rows: NDArray[np.intp], *, size: int
) -> tuple[int, ...]:
    """Objects of the pool's ``rows`` of lowest score, a quarter at random; all for "random".

    Where a whole picture has one score, the lowest alone would be of one kind: pictures in
    which nothing can be found.
    """
    rng = np.random.default_rng([state.config.seed, 3, len(state.history)])
    shuffled = rng.permutation(rows)
    if state.config.query == "random":
        return _objects(seen, shuffled[:size])
    wanted = size - int(_SHARE_AT_RANDOM * size)
    order = rows[np.argsort(seen.pool_scores[rows], kind="stable")]
    chosen = order[:wanted]
    rest = shuffled[~np.isin(shuffled, chosen)][: size - len(chosen)]
    return _objects(seen, np.concatenate([chosen, rest]))


def _objects(seen: Round, rows: NDArray[np.intp]) -> tuple[int, ...]:
    return tuple(int(index) for index in seen.pool[rows])

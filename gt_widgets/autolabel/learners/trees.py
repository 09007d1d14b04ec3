"""Trees as plain arrays: grown by scikit-learn, kept, checked and walked without it.

Layer: autolabel (pure; imports only ``errors``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

__all__ = ["PARTS", "check_trees", "flatten", "leaves"]

PARTS = ("feature", "threshold", "left", "right", "value", "roots")
"""Names of the arrays; ``left < 0`` marks a leaf, children stand after their parent."""

_BLOCK = 65_536


def flatten(grown: Any, n_classes: int) -> dict[str, NDArray[Any]]:
    """All trees of a forest of scikit-learn's in one table."""
    parts: dict[str, list[NDArray[Any]]] = {name: [] for name in PARTS[:-1]}
    roots, offset = [], 0
    seen = np.asarray(grown.classes_, dtype=np.intp)
    for estimator in grown.estimators_:
        tree = estimator.tree_
        leaf = tree.children_left < 0
        value = np.zeros((tree.node_count, n_classes), dtype=np.float32)
        counts = tree.value[:, 0, :]
        value[:, seen] = counts / counts.sum(axis=1, keepdims=True)
        roots.append(offset)
        parts["feature"].append(np.maximum(tree.feature, 0).astype(np.int32))
        parts["threshold"].append(tree.threshold)
        parts["left"].append(np.where(leaf, -1, tree.children_left + offset).astype(np.int32))
        parts["right"].append(np.where(leaf, -1, tree.children_right + offset).astype(np.int32))
        parts["value"].append(value)
        offset += tree.node_count
    table = {name: np.concatenate(arrays) for name, arrays in parts.items()}
    return {**table, "roots": np.array(roots, dtype=np.int32)}


def leaves(trees: Mapping[str, NDArray[Any]], rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Mean of the leaves that each row falls into, all rows one level at a time.

    Parameters
    ----------
    trees : mapping of str to ndarray
        As `flatten` gives.
    rows : ndarray of shape (n, d)

    Returns
    -------
    ndarray of shape (n, n_classes)
    """
    n_classes = trees["value"].shape[1]
    out = np.empty((len(rows), n_classes), dtype=np.float32)
    for start in range(0, len(rows), _BLOCK):
        out[start : start + _BLOCK] = _walked(trees, rows[start : start + _BLOCK])
    return out


def _walked(a: Mapping[str, NDArray[Any]], rows: NDArray[np.float32]) -> NDArray[np.float32]:
    total = np.zeros((len(rows), a["value"].shape[1]), dtype=np.float32)
    for root in a["roots"]:
        node = np.full(len(rows), root, dtype=np.int32)
        walking = np.arange(len(rows))
        while walking.size:
            here = node[walking]
            walking = walking[a["left"][here] >= 0]
            here = node[walking]
            low = rows[walking, a["feature"][here]] <= a["threshold"][here]
            node[walking] = np.where(low, a["left"][here], a["right"][here])
        total += a["value"][node]
    return np.asarray(total / len(a["roots"]), dtype=np.float32)


def check_trees(a: Mapping[str, NDArray[Any]], *, n_classes: int, columns: int) -> None:
    """Refuse a table that would walk in circles or read outside of itself.

    Raises
    ------
    ValueError
        If it is none that `flatten` made for ``columns`` columns and ``n_classes`` classes.
    KeyError
        If an array is missing.
    """
    n = len(a["left"])
    inner = np.flatnonzero(a["left"] >= 0)
    good = (
        all(len(a[name]) == n for name in ("feature", "threshold", "right", "value"))
        and all(a[name].dtype.kind == "i" for name in ("feature", "left", "right", "roots"))
        and a["value"].shape == (n, n_classes)
        and a["roots"].size > 0
        and a["roots"].min() >= 0
        and a["roots"].max() < n
        and bool(np.all((a["left"][inner] > inner) & (a["left"][inner] < n)))
        and bool(np.all((a["right"][inner] > inner) & (a["right"][inner] < n)))
        and bool(np.all((a["feature"] >= 0) & (a["feature"] < columns)))
    )
    if not good:
        raise ValueError("its arrays do not fit together")

"""Which of people's labels are probably wrong: confident learning.

Layer: autolabel (pure functions; imports only ``errors``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["suspected_label_errors"]


def suspected_label_errors(
    probabilities: NDArray[np.float64], labels: NDArray[np.intp]
) -> NDArray[np.intp]:
    """Rows whose label is probably wrong, most suspicious first.

    Parameters
    ----------
    probabilities : ndarray of shape (n, n_classes)
        Held-out: of models that have not seen the label.
    labels : ndarray of shape (n,)

    Returns
    -------
    ndarray of int
        Rows for which another class is confident: its probability reaches the mean probability
        that objects labeled so are given, and it is the likeliest of such classes. Sorted by
        how little the given label is believed.

    References
    ----------
    Northcutt, Jiang and Chuang, Confident Learning: Estimating Uncertainty in Dataset Labels,
    JAIR 2021.
    """
    n, k = probabilities.shape
    bars = np.full(k, np.inf)
    for class_id in range(k):
        own = probabilities[labels == class_id, class_id]
        if own.size:
            bars[class_id] = own.mean()
    confident = np.where(probabilities >= bars, probabilities, -1.0)
    likeliest = confident.argmax(axis=1)
    suspect = (confident.max(axis=1) > 0) & (likeliest != labels)
    belief = probabilities[np.arange(n), labels] - probabilities.max(axis=1)
    rows = np.flatnonzero(suspect)
    return rows[np.argsort(belief[rows], kind="stable")]

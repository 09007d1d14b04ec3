"""Fisher vectors: how a picture's small parts differ from those of the job's other pictures.

Layer: autolabel (imports only ``errors``). Where in its band of the picture a part lies does not
matter, so that things may move and turn a little; how parts vary does, not only which ones occur.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Literal, Self

import numpy as np

from gt_widgets.autolabel.features.gradients import gradient_cells
from gt_widgets.autolabel.features.patches import k_means, normal_patches

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["FisherVectors", "Parts"]

Parts = Literal["patches", "gradients"]
"""Coloured squares of 8 x 8 pixels; or 4 x 4 cells of signed gradients, as in SIFT."""

_COLUMNS, _MIXTURE = 24, 24
_BANDS = 3
_LEARNED = 20_000
_ROUNDS = 5
_LEAST_SPREAD = 0.02
_LEAST_SHARE = 1e-3


class FisherVectors:
    """Gradients of a Gaussian mixture's log-likelihood, of the whole picture and three bands.

    Parameters
    ----------
    parts : {"patches", "gradients"}

    References
    ----------
    Perronnin, Sanchez and Mensink, Improving the Fisher Kernel for Large-Scale Image
    Classification, ECCV 2010.
    """

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.arrays: dict[str, NDArray[np.float32]] = {}

    @property
    def dim(self) -> int:
        """Length of a row."""
        return (1 + _BANDS) * 2 * _MIXTURE * _COLUMNS

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Of the learned arrays, by name."""
        inputs = 3 * 8**2 if self.parts == "patches" else 8 * 4**2
        return {
            "centre": (inputs,),
            "axes": (inputs, _COLUMNS),
            "means": (_MIXTURE, _COLUMNS),
            "spreads": (_MIXTURE, _COLUMNS),
            "rates": (_MIXTURE,),
        }

    def learn(self, pixels: NDArray[np.float32], rng: np.random.Generator) -> Self:
        """Learn principal axes of the parts and a mixture of Gaussians along them.

        Parameters
        ----------
        pixels : ndarray of shape (n, 64, 64, 3)
            0..1.
        rng : numpy Generator
        """
        found = [self._found(pixels[start : start + 50]) for start in range(0, len(pixels), 50)]
        rows = np.concatenate([part.reshape(-1, part.shape[-1]) for part in found])
        rows = rows[rng.permutation(len(rows))[:_LEARNED]]
        centre = rows.mean(axis=0)
        values, vectors = np.linalg.eigh(np.cov(rows.T))
        axes = vectors[:, -_COLUMNS:] / np.sqrt(np.maximum(values[-_COLUMNS:], 0) + 1e-3)
        short = (rows - centre) @ axes.astype(np.float32)
        mixture = _mixture(short, rng)
        arrays = {"centre": centre, "axes": axes, **mixture}
        self.arrays = {name: np.asarray(array, np.float32) for name, array in arrays.items()}
        return self

    def embed(self, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
        """Rows of shape (n, dim): signed square roots, each band of length 1."""
        found = self._found(pixels)
        n, side = found.shape[:2]
        flat = found.reshape(n, side * side, -1) - self.arrays["centre"]
        short = np.asarray(flat @ self.arrays["axes"], dtype=np.float32)
        shares = _shares(short.reshape(n * side * side, -1), self.arrays)
        shares = shares.reshape(n, side * side, -1)
        edges = np.linspace(0, side, _BANDS + 1).astype(np.intp) * side
        bands = [_sums(short[:, a:b], shares[:, a:b]) for a, b in pairwise(edges)]
        whole = tuple(sum(parts) for parts in zip(*bands, strict=True))
        return np.concatenate([self._slopes(*sums) for sums in (whole, *bands)], axis=1)

    def _found(self, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
        """Parts of shape (n, rows, columns, d)."""
        if self.parts == "patches":
            return normal_patches(pixels, side=8, stride=3)
        cells = gradient_cells(pixels, cell=4, orientations=8, signed=True)
        view = np.lib.stride_tricks.sliding_window_view(cells, (4, 4), axis=(1, 2))
        flat = view.reshape(*view.shape[:3], -1)
        lengths = np.linalg.norm(flat, axis=3, keepdims=True) + np.float32(0.1)
        return np.asarray(np.sqrt(flat / lengths), dtype=np.float32)

    def _slopes(
        self, weight: NDArray[np.float32], first: NDArray[np.float32], second: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        means, spreads, rates = (self.arrays[name] for name in ("means", "spreads", "rates"))
        weight = weight[..., None]
        total = np.maximum(weight.sum(axis=1, keepdims=True), 1e-6) * np.sqrt(rates)[:, None]
        by_mean = (first - weight * means) / np.sqrt(spreads) / total
        by_spread = second - 2 * means * first + (means**2 - spreads) * weight
        by_spread = by_spread / spreads / (np.sqrt(2.0) * total)
        flat = np.concatenate([by_mean, by_spread], axis=2).reshape(len(weight), -1)
        flat = np.sign(flat) * np.sqrt(np.abs(flat))
        length = np.linalg.norm(flat, axis=1, keepdims=True)
        return np.asarray(flat / np.maximum(length, 1e-9), dtype=np.float32)


def _mixture(rows: NDArray[np.float32], rng: np.random.Generator) -> dict[str, NDArray[np.float32]]:
    """Fit a diagonal Gaussian mixture by a few rounds of EM from k-means."""
    means = k_means(rows, _MIXTURE, rng)
    nearest = (rows @ means.T - 0.5 * (means**2).sum(axis=1)).argmax(axis=1)
    shares = np.eye(_MIXTURE, dtype=np.float32)[nearest]
    mixture: dict[str, NDArray[np.float32]] = {}
    for _ in range(_ROUNDS):
        weight = shares.sum(axis=0)[:, None] + 1.0
        whole = rows.mean(axis=0), (rows**2).mean(axis=0)  # one imagined row keeps a class alive
        means = (shares.T @ rows + whole[0]) / weight
        second = (shares.T @ rows**2 + whole[1]) / weight
        mixture = {
            "means": means,
            "spreads": np.maximum(second - means**2, 0) + _LEAST_SPREAD,
            "rates": (weight / weight.sum())[:, 0],
        }
        shares = _shares(rows, mixture)
    return mixture


def _shares(
    rows: NDArray[np.float32], mixture: dict[str, NDArray[np.float32]]
) -> NDArray[np.float32]:
    """Posterior of each Gaussian for each row; the smallest are dropped."""
    means, spreads, rates = mixture["means"], mixture["spreads"], mixture["rates"]
    logits = rows @ (means / spreads).T - 0.5 * (rows**2) @ (1 / spreads).T
    logits += np.log(rates) - 0.5 * (np.log(spreads) + means**2 / spreads).sum(axis=1)
    logits -= logits.max(axis=1, keepdims=True)
    np.exp(logits, out=logits)
    logits /= logits.sum(axis=1, keepdims=True)
    logits[logits < _LEAST_SHARE] = 0.0
    return np.asarray(logits, dtype=np.float32)


def _sums(
    rows: NDArray[np.float32], shares: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Weights (n, g), and weighted sums (n, g, d) of rows and of their squares."""
    turned = shares.transpose(0, 2, 1)
    return shares.sum(axis=1), turned @ rows, turned @ rows**2

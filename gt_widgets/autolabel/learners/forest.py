"""A random forest per pixel: masks from a handful of painted pictures, in seconds.

Layer: autolabel (imports only ``errors``). Grown by scikit-learn (extra ``[auto]``); kept, read
and evaluated as plain arrays, so that a model file holds numbers only and predicting does not
need scikit-learn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np

from gt_widgets.autolabel.learners.archive import (
    pack_model,
    read_model,
    unpack_model,
    write_model,
)
from gt_widgets.errors import ModelFileError, ValidationError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["PixelForest", "pixel_features"]

_KIND = "pixel-forest-1"
_SIGMAS = (0.7, 1.6, 3.5)
_BLOCK = 65_536


def pixel_features(picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Filter responses of every pixel.

    Parameters
    ----------
    picture : ndarray of shape (h, w, 3)

    Returns
    -------
    ndarray of shape (h, w, 24)
        At three scales: blurred colours, edge strength, blob response, local spread and the two
        eigenvalues of the structure tensor of the brightness.

    References
    ----------
    Berg et al., ilastik: interactive machine learning for (bio)image analysis, Nature Methods
    2019 (its default filters).
    """
    from scipy.ndimage import gaussian_filter, gaussian_gradient_magnitude, gaussian_laplace

    colours = np.asarray(picture, dtype=np.float32) / 255.0
    grey = colours.mean(axis=2)
    down, across = np.gradient(grey)
    out: list[NDArray[np.float32]] = []
    for sigma in _SIGMAS:
        out.extend(gaussian_filter(colours[..., channel], sigma) for channel in range(3))
        out.append(gaussian_gradient_magnitude(grey, sigma))
        out.append(gaussian_laplace(grey, sigma))
        mean, square = gaussian_filter(grey, 2 * sigma), gaussian_filter(grey**2, 2 * sigma)
        out.append(np.sqrt(np.maximum(square - mean**2, 0.0)))
        dd, aa, da = (gaussian_filter(p, 2 * sigma) for p in (down**2, across**2, down * across))
        root = np.sqrt((dd - aa) ** 2 + 4 * da**2)
        out.extend([(dd + aa + root) / 2, (dd + aa - root) / 2])
    return np.stack(out, axis=2).astype(np.float32)


class PixelForest:
    """Extremely randomised trees on `pixel_features`.

    Parameters
    ----------
    n_classes : int >= 2
        Background is class 0.
    trees : int >= 1
    pixels_per_picture : int >= 1
        Drawn at random from each picture, evenly over its classes.
    seed : int
    """

    def __init__(
        self, n_classes: int, *, trees: int = 30, pixels_per_picture: int = 1_200, seed: int = 0
    ) -> None:
        if n_classes < 2:  # noqa: PLR2004
            raise ValidationError(f"a mask has at least 2 classes; found {n_classes}")
        self.n_classes, self.trees, self.seed = n_classes, trees, seed
        self.pixels_per_picture = pixels_per_picture
        self.arrays: dict[str, NDArray[Any]] = {}

    def fit(
        self, pictures: Sequence[NDArray[np.uint8]], masks: Sequence[NDArray[np.integer[Any]]]
    ) -> Self:
        """Learn from pictures (h, w, 3) and masks (h, w) of class numbers.

        Raises
        ------
        ValidationError
            If there are no pictures, sizes differ or scikit-learn is missing.
        """
        try:
            from sklearn.ensemble import ExtraTreesClassifier
        except ImportError as problem:
            raise ValidationError(
                "learning masks needs scikit-learn: pip install 'gt-widgets[auto]'"
            ) from problem
        rng = np.random.default_rng(self.seed)
        rows, classes = [], []
        for picture, mask in zip(pictures, masks, strict=True):
            if picture.shape[:2] != mask.shape:
                raise ValidationError(f"mask {mask.shape} does not fit {picture.shape[:2]}")
            places = _spread(mask.ravel(), self.pixels_per_picture, rng)
            rows.append(pixel_features(picture).reshape(mask.size, -1)[places])
            classes.append(mask.ravel()[places])
        if not rows:
            raise ValidationError("a forest is grown from at least one picture; found none")
        grown = ExtraTreesClassifier(
            self.trees, min_samples_leaf=5, max_features="sqrt", random_state=self.seed, n_jobs=1
        ).fit(np.concatenate(rows), np.concatenate(classes))
        self.arrays = _flatten(grown, self.n_classes)
        return self

    def predict(self, picture: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Class probabilities of every pixel; shape (h, w, n_classes)."""
        if not self.arrays:
            raise ValidationError("this forest has not been grown yet; call fit")
        rows = pixel_features(picture)
        flat = rows.reshape(-1, rows.shape[2])
        out = np.empty((len(flat), self.n_classes), dtype=np.float32)
        for start in range(0, len(flat), _BLOCK):
            out[start : start + _BLOCK] = self._leaves(flat[start : start + _BLOCK])
        return out.reshape(*rows.shape[:2], self.n_classes)

    def _leaves(self, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        """Mean of the leaves that each row falls into, all trees one level at a time."""
        a, total = self.arrays, np.zeros((len(rows), self.n_classes), dtype=np.float32)
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

    def save(self, path: str | Path) -> None:
        """Write the trees as arrays."""
        settings = {
            "n_classes": self.n_classes,
            "trees": self.trees,
            "pixels": self.pixels_per_picture,
            "seed": self.seed,
        }
        write_model(path, pack_model(_KIND, settings, **self.arrays))

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read a forest; its links are checked, so that a hostile file cannot loop for ever.

        Raises
        ------
        ModelFileError
            If the file is no forest.
        """
        settings, arrays = unpack_model(read_model(path), _KIND)
        try:
            forest = cls(
                int(settings["n_classes"]),
                trees=int(settings["trees"]),
                pixels_per_picture=int(settings["pixels"]),
                seed=int(settings["seed"]),
            )
            _check(arrays, forest.n_classes)
        except (KeyError, TypeError, ValueError, IndexError) as problem:
            raise ModelFileError(f"{path}: no forest of pixels: {problem}") from problem
        forest.arrays = arrays
        return forest


def _spread(
    classes: NDArray[np.integer[Any]], size: int, rng: np.random.Generator
) -> NDArray[np.intp]:
    """Places drawn evenly over the classes of one mask."""
    present = np.unique(classes)
    share = max(size // len(present), 1)
    drawn = []
    for class_id in present:
        places = np.flatnonzero(classes == class_id)
        drawn.append(rng.choice(places, min(share, len(places)), replace=False))
    return np.concatenate(drawn)


def _flatten(grown: Any, n_classes: int) -> dict[str, NDArray[Any]]:
    """All trees in one table; ``left < 0`` marks a leaf, children stand after their parent."""
    parts: dict[str, list[NDArray[Any]]] = {
        name: [] for name in ("feature", "threshold", "left", "right", "value")
    }
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


def _check(a: dict[str, NDArray[Any]], n_classes: int) -> None:
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
        and bool(np.all((a["feature"] >= 0) & (a["feature"] < 8 * len(_SIGMAS))))
    )
    if not good:
        raise ValueError("its arrays do not fit together")

"""Random forests per pixel: masks from a handful of painted pictures, in seconds.

Layer: autolabel (imports only ``errors``). Two forests: one looks at a pixel and its filters, the
other also at what the first says of the surroundings. Grown by scikit-learn (extra ``[auto]``);
kept, read and evaluated as plain arrays, so that a model file holds numbers only and predicting
does not need scikit-learn.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from gt_widgets.autolabel.learners.archive import (
    pack_model,
    read_model,
    unpack_model,
    write_model,
)
from gt_widgets.autolabel.learners.pixels import (
    FEATURES,
    around,
    block_of,
    pixel_features,
    to_pixels,
)
from gt_widgets.autolabel.learners.trees import PARTS, check_trees, flatten, leaves
from gt_widgets.errors import ModelFileError, ValidationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["PixelForest"]

_KIND = "pixel-forest-2"
_LOOKS = ("first", "second")
_PARTS = 3
_Trees = dict[str, "NDArray[Any]"]


class PixelForest:
    """Extremely randomised trees on `pixel_features`, twice.

    The second forest sees what the first says around a pixel, by forests that have not seen the
    picture (auto-context: Tu and Bai 2010). Rare classes are drawn as often as others and weigh
    what they cover, so that chances mean areas.

    Parameters
    ----------
    n_classes : int >= 2
        Background is class 0.
    trees : int >= 1
        Of each forest.
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
        self.first: _Trees = {}
        self.second: _Trees = {}

    def fit(
        self, pictures: Sequence[NDArray[np.uint8]], masks: Sequence[NDArray[np.integer[Any]]]
    ) -> Self:
        """Learn from pictures (h, w, 3) and masks (h, w) of class numbers.

        Raises
        ------
        ValidationError
            If there are no pictures, sizes differ or scikit-learn is missing.
        """
        rng = np.random.default_rng(self.seed)
        lessons = [
            _lesson(picture, mask, self.pixels_per_picture, rng)
            for picture, mask in zip(pictures, masks, strict=True)
        ]
        if not lessons:
            raise ValidationError("a forest is grown from at least one picture; found none")
        parts = rng.permutation(len(lessons)) % min(_PARTS, len(lessons))
        self.first = self._grown(lessons)
        wide = []
        for part in range(parts.max() + 1):
            others = [each for each, its in zip(lessons, parts, strict=True) if its != part]
            trees = self._grown(others or lessons)
            own = [each for each, its in zip(lessons, parts, strict=True) if its == part]
            wide += [lesson.with_surroundings(trees) for lesson in own]
        self.second = self._grown(wide)
        return self

    def _grown(self, lessons: Iterable[_Lesson]) -> _Trees:
        try:
            from sklearn.ensemble import ExtraTreesClassifier
        except ImportError as problem:
            raise ValidationError(
                "learning masks needs scikit-learn: pip install 'gt-widgets[auto]'"
            ) from problem
        parts = [(each.rows, each.classes, each.weights) for each in lessons]
        rows, classes, weights = (np.concatenate(part) for part in zip(*parts, strict=True))
        grown = ExtraTreesClassifier(
            self.trees, min_samples_leaf=5, max_features="sqrt", random_state=self.seed, n_jobs=1
        ).fit(rows, classes, weights)
        return flatten(grown, self.n_classes)

    def predict(self, picture: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Class probabilities of every pixel; shape (h, w, n_classes)."""
        if not self.second:
            raise ValidationError("this forest has not been grown yet; call fit")
        seen = pixel_features(picture)
        wide = np.concatenate([seen, around(_chances(self.first, seen))], axis=2)
        return to_pixels(_chances(self.second, wide), (picture.shape[0], picture.shape[1]))

    def save(self, path: str | Path) -> None:
        """Write the trees as arrays."""
        settings = {
            "n_classes": self.n_classes,
            "trees": self.trees,
            "pixels": self.pixels_per_picture,
            "seed": self.seed,
        }
        looks = zip(_LOOKS, (self.first, self.second), strict=True)
        arrays = {f"{look}_{name}": trees[name] for look, trees in looks for name in trees}
        write_model(path, pack_model(_KIND, settings, **arrays))

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
            n = forest.n_classes
            forest.first, forest.second = (
                {name: arrays[f"{look}_{name}"] for name in PARTS} for look in _LOOKS
            )
            check_trees(forest.first, n_classes=n, columns=FEATURES)
            columns = FEATURES + around(np.zeros((1, 1, n), np.float32)).shape[2]
            check_trees(forest.second, n_classes=n, columns=columns)
        except (KeyError, TypeError, ValueError, IndexError) as problem:
            raise ModelFileError(f"{path}: no forest of pixels: {problem}") from problem
        return forest


@dataclass(frozen=True, slots=True)
class _Lesson:
    """Some cells of one picture: what is seen there, which class it is, and what it stands for."""

    picture: NDArray[np.uint8]
    places: NDArray[np.intp]
    rows: NDArray[np.float32]
    classes: NDArray[np.integer[Any]]
    weights: NDArray[np.float64]

    def with_surroundings(self, trees: _Trees) -> _Lesson:
        """Add to each cell what a first look says around it; the picture is filtered again."""
        said = around(_chances(trees, pixel_features(self.picture)))
        beside = said.reshape(-1, said.shape[2])[self.places]
        return replace(self, rows=np.concatenate([self.rows, beside], axis=1))


def _lesson(
    picture: NDArray[np.uint8],
    mask: NDArray[np.integer[Any]],
    size: int,
    rng: np.random.Generator,
) -> _Lesson:
    if picture.shape[:2] != mask.shape:
        raise ValidationError(f"mask {mask.shape} does not fit {picture.shape[:2]}")
    seen = pixel_features(picture)
    wanted = _of_cells(mask, seen.shape[:2], block_of(mask.shape), rng).ravel()
    places, weights = _drawn(wanted, size, rng)
    rows = seen.reshape(-1, seen.shape[2])[places]
    return _Lesson(picture, places, rows, wanted[places], weights)


def _chances(trees: _Trees, rows: NDArray[np.float32]) -> NDArray[np.float32]:
    said = leaves(trees, rows.reshape(-1, rows.shape[2]))
    return said.reshape(*rows.shape[:2], said.shape[1])


def _of_cells(
    mask: NDArray[np.integer[Any]], shape: tuple[int, ...], block: int, rng: np.random.Generator
) -> NDArray[np.integer[Any]]:
    """The class of one pixel of each cell; the same one everywhere, another in each picture."""
    padded = np.pad(mask, ((0, mask.shape[0] % block), (0, mask.shape[1] % block)), mode="edge")
    first = rng.integers(block, size=2)
    return padded[first[0] :: block, first[1] :: block][: shape[0], : shape[1]]


def _drawn(
    classes: NDArray[np.integer[Any]], size: int, rng: np.random.Generator
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Places drawn evenly over the classes of one mask, and how many each stands for."""
    present, counts = np.unique(classes, return_counts=True)
    share = max(size // len(present), 1)
    drawn, weights = [], []
    for class_id, count in zip(present, counts, strict=True):
        places = np.flatnonzero(classes == class_id)
        drawn.append(rng.choice(places, min(share, int(count)), replace=False))
        weights.append(np.full(len(drawn[-1]), count / len(drawn[-1])))
    found = np.concatenate(weights)
    return np.concatenate(drawn), found / found.mean()

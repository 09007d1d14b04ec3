"""The model that a job leaves behind, in one file: what sees the objects, and what judges them.

Layer: training. A later job of the same task may start from it. It may come from a stranger: it
holds numbers and JSON, and everything is checked when it is read.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from gt_widgets.autolabel.learners.archive import pack_model, read_model, unpack_model
from gt_widgets.autolabel.learners.files import load_learner
from gt_widgets.errors import ModelFileError
from gt_widgets.training.embedders import ImageRows, TextRows

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from gt_widgets.autolabel.learners import Learner
    from gt_widgets.training.items import Items

__all__ = ["FinalModel"]

_KIND = "ground-truth-class-1"
_READ: dict[str, Callable[[bytes], ImageRows | TextRows]] = {
    "image": ImageRows.from_bytes,
    "text": TextRows.from_bytes,
}


@dataclass(frozen=True, slots=True)
class FinalModel:
    """A classifier of pictures or texts with the classes it knows."""

    categories: tuple[str, ...]
    embedder: ImageRows | TextRows
    learner: Learner

    def predict(self, items: Items, n: int) -> NDArray[np.float64]:
        """Probabilities of shape (n, n_classes) of objects 0..n - 1; even ones if unreadable."""
        said, unreadable = self.judged(items, n)
        said[list(unreadable)] = 1.0 / said.shape[1]
        return said

    def judged(self, items: Items, n: int) -> tuple[NDArray[np.float64], tuple[int, ...]]:
        """Probabilities of shape (n, n_classes), and which objects cannot be read."""
        from gt_widgets.training.sheets import texts_of, thumbnails

        if isinstance(self.embedder, ImageRows):
            small, unreadable = thumbnails(items, n)
            rows = self.embedder.of_thumbnails(small)
        else:
            texts, unreadable = texts_of(items, n)
            rows = self.embedder.of_texts(texts)
        return self.learner.predict(rows), unreadable

    def to_bytes(self) -> bytes:
        """Pack it: no code, equal models give equal bytes."""
        media = "image" if isinstance(self.embedder, ImageRows) else "text"
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "learner.gtm"
            self.learner.save(path)
            learner = path.read_bytes()
        return pack_model(
            _KIND,
            {"categories": list(self.categories), "media": media},
            embedder=np.frombuffer(self.embedder.to_bytes(), dtype=np.uint8),
            learner=np.frombuffer(learner, dtype=np.uint8),
        )

    @classmethod
    def load(cls, path: Path) -> FinalModel:
        """Read a model file.

        Raises
        ------
        ModelFileError
            If it is none, or its parts do not fit each other.
        """
        settings, arrays = unpack_model(read_model(path), _KIND)
        try:
            categories = tuple(map(str, settings["categories"]))
            parts = [arrays[name].astype(np.uint8).tobytes() for name in ("embedder", "learner")]
            made = _READ[settings["media"]](parts[0])
        except (KeyError, TypeError, ValueError) as problem:
            raise ModelFileError(f"{path}: the model lacks {problem}") from problem
        with tempfile.TemporaryDirectory() as folder:
            inside = Path(folder) / "learner.gtm"
            inside.write_bytes(parts[1])
            learner = load_learner(inside)
        if learner.n_classes != len(categories):
            raise ModelFileError(
                f"{path}: expected a learner of {len(categories)} classes; found "
                f"{learner.n_classes}"
            )
        return cls(categories, made, learner)

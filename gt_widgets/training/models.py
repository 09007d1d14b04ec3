"""The model that a job leaves behind, in one file: what sees the objects, and what judges them.

Layer: training. A later job of the same task may start from it. It may come from a stranger: it
holds numbers and JSON, and everything is checked when it is read.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gt_widgets.autolabel.learners.archive import pack_model, read_model, unpack_model
from gt_widgets.errors import ModelFileError
from gt_widgets.training.choices import Choices
from gt_widgets.training.embedders import ImageRows, TextRows
from gt_widgets.training.own_rows import read_rows
from gt_widgets.training.pixel_rows import PixelRows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gt_widgets.autolabel.learners import Learner
    from gt_widgets.training.items import Items
    from gt_widgets.training.own_rows import Rows

__all__ = ["FinalModel"]

_KIND = "ground-truth-class-1"


@dataclass(frozen=True, slots=True)
class FinalModel:
    """A classifier of pictures or texts with the classes it knows."""

    categories: tuple[str, ...]
    embedder: Rows
    learner: Learner

    def predict(self, items: Items, n: int) -> NDArray[np.float64]:
        """Probabilities of shape (n, n_classes) of objects 0..n - 1; even ones if unreadable."""
        said, unreadable = self.judged(items, n)
        said[list(unreadable)] = 1.0 / said.shape[1]
        return said

    def judged(self, items: Items, n: int) -> tuple[NDArray[np.float64], tuple[int, ...]]:
        """Probabilities of shape (n, n_classes), and which objects cannot be read."""
        rows, unreadable = self._rows(items, n)
        return self.learner.predict(rows), unreadable

    def _rows(self, items: Items, n: int) -> tuple[NDArray[Any], tuple[int, ...]]:
        from gt_widgets.training.sheets import texts_of, thumbnails

        if isinstance(self.embedder, PixelRows):
            return self.embedder.of_items(items, n)
        if isinstance(self.embedder, ImageRows):
            small, unreadable = thumbnails(items, n)
            return self.embedder.of_thumbnails(small), unreadable
        if isinstance(self.embedder, TextRows):
            texts, unreadable = texts_of(items, n)
            return self.embedder.of_texts(texts), unreadable
        from gt_widgets.training.own_sheets import rows_of_items

        return rows_of_items(self.embedder, items, n)

    def to_bytes(self) -> bytes:
        """Pack it: no code, equal models give equal bytes."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "learner.gtm"
            self.learner.save(path)
            learner = path.read_bytes()
        return pack_model(
            _KIND,
            {"categories": list(self.categories)},
            embedder=np.frombuffer(self.embedder.to_bytes(), dtype=np.uint8),
            learner=np.frombuffer(learner, dtype=np.uint8),
        )

    @classmethod
    def load(cls, path: Path, choices: Choices | None = None) -> FinalModel:
        """Read a model file.

        Parameters
        ----------
        path : Path
        choices : Choices, optional
            What the owner of the engine has named: what the model itself names is opened only
            if it is among that.

        Raises
        ------
        ModelFileError
            If it is none, or its parts do not fit each other.
        """
        choices = choices or Choices("classes")
        settings, arrays = unpack_model(read_model(path), _KIND)
        try:
            categories = tuple(map(str, settings["categories"]))
            parts = [arrays[name].astype(np.uint8).tobytes() for name in ("embedder", "learner")]
            made = read_rows(parts[0], choices.known)
        except (KeyError, TypeError, ValueError) as problem:
            raise ModelFileError(f"{path}: the model lacks {problem}") from problem
        with tempfile.TemporaryDirectory() as folder:
            inside = Path(folder) / "learner.gtm"
            inside.write_bytes(parts[1])
            learner = choices.load_learner(inside)
        if learner.n_classes != len(categories):
            raise ModelFileError(
                f"{path}: expected a learner of {len(categories)} classes; found "
                f"{learner.n_classes}"
            )
        return cls(categories, made, learner)

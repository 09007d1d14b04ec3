"""The rows of a job whose features are the user's own.

Layer: training. Pictures are seen as the backbone wants them, texts beside TF-IDF. Rows are kept by
the content of the object, so that neither a kill nor a second job embeds anything twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from gt_widgets.autolabel.features import FeatureCache, TextFeatures, principal_axes
from gt_widgets.autolabel.folds import group_by_difference_hash, group_by_text
from gt_widgets.training.embedders import TextRows
from gt_widgets.training.own_rows import OwnRows, embed_all, inside_of, opened
from gt_widgets.training.sheets import LOOKED_AT, Sheet, texts_of, thumbnails

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Executor
    from pathlib import Path

    from numpy.typing import NDArray

    from gt_widgets.training.items import Items
    from gt_widgets.training.sources import Source

__all__ = ["OwnSheets", "rows_of_items"]

_COLUMNS = {"image": 200, "text": 384}
_COUNTED = 300
"""Columns of TF-IDF beside those of a sentence model."""
_CACHE_BYTES = 1_000_000_000


@dataclass(frozen=True, slots=True)
class OwnSheets:
    """Makes the sheet of one job.

    Attributes
    ----------
    name, source : str, Source
        What the owner calls the features, and what they are.
    media : {"image", "text"}
    cache : Path
        Folder of rows by content, of all jobs; kept below 1 GB.
    executor : callable
        Gives who embeds; None for this process.
    """

    name: str
    source: Source
    media: str
    cache: Path
    executor: Callable[[], Executor | None]

    def make(self, items: Items, n: int) -> Sheet:
        """Look at all objects."""
        if self.media == "text":
            return self._of_texts(items, n)
        small, blind = thumbnails(items, n, side=LOOKED_AT)
        good = np.setdiff1d(np.arange(n), np.array(blind, dtype=np.intp))
        wide, missed = self._embedded(_Some(items, good))
        unreadable = tuple(sorted({*blind, *(int(good[place]) for place in missed)}))
        made = self._reduced(np.delete(wide, missed, axis=0))
        rows = np.zeros((n, made.axes.shape[1]), dtype=np.float32)
        rows[good] = made.rows(wide)
        rows[list(unreadable)] = 0.0
        return Sheet(rows, group_by_difference_hash(small), unreadable, made)

    def _of_texts(self, items: Items, n: int) -> Sheet:
        texts, unreadable = texts_of(items, n)
        wide, missed = self._embedded(texts)
        counted = TextRows(TextFeatures(columns=_COUNTED).learn(texts))
        made = replace(
            self._reduced(wide), text=counted, text_scale=_spread(counted.of_texts(texts))
        )
        unreadable = tuple(sorted({*unreadable, *missed}))
        return Sheet(made.rows(wide, texts), group_by_text(texts), unreadable, made)

    def _embedded(self, objects: Sequence[Any]) -> tuple[NDArray[np.float32], tuple[int, ...]]:
        cache = FeatureCache(self.cache)
        executor = self.executor()
        found = embed_all(
            opened(self.source), objects, source=self.source, cache=cache, executor=executor
        )
        cache.prune(_CACHE_BYTES)
        return found

    def _reduced(self, wide: NDArray[np.float32]) -> OwnRows:
        """Keep the strongest directions; a small file of the user's goes into the model."""
        seen = wide if len(wide) else np.zeros((1, wide.shape[1]), dtype=np.float32)
        centre, axes = principal_axes(seen, columns=_COLUMNS[self.media])
        graph, sidecar = inside_of(self.source)
        made = OwnRows(self.name, self.source, centre, axes, graph=graph, sidecar=sidecar)
        return replace(made, scale=_spread(made.rows(seen)))


def _spread(rows: NDArray[np.float32]) -> float:
    """Root of the mean squared length of rows about their mean; never 0."""
    return float(np.sqrt(np.mean(np.sum((rows - rows.mean(axis=0)) ** 2, axis=1)))) or 1.0


def rows_of_items(
    made: OwnRows, items: Items, n: int
) -> tuple[NDArray[np.float32], tuple[int, ...]]:
    """Rows of other objects 0..n - 1, zeros where one cannot be read, and which those are."""
    if made.text is not None:
        texts, blind = texts_of(items, n)
        wide, missed = embed_all(made.embedder(), texts, source=made.source)
        return made.rows(wide, texts), tuple(sorted({*blind, *missed}))
    _, blind = thumbnails(items, n, side=LOOKED_AT)
    good = np.setdiff1d(np.arange(n), np.array(blind, dtype=np.intp))
    wide, missed = embed_all(made.embedder(), _Some(items, good), source=made.source)
    rows = np.zeros((n, made.axes.shape[1]), dtype=np.float32)
    rows[good] = made.rows(wide)
    return rows, tuple(sorted({*blind, *(int(good[place]) for place in missed)}))


class _Some(Sequence[bytes]):
    """Some of a job's pictures, read when they are looked at."""

    def __init__(self, items: Items, rows: NDArray[np.intp]) -> None:
        self._items, self._rows = items, rows

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, place: int) -> bytes: ...
    @overload
    def __getitem__(self, place: slice) -> list[bytes]: ...
    def __getitem__(self, place: int | slice) -> bytes | list[bytes]:
        if isinstance(place, slice):
            return [self._items.read(int(row)) for row in self._rows[place]]
        return self._items.read(int(self._rows[place]))

"""The rows that a job's learners see, made once per job and kept on disk.

Layer: training. Pictures are reduced to 64 x 64 and then to at most 200 columns, batch by batch, so
memory is bounded by the rows themselves: 80 MB for 100,000 objects. What cannot be read or decoded
is listed, not guessed.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gt_widgets.autolabel.features import ImageFeatures, TextFeatures, principal_axes
from gt_widgets.autolabel.features.images import SIDE, thumbnail
from gt_widgets.autolabel.folds import group_by_difference_hash, group_by_text
from gt_widgets.errors import ImageError
from gt_widgets.training.embedders import ImageRows, TextRows
from gt_widgets.training.own_rows import read_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from concurrent.futures import Executor

    from numpy.typing import NDArray

    from gt_widgets.training.choices import Choices
    from gt_widgets.training.items import Items
    from gt_widgets.training.own_rows import Rows
    from gt_widgets.training.own_sheets import OwnSheets

__all__ = ["LOOKED_AT", "Sheet", "keep_arrays", "kept_arrays", "sheet_of", "texts_of", "thumbnails"]

LOOKED_AT = 32
"""Side of the thumbnails by which near-duplicates are found."""
_COLUMNS = 200
_TEXT_COLUMNS, _MANY = 500, 20_000
"""Texts differ in more ways than pictures; jobs of more objects than this get the fewer columns."""
_SAMPLE = 2_000
_IN_MEMORY = 20_000
_VERSION = 2


@dataclass(frozen=True, slots=True)
class Sheet:
    """What learners see of a job.

    Attributes
    ----------
    rows : ndarray of shape (n, d)
        One per object; zeros where it cannot be read.
    groups : ndarray of shape (n,)
        Near-duplicates share a number.
    unreadable : tuple of int
    embedder : ImageRows, TextRows or OwnRows
        What made the rows, to be saved with a model.
    earlier : ndarray of shape (n, n_classes) or None
        What an earlier job's model says of the objects.
    """

    rows: NDArray[np.float32]
    groups: NDArray[np.intp]
    unreadable: tuple[int, ...]
    embedder: Rows
    earlier: NDArray[np.float32] | None = None

    @property
    def features(self) -> NDArray[np.float32]:
        """The rows, and beside them what the earlier model says, with as much weight."""
        if self.earlier is None:
            return self.rows
        said = self.earlier - self.earlier.mean(axis=0)
        weight = np.sqrt((self.rows**2).sum() / max(float((said**2).sum()), 1e-12))
        return np.hstack([self.rows, said * np.float32(weight)])


def sheet_of(
    folder: Path,
    media: str,
    n: int,
    items: Items,
    *,
    earlier_model: str = "",
    seed: int = 0,
    own: OwnSheets | None = None,
    choices: Choices | None = None,
    executor: Callable[[], Executor | None] = lambda: None,
) -> Sheet:
    """Read the sheet of a job, or make it.

    Parameters
    ----------
    folder : Path
        Of the job; the sheet is kept in it.
    media : {"image", "text"}
    n : int
        Objects.
    items : Items
    earlier_model : str
        Model file of an earlier job; empty for none.
    seed : int
    own : OwnSheets, optional
        Makes it with features of the user's own.
    choices : Choices, optional
        What the owner has named, for models made with such features.
    executor : callable, optional
        Gives who makes rows of pictures; None for this process.
    """
    kept = folder / f"sheet-{_VERSION}"
    if not kept.exists():
        if own:
            made = own.make(items, n)
        elif media == "image":
            made = _image_sheet(items, n, seed, executor)
        else:
            made = _text_sheet(items, n)
        said = _said_by(earlier_model, items, n, choices) if earlier_model else None
        _keep(kept, made, said)
    return _read(kept, choices)


def _image_sheet(items: Items, n: int, seed: int, executor: Callable[[], Executor | None]) -> Sheet:
    small, unreadable = thumbnails(items, n)
    good = np.setdiff1d(np.arange(n), np.array(unreadable, dtype=np.intp))
    rng = np.random.default_rng([seed, 4])
    sample = np.sort(rng.permutation(good)[:_SAMPLE])
    features = ImageFeatures(seed=seed).learn([small[i] for i in sample] or [small[0]])
    wide = features.embed([small[i] for i in sample] or [small[0]])
    centre, axes = principal_axes(wide, columns=_COLUMNS)
    embedder = ImageRows(features, centre, axes)
    groups = group_by_difference_hash(small)
    rows = embedder.of_thumbnails(small, executor=executor())
    return Sheet(rows, groups, unreadable, embedder)


def thumbnails(
    items: Items, n: int, *, side: int = SIDE
) -> tuple[NDArray[np.uint8], tuple[int, ...]]:
    """Reduce pictures to shape (n, side, side, 3); the numbers of those that cannot be.

    Many are laid on the disk, in a file without a name, so that they need no memory.
    """
    shape = n, side, side, 3
    small: NDArray[np.uint8]
    if n > _IN_MEMORY:
        with tempfile.TemporaryFile() as file:
            small = np.memmap(file, dtype=np.uint8, mode="w+", shape=shape)
    else:
        small = np.zeros(shape, dtype=np.uint8)
    unreadable = []
    for index in range(n):
        try:
            small[index] = thumbnail(items.read(index), side=side)
        except ImageError:
            unreadable.append(index)
    return small, tuple(unreadable)


def _text_sheet(items: Items, n: int) -> Sheet:
    texts, unreadable = texts_of(items, n)
    columns = _TEXT_COLUMNS if n <= _MANY else _COLUMNS
    embedder = TextRows(TextFeatures(columns=columns).learn(texts))
    return Sheet(embedder.of_texts(texts), group_by_text(texts), unreadable, embedder)


def texts_of(items: Items, n: int) -> tuple[list[str], tuple[int, ...]]:
    """Read texts; the numbers of those that cannot be."""
    texts, unreadable = [], []
    for index in range(n):
        try:
            texts.append(items.read(index).decode("utf-8", "replace"))
        except ImageError:
            texts.append("")
            unreadable.append(index)
    return texts, tuple(unreadable)


def _said_by(model_file: str, items: Items, n: int, choices: Choices | None) -> NDArray[np.float32]:
    from gt_widgets.training.models import FinalModel

    model = FinalModel.load(Path(model_file), choices)
    return model.predict(items, n).astype(np.float32)


def keep_arrays(kept: Path, arrays: Mapping[str, NDArray[Any]], **files: bytes) -> None:
    """Write arrays and files into a folder, whole or not at all."""
    partial = kept.with_name(f"{kept.name}.{os.getpid()}.part")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    for name, array in arrays.items():
        np.save(partial / f"{name}.npy", array, allow_pickle=False)
    for name, body in files.items():
        (partial / name).write_bytes(body)
    try:
        partial.rename(kept)
    except OSError:
        if not kept.exists():
            raise
        shutil.rmtree(partial)  # another process was first, with the same rows


def kept_arrays(kept: Path) -> dict[str, NDArray[Any]]:
    """Read the arrays of a folder by name."""
    return {path.stem: np.load(path, allow_pickle=False) for path in kept.glob("*.npy")}


def _keep(kept: Path, sheet: Sheet, said: NDArray[np.float32] | None) -> None:
    arrays: dict[str, NDArray[Any]] = {
        "rows": sheet.rows,
        "groups": sheet.groups,
        "unreadable": np.array(sheet.unreadable, dtype=np.intp),
    }
    if said is not None:
        arrays["earlier"] = said
    keep_arrays(kept, arrays, embedder=sheet.embedder.to_bytes())


def _read(kept: Path, choices: Choices | None) -> Sheet:
    arrays = kept_arrays(kept)
    body = (kept / "embedder").read_bytes()
    return Sheet(
        rows=arrays["rows"],
        groups=arrays["groups"],
        unreadable=tuple(int(index) for index in arrays["unreadable"]),
        embedder=read_rows(body, choices.known if choices else {}),
        earlier=arrays.get("earlier"),
    )

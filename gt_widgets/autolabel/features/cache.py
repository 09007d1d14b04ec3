"""Features on disk, by the content of the object and the id of the embedder.

Layer: autolabel (imports only ``errors``). One small file per object in 256 folders: a killed run
loses nothing, two runs cannot disturb each other, and 100,000 objects need no index in memory.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from gt_widgets.autolabel.executor import in_batches

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from concurrent.futures import Executor

    from numpy.typing import NDArray

    from gt_widgets.autolabel.features.protocol import Embedder

__all__ = ["FeatureCache", "embed_cached"]

_BATCH = 256


class FeatureCache:
    """A folder of rows.

    Parameters
    ----------
    folder : str or Path
        Made when missing.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)

    def path(self, embedder_id: str, content: bytes) -> Path:
        """Where the row of one object lies."""
        key = hashlib.sha256(embedder_id.encode() + b"\0" + hashlib.sha256(content).digest())
        name = key.hexdigest()
        return self.folder / name[:2] / f"{name[2:]}.f32"

    def get(self, embedder_id: str, content: bytes, dim: int) -> NDArray[np.float32] | None:
        """Row of an object; None when it is missing or damaged."""
        try:
            body = self.path(embedder_id, content).read_bytes()
        except OSError:
            return None
        return np.frombuffer(body, dtype="<f4") if len(body) == 4 * dim else None

    def put(self, embedder_id: str, content: bytes, row: NDArray[np.float32]) -> None:
        """Keep a row, whole or not at all."""
        target = self.path(embedder_id, content)
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f"{target.name}.{os.getpid()}.part")
        part.write_bytes(np.asarray(row, dtype="<f4").tobytes())
        part.replace(target)

    def prune(self, most_bytes: int) -> None:
        """Drop the rows that were made first until at most so many bytes are left."""
        files = [(path.stat(), path) for path in self.folder.glob("*/*.f32")]
        size = sum(stat.st_size for stat, _ in files)
        for stat, path in sorted(files, key=lambda file: file[0].st_mtime):
            if size <= most_bytes:
                return
            path.unlink(missing_ok=True)
            size -= stat.st_size


def embed_cached(
    embedder: Embedder,
    items: Sequence[bytes] | Sequence[str],
    *,
    cache: FeatureCache | None = None,
    executor: Executor | None = None,
    batch: int = _BATCH,
    progress: Callable[[int, int], None] | None = None,
) -> NDArray[np.float32]:
    """Embed objects in batches, each object's row only once ever.

    Parameters
    ----------
    embedder : Embedder
    items : sequence of bytes or str
        Read slice by slice, so that a lazy sequence keeps memory bounded.
    cache : FeatureCache, optional
    executor : concurrent.futures.Executor, optional
        In process when None; see `gt_widgets.autolabel.executor.dask_executor` for many.
    batch : int >= 1
    progress : callable(done, total), optional

    Returns
    -------
    ndarray of shape (len(items), embedder.dim)
    """
    rows = np.empty((len(items), embedder.dim), dtype=np.float32)
    done = 0
    parts = in_batches(_embed_part, items, embedder, cache, batch=batch, executor=executor)
    for start, found in parts:
        rows[start : start + len(found)] = found
        done += len(found)
        if progress:
            progress(done, len(items))
    return rows


def _embed_part(
    items: Sequence[bytes] | Sequence[str], embedder: Embedder, cache: FeatureCache | None
) -> NDArray[np.float32]:
    if cache is None:
        return embedder.embed(items)
    contents = [item.encode() if isinstance(item, str) else item for item in items]
    rows = [cache.get(embedder.id, content, embedder.dim) for content in contents]
    missing = [place for place, row in enumerate(rows) if row is None]
    if missing:
        fresh = embedder.embed([items[place] for place in missing])
        for place, row in zip(missing, fresh, strict=True):
            cache.put(embedder.id, contents[place], row)
            rows[place] = row
    return np.stack([row for row in rows if row is not None])

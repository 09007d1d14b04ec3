"""Rows that a backbone or a sentence model of the user's own makes, as part of a saved model.

Layer: training. A file of an ONNX backbone that is small travels inside the model; any other is
named by its SHA-256, and only what the owner of the engine has named is opened.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gt_widgets.autolabel.features import FeatureCache, OnnxEmbedder, SentenceFolder, embed_cached
from gt_widgets.autolabel.features.onnx import read_graph, read_sidecar
from gt_widgets.autolabel.features.torch_models import Library, TorchEmbedder
from gt_widgets.autolabel.learners.archive import kind_of, pack_model, unpack_model
from gt_widgets.errors import GroundTruthError, ImageError, LearnerError, ModelFileError
from gt_widgets.training.embedders import ImageRows, TextRows
from gt_widgets.training.own import brought
from gt_widgets.training.pixel_rows import PIXELS, PixelRows
from gt_widgets.training.sources import Source, check_unchanged

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from concurrent.futures import Executor

    from numpy.typing import NDArray

    from gt_widgets.autolabel.features import Embedder

__all__ = ["OwnRows", "Rows", "embed_all", "inside_of", "opened", "read_rows"]

_KIND = "own-rows-1"
_INSIDE = 64 * 1024 * 1024
"""An ONNX file up to this is kept within the model."""
_BATCH = 32


@dataclass(frozen=True, slots=True)
class OwnRows:
    """Features of the user's own on their strongest directions, of texts beside TF-IDF.

    Attributes
    ----------
    name : str
        What the owner calls it.
    source : Source
    centre, axes : ndarray of shape (dim,), (dim, k)
    scale, text_scale : float > 0
        Both views are divided by theirs, so that they weigh the same.
    text : TextRows or None
        TF-IDF of the job's texts; None for pictures.
    graph : bytes
        The ONNX file, if it is small; else empty.
    sidecar : dict
        What stood beside it.
    """

    name: str
    source: Source
    centre: NDArray[np.float32]
    axes: NDArray[np.float32]
    scale: float = 1.0
    text: TextRows | None = None
    text_scale: float = 1.0
    graph: bytes = b""
    sidecar: Mapping[str, Any] | None = None

    def embedder(self) -> Embedder:
        """Open what makes the rows: the file inside, or what the owner named."""
        if self.graph:
            return OnnxEmbedder.of_graph(self.graph, self.sidecar or {})
        return opened(self.source)

    def rows(self, wide: NDArray[np.float32], texts: Sequence[str] = ()) -> NDArray[np.float32]:
        """Rows of what `embed_all` gave, and of the same texts."""
        own = ((wide - self.centre) @ self.axes / self.scale).astype(np.float32)
        if self.text is None:
            return own
        return np.hstack([own, self.text.of_texts(texts) / np.float32(self.text_scale)])

    def to_bytes(self) -> bytes:
        """Pack it without code."""
        settings = {
            "name": self.name,
            "source": {**self.source.to_dict(), "path": Path(self.source.path).name},
            "scale": self.scale,
            "text_scale": self.text_scale,
            "sidecar": dict(self.sidecar) if self.sidecar else None,
        }
        inside = {"text": self.text.to_bytes() if self.text else b"", "graph": self.graph}
        packed = {key: np.frombuffer(body, dtype=np.uint8) for key, body in inside.items() if body}
        return pack_model(_KIND, settings, centre=self.centre, axes=self.axes, **packed)

    @classmethod
    def from_bytes(cls, body: bytes, known: Mapping[str, Source]) -> OwnRows:
        """Read what `to_bytes` wrote; where nothing is inside, the owner must know the file.

        Raises
        ------
        ModelFileError
            If it is something else, or made with a file or code that is not named here.
        """
        settings, arrays = unpack_model(body, _KIND)
        try:
            name, told = str(settings["name"]), Source.from_dict(settings["source"])
            scales = float(settings["scale"]), float(settings["text_scale"])
            centre, axes = arrays["centre"], arrays["axes"]
            graph = arrays["graph"].tobytes() if "graph" in arrays else b""
            text = TextRows.from_bytes(arrays["text"].tobytes()) if "text" in arrays else None
        except (GroundTruthError, KeyError, TypeError, ValueError) as problem:
            raise ModelFileError(f"features of one's own lack {problem}") from problem
        if axes.ndim != 2 or centre.shape != axes.shape[:1] or min(scales) <= 0:  # noqa: PLR2004
            raise ModelFileError("the arrays of features of one's own do not fit each other")
        source = told if graph else _same(name, told, known)
        return cls(
            name, source, centre, axes, scales[0], text, scales[1], graph, settings["sidecar"]
        )


Rows = ImageRows | TextRows | PixelRows | OwnRows


def read_rows(body: bytes, known: Mapping[str, Source]) -> Rows:
    """Read what makes a model's rows, by what the bytes say they are.

    Raises
    ------
    ModelFileError
        If they are none.
    """
    kind = kind_of(body)
    if kind == _KIND:
        return OwnRows.from_bytes(body, known)
    if kind == PIXELS:
        return PixelRows.from_bytes(body)
    return ImageRows.from_bytes(body) if kind.startswith("image") else TextRows.from_bytes(body)


def _same(name: str, told: Source, known: Mapping[str, Source]) -> Source:
    """Find what the owner calls so, or has under another name with the same content."""
    alike = [
        source
        for source in ([known[name]] if name in known else []) + list(known.values())
        if (source.kind, source.what, source.sha256) == (told.kind, told.what, told.sha256)
    ]
    if not alike:
        digest = f" (sha256 {told.sha256[:12]}...)" if told.sha256 else ""
        raise ModelFileError(
            f"the model sees its objects through {name!r}, {told.kind} "
            f"{told.what or told.path}{digest}, which is not named on this engine: "
            "gt.connect(learners={...}), or gt-widgets serve --learner NAME=...; away from an "
            "engine gt.load_model(folder, learners={...})"
        )
    return alike[0]


@lru_cache(maxsize=2)
def opened(source: Source) -> Embedder:
    """Open what the owner named; twice the same is opened once.

    Raises
    ------
    ModelFileError, LearnerError
        If it cannot be used.
    """
    if source.kind == "python":
        return _own_embedder(source)
    check_unchanged(source)
    if source.kind == "onnx-features":
        return OnnxEmbedder(source.path)
    if source.kind == "sentences":
        return SentenceFolder(source.path)
    if source.kind in {"timm", "torchvision"}:
        library: Library = "timm" if source.kind == "timm" else "torchvision"
        return TorchEmbedder(library, source.what, source.path)
    raise ModelFileError(f"{source} makes no features.")


def inside_of(source: Source) -> tuple[bytes, dict[str, Any] | None]:
    """The file and the sidecar that are kept within a model; nothing where that is too much."""
    if source.kind != "onnx-features" or Path(source.path).stat().st_size > _INSIDE:
        return b"", None
    path = Path(source.path)
    return read_graph(path), read_sidecar(path.with_name(path.name + ".json"))


def _own_embedder(source: Source) -> Embedder:
    made = brought(source)
    try:
        found: Embedder = made() if isinstance(made, type) else made
        good = isinstance(found.id, str) and isinstance(found.dim, int) and callable(found.embed)
    except Exception as problem:
        raise LearnerError(f"{source} could not be made: {problem!r}") from problem
    if not good:
        raise LearnerError(f"{source}: features need id (str), dim (int) and embed(items).")
    return found


class _Forgiving:
    """An embedder that says "not a number" of what it cannot read, and goes on.

    It travels to a worker process as the source alone, and is opened there once: the worker must
    see the same file under the same path.
    """

    def __init__(self, inside: Embedder, source: Source) -> None:
        self.inside, self.source = inside, source

    def __reduce__(self) -> tuple[Any, ...]:
        return _there, (self.source,)

    @property
    def id(self) -> str:
        return self.inside.id

    @property
    def dim(self) -> int:
        return self.inside.dim

    def embed(self, items: Sequence[Any]) -> NDArray[np.float32]:
        try:
            return self._rows(items)
        except ImageError:
            if len(items) == 1:
                return np.full((1, self.dim), np.nan, dtype=np.float32)
            return np.concatenate([self.embed([item]) for item in items])

    def _rows(self, items: Sequence[Any]) -> NDArray[np.float32]:
        try:
            rows = np.asarray(self.inside.embed(items), dtype=np.float32)
        except (GroundTruthError, MemoryError, OSError):
            raise
        except Exception as problem:
            raise LearnerError(f"features {self.id} failed: {problem!r}") from problem
        if rows.shape != (len(items), self.dim) or not np.isfinite(rows).all():
            raise LearnerError(
                f"features {self.id}: expected finite rows of shape {(len(items), self.dim)}; "
                f"found {rows.shape}"
            )
        return rows


def _there(source: Source) -> _Forgiving:
    return _Forgiving(opened(source), source)


def embed_all(
    embedder: Embedder,
    items: Sequence[Any],
    *,
    source: Source,
    cache: FeatureCache | None = None,
    executor: Executor | None = None,
) -> tuple[NDArray[np.float32], tuple[int, ...]]:
    """Embed every object.

    Parameters
    ----------
    embedder : Embedder
    items : sequence of bytes or str
        Read slice by slice.
    source : Source
        Where the embedder comes from: a worker process opens that.
    cache : FeatureCache, optional
        Of this machine.
    executor : concurrent.futures.Executor, optional
        This process when None, and for code of the user's own, which workers do not have.

    Returns
    -------
    (ndarray of shape (n, dim), tuple of int)
        The rows, zeros where an object could not be read; and which those are.
    """
    workers = None if source.kind == "python" else executor
    kept = cache if workers is None else None  # a worker's disk may be another
    forgiving = _Forgiving(embedder, source)
    rows = embed_cached(forgiving, items, cache=kept, executor=workers, batch=_BATCH)
    blind = np.flatnonzero(np.isnan(rows).any(axis=1))
    rows[blind] = 0.0
    return rows, tuple(int(index) for index in blind)

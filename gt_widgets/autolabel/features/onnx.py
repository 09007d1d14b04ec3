"""Features from an ONNX backbone of the user's own: DINOv2, CLIP, ResNet, any exported network.

Layer: autolabel (imports only ``errors``). Needs the extra ``[onnx]``. Nothing is downloaded, and
an ONNX file holds a graph and numbers, no code.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np

from gt_widgets.autolabel.features.pixels import square_pixels
from gt_widgets.errors import ModelFileError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

__all__ = ["OnnxEmbedder", "open_graph", "read_graph", "read_sidecar"]

_MAX_FILE_BYTES = 2**31
_MAX_SIDECAR_BYTES = 65_536
_MAX_SIDE = 1024
_EXPECTED = 'a JSON object {"size", "mean", "std", "layout", "pool"}'


class OnnxEmbedder:
    """Rows from a backbone file and a sidecar that says how pictures are prepared.

    Parameters
    ----------
    path : str or Path
        The ``.onnx`` file: one input of shape (batch, 3, size, size) or (batch, size, size, 3).
    sidecar : str or Path, optional
        JSON ``{"size": 224, "mean": [..3], "std": [..3], "layout": "NCHW" | "NHWC",
        "pool": "none" | "mean" | "first"}``; ``<path>.json`` by default. ``pool`` says what is
        done with the axes after the first of an output that is no row: their mean, or the
        first token.
    threads : int >= 1

    Raises
    ------
    ModelFileError
        If a file is missing, too large or not what it should be, or onnxruntime is missing.
    """

    def __init__(
        self, path: str | Path, sidecar: str | Path | None = None, *, threads: int = 1
    ) -> None:
        target = Path(path)
        beside = Path(sidecar) if sidecar else target.with_name(target.name + ".json")
        settings = read_sidecar(beside)
        self._open(target, read_graph(target), settings, threads)

    def _open(self, path: Path, body: bytes, settings: dict[str, Any], threads: int) -> None:
        self.path, self.graph, self.settings, self.threads = path, body, settings, threads
        self.size = int(settings["size"])
        self.mean = np.asarray(settings["mean"], dtype=np.float32)
        self.std = np.asarray(settings["std"], dtype=np.float32)
        self.layout: Literal["NCHW", "NHWC"] = settings["layout"]
        self.pool: Literal["none", "mean", "first"] = settings["pool"]
        self._session = open_graph(path, body, threads=threads)
        self._input = self._session.get_inputs()[0].name
        digest = hashlib.sha256(body + json.dumps(settings, sort_keys=True).encode())
        self.id = f"onnx-1-{digest.hexdigest()[:16]}"
        self.dim = int(self._run(np.zeros((1, self.size, self.size, 3), np.float32)).shape[1])

    @classmethod
    def of_graph(cls, graph: bytes, settings: Mapping[str, Any], *, threads: int = 1) -> Self:
        """Open the bytes of an ONNX file with what its sidecar says.

        Raises
        ------
        ModelFileError
            If either cannot be used.
        """
        embedder = cls.__new__(cls)
        told = _checked(settings, "the sidecar")
        embedder._open(Path("the ONNX file"), graph, told, threads)  # noqa: SLF001 - its own
        return embedder

    def embed(self, pictures: Sequence[bytes]) -> NDArray[np.float32]:
        """Features of shape (n, dim), 32 pictures at a time."""
        rows = [np.zeros((0, self.dim), dtype=np.float32)]
        for start in range(0, len(pictures), 32):
            part = pictures[start : start + 32]
            batch = [square_pixels(picture, self.size, self.mean, self.std) for picture in part]
            rows.append(self._run(np.stack(batch)))
        return np.concatenate(rows)

    def _run(self, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
        batch = pixels.transpose(0, 3, 1, 2) if self.layout == "NCHW" else pixels
        feed = {self._input: np.ascontiguousarray(batch)}
        out = np.asarray(self._session.run(None, feed)[0], dtype=np.float32)
        if out.ndim == 3:  # noqa: PLR2004
            out = out[:, 0] if self.pool == "first" else out.mean(axis=1)
        elif out.ndim > 3:  # noqa: PLR2004
            out = out.mean(axis=tuple(range(2, out.ndim)))
        return out.reshape(len(out), -1)


def read_sidecar(path: Path) -> dict[str, Any]:
    """Read what stands beside a backbone: ``size``, ``mean``, ``std``, ``layout``, ``pool``.

    Raises
    ------
    ModelFileError
        If it is missing or says something else.
    """
    try:
        body = path.read_bytes()
        if len(body) > _MAX_SIDECAR_BYTES:
            raise ModelFileError(f"{path}: expected {_EXPECTED} of at most {_MAX_SIDECAR_BYTES} B")
        found = json.loads(body)
    except (OSError, ValueError) as problem:
        raise ModelFileError(f"{path}: expected {_EXPECTED}; {problem}") from problem
    return _checked(found, str(path))


def _checked(found: Any, where: str) -> dict[str, Any]:
    try:
        settings: dict[str, Any] = {
            "size": int(found["size"]),
            "mean": [float(part) for part in found["mean"]],
            "std": [float(part) for part in found["std"]],
            "layout": str(found.get("layout", "NCHW")),
            "pool": str(found.get("pool", "none")),
        }
    except (AttributeError, KeyError, TypeError, ValueError) as problem:
        raise ModelFileError(f"{where}: expected {_EXPECTED}; {problem}") from problem
    good = (
        1 <= settings["size"] <= _MAX_SIDE
        and len(settings["mean"]) == len(settings["std"]) == 3  # noqa: PLR2004
        and all(part > 0 for part in settings["std"])
        and settings["layout"] in {"NCHW", "NHWC"}
        and settings["pool"] in {"none", "mean", "first"}
    )
    if not good:
        raise ModelFileError(f"{where}: expected {_EXPECTED}; found {settings}")
    return settings


def read_graph(path: Path) -> bytes:
    """Bytes of an ONNX file, up to 2 GiB."""
    try:
        size = path.stat().st_size
        if size > _MAX_FILE_BYTES:
            raise ModelFileError(f"{path}: at most {_MAX_FILE_BYTES} bytes expected; found {size}")
        return path.read_bytes()
    except OSError as problem:
        raise ModelFileError(f"{path}: the ONNX file cannot be read: {problem}") from problem


def open_graph(path: Path, body: bytes, *, threads: int = 1) -> Any:
    """Open a session of onnxruntime; a clear refusal where it or the graph is missing."""
    try:
        import onnxruntime
    except ImportError as problem:
        raise ModelFileError(
            "an ONNX file needs onnxruntime: pip install 'gt-widgets[onnx]'"
        ) from problem
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    try:
        return onnxruntime.InferenceSession(body, options, providers=["CPUExecutionProvider"])
    except Exception as problem:
        raise ModelFileError(f"{path}: no ONNX graph that can be run: {problem}") from problem

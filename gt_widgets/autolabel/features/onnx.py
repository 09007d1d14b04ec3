"""Features from an ONNX backbone of the user's own: DINOv2, CLIP, ResNet, any exported network.

Layer: autolabel (imports only ``errors``). Needs the extra ``[onnx]``. Nothing is downloaded, and
an ONNX file holds a graph and numbers, no code.
"""

from __future__ import annotations

import hashlib
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from gt_widgets.errors import ImageError, ModelFileError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["OnnxEmbedder", "open_graph", "read_graph"]

_MAX_FILE_BYTES = 2**31
_MAX_SIDECAR_BYTES = 65_536
_MAX_SIDE = 1024
_MAX_PIXELS = 100_000_000


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
        self.path = Path(path)
        beside = Path(sidecar) if sidecar else self.path.with_name(self.path.name + ".json")
        settings = _sidecar(beside)
        self.size = int(settings["size"])
        self.mean = np.asarray(settings["mean"], dtype=np.float32)
        self.std = np.asarray(settings["std"], dtype=np.float32)
        self.layout: Literal["NCHW", "NHWC"] = settings["layout"]
        self.pool: Literal["none", "mean", "first"] = settings["pool"]
        body = read_graph(self.path)
        self._session = open_graph(self.path, body, threads=threads)
        self._input = self._session.get_inputs()[0].name
        digest = hashlib.sha256(body + json.dumps(settings, sort_keys=True).encode())
        self.id = f"onnx-1-{digest.hexdigest()[:16]}"
        self.dim = int(self._run(np.zeros((1, self.size, self.size, 3), np.float32)).shape[1])

    def embed(self, pictures: Sequence[bytes]) -> NDArray[np.float32]:
        """Features of shape (n, dim), 32 pictures at a time."""
        rows = [np.zeros((0, self.dim), dtype=np.float32)]
        for start in range(0, len(pictures), 32):
            batch = [self._pixels(picture) for picture in pictures[start : start + 32]]
            rows.append(self._run(np.stack(batch)))
        return np.concatenate(rows)

    def _pixels(self, picture: bytes) -> NDArray[np.float32]:
        from PIL import Image

        try:
            image = Image.open(io.BytesIO(picture))
            if image.width * image.height > _MAX_PIXELS:
                raise ImageError(f"at most {_MAX_PIXELS} pixels expected; found {image.size}")
            small = image.convert("RGB").resize((self.size, self.size), Image.Resampling.BICUBIC)
        except (OSError, SyntaxError) as problem:
            raise ImageError(f"a picture cannot be opened: {problem}") from problem
        pixels = np.asarray(small, dtype=np.float32) / 255.0
        return np.asarray((pixels - self.mean) / self.std, dtype=np.float32)

    def _run(self, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
        batch = pixels.transpose(0, 3, 1, 2) if self.layout == "NCHW" else pixels
        feed = {self._input: np.ascontiguousarray(batch)}
        out = np.asarray(self._session.run(None, feed)[0], dtype=np.float32)
        if out.ndim == 3:  # noqa: PLR2004
            out = out[:, 0] if self.pool == "first" else out.mean(axis=1)
        elif out.ndim > 3:  # noqa: PLR2004
            out = out.mean(axis=tuple(range(2, out.ndim)))
        return out.reshape(len(out), -1)


def _sidecar(path: Path) -> dict[str, Any]:
    expected = 'a JSON object {"size", "mean", "std", "layout", "pool"}'
    try:
        body = path.read_bytes()
        if len(body) > _MAX_SIDECAR_BYTES:
            raise ModelFileError(f"{path}: expected {expected} of at most {_MAX_SIDECAR_BYTES} B")
        found = json.loads(body)
        settings: dict[str, Any] = {
            "size": int(found["size"]),
            "mean": [float(part) for part in found["mean"]],
            "std": [float(part) for part in found["std"]],
            "layout": str(found.get("layout", "NCHW")),
            "pool": str(found.get("pool", "none")),
        }
    except (OSError, AttributeError, KeyError, TypeError, ValueError) as problem:
        raise ModelFileError(f"{path}: expected {expected}; {problem}") from problem
    good = (
        1 <= settings["size"] <= _MAX_SIDE
        and len(settings["mean"]) == len(settings["std"]) == 3  # noqa: PLR2004
        and all(part > 0 for part in settings["std"])
        and settings["layout"] in {"NCHW", "NHWC"}
        and settings["pool"] in {"none", "mean", "first"}
    )
    if not good:
        raise ModelFileError(f"{path}: expected {expected}; found {settings}")
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

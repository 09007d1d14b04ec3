"""A detector of the user's own, as an ONNX file: any exported network that gives boxes.

Layer: autolabel (imports only ``errors``). Needs the extra ``[onnx]``. Nothing is downloaded, and
an ONNX file holds a graph and numbers, no code.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from gt_widgets.autolabel.boxes import FoundBoxes
from gt_widgets.autolabel.detectors.canvas import Canvas
from gt_widgets.autolabel.features.onnx import open_graph, read_graph
from gt_widgets.autolabel.learners.archive import (
    pack_model,
    read_model,
    unpack_model,
    write_model,
)
from gt_widgets.errors import ModelFileError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["OnnxDetector"]

_KIND = "onnx-detector-1"
_MAX_SIDE = 4_096
_MAX_SIDECAR_BYTES = 65_536
_EXPECTED = (
    'a JSON object {"size": [width, height], "mean": [..3], "std": [..3], '
    '"layout": "NCHW" | "NHWC", "boxes": name, "scores": name, "classes": name | null, '
    '"form": "ltrb" | "ltwh" | "cxcywh", "relative": true | false, "fit": "stretch" | "inside", '
    '"categories": [class_id | null, ...]}'
)


class OnnxDetector:
    """Boxes from a network and a sidecar that says how pictures go in and boxes come out.

    Give it to `BoxSight` as ``earlier``: it labels if it is good enough, which people's
    calibration sample decides.

    Parameters
    ----------
    path : str or Path
        The ``.onnx`` file, for one picture at a time.
    sidecar : str or Path, optional
        JSON, ``<path>.json`` by default. ``boxes``, ``scores`` and ``classes`` are names of
        outputs: (1, n, 4), (1, n) and (1, n), or without ``classes`` scores of (1, n, kinds).
        ``fit`` says whether a picture is stretched to ``size``, which is the default, or shrunk to
        lie in its middle, on grey. ``form`` is left, top, right, bottom; left, top, width,
        height; or centre and size; in pixels of the input, or shares of it when ``relative``.
        ``categories`` maps the network's classes to ``class_id``; null leaves one out.

    Raises
    ------
    ModelFileError
        If a file is missing or not what it should be, or onnxruntime is missing.
    """

    def __init__(self, path: str | Path, sidecar: str | Path | None = None) -> None:
        target = Path(path)
        beside = Path(sidecar) if sidecar else target.with_name(target.name + ".json")
        try:
            body = beside.read_bytes()
            found = json.loads(body) if len(body) <= _MAX_SIDECAR_BYTES else None
        except (OSError, ValueError) as problem:
            raise ModelFileError(f"{beside}: expected {_EXPECTED}; {problem}") from problem
        self._open(target, read_graph(target), found)

    def _open(self, path: Path, graph: bytes, found: Any) -> None:
        self.settings, self._graph = _settings(path, found), graph
        self._session = open_graph(path, graph)
        self._input = self._session.get_inputs()[0].name
        there = {output.name for output in self._session.get_outputs()}
        names = [self.settings[name] for name in ("boxes", "scores", "classes")]
        missing = [name for name in names if name is not None and name not in there]
        if missing:
            raise ModelFileError(f"{path}: no output {missing[0]!r}; it has {sorted(there)}")

    def fit(
        self,
        pictures: Sequence[NDArray[np.uint8]],  # noqa: ARG002 - it is trained already
        boxes: Sequence[FoundBoxes],  # noqa: ARG002
    ) -> Self:
        """Stay as it is: what the user brings is not changed."""
        return self

    def predict(self, picture: NDArray[np.uint8]) -> FoundBoxes:
        """Boxes in the picture's own pixels, cut at its edges."""
        s = self.settings
        outputs = [s["boxes"], s["scores"], *([s["classes"]] if s["classes"] else [])]
        parts = self._session.run(outputs, {self._input: self._pixels(picture)})
        boxes = np.asarray(parts[0], dtype=np.float64).reshape(-1, 4)
        scores = np.asarray(parts[1], dtype=np.float64).reshape(len(boxes), -1)
        kinds = (
            np.asarray(parts[2]).reshape(-1).astype(np.intp)
            if s["classes"]
            else scores.argmax(axis=1)
        )
        best = np.nan_to_num(scores.max(axis=1, initial=0.0)).clip(0, 1)
        table = np.array([-1 if c is None else c for c in s["categories"]], dtype=np.intp)
        inside = (kinds >= 0) & (kinds < len(table))
        classes = np.where(inside, table[np.where(inside, kinds, 0)], -1)
        cut = self._in_picture(boxes, picture)
        good = np.flatnonzero((classes >= 0) & (cut[:, 2:].min(axis=1, initial=np.inf) >= 1))
        return FoundBoxes(cut[good], classes[good], best[good])

    def _pixels(self, picture: NDArray[np.uint8]) -> NDArray[np.float32]:
        from PIL import Image

        s = self.settings
        if s["fit"] == "inside":
            shown = self._canvas(picture).plain()
        else:
            small = Image.fromarray(picture).resize(tuple(s["size"]), Image.Resampling.BILINEAR)
            shown = np.asarray(small)
        pixels = shown.astype(np.float32) / 255.0
        ready = ((pixels - np.array(s["mean"])) / np.array(s["std"])).astype(np.float32)[None]
        return np.ascontiguousarray(ready.transpose(0, 3, 1, 2) if s["layout"] == "NCHW" else ready)

    def _canvas(self, picture: NDArray[np.uint8]) -> Canvas:
        width, height = self.settings["size"]
        return Canvas(picture, (height, width))

    def _in_picture(
        self, boxes: NDArray[np.float64], picture: NDArray[np.uint8]
    ) -> NDArray[np.float64]:
        s = self.settings
        first, second = boxes[:, :2], boxes[:, 2:]
        if s["form"] == "cxcywh":
            first = first - second / 2
        last = second if s["form"] == "ltrb" else first + second
        if s["fit"] == "inside":
            size = np.array(s["size"] if s["relative"] else (1, 1), dtype=np.float64)
            inside = np.nan_to_num(np.concatenate([first * size, (last - first) * size], axis=1))
            return self._canvas(picture).back(inside)
        whole = np.array([picture.shape[1], picture.shape[0]], dtype=np.float64)
        scale = whole if s["relative"] else whole / np.array(s["size"])
        low, high = np.clip(first * scale, 0, whole), np.clip(last * scale, 0, whole)
        return np.asarray(
            np.nan_to_num(np.concatenate([low, high - low], axis=1)), dtype=np.float64
        )

    def save(self, path: str | Path) -> None:
        """Write graph and settings in one file."""
        graph = np.frombuffer(self._graph, dtype=np.uint8)
        write_model(path, pack_model(_KIND, self.settings, graph=graph))

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read what `save` wrote.

        Raises
        ------
        ModelFileError
            If the file is no such detector.
        """
        settings, arrays = unpack_model(read_model(path), _KIND)
        if set(arrays) != {"graph"} or arrays["graph"].dtype != np.uint8:
            raise ModelFileError(f"{path}: expected the bytes of one graph")
        detector = cls.__new__(cls)
        detector._open(  # noqa: SLF001 - its own
            Path(path), arrays["graph"].tobytes(), settings
        )
        return detector


def _settings(path: Path, found: Any) -> dict[str, Any]:
    try:
        settings: dict[str, Any] = {
            "size": [int(side) for side in found["size"]],
            "mean": [float(part) for part in found.get("mean", (0, 0, 0))],
            "std": [float(part) for part in found.get("std", (1, 1, 1))],
            "layout": str(found.get("layout", "NCHW")),
            "boxes": str(found["boxes"]),
            "scores": str(found["scores"]),
            "classes": None if found.get("classes") is None else str(found["classes"]),
            "form": str(found.get("form", "ltrb")),
            "relative": bool(found.get("relative", False)),
            "fit": str(found.get("fit", "stretch")),
            "categories": [None if c is None else int(c) for c in found["categories"]],
        }
    except (AttributeError, KeyError, TypeError, ValueError) as problem:
        raise ModelFileError(f"{path}: expected {_EXPECTED}; {problem!r}") from problem
    good = (
        len(settings["size"]) == 2  # noqa: PLR2004
        and all(1 <= side <= _MAX_SIDE for side in settings["size"])
        and len(settings["mean"]) == len(settings["std"]) == 3  # noqa: PLR2004
        and all(part > 0 for part in settings["std"])
        and settings["layout"] in {"NCHW", "NHWC"}
        and settings["form"] in {"ltrb", "ltwh", "cxcywh"}
        and settings["fit"] in {"stretch", "inside"}
        and len(settings["categories"]) > 0
        and all(c is None or c >= 0 for c in settings["categories"])
    )
    if not good:
        raise ModelFileError(f"{path}: expected {_EXPECTED}; found {settings}")
    return settings

"""The default detector as an ONNX graph: it runs wherever onnxruntime does, without this package.

Layer: autolabel (imports only ``errors``). Writing needs the package onnx (extra ``[onnx]``). The
graph is the network, its peaks as boxes, and of boxes on one place only the surest; what
`OnnxDetector` needs to know stands in the sidecar.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gt_widgets.autolabel.detectors.centres import SAME_PLACE
from gt_widgets.autolabel.detectors.network import BATCH_EPSILON, DILATIONS, STRIDE
from gt_widgets.autolabel.detectors.targets import CENTRE_SCALE, LEAST_SCORE, MOST_BOXES
from gt_widgets.errors import ModelFileError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gt_widgets.autolabel.detectors.centres import CentreDetector

__all__ = ["onnx_graph"]

_OPSET, _IR = 17, 8


def onnx_graph(
    detector: CentreDetector, *, categories: Sequence[str] = ()
) -> tuple[bytes, dict[str, Any]]:
    """Write a detector as a graph.

    Parameters
    ----------
    detector : CentreDetector
        That has learned.
    categories : sequence of str
        Names of its classes, for whoever reads the sidecar.

    Returns
    -------
    (bytes, dict)
        The ``.onnx`` file: input ``picture`` of shape (1, 3, height, width), outputs ``boxes``
        (1, n, 4) as left, top, right, bottom in pixels of the input, ``scores`` and ``classes``
        (1, n), surest first. And its sidecar (see `gt_widgets.autolabel.detectors.OnnxDetector`).

    Raises
    ------
    ModelFileError
        If the package onnx is missing.
    """
    try:
        import onnx
    except ImportError as problem:
        raise ModelFileError(
            "writing an ONNX file needs the package onnx: pip install 'gt-widgets[onnx]'"
        ) from problem
    height, width = detector.shape
    made = _Graph()
    answer = _network(made, detector.weights)
    outputs = _boxes(made, answer, detector.n_classes, (height // STRIDE, width // STRIDE))
    float_, int_ = onnx.TensorProto.FLOAT, onnx.TensorProto.INT64
    info = onnx.helper.make_tensor_value_info
    graph = onnx.helper.make_graph(
        made.nodes,
        "gt_widgets centre detector",
        [info("picture", float_, [1, 3, height, width])],
        [
            info(outputs[0], float_, [1, None, 4]),
            info(outputs[1], float_, [1, None]),
            info(outputs[2], int_, [1, None]),
        ],
        [onnx.numpy_helper.from_array(array, name) for name, array in made.constants.items()],
    )
    model = onnx.helper.make_model(
        graph, opset_imports=[onnx.helper.make_opsetid("", _OPSET)], ir_version=_IR
    )
    onnx.checker.check_model(model, full_check=True)
    return model.SerializeToString(), _sidecar(detector, categories)


def _sidecar(detector: CentreDetector, categories: Sequence[str]) -> dict[str, Any]:
    """Pixels go in as ``pixel / 64 - 2`` of 0..255, shrunk into the canvas on grey."""
    height, width = detector.shape
    return {
        "size": [width, height],
        "fit": "inside",
        "mean": [128 / 255] * 3,
        "std": [64 / 255] * 3,
        "layout": "NCHW",
        "boxes": "boxes",
        "scores": "scores",
        "classes": "classes",
        "form": "ltrb",
        "relative": False,
        "categories": list(range(detector.n_classes)),
        "names": list(categories),
    }


class _Graph:
    """Nodes and constants as they come; every verb gives the name of its output."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.constants: dict[str, NDArray[Any]] = {}

    def constant(self, values: Any, kind: type = np.float32) -> str:
        name = f"c{len(self.constants)}"
        self.constants[name] = np.asarray(values, dtype=kind)
        return name

    def node(self, kind: str, *inputs: str, to: str = "", **settings: Any) -> str:
        from onnx import helper

        name = to or f"n{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], **settings))
        return name

    def conv(
        self, x: str, weight: NDArray[Any], bias: NDArray[Any] | None = None, dilation: int = 1
    ) -> str:
        """Convolve by (height, width, in, out) weights, or (in, out) for a single pixel."""
        kernel = weight[None, None] if weight.ndim == 2 else weight  # noqa: PLR2004
        inputs = [x, self.constant(kernel.transpose(3, 2, 0, 1))]
        inputs += [] if bias is None else [self.constant(bias)]
        reach = dilation * (kernel.shape[0] // 2)
        return self.node("Conv", *inputs, dilations=[dilation] * 2, pads=[reach] * 4)


def _network(made: _Graph, weights: dict[str, NDArray[np.float32]]) -> str:
    """See `gt_widgets.autolabel.detectors.network.forward`; normalisation is in the weights."""

    def layer(name: str, x: str, dilation: int = 1) -> str:
        scale = weights[f"{name}_g"] / np.sqrt(weights[f"{name}_var"] + BATCH_EPSILON)
        shift = weights[f"{name}_b"] - weights[f"{name}_mean"] * scale
        return made.conv(x, weights[name] * scale, shift, dilation)

    cells = made.node("SpaceToDepth", "picture", blocksize=STRIDE)
    stem = made.node("Relu", layer("stem", cells))
    near = made.node("Relu", layer("near", stem))
    x = made.node("Relu", layer("fold", made.node("SpaceToDepth", near, blocksize=2)))
    for place, dilation in enumerate(DILATIONS):
        x = made.node("Relu", made.node("Add", x, layer(f"far{place}", x, dilation)))
    wide = made.node("DepthToSpace", made.conv(x, weights["head"]), blocksize=2, mode="DCR")
    return made.node("Add", wide, made.conv(near, weights["skip"], weights["skip_b"]))


def _boxes(
    made: _Graph, answer: str, n_classes: int, cells: tuple[int, int]
) -> tuple[str, str, str]:
    """See `gt_widgets.autolabel.detectors.targets.boxes_of`, for all cells at once."""
    rows, columns = cells

    def channels(first: int, last: int) -> str:
        ends = [made.constant([end], np.int64) for end in (first, last, 1)]
        return made.node("Slice", answer, *ends)

    chance = made.node("Sigmoid", channels(0, n_classes))
    highest = made.node("MaxPool", chance, kernel_shape=[3, 3], pads=[1] * 4)
    peak = made.node("Where", made.node("Equal", chance, highest), chance, made.constant(0.0))
    flat = made.node("Reshape", peak, made.constant([-1], np.int64))
    most = min(MOST_BOXES, n_classes * rows * columns)
    best, order = f"n{len(made.nodes)}_best", f"n{len(made.nodes)}_order"
    _top(made, flat, made.constant([most], np.int64), best, order)

    down, across = np.mgrid[:rows, :columns].astype(np.float32)[:, None, None] + 0.5
    scale = made.constant(CENTRE_SCALE)
    seen: list[str] = []
    fields = [channels(n_classes + place, n_classes + place + 1) for place in range(4)]
    fields[0] = made.node("Add", made.node("Mul", fields[0], scale), made.constant(across))
    fields[1] = made.node("Add", made.node("Mul", fields[1], scale), made.constant(down))
    whole = made.node("AveragePool", chance, kernel_shape=[3, 3], pads=[1] * 4, count_include_pad=1)
    for field in fields:  # the mean of the 3 x 3 cells around, by their probability
        part = made.node(
            "AveragePool",
            made.node("Mul", chance, field),
            kernel_shape=[3, 3],
            pads=[1] * 4,
            count_include_pad=1,
        )
        mean = made.node("Div", part, whole)
        long = made.node("Reshape", mean, made.constant([-1], np.int64))
        seen.append(made.node("Gather", long, order))
    low, high = made.constant(-3.0), made.constant(6.0)
    width, height = (made.node("Exp", made.node("Clip", each, low, high)) for each in seen[2:])
    return _surest(made, (seen[0], seen[1], width, height), (best, order), rows * columns)


def _top(made: _Graph, x: str, count: str, best: str, order: str) -> None:
    from onnx import helper

    made.nodes.append(helper.make_node("TopK", [x, count], [best, order], axis=0))


def _surest(
    made: _Graph, parts: tuple[str, str, str, str], top: tuple[str, str], cells: int
) -> tuple[str, str, str]:
    """Of boxes on one place only the surest, whatever the class; and no peak that says nothing."""
    x, y, width, height = parts
    best, order = top
    stride, half = made.constant(float(STRIDE)), made.constant(0.5)
    column = made.constant([1], np.int64)
    columns = [
        made.node("Unsqueeze", made.node("Mul", each, stride), column)
        for each in (x, y, width, height)
    ]
    one = made.constant([0], np.int64)
    centred = made.node("Unsqueeze", made.node("Concat", *columns, axis=1), one)
    scored = made.node("Unsqueeze", made.node("Unsqueeze", best, one), one)
    chosen = made.node(
        "NonMaxSuppression",
        centred,
        scored,
        made.constant([MOST_BOXES], np.int64),
        made.constant([SAME_PLACE]),
        made.constant([LEAST_SCORE]),
        center_point_box=1,
    )
    rows = made.node("Gather", chosen, made.constant(2, np.int64), axis=1)
    wide, high = (made.node("Mul", each, half) for each in columns[2:])
    corners = [
        made.node("Sub", columns[0], wide),
        made.node("Sub", columns[1], high),
        made.node("Add", columns[0], wide),
        made.node("Add", columns[1], high),
    ]
    boxes = made.node("Gather", made.node("Concat", *corners, axis=1), rows)
    classes = made.node("Div", order, made.constant(cells, np.int64))
    return (
        made.node("Unsqueeze", boxes, one, to="boxes"),
        made.node("Unsqueeze", made.node("Gather", best, rows), one, to="scores"),
        made.node("Unsqueeze", made.node("Gather", classes, rows), one, to="classes"),
    )

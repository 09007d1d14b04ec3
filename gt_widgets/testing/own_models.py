"""Small models of a user's own, for tests: ONNX files with what stands beside them, and code.

Layer: testing. The networks are written by hand: they know bright rectangles on dark pictures.
"""

from __future__ import annotations

import io
import json
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["Rectangles", "backbone_file", "code_file", "detector_file", "sentence_folder"]

HEIGHT, WIDTH = 48, 64
_BRIGHT = 0.75


class Rectangles:
    """Noise with one bright rectangle each, red or blue.

    Attributes
    ----------
    files : list of bytes
        PNGs of 64 x 48 pixels.
    rectangles : list of tuple
        ``left, top, width, height, class_id``.
    """

    categories = ("red", "blue")

    def __init__(self, count: int, *, seed: int = 0) -> None:
        from PIL import Image

        rng = np.random.default_rng(seed)
        self.rectangles: list[tuple[int, int, int, int, int]] = []
        self.files: list[bytes] = []
        for _ in range(count):
            pixels = rng.integers(0, 60, (HEIGHT, WIDTH, 3)).astype(np.uint8)
            left, top = int(rng.integers(0, 40)), int(rng.integers(0, 28))
            width, height = int(rng.integers(14, 24)), int(rng.integers(12, 20))
            class_id = int(rng.integers(2))
            color = (250, 60, 60) if class_id == 0 else (60, 60, 250)
            pixels[top : top + height, left : left + width] = color
            self.rectangles.append((left, top, width, height, class_id))
            out = io.BytesIO()
            Image.fromarray(pixels).save(out, "PNG")
            self.files.append(out.getvalue())

    def mask(self, place: int) -> NDArray[np.uint8]:
        """1 inside the rectangle, else 0."""
        left, top, width, height, _ = self.rectangles[place]
        found = np.zeros((HEIGHT, WIDTH), np.uint8)
        found[top : top + height, left : left + width] = 1
        return found


def backbone_file(path: Path, *, size: int = 16) -> Path:
    """Write a backbone that gives the mean and the largest value of each colour: six columns."""
    from onnx import helper

    nodes = [
        helper.make_node("GlobalAveragePool", ["x"], ["mean"]),
        helper.make_node("GlobalMaxPool", ["x"], ["most"]),
        helper.make_node("Concat", ["mean", "most"], ["both"], axis=1),
        helper.make_node("Flatten", ["both"], ["rows"]),
    ]
    _write(path, nodes, ["batch", 3, size, size], {"rows": ["batch", 6]})
    sidecar = {"size": size, "mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5]}
    return _beside(path, sidecar)


def detector_file(path: Path, *, categories: Sequence[int | None] = (0,)) -> Path:
    """Write a detector that finds what is bright: one box around all of it."""
    from onnx import helper

    def end(axis: str, name: str) -> list[Any]:
        return [
            helper.make_node(
                "ArgMax", [axis], [f"{name}{last}"], axis=1, keepdims=1, select_last_index=last
            )
            for last in (0, 1)
        ]

    nodes = [
        helper.make_node("ReduceMax", ["x"], ["light"], axes=[1], keepdims=0),
        _constant("bright", np.float32(_BRIGHT)),
        helper.make_node("Greater", ["light", "bright"], ["on"]),
        helper.make_node("Cast", ["on"], ["lit"], to=1),
        helper.make_node("ReduceMax", ["lit"], ["across"], axes=[1], keepdims=0),
        helper.make_node("ReduceMax", ["lit"], ["down"], axes=[2], keepdims=0),
        *end("across", "x"),
        *end("down", "y"),
        _constant("one", np.array([[1]], np.int64)),
        helper.make_node("Add", ["x1", "one"], ["right"]),
        helper.make_node("Add", ["y1", "one"], ["bottom"]),
        helper.make_node("Concat", ["x0", "y0", "right", "bottom"], ["sides"], axis=1),
        helper.make_node("Cast", ["sides"], ["flat"], to=1),
        _constant("shape", np.array([1, 1, 4], np.int64)),
        helper.make_node("Reshape", ["flat", "shape"], ["boxes"]),
        _constant("scores", np.array([[[0.9]]], np.float32)),
    ]
    _write(path, nodes, [1, 3, HEIGHT, WIDTH], {"boxes": [1, 1, 4], "scores": [1, 1, 1]})
    sidecar = {
        "size": [WIDTH, HEIGHT],
        "boxes": "boxes",
        "scores": "scores",
        "form": "ltrb",
        "categories": list(categories),
    }
    return _beside(path, sidecar)


def _constant(name: str, value: Any) -> Any:
    from onnx import helper, numpy_helper

    return helper.make_node("Constant", [], [name], value=numpy_helper.from_array(np.array(value)))


def _write(path: Path, nodes: list[Any], entry: list[Any], outputs: dict[str, list[Any]]) -> None:
    from onnx import TensorProto, helper

    made = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
        for name, shape in outputs.items()
    ]
    seen = helper.make_tensor_value_info("x", TensorProto.FLOAT, entry)
    graph = helper.make_graph(nodes, "g", [seen], made)
    opset = [helper.make_opsetid("", 13)]
    model = helper.make_model(graph, opset_imports=opset, ir_version=8)
    path.write_bytes(model.SerializeToString())


def _beside(path: Path, sidecar: dict[str, Any]) -> Path:
    path.with_name(path.name + ".json").write_text(json.dumps(sidecar))
    return path


def sentence_folder(folder: Path, words: Sequence[str]) -> Path:
    """Write a sentence model of two layers that nobody has trained, as its library saves one."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import BertConfig, BertModel, BertTokenizer

    folder.mkdir(parents=True, exist_ok=True)
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    (folder / "vocab.txt").write_text("\n".join([*special, *words]))
    with torch.random.fork_rng():
        torch.manual_seed(0)
        bert = BertModel(
            BertConfig(
                vocab_size=len(special) + len(words),
                hidden_size=32,
                num_hidden_layers=2,
                num_attention_heads=2,
                intermediate_size=64,
            )
        )
    inner = folder / "bert"
    bert.save_pretrained(inner)
    BertTokenizer(str(folder / "vocab.txt")).save_pretrained(inner)
    word = Transformer(str(inner), max_seq_length=32)
    pooling = Pooling(word.get_embedding_dimension())
    SentenceTransformer(modules=[word, pooling], device="cpu").save(str(folder / "model"))
    return folder / "model"


def code_file(path: Path) -> Path:
    """Write a file of learners as a user would: a copy of ``own_code.py``."""
    path.write_text(files("gt_widgets.testing").joinpath("own_code.py").read_text())
    return path

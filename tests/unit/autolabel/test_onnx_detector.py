import json

import numpy as np
import pytest

from gt_widgets.autolabel.detectors import OnnxDetector
from gt_widgets.errors import ModelFileError

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")

SIDECAR = {
    "size": [20, 10],
    "boxes": "boxes",
    "scores": "scores",
    "classes": "classes",
    "form": "ltrb",
    "categories": [1, None, 0],
}


def graph():
    """A network that finds the same three boxes on every picture."""
    from onnx import TensorProto, helper, numpy_helper

    values = {
        "boxes": np.array([[[2, 1, 12, 6], [0, 0, 5, 5], [15, 5, 30, 30]]], np.float32),
        "scores": np.array([[0.9, 0.8, 0.6]], np.float32),
        "classes": np.array([[2, 1, 0]], np.int64),
    }
    kinds = {"boxes": TensorProto.FLOAT, "scores": TensorProto.FLOAT, "classes": TensorProto.INT64}
    nodes = [
        helper.make_node("Constant", [], [name], value=numpy_helper.from_array(value))
        for name, value in values.items()
    ]
    nodes.append(helper.make_node("Identity", ["x"], ["seen"]))
    outputs = [helper.make_tensor_value_info(n, kinds[n], v.shape) for n, v in values.items()]
    outputs.append(helper.make_tensor_value_info("seen", TensorProto.FLOAT, [1, 3, 10, 20]))
    entry = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, 10, 20])
    model = helper.make_model(
        helper.make_graph(nodes, "g", [entry], outputs),
        opset_imports=[helper.make_opsetid("", 13)],
        ir_version=8,
    )
    return model.SerializeToString()


@pytest.fixture
def detector(tmp_path):
    (tmp_path / "mine.onnx").write_bytes(graph())
    (tmp_path / "mine.onnx.json").write_text(json.dumps(SIDECAR))
    return OnnxDetector(tmp_path / "mine.onnx")


def test_boxes_come_out_in_the_pictures_own_pixels(detector):
    found = detector.predict(np.zeros((100, 100, 3), np.uint8))
    assert found.boxes.tolist() == [[10, 10, 50, 50], [75, 50, 25, 50]]  # cut at the edge
    assert found.classes.tolist() == [0, 1]
    assert found.scores == pytest.approx([0.9, 0.6])


def test_it_is_kept_in_one_file(detector, tmp_path):
    detector.save(tmp_path / "kept.model")
    again = OnnxDetector.load(tmp_path / "kept.model")
    picture = np.zeros((30, 40, 3), np.uint8)
    assert np.array_equal(again.predict(picture).boxes, detector.predict(picture).boxes)
    assert detector.fit([], []) is detector


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"boxes": "nothing"}, "no output 'nothing'"),
        ({"form": "circle"}, "expected a JSON object"),
        ({"categories": []}, "expected a JSON object"),
        ({"size": 20}, "expected a JSON object"),
    ],
)
def test_a_sidecar_that_does_not_fit_is_refused(tmp_path, change, told):
    (tmp_path / "m.onnx").write_bytes(graph())
    (tmp_path / "m.onnx.json").write_text(json.dumps(SIDECAR | change))
    with pytest.raises(ModelFileError, match=told):
        OnnxDetector(tmp_path / "m.onnx")

"""A rough hint becomes a mask: by colours, and by a model that the test makes itself."""

import io

import numpy as np
import pytest
from PIL import Image

from gt_widgets.errors import ImageError, WorkerError
from gt_widgets.schema.runs import unpack_runs
from gt_widgets.segmentation import ModelFiles, propose, read_prompt

WIDTH, HEIGHT = 320, 240
ROWS, COLUMNS = np.mgrid[:HEIGHT, :WIDTH]
THING = ((COLUMNS - 150) / 70) ** 2 + ((ROWS - 120) / 50) ** 2 < 1


def scene(thing=(200, 120, 60), ground=(70, 110, 150), noise=12):
    pixels = np.where(THING[..., None], thing, ground)
    pixels = pixels + np.random.default_rng(3).normal(0, noise, (HEIGHT, WIDTH, 3))
    out = io.BytesIO()
    Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)).save(out, "PNG")
    return out.getvalue()


def mask_of(found):
    place = found.region
    whole = np.zeros((HEIGHT, WIDTH), dtype=bool)
    whole[place.top : place.bottom, place.left : place.right] = unpack_runs(
        found.packed, width=place.width, height=place.height, highest=1
    )
    return whole


def overlap(a, b):
    return (a & b).sum() / (a | b).sum()


def prompt(**hint):
    return read_prompt(hint, width=WIDTH, height=HEIGHT)


BOX = {"left": 70, "top": 60, "width": 160, "height": 120}
EXTREMES = [{"x": 150, "y": 70}, {"x": 80, "y": 120}, {"x": 150, "y": 170}, {"x": 220, "y": 120}]


@pytest.mark.parametrize("hint", [{"box": BOX}, {"extreme": EXTREMES}], ids=["box", "extreme"])
def test_a_thing_of_its_own_colour_is_found(hint):
    found = propose(scene(), prompt(**hint), None)
    assert found.method == "colors"
    assert overlap(mask_of(found), THING) > 0.97


def test_a_proposal_stays_near_its_box():
    box = {"left": 100, "top": 90, "width": 100, "height": 60}
    found = propose(scene(), prompt(box=box), None).region
    assert (found.left, found.top) >= (99, 89)
    assert found.right <= 202
    assert found.bottom <= 152


def test_a_box_over_the_whole_picture_and_one_without_any_contrast_give_something():
    whole = {"left": -10, "top": -10, "width": 9999, "height": 9999}
    assert overlap(mask_of(propose(scene(), prompt(box=whole), None)), THING) > 0.9
    plain = scene(thing=(70, 110, 150), noise=0)
    assert propose(plain, prompt(box=BOX), None).region.width > 0


def test_the_same_hint_gives_the_same_mask():
    first, second = (propose(scene(), prompt(box=BOX), None) for _ in range(2))
    assert first == second


def test_clicks_need_a_model():
    with pytest.raises(WorkerError, match="promptable model"):
        propose(scene(), prompt(clicks=[{"x": 150, "y": 120}]), None)


@pytest.mark.parametrize("data", [b"", b"GIF89a", scene()[:200]])
def test_a_picture_that_cannot_be_read_is_named_as_such(data):
    with pytest.raises(ImageError):
        propose(data, prompt(box=BOX), None)


@pytest.mark.parametrize(
    "hint",
    [
        None,
        {},
        {"box": BOX, "extreme": EXTREMES},
        {"box": {"left": 1}},
        {"box": {"left": float("nan"), "top": 0, "width": 9, "height": 9}},
        {"box": {"left": 400, "top": 0, "width": 9, "height": 9}},
        {"extreme": EXTREMES[:3]},
        {"extreme": [1, 2, 3, 4]},
        {"clicks": []},
        {"scribble": []},
    ],
)
def test_what_is_no_hint_on_this_picture_is_refused(hint):
    with pytest.raises(WorkerError):
        read_prompt(hint, width=WIDTH, height=HEIGHT)


@pytest.fixture
def model(tmp_path):
    """Files of the common form: the mask is a square around the first point of the hint."""
    onnx = pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    helper, kinds = onnx.helper, onnx.TensorProto

    def saved(name, nodes, inputs, outputs, constants=()):
        graph = helper.make_graph(
            nodes,
            name,
            [helper.make_tensor_value_info(n, kinds.FLOAT, shape) for n, shape in inputs],
            [helper.make_tensor_value_info(n, kinds.FLOAT, shape) for n, shape in outputs],
            [onnx.numpy_helper.from_array(value, key) for key, value in constants],
        )
        made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
        made.ir_version = 9
        path = tmp_path / f"{name}.onnx"
        onnx.save(made, str(path))
        return path

    encoder = saved(
        "encoder",
        [helper.make_node("AveragePool", ["images"], ["image_embeddings"], kernel_shape=[4, 4])],
        [("images", [1, 3, 64, 64])],
        [("image_embeddings", [1, 3, 61, 61])],
    )
    columns = np.broadcast_to(COLUMNS * 64 / WIDTH, (1, 1, HEIGHT, WIDTH)).astype(np.float32)
    decoder = saved(
        "decoder",
        [
            helper.make_node("Gather", ["point_coords", "zero"], ["first"], axis=1),
            helper.make_node("Gather", ["first", "zero"], ["x"], axis=1),
            helper.make_node("Sub", ["columns", "x"], ["away"]),
            helper.make_node("Abs", ["away"], ["far"]),
            helper.make_node("Sub", ["reach", "far"], ["masks"]),
            helper.make_node("ReduceMean", ["point_labels"], ["iou"], keepdims=1),
        ],
        [("point_coords", [1, "n", 2]), ("point_labels", [1, "n"])],
        [("masks", None), ("iou", None)],
        [
            ("zero", np.array(0)),
            ("columns", columns),
            ("reach", np.array(2.0, dtype=np.float32)),
        ],
    )
    return ModelFiles(encoder, decoder)


def test_a_click_goes_to_the_users_model_in_its_own_pixels(model):
    found = propose(scene(), prompt(clicks=[{"x": 160, "y": 100}]), model)
    assert found.method == "model"
    assert (found.region.left, found.region.right) == (151, 170)
    assert (found.region.top, found.region.bottom) == (0, HEIGHT)


def test_a_file_that_is_no_model_is_named(tmp_path):
    pytest.importorskip("onnxruntime")
    broken = tmp_path / "encoder.onnx"
    broken.write_bytes(b"not a model")
    with pytest.raises(ImageError, match=r"encoder\.onnx cannot be opened"):
        propose(scene(), prompt(box=BOX), ModelFiles(broken, broken))

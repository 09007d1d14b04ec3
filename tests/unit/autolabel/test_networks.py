"""The small networks of the extra [torch]: what they learn, and that a file of them holds numbers."""

import sys

import numpy as np
import pytest

from gt_widgets.autolabel.learners import load_learner
from gt_widgets.autolabel.learners.archive import pack_model, unpack_model, write_model
from gt_widgets.autolabel.learners.cnn import SmallCnn
from gt_widgets.autolabel.learners.unet import PixelNet
from gt_widgets.errors import ModelFileError, ValidationError
from gt_widgets.testing.own_models import Rectangles


def test_without_torch_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    x, y = np.zeros((2, 3 * 64), np.float32), np.array([0, 1])
    with pytest.raises(ValidationError, match=r"pip install 'gt-widgets\[torch\]'"):
        SmallCnn(2).fit(x, y)
    with pytest.raises(ValidationError, match=r"pip install 'gt-widgets\[torch\]'"):
        PixelNet(2).fit([np.zeros((9, 9, 3), np.uint8)], [np.zeros((9, 9), np.uint8)])


@pytest.mark.parametrize(
    "make",
    [
        lambda: SmallCnn(1),
        lambda: SmallCnn(2, width=1),
        lambda: SmallCnn(2).fit(np.zeros((2, 100), np.float32), np.array([0, 1])),
        lambda: SmallCnn(2).predict(np.zeros((2, 192), np.float32)),
        lambda: PixelNet(2, crop=24),
        lambda: PixelNet(2).predict(np.zeros((9, 9, 3), np.uint8)),
        lambda: PixelNet(2).save("nowhere"),
    ],
)
def test_what_cannot_be_meant_is_refused(make):
    pytest.importorskip("torch")
    with pytest.raises(ValidationError):
        make()


@pytest.fixture(scope="module")
def colors():
    """Thumbnails of red and of blue rectangles, and which is which."""
    import io

    from PIL import Image

    made = Rectangles(60)
    small = [Image.open(io.BytesIO(file)).resize((16, 16)) for file in made.files]
    rows = np.stack([np.asarray(picture).reshape(-1) for picture in small])
    return rows, np.array([rectangle[4] for rectangle in made.rectangles])


def test_a_small_network_tells_colors_apart_and_comes_back_from_its_file(colors, tmp_path):
    torch = pytest.importorskip("torch")
    rows, y = colors
    before = torch.random.get_rng_state()
    model = SmallCnn(2, width=8, epochs=6).fit(rows[:40], y[:40])
    assert torch.equal(torch.random.get_rng_state(), before)
    said = model.predict(rows[40:])
    assert (said.argmax(axis=1) == y[40:]).mean() >= 0.9
    assert np.allclose(said.sum(axis=1), 1.0)
    again = SmallCnn(2, width=8, epochs=6).fit(rows[:40], y[:40])
    assert np.array_equal(again.predict(rows[40:]), said)
    model.save(tmp_path / "cnn.gtm")
    assert np.array_equal(load_learner(tmp_path / "cnn.gtm").predict(rows[40:]), said)


def test_arrays_that_do_not_fit_a_network_are_refused(colors, tmp_path):
    pytest.importorskip("torch")
    rows, y = colors
    SmallCnn(2, width=8, epochs=1).fit(rows, y).save(tmp_path / "cnn.gtm")
    settings, arrays = unpack_model((tmp_path / "cnn.gtm").read_bytes(), "cnn-1")
    first = min(arrays)
    for wrong in ({first: arrays[first][..., :1]}, {first: arrays[first] * np.nan}):
        write_model(tmp_path / "bad.gtm", pack_model("cnn-1", settings, **(arrays | wrong)))
        with pytest.raises(ModelFileError, match="do not fit"):
            SmallCnn.load(tmp_path / "bad.gtm")


def test_a_small_u_net_finds_what_is_bright_at_any_size(tmp_path):
    pytest.importorskip("torch")
    from gt_widgets.autolabel.pictures import open_picture

    made = Rectangles(12)
    pictures = [open_picture(file) for file in made.files]
    masks = [made.mask(place) for place in range(12)]
    model = PixelNet(2, width=8, steps=40, crop=32).fit(pictures[:10], masks[:10])
    chances = model.predict(pictures[10])
    assert chances.shape == (48, 64, 2)
    assert (chances.argmax(axis=2) == masks[10]).mean() > 0.95
    odd = model.predict(pictures[11][:37, :51])
    assert odd.shape == (37, 51, 2)
    model.save(tmp_path / "net.gtm")
    assert np.array_equal(PixelNet.load(tmp_path / "net.gtm").predict(pictures[10]), chances)

import io

import numpy as np
import pytest
from PIL import Image

from gt_widgets.autolabel.features import ImageFeatures, TextFeatures
from gt_widgets.autolabel.learners.archive import pack_model, unpack_model
from gt_widgets.errors import ImageError, ModelFileError
from gt_widgets.training import sheets
from gt_widgets.training.embedders import ImageRows, TextRows

TEXTS = ["refund my card", "the card was charged twice", "parcel late", "late parcels again"]


def pictures(n=6):
    return np.random.default_rng(0).integers(0, 255, (n, 64, 64, 3), dtype=np.uint8)


@pytest.fixture(scope="module")
def image_rows():
    features = ImageFeatures(words=4).learn(list(pictures()))
    rng = np.random.default_rng(1)
    centre = rng.normal(size=features.dim).astype(np.float32)
    axes = rng.normal(size=(features.dim, 5)).astype(np.float32)
    return ImageRows(features, centre, axes)


@pytest.fixture(scope="module")
def text_rows():
    return TextRows(TextFeatures().learn(TEXTS))


def test_what_sees_pictures_comes_back_from_its_file(image_rows):
    again = ImageRows.from_bytes(image_rows.to_bytes())
    assert again.features.id == image_rows.features.id
    assert np.array_equal(again.of_thumbnails(pictures()), image_rows.of_thumbnails(pictures()))


def test_what_sees_texts_comes_back_from_its_file(text_rows):
    again = TextRows.from_bytes(text_rows.to_bytes())
    assert again.features.id == text_rows.features.id
    assert np.array_equal(again.of_texts(TEXTS), text_rows.of_texts(TEXTS))


@pytest.mark.parametrize(
    ("read", "older"),
    [(ImageRows.from_bytes, "image-rows-1"), (TextRows.from_bytes, "text-rows-1")],
)
def test_a_file_of_the_features_before_is_refused_by_its_name(read, older):
    with pytest.raises(ModelFileError, match=older):
        read(pack_model(older, {"words": 4, "columns": 4}))


@pytest.mark.parametrize(
    "damage",
    [
        {"places": lambda a: a + 10**6},
        {"places": lambda a: a - 10**6},
        {"ends": lambda a: a[::-1]},
        {"ends": lambda a: a[:-1]},
        {"values": lambda a: a[1:]},
        {"used": lambda a: a[::-1]},
        {"used": lambda a: a + 2**20},
        {"axes": lambda a: a[0]},
        {"axes": lambda a: a[1:]},
        {"weights": lambda a: a[1:]},
    ],
    ids=str,
)
def test_a_text_model_of_a_stranger_reads_nothing_outside(text_rows, damage):
    settings, arrays = unpack_model(text_rows.to_bytes(), "text-rows-2")
    for name, harm in damage.items():
        arrays[name] = harm(arrays[name])
    with pytest.raises(ModelFileError, match="do not fit"):
        TextRows.from_bytes(pack_model("text-rows-2", settings, **arrays))


@pytest.mark.parametrize("name", ["filters", "scales", "axes", "patches_means", "gradients_axes"])
def test_a_picture_model_of_a_stranger_must_fit_itself(image_rows, name):
    settings, arrays = unpack_model(image_rows.to_bytes(), "image-rows-2")
    arrays[name] = arrays[name][1:]
    with pytest.raises(ModelFileError, match="do not fit"):
        ImageRows.from_bytes(pack_model("image-rows-2", settings, **arrays))


class Shelf:
    """Three pictures, the second of which cannot be read."""

    def read(self, object_id):
        if object_id == 1:
            raise ImageError("object 1 cannot be read")
        out = io.BytesIO()
        Image.fromarray(pictures()[object_id]).save(out, "PNG")
        return out.getvalue()


def test_many_thumbnails_lie_on_the_disk_and_are_the_same(monkeypatch):
    in_memory, unreadable = sheets.thumbnails(Shelf(), 3)
    monkeypatch.setattr(sheets, "_IN_MEMORY", 2)
    on_disk, _ = sheets.thumbnails(Shelf(), 3)
    assert isinstance(on_disk, np.memmap)
    assert np.array_equal(on_disk, in_memory)
    assert unreadable == (1,)
    assert not in_memory[1].any()

"""A model that another has made names files; only the owner's own are opened."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from gt_widgets.autolabel.features import ImageFeatures, principal_axes
from gt_widgets.autolabel.features.images import SIDE
from gt_widgets.autolabel.learners.linear import LinearLearner
from gt_widgets.errors import ImageError, ModelFileError
from gt_widgets.testing.own_models import Rectangles, backbone_file, code_file, sentence_folder
from gt_widgets.training.choices import Choices
from gt_widgets.training.embedders import ImageRows, TextRows
from gt_widgets.training.models import FinalModel
from gt_widgets.training.own_rows import OwnRows, embed_all, opened
from gt_widgets.training.own_sheets import OwnSheets
from gt_widgets.training.sources import Source, source_of


class Items:
    def __init__(self, objects):
        self.objects = objects

    def read(self, object_id):
        if self.objects[object_id] is None:
            raise ImageError("gone")
        return self.objects[object_id]


def nobody():
    return None


def test_pictures_that_cannot_be_read_have_empty_rows_and_are_listed(tmp_path):
    pytest.importorskip("onnx")
    files = Rectangles(12).files
    files[3], files[5] = None, b"no picture"
    source = source_of(backbone_file(tmp_path / "a.onnx"))
    sheets = OwnSheets("a", source, "image", tmp_path / "cache", nobody)
    sheet = sheets.make(Items(files), 12)
    assert sheet.unreadable == (3, 5)
    assert sheet.rows.shape[0] == 12
    assert not sheet.rows[[3, 5]].any()
    assert len(list((tmp_path / "cache").rglob("*.f32"))) == 10
    again = sheets.make(Items(files), 12)
    assert np.array_equal(again.rows, sheet.rows)


def test_texts_are_seen_through_both_views_with_equal_weight(tmp_path):
    source = source_of(f"{code_file(tmp_path / 'mine.py')}:Letters")
    texts = [f"{word} {n}" for n, word in enumerate(["tide", "oven", "rail", "apple"] * 8)]
    sheets = OwnSheets("words", source, "text", tmp_path / "cache", nobody)
    sheet = sheets.make(Items([text.encode() for text in texts]), 32)
    own = sheet.embedder.axes.shape[1]
    lengths = [float((part**2).sum(axis=1).mean()) for part in np.split(sheet.rows, [own], axis=1)]
    spread = [part.var(axis=0).sum() for part in np.split(sheet.rows, [own], axis=1)]
    assert np.allclose(spread, 1.0, atol=0.01), lengths
    assert isinstance(sheet.embedder.text, TextRows)


def test_a_sentence_model_stands_beside_tf_idf(tmp_path):
    pytest.importorskip("torch")
    pytest.importorskip("sentence_transformers")
    words = ["tide", "oven", "rail", "apple"]
    source = source_of(sentence_folder(tmp_path / "made", words))
    texts = [f"{words[n % 4]} {words[n % 3]} {n}" for n in range(24)]
    items = Items([*(text.encode() for text in texts), None])
    sheet = OwnSheets("mini", source, "text", tmp_path / "cache", nobody).make(items, 25)
    assert sheet.unreadable == (24,)
    found = FinalModel.load(
        model_of(sheet.embedder, tmp_path, sheet.rows.shape[1]),
        Choices("classes", known={"mini": source}),
    )
    rows, unreadable = found._rows(items, 25)
    assert (unreadable, np.allclose(rows, sheet.rows, atol=1e-4)) == ((24,), True)


def model_of(rows, tmp_path, columns=None):
    x = np.eye(columns or rows.axes.shape[1], dtype=np.float32)
    learner = LinearLearner(2).fit(x, np.arange(len(x)) % 2)
    (tmp_path / "model.gtm").write_bytes(FinalModel(("a", "b"), rows, learner).to_bytes())
    return tmp_path / "model.gtm"


def test_a_model_never_brings_code_and_its_code_is_found_by_content_only(tmp_path):
    eye = np.eye(4, dtype=np.float32)
    hostile = OwnRows("words", Source("python", "os:getcwd"), eye[0], eye)
    path = model_of(hostile, tmp_path)
    with pytest.raises(ModelFileError, match="os:getcwd, which is not named on this engine"):
        FinalModel.load(path)
    mine = source_of(f"{code_file(tmp_path / 'mine.py')}:Letters")
    with pytest.raises(ModelFileError, match="which is not named on this engine"):
        FinalModel.load(path, Choices("classes", known={"words": mine}))
    own = model_of(OwnRows("words", mine, eye[0], eye), tmp_path)
    found = FinalModel.load(own, Choices("classes", known={"renamed": mine}))
    assert found.embedder.source == mine


def test_a_small_backbone_travels_within_the_model(tmp_path):
    pytest.importorskip("onnx")
    file = backbone_file(tmp_path / "a.onnx")
    files = Rectangles(9).files
    sheets = OwnSheets("a", source_of(file), "image", tmp_path / "cache", nobody)
    made = sheets.make(Items(files), 9)
    path = model_of(made.embedder, tmp_path)
    file.unlink()
    loaded = FinalModel.load(path)
    said = loaded.predict(Items([*files[:4], None]), 5)
    assert said.shape == (5, 2)
    assert np.array_equal(said[4], [0.5, 0.5])


def test_features_that_are_no_rows_are_refused(tmp_path):
    (tmp_path / "bad.py").write_text(
        "class Bad:\n id = 'bad'\n dim = 3\n def embed(self, items): return [[1, 2]] * len(items)"
    )
    source = source_of(f"{tmp_path}/bad.py:Bad")
    with pytest.raises(Exception, match=r"expected finite rows of shape \(2, 3\)"):
        embed_all(opened(source), ["a", "b"], source=source)


def test_rows_of_our_own_features_are_the_same_wherever_they_are_made():
    rng = np.random.default_rng(0)
    small = rng.integers(0, 255, (40, SIDE, SIDE, 3)).astype(np.uint8)
    features = ImageFeatures(words=8).learn(list(small))
    centre, axes = principal_axes(features.embed(list(small)), columns=10)
    rows = ImageRows(features, centre, axes)
    with ThreadPoolExecutor(2) as pool:
        assert np.array_equal(rows.of_thumbnails(small, executor=pool), rows.of_thumbnails(small))

"""The model of an automated job, away from the job."""

import json

import numpy as np
import pytest

import gt_widgets as gt
from gt_widgets.autolabel.boxes import drawn_boxes
from gt_widgets.autolabel.detectors import CentreDetector, OnnxDetector
from gt_widgets.autolabel.features import TextFeatures
from gt_widgets.autolabel.learners import LinearLearner
from gt_widgets.autolabel.learners.forest import PixelForest
from gt_widgets.autolabel.pictures import open_picture
from gt_widgets.datasets import brand_logos
from gt_widgets.errors import ImageError, ModelFileError, ValidationError
from gt_widgets.training.embedders import TextRows
from gt_widgets.training.models import FinalModel
from gt_widgets.training.trained import TrainedModel

SUBJECTS = ["sea", "land"]
TEXTS = ["tide and gull", "gull and pier", "tide at the pier"] * 4 + [
    "apple and ladder",
    "ladder by the barn",
    "apple in the barn",
] * 4


def bytes_of(learner, tmp_path):
    learner.save(tmp_path / "learner.gtm")
    return (tmp_path / "learner.gtm").read_bytes()


@pytest.fixture
def of_texts():
    rows = TextRows(TextFeatures().learn(TEXTS))
    learner = LinearLearner(2).fit(rows.of_texts(TEXTS), np.repeat([0, 1], 12))
    body = FinalModel(tuple(SUBJECTS), rows, learner).to_bytes()
    return TrainedModel(body, task="text-classification", categories=SUBJECTS, made_by="notes")


@pytest.fixture(scope="module")
def logos(tmp_path_factory):
    """Pictures, and a detector that has seen a little of them."""
    made = brand_logos(tmp_path_factory.mktemp("logos"), count=6, seed=3)
    ids = {name: place for place, name in enumerate(made.categories)}
    drawn = [
        drawn_boxes([{**box, "class_id": ids[box["label"]]} for box in made.truth[path.name]])
        for path in made.paths
    ]
    pixels = [open_picture(path) for path in made.paths]
    detector = CentreDetector(len(ids), side=64, steps=12, engine="numpy").fit(pixels, drawn)
    return made, detector


@pytest.fixture
def of_boxes(logos, tmp_path):
    made, detector = logos
    return TrainedModel(
        bytes_of(detector, tmp_path), task="bounding-box", categories=made.categories
    )


def test_texts_get_the_labels_that_were_learned(of_texts):
    found = of_texts.predict(["a gull", "an apple"])
    assert list(found["label"]) == SUBJECTS
    assert found["confidence"].between(0.5, 1).all()
    assert "learned by job 'notes'" in repr(of_texts)


def test_a_saved_model_says_the_same_when_it_is_read_again(of_texts, tmp_path):
    again = gt.load_model(of_texts.save(tmp_path / "model"))
    texts = ["a gull", "an apple", "nothing of it"]
    assert again.predict(texts).equals(of_texts.predict(texts))
    assert (again.task, again.categories) == ("text-classification", tuple(SUBJECTS))


def test_boxes_lie_in_the_pictures_and_carry_their_names(of_boxes, logos):
    made, _ = logos
    found = of_boxes.predict([*made.paths[:2], made.paths[2].read_bytes()], keep=0.02)
    assert list(found.index) == [made.paths[0].name, made.paths[1].name, "2"]
    boxes = [box for boxes in found["boxes"] for box in boxes]
    assert {box["label"] for box in boxes} <= set(made.categories)
    assert all(box["left"] >= 0 and box["left"] + box["width"] <= 640.1 for box in boxes)


def test_masks_are_painted_at_the_pictures_size(tmp_path):
    rng = np.random.default_rng(0)
    picture = rng.integers(0, 60, (40, 60, 3)).astype(np.uint8)
    picture[:, 30:] += 180
    mask = np.zeros((40, 60), np.uint8)
    mask[:, 30:] = 1
    forest = PixelForest(2, trees=3).fit([picture], [mask])
    model = TrainedModel(
        bytes_of(forest, tmp_path), task="semantic-segmentation", categories=["bright"]
    )
    [painted] = model.predict([picture])["mask"]
    assert (painted == mask).mean() > 0.95


def test_an_unreadable_picture_is_named(of_boxes, tmp_path):
    (tmp_path / "torn.jpg").write_bytes(b"\xff\xd8\xff")
    with pytest.raises(ImageError, match=r"torn\.jpg"):
        of_boxes.predict([tmp_path / "torn.jpg"])


def test_a_graph_finds_what_its_detector_finds(of_boxes, logos, tmp_path):
    pytest.importorskip("onnxruntime")
    made, detector = logos
    graph = OnnxDetector(of_boxes.save_onnx(tmp_path / "logos.onnx"))
    tall = open_picture(made.paths[0])[:, :200]  # another shape, on grey
    for picture in (open_picture(made.paths[1]), tall):
        ours, its = detector.look(picture), graph.predict(picture)  # a graph looks once
        assert len(ours.boxes) > 3
        for box, class_id, score in zip(ours.boxes[:3], ours.classes, ours.scores, strict=False):
            near = np.abs(its.boxes - box).max(axis=1) < 0.01
            assert (its.classes[near] == class_id).any()
            assert its.scores[near].max() == pytest.approx(score, abs=1e-5)
    said = json.loads((tmp_path / "logos.onnx.json").read_text())
    assert said["names"] == list(made.categories)


def test_only_a_detector_becomes_a_graph(of_texts, tmp_path):
    with pytest.raises(ValidationError, match="load_model"):
        of_texts.save_onnx(tmp_path / "texts.onnx")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("about", "said"),
    [
        ({"task": "text-classification", "categories": ["a", "b", "c"]}, None),
        ({"task": "keypoint", "categories": SUBJECTS}, "expected a task of"),
        ({"task": "bounding-box", "categories": SUBJECTS}, "expected a detector of"),
        ({"categories": SUBJECTS}, "a task and its categories"),
        ([], "a task and its categories"),
    ],
)
def test_a_folder_that_is_no_model_is_refused(of_texts, tmp_path, about, said):
    folder = of_texts.save(tmp_path / "model")
    (folder / "model.json").write_text(json.dumps(about))
    if said is None:  # what the file itself says, counts
        assert gt.load_model(folder).categories == tuple(SUBJECTS)
        return
    with pytest.raises(ModelFileError, match=said):
        gt.load_model(folder)


def test_a_detector_of_other_categories_is_refused(of_boxes, tmp_path):
    folder = of_boxes.save(tmp_path / "model")
    about = json.loads((folder / "model.json").read_text())
    (folder / "model.json").write_text(json.dumps({**about, "categories": ["one"]}))
    with pytest.raises(ModelFileError, match="expected a model of the 1 categories one"):
        gt.load_model(folder)


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(ModelFileError, match="nowhere"):
        gt.load_model(tmp_path / "nowhere")

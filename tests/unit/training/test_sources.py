"""What an owner may name, and what is said of what is none of it."""

import json

import pytest

from gt_widgets.errors import LearnerError, ModelFileError, ValidationError
from gt_widgets.testing.own_models import backbone_file, code_file, detector_file
from gt_widgets.training.own import OwnModel, brought
from gt_widgets.training.sources import Source, check_unchanged, source_of


def test_an_onnx_file_is_features_or_a_detector_by_what_stands_beside_it(tmp_path):
    pytest.importorskip("onnx")
    assert source_of(backbone_file(tmp_path / "a.onnx")).kind == "onnx-features"
    found = source_of("b.onnx", base=detector_file(tmp_path / "b.onnx").parent)
    assert (found.kind, found.path, len(found.sha256)) == (
        "onnx-detector",
        str(tmp_path / "b.onnx"),
        64,
    )


def test_code_is_a_name_in_a_file_which_is_read_and_not_run(tmp_path):
    file = tmp_path / "mine.py"
    file.write_text("raise SystemExit\nclass Head: ...\nother = Head")
    found = source_of(f"{file}:Head")
    assert (found.what, found.path) == ("mine:Head", str(tmp_path))
    assert source_of("mine.py:other", base=tmp_path).what == "mine:other"
    with pytest.raises(ValidationError, match="defines no Tail; it has Head, other"):
        source_of(f"{file}:Tail")


def test_code_is_a_module_that_can_be_found_or_a_class_of_one():
    from gt_widgets.autolabel.learners import LinearLearner

    assert source_of("json:JSONDecoder") == Source("python", "json:JSONDecoder")
    named = source_of(LinearLearner)
    assert named.what == "gt_widgets.autolabel.learners.linear:LinearLearner"
    with pytest.raises(ValidationError, match="no module 'nowhere_at_all' here"):
        source_of("nowhere_at_all:Head")


def test_a_class_that_only_the_notebook_has_must_be_written_to_a_file():
    class Head: ...

    with pytest.raises(ValidationError, match=r"%%writefile learner.py"):
        source_of(Head)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("no/such.onnx", "is not there|expected"),
        ("models/nothing", "is not there"),
        ("dinov2", "'dinov2' is no learner. It is an .onnx file"),
    ],
)
def test_what_is_nothing_of_it_is_refused_with_what_would_do(given, told):
    with pytest.raises((ModelFileError, ValidationError), match=told):
        source_of(given)


def test_a_folder_with_pickled_weights_is_no_sentence_model(tmp_path):
    (tmp_path / "pytorch_model.bin").write_bytes(b"\x80\x04")
    with pytest.raises(ModelFileError, match=r"expected a sentence model with .safetensors"):
        source_of(tmp_path)


def test_a_change_of_any_file_is_noticed(tmp_path):
    pytest.importorskip("onnx")
    file = backbone_file(tmp_path / "a.onnx")
    source = source_of(file)
    check_unchanged(source)
    beside = tmp_path / "a.onnx.json"
    beside.write_text(json.dumps(json.loads(beside.read_text()) | {"size": 17}))
    with pytest.raises(ModelFileError, match="has changed since it was named"):
        check_unchanged(source)


def made(tmp_path, name, task="classes", n_classes=2):
    source = source_of(f"{code_file(tmp_path / 'mine.py')}:{name}")
    return OwnModel(n_classes, name="mine", source=source, task=task)


def test_code_is_held_to_what_it_must_give(tmp_path):
    import numpy as np

    x, y = np.eye(4, dtype=np.float32), np.array([0, 1, 0, 1])
    with pytest.raises(LearnerError, match=r"'mine'.* must give probabilities, of each row 1"):
        made(tmp_path, "Careless").fit(x, y).predict(x)
    with pytest.raises(LearnerError, match="could not be made: TypeError"):
        made(tmp_path, "Letters")
    with pytest.raises(LearnerError, match="lacks fit, predict, save, load"):
        OwnModel(2, name="d", source=Source("python", "datetime:timedelta"), task="classes")
    with pytest.raises(LearnerError, match=r"must give a .*FoundBoxes; found ndarray"):
        made(tmp_path, "NearestMean", task="boxes").fit(x, y).predict(x)


def test_code_comes_back_from_its_file_by_the_same_code(tmp_path):
    import numpy as np

    x, y = np.eye(4, dtype=np.float32), np.array([0, 1, 0, 1])
    model = made(tmp_path, "NearestMean").fit(x, y)
    model.save(tmp_path / "kept.gtm")
    again = model.load(tmp_path / "kept.gtm")
    assert np.array_equal(again.predict(x), model.predict(x))
    with pytest.raises(ModelFileError, match=r"expected .*'n_classes': 3"):
        made(tmp_path, "NearestMean", n_classes=3).load(tmp_path / "kept.gtm")


def test_two_files_of_one_name_do_not_meet(tmp_path):
    for number in (1, 2):
        (tmp_path / str(number)).mkdir()
        (tmp_path / str(number) / "head.py").write_text(f"NUMBER = {number}")
    found = [brought(source_of(f"{tmp_path}/{n}/head.py:NUMBER")) for n in (1, 2)]
    assert found == [1, 2]

"""A sentence model is a folder of numbers; what could run code is refused before it is opened."""

import json

import numpy as np
import pytest

from gt_widgets.autolabel.features import SentenceFolder
from gt_widgets.autolabel.features.folders import check_sentence_folder
from gt_widgets.errors import ModelFileError
from gt_widgets.testing.own_models import sentence_folder


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "model.safetensors").write_bytes(b"")
    (tmp_path / "config.json").write_text("{}")
    kinds = [{"type": "sentence_transformers.models.Transformer"}]
    (tmp_path / "modules.json").write_text(json.dumps(kinds))
    return tmp_path


def test_a_folder_of_numbers_is_fine(folder):
    check_sentence_folder(folder)


@pytest.mark.parametrize(
    ("file", "text", "told"),
    [
        ("modules.json", '[{"type": "modeling_mine.Mine"}]', "modeling_mine.Mine"),
        ("modules.json", '["os.system"]', "os.system"),
        ("modules.json", "{", "cannot be read as JSON"),
        ("config.json", '{"auto_map": {"AutoModel": "mine.Mine"}}', "names code"),
        ("2_Dense/pytorch_model.bin", "pickle", "must be .safetensors"),
    ],
)
def test_a_folder_that_could_run_code_is_refused(folder, file, text, told):
    (folder / file).parent.mkdir(exist_ok=True)
    (folder / file).write_text(text)
    with pytest.raises(ModelFileError, match=told):
        check_sentence_folder(folder)


def test_a_real_model_gives_rows_of_length_one(tmp_path):
    pytest.importorskip("torch")
    pytest.importorskip("sentence_transformers")
    features = SentenceFolder(
        sentence_folder(tmp_path, ["the", "tide", "at", "a", "pier", "an", "oven"])
    )
    rows = features.embed(["the tide", "an oven"])
    assert rows.shape == (2, features.dim)
    assert np.allclose((rows**2).sum(axis=1), 1.0, atol=1e-4)
    assert features.id.startswith("sentences-1-")

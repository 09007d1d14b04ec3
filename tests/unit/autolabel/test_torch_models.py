"""Networks of timm and torchvision: weights that are here, read as numbers; others are refused."""

import pickle

import numpy as np
import pytest

from gt_widgets.autolabel.features.torch_models import TorchEmbedder, cached_weights
from gt_widgets.errors import ModelFileError
from gt_widgets.testing.own_models import Rectangles


class Evil:
    def __reduce__(self):
        return (exec, ("raise SystemExit('it ran')",))


@pytest.mark.parametrize("name", ["evil.pth", "evil.safetensors"])
def test_a_pickle_of_more_than_numbers_is_not_read(tmp_path, name):
    pytest.importorskip("torch")
    pytest.importorskip("safetensors")
    (tmp_path / name).write_bytes(pickle.dumps({"weight": Evil()}))
    with pytest.raises(ModelFileError, match="anything else in a pickle is not read"):
        TorchEmbedder("torchvision", "resnet18", tmp_path / name)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ModelFileError, match=r"none\.pth: the weights cannot be read"):
        TorchEmbedder("torchvision", "resnet18", tmp_path / "none.pth")


@pytest.mark.parametrize("library", ["timm", "torchvision"])
def test_weights_that_are_not_here_are_told_how_to_bring(library, tmp_path, monkeypatch):
    pytest.importorskip("torchvision", exc_type=Exception)
    pytest.importorskip(library, exc_type=Exception)
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    with pytest.raises(ModelFileError, match=f"{library}:resnet18@/path/to/weights.safetensors"):
        cached_weights(library, "resnet18")
    with pytest.raises(ModelFileError, match="knows no network 'resnet0'"):
        cached_weights(library, "resnet0")


@pytest.mark.parametrize("library", ["timm", "torchvision"])
def test_rows_come_from_the_layer_before_the_classes(library, tmp_path):
    torch = pytest.importorskip("torch")
    torchvision = pytest.importorskip("torchvision", exc_type=Exception)
    timm = pytest.importorskip("timm", exc_type=Exception)
    makers = {"timm": timm.create_model, "torchvision": torchvision.models.get_model}
    state = makers[library]("resnet18").state_dict()
    torch.save(state, tmp_path / "mine.pth")
    features = TorchEmbedder(library, "resnet18", tmp_path / "mine.pth")
    files = Rectangles(2).files
    rows = features.embed(files)
    assert rows.shape == (2, features.dim) == (2, 512)
    assert np.allclose(rows[1], features.embed(files[1:])[0], atol=1e-4)
    del state["conv1.weight"]
    torch.save(state, tmp_path / "less.pth")
    with pytest.raises(ModelFileError, match=f"no weights of {library}'s resnet18"):
        TorchEmbedder(library, "resnet18", tmp_path / "less.pth")

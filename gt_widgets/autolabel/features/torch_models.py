"""Features from a network of timm or torchvision whose weights are on this machine already.

Layer: autolabel (imports only ``errors``). Needs the extra ``[torch]`` and the library of the
network. Nothing is downloaded; weights are read as numbers (safetensors, or torch's
``weights_only``), never unpickled.
"""

from __future__ import annotations

import hashlib
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from gt_widgets.autolabel.features.pixels import square_pixels
from gt_widgets.errors import ModelFileError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["Library", "TorchEmbedder", "cached_weights"]

Library = Literal["timm", "torchvision"]
_MAX_FILE_BYTES = 2**32
_BATCH = 32
_HUB_FILES = ("model.safetensors", "pytorch_model.bin")
_IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
_HEADS = ("fc", "head", "heads", "classifier")
"""Where torchvision's networks keep what names ImageNet's classes."""


class TorchEmbedder:
    """Rows from the last layer before a network's classes.

    Parameters
    ----------
    library : {"timm", "torchvision"}
    name : str
        Of the network, as the library names it.
    weights : str or Path
        A ``.safetensors`` file, or one that ``torch.load(weights_only=True)`` can read.

    Raises
    ------
    ModelFileError
        If the library is missing, knows no such network, or the weights are not its own.
    """

    def __init__(self, library: Library, name: str, weights: str | Path) -> None:
        self.library, self.name, self.path = library, name, Path(weights)
        body = _read(self.path)
        state = _numbers(self.path, body)
        built = _timm_network if library == "timm" else _torchvision_network
        try:
            self._network, self.size, mean, std = built(name, state)
        except (RuntimeError, ValueError, KeyError, AssertionError) as problem:
            raise ModelFileError(
                f"{self.path}: no weights of {library}'s {name}: {str(problem)[:300]}"
            ) from problem
        self.mean, self.std = np.array(mean, np.float32), np.array(std, np.float32)
        digest = hashlib.sha256(f"{library} {name} {self.size}".encode() + body).hexdigest()
        self.id = f"torch-1-{digest[:16]}"
        self.dim = int(self._run(np.zeros((1, self.size, self.size, 3), np.float32)).shape[1])

    def embed(self, pictures: Sequence[bytes]) -> NDArray[np.float32]:
        """Features of shape (n, dim), 32 pictures at a time."""
        rows = [np.zeros((0, self.dim), dtype=np.float32)]
        for start in range(0, len(pictures), _BATCH):
            part = pictures[start : start + _BATCH]
            rows.append(
                self._run(
                    np.stack([square_pixels(p, self.size, self.mean, self.std) for p in part])
                )
            )
        return np.concatenate(rows)

    def _run(self, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
        import torch

        batch = torch.from_numpy(np.ascontiguousarray(pixels.transpose(0, 3, 1, 2)))
        with torch.inference_mode():
            out = self._network(batch)
        return np.asarray(out.numpy(), dtype=np.float32).reshape(len(pixels), -1)


def cached_weights(library: Library, name: str) -> Path:
    """Find the weights of a network where its library would have put them.

    Raises
    ------
    ModelFileError
        If they are not there: where they were looked for, and how to bring them.
    """
    looked = _timm_places(name) if library == "timm" else _torchvision_places(name)
    for place in looked:
        if place.is_file():
            return place
    raise ModelFileError(
        f"the weights of {library}'s {name} are not on this machine, and nothing is downloaded. "
        f"Looked for {', '.join(map(str, looked)) or 'nothing: it has none'}. Put the file there, "
        f"or say where it is: {library}:{name}@/path/to/weights.safetensors"
    )


def _timm_places(name: str) -> list[Path]:
    timm = _library("timm")
    config = timm.get_pretrained_cfg(name)
    if config is None:
        raise ModelFileError(f"timm knows no network {name!r}; timm.list_models() lists them.")
    hub = import_module("huggingface_hub")
    root = Path(hub.constants.HF_HUB_CACHE)
    places = []
    for file in _HUB_FILES if config.hf_hub_id else ():
        found = hub.try_to_load_from_cache(config.hf_hub_id, file)
        folder = root / f"models--{config.hf_hub_id.replace('/', '--')}" / "snapshots"
        places.append(Path(found) if isinstance(found, str) else folder / "*" / file)
    return [*places, *_torch_hub(config.url)]


def _torchvision_places(name: str) -> list[Path]:
    models = _library("torchvision").models
    try:
        weights = models.get_model_weights(name)
    except ValueError as problem:
        raise ModelFileError(
            f"torchvision knows no network {name!r}; torchvision.models.list_models() lists them."
        ) from problem
    return [place for one in weights for place in _torch_hub(one.url)]


def _torch_hub(url: str | None) -> list[Path]:
    torch: Any = _library("torch")
    return [Path(torch.hub.get_dir()) / "checkpoints" / url.rsplit("/", 1)[-1]] if url else []


def _library(name: str) -> Any:
    try:
        return import_module(name)
    except (ImportError, RuntimeError) as problem:  # torchvision of another torch says Runtime
        raise ModelFileError(
            f"a network of timm or torchvision needs {name}, which cannot be imported "
            f"({problem}): pip install 'gt-widgets[torch]' timm torchvision"
        ) from problem


def _read(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if size > _MAX_FILE_BYTES:
            raise ModelFileError(f"{path}: at most {_MAX_FILE_BYTES} bytes expected; found {size}")
        return path.read_bytes()
    except OSError as problem:
        raise ModelFileError(f"{path}: the weights cannot be read: {problem}") from problem


def _numbers(path: Path, body: bytes) -> dict[str, Any]:
    """Tensors by name; a file that holds anything else is refused before it can run."""
    import io

    torch: Any = _library("torch")
    try:
        if path.suffix == ".safetensors":
            found = import_module("safetensors.torch").load(body)
        else:
            found = torch.load(io.BytesIO(body), map_location="cpu", weights_only=True)
    except ImportError as problem:
        raise ModelFileError(f"{path} needs safetensors: pip install safetensors") from problem
    except Exception as problem:  # each library has errors of its own, and long advice
        raise ModelFileError(
            f"{path}: expected weights alone, .safetensors or saved by torch ("
            f"{type(problem).__name__}); anything else in a pickle is not read"
        ) from problem
    for inside in ("state_dict", "model"):
        if isinstance(found, dict) and isinstance(found.get(inside), dict):
            found = found[inside]
    if not (isinstance(found, dict) and all(torch.is_tensor(value) for value in found.values())):
        raise ModelFileError(f"{path}: expected tensors by name")
    return found


def _timm_network(name: str, state: dict[str, Any]) -> tuple[Any, int, Any, Any]:
    """Build it twice from different random weights: what differs then was not in the file."""
    timm, torch = _library("timm"), _library("torch")
    built = []
    for seed in range(2):
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            built.append(
                timm.create_model(
                    name,
                    pretrained=True,
                    num_classes=0,
                    pretrained_cfg_overlay={"state_dict": state},
                )
            )
    first, second = (network.state_dict() for network in built)
    missing = [part for part, value in first.items() if not torch.equal(value, second[part])]
    if missing:
        raise ValueError(f"it lacks {missing[0]} and {len(missing) - 1} more")
    config = built[0].pretrained_cfg
    return built[0].eval(), int(config["input_size"][-1]), config["mean"], config["std"]


def _torchvision_network(name: str, state: dict[str, Any]) -> tuple[Any, int, Any, Any]:
    torch: Any = _library("torch")
    models = _library("torchvision").models
    network = models.get_model(name, weights=None)
    network.load_state_dict(state)
    head = next((part for part in _HEADS if hasattr(network, part)), None)
    if head is None:
        raise ValueError("its last layer is none of " + ", ".join(_HEADS))
    last = getattr(network, head)
    if isinstance(last, torch.nn.Sequential):  # a norm may stand before the classes
        last[-1] = torch.nn.Identity()
    else:
        setattr(network, head, torch.nn.Identity())
    try:
        size = int(models.get_model_weights(name).DEFAULT.transforms().crop_size[0])
    except (AttributeError, IndexError, TypeError):
        size = 224
    return network.eval(), size, *_IMAGENET

"""What the networks of ``cnn.py`` and ``unet.py`` share: training, and weights as plain arrays.

Layer: autolabel (imports only ``errors``). Needs the extra ``[torch]``, which is imported when a
network is made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from gt_widgets.autolabel.learners.archive import (
    pack_model,
    read_model,
    unpack_model,
    write_model,
)
from gt_widgets.errors import ModelFileError, ValidationError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = [
    "arrays_of",
    "convolved",
    "fill",
    "read_network",
    "torch_library",
    "trained",
    "write_network",
]

_Model = TypeVar("_Model")
_DECAY = 1e-3


def torch_library(what: str) -> Any:
    """Import torch.

    Raises
    ------
    ValidationError
        If it is not installed.
    """
    try:
        import torch
    except ImportError as problem:
        raise ValidationError(f"{what} needs torch: pip install 'gt-widgets[torch]'") from problem
    return torch


def convolved(torch: Any, entering: int, leaving: int) -> Any:
    """A 3 x 3 convolution, normalised, without its negative half."""
    return torch.nn.Sequential(
        torch.nn.Conv2d(entering, leaving, 3, padding=1, bias=False),
        torch.nn.BatchNorm2d(leaving),
        torch.nn.ReLU(inplace=True),
    )


def trained(
    make: Callable[[], Any],
    loss_of: Callable[[Any, int], Any],
    *,
    steps: int,
    rate: float,
    seed: int,
) -> Any:
    """Make a network and train it: AdamW along one cycle of the rate.

    Parameters
    ----------
    make : callable
        Makes the network; its weights are drawn with ``seed``.
    loss_of : callable(network, step)
        The loss of one batch.
    steps : int >= 1
    rate : float > 0
        Largest step of a weight.
    seed : int
        The same seed and data give the same network; torch's own generator stays as it was.
    """
    torch = torch_library("a network")
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        network = make().train()
        adam = torch.optim.AdamW(network.parameters(), lr=rate, weight_decay=_DECAY)
        cycle = torch.optim.lr_scheduler.OneCycleLR(adam, rate, total_steps=max(steps, 2))
        for step in range(steps):
            adam.zero_grad()
            loss_of(network, step).backward()
            adam.step()
            cycle.step()
    return network.eval()


def arrays_of(network: Any) -> dict[str, NDArray[np.float32]]:
    """Weights and running means of a network by name."""
    state = network.state_dict()
    return {name: part.numpy().copy() for name, part in state.items() if part.is_floating_point()}


def fill(network: Any, arrays: Mapping[str, NDArray[Any]]) -> Any:
    """Give a network what `arrays_of` took from one like it.

    Raises
    ------
    ModelFileError
        If the arrays are another network's, or hold what is no number.
    """
    torch = torch_library("a network")
    wanted = {n: tuple(p.shape) for n, p in network.state_dict().items() if p.is_floating_point()}
    found = {name: array.shape for name, array in arrays.items()}
    if wanted != found or not all(np.isfinite(array).all() for array in arrays.values()):
        raise ModelFileError("the arrays of a network do not fit it")
    state = {name: torch.from_numpy(array.astype(np.float32)) for name, array in arrays.items()}
    network.load_state_dict(state, strict=False)  # it also counts batches, which no one needs
    return network.eval()


def write_network(path: str | Path, kind: str, settings: Mapping[str, Any], network: Any) -> None:
    """Write a network's settings and its weights to a model file.

    Parameters
    ----------
    path : str or Path
    kind : str
        Name of the learner.
    settings : mapping of name to int or bool
    network : torch.nn.Module or None

    Raises
    ------
    ValidationError
        If it is None: nothing has been learned yet.
    """
    if network is None:
        raise ValidationError("this network has not learned yet; call fit")
    write_model(path, pack_model(kind, settings, **arrays_of(network)))


def read_network(
    path: str | Path, kind: str, make: Callable[..., _Model], *, what: str
) -> tuple[_Model, dict[str, NDArray[Any]]]:
    """Read what `write_network` wrote: a model of the same settings, and weights to `fill` it with.

    Parameters
    ----------
    path : str or Path
    kind : str
        Name of the learner, checked.
    make : callable
        Makes the model from its settings: whole numbers, and a bool called ``flips``.
    what : str
        What an error calls it, for example ``"a U-Net"``.

    Raises
    ------
    ModelFileError
        If the file is no such model.
    """
    settings, arrays = unpack_model(read_model(path), kind)
    try:
        flips = bool(settings.pop("flips"))
        numbers = {name: int(value) for name, value in settings.items()}
        return make(**numbers, flips=flips), arrays
    except (KeyError, TypeError, ValueError) as problem:
        raise ModelFileError(f"{path}: {what} lacks {problem}") from problem

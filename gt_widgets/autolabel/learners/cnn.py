"""A small convolutional network for pictures: learns its own features from some hundred labels.

Layer: autolabel (imports only ``errors``). Needs the extra ``[torch]``. It sees thumbnails, not
rows of features, and takes minutes where the linear learner takes a second: a job has it only if
its requester asks for it.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from gt_widgets.autolabel.learners.torch_nets import (
    convolved,
    fill,
    read_network,
    torch_library,
    trained,
    write_network,
)
from gt_widgets.errors import ValidationError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["CNN_LEAST_LABELS", "SmallCnn"]

CNN_LEAST_LABELS = 150
"""With fewer it is not tried beside another learner."""

_KIND = "cnn-1"
_BATCH = 32
_LOOK = 256
_RATE = 4e-3
_SHIFT = 2
_SMOOTH = 0.05
"""Share of the label that every class gets: without it, such a network is always sure."""


class SmallCnn:
    """Three pairs of convolutions, each followed by halving, and a mean over what is left.

    Parameters
    ----------
    n_classes : int >= 2
    width : int >= 4
        Channels of the first pair; twice and four times as many follow.
    epochs : int >= 1
        How often it sees each picture, shifted by up to 2 pixels.
    flips : bool
        Whether a mirrored picture is as good; not for writing.
    seed : int
    """

    def __init__(
        self,
        n_classes: int,
        *,
        width: int = 24,
        epochs: int = 40,
        flips: bool = False,
        seed: int = 0,
    ) -> None:
        if n_classes < 2 or width < 4 or epochs < 1:  # noqa: PLR2004
            raise ValidationError(
                f"expected n_classes >= 2, width >= 4, epochs >= 1; found {n_classes}, {width}, "
                f"{epochs}"
            )
        self.n_classes, self.width, self.epochs = n_classes, width, epochs
        self.flips, self.seed, self.side = flips, seed, 0
        self._network: Any = None

    def fit(self, x: NDArray[np.float32], y: NDArray[np.intp]) -> Self:
        """Learn from rows of pixels 0..255, each a square picture of three colours.

        Raises
        ------
        ValidationError
            If the rows are no such pictures, there are none, or torch is missing.
        """
        torch = torch_library("a small network")
        if len(y) == 0 or len(x) != len(y):
            raise ValidationError(f"expected as many pictures as classes; found {len(x)}, {len(y)}")
        self.side = _side(x)
        pixels, wanted = self._tensor(torch, x), torch.from_numpy(np.asarray(y, dtype=np.int64))
        rng = np.random.default_rng(self.seed)
        per_epoch = math.ceil(len(y) / _BATCH)
        order: list[int] = []

        def loss_of(network: Any, _step: int) -> Any:
            while len(order) < min(_BATCH, len(y)):
                order.extend(rng.permutation(len(y)).tolist())
            batch = [order.pop() for _ in range(min(_BATCH, len(y)))]
            said = network(self._varied(torch, pixels[batch], rng))
            return torch.nn.functional.cross_entropy(said, wanted[batch], label_smoothing=_SMOOTH)

        self._network = trained(
            self._made, loss_of, steps=per_epoch * self.epochs, rate=_RATE, seed=self.seed
        )
        return self

    def predict(self, x: NDArray[np.float32]) -> NDArray[np.float64]:
        """Probabilities of shape (n, n_classes)."""
        if self._network is None or _side(x) != self.side:
            raise ValidationError(
                f"this network knows pictures of side {self.side or 'none yet'}; found {x.shape}"
            )
        torch = torch_library("a small network")
        out = np.zeros((len(x), self.n_classes))
        with torch.inference_mode():
            for start in range(0, len(x), _LOOK):
                said = self._network(self._tensor(torch, x[start : start + _LOOK]))
                out[start : start + _LOOK] = said.double().softmax(dim=1).numpy()
        return out

    def _made(self) -> Any:
        torch = torch_library("a small network")
        widths = [3, self.width, 2 * self.width, 4 * self.width]
        layers = []
        for entering, leaving in pairwise(widths):
            layers += [convolved(torch, entering, leaving), convolved(torch, leaving, leaving)]
            layers.append(torch.nn.MaxPool2d(2))
        layers += [torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten(), torch.nn.Dropout(0.2)]
        return torch.nn.Sequential(*layers, torch.nn.Linear(widths[-1], self.n_classes))

    def _tensor(self, torch: Any, x: NDArray[Any]) -> Any:
        pictures = np.asarray(x, dtype=np.float32).reshape(-1, self.side, self.side, 3)
        scaled = (pictures / np.float32(127.5) - 1).transpose(0, 3, 1, 2)
        return torch.from_numpy(np.ascontiguousarray(scaled))

    def _varied(self, torch: Any, batch: Any, rng: np.random.Generator) -> Any:
        down, across = (int(move) for move in rng.integers(-_SHIFT, _SHIFT + 1, 2))
        padded = torch.nn.functional.pad(batch, [_SHIFT] * 4, mode="replicate")
        side, top, left = self.side, _SHIFT + down, _SHIFT + across
        moved = padded[:, :, top : top + side, left : left + side]
        return moved.flip(3) if self.flips and rng.integers(2) else moved

    def with_weights(self, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Take weights instead of learning them.

        Raises
        ------
        ModelFileError
            If they are another network's.
        """
        self._network = fill(self._made(), arrays)
        return self

    def save(self, path: str | Path) -> None:
        """Write the weights as arrays.

        Raises
        ------
        ValidationError
            If it has not learned yet.
        """
        names = ("n_classes", "width", "epochs", "flips", "seed", "side")
        settings = {name: getattr(self, name) for name in names}
        write_network(path, _KIND, settings, self._network)

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read a network.

        Raises
        ------
        ModelFileError
            If the file is none.
        """
        model, arrays = read_network(path, _KIND, cls._unfilled, what="a small network")
        return model.with_weights(arrays)

    @classmethod
    def _unfilled(cls, *, side: int, **settings: Any) -> Self:
        model = cls(**settings)
        model.side = side
        return model


def _side(x: NDArray[Any]) -> int:
    side = math.isqrt(x.shape[1] // 3) if x.ndim == 2 else 0  # noqa: PLR2004
    if side < 8 or 3 * side * side != x.shape[1]:  # noqa: PLR2004
        raise ValidationError(
            f"expected rows of square pictures in three colours, 8 pixels or more; found {x.shape}"
        )
    return side

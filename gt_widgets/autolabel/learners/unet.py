"""A small U-Net for masks: sees far more of a picture than a forest of pixels, and takes longer.

Layer: autolabel (imports only ``errors``). Needs the extra ``[torch]``. A job trains it beside the
forest, and whichever does better on people's random sample labels.
"""

from __future__ import annotations

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
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["PixelNet"]

_KIND = "pixel-net-1"
_BATCH = 8
_RATE = 6e-3
_FOLD = 16
"""Four halvings: sides are filled up to a multiple of this."""


class PixelNet:
    """Four levels down and up again, with what was seen on the way down beside it.

    It works at half the size, which costs a quarter; a mask's edge loses little by it.

    Parameters
    ----------
    n_classes : int >= 2
        Background is class 0.
    width : int >= 4
        Channels at half the size; twice, four and eight times as many below.
    steps : int >= 1
        Batches of 8 crops that it learns from.
    crop : int
        Side of a crop in pixels; a multiple of 16.
    flips : bool
        Whether a mirrored picture is as good.
    seed : int
    """

    def __init__(
        self,
        n_classes: int,
        *,
        width: int = 16,
        steps: int = 300,
        crop: int = 96,
        flips: bool = True,
        seed: int = 0,
    ) -> None:
        if n_classes < 2 or width < 4 or steps < 1 or crop < _FOLD or crop % _FOLD:  # noqa: PLR2004
            raise ValidationError(
                "expected n_classes >= 2, width >= 4, steps >= 1 and a crop that is a multiple of "
                f"{_FOLD}; found {n_classes}, {width}, {steps}, {crop}"
            )
        self.n_classes, self.width, self.steps = n_classes, width, steps
        self.crop, self.flips, self.seed = crop, flips, seed
        self._network: Any = None

    def fit(
        self, pictures: Sequence[NDArray[np.uint8]], masks: Sequence[NDArray[np.integer[Any]]]
    ) -> Self:
        """Learn from pictures (h, w, 3) and masks (h, w) of class numbers.

        Raises
        ------
        ValidationError
            If there are no pictures, sizes differ or torch is missing.
        """
        torch = torch_library("a U-Net")
        if not pictures or len(pictures) != len(masks):
            raise ValidationError(
                f"expected as many masks as pictures; found {len(pictures)} and {len(masks)}"
            )
        wrong = [p.shape for p, m in zip(pictures, masks, strict=True) if p.shape[:2] != m.shape]
        if wrong:
            raise ValidationError(f"a mask does not fit its picture of {wrong[0]}")
        rng = np.random.default_rng(self.seed)
        weights = torch.from_numpy(_balanced(masks, self.n_classes))

        def loss_of(network: Any, _step: int) -> Any:
            seen, wanted = zip(
                *(
                    self._cut(pictures[place], masks[place], rng)
                    for place in rng.integers(len(pictures), size=_BATCH)
                ),
                strict=True,
            )
            said = network(_tensor(torch, np.stack(seen)))
            truth = torch.from_numpy(np.stack(wanted).astype(np.int64))
            return torch.nn.functional.cross_entropy(said, truth, weight=weights)

        self._network = trained(self._made, loss_of, steps=self.steps, rate=_RATE, seed=self.seed)
        return self

    def predict(self, picture: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Class probabilities of every pixel; shape (h, w, n_classes)."""
        if self._network is None:
            raise ValidationError("this network has not learned yet; call fit")
        torch = torch_library("a U-Net")
        height, width = picture.shape[:2]
        filled = np.pad(
            picture, [(0, -height % _FOLD), (0, -width % _FOLD), (0, 0)], mode="symmetric"
        )
        with torch.inference_mode():
            said = self._network(_tensor(torch, filled[None])).softmax(dim=1)[0]
        chances = said.numpy().transpose(1, 2, 0)[:height, :width]
        return np.ascontiguousarray(chances, dtype=np.float32)

    def _cut(
        self,
        picture: NDArray[np.uint8],
        mask: NDArray[np.integer[Any]],
        rng: np.random.Generator,
    ) -> tuple[NDArray[np.uint8], NDArray[np.integer[Any]]]:
        """A crop at a random place; pictures that are smaller are filled up by mirroring."""
        side = self.crop
        short = [(0, max(side - edge, 0)) for edge in mask.shape]
        if any(more for _, more in short):
            picture = np.pad(picture, [*short, (0, 0)], mode="symmetric")
            mask = np.pad(mask, short, mode="symmetric")
        top, left = (int(rng.integers(edge - side + 1)) for edge in mask.shape)
        seen = picture[top : top + side, left : left + side]
        wanted = mask[top : top + side, left : left + side]
        if self.flips and rng.integers(2):
            seen, wanted = seen[:, ::-1], wanted[:, ::-1]
        return seen, wanted

    def _made(self) -> Any:
        return _network(torch_library("a U-Net"), self.n_classes, self.width)

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
        names = ("n_classes", "width", "steps", "crop", "flips", "seed")
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
        model, arrays = read_network(path, _KIND, cls, what="a U-Net")
        return model.with_weights(arrays)


def _tensor(torch: Any, pictures: NDArray[np.uint8]) -> Any:
    scaled = (pictures.astype(np.float32) / 127.5 - 1).transpose(0, 3, 1, 2)
    return torch.from_numpy(np.ascontiguousarray(scaled))


def _balanced(masks: Sequence[NDArray[np.integer[Any]]], n_classes: int) -> NDArray[np.float32]:
    """Weight of a pixel by its class: rare ones count for more, half way to evenly."""
    counts = np.zeros(n_classes)
    for mask in masks:
        counts += np.bincount(mask.ravel(), minlength=n_classes)[:n_classes]
    weights = 1.0 / np.sqrt(np.maximum(counts, 1.0) / max(counts.sum(), 1.0))
    weights[counts == 0] = 0.0
    return np.asarray(weights / max(weights.max(), 1e-12), dtype=np.float32)


def _network(torch: Any, n_classes: int, width: int) -> Any:
    """Build it; a class of its own only because what goes down must come up beside it."""
    nn = torch.nn

    def pair(entering: int, leaving: int) -> Any:
        return nn.Sequential(
            convolved(torch, entering, leaving), convolved(torch, leaving, leaving)
        )

    class UNet(nn.Module):  # type: ignore[misc, name-defined]  # torch is imported late
        def __init__(self) -> None:
            super().__init__()
            sizes = [width, 2 * width, 4 * width, 8 * width]
            self.stem = nn.Conv2d(3, width, 4, stride=2, padding=1)
            self.down = nn.ModuleList(
                pair(entering, leaving)
                for entering, leaving in zip([width, *sizes], sizes, strict=False)
            )
            self.up = nn.ModuleList(pair(3 * size, size) for size in sizes[-2::-1])
            self.last = nn.Conv2d(width, n_classes, 1)

        def forward(self, x: Any) -> Any:
            x, seen = self.stem(x), []
            for place, step in enumerate(self.down):
                x = step(nn.functional.max_pool2d(x, 2) if place else x)
                seen.append(x)
            for step, beside in zip(self.up, seen[-2::-1], strict=True):
                grown = nn.functional.interpolate(x, scale_factor=2.0, mode="nearest")
                x = step(torch.cat([beside, grown], dim=1))
            return nn.functional.interpolate(self.last(x), scale_factor=2.0, mode="bilinear")

    return UNet()

"""A picture on the network's canvas: shrunk to fit, and varied while learning.

Layer: autolabel (imports only ``errors``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from PIL import Image

__all__ = ["Canvas", "Scrap", "canvas_size", "paste"]

_GREY = 128
_MARGIN = 0.08
_TRIES = 6


def canvas_size(
    pictures: Sequence[NDArray[np.uint8]], *, side: int, multiple: int
) -> tuple[int, int]:
    """Height and width of a canvas of the pictures' median shape, ``side`` at the longer side."""
    ratio = float(np.median([p.shape[0] / p.shape[1] for p in pictures]))
    short = round(side * min(ratio, 1 / ratio) / multiple) * multiple
    short = min(max(short, multiple * 4), side)
    return (short, side) if ratio <= 1 else (side, short)


@dataclass(frozen=True, slots=True)
class Scrap:
    """A piece cut out of a picture, and where the box lies in it."""

    image: Image.Image
    box: NDArray[np.float64]


def paste(
    image: Image.Image,
    taken: NDArray[np.float64],
    scrap: Scrap,
    *,
    rng: np.random.Generator,
) -> NDArray[np.float64] | None:
    """Glue a scrap somewhere free on a picture, in place, turned and scaled a little.

    Parameters
    ----------
    image : PIL image
    taken : ndarray of shape (n, 4)
        Boxes that are there already.
    scrap : Scrap
    rng : numpy Generator

    Returns
    -------
    ndarray of shape (4,) or None
        The new box: of the ellipse and the rectangle, turned, the mean. None when no free place
        was found.
    """
    from PIL import Image

    zoom = np.exp(rng.uniform(np.log(0.55), np.log(1.6)) + rng.uniform(-0.12, 0.12, 2))
    angle = float(rng.uniform(-30, 30))
    wide, high = zoom * scrap.image.size
    size = max(round(wide), 4), max(round(high), 4)
    turned = scrap.image.resize(size, Image.Resampling.BILINEAR).convert("RGBA")
    turned = turned.rotate(angle, Image.Resampling.BILINEAR, expand=True)
    if turned.width >= image.width or turned.height >= image.height:
        return None
    cos, sin = np.cos(np.deg2rad(angle)), np.sin(np.deg2rad(angle))
    left, top, width, height = scrap.box * np.tile(zoom, 2)
    off = np.array([left + width / 2 - size[0] / 2, top + height / 2 - size[1] / 2])
    centre = np.array([off[0] * cos + off[1] * sin, off[1] * cos - off[0] * sin])
    squares = np.array([[width * cos, height * sin], [width * sin, height * cos]])
    sides = (np.hypot(*squares.T) + np.abs(squares).sum(axis=1)) / 2
    for _ in range(_TRIES):
        place = rng.integers((0, 0), (image.width - turned.width, image.height - turned.height))
        first = place + np.array(turned.size) / 2 + centre - sides / 2
        box = np.concatenate([first, sides])
        if not _touches(np.concatenate([place, turned.size]), taken):
            image.paste(turned, (int(place[0]), int(place[1])), turned)
            return box
    return None


def _touches(box: NDArray[np.float64], others: NDArray[np.float64]) -> bool:
    low = np.maximum(box[:2], others[:, :2])
    high = np.minimum(box[:2] + box[2:], others[:, :2] + others[:, 2:])
    return bool((high > low).all(axis=1).any())


def _light(rng: np.random.Generator) -> list[int]:
    """What every value of red, green and blue becomes in another light."""
    light = rng.uniform(0.8, 1.2) * rng.uniform(0.92, 1.08, 3)
    shifted = (np.arange(256) - _GREY) * rng.uniform(0.8, 1.2) + _GREY + rng.uniform(-12, 12)
    table: list[int] = np.clip(light[:, None] * shifted, 0, 255).astype(int).ravel().tolist()
    return table


class Canvas:
    """One picture, shrunk once with care, then moved cheaply as often as wanted.

    Parameters
    ----------
    picture : ndarray of shape (h, w, 3)
    shape : (int, int)
        Height and width of the canvas; the picture fits into it, in the middle, on grey.
    """

    def __init__(self, picture: NDArray[np.uint8], shape: tuple[int, int]) -> None:
        from PIL import Image

        height, width = picture.shape[:2]
        self.shape = shape
        self.scale = min(shape[0] / height, shape[1] / width)
        size = max(round(width * self.scale), 1), max(round(height * self.scale), 1)
        self.small = Image.fromarray(picture).resize(size, Image.Resampling.BOX)
        self.left = (shape[1] - size[0]) / 2
        self.top = (shape[0] - size[1]) / 2

    def plain(self) -> NDArray[np.uint8]:
        """Pixels of the canvas."""
        return np.asarray(self._moved(1.0, self.left, self.top))

    def back(self, boxes: NDArray[np.float64]) -> NDArray[np.float64]:
        """Boxes on the canvas in the picture's own pixels, cut at its edges."""
        first = (boxes[:, :2] - [self.left, self.top]) / self.scale
        last = first + boxes[:, 2:] / self.scale
        whole = np.array(self.small.size) / self.scale
        first, last = np.clip(first, 0, whole), np.clip(last, 0, whole)
        return np.concatenate([first, last - first], axis=1)

    def varied(
        self, boxes: NDArray[np.float64], *, flips: bool, rng: np.random.Generator
    ) -> tuple[Image.Image, NDArray[np.float64]]:
        """Larger or smaller, elsewhere, in another light; and where the boxes are then.

        Parameters
        ----------
        boxes : ndarray of shape (n, 4)
            In the picture's own pixels.
        flips : bool
            Half of the time mirrored.
        rng : numpy Generator

        Returns
        -------
        (PIL image, ndarray of shape (n, 4))
        """
        from PIL import Image

        zoom = float(np.exp(rng.uniform(np.log(0.75), np.log(1.35))))
        room = np.array([self.shape[1], self.shape[0]]) - zoom * np.array(self.small.size)
        left, top = rng.uniform(np.minimum(room, 0) - 8, np.maximum(room, 0) + 8)
        image = self._moved(zoom, left, top)
        scaled = boxes * (self.scale * zoom)
        moved = scaled + np.array([left, top, 0.0, 0.0])
        if flips and rng.random() < 0.5:  # noqa: PLR2004 - half of the time
            image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
            moved[:, 0] = self.shape[1] - moved[:, 0] - moved[:, 2]
        return image.point(_light(rng)), moved

    def scrap(self, box: NDArray[np.float64]) -> Scrap:
        """What is in a box, with a little around it; the box in the picture's own pixels."""
        left, top, width, height = box * self.scale
        edge = _MARGIN * max(width, height)
        cut = (
            max(int(left - edge), 0),
            max(int(top - edge), 0),
            min(int(np.ceil(left + width + edge)), self.small.width),
            min(int(np.ceil(top + height + edge)), self.small.height),
        )
        inside = np.array([left - cut[0], top - cut[1], width, height])
        return Scrap(self.small.crop(cut), inside)

    def _moved(self, zoom: float, left: float, top: float) -> Image.Image:
        from PIL import Image

        there = (1 / zoom, 0, -left / zoom, 0, 1 / zoom, -top / zoom)
        return self.small.transform(
            (self.shape[1], self.shape[0]),
            Image.Transform.AFFINE,
            there,
            Image.Resampling.BILINEAR,
            fillcolor=(_GREY, _GREY, _GREY),
        )

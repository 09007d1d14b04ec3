"""Logo artwork as data: a look is a canvas and the layers drawn on it, in order.

Layer: datasets (draws with Pillow; imports nothing else of ours). The letters are those of
the DejaVu fonts that ship inside matplotlib, so artwork is the same on every machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeAlias

import matplotlib as mpl
from PIL import Image, ImageDraw, ImageFont

__all__ = ["Disc", "Layer", "Look", "Polygon", "Rect", "Text", "draw_look"]

Colour: TypeAlias = str
"""``#rrggbb``, or empty for a hole through which the background shows."""
Extent: TypeAlias = tuple[float, float, float, float]
"""``left, top, right, bottom`` in units of the look's canvas."""

_OVERSAMPLING = 3
_FONTS = {
    "sans": "DejaVuSans-Bold.ttf",
    "slanted": "DejaVuSans-BoldOblique.ttf",
    "serif": "DejaVuSerif-Bold.ttf",
    "script": "DejaVuSerif-BoldItalic.ttf",
    "mono": "DejaVuSansMono-Bold.ttf",
}


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle with rounded corners."""

    extent: Extent
    fill: Colour
    radius: float = 0.0


@dataclass(frozen=True, slots=True)
class Disc:
    """An ellipse."""

    extent: Extent
    fill: Colour


@dataclass(frozen=True, slots=True)
class Polygon:
    """A filled polygon; ``points`` alternate x and y."""

    points: tuple[float, ...]
    fill: Colour


@dataclass(frozen=True, slots=True)
class Text:
    """Words fitted into ``extent`` by their ink, centred."""

    words: str
    extent: Extent
    fill: Colour
    font: str = "sans"


Layer: TypeAlias = Rect | Disc | Polygon | Text


@dataclass(frozen=True, slots=True)
class Look:
    """One way a brand shows itself: ``size`` is width and height of the canvas in units."""

    name: str
    size: tuple[float, float]
    layers: tuple[Layer, ...]


def draw_look(look: Look, *, height_px: int) -> Image.Image:
    """Draw a look; everything that is not transparent belongs to the logo.

    Parameters
    ----------
    look : Look
    height_px : int >= 8
        Height of the canvas; its width follows from the look.

    Returns
    -------
    PIL.Image.Image
        Mode ``RGBA``, antialiased, cut to the ink.
    """
    scale = height_px * _OVERSAMPLING / look.size[1]
    large = (round(look.size[0] * scale), round(look.size[1] * scale))
    canvas = Image.new("RGBA", large, (255, 255, 255, 0))
    draw = ImageDraw.Draw(canvas)
    for layer in look.layers:
        _draw_layer(draw, layer, scale)
    ink = canvas.getchannel("A").getbbox() or (0, 0, *large)
    cut = canvas.crop(ink)
    width, height = (max(round(side / _OVERSAMPLING), 1) for side in cut.size)
    return cut.resize((width, height), Image.Resampling.LANCZOS)


def _draw_layer(draw: ImageDraw.ImageDraw, layer: Layer, scale: float) -> None:
    fill = layer.fill or (255, 255, 255, 0)
    if isinstance(layer, Polygon):
        pairs = zip(layer.points[::2], layer.points[1::2], strict=True)
        draw.polygon([(x * scale, y * scale) for x, y in pairs], fill=fill)
        return
    left, top, right, bottom = (side * scale for side in layer.extent)
    if isinstance(layer, Rect):
        draw.rounded_rectangle((left, top, right, bottom), layer.radius * scale, fill=fill)
    elif isinstance(layer, Disc):
        draw.ellipse((left, top, right, bottom), fill=fill)
    else:
        font = _fitted(layer.words, layer.font, right - left, bottom - top)
        ink = font.getbbox(layer.words)
        x = (left + right - ink[0] - ink[2]) / 2
        y = (top + bottom - ink[1] - ink[3]) / 2
        draw.text((x, y), layer.words, font=font, fill=fill)


def _fitted(words: str, font: str, width: float, height: float) -> ImageFont.FreeTypeFont:
    """Find the size at which the ink fills width or height, whichever is reached first."""
    trial = 100
    left, top, right, bottom = _font(font, trial).getbbox(words)
    fill = min(width / (right - left), height / (bottom - top))
    return _font(font, max(int(trial * fill), 4))


@cache
def _font(font: str, size: int) -> ImageFont.FreeTypeFont:
    path = Path(mpl.get_data_path()) / "fonts" / "ttf" / _FONTS[font]
    # The basic layout does not depend on which shaping library Pillow found.
    return ImageFont.truetype(str(path), size, layout_engine=ImageFont.Layout.BASIC)

"""The thing a logo is on, seen straight from the front: board, carton, card, sticker, print.

Layer: datasets (draws with Pillow; imports only ``datasets``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from gt_widgets.datasets.shapes import draw_look

if TYPE_CHECKING:
    from gt_widgets.datasets.photographs import Kind
    from gt_widgets.datasets.shapes import Look

__all__ = ["Flat", "draw_carrier"]

_BOARDS = ("#f4f1ea", "#ffffff", "#e8edf0", "#f2e9c9")
_MARGIN = {
    "print": 0.0,
    "sticker": 0.06,
    "board": 0.14,
    "billboard": 0.1,
    "carton": 0.17,
    "card": 0.12,
}


@dataclass(frozen=True, slots=True)
class Flat:
    """Artwork seen from the front.

    ``art`` is ``RGBA`` with everything there is to see; ``logo`` is ``L``, of the same size,
    255 where the logo itself is.
    """

    art: Image.Image
    logo: Image.Image


def draw_carrier(
    look: Look, *, kind: Kind, size: tuple[int, int], rng: np.random.Generator
) -> Flat:
    """Put a look on a carrier.

    Parameters
    ----------
    look : Look
    kind : {"print", "sticker", "board", "billboard", "carton", "card"}
    size : (int, int)
        Width and height of the carrier in pixels; the logo fills it but for a margin.
    rng : numpy.random.Generator

    Returns
    -------
    Flat
    """
    width, height = max(size[0], 16), max(size[1], 16)
    margin = _MARGIN[kind] * min(width, height)
    logo = _contained(look, width - 2 * margin, height - 2 * margin)
    at = ((width - logo.width) // 2, (height - logo.height) // 2)
    art = _blank(kind, (width, height), rng)
    mask = Image.new("L", (width, height), 0)
    mask.paste(logo.getchannel("A"), at)
    if kind == "sticker":
        art = _die_cut(mask, border=max(margin, 2.0))
    art.alpha_composite(logo, at)
    return Flat(art, mask)


def _contained(look: Look, width: float, height: float) -> Image.Image:
    fit = min(width / look.size[0], height / look.size[1])
    logo = draw_look(look, height_px=max(round(look.size[1] * fit), 8))
    shrink = min(width / logo.width, height / logo.height, 1.0)
    if shrink < 1.0:
        small = (max(int(logo.width * shrink), 1), max(int(logo.height * shrink), 1))
        logo = logo.resize(small, Image.Resampling.LANCZOS)
    return logo


def _blank(kind: Kind, size: tuple[int, int], rng: np.random.Generator) -> Image.Image:
    if kind in {"board", "billboard"}:
        return _board(size, rng)
    if kind == "carton":
        return _carton(size, rng)
    if kind == "card":
        return Image.new("RGBA", size, str(rng.choice(_BOARDS)))
    return Image.new("RGBA", size, (255, 255, 255, 0))


def _board(size: tuple[int, int], rng: np.random.Generator) -> Image.Image:
    frame = max(round(0.025 * min(size)), 1)
    board = Image.new("RGBA", size, str(rng.choice(["#3d4247", "#8d9398", "#6d4a2f"])))
    inner = (frame, frame, size[0] - frame - 1, size[1] - frame - 1)
    ImageDraw.Draw(board).rectangle(inner, fill=str(rng.choice(_BOARDS)))
    return board


def _carton(size: tuple[int, int], rng: np.random.Generator) -> Image.Image:
    """Draw the top of a parcel: corrugated brown, the slit of the flaps, a strip of tape."""
    width, height = size
    grain = rng.normal(0.0, 3.0, (height, width, 1)) + rng.normal(0.0, 2.5, (height, 1, 1))
    shade = np.clip(np.array([190, 152, 108]) + rng.uniform(-14, 14) + grain, 0, 255)
    carton = Image.fromarray(shade.astype(np.uint8), "RGB").convert("RGBA")
    draw = ImageDraw.Draw(carton)
    edge = max(round(0.012 * min(size)), 1)
    tape = 0.09 * height
    draw.rectangle((0, 0, width, tape), fill="#cfb27e")
    draw.line((0, tape, width, tape), fill="#8b6a45", width=edge)
    draw.rectangle((0, 0, width - 1, height - 1), outline="#7c5c3a", width=edge)
    return carton


def _die_cut(mask: Image.Image, *, border: float) -> Image.Image:
    """White vinyl around the logo, cut along its outline."""
    grown = mask.filter(ImageFilter.GaussianBlur(border * 0.7))
    cut = grown.point(lambda level: min(max((level - 24) * 16, 0), 255))
    sticker = Image.new("RGBA", mask.size, "#ffffff")
    sticker.putalpha(cut)
    return sticker

"""A decoded picture in the colours that a browser shows of it.

Layer: schema (Pillow only). Pillow's own conversion makes all of a 16-bit picture white and gives
transparent pixels whatever colour is stored under them.
"""

from __future__ import annotations

from PIL import Image

__all__ = ["as_shown"]

_SIXTEEN_BITS = 1 / 257
"""65535 becomes 255."""


def as_shown(image: Image.Image) -> Image.Image:
    """Return an RGB picture of the same size: 16 bits scaled to 8, transparency on white.

    Parameters
    ----------
    image : PIL.Image.Image
        Of any mode that JPEG and PNG files open with. It is decoded, if it has not been.
    """
    if image.mode.startswith("I"):
        scaled = image.convert("F").point(lambda value: value * _SIXTEEN_BITS + 0.5)
        return scaled.convert("L").convert("RGB")
    if "A" in image.mode or "transparency" in image.info:
        over = image.convert("RGBA")
        white = Image.new("RGBA", over.size, "#ffffff")
        return Image.alpha_composite(white, over).convert("RGB")
    return image.convert("RGB")

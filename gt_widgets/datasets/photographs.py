"""Real photographs that ship inside scikit-image, and the surfaces a logo can sit on.

Layer: datasets (reads pictures; imports nothing else of ours). Nothing is downloaded: only
files inside the installed wheel are opened. Surfaces were marked by hand, corner by corner.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import as_file, files
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np
from PIL import Image, ImageOps

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["PHOTOGRAPHS", "Photograph", "Surface", "View", "view_of"]

Kind: TypeAlias = Literal["print", "sticker", "board", "billboard", "carton", "card"]
"""How a logo sits on a surface: printed on it, stuck to it, or on a thing that stands there."""

_CROPS_TO_TRY = 12


@dataclass(frozen=True, slots=True)
class Surface:
    """A place for one logo, or for several if ``roomy``.

    ``quad`` has the corners top left, top right, bottom right, bottom left as x, y pairs in
    pixels. On a roomy surface things lie about at any angle.
    """

    kinds: tuple[Kind, ...]
    quad: tuple[float, ...]
    roomy: bool = False


@dataclass(frozen=True, slots=True)
class Photograph:
    """A photograph of scikit-image and its surfaces, in its own pixels.

    ``tint`` colours a grey texture: the colours that black and white become.
    """

    file: str
    surfaces: tuple[Surface, ...]
    tint: tuple[str, str] | None = None
    monochrome: bool = False


@dataclass(frozen=True, slots=True)
class View:
    """A photograph as one camera position sees it: cropped, scaled, perhaps mirrored.

    ``pixels`` has shape (height, width, 3), float32 in [0, 255]; ``surfaces`` are those
    mostly inside the view, in its pixels.
    """

    pixels: NDArray[np.float32]
    surfaces: tuple[Surface, ...]
    monochrome: bool


_GROUND: tuple[Kind, ...] = ("carton", "card", "sticker")
_WHOLE = (0.0, 0.0, 512.0, 0.0, 512.0, 512.0, 0.0, 512.0)

PHOTOGRAPHS: tuple[Photograph, ...] = (
    Photograph(
        "motorcycle_left.png",
        (
            Surface(("print", "sticker"), (322, 206, 462, 180, 474, 226, 352, 252)),
            Surface(("board",), (192, 6, 284, 6, 284, 84, 192, 84)),
            Surface(("sticker", "print"), (616, 214, 678, 214, 678, 262, 616, 262)),
            Surface(("carton", "board"), (24, 392, 186, 382, 196, 482, 34, 488)),
            Surface(("board", "carton"), (40, 40, 150, 44, 150, 122, 40, 122)),
        ),
    ),
    Photograph("gravel.png", (Surface(_GROUND, _WHOLE, roomy=True),) * 3, ("#2b2520", "#f1e9dc")),
    Photograph(
        "coffee.png",
        (
            Surface(("card", "sticker"), (462, 98, 586, 70, 598, 152, 480, 180)),
            Surface(("print", "sticker"), (234, 186, 366, 194, 350, 244, 250, 240)),
            Surface(("card", "carton"), (446, 262, 590, 228, 598, 340, 466, 376)),
            Surface(("sticker", "card"), (6, 300, 88, 322, 74, 392, 2, 372)),
        ),
    ),
    Photograph(
        "astronaut.png",
        (
            Surface(("sticker",), (122, 336, 214, 340, 212, 424, 120, 420)),
            Surface(("sticker", "print"), (268, 324, 338, 320, 340, 384, 274, 388)),
            Surface(("board",), (300, 48, 374, 48, 374, 150, 300, 150)),
            Surface(("print",), (22, 300, 92, 282, 98, 346, 28, 360)),
            Surface(("sticker", "print"), (330, 400, 408, 392, 408, 462, 330, 470)),
        ),
    ),
    Photograph(
        "brick.png",
        (
            Surface(("board", "print"), (60, 60, 300, 54, 298, 160, 66, 168)),
            Surface(("print", "board"), (210, 280, 440, 276, 446, 392, 206, 396)),
            Surface(("sticker", "board"), (340, 70, 480, 66, 484, 190, 338, 194)),
            Surface(("board", "sticker"), (40, 250, 180, 254, 176, 380, 36, 384)),
        ),
        ("#3a1d16", "#e9c7ad"),
    ),
    Photograph(
        "rocket.jpg",
        (
            Surface(("billboard",), (60, 246, 246, 232, 248, 316, 60, 322)),
            Surface(("billboard",), (392, 222, 584, 236, 582, 326, 392, 320)),
            Surface(("board",), (250, 356, 390, 356, 390, 416, 250, 416)),
        ),
    ),
    Photograph("grass.png", (Surface(_GROUND, _WHOLE, roomy=True),) * 3, ("#10220d", "#cfe59b")),
    Photograph(
        "camera.png",
        (
            Surface(("print", "sticker"), (52, 208, 152, 192, 148, 282, 54, 292)),
            Surface(("board",), (356, 306, 506, 312, 506, 396, 356, 386)),
            Surface(("board",), (196, 312, 282, 308, 282, 366, 196, 374)),
            Surface(("carton",), (380, 420, 478, 416, 486, 496, 390, 502)),
        ),
        monochrome=True,
    ),
    Photograph(
        "chelsea.png",
        (
            Surface(("carton", "card"), (8, 196, 148, 188, 156, 290, 12, 296)),
            Surface(("carton", "card"), (348, 186, 446, 192, 446, 286, 344, 280)),
            Surface(("card",), (184, 258, 310, 256, 316, 298, 180, 298)),
        ),
    ),
)
"""Nine photographs, those of plain ground and walls tinted."""


def view_of(
    photograph: Photograph, *, size: tuple[int, int], surfaces: int, rng: np.random.Generator
) -> View:
    """Look at a photograph from somewhere.

    Parameters
    ----------
    photograph : Photograph
    size : (int, int)
        Width and height of the view in pixels.
    surfaces : int >= 0
        Surfaces wanted in view; after a dozen tries the best view so far is taken.
    rng : numpy.random.Generator

    Returns
    -------
    View
    """
    source = _pixels_of(photograph.file, photograph.tint)
    best: tuple[tuple[float, float, float, float], bool, tuple[Surface, ...]] | None = None
    for _ in range(_CROPS_TO_TRY):
        window = _window(source.size, size, rng)
        mirrored = bool(rng.random() < 0.5)  # noqa: PLR2004 - even odds
        seen = _seen(photograph.surfaces, window, size, mirrored=mirrored)
        if best is None or len(seen) > len(best[2]):
            best = (window, mirrored, seen)
        if len(seen) >= surfaces:
            break
    if best is None:
        raise AssertionError("a view is always tried at least once")
    window, mirrored, seen = best
    cut = source.resize(size, Image.Resampling.BICUBIC, box=window)
    cut = ImageOps.mirror(cut) if mirrored else cut
    return View(np.asarray(cut, dtype=np.float32), seen, photograph.monochrome)


@cache
def _pixels_of(file: str, tint: tuple[str, str] | None) -> Image.Image:
    with (
        as_file(files("skimage").joinpath("data", file)) as path,
        Image.open(path, formats=("JPEG", "PNG")) as picture,
    ):
        if tint is not None:
            return ImageOps.colorize(picture.convert("L"), *tint)
        return picture.convert("RGB")


def _window(
    source: tuple[int, int], size: tuple[int, int], rng: np.random.Generator
) -> tuple[float, float, float, float]:
    """Choose a part of the source with the aspect of the view: left, top, right, bottom."""
    zoom = min(source[0] / size[0], source[1] / size[1]) * rng.uniform(0.74, 1.0)
    width, height = size[0] * zoom, size[1] * zoom
    left = rng.uniform(0.0, source[0] - width)
    top = rng.uniform(0.0, source[1] - height)
    return (float(left), float(top), float(left + width), float(top + height))


def _seen(
    surfaces: tuple[Surface, ...],
    window: tuple[float, ...],
    size: tuple[int, int],
    *,
    mirrored: bool,
) -> tuple[Surface, ...]:
    seen = []
    for surface in surfaces:
        corners = np.asarray(surface.quad).reshape(4, 2) - window[:2]
        corners *= size[0] / (window[2] - window[0])
        if mirrored:
            # A mirrored surface carries an upright logo: swap its left and right corners.
            corners = corners[[1, 0, 3, 2]]
            corners[:, 0] = size[0] - corners[:, 0]
        if surface.roomy:
            corners = np.array([(0, 0), (size[0], 0), size, (0, size[1])], dtype=np.float64)
        if _mostly_inside(corners, size):
            seen.append(replace(surface, quad=tuple(corners.ravel().tolist())))
    return tuple(seen)


def _mostly_inside(corners: NDArray[np.float64], size: tuple[int, int]) -> bool:
    low, high = corners.min(axis=0), corners.max(axis=0)
    inside = np.clip(high, 0, size) - np.clip(low, 0, size)
    return bool(np.prod(inside) >= 0.8 * np.prod(high - low))

"""Putting a carrier into a photograph: perspective, light, shadow, things in front.

Layer: datasets (numpy and Pillow; imports only ``datasets``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gt_widgets.datasets.carriers import Flat
    from gt_widgets.datasets.photographs import Kind

__all__ = ["Placed", "expose", "occluder", "paint", "place", "quad_size"]

_SHADOW = {"board": 0.45, "billboard": 0.3, "carton": 0.55, "card": 0.4, "sticker": 0.15}
_TEXTURE = {"print": 0.75, "sticker": 0.3}


@dataclass(frozen=True, slots=True)
class Placed:
    """A carrier in the frame of the picture.

    ``colour`` (h, w, 3) float32 in [0, 255]; ``alpha`` and ``logo`` (h, w) float32 in [0, 1];
    ``logo_area`` in square pixels counts what lies outside the picture too.
    """

    colour: NDArray[np.float32]
    alpha: NDArray[np.float32]
    logo: NDArray[np.float32]
    logo_area: float
    quad: NDArray[np.float64]


def quad_size(quad: NDArray[np.float64]) -> tuple[int, int]:
    """Mean width and height of a quad of shape (4, 2), in whole pixels."""
    sides = np.linalg.norm(quad - np.roll(quad, -1, axis=0), axis=1)
    return round(float(sides[0] + sides[2]) / 2), round(float(sides[1] + sides[3]) / 2)


def place(flat: Flat, quad: NDArray[np.float64], *, size: tuple[int, int]) -> Placed:
    """Warp a carrier so that its corners come to lie on ``quad``.

    Parameters
    ----------
    flat : Flat
    quad : ndarray of shape (4, 2)
        Top left, top right, bottom right, bottom left, in pixels of the picture.
    size : (int, int)
        Width and height of the picture.
    """
    width, height = flat.art.size
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], dtype=np.float64)
    back = _homography(quad, corners)

    def warp(image: Image.Image) -> NDArray[np.float32]:
        seen = image.transform(size, Image.Transform.PERSPECTIVE, back, Image.Resampling.BICUBIC)
        return np.asarray(seen, dtype=np.float32)

    alpha = warp(flat.art.getchannel("A")) / 255.0
    logo = warp(flat.logo) / 255.0
    whole = Image.new("RGBA", flat.art.size, "#ffffff")
    whole.alpha_composite(flat.art)  # opaque first, so that no edge picks up black
    x, y = quad[:, 0], quad[:, 1]
    area = abs(float(x @ np.roll(y, -1) - y @ np.roll(x, -1))) / 2.0
    share = float(np.asarray(flat.logo, dtype=np.float64).mean()) / 255.0
    return Placed(warp(whole.convert("RGB")), alpha, logo, area * share, quad)


def _homography(source: NDArray[np.float64], target: NDArray[np.float64]) -> list[float]:
    """Solve for the eight numbers that Pillow's PERSPECTIVE takes, from source to target."""
    rows = []
    for (x, y), (u, v) in zip(source, target, strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y])
    solved: list[float] = np.linalg.solve(np.array(rows), target.ravel()).tolist()
    return solved


def paint(
    pixels: NDArray[np.float32], placed: Placed, *, kind: Kind, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Paint a placed carrier into a picture, in the light that falls there.

    Returns
    -------
    ndarray of shape (height, width, 3), float32 in [0, 255]
        A new picture; ``pixels`` stays as it was.
    """
    light = _light(pixels, placed, texture=_TEXTURE.get(kind, 0.0), rng=rng)
    under = pixels
    if kind == "billboard":
        under = _posts(under, placed.quad)
    strength = _SHADOW.get(kind, 0.0)
    if strength:
        reach = 2.0 if kind == "sticker" else float(rng.uniform(5.0, 10.0))
        under = under * (1.0 - strength * _shadow(placed.alpha, reach))[..., None]
    alpha = placed.alpha * (0.93 if kind == "print" else 1.0)
    lit = np.clip(placed.colour * light[..., None], 0.0, 255.0)
    painted: NDArray[np.float32] = under + (lit - under) * alpha[..., None]
    return painted.astype(np.float32)


def _light(
    pixels: NDArray[np.float32], placed: Placed, *, texture: float, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Brightness factor per pixel: the scene's level, its folds and grain, a slow gradient."""
    grey = pixels @ np.array([0.299, 0.587, 0.114], dtype=np.float32)
    inside = placed.alpha > 0.5  # noqa: PLR2004 - half covered
    here = float(np.median(grey[inside])) if inside.any() else 128.0
    scene = 0.4 * here + 0.6 * float(grey.mean())
    level = np.clip(0.62 + 0.45 * scene / 128.0, 0.55, 1.08)
    height, width = grey.shape
    slope = rng.uniform(-0.12, 0.12, 2)
    across = np.linspace(-1, 1, width)[None, :] * slope[0]
    down = np.linspace(-1, 1, height)[:, None] * slope[1]
    folds = _blurred(grey, 2.0) / max(here, 24.0)
    grain = np.clip(folds, 0.45, 1.6) ** texture
    return np.asarray(level * grain * (1.0 + across + down), dtype=np.float32)


def _blurred(levels: NDArray[np.float32], radius: float) -> NDArray[np.float32]:
    image = Image.fromarray(np.clip(levels, 0, 255).astype(np.uint8), "L")
    return np.asarray(image.filter(ImageFilter.GaussianBlur(radius)), dtype=np.float32)


def _shadow(alpha: NDArray[np.float32], reach: float) -> NDArray[np.float32]:
    step = max(round(reach * 0.6), 1)
    fallen = np.zeros_like(alpha)
    fallen[step:, step:] = alpha[:-step, :-step]
    return _blurred(fallen * 255.0, reach) / 255.0


def _posts(pixels: NDArray[np.float32], quad: NDArray[np.float64]) -> NDArray[np.float32]:
    """Stand a billboard on two posts that run down out of the picture."""
    image = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8), "RGB")
    draw = ImageDraw.Draw(image)
    thick = max(0.035 * quad_size(quad)[0], 3.0)
    for share in (0.2, 0.8):
        x, y = quad[3] + share * (quad[2] - quad[3])
        draw.rectangle((x - thick / 2, y - 2, x + thick / 2, image.height), fill="#2c2a29")
        draw.rectangle((x - thick / 2, y - 2, x - thick / 5, image.height), fill="#55514c")
    return np.asarray(image, dtype=np.float32)


def occluder(
    box: tuple[float, float, float, float],
    *,
    kind: Kind,
    size: tuple[int, int],
    rng: np.random.Generator,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Something that hangs or stands in front of part of a box: leaves, a cable or a pole.

    Parameters
    ----------
    box : (float, float, float, float)
        Left, top, width, height of what is to be partly hidden.
    kind : str
        Of the carrier: leaves lie on things on the ground, poles stand before boards.
    size : (int, int)
        Width and height of the picture.
    rng : numpy.random.Generator

    Returns
    -------
    (ndarray of shape (h, w, 3), ndarray of shape (h, w))
        Colour in [0, 255] and alpha in [0, 1], both float32.
    """
    layer = Image.new("RGBA", (size[0] * 2, size[1] * 2), (0, 0, 0, 0))
    draw = ImageDraw.Draw(layer)
    left, top, width, height = (2.0 * side for side in box)
    usual = _IN_FRONT.get(kind, (_leaves, _cable))
    usual[int(rng.integers(len(usual)))](draw, (left, top, width, height), rng)
    small = layer.resize(size, Image.Resampling.BOX).filter(ImageFilter.GaussianBlur(0.6))
    pixels = np.asarray(small, dtype=np.float32)
    alpha = pixels[..., 3] / 255.0
    return pixels[..., :3], alpha


_Frame = tuple[float, float, float, float]


def _leaves(draw: ImageDraw.ImageDraw, box: _Frame, rng: np.random.Generator) -> None:
    left, top, width, height = box
    corner = np.array([left + width * rng.choice([0.02, 0.98]), top + height * 0.95])
    length = 0.42 * min(width, height) + 16.0
    for _ in range(int(rng.integers(3, 6))):
        angle = rng.uniform(0, 2 * np.pi)
        along = np.array([np.cos(angle), np.sin(angle)]) * length * rng.uniform(0.7, 1.1)
        aside = np.array([-along[1], along[0]]) * 0.3
        t = np.linspace(0, 1, 12)[:, None]
        bulge = np.sin(np.pi * t) ** 0.8
        outline = np.vstack([along * t + aside * bulge, (along * t - aside * bulge)[::-1]])
        green = (int(rng.integers(40, 80)), int(rng.integers(95, 145)), 45, 255)
        draw.polygon([(float(x), float(y)) for x, y in corner + outline], fill=green)
        tip = corner + along
        draw.line((*corner.tolist(), *tip.tolist()), fill=(150, 175, 110, 255), width=2)


def _cable(draw: ImageDraw.ImageDraw, box: _Frame, rng: np.random.Generator) -> None:
    """Hang a cable through the whole picture, across the box."""
    left, top, width, height = box
    x = np.linspace(0.0, draw.im.size[0], 80)
    away = (x - left - width / 2) / draw.im.size[0]
    slope, sag = rng.uniform(-0.5, 0.5), rng.uniform(0.1, 0.4)
    middle = top + height * rng.uniform(0.35, 0.75)
    y = middle + draw.im.size[1] * (slope * away - sag * away**2)
    line = [(float(a), float(b)) for a, b in zip(x, y, strict=True)]
    thick = max(int(0.07 * height), 6)
    draw.line(line, fill=(26, 26, 30, 255), width=thick, joint="curve")
    shine = [(a, b - thick * 0.22) for a, b in line]
    draw.line(shine, fill=(92, 92, 100, 255), width=max(thick // 5, 1), joint="curve")


def _pole(draw: ImageDraw.ImageDraw, box: _Frame, rng: np.random.Generator) -> None:
    left, _, width, _ = box
    thick = max(0.1 * width, 8.0)
    x = left + width * rng.uniform(0.0, 1.0)
    steps = 12
    for i in range(steps):
        level = int(70 + 120 * np.sin(np.pi * (i + 1) / (steps + 2)) ** 2)
        at = x - thick / 2 + thick * i / steps
        draw.rectangle(
            (at, 0, at + thick / steps + 1, draw.im.size[1]), fill=(level, level, level + 6, 255)
        )


_IN_FRONT = {"billboard": (_cable, _pole), "board": (_pole, _leaves), "print": (_cable,)}


def expose(
    pixels: NDArray[np.float32], *, monochrome: bool, rng: np.random.Generator
) -> Image.Image:
    """Take the picture: exposure, white balance, vignette, blur or shake, sensor noise.

    Returns
    -------
    PIL.Image.Image
        Mode ``RGB``.
    """
    height, width = pixels.shape[:2]
    balance = rng.uniform(0.95, 1.05, 3) * rng.uniform(0.84, 1.14)
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    vignette = 1.0 - rng.uniform(0.0, 0.14) * (x**2 + y**2) / 2.0
    lit = pixels * balance * vignette[..., None]
    if monochrome:
        lit = np.repeat(lit.mean(axis=2, keepdims=True), 3, axis=2)
    lit = _soften(np.asarray(lit, dtype=np.float32), rng)
    noise = rng.normal(0.0, rng.uniform(1.5, 6.5), (height, width, 1))
    speckle = rng.normal(0.0, rng.uniform(0.5, 2.0), (height, width, 3))
    if monochrome:
        speckle = speckle[..., :1]
    levels = np.clip(lit + noise + speckle, 0, 255).round().astype(np.uint8)
    return Image.fromarray(levels, "RGB")


def _soften(pixels: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    draw = rng.random()
    if draw < 0.12:  # noqa: PLR2004 - one picture in eight is shaken
        reach = int(rng.integers(2, 4))
        shifts = range(-reach, reach + 1)
        return np.asarray(
            np.mean([_shifted(pixels, shift) for shift in shifts], axis=0), dtype=np.float32
        )
    radius = rng.uniform(0.8, 1.6) if draw < 0.35 else rng.uniform(0.2, 0.6)  # noqa: PLR2004
    image = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8), "RGB")
    return np.asarray(image.filter(ImageFilter.GaussianBlur(radius)), dtype=np.float32)


def _shifted(pixels: NDArray[np.float32], shift: int) -> NDArray[np.float32]:
    """Move sideways, repeating the border."""
    columns = np.clip(np.arange(pixels.shape[1]) + shift, 0, pixels.shape[1] - 1)
    return pixels[:, columns]

"""Photographs with brand logos in them, and where exactly the logos are.

Layer: datasets (writes JPEG and PNG files; imports only ``datasets``, ``schema`` and ``errors``).

Shipped as code, not as megabytes: fictional brands are placed, with perspective, light,
shadow, blur and things in front of them, onto real photographs that scikit-image ships. The
first 30 pictures of a seed are the same whether 30 or 3,000 are asked for.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from gt_widgets.datasets.brands import BRANDS
from gt_widgets.datasets.carriers import draw_carrier
from gt_widgets.datasets.photographs import PHOTOGRAPHS, view_of
from gt_widgets.datasets.scene import expose, occluder, paint, place, quad_size
from gt_widgets.errors import ValidationError
from gt_widgets.schema.masks import palette_png, read_palette_png, tool_colors

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray
    from PIL import Image

    from gt_widgets.datasets.brands import Brand
    from gt_widgets.datasets.photographs import Photograph, Surface, View
    from gt_widgets.datasets.shapes import Look

__all__ = ["LogoSet", "TrueBox", "brand_logos", "logo_pictures"]

TrueBox: TypeAlias = dict[str, str | int]
"""``{"label", "left", "top", "width", "height"}`` in image pixels."""

Pictured: TypeAlias = "tuple[Image.Image, list[TrueBox], NDArray[np.uint8]]"
"""A picture, the boxes of its logos, and their pixels."""

_LOGOS_IN_TURN = (1, 2, 1, 3, 1, 2, 0, 1, 2, 1)
"""How many logos the 1st, 2nd ... picture should have: every tenth has none."""

_MIN_SIDE_PX = 14
_MIN_VISIBLE = 0.55
_HALF = 0.5
_MIN_PICTURE_PX = 64
_TRIES_PER_LOGO = 6


@dataclass(frozen=True, slots=True)
class LogoSet:
    """Pictures in one folder, and the truth about them, which lies outside that folder.

    Parameters
    ----------
    folder : Path
        Holds the JPEG files and nothing else.
    paths : tuple of Path
        In order of number.
    categories : tuple of str
        The brands, in ``class_id`` order.
    truth : mapping of file name to list of boxes
        Every logo with ``label, left, top, width, height``: the smallest box around the
        pixels of the logo that can be seen. What lies outside the picture or behind
        something is not in the box, just as a careful worker would draw it; nor is the
        board, carton or sticker rim the logo is on.
    truth_path : Path
        The same as JSON, for judging labels later.
    masks : mapping of file name to Path
        If they were asked for: a palette PNG per picture, 0 where no logo can be seen, else the
        number of its brand, from 1. They lie outside the folder of pictures too.
    """

    folder: Path
    paths: tuple[Path, ...]
    categories: tuple[str, ...]
    truth: Mapping[str, list[TrueBox]]
    truth_path: Path
    masks: Mapping[str, Path] = field(default_factory=dict)

    def mask_truth(self) -> dict[str, NDArray[np.uint8]]:
        """Return the masks as arrays of shape (height, width), by file name.

        They are the truth of a segmentation job: ``session.upload(logos,
        truth=logos.mask_truth())``.

        Raises
        ------
        ValidationError
            If they were not asked for.
        """
        if not self.masks:
            raise ValidationError("there are no masks: brand_logos(..., masks=True) writes them.")
        return {name: read_palette_png(path.read_bytes()) for name, path in self.masks.items()}


def brand_logos(
    folder: str | Path,
    *,
    count: int = 30,
    seed: int = 0,
    size: tuple[int, int] = (640, 480),
    brands: int = 3,
    masks: bool = False,
) -> LogoSet:
    """Write photographs with brand logos.

    Parameters
    ----------
    folder : str or Path
        Made if it is not there. The truth is written beside it, as ``<folder>-truth.json``.
    count : int >= 1
        Pictures. The workshop uses 30.
    seed : int >= 0
        The same seed gives the same pixels.
    size : (int, int)
        Width and height in pixels, each at least 64.
    brands : int in 1..6
        How many of `BRANDS` appear.
    masks : bool
        Write the pixels of every logo too, into ``<folder>-masks``.

    Returns
    -------
    LogoSet

    Raises
    ------
    ValidationError
        If a number lies outside its range.
    """
    place_in = Path(folder)
    _check(count, seed, size, brands)
    place_in.mkdir(parents=True, exist_ok=True)
    mask_folder = place_in.with_name(f"{place_in.name}-masks")
    truth: dict[str, list[TrueBox]] = {}
    paths, mask_paths = [], {}
    for number, (picture, boxes, mask) in enumerate(_pictures(count, seed, size, BRANDS[:brands])):
        path = place_in / f"logo-{number + 1:04d}.jpg"
        picture.save(path, "JPEG", quality=88)
        truth[path.name] = boxes
        paths.append(path)
        if masks:
            mask_folder.mkdir(exist_ok=True)
            mask_paths[path.name] = mask_folder / f"{path.stem}.png"
            mask_paths[path.name].write_bytes(palette_png(mask, tool_colors(brands)))
    truth_path = place_in.with_name(f"{place_in.name}-truth.json")
    truth_path.write_text(json.dumps(truth, indent=1) + "\n", encoding="utf-8")
    categories = tuple(brand.name for brand in BRANDS[:brands])
    return LogoSet(place_in, tuple(paths), categories, truth, truth_path, mask_paths)


def logo_pictures(
    *, count: int, seed: int = 0, size: tuple[int, int] = (640, 480), brands: int = 3
) -> Iterator[tuple[Image.Image, list[TrueBox]]]:
    """Make the pictures one by one, without writing any file.

    Takes the parameters of `brand_logos` and checks them at once.

    Returns
    -------
    iterator of (PIL.Image.Image, list of boxes)
    """
    _check(count, seed, size, brands)
    return ((picture, boxes) for picture, boxes, _ in _pictures(count, seed, size, BRANDS[:brands]))


def _check(count: int, seed: int, size: tuple[int, int], brands: int) -> None:
    if count < 1 or seed < 0:
        raise ValidationError(f"count must be >= 1 and seed >= 0; found {count} and {seed}")
    if not 1 <= brands <= len(BRANDS):
        raise ValidationError(f"brands must lie in 1..{len(BRANDS)}; found {brands}")
    if min(size) < _MIN_PICTURE_PX:
        raise ValidationError(f"a picture has at least 64 x 64 pixels; found {size}")


def _pictures(
    count: int, seed: int, size: tuple[int, int], brands: tuple[Brand, ...]
) -> Iterator[Pictured]:
    turn = 0
    for number in range(count):
        wanted = _LOGOS_IN_TURN[number % len(_LOGOS_IN_TURN)]
        chosen = [brands[(turn + i) % len(brands)] for i in range(wanted)]
        turn += wanted
        rng = np.random.default_rng([seed, 1, number])
        yield _picture(_photograph(number, seed), chosen, size=size, rng=rng)


def _photograph(number: int, seed: int) -> Photograph:
    """Go round all photographs in an order of the seed's before any comes again."""
    cycle, position = divmod(number, len(PHOTOGRAPHS))
    order = np.random.default_rng([seed, 2, cycle]).permutation(len(PHOTOGRAPHS))
    return PHOTOGRAPHS[int(order[position])]


def _picture(
    photograph: Photograph,
    brands: list[Brand],
    *,
    size: tuple[int, int],
    rng: np.random.Generator,
) -> Pictured:
    view = view_of(photograph, size=size, surfaces=len(brands), rng=rng)
    canvas = _Canvas(view, size, rng)
    for brand in brands:
        look = brand.looks[int(rng.integers(len(brand.looks)))]
        for _ in range(_TRIES_PER_LOGO):
            if canvas.add(brand, look):
                break
    picture = expose(canvas.pixels, monochrome=view.monochrome, rng=rng)
    return picture, canvas.boxes, canvas.mask


class _Canvas:
    """A view that fills up with logos; each addition is painted wholly or not at all."""

    def __init__(self, view: View, size: tuple[int, int], rng: np.random.Generator) -> None:
        self.pixels = view.pixels
        self.boxes: list[TrueBox] = []
        self.mask = np.zeros((size[1], size[0]), dtype=np.uint8)
        self._size, self._rng = size, rng
        self._free = list(view.surfaces)
        self._taken = np.zeros((size[1], size[0]), dtype=bool)

    def add(self, brand: Brand, look: Look) -> bool:
        """Try one surface; False if the logo would be hidden, tiny or on top of another."""
        if not self._free:
            return False
        rng = self._rng
        surface = self._free[int(rng.integers(len(self._free)))]
        kind = surface.kinds[int(rng.integers(len(surface.kinds)))]
        quad = _quad_on(surface, look, self._size, rng)
        flat = draw_carrier(look, kind=kind, size=quad_size(quad), rng=rng)
        placed = place(flat, quad, size=self._size)
        covered = placed.alpha > 0.02  # noqa: PLR2004 - any trace of it
        box = _box_around(placed.logo)
        if box is None or (covered & self._taken).any():
            return False
        pixels = paint(self.pixels, placed, kind=kind, rng=rng)
        visible = placed.logo
        if rng.random() < 0.3:  # noqa: PLR2004 - three in ten are partly hidden
            colour, alpha = occluder(box, kind=kind, size=self._size, rng=rng)
            if not (self._taken & (alpha > 0)).any():
                pixels = pixels + (colour - pixels) * alpha[..., None]
                visible = visible * (1.0 - alpha)
                covered |= alpha > 0
        box = _box_around(visible)
        if box is None or min(box[2:]) < _MIN_SIDE_PX:
            return False
        if float(visible.sum()) < _MIN_VISIBLE * placed.logo_area:
            return False
        self.pixels, self._taken = pixels, self._taken | covered
        self._free.remove(surface)
        self.boxes.append({"label": brand.name, **dict(zip(_SIDES, box, strict=True))})
        self.mask[visible >= _HALF] = BRANDS.index(brand) + 1
        return True


_SIDES = ("left", "top", "width", "height")


def _box_around(logo: NDArray[np.float32]) -> tuple[int, int, int, int] | None:
    """Smallest box around the pixels that are at least half logo."""
    rows, columns = np.nonzero(logo >= _HALF)
    if rows.size == 0:
        return None
    left, top = int(columns.min()), int(rows.min())
    return left, top, int(columns.max()) - left + 1, int(rows.max()) - top + 1


def _quad_on(
    surface: Surface, look: Look, size: tuple[int, int], rng: np.random.Generator
) -> NDArray[np.float64]:
    """Choose where the corners of the carrier lie; shape (4, 2)."""
    if surface.roomy:
        return _lying_about(look, size, rng)
    quad = np.asarray(surface.quad, dtype=np.float64).reshape(4, 2)
    centre = quad.mean(axis=0)
    turned = (quad - centre) @ _rotation(rng.uniform(-5.0, 5.0)).T * rng.uniform(0.82, 1.04)
    shaken: NDArray[np.float64] = rng.normal(0.0, 0.02, (4, 2)) * np.ptp(quad, axis=0)
    corners: NDArray[np.float64] = centre + turned + shaken
    return corners


def _lying_about(
    look: Look, size: tuple[int, int], rng: np.random.Generator
) -> NDArray[np.float64]:
    aspect = float(np.clip(look.size[0] / look.size[1], 0.8, 2.6))
    width = size[0] * rng.uniform(0.2, 0.4) * (1.0 if aspect > 1.5 else 0.72)  # noqa: PLR2004
    half = np.array([width, width / aspect * 1.15]) / 2.0
    corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * half
    corners += rng.normal(0.0, 0.035, (4, 2)) * width
    centre = rng.uniform(0.14, 0.86, 2) * size
    lying: NDArray[np.float64] = centre + corners @ _rotation(rng.uniform(-50.0, 50.0)).T
    return lying


def _rotation(degrees: float) -> NDArray[np.float64]:
    turn = np.deg2rad(degrees)
    return np.array([(np.cos(turn), -np.sin(turn)), (np.sin(turn), np.cos(turn))])

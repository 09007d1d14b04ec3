"""Masks: palette PNGs of class indexes, and COCO's run-length code through pycocotools.

Layer: exchange. ``pycocotools`` (extra ``coco``) encodes, decodes and draws polygons; what comes
from a file is checked before its C code sees it.
"""

from __future__ import annotations

import io
import math
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from gt_widgets.errors import FormatError
from gt_widgets.schema.limits import IMAGE_PIXELS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

__all__ = ["COLOURS", "decode_segmentation", "encode_rle", "mask_png", "read_mask"]

COLOURS = (
    "#2ca02c", "#1f77b4", "#ff7f0e", "#d62728", "#9467bd",
    "#8c564b", "#e377c2", "#7f7f7f", "#bcbd22", "#17becf",
)  # fmt: skip
"""Of the service's tool, in order."""
_WHITE = "#ffffff"
_POLYGON_NUMBERS = 6


def read_mask(data: bytes, colours: Mapping[int, tuple[str, str]], where: str) -> NDArray[np.uint8]:
    """Read a mask as class indexes, shape (height, width).

    Parameters
    ----------
    data : bytes
        PNG; of a palette or grey values these are the indexes, of colours the ``hex-color`` of
        ``colours`` tells them.
    colours : mapping of index to (class name, hex colour)
    where : str
        Its location, for messages.

    Raises
    ------
    FormatError
        If it is no such PNG, has more than 100 million pixels or an unknown colour.
    """
    from PIL import Image, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            image = Image.open(io.BytesIO(data), formats=("PNG",))
        if image.width * image.height > IMAGE_PIXELS:
            raise FormatError(f"{where}: {image.width} x {image.height} pixels are too many.")
        if image.mode in {"P", "L", "1"}:
            return np.asarray(image, dtype=np.uint8)
        pixels = np.asarray(image.convert("RGB"), dtype=np.uint32)
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError) as error:
        raise FormatError(f"{where}: not a PNG mask ({error}).") from error
    packed = (pixels[..., 0] << 16) | (pixels[..., 1] << 8) | pixels[..., 2]
    codes = {int(code.removeprefix("#"), 16): index for index, (_, code) in colours.items()}
    unknown = set(np.unique(packed).tolist()) - codes.keys()
    if unknown:
        raise FormatError(f"{where}: colour #{min(unknown):06x} is not in its colour map.")
    mask = np.zeros(packed.shape, np.uint8)
    for code, index in codes.items():
        mask[packed == code] = index
    return mask


def mask_png(mask: NDArray[np.uint8], colours: Mapping[int, str]) -> bytes:
    """Write class indexes as the service does: a palette PNG, unused entries white."""
    from PIL import Image

    image = Image.fromarray(mask, mode="P")
    codes = [colours.get(index, _WHITE).removeprefix("#") for index in range(256)]
    image.putpalette(bytes.fromhex("".join(codes)))
    out = io.BytesIO()
    image.save(out, format="PNG")
    return out.getvalue()


def _coco() -> Any:
    try:
        from pycocotools import mask
    except ImportError as error:
        raise FormatError(
            "Masks in COCO files need pycocotools: pip install 'gt-widgets[coco]'."
        ) from error
    return mask


def encode_rle(mask: NDArray[np.bool_]) -> tuple[dict[str, Any], float, list[float]]:
    """Encode one class of a mask.

    Returns
    -------
    segmentation : dict
        ``{"size": [height, width], "counts": str}``, compressed.
    area : float
        In pixels.
    bbox : list of float
        ``left, top, width, height``.
    """
    coco = _coco()
    rle = coco.encode(np.asfortranarray(mask, dtype=np.uint8))
    area, box = float(coco.area(rle)), [float(side) for side in coco.toBbox(rle)]
    return {"size": list(map(int, rle["size"])), "counts": rle["counts"].decode()}, area, box


def decode_segmentation(
    segmentation: Any, *, width: int, height: int, where: str
) -> NDArray[np.bool_]:
    """Draw a segmentation of a COCO file: polygons, or run lengths in either form.

    Returns
    -------
    ndarray of bool, shape (height, width)

    Raises
    ------
    FormatError
        If it does not fit the image or is none of these.
    """
    if width * height > IMAGE_PIXELS:
        raise FormatError(f"{where}: an image of {width} x {height} pixels is too large.")
    if isinstance(segmentation, list):
        rles = _coco().frPyObjects(_polygons(segmentation, width, height, where), height, width)
        return np.asarray(_coco().decode(_coco().merge(rles)), dtype=bool)
    counts = segmentation.get("counts") if isinstance(segmentation, dict) else None
    if not isinstance(segmentation, dict) or segmentation.get("size") != [height, width]:
        raise FormatError(f"{where}: expected run lengths of size [{height}, {width}].")
    runs = _uncompressed(counts, where) if isinstance(counts, str) else counts
    if not isinstance(runs, list) or not all(_is_run(run) for run in runs):
        raise FormatError(f"{where}: 'counts' must be a text or a list of whole numbers >= 0.")
    if sum(runs) != width * height:
        raise FormatError(f"{where}: the run lengths are not those of {width} x {height} pixels.")
    rle = _coco().frPyObjects({"size": [height, width], "counts": runs}, height, width)
    return np.asarray(_coco().decode(rle), dtype=bool)


def _is_run(run: Any) -> bool:
    return isinstance(run, int) and not isinstance(run, bool) and run >= 0


def _uncompressed(counts: str, where: str) -> list[int]:
    """Read COCO's own text code: groups of five bits from the character '0', differences."""
    runs: list[int] = []
    value = shift = 0
    for character in counts:
        bits = ord(character) - ord("0")
        if not 0 <= bits < 1 << 6 or shift > _MOST_BITS:
            raise FormatError(f"{where}: 'counts' is not COCO's code.")
        value |= (bits & 0x1F) << shift
        shift += 5
        if not bits & 0x20:
            if bits & 0x10:
                value -= 1 << shift
            runs.append(value + (runs[-2] if len(runs) > 2 else 0))  # noqa: PLR2004
            value = shift = 0
    if shift:
        raise FormatError(f"{where}: 'counts' ends in the middle of a number.")
    return runs


_MOST_BITS = 40


def _polygons(found: list[Any], width: int, height: int, where: str) -> list[list[float]]:
    for polygon in found:
        fits = (
            isinstance(polygon, list)
            and len(polygon) >= _POLYGON_NUMBERS
            and len(polygon) % 2 == 0
            and all(
                isinstance(n, int | float) and math.isfinite(n) and -1 <= n <= limit + 1
                for n, limit in zip(polygon, [width, height] * (len(polygon) // 2), strict=True)
            )
        )
        if not fits:
            raise FormatError(
                f"{where}: a polygon must be a list of x, y, x, y, ... inside the image."
            )
    if not found:
        raise FormatError(f"{where}: the segmentation is empty.")
    return found

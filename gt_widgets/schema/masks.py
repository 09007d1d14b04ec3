"""Masks as files: a worker's coloured picture in, a palette PNG of class indices out.

Layer: schema. Reference sections 4.4 and 6.5. A mask is an array of class indices: 0 is
BACKGROUND, k the k-th label category. The functions decode bytes from outside; run them on
untrusted bytes where a decoder may die alone.
"""

from __future__ import annotations

import base64
import binascii
import colorsys
import io
import re
import struct
import warnings
import zlib
from itertools import count, islice
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from gt_widgets.errors import AnswerError, ImageError, ValidationError
from gt_widgets.schema.limits import IMAGE_BYTES, IMAGE_PIXELS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

__all__ = [
    "BACKGROUND",
    "BACKGROUND_COLOR",
    "COLORS",
    "MAX_CLASSES",
    "answer_of_mask",
    "internal_color_map",
    "label_colors",
    "mask_of_answer",
    "palette_png",
    "read_palette_png",
    "tool_colors",
]

BACKGROUND = "BACKGROUND"
"""``class-name`` of class 0."""
BACKGROUND_COLOR = "#ffffff"
COLORS = (
    "#2ca02c",
    "#1f77b4",
    "#ff7f0e",
    "#d62728",
    "#9467bd",
    "#8c564b",
    "#e377c2",
    "#7f7f7f",
    "#bcbd22",
    "#17becf",
)
"""Colours of the segmentation tool, in its order (6.5)."""
MAX_CLASSES = 254
"""Classes besides BACKGROUND in one mask, at most."""

_UNKNOWN = 255
_STRIP = 256
"""Rows converted at a time, so that a large picture needs little memory."""
_GOLDEN_ANGLE = 0.381966
_HEX = re.compile(r"#[0-9a-fA-F]{6}\Z")
_MODES = {"1", "L", "LA", "P", "PA", "RGB", "RGBA"}
_DAMAGE = (OSError, ValueError, SyntaxError, struct.error, EOFError, zlib.error)


def tool_colors(n: int) -> tuple[str, ...]:
    """Give the colours of the first ``n`` label categories.

    The first ten are the tool's; then hues a golden angle apart, none of them twice and none
    of them white.
    """
    return tuple(islice(_all_colors(), n))


def _all_colors() -> Iterator[str]:
    yield from COLORS
    seen = {*COLORS, BACKGROUND_COLOR}
    for step in count():
        value = (0.85, 0.6, 0.4)[step // 64 % 3]
        rgb = colorsys.hsv_to_rgb(step * _GOLDEN_ANGLE % 1.0, 0.75, value)
        color = "#" + "".join(f"{round(255 * part):02x}" for part in rgb)
        if color not in seen:
            seen.add(color)
            yield color


def label_colors(categories: Sequence[str]) -> dict[str, str]:
    """Give each label category its colour, in label-file order."""
    return dict(zip(categories, tool_colors(len(categories)), strict=True))


def internal_color_map(
    categories: Sequence[str], *, confidence: float, colors: Sequence[str] | None = None
) -> dict[str, dict[str, Any]]:
    """Write the ``internal-color-map`` of an output manifest line (6.5, O07).

    Parameters
    ----------
    categories : sequence of str
        Label categories in label-file order; they become classes 1, 2, ...
    confidence : float in [0, 1]
        One number per picture, repeated for each class.
    colors : sequence of str, optional
        ``#rrggbb`` of each category; by default the tool's.

    Returns
    -------
    dict
        ``{"0": {"class-name": "BACKGROUND", "hex-color": "#ffffff", "confidence": ...}, ...}``.
    """
    chosen = tool_colors(len(categories)) if colors is None else tuple(colors)
    classes = [(BACKGROUND, BACKGROUND_COLOR), *zip(categories, chosen, strict=True)]
    return {
        str(index): {"class-name": name, "hex-color": color, "confidence": confidence}
        for index, (name, color) in enumerate(classes)
    }


def mask_of_answer(
    png_base64: str,
    label_colors: Mapping[str, str],
    *,
    categories: Sequence[str],
    width: int,
    height: int,
) -> NDArray[np.uint8]:
    """Read the mask a worker painted.

    Parameters
    ----------
    png_base64 : str
        ``labeledImage.pngImageData`` of a ``crowd-semantic-segmentation`` answer.
    label_colors : mapping of label to "#rrggbb"
        From its ``labelMappings``.
    categories : sequence of str
        The job's label categories in label-file order, at most 254.
    width, height : int
        Size of the stored picture in pixels.

    Returns
    -------
    ndarray of shape (height, width), uint8
        Class indices; 0 where the answer is white or transparent, k for the k-th category.

    Raises
    ------
    AnswerError
        If it is not a PNG of that size, a colour stands for no label or for two, or a pixel
        has a colour that stands for none.
    """
    data = _decoded(png_base64)
    lut = _class_of_color(label_colors, categories)
    with _opened(data, AnswerError, "labeledImage.pngImageData") as image:
        if image.size != (width, height):
            raise AnswerError(
                f"The mask has {image.width} x {image.height} pixels, the picture "
                f"{width} x {height}. Paint at the picture's own size."
            )
        if image.mode not in _MODES:
            raise AnswerError(f"The mask must be a PNG with 8-bit colours; found {image.mode}.")
        try:
            image.load()
            return _classes(image, lut)
        except AnswerError:
            raise
        except _DAMAGE as error:
            raise AnswerError(f"The mask's pixels are damaged ({error}).") from error


def answer_of_mask(
    mask: NDArray[np.uint8], categories: Sequence[str], *, colors: Sequence[str] | None = None
) -> dict[str, Any]:
    """Paint a mask as a worker's page does: the value of ``crowd-semantic-segmentation``.

    Parameters
    ----------
    mask : ndarray of shape (height, width), uint8
        Class indices up to ``len(categories)``.
    categories : sequence of str
        Label categories in label-file order.
    colors : sequence of str, optional
        ``#rrggbb`` of each category; by default the tool's.

    Returns
    -------
    dict
        ``inputImageProperties``, ``labelMappings`` (only used labels) and ``labeledImage``.
    """
    chosen = tool_colors(len(categories)) if colors is None else tuple(colors)
    table = _palette(chosen)[mask]
    image = Image.fromarray(table)
    out = io.BytesIO()
    image.save(out, "PNG")
    used = [k for k in np.flatnonzero(np.bincount(mask.ravel(), minlength=1)).tolist() if k]
    height, width = mask.shape
    return {
        "inputImageProperties": {"height": height, "width": width},
        "labelMappings": {categories[k - 1]: {"color": chosen[k - 1]} for k in used},
        "labeledImage": {"pngImageData": base64.b64encode(out.getvalue()).decode()},
    }


def palette_png(mask: NDArray[np.uint8], colors: Sequence[str]) -> bytes:
    """Write a mask as the service does (6.5, O06).

    Parameters
    ----------
    mask : ndarray of shape (height, width), uint8
        Class indices, at most ``len(colors)``.
    colors : sequence of str, length <= 254
        ``#rrggbb`` of classes 1, 2, ...; class 0 is white.

    Returns
    -------
    bytes
        A PNG in palette mode with 8 bits a pixel: pixel value = class, palette entry = the
        class's colour, the other entries white. Equal masks give equal bytes.

    Raises
    ------
    ValidationError
        If ``mask`` is not such an array or holds a class without a colour.
    """
    if mask.ndim != 2 or mask.dtype != np.uint8 or not mask.size:  # noqa: PLR2004 - rows, columns
        raise ValidationError(
            f"a mask must be a uint8 array of shape (height, width); found {mask.dtype} "
            f"{mask.shape}"
        )
    if int(mask.max()) > len(colors):
        row, column = (int(i) for i in np.argwhere(mask > len(colors))[0])
        raise ValidationError(
            f"mask row {row}, column {column}: class {mask[row, column]} has no colour; there "
            f"are {len(colors)} besides BACKGROUND"
        )
    image = Image.fromarray(np.ascontiguousarray(mask))
    image.putpalette(_palette(colors).tobytes())
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=6)
    return out.getvalue()


def read_palette_png(data: bytes) -> NDArray[np.uint8]:
    """Read the class indices of a mask in an output manifest.

    Parameters
    ----------
    data : bytes
        A PNG in palette mode, as ``palette_png`` writes.

    Returns
    -------
    ndarray of shape (height, width), uint8

    Raises
    ------
    ImageError
        If it is no PNG, has no palette, is damaged, or has more than 100 million pixels.
    """
    with _opened(data, ImageError, "mask") as image:
        if image.mode != "P":
            raise ImageError(
                f"mask: expected a PNG with a palette (mode P), whose pixel values are classes; "
                f"found mode {image.mode}."
            )
        try:
            return np.array(image, dtype=np.uint8)
        except _DAMAGE as error:
            raise ImageError(f"mask: the pixels are damaged ({error}).") from error


def _decoded(png_base64: Any) -> bytes:
    if not isinstance(png_base64, str):
        raise AnswerError("labeledImage.pngImageData must be a text of base64.")
    if len(png_base64) > IMAGE_BYTES * 4 // 3:
        raise AnswerError(f"The mask has more than {IMAGE_BYTES} bytes.")
    try:
        return base64.b64decode(png_base64.removeprefix("data:image/png;base64,"), validate=True)
    except (binascii.Error, ValueError) as error:
        raise AnswerError(f"labeledImage.pngImageData is not base64 ({error}).") from error


def _opened(data: bytes, refusal: type[AnswerError | ImageError], name: str) -> Image.Image:
    """Read the header only; pixels are decoded when the size has been judged."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of large pictures
            image = Image.open(io.BytesIO(data), formats=("PNG",))
    except Image.DecompressionBombError as error:
        raise refusal(f"{name}: at most {IMAGE_PIXELS} pixels are allowed ({error}).") from error
    except _DAMAGE as error:
        raise refusal(f"{name}: expected a PNG; found {data[:8]!r}... ({error}).") from error
    if image.width * image.height > IMAGE_PIXELS:
        raise refusal(
            f"{name}: {image.width} x {image.height} pixels; at most {IMAGE_PIXELS} are allowed."
        )
    return image


def _rgb(color: Any) -> int:
    if not isinstance(color, str) or not _HEX.match(color):
        raise AnswerError(f"A colour must be written as '#rrggbb'; found {color!r:.40}.")
    return int(color[1:], 16)


def _class_of_color(
    label_colors: Mapping[str, str], categories: Sequence[str]
) -> NDArray[np.uint8]:
    """Table of the class of every 24-bit colour; 255 stands for none."""
    if len(categories) > MAX_CLASSES:
        raise ValidationError(f"{len(categories)} label categories; at most {MAX_CLASSES}.")
    owner = {_rgb(BACKGROUND_COLOR): BACKGROUND}
    lut = np.full(1 << 24, _UNKNOWN, dtype=np.uint8)
    lut[_rgb(BACKGROUND_COLOR)] = 0
    for label, color in label_colors.items():
        if label not in categories and label != BACKGROUND:
            raise AnswerError(
                f"Label {label!r:.60} is not one of this job's: {', '.join(categories[:20])}."
            )
        packed = _rgb(color)
        if owner.setdefault(packed, label) != label:
            raise AnswerError(
                f"Colour {color} stands for two labels: {owner[packed]!r} and {label!r}."
            )
        lut[packed] = categories.index(label) + 1 if label in categories else 0
    return lut


def _classes(image: Image.Image, lut: NDArray[np.uint8]) -> NDArray[np.uint8]:
    mask = np.empty((image.height, image.width), dtype=np.uint8)
    for top in range(0, image.height, _STRIP):
        bottom = min(top + _STRIP, image.height)
        strip = image.crop((0, top, image.width, bottom)).convert("RGBA")
        rgba = np.asarray(strip).astype(np.uint32)
        packed = rgba[..., 0] << 16 | rgba[..., 1] << 8 | rgba[..., 2]
        found = lut[packed]
        found[rgba[..., 3] == 0] = 0
        half_seen = (rgba[..., 3] > 0) & (rgba[..., 3] < _UNKNOWN)
        bad = np.argwhere((found == _UNKNOWN) | half_seen)
        if len(bad):
            row, column = (int(i) for i in bad[0])
            red, green, blue, alpha = (int(part) for part in rgba[row, column])
            raise AnswerError(
                f"The mask's pixel at left {column}, top {top + row} has the colour "
                f"#{red:02x}{green:02x}{blue:02x} (alpha {alpha}), which stands for no label. "
                "Paint without soft edges, in the colours of labelMappings."
            )
        mask[top:bottom] = found
    return mask


def _palette(colors: Sequence[str]) -> NDArray[np.uint8]:
    """Rows of red, green, blue for all 256 pixel values."""
    if len(colors) > MAX_CLASSES:
        raise ValidationError(f"{len(colors)} colours; at most {MAX_CLASSES}.")
    table = np.full((256, 3), 255, dtype=np.uint8)
    for index, color in enumerate(colors, start=1):
        packed = _rgb(color)
        table[index] = (packed >> 16, packed >> 8 & 255, packed & 255)
    return table

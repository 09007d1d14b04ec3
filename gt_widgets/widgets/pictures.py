"""Pictures as notebooks hold them, turned into bytes for a labeler's page.

Layer: widgets. Whatever comes is shown in its stored frame: an orientation tag is cut out, so that
a box drawn on the screen names stored pixels.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from gt_widgets.engine.pictures import Picture, as_stored, measure
from gt_widgets.errors import ImageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["picture_of"]

_PNG_MODES = {"1", "L", "LA", "P", "RGB", "RGBA", "I;16"}
_REMOTE = ("http://", "https://", "s3://")


def picture_of(item: Any) -> tuple[bytes, Picture]:
    """Return a picture's bytes, JPEG or PNG without orientation, and what they are.

    Parameters
    ----------
    item : path, bytes, PIL.Image.Image, numpy.ndarray or ipywidgets.Image
        A text is a path. Arrays are of shape (height, width), (height, width, 3) or
        (height, width, 4): bytes as they are, booleans black and white, floats in [0, 1], other
        integers in the range of their type.

    Raises
    ------
    ImageError
        If it is none of these, damaged, too large, or not on this machine.
    """
    name, data = _read(item)
    found = measure(name, data)
    return as_stored(data), found


def _read(item: Any) -> tuple[str, bytes]:
    if isinstance(item, bytes | bytearray | memoryview):
        return "the picture", bytes(item)
    if isinstance(item, str | Path):
        return str(item), _file(item)
    if isinstance(item, np.ndarray):
        return "the array", _png(_image_of(item))
    if isinstance(item, Image.Image):
        return "the picture", _png(item)
    if isinstance(value := getattr(item, "value", None), bytes | memoryview):  # ipywidgets.Image
        return "the widget's picture", bytes(value)
    raise ImageError(
        f"expected a path, bytes, a PIL image, an array or an ipywidgets.Image; found "
        f"{type(item).__name__}."
    )


def _file(item: str | Path) -> bytes:
    if str(item).startswith(_REMOTE):
        raise ImageError(f"{item}: nothing is fetched from here. Fetch it and give the bytes.")
    try:
        return Path(item).read_bytes()
    except (OSError, ValueError) as error:
        raise ImageError(f"{str(item)[:200]}: the picture cannot be read ({error}).") from error


def _png(image: Image.Image) -> bytes:
    """Write without loss: pixels that a labeler looks at are not compressed once more."""
    if image.mode not in _PNG_MODES:
        image = image.convert("RGB")
    out = io.BytesIO()
    image.save(out, "PNG", exif=b"")
    return out.getvalue()


def _image_of(array: NDArray[Any]) -> Image.Image:
    if array.dtype == np.bool_ or np.issubdtype(array.dtype, np.floating):
        array = np.clip(np.nan_to_num(np.asarray(array, dtype=float)), 0, 1) * 255
    elif np.issubdtype(array.dtype, np.integer) and array.dtype != np.uint8:
        array = np.clip(array / (np.iinfo(array.dtype).max / 255), 0, 255)
    try:
        _rows, _columns, *_channels = array.shape
        return Image.fromarray(np.asarray(np.round(array), dtype=np.uint8))
    except (TypeError, ValueError) as error:
        raise ImageError(
            f"an array of shape {array.shape} and type {array.dtype} is no picture ({error})."
        ) from error

"""Pictures as stored: sniffed, measured before decoding, and sent without their orientation tag.

Layer: engine. Boxes are in pixels of the stored frame. Browsers turn a picture by its EXIF tag
whatever the page asks for, so the tag is cut out of the bytes; no pixel is decoded for that.
"""

from __future__ import annotations

import io
import struct
import warnings
from dataclasses import dataclass

from PIL import Image, UnidentifiedImageError

from gt_widgets.errors import ImageError
from gt_widgets.schema.limits import IMAGE_BYTES, IMAGE_PIXELS
from gt_widgets.schema.shown import as_shown

__all__ = ["Picture", "as_stored", "measure", "thumbnail"]

_FORMATS = ("JPEG", "PNG")
# MPO: a JPEG that carries a second picture behind the first, as many telephones write
_CONTENT_TYPES = {"JPEG": "image/jpeg", "MPO": "image/jpeg", "PNG": "image/png"}
_DEPTHS = {"1": 1, "L": 1, "P": 3, "RGB": 3, "RGBA": 4, "LA": 2, "CMYK": 4, "I;16": 1, "I": 1}
_TURNING_CHUNKS = {b"eXIf"}
_MARKER, _START_OF_SCAN, _APP1 = 0xFF, 0xDA, 0xE1
_OTHERS = {
    b"GIF8": "a GIF",
    b"II*\0": "a TIFF",
    b"MM\0*": "a TIFF",
    b"RIFF": "a WebP",
    b"BM": "a BMP",
    b"\xff\xd8": "a JPEG of a kind that browsers cannot show, or a damaged one",
}
_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True, slots=True)
class Picture:
    """Width and height in stored pixels, number of channels, and content type."""

    width: int
    height: int
    depth: int
    content_type: str


def measure(name: str, data: bytes) -> Picture:
    """Read a picture's header; pixels are not decoded.

    Parameters
    ----------
    name : str
        Where it lies, for messages.
    data : bytes
        The whole file, or its beginning if the header lies within it.

    Raises
    ------
    ImageError
        If it is neither JPEG nor PNG, is damaged, has more than 100 million pixels or more
        than 40 MB.
    """
    if len(data) > IMAGE_BYTES:
        raise ImageError(f"{name}: {len(data)} bytes; a picture may have {IMAGE_BYTES} at most.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of large pictures and odd tags
            image = Image.open(io.BytesIO(data), formats=_FORMATS)
    except Image.DecompressionBombError as error:
        raise ImageError(f"{name}: at most {IMAGE_PIXELS} pixels are allowed ({error})") from error
    except UnidentifiedImageError as error:
        raise ImageError(
            f"{name}: expected a JPEG or PNG picture; found {_kind_of(data)}. Save it as PNG."
        ) from error
    except (OSError, ValueError, SyntaxError, struct.error, EOFError) as error:
        raise ImageError(f"{name}: the picture's header is damaged ({error}).") from error
    width, height = image.size
    if width * height > IMAGE_PIXELS:
        raise ImageError(
            f"{name}: {width} x {height} pixels; at most {IMAGE_PIXELS} pixels are allowed."
        )
    if width < 1 or height < 1 or image.format is None:
        raise ImageError(f"{name}: the picture has no pixels ({width} x {height}).")
    return Picture(width, height, _DEPTHS.get(image.mode, 3), _CONTENT_TYPES[image.format])


def _kind_of(data: bytes) -> str:
    known = next((kind for start, kind in _OTHERS.items() if data.startswith(start)), None)
    return known or f"{data[:8]!r}..."


def as_stored(data: bytes) -> bytes:
    """Remove what would turn the picture in a browser: EXIF of a JPEG, ``eXIf`` of a PNG.

    All other bytes stay, so the pixels are those of the stored frame (M10).
    """
    if data.startswith(b"\xff\xd8"):
        return _jpeg_without_exif(data)
    if data.startswith(_PNG_SIGNATURE):
        return _png_without_exif(data)
    return data


def _jpeg_without_exif(data: bytes) -> bytes:
    kept = [data[:2]]
    position = 2
    while position + 4 <= len(data) and data[position] == _MARKER:
        marker = data[position + 1]
        if marker == _MARKER:
            position += 1
            continue
        if marker == _START_OF_SCAN:
            break
        end = position + 2 + int.from_bytes(data[position + 2 : position + 4], "big")
        # browsers look at five bytes; the sixth is padding of any value
        exif = marker == _APP1 and data[position + 4 : position + 9] == b"Exif\0"
        if not exif:
            kept.append(data[position:end])
        position = end
    kept.append(data[position:])
    return b"".join(kept)


def _png_without_exif(data: bytes) -> bytes:
    kept = [_PNG_SIGNATURE]
    position = len(_PNG_SIGNATURE)
    while position + 8 <= len(data):
        length = int.from_bytes(data[position : position + 4], "big")
        end = position + 12 + length
        if data[position + 4 : position + 8] not in _TURNING_CHUNKS:
            kept.append(data[position:end])
        position = end
    kept.append(data[position:])
    return b"".join(kept)


def thumbnail(data: bytes, *, side: int = 320) -> bytes:
    """Decode a picture and give a JPEG of at most ``side`` pixels, in the stored frame.

    It decodes untrusted bytes: call it in a process of its own (``Engine.thumbnail`` does).

    Raises
    ------
    ImageError
        If the pixels cannot be decoded.
    """
    measure("thumbnail", data)
    try:
        with Image.open(io.BytesIO(as_stored(data)), formats=_FORMATS) as image:
            image.draft("RGB", (side, side))
            small = as_shown(image)
            small.thumbnail((side, side))
            out = io.BytesIO()
            small.save(out, "JPEG", quality=80)
    except (OSError, ValueError, SyntaxError, struct.error, EOFError) as error:
        raise ImageError(f"the picture's pixels are damaged ({error}).") from error
    return out.getvalue()

"""Pictures of a job, opened one at a time.

Layer: autolabel (imports only ``errors``).
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeAlias, overload

import numpy as np

from gt_widgets.errors import ImageError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray
    from PIL.Image import Image as Opened

__all__ = ["Chosen", "Picture", "Pictures", "check_pixels", "decoding", "open_picture"]

Picture: TypeAlias = "str | Path | bytes | NDArray[np.uint8]"
"""A path, the bytes of a file, or pixels of shape (h, w) or (h, w, 3)."""

_MAX_PIXELS = 100_000_000
_DAMAGED = (SyntaxError, TypeError, ValueError, EOFError, struct.error)


def open_picture(picture: Picture) -> NDArray[np.uint8]:
    """RGB pixels of shape (h, w, 3) in the stored frame: labels name stored pixels (M10).

    Raises
    ------
    ImageError
        If it is no picture, or has over 100 million pixels.
    """
    if isinstance(picture, np.ndarray):
        pixels = np.stack([picture] * 3, axis=2) if picture.ndim == 2 else picture  # noqa: PLR2004
        if pixels.ndim != 3 or pixels.shape[2] != 3 or pixels.dtype != np.uint8:  # noqa: PLR2004
            raise ImageError(
                f"expected bytes 0..255 of shape (h, w) or (h, w, 3); found {picture.dtype} of "
                f"shape {picture.shape}"
            )
        return pixels
    from PIL import Image

    name = "a picture" if isinstance(picture, bytes) else str(picture)
    source = io.BytesIO(picture) if isinstance(picture, bytes) else picture
    with decoding(name), Image.open(source) as image:
        check_pixels(image, name)
        return np.asarray(image.convert("RGB"))


@contextmanager
def decoding(name: str) -> Iterator[None]:
    """Turn whatever Pillow says of a file that it cannot decode into an ``ImageError``."""
    from PIL import Image

    try:
        yield
    except ImageError:
        raise
    except (OSError, *_DAMAGED, Image.DecompressionBombError) as problem:
        raise ImageError(f"{name} cannot be opened: {problem}") from problem


def check_pixels(image: Opened, name: str) -> None:
    """Refuse a picture that would take too much memory, before it is decoded.

    Raises
    ------
    ImageError
        If it has over 100 million pixels.
    """
    if image.width * image.height > _MAX_PIXELS:
        raise ImageError(
            f"{name}: at most {_MAX_PIXELS} pixels expected; found {image.width} x {image.height}"
        )


class Chosen(Sequence[Picture]):
    """Some of a job's pictures, unopened; those of a slice are read together, and no others.

    Parameters
    ----------
    sources : sequence of Picture
    rows : sequence of int
        Which of them, in this order.
    """

    def __init__(self, sources: Sequence[Picture], rows: Sequence[int]) -> None:
        self.sources, self.rows = sources, rows

    def __len__(self) -> int:
        return len(self.rows)

    @overload
    def __getitem__(self, place: int) -> Picture: ...
    @overload
    def __getitem__(self, place: slice) -> list[Picture]: ...
    def __getitem__(self, place: int | slice) -> Picture | list[Picture]:
        if isinstance(place, slice):
            return [self.sources[int(row)] for row in self.rows[place]]
        return self.sources[int(self.rows[place])]


class Pictures(Sequence["NDArray[np.uint8]"]):
    """Some of a job's pictures as a sequence that opens them when they are asked for.

    Parameters
    ----------
    sources : sequence of Picture
    rows : sequence of int, optional
        Which of them, in this order; all by default.
    """

    def __init__(self, sources: Sequence[Picture], rows: Sequence[int] | None = None) -> None:
        self.sources = sources
        self.rows = range(len(sources)) if rows is None else rows

    def __len__(self) -> int:
        return len(self.rows)

    @overload
    def __getitem__(self, place: int) -> NDArray[np.uint8]: ...
    @overload
    def __getitem__(self, place: slice) -> Pictures: ...
    def __getitem__(self, place: int | slice) -> NDArray[np.uint8] | Pictures:
        if isinstance(place, slice):
            return Pictures(self.sources, self.rows[place])
        return open_picture(self.sources[self.rows[place]])

"""Thumbnails as rows: what a small network sees, as part of a saved model.

Layer: training.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gt_widgets.autolabel.learners.archive import pack_model, unpack_model
from gt_widgets.autolabel.pictures import open_picture
from gt_widgets.errors import ImageError, ModelFileError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gt_widgets.training.items import Items

__all__ = ["PIXELS", "PixelRows"]

PIXELS = "pixel-rows-1"


@dataclass(frozen=True, slots=True)
class PixelRows:
    """Pixels 0..255 of thumbnails.

    Attributes
    ----------
    side : int >= 1
        Of the thumbnails that the network has learned from.
    """

    side: int

    def of_thumbnails(self, small: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Rows of thumbnails of shape (n, side, side, 3).

        Raises
        ------
        ModelFileError
            If they have another side.
        """
        if small.shape[1:] != (self.side, self.side, 3):
            raise ModelFileError(
                f"the model knows thumbnails of side {self.side}; found {small.shape[1:]}"
            )
        return small.reshape(len(small), -1)

    def of_items(self, items: Items, n: int) -> tuple[NDArray[np.uint8], tuple[int, ...]]:
        """Rows of objects 0..n - 1, and which of them cannot be read."""
        from PIL import Image

        small = np.zeros((n, self.side, self.side, 3), dtype=np.uint8)
        unreadable = []
        for index in range(n):
            try:
                picture = Image.fromarray(open_picture(items.read(index)))
            except ImageError:
                unreadable.append(index)
            else:
                size = (self.side, self.side)
                reduced = picture.resize(size, Image.Resampling.BILINEAR, reducing_gap=3.0)
                small[index] = np.asarray(reduced)
        return self.of_thumbnails(small), tuple(unreadable)

    def to_bytes(self) -> bytes:
        """Pack it."""
        return pack_model(PIXELS, {"side": self.side})

    @classmethod
    def from_bytes(cls, body: bytes) -> PixelRows:
        """Read what `to_bytes` wrote.

        Raises
        ------
        ModelFileError
            If it is something else.
        """
        settings, _ = unpack_model(body, PIXELS)
        side = settings.get("side")
        if not isinstance(side, int) or side < 1:
            raise ModelFileError(f"a side must be 1 or more; found {side!r}")
        return cls(side)

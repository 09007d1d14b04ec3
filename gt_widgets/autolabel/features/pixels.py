"""Pictures as a backbone wants them: a square of scaled pixels.

Layer: autolabel (imports only ``errors``).
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np

from gt_widgets.autolabel.pictures import check_pixels, decoding

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["square_pixels"]


def square_pixels(
    picture: bytes, size: int, mean: NDArray[np.float32], std: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Decode a picture, stretch it to a square and scale it.

    Parameters
    ----------
    picture : bytes
        A file that Pillow can read.
    size : int >= 1
        Side of the square in pixels.
    mean, std : ndarray of shape (3,)
        Of the network's training pictures, for pixels in 0..1.

    Returns
    -------
    ndarray of shape (size, size, 3)

    Raises
    ------
    ImageError
        If it cannot be opened, or has over 100 million pixels.
    """
    from PIL import Image

    with decoding("a picture"), Image.open(io.BytesIO(picture)) as image:
        check_pixels(image, "a picture")
        small = image.convert("RGB").resize((size, size), Image.Resampling.BICUBIC)
    pixels = np.asarray(small, dtype=np.float32) / 255.0
    return np.asarray((pixels - mean) / std, dtype=np.float32)

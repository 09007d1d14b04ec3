"""Masks on the wire: packed run lengths, compressed.

Layer: schema. A mask of 12 million pixels is some ten thousand bytes this way, and is read in
milliseconds. The bytes come from a worker's page: nothing about them is taken for granted.

Row by row from the top left corner, each run of equal pixels is one 32-bit word, little-endian:
``count << 8 | value``. Runs go on from one row to the next. The words are compressed with zlib.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

import numpy as np

from gt_widgets.errors import AnswerError, ValidationError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["MAX_PACKED_BYTES", "MAX_RUNS", "pack_runs", "unpack_runs"]

MAX_RUNS = 16_000_000
"""Runs in one mask, at most (ours): what no hand paints, and 64 MB of memory."""
MAX_PACKED_BYTES = 6 * 1024 * 1024
"""Compressed bytes of one mask, at most (ours)."""
_MAX_COUNT = (1 << 24) - 1


def pack_runs(mask: NDArray[np.uint8]) -> bytes:
    """Pack a mask.

    Parameters
    ----------
    mask : ndarray of shape (height, width), uint8

    Returns
    -------
    bytes

    Raises
    ------
    ValidationError
        If it is no such array.

    Examples
    --------
    >>> packed = pack_runs(np.array([[0, 0, 1], [1, 1, 0]], dtype=np.uint8))
    >>> unpack_runs(packed, width=3, height=2, highest=1).tolist()
    [[0, 0, 1], [1, 1, 0]]
    """
    if mask.ndim != 2 or mask.dtype != np.uint8 or not mask.size:  # noqa: PLR2004 - rows, columns
        raise ValidationError(
            f"a mask must be a uint8 array of shape (height, width); found {mask.dtype} "
            f"{mask.shape}"
        )
    flat = mask.ravel()
    starts = np.concatenate(([0], np.flatnonzero(flat[1:] != flat[:-1]) + 1))
    counts = np.diff(np.append(starts, flat.size))
    parts = -(-counts // _MAX_COUNT)  # a run too long for its 24 bits becomes several
    values = np.repeat(flat[starts], parts).astype(np.uint32)
    pieces = np.full(values.size, _MAX_COUNT, dtype=np.uint32)
    pieces[np.cumsum(parts) - 1] = counts - (parts - 1) * _MAX_COUNT
    return zlib.compress((pieces << 8 | values).astype("<u4").tobytes(), 6)


def unpack_runs(data: bytes, *, width: int, height: int, highest: int) -> NDArray[np.uint8]:
    """Read a packed mask.

    Parameters
    ----------
    data : bytes
        As ``pack_runs`` or a page wrote it.
    width, height : int
        Size of the picture in pixels.
    highest : int in 0..255
        The largest value that stands for something.

    Returns
    -------
    ndarray of shape (height, width), uint8

    Raises
    ------
    AnswerError
        If it is damaged, larger than allowed, of another size, or holds a higher value.
    """
    words = _words(data)
    counts = words >> 8
    values = (words & 0xFF).astype(np.uint8)
    total = int(counts.sum(dtype=np.int64))
    if total != width * height or not counts.all():
        raise AnswerError(
            f"The mask's runs cover {total} pixels, none of them empty; the picture has {width} x "
            f"{height} = {width * height}. Paint at the picture's own size."
        )
    if int(values.max()) > highest:
        raise AnswerError(
            f"The mask holds the value {int(values.max())}; at most {highest} stands for something."
        )
    return np.repeat(values, counts).reshape(height, width)


def _words(data: bytes) -> NDArray[np.uint32]:
    if len(data) > MAX_PACKED_BYTES:
        raise AnswerError(f"The mask has {len(data)} bytes; at most {MAX_PACKED_BYTES} are taken.")
    unpacker = zlib.decompressobj()
    try:
        raw = unpacker.decompress(data, 4 * MAX_RUNS + 1)
    except zlib.error as error:
        raise AnswerError(
            f"The mask's runs are not compressed as they should ({error})."
        ) from error
    if len(raw) > 4 * MAX_RUNS:
        raise AnswerError(f"The mask has more than {MAX_RUNS} runs.")
    if not unpacker.eof or unpacker.unused_data or not raw or len(raw) % 4:
        raise AnswerError("The mask's runs are cut short or go on behind their end.")
    return np.frombuffer(raw, dtype="<u4").astype(np.uint32, copy=False)

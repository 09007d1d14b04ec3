"""Histograms of oriented gradients: the outlines in a picture, whatever its light.

Layer: autolabel (pure functions; imports only ``errors``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["gradient_cells", "gradient_histograms"]

_ORIENTATIONS, _CELL = 9, 8
_FAINT, _CLIP = 0.05, 0.2


def gradient_cells(
    pixels: NDArray[np.float32], *, cell: int, orientations: int, signed: bool
) -> NDArray[np.float32]:
    """Strength of the gradients of every orientation in square cells.

    Parameters
    ----------
    pixels : ndarray of shape (n, side, side, 3)
        0..1. At every pixel the colour that changes most counts.
    cell : int
        Side of a cell, a divisor of ``side``.
    orientations : int >= 1
    signed : bool
        Whether dark-to-light and light-to-dark are two orientations or one.

    Returns
    -------
    ndarray of shape (n, side / cell, side / cell, orientations)
        Votes are shared by the two nearest orientations.
    """
    down, across = _strongest(pixels)
    turn = 2 * np.pi if signed else np.pi
    place = (np.arctan2(down, across) % turn) * np.float32(orientations / turn)
    low = np.floor(place).astype(np.intp)
    strength = np.hypot(down, across)
    further = strength * (place - low)
    n, cells = len(pixels), pixels.shape[1] // cell
    row = np.arange(pixels.shape[1]) // cell
    where = (np.arange(n)[:, None, None] * cells + row[:, None]) * cells + row
    where *= orientations
    size = n * cells * cells * orientations
    lower, upper = (where + low % orientations).ravel(), (where + (low + 1) % orientations).ravel()
    votes = np.bincount(lower, (strength - further).ravel(), minlength=size)
    votes += np.bincount(upper, further.ravel(), minlength=size)
    return np.asarray(votes.reshape(n, cells, cells, orientations), dtype=np.float32)


def gradient_histograms(pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    """Histograms of oriented gradients of working pictures.

    Parameters
    ----------
    pixels : ndarray of shape (n, side, side, 3)
        0..1; the side a multiple of 8.

    Returns
    -------
    ndarray of shape (n, (side / 8 - 1) ** 2 * 4 * 9)
        9 unsigned orientations, cells of 8 x 8 pixels, blocks of 2 x 2 cells, clipped at 0.2.

    References
    ----------
    Dalal and Triggs, Histograms of Oriented Gradients for Human Detection, CVPR 2005.
    """
    cells = gradient_cells(pixels, cell=_CELL, orientations=_ORIENTATIONS, signed=False)
    blocks = np.concatenate(
        [cells[:, :-1, :-1], cells[:, 1:, :-1], cells[:, :-1, 1:], cells[:, 1:, 1:]], axis=3
    )
    blocks /= np.linalg.norm(blocks, axis=3, keepdims=True) + _FAINT
    return np.asarray(np.minimum(blocks, _CLIP).reshape(len(pixels), -1))


def _strongest(pixels: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    down, across = np.zeros_like(pixels), np.zeros_like(pixels)
    down[:, 1:-1] = pixels[:, 2:] - pixels[:, :-2]
    across[:, :, 1:-1] = pixels[:, :, 2:] - pixels[:, :, :-2]
    colour = (down**2 + across**2).argmax(axis=3)[..., None]
    return (
        np.take_along_axis(down, colour, axis=3)[..., 0],
        np.take_along_axis(across, colour, axis=3)[..., 0],
    )

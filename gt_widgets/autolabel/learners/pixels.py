"""What a forest of pixels looks at: filters on a picture, at every second pixel of a large one.

Layer: autolabel (pure; imports only ``errors``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["FEATURES", "around", "block_of", "enlarged", "pixel_features", "to_pixels"]

FEATURES = 41
"""Columns of `pixel_features`."""

_SIGMAS = (0.7, 1.6, 3.5)
_DETAILS = (1.0, 2.0, 4.0)
_SURROUNDINGS = (8.0, 16.0)
_CONTEXTS = (2.0, 5.0, 10.0)
_LARGE = 96
_FLAT = 1e-4


def block_of(shape: tuple[int, ...]) -> int:
    """Pixels per cell, each way: 2 where the longer side has 96 pixels or more, else 1."""
    return 2 if max(shape[:2]) >= _LARGE else 1


def pixel_features(picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Filter responses of every cell.

    Parameters
    ----------
    picture : ndarray of shape (h, w, 3)

    Returns
    -------
    ndarray of shape (ceil(h / block), ceil(w / block), 41)
        At three scales: blurred colours, edge strength, blob response, local spread, and of the
        structure tensor of the brightness both eigenvalues and the direction (two numbers). The
        energy of detail at three scales. Around it, at two: colours and spread. Means over the
        cell's pixels.

    References
    ----------
    Berg et al., ilastik: interactive machine learning for (bio)image analysis, Nature Methods
    2019 (its default filters); directions, energies and surroundings are ours.
    """
    from scipy.ndimage import gaussian_filter, gaussian_gradient_magnitude, gaussian_laplace

    colours = np.asarray(picture, dtype=np.float32) / 255.0
    grey = colours.mean(axis=2)
    down, across = np.gradient(grey)
    squares = down**2, across**2, down * across
    out: list[NDArray[np.float32]] = []
    for sigma in _SIGMAS:
        out.extend(gaussian_filter(colours[..., channel], sigma) for channel in range(3))
        out.append(gaussian_gradient_magnitude(grey, sigma))
        out.append(gaussian_laplace(grey, sigma))
        out.append(_spread(grey, 2 * sigma))
        dd, aa, da = (gaussian_filter(each, 2 * sigma) for each in squares)
        root, both = np.sqrt((dd - aa) ** 2 + 4 * da**2), dd + aa
        out.extend([(both + root) / 2, (both - root) / 2])
        out.extend([(dd - aa) / (both + _FLAT), da / (both + _FLAT)])
    details = [(grey - gaussian_filter(grey, sigma)) ** 2 for sigma in _DETAILS]
    out.extend(np.sqrt(gaussian_filter(detail, 4.0)) for detail in details)
    for sigma in _SURROUNDINGS:
        out.extend(gaussian_filter(colours[..., channel], sigma) for channel in range(3))
        out.append(_spread(grey, sigma))
    return _cells(np.stack(out, axis=2), block_of(picture.shape))


def _spread(grey: NDArray[np.float32], sigma: float) -> NDArray[Any]:
    from scipy.ndimage import gaussian_filter

    mean, square = gaussian_filter(grey, sigma), gaussian_filter(grey**2, sigma)
    return np.asarray(np.sqrt(np.maximum(square - mean**2, 0.0)))


def _cells(rows: NDArray[Any], block: int) -> NDArray[np.float32]:
    """Means of square blocks; a last odd row or column stands twice."""
    if block > 1:
        height, width = rows.shape[:2]
        rows = np.pad(rows, ((0, height % block), (0, width % block), (0, 0)), mode="edge")
        parts = [rows[i::block, j::block] for i in range(block) for j in range(block)]
        rows = sum(parts[1:], start=parts[0]) / len(parts)
    return np.ascontiguousarray(rows, dtype=np.float32)


def around(chances: NDArray[np.float32]) -> NDArray[np.float32]:
    """What a first look says of a cell, of its surroundings at three scales and of the picture.

    Parameters
    ----------
    chances : ndarray of shape (rows, columns, n_classes)

    Returns
    -------
    ndarray of shape (rows, columns, 5 * n_classes)
    """
    from scipy.ndimage import gaussian_filter

    out = [chances]
    out += [gaussian_filter(chances, (sigma, sigma, 0)) for sigma in _CONTEXTS]
    out.append(np.broadcast_to(chances.mean(axis=(0, 1)), chances.shape))
    return np.concatenate(out, axis=2)


def to_pixels(chances: NDArray[np.float32], shape: tuple[int, int]) -> NDArray[np.float32]:
    """Chances of cells as chances of pixels, between cells evenly."""
    block = block_of(shape)
    if block == 1:
        return chances
    whole = chances.shape[0] * block, chances.shape[1] * block
    return enlarged(chances, whole)[: shape[0], : shape[1]]


def enlarged(chances: NDArray[np.float32], shape: tuple[int, int]) -> NDArray[np.float32]:
    """Chances of shape (rows, columns, n_classes) at another height and width, bilinear."""
    from PIL import Image

    planes = [
        np.asarray(
            Image.fromarray(np.ascontiguousarray(plane)).resize(
                (shape[1], shape[0]), Image.Resampling.BILINEAR
            )
        )
        for plane in np.moveaxis(chances, 2, 0)
    ]
    return np.stack(planes, axis=2)

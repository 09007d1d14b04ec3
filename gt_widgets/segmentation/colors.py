"""A mask from colours alone: colour models of thing and background, joined by random walks.

Layer: segmentation (pure). The scheme is that of GrabCut (Rother et al., SIGGRAPH 2004): the hint
says what is surely background, colour models are learned from that, a segmentation follows, the
models are learned again. In place of a minimum cut the segmentation is a random walk with priors
(Grady, CVPR 2005, "Multilabel random walker image segmentation using prior models"): a sparse
linear system, which needs no solver beyond SciPy's and gives soft edges for upscaling.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage, sparse
from scipy.sparse.linalg import cg
from skimage.color import rgb2lab
from skimage.draw import polygon2mask

from gt_widgets.segmentation.prompts import Region

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gt_widgets.segmentation.prompts import Prompt

__all__ = ["crop_around", "propose_by_color"]

_MARGIN = 0.15
"""Of the hint's size, looked at around it: there the background is learned."""
_BINS = 16
_ROUNDS = 4
_PRIOR = 0.02
"""Weight of a pixel's colour against its neighbours, as in Grady's gamma."""
_STIFFNESS = 12.0
_FLOOR = 1e-4
_KEPT_PART = 0.05
"""Pieces smaller than this share of the largest are dropped; holes smaller are filled."""


def crop_around(prompt: Prompt, *, width: int, height: int) -> Region:
    """Return the part of the picture to look at: the hint and a margin around it."""
    region = prompt.region
    across = max(round(region.width * _MARGIN), 8)
    down = max(round(region.height * _MARGIN), 8)
    return Region(
        max(region.left - across, 0),
        max(region.top - down, 0),
        min(region.right + across, width),
        min(region.bottom + down, height),
    )


def propose_by_color(
    crop: NDArray[np.uint8], box: tuple[float, float, float, float], polygon: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Say how surely each pixel belongs to the thing.

    Parameters
    ----------
    crop : ndarray of shape (height, width, 3), uint8
        The part of the picture to look at, red, green, blue; at most some 100,000 pixels.
    box : (left, top, right, bottom)
        In pixels of the crop; outside of it is background.
    polygon : ndarray of shape (n, 2), n >= 3
        ``x, y`` in pixels of the crop: most of what lies in it is the thing.

    Returns
    -------
    ndarray of shape (height, width)
        In [0, 1]; the thing is where it is more than 0.5.
    """
    height, width = crop.shape[:2]
    lab = rgb2lab(crop)
    outside = np.ones((height, width), dtype=bool)
    left, top, right, bottom = (round(value) for value in box)
    outside[max(top, 0) : bottom, max(left, 0) : right] = False
    guess = polygon2mask((height, width), polygon[:, ::-1]) & ~outside  # type: ignore[no-untyped-call]
    if not guess.any():
        guess = ~outside
    if not outside.any():  # the hint is the whole picture: its rim is the background
        outside[[0, -1], :] = outside[:, [0, -1]] = True
        guess &= ~outside
    neighbours = _neighbours(lab)
    bins = _bins(lab)
    share = guess.astype(np.float64)
    for _ in range(_ROUNDS):
        inside = _likelihood(bins, share * ~outside)
        beyond = _likelihood(bins, np.where(outside, 1.0, 1.0 - share))
        share = _walk(neighbours, inside / (inside + beyond), outside, share)
    return _tidy(share, guess)


def _bins(lab: NDArray[np.float64]) -> NDArray[np.intp]:
    low = lab.reshape(-1, 3).min(axis=0)
    span = np.maximum(lab.reshape(-1, 3).max(axis=0) - low, 8.0)
    places = np.minimum(((lab - low) / span * _BINS).astype(np.intp), _BINS - 1)
    bins: NDArray[np.intp] = places @ np.array([_BINS**2, _BINS, 1])
    return bins


def _likelihood(bins: NDArray[np.intp], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """How common each pixel's colour is where the weights are, by a smoothed histogram."""
    counts = np.bincount(bins.ravel(), weights.ravel(), minlength=_BINS**3)
    smooth = ndimage.gaussian_filter(counts.reshape((_BINS,) * 3), 0.8, mode="nearest").ravel()
    density: NDArray[np.float64] = (smooth / max(smooth.sum(), 1e-9))[bins] + _FLOOR
    return density


def _neighbours(lab: NDArray[np.float64]) -> sparse.csr_array:
    """Graph Laplacian of the pixel grid; like colours hold together."""
    height, width = lab.shape[:2]
    index = np.arange(height * width).reshape(height, width)
    across = ((lab[:, 1:] - lab[:, :-1]) ** 2).sum(axis=2).ravel()
    down = ((lab[1:] - lab[:-1]) ** 2).sum(axis=2).ravel()
    apart = np.concatenate((across, down))
    weights = np.exp(-_STIFFNESS * apart / max(apart.mean() * 4, 1e-9)) + _FLOOR
    starts = np.concatenate((index[:, :-1].ravel(), index[:-1].ravel()))
    ends = np.concatenate((index[:, 1:].ravel(), index[1:].ravel()))
    size = height * width
    half = sparse.csr_array((weights, (starts, ends)), shape=(size, size))
    both = half + half.T
    laplacian: sparse.csr_array = sparse.diags_array(both.sum(axis=1)).tocsr() - both
    return laplacian


def _walk(
    laplacian: sparse.csr_array,
    prior: NDArray[np.float64],
    outside: NDArray[np.bool_],
    start: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Share of random walks that end in the thing; what is outside is tied to the background."""
    tied = np.where(outside.ravel(), 1e3, _PRIOR)
    goal = np.where(outside, 0.0, prior).ravel()
    system = laplacian + sparse.diags_array(tied)
    scale = sparse.diags_array(1.0 / system.diagonal())
    found, _ = cg(system, tied * goal, x0=start.ravel(), rtol=1e-3, maxiter=300, M=scale)
    share: NDArray[np.float64] = np.clip(found, 0.0, 1.0).reshape(prior.shape)
    return share


def _tidy(share: NDArray[np.float64], guess: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Drop crumbs and fill pinholes, as a labeler would."""
    mask = share > 0.5  # noqa: PLR2004
    if not mask.any():
        return guess.astype(np.float64)
    pieces, _ = ndimage.label(mask)
    sizes = np.bincount(pieces.ravel())
    sizes[0] = 0
    crumbs = mask & (sizes[pieces] < sizes.max() * _KEPT_PART)
    holes, _ = ndimage.label(~mask)
    gaps = np.bincount(holes.ravel())
    rim = np.unique(np.concatenate((holes[0], holes[-1], holes[:, 0], holes[:, -1])))
    small = gaps < sizes.max() * _KEPT_PART
    small[rim] = False
    small[0] = False
    return np.where(crumbs, 0.0, np.where(small[holes], 1.0, share))

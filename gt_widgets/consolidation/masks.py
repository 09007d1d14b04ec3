"""Mask consolidation: every pixel is a vote, and its neighbourhood has a say.

Layer: consolidation (pure functions; imports only ``errors``).

AWS documents a multi-class vote per pixel with a smoothing function that brings in the
neighbourhood (reference 7.1), not the function; ours stands in
``docs/reference/consolidation.md``. The other method, ``"staple"``, is in ``staple.py``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from gt_widgets.consolidation.staple import staple_mask
from gt_widgets.consolidation.types import ConsolidatedMask
from gt_widgets.errors import NoResponsesError, ValidationError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from gt_widgets.consolidation.types import MaskResponse

__all__ = ["MaskMethod", "consolidate_masks"]

MaskMethod = Literal["majority", "staple"]

_STRIP = 64
"""Rows voted on at a time, so that a large picture needs little memory."""
_NEAR = [(dy, dx) for dy in (0, 1, 2) for dx in (0, 1, 2) if (dy, dx) != (1, 1)]
_OWN_WEIGHT, _NEAR_WEIGHT = 16, 3
"""The eight neighbours of all workers weigh 3 / 16 * 8 = one and a half workers together."""


def consolidate_masks(
    responses: Sequence[MaskResponse],
    *,
    n_classes: int,
    method: MaskMethod = "majority",
    smoothing: bool = True,
) -> ConsolidatedMask:
    """Consolidate the masks of one data object.

    Parameters
    ----------
    responses : sequence of MaskResponse, length >= 1
        Masks of one shape (height, width), uint8, values 0 (BACKGROUND) to ``n_classes``.
        Oldest first; a worker who answers twice counts once, with the newer answer.
    n_classes : int in [1, 254]
        Label categories; BACKGROUND does not count.
    method : {"majority", "staple"}
        ``"majority"``: the class most workers gave a pixel. ``"staple"``: workers weigh by
        the confusion matrices that Expectation Maximization finds for them; worth it from
        five workers on.
    smoothing : bool
        Of ``"majority"``: the eight neighbours of a pixel weigh as much as one and a half
        workers. So specks that hardly a majority saw go, small gaps close and ties are
        settled; a pixel on which all agree, or all but one of four and more, stays.

    Returns
    -------
    ConsolidatedMask
        With ``"majority"`` a pixel on which everybody says something else, or that stays a
        tie, is BACKGROUND (with ``"staple"`` the better workers decide).
        ``confidence`` is the mean over pixels of the share of workers who gave the winning
        class, in (0, 1], 5 decimals; with a single worker 0. The result does not depend on
        the order of the workers.

    Raises
    ------
    NoResponsesError
        If ``responses`` is empty.
    ValidationError
        If masks differ in shape, are no uint8 images or hold a class above ``n_classes``.
    """
    if not responses:
        raise NoResponsesError("consolidate_masks needs at least one worker response")
    if method not in {"majority", "staple"}:
        raise ValidationError(f"method must be 'majority' or 'staple'; found {method!r}")
    latest = {r.worker_id: r.mask for r in responses}
    _check(latest, n_classes)
    masks = [latest[worker_id] for worker_id in sorted(latest)]
    if len(masks) == 1:
        return ConsolidatedMask(masks[0].copy(), 0.0)
    if method == "staple":
        mask = staple_mask(masks, n_classes=n_classes)
    else:
        mask = _majority(masks, smoothing=smoothing)
    agreeing = sum(int(np.count_nonzero(mask == other)) for other in masks)
    return ConsolidatedMask(mask, round(agreeing / (mask.size * len(masks)), 5))


def _check(latest: Mapping[str, NDArray[np.uint8]], n_classes: int) -> None:
    shapes = {mask.shape for mask in latest.values()}
    if len(shapes) > 1 or len(next(iter(shapes))) != 2:  # noqa: PLR2004 - rows and columns
        raise ValidationError(
            f"masks of one object must all have the shape (height, width); found {sorted(shapes)}"
        )
    for worker_id, mask in latest.items():
        if mask.dtype != np.uint8 or not mask.size or int(mask.max()) > n_classes:
            raise ValidationError(
                f"worker {worker_id}: a mask must be uint8 with classes 0 to {n_classes}; found "
                f"{mask.dtype} {mask.shape} up to {mask.max(initial=0)}"
            )


def _majority(masks: Sequence[NDArray[np.uint8]], *, smoothing: bool) -> NDArray[np.uint8]:
    height = len(masks[0])
    found = np.empty_like(masks[0], order="C")
    for top in range(0, height, _STRIP):
        bottom = min(top + _STRIP, height)
        rows = np.clip(np.arange(top - 1, bottom + 1), 0, height - 1)
        strip = np.stack([np.pad(mask[rows], ((0, 0), (1, 1)), "edge") for mask in masks])
        found[top:bottom] = _vote(strip, smoothing=smoothing)
    return found


def _vote(strip: NDArray[np.uint8], *, smoothing: bool) -> NDArray[np.uint8]:
    """Vote on the inner pixels of a strip of shape (n_workers, rows + 2, columns + 2)."""
    inner = strip[:, 1:-1, 1:-1]
    found: NDArray[np.uint8] = inner[0].copy()
    contested = np.zeros(found.shape, dtype=bool)
    for other in inner[1:]:
        contested |= other != inner[0]
    y, x = np.nonzero(contested)
    ballots = inner[:, y, x]
    votes = _count(ballots, ballots)
    score = votes * (_OWN_WEIGHT * len(strip))
    if smoothing:
        for dy, dx in _NEAR:
            score += _NEAR_WEIGHT * _count(ballots, strip[:, y + dy, x + dx])
    best = score.max(axis=0)
    winner = np.take_along_axis(ballots, score.argmax(axis=0)[None], axis=0)[0]
    tie = ((score == best) & (ballots != winner)).any(axis=0)
    found[y, x] = np.where(tie | (votes.max(axis=0) == 1), 0, winner)
    return found


def _count(candidates: NDArray[np.uint8], ballots: NDArray[np.uint8]) -> NDArray[np.int32]:
    """For each worker's candidate, how many of the ballots are the same; (n_workers, n)."""
    counts = np.zeros(candidates.shape, dtype=np.int32)
    for ballot in ballots:
        counts += candidates == ballot
    return counts

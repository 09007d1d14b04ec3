"""Polygons, polylines, lines and key points of several workers become one.

Layer: consolidation (pure functions; imports only ``geometry`` and ``errors``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from gt_widgets.consolidation.types import ConsolidatedShapes
from gt_widgets.errors import NoResponsesError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gt_widgets.consolidation.types import ShapeResponse

__all__ = ["ShapeKind", "consolidate_shapes"]

ShapeKind = Literal["polygon", "polyline", "line", "keypoint"]


def consolidate_shapes(
    responses: Sequence[ShapeResponse],
    *,
    kind: ShapeKind,  # noqa: ARG001
    min_votes: int | None = None,
) -> ConsolidatedShapes:
    """Consolidate the shapes of one data object."""
    if not responses:
        raise NoResponsesError("consolidate_shapes needs at least one worker response")
    latest = {r.worker_id: r.shapes for r in responses}
    enough = len(latest) // 2 + 1 if min_votes is None else min_votes
    kept = [
        (shape, sum(shape in shapes for shapes in latest.values()))
        for shape in sorted({shape for shapes in latest.values() for shape in shapes})
    ]
    kept = [(shape, votes) for shape, votes in kept if votes >= enough]
    confidence = tuple(round(0.05 + 0.9 * votes / len(latest), 2) for _, votes in kept)
    return ConsolidatedShapes(tuple(shape for shape, _ in kept), confidence)

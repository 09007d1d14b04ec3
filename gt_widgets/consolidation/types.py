"""Plain data that goes into consolidation and comes out of it.

Layer: consolidation (pure data; imports nothing of ours).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = [
    "Box",
    "BoxResponse",
    "Consolidated",
    "ConsolidatedBoxes",
    "ConsolidatedEntities",
    "ConsolidatedInstances",
    "ConsolidatedLabels",
    "ConsolidatedMask",
    "ConsolidatedShapes",
    "Entity",
    "EntityResponse",
    "InstanceResponse",
    "LabelSetResponse",
    "MaskResponse",
    "Shape",
    "ShapeResponse",
    "WorkerResponse",
]


@dataclass(frozen=True, slots=True)
class WorkerResponse:
    """The class one worker gave to one data object."""

    worker_id: str
    label: str


@dataclass(frozen=True, slots=True)
class Consolidated:
    """The class many workers gave to one data object; ``confidence`` in [0, 1]."""

    label: str
    confidence: float


@dataclass(frozen=True, slots=True)
class LabelSetResponse:
    """All classes one worker chose for one data object; none at all is an answer too."""

    worker_id: str
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ConsolidatedLabels:
    """The classes many workers chose for one data object, in ``class_id`` order.

    ``confidences[i]``, in [0, 1], belongs to ``labels[i]``.
    """

    labels: tuple[str, ...]
    confidences: tuple[float, ...]


@dataclass(frozen=True, slots=True, order=True)
class Box:
    """One labeled box in image pixels, origin top left."""

    label: str
    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class BoxResponse:
    """All boxes one worker drew on one data object; none at all is an answer too."""

    worker_id: str
    boxes: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class ConsolidatedBoxes:
    """The boxes many workers agree on.

    ``boxes[i]`` has whole pixels and ``confidences[i]``, in [0, 1]: the ``annotations`` and
    ``objects`` of an output manifest line.
    """

    boxes: tuple[Box, ...]
    confidences: tuple[float, ...]


@dataclass(frozen=True, slots=True, order=True)
class Entity:
    """One labeled span of text; offsets count Unicode code points, the end is exclusive."""

    label: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class EntityResponse:
    """All entities one worker marked in one text; none at all is an answer too."""

    worker_id: str
    entities: tuple[Entity, ...]


@dataclass(frozen=True, slots=True)
class ConsolidatedEntities:
    """The entities many workers agree on, in reading order; ``confidences[i]`` in [0, 1]."""

    entities: tuple[Entity, ...]
    confidences: tuple[float, ...]


@dataclass(frozen=True, slots=True, eq=False)
class MaskResponse:
    """The class one worker gave to every pixel of one picture.

    ``mask`` has shape (height, width) and type uint8: 0 is BACKGROUND, k the k-th class.
    """

    worker_id: str
    mask: NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class ConsolidatedMask:
    """The class of every pixel, as in ``MaskResponse``; one ``confidence`` in [0, 1]."""

    mask: NDArray[np.uint8]
    confidence: float


@dataclass(frozen=True, slots=True, eq=False)
class InstanceResponse:
    """The things one worker painted on one picture, each by itself.

    ``mask`` has shape (height, width) and type uint8: 0 is nothing, k the thing ``labels[k - 1]``.
    """

    worker_id: str
    mask: NDArray[np.uint8]
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class ConsolidatedInstances:
    """The things many workers agree on, as in ``InstanceResponse``.

    ``confidences[i]``, in [0, 1], belongs to ``labels[i]``.
    """

    mask: NDArray[np.uint8]
    labels: tuple[str, ...]
    confidences: tuple[float, ...]


@dataclass(frozen=True, slots=True, order=True)
class Shape:
    """One labeled polygon, polyline, line (two vertices) or key point (one vertex).

    Vertices are ``(x, y)`` in image pixels, origin top left; a polygon is not closed by
    repeating its first vertex.
    """

    label: str
    vertices: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class ShapeResponse:
    """All shapes one worker drew on one data object; none at all is an answer too."""

    worker_id: str
    shapes: tuple[Shape, ...]


@dataclass(frozen=True, slots=True)
class ConsolidatedShapes:
    """The shapes many workers agree on; ``confidences[i]`` in [0, 1] belongs to ``shapes[i]``."""

    shapes: tuple[Shape, ...]
    confidences: tuple[float, ...]

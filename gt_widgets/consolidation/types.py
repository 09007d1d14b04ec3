"""Plain data that goes into consolidation and comes out of it.

Layer: consolidation (pure data; imports nothing of ours).
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "Box",
    "BoxResponse",
    "Consolidated",
    "ConsolidatedBoxes",
    "ConsolidatedLabels",
    "LabelSetResponse",
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

"""Kinds of answer: what workers give, checked, consolidated, written, shown again, simulated.

Layer: kinds (pure; imports ``consolidation``, ``simulation``, ``schema``, ``geometry`` and
``errors``). One file per kind. A row of ``schema.tasks`` names its kind; several rows may share
one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gt_widgets.kinds.base import (
    Answer,
    Answered,
    File,
    JobFacts,
    Kind,
    Labeled,
    Seen,
    only_value,
)
from gt_widgets.kinds.boxes import BOXES
from gt_widgets.kinds.classes import CLASS, CLASSES
from gt_widgets.kinds.entities import ENTITIES
from gt_widgets.kinds.instances import INSTANCES
from gt_widgets.kinds.masks import MASK
from gt_widgets.kinds.shapes import KEYPOINTS, LINES, POLYGONS, POLYLINES

if TYPE_CHECKING:
    from gt_widgets.schema.tasks import TaskType

__all__ = [
    "KINDS",
    "Answer",
    "Answered",
    "File",
    "JobFacts",
    "Kind",
    "Labeled",
    "Seen",
    "check_answer",
    "kind_of",
]

KINDS = {
    kind.name: kind
    for kind in (
        BOXES,
        CLASS,
        CLASSES,
        MASK,
        ENTITIES,
        POLYGONS,
        POLYLINES,
        LINES,
        KEYPOINTS,
        INSTANCES,
    )
}
"""All kinds by name."""


def kind_of(task_type: TaskType) -> Kind:
    """Return what workers give in jobs of a task type; KeyError if it is not run here."""
    return KINDS[task_type.kind]


def check_answer(task_type: TaskType, content: Any, seen: Seen) -> dict[str, Any]:
    """Check one answer and return it in the stored form.

    Parameters
    ----------
    content : object
        What the worker's page sent: one object under a name of the template's choice.
    seen : Seen
        What the worker saw.

    Raises
    ------
    AnswerError
        With what is wrong and where.
    """
    return {task_type.element: kind_of(task_type).check(only_value(content), seen)}

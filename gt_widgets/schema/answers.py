"""Answers of workers: checked and put into the one form that is stored.

Layer: schema. A worker is not trusted: a label must be one of the job's, a box must lie inside the
picture. The shapes are those of the crowd elements (reference section 4.4).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gt_widgets.errors import AnswerError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gt_widgets.schema.tasks import TaskType

__all__ = ["MAX_BOXES", "boxes_of", "check_answer", "label_of", "only_value"]

MAX_BOXES = 10_000
"""Boxes in one answer, at most (ours: AWS states none)."""
_SIDES = ("left", "top", "width", "height")


def only_value(content: dict[str, Any]) -> dict[str, Any]:
    """Return the only member of an answer; its name is the template's business (4.6).

    Raises
    ------
    AnswerError
        If there is not exactly one, or it is not an object.
    """
    values = list(content.values()) if isinstance(content, dict) else []
    if len(values) != 1 or not isinstance(values[0], dict):
        raise AnswerError(
            "An answer must be one object under one name, for example "
            f'{{"boundingBox": {{...}}}}; found {_shown(content)}.'
        )
    found: dict[str, Any] = values[0]
    return found


def boxes_of(content: dict[str, Any]) -> list[dict[str, Any]]:
    """Boxes of a stored bounding-box answer."""
    found: list[dict[str, Any]] = only_value(content)["boundingBoxes"]
    return found


def label_of(content: dict[str, Any]) -> str:
    """Label of a stored classification answer."""
    return str(only_value(content)["label"])


def check_answer(
    task_type: TaskType,
    content: Any,
    *,
    labels: Sequence[str],
    width: int | None,
    height: int | None,
) -> dict[str, Any]:
    """Check one answer and return it in the stored form.

    Parameters
    ----------
    task_type : TaskType
        ``bounding-box`` or ``image-classification``.
    content : object
        What the worker's page sent.
    labels : sequence of str
        The job's label categories.
    width, height : int or None
        Size of the stored picture in pixels.

    Raises
    ------
    AnswerError
        With what is wrong and where.
    """
    value = only_value(content)
    if task_type.name == "bounding-box":
        if width is None or height is None:
            raise AnswerError("The picture's size is not known, so boxes cannot be checked.")
        found = _boxes(value, labels, width, height)
    else:
        found = {"label": _label(value.get("label"), labels)}
    return {task_type.element: found}


def _shown(value: Any) -> str:
    """Show the beginning of a value; some that JSON can carry have no text form at all."""
    try:
        return repr(value)[:120]
    except (ValueError, RecursionError):
        return "a value too large to show"


def _label(label: Any, labels: Sequence[str]) -> str:
    if label not in labels:
        raise AnswerError(
            f"Label {_shown(label)} is not one of this job's: {', '.join(labels[:20])}."
        )
    return str(label)


def _boxes(value: dict[str, Any], labels: Sequence[str], width: int, height: int) -> dict[str, Any]:
    boxes = value.get("boundingBoxes")
    if not isinstance(boxes, list):
        raise AnswerError("boundingBoxes must be a list; an empty one for nothing to label.")
    if len(boxes) > MAX_BOXES:
        raise AnswerError(f"{len(boxes)} boxes in one answer; at most {MAX_BOXES}.")
    return {
        "boundingBoxes": [_box(i, box, labels, width, height) for i, box in enumerate(boxes)],
        "inputImageProperties": {"height": height, "width": width},
    }


def _box(index: int, box: Any, labels: Sequence[str], width: int, height: int) -> dict[str, Any]:
    if not isinstance(box, dict):
        raise AnswerError(f"Box {index} must be an object with label, left, top, width, height.")
    sides = {}
    for side in _SIDES:
        number = box.get(side)
        if isinstance(number, bool) or not isinstance(number, int | float) or number % 1 != 0:
            raise AnswerError(f"Box {index}: {side} must be a whole number, not {_shown(number)}.")
        sides[side] = int(number)
    inside = (
        sides["left"] >= 0
        and sides["top"] >= 0
        and sides["width"] >= 1
        and sides["height"] >= 1
        and sides["left"] + sides["width"] <= width
        and sides["top"] + sides["height"] <= height
    )
    if not inside:
        raise AnswerError(
            f"Box {index} {_shown(sides)} does not lie inside the picture of {width} x "
            f"{height} pixels."
        )
    # the key order of AWS's own answers
    return {
        "height": sides["height"],
        "label": _label(box.get("label"), labels),
        "left": sides["left"],
        "top": sides["top"],
        "width": sides["width"],
    }

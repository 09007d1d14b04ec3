"""Drafts of the labeler's page, read and written in Python.

Layer: widgets (pure). The page keeps its work in a form of its own (``work/shapes.ts``,
``work/choices.ts``, ``text/entities.ts``); here it becomes the value of an answer, and back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["draft_of", "value_of_draft"]

_LISTS = {"boxes": "boundingBoxes", "polygons": "polygons", "keypoints": "keypoints"}
_SIDES = ("left", "top", "width", "height")


def draft_of(kind: str, value: Mapping[str, Any]) -> dict[str, Any]:
    """Write the value of an answer as a draft that the page restores.

    Parameters
    ----------
    kind : {"boxes", "polygons", "keypoints", "entities", "class", "classes"}
    value : mapping
        An answer without the element's name around it.
    """
    begun: dict[str, Any] = {"v": 1, "time_spent_s": 0}
    if kind in _LISTS:
        shapes = [{"label": each["label"], "at": _flat(kind, each)} for each in value[_LISTS[kind]]]
        return {**begun, "shapes": shapes, "nothing": False}
    return {**begun, **value, **({"nothing": False} if kind == "entities" else {})}


def value_of_draft(kind: str, draft: Any) -> dict[str, Any] | None:
    """Read a draft of the page as the value of an answer.

    Returns
    -------
    dict or None
        None where nothing is decided yet, or nothing can be read: drafts come from browsers.
    """
    try:
        if kind in _LISTS:
            shapes = [_shape(kind, str(each["label"]), each["at"]) for each in draft["shapes"]]
            return {_LISTS[kind]: shapes}
        if kind == "entities":
            return {"entities": [_entity(each) for each in draft["entities"]]}
        if kind == "classes":
            return {"labels": [str(label) for label in draft["labels"]]}
        return None if draft["label"] is None else {"label": str(draft["label"])}
    except (KeyError, TypeError, ValueError, IndexError):
        return None


def _flat(kind: str, shape: Mapping[str, Any]) -> list[float]:
    if kind == "boxes":
        return [shape[side] for side in _SIDES]
    points = [shape] if kind == "keypoints" else shape["vertices"]
    return [point[axis] for point in points for axis in ("x", "y")]


def _shape(kind: str, label: str, at: list[float]) -> dict[str, Any]:
    if kind == "boxes":
        return {"label": label, **dict(zip(_SIDES, at, strict=True))}
    points = [{"x": x, "y": y} for x, y in zip(at[::2], at[1::2], strict=True)]
    return {"label": label, **(points[0] if kind == "keypoints" else {"vertices": points})}


def _entity(each: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "label": str(each["label"]),
        "startOffset": int(each["startOffset"]),
        "endOffset": int(each["endOffset"]),
    }

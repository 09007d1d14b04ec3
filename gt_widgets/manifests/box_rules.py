"""Rules of bounding boxes and their metadata; and what a repair makes of them.

Layer: manifests. Reference section 6.4.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gt_widgets.manifests.label_check import (
    class_map,
    drop_objects,
    is_confidence,
    is_number,
    shown,
    without,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gt_widgets.manifests.label_check import LabelCheck, Limits

__all__ = ["check_boxes"]

_SIDES = ("left", "top", "width", "height")


def check_boxes(check: LabelCheck, limits: Limits, members: Mapping[str, Any]) -> None:
    """Check boxes one by one; those that cannot be kept leave the label."""
    del members
    size = _image_size(check.label)
    boxes = check.label.get("annotations") if isinstance(check.label, dict) else None
    if size is None or not isinstance(boxes, list):
        check.refuse(
            "ERROR_INVALID_LABEL_ATTRIBUTE_FORMAT",
            "expected 'image_size': [{'width', 'height'}] and 'annotations': [...]",
        )
        return
    _confidences(check, len(boxes))
    names = class_map(check)
    if not check.usable:
        return
    if not boxes:
        if limits.training_side is not None:
            check.say("WARNING_NO_ATTRIBUTE_ANNOTATIONS")
        return
    least = max(1.0, max(size) / limits.training_side) if limits.training_side else 0.0
    found = [
        box if _is_fine(box, size, names, least) else _box(check, i, box, size, names, least)
        for i, box in enumerate(boxes)
    ]
    if not any(box is not None for box in found):
        check.refuse("ERROR_NO_VALID_ANNOTATIONS")
        return
    bad = [i for i, box in enumerate(found) if box is None]
    drop_objects(check, "objects", bad)
    check.label = check.label | {"annotations": [box for box in found if box is not None]}
    _cap(check, limits.boxes)


def _image_size(label: Any) -> tuple[float, float] | None:
    sizes = label.get("image_size") if isinstance(label, dict) else None
    if not isinstance(sizes, list) or len(sizes) != 1 or not isinstance(sizes[0], dict):
        return None
    width: Any = sizes[0].get("width")
    height: Any = sizes[0].get("height")
    if not (is_number(width) and is_number(height) and width > 0 and height > 0):
        return None
    return float(width), float(height)


def _confidences(check: LabelCheck, boxes: int) -> None:
    objects = check.metadata.get("objects")
    given = objects if isinstance(objects, list) else []
    good = [
        each
        if isinstance(each, dict) and is_confidence(each.get("confidence"))
        else {"confidence": 0}
        for each in [*given[:boxes], *[None] * (boxes - len(given))]
    ]
    if good != objects:
        check.say(
            "ERROR_MISSING_BOUNDING_BOX_CONFIDENCE",
            f"{boxes} box(es), 'objects' is {shown(objects)}",
            metadata=True,
            repair="confidence 0, which says that none is known",
        )
        check.metadata = check.metadata | {"objects": good}


def _is_fine(box: Any, size: tuple[float, float], names: Mapping[str, Any], least: float) -> bool:
    """Say yes at once to what nearly every box is: whole numbers inside the image."""
    try:
        left, top, width, height = box["left"], box["top"], box["width"], box["height"]
        return (
            type(left) is type(top) is type(width) is type(height) is int
            and left >= 0
            and top >= 0
            and width > least
            and height > least
            and left + width <= size[0]
            and top + height <= size[1]
            and str(box["class_id"]) in names
        )
    except (KeyError, TypeError):
        return False


def _box(
    check: LabelCheck,
    place: int,
    box: Any,
    size: tuple[float, float],
    names: Mapping[str, Any],
    least: float,
) -> dict[str, Any] | None:
    """Check one box and return it, cut at the image's borders; None if it cannot be kept."""
    if not isinstance(box, dict) or not all(is_number(box.get(side)) for side in _SIDES):
        check.say(
            "ERROR_INVALID_BOUNDING_BOX",
            f"box {place} needs numbers for {', '.join(_SIDES)}: {shown(box)}",
            at=place,
            repair="the box is removed",
        )
        return None
    if str(box.get("class_id")) not in names:
        check.say(
            "ERROR_MISSING_CLASS_MAP_ID",
            f"box {place} has class_id {shown(box.get('class_id'))}, the map has {sorted(names)}",
            at=place,
            repair="the box is removed",
        )
        return None
    if box["width"] <= least or box["height"] <= least:
        check.say(
            "ERROR_BOUNDING_BOX_TOO_SMALL",
            f"box {place} is {box['width']} x {box['height']}; both must be above {least:g}",
            at=place,
            repair="the box is removed",
        )
        return None
    cut = _cut(box, size)
    if cut != {side: box[side] for side in _SIDES}:
        kept = cut["width"] > least and cut["height"] > least
        check.say(
            "ERROR_INVALID_BOUNDING_BOX",
            f"box {place} {shown(box)} in an image of {size[0]:g} x {size[1]:g} pixels",
            at=place,
            repair="the box is cut at the border" if kept else "the box is removed",
        )
        return box | cut if kept else None
    return box


def _cut(box: Mapping[str, Any], size: tuple[float, float]) -> dict[str, Any]:
    left, top = max(box["left"], 0), max(box["top"], 0)
    right, bottom = box["left"] + box["width"], box["top"] + box["height"]
    if right > size[0]:
        right = type(box["width"])(size[0])
    if bottom > size[1]:
        bottom = type(box["height"])(size[1])
    return {"left": left, "top": top, "width": right - left, "height": bottom - top}


def _cap(check: LabelCheck, most: int | None) -> None:
    boxes = check.label["annotations"]
    if most is None or len(boxes) <= most:
        return
    check.say(
        "ERROR_TOO_MANY_BOUNDING_BOXES",
        f"{len(boxes)} boxes, at most {most}",
        repair=f"the {most} most confident boxes are kept",
    )
    objects = check.metadata["objects"]
    ranked = sorted(range(len(boxes)), key=lambda i: -objects[i]["confidence"])
    bad = ranked[most:]
    check.label = check.label | {"annotations": without(boxes, bad)}
    drop_objects(check, "objects", bad)

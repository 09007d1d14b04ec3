"""Rules of one label and its metadata, type by type; and what a repair makes of it.

Layer: manifests. Shapes of reference sections 6.2-6.7.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from gt_widgets.manifests.box_rules import check_boxes
from gt_widgets.manifests.label_check import (
    LabelCheck,
    Limits,
    class_map,
    drop_objects,
    is_confidence,
    name_of,
    shown,
    without,
)

__all__ = ["check_label"]

_ANSWERS = ("yes", "no")


def check_label(
    line: int, attribute: str, members: Mapping[str, Any], limits: Limits
) -> LabelCheck:
    """Check the label of one attribute.

    Parameters
    ----------
    line : int
        Line number, from one.
    attribute : str
        Label attribute name; both it and its metadata are there.
    members : mapping
        The parsed line.
    limits : Limits
    """
    check = LabelCheck(line, attribute, members[attribute], members[f"{attribute}-metadata"])
    kind = _kind(check)
    rule = _RULES.get(kind or "")
    if kind is not None and limits.types is not None and kind not in limits.types:
        check.refuse(
            "ERROR_NO_VALID_LABEL_ATTRIBUTES", f"type {kind!r} is not read, only {limits.types}"
        )
    elif rule is not None and check.usable:
        _common(check)
        rule(check, limits, members)
    return check


def _kind(check: LabelCheck) -> str | None:
    """Return the type's last part; other metadata than an object are refused."""
    if not isinstance(check.metadata, dict):
        check.refuse(
            "ERROR_INVALID_LABEL_ATTRIBUTE_METADATA_FORMAT",
            f"expected an object, found {name_of(check.metadata)}",
            metadata=True,
        )
        return None
    kind = check.metadata.get("type")
    if not isinstance(kind, str):
        check.refuse(
            "ERROR_INVALID_LABEL_ATTRIBUTE_METADATA_FORMAT", "'type' is missing", metadata=True
        )
        return None
    return kind.rsplit("/", 1)[-1]


def _common(check: LabelCheck) -> None:
    human = check.metadata.get("human-annotated")
    if human not in _ANSWERS:
        check.refuse(
            "ERROR_INVALID_LABEL_ATTRIBUTE_METADATA_FORMAT",
            f'\'human-annotated\' must be "yes" or "no", not {shown(human)}',
            metadata=True,
        )
    elif not isinstance(check.metadata.get("creation-date"), str):
        check.refuse(
            "ERROR_INVALID_LABEL_ATTRIBUTE_METADATA_FORMAT",
            "'creation-date' is missing",
            metadata=True,
        )


def _single(check: LabelCheck, limits: Limits, members: Mapping[str, Any]) -> None:
    del limits, members
    label = check.label
    number = isinstance(label, int) and not isinstance(label, bool)
    if not number and not (isinstance(label, str) and label.isdigit()):
        check.refuse(
            "ERROR_INVALID_LABEL_ATTRIBUTE_FORMAT", f"expected a class index, not {shown(label)}"
        )
    if not isinstance(check.metadata.get("class-name"), str):
        check.refuse(
            "ERROR_INVALID_LABEL_ATTRIBUTE_METADATA_FORMAT",
            "'class-name' is missing",
            metadata=True,
        )
    if not is_confidence(check.metadata.get("confidence")):
        check.refuse(
            "ERROR_INVALID_LABEL_ATTRIBUTE_METADATA_FORMAT",
            f"'confidence' must lie in [0, 1], not {shown(check.metadata.get('confidence'))}",
            metadata=True,
        )


def _multi(check: LabelCheck, limits: Limits, members: Mapping[str, Any]) -> None:
    del limits, members
    if not isinstance(check.label, list):
        check.refuse(
            "ERROR_INVALID_LABEL_ATTRIBUTE_FORMAT", f"expected a list, not {name_of(check.label)}"
        )
        return
    names = class_map(check)
    missing = [class_id for class_id in check.label if str(class_id) not in names]
    if missing:
        check.say(
            "ERROR_MISSING_CLASS_MAP_ID",
            f"found {shown(missing)}",
            metadata=True,
            repair="the classes without a name are removed",
        )
        check.label = [class_id for class_id in check.label if str(class_id) in names]


def _mask(check: LabelCheck, limits: Limits, members: Mapping[str, Any]) -> None:
    del limits, members
    if not isinstance(check.label, str) or not check.label.startswith("s3://"):
        check.refuse(
            "ERROR_INVALID_LABEL_ATTRIBUTE_FORMAT",
            f"expected the s3:// location of a mask, not {shown(check.label)}",
        )
    colours = check.metadata.get("internal-color-map")
    entries = colours.values() if isinstance(colours, dict) else [None]
    if not all(isinstance(e, dict) and "class-name" in e and "hex-color" in e for e in entries):
        check.refuse(
            "ERROR_INVALID_LABEL_ATTRIBUTE_METADATA_FORMAT",
            "'internal-color-map' must give 'class-name' and 'hex-color' of each index",
            metadata=True,
        )


def _entities(check: LabelCheck, limits: Limits, members: Mapping[str, Any]) -> None:
    del limits
    inner: Any = check.label.get("annotations") if isinstance(check.label, dict) else None
    found = inner.get("entities") if isinstance(inner, dict) else None
    if not isinstance(found, list):
        check.refuse(
            "ERROR_INVALID_LABEL_ATTRIBUTE_FORMAT", "expected {'annotations': {'entities': [...]}}"
        )
        return
    text = members.get("source")
    length = len(text) if isinstance(text, str) else 0
    bad = [place for place, entity in enumerate(found) if not _entity_fits(entity, length)]
    for place in bad:
        check.say(
            "ERROR_INVALID_ENTITY",
            f"entity {place} of a text of {length} characters: {shown(found[place])}",
            at=place,
            repair="the entity is removed",
        )
    if bad:
        check.label = check.label | {"annotations": {**inner, "entities": without(found, bad)}}
        drop_objects(check, "entities", bad)


def _entity_fits(entity: Any, length: int) -> bool:
    if not isinstance(entity, dict) or not isinstance(entity.get("label"), str):
        return False
    start, end = entity.get("startOffset"), entity.get("endOffset")
    return isinstance(start, int) and isinstance(end, int) and 0 <= start < end <= length


_Rule = Callable[[LabelCheck, Limits, Mapping[str, Any]], None]
_RULES: dict[str, _Rule] = {
    "object-detection": check_boxes,
    "image-classification": _single,
    "text-classification": _single,
    "label-verification": _single,
    "image-classification-multilabel": _multi,
    "text-classification-multilabel": _multi,
    "semantic-segmentation": _mask,
    "text-span": _entities,
}

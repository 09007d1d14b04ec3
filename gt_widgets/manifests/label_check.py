"""What is noted about one label while it is checked.

Layer: manifests.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gt_widgets.manifests.problems import CODES, OURS, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "LabelCheck",
    "Limits",
    "class_map",
    "drop_objects",
    "is_confidence",
    "is_number",
    "name_of",
    "shown",
    "without",
]

_SHOWN = 120
_FAR = 1e12
"""No image is so large; numbers beyond are not worth computing with."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a reader of the manifest takes.

    Attributes
    ----------
    boxes : int or None
        Per image, at most.
    training_side : int or None
        Images are scaled down so that no side has more pixels; a box must be larger than
        1 x 1 pixel then.
    types : tuple of str or None
        Endings of the ``type`` of labels that can be read.
    """

    boxes: int | None = None
    training_side: int | None = None
    types: tuple[str, ...] | None = None


@dataclass(slots=True)
class LabelCheck:
    """What was found about one label; ``label`` and ``metadata`` become the repaired ones.

    ``usable`` is False if nothing of the label can be kept.
    """

    line: int
    attribute: str
    label: Any
    metadata: Any
    problems: list[Problem] = field(default_factory=list)
    changed: bool = False
    usable: bool = True

    def say(
        self, code: str, found: str = "", *, at: int = -1, metadata: bool = False, repair: str = ""
    ) -> None:
        """Note a problem."""
        message = {**CODES, **OURS}[code] + (f"; {found}" if found else "")
        self.problems.append(
            Problem(code, self.line, message, self.attribute, at, metadata, repair)
        )
        self.changed = self.changed or bool(repair)

    def refuse(self, code: str, found: str = "", *, metadata: bool = False) -> None:
        """Note a problem that nothing of the label survives."""
        self.say(code, found, metadata=metadata, repair="the label is removed")
        self.usable = False


def class_map(check: LabelCheck) -> Mapping[str, Any]:
    """Return the class map; a label without one is refused."""
    names = check.metadata.get("class-map")
    if isinstance(names, dict):
        return names
    check.refuse(
        "ERROR_INVALID_LABEL_ATTRIBUTE_METADATA_FORMAT", "'class-map' is missing", metadata=True
    )
    return {}


def drop_objects(check: LabelCheck, key: str, places: list[int]) -> None:
    """Drop what the metadata say of removed boxes or entities."""
    found = check.metadata.get(key)
    if places and isinstance(found, list):
        check.metadata = check.metadata | {key: without(found, places)}


def without(items: list[Any], places: list[int]) -> list[Any]:
    """Return the items that are not at these places."""
    gone = set(places)
    return [item for place, item in enumerate(items) if place not in gone]


def is_number(value: Any) -> bool:
    """Whether a value is a number that an image can have."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return -_FAR < value < _FAR


def is_confidence(value: Any) -> bool:
    """Whether a value is a number in [0, 1]."""
    return is_number(value) and 0 <= value <= 1


def name_of(value: Any) -> str:
    """Name the type of a value."""
    return type(value).__name__


def shown(value: Any) -> str:
    """Show the beginning of a value."""
    words = repr(value)
    return words if len(words) <= _SHOWN else words[:_SHOWN] + "..."

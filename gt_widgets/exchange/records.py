"""Labeled objects as plain data: between manifest lines and other tools' files.

Layer: exchange. Shapes of reference sections 6.2-6.6; failed and unlabeled lines are passed over.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gt_widgets.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

__all__ = ["Box", "Entity", "Given", "Labeled", "categories_of", "class_ids", "read_labels"]

_SIDES = ("left", "top", "width", "height")
_BACKGROUND = "BACKGROUND"
_MOST_CATEGORIES = 100_000


@dataclass(frozen=True, slots=True)
class Box:
    """A box in image pixels; confidence in [0, 1] or None."""

    label: str
    left: float
    top: float
    width: float
    height: float
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Entity:
    """A piece of text from code point ``start`` to ``end``, which is not part of it."""

    label: str
    start: int
    end: int
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """A class given to a whole object."""

    label: str
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Labeled:
    """One labeled data object.

    Attributes
    ----------
    source : str
        ``s3://`` location, file name, or the text itself.
    kind : {"boxes", "class", "classes", "mask", "entities"}
        What the label is; ``class`` is one, ``classes`` any number.
    is_text : bool
    width, height, depth : int or None
        Of the image in pixels, and its channels.
    boxes, given, entities : tuple
        Only the one of its kind is filled.
    mask : str
        Location of the mask: a palette PNG of class indexes.
    colours : mapping of index to (class name, hex colour)
        Of the mask, background included.
    mask_png : bytes
        The mask itself, if it was made here.
    object_id : int
        Index of its line.
    """

    source: str
    kind: str
    is_text: bool = False
    width: int | None = None
    height: int | None = None
    depth: int | None = None
    boxes: tuple[Box, ...] = ()
    given: tuple[Given, ...] = ()
    entities: tuple[Entity, ...] = ()
    mask: str = ""
    colours: Mapping[int, tuple[str, str]] = field(default_factory=dict)
    mask_png: bytes = field(default=b"", repr=False)
    object_id: int = -1

    @property
    def labels(self) -> tuple[str, ...]:
        """Class names, one per box, entity or class; of a mask without its background."""
        if self.kind == "mask":
            return tuple(n for n, _ in self.colours.values() if n != _BACKGROUND)
        parts: tuple[Box | Given | Entity, ...] = (*self.boxes, *self.given, *self.entities)
        return tuple(part.label for part in parts)

    def size(self) -> tuple[int, int]:
        """Width and height.

        Raises
        ------
        FormatError
            If they are not known.
        """
        if not self.width or not self.height:
            raise FormatError(
                f"{self.source}: its label says nothing of the image's size, which this format "
                "needs. Give read=, a function that reads images."
            )
        return self.width, self.height


def read_labels(lines: Iterable[Mapping[str, Any]], label_attribute: str) -> Iterator[Labeled]:
    """Read the labels of an output manifest, one attribute of each line.

    Raises
    ------
    FormatError
        If a label has no shape that is known, with the number of its line.
    """
    for number, line in enumerate(lines):
        if label_attribute not in line:
            continue
        metadata = line.get(f"{label_attribute}-metadata")
        metadata = metadata if isinstance(metadata, dict) else {}
        source = line.get("source", line.get("source-ref"))
        if not isinstance(source, str):
            raise FormatError(f"line {number + 1}: neither source-ref nor source is a text.")
        try:
            parts = _parts(line[label_attribute], metadata)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise FormatError(
                f"line {number + 1}: the label {label_attribute!r} cannot be read ({error!r}). "
                "check() says what is wrong with it."
            ) from error
        yield Labeled(source, is_text="source" in line, object_id=number, **parts)


def _parts(label: Any, metadata: Mapping[str, Any]) -> dict[str, Any]:
    if isinstance(label, dict) and isinstance(label.get("annotations"), list):
        return _boxes(label, metadata)
    if isinstance(label, dict):
        found = label["annotations"]["entities"]
        sure = _confidences(metadata.get("entities"), len(found))
        entities = (
            Entity(str(e["label"]), int(e["startOffset"]), int(e["endOffset"]), c)
            for e, c in zip(found, sure, strict=True)
        )
        return {"kind": "entities", "entities": tuple(entities)}
    if isinstance(label, str) and label.startswith("s3://"):
        colours = {
            int(index): (str(entry["class-name"]), str(entry["hex-color"]))
            for index, entry in metadata["internal-color-map"].items()
        }
        return {"kind": "mask", "mask": label, "colours": colours}
    if isinstance(label, list):
        names, by_class = _class_map(metadata), metadata.get("confidence-map") or {}
        chosen = (Given(names[str(c)], _number(by_class.get(str(c)))) for c in label)
        return {"kind": "classes", "given": tuple(chosen)}
    name = metadata.get("class-name", _class_map(metadata).get(str(label), str(int(label))))
    return {"kind": "class", "given": (Given(str(name), _number(metadata.get("confidence"))),)}


def _boxes(label: Mapping[str, Any], metadata: Mapping[str, Any]) -> dict[str, Any]:
    size = (label.get("image_size") or [{}])[0]
    names, boxes = _class_map(metadata), label["annotations"]
    sure = _confidences(metadata.get("objects"), len(boxes))
    sides = [[box[side] + 0 for side in _SIDES] for box in boxes]
    found = (
        Box(names[str(box["class_id"])], left, top, width, height, c)
        for (left, top, width, height), box, c in zip(sides, boxes, sure, strict=True)
    )
    return {
        "kind": "boxes",
        "boxes": tuple(found),
        "width": size.get("width"),
        "height": size.get("height"),
        "depth": size.get("depth"),
    }


def _class_map(metadata: Mapping[str, Any]) -> dict[str, str]:
    found = metadata.get("class-map", metadata.get("class_map")) or {}
    return {str(class_id): str(name) for class_id, name in found.items()}


def _confidences(entries: Any, count: int) -> list[float | None]:
    given = [_number(entry.get("confidence")) for entry in entries or ()]
    return [*given, *[None] * count][:count]


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def class_ids(lines: Iterable[Mapping[str, Any]], label_attribute: str) -> tuple[str, ...]:
    """Name the categories of a manifest in ``class_id`` order, as far as its lines tell.

    A class map names only the classes of its line; an index that no line names is called
    ``class_<index>``. Give the job's label categories where they are known.

    Raises
    ------
    FormatError
        If an index has two names.
    """
    names: dict[int, str] = {}
    for line in lines:
        metadata = line.get(f"{label_attribute}-metadata")
        if label_attribute not in line or not isinstance(metadata, dict):
            continue
        for index, name in _named(line[label_attribute], metadata):
            if names.setdefault(index, name) != name:
                raise FormatError(
                    f"class {index} of {label_attribute!r} is called {names[index]!r} and "
                    f"{name!r}; these labels are of different jobs. Export them one by one."
                )
    if names and max(names) >= _MOST_CATEGORIES:
        raise FormatError(f"class {max(names)} of {label_attribute!r} is beyond all sense.")
    return tuple(names.get(i, f"class_{i}") for i in range(max(names, default=-1) + 1))


def _named(label: Any, metadata: Mapping[str, Any]) -> Iterator[tuple[int, str]]:
    if "class-name" in metadata and str(label).isdecimal():
        yield int(label), str(metadata["class-name"])
    for class_id, name in _class_map(metadata).items():
        if class_id.isdecimal():
            yield int(class_id), name
    for index, entry in (metadata.get("internal-color-map") or {}).items():
        if entry.get("class-name") != _BACKGROUND:
            yield int(index) - 1, str(entry["class-name"])  # the background has index 0
    annotations = label.get("annotations") if isinstance(label, dict) else None
    if isinstance(annotations, dict):
        for place, entry in enumerate(annotations.get("labels") or ()):
            yield place, str(entry["label"])


def categories_of(
    objects: Iterable[Labeled], categories: Sequence[str] | None = None
) -> dict[str, int]:
    """Map every label to its class id.

    Parameters
    ----------
    objects : iterable of Labeled
    categories : sequence of str, optional
        In ``class_id`` order; in alphabetical order if not given.

    Raises
    ------
    FormatError
        If an object has a label that is none of them, or a category stands there twice.
    """
    used = {label for each in objects for label in each.labels}
    names = sorted(used) if categories is None else list(categories)
    found = {name: index for index, name in enumerate(names)}
    if len(found) != len(names):
        raise FormatError("a label category stands there twice; remove one.")
    unknown = sorted(used - found.keys())
    if unknown:
        raise FormatError(f"labels {unknown[:5]} are none of the categories {names[:20]}.")
    return found

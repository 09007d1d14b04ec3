"""What an import gives, and what exports share.

Layer: exchange.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gt_widgets.errors import FormatError
from gt_widgets.exchange.places import write_file
from gt_widgets.exchange.records import Box, Labeled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    Sets = Mapping[str, Sequence[Labeled]]
    Read = Callable[[str], bytes]

__all__ = ["Imported", "copy_image", "dump", "only", "pixel_boxes"]

_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Imported:
    """Labels of another tool's files.

    Attributes
    ----------
    objects : tuple of Labeled
        ``source`` is the file name, relative to the folder of images.
    categories : tuple of str
        In ``class_id`` order.
    skipped : tuple of str
        What could not become a label, each with its reason.
    """

    objects: tuple[Labeled, ...]
    categories: tuple[str, ...]
    skipped: tuple[str, ...] = ()

    def __repr__(self) -> str:
        labels = sum(len(each.labels) for each in self.objects)
        head = (
            f"{len(self.objects)} object(s), {labels} label(s) of {len(self.categories)} categories"
        )
        return "\n  ".join([f"{head}, {len(self.skipped)} left out", *self.skipped[:_SHOWN]])


def only(sets: Sets, name: str, kinds: Iterable[str], instead: str) -> None:
    """Refuse kinds of labels that a format cannot hold.

    Raises
    ------
    FormatError
        With a format that can.
    """
    found = sorted({each.kind for objects in sets.values() for each in objects} - set(kinds))
    if found:
        raise FormatError(
            f"{name} holds {' and '.join(kinds)}, not {' and '.join(found)}. Use {instead}."
        )


def copy_image(read: Read | None, source: str, path: Path) -> None:
    """Copy an image next to its labels, if there is a way to read it."""
    if read is not None:
        write_file(path, read(source))


def dump(value: Any) -> bytes:
    """Write JSON for people: UTF-8, one space of indent."""
    import json

    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()


def pixel_boxes(
    rows: Sequence[tuple[str, Sequence[float], float | None]],
    *,
    width: int,
    height: int,
    where: str,
    skipped: list[str],
) -> tuple[Box, ...]:
    """Round boxes to whole pixels and cut them at the image's borders, as Ground Truth has them.

    Parameters
    ----------
    rows : sequence of (label, (left, top, width, height), confidence)
        In image pixels, of any precision.
    width, height : int
        Of the image.
    where : str
        For messages.
    skipped : list of str
        Boxes that lie outside of the image or have no area are noted here.
    """
    found = []
    for label, (left, top, wide, high), confidence in rows:
        if not (wide > 0 and high > 0):
            skipped.append(f"{where}: a box of {label!r} has no area")
            continue
        across, down = _span(left, wide, width), _span(top, high, height)
        if across is None or down is None:
            skipped.append(f"{where}: a box of {label!r} lies outside of the image")
            continue
        found.append(Box(label, across[0], down[0], across[1], down[1], confidence))
    return tuple(found)


def _span(begin: float, length: float, limit: int) -> tuple[int, int] | None:
    """Round a side to whole pixels, at least one, inside of the image; None if it is outside."""
    low, high = max(begin, 0.0), min(begin + length, float(limit))
    if high <= low:
        return None
    first = min(math.floor(low + 0.5), limit - 1)
    return first, max(min(math.floor(high + 0.5), limit) - first, 1)

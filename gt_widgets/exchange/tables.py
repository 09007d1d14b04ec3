"""CSV: one row per label, whatever its kind.

Layer: exchange. A text that a spreadsheet would run as a formula gets an apostrophe in front.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

from gt_widgets.exchange.places import plain_name, write_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from gt_widgets.exchange.imported import Read, Sets
    from gt_widgets.exchange.records import Labeled

__all__ = ["export_csv"]

_COLUMNS = (
    "object_id", "source", "kind", "label", "class_id", "confidence",
    "left", "top", "width", "height", "image_width", "image_height",
    "start", "end", "text", "mask", "mask_index",
)  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def export_csv(
    sets: Sets, folder: Path, *, categories: Mapping[str, int], read: Read | None = None
) -> None:
    """Write ``<set>.csv``; an object on which nothing is has one row without a label.

    Parameters
    ----------
    sets : mapping of set name to sequence of Labeled
    folder : Path
    categories : mapping of label to class id
    read : callable, optional
        Not needed: a table names images and masks by their location.
    """
    del read
    for name, objects in sets.items():
        out = io.StringIO(newline="")
        writer = csv.DictWriter(out, _COLUMNS, restval="", lineterminator="\n")
        writer.writeheader()
        for each in objects:
            for row in _rows(each):
                whole = {"object_id": each.object_id, "source": each.source, "kind": each.kind}
                if row.get("label") in categories:
                    whole["class_id"] = categories[row["label"]]
                writer.writerow({key: _safe(value) for key, value in (whole | row).items()})
        path = folder / f"{plain_name(name, 'set')}.csv"
        write_file(path, out.getvalue().encode())


def _rows(each: Labeled) -> Iterator[dict[str, Any]]:
    size = {"image_width": each.width, "image_height": each.height} if each.width else {}
    for box in each.boxes:
        sides = {side: getattr(box, side) for side in ("left", "top", "width", "height")}
        yield {"label": box.label, "confidence": box.confidence, **sides, **size}
    for given in each.given:
        yield {"label": given.label, "confidence": given.confidence}
    for entity in each.entities:
        words = each.source[entity.start : entity.end]
        span = {"start": entity.start, "end": entity.end, "text": words}
        yield {"label": entity.label, "confidence": entity.confidence, **span}
    for index, (name, _) in sorted(each.colours.items()):
        yield {"label": name, "mask": each.mask, "mask_index": index}
    if not each.labels and not each.colours:
        yield size


def _safe(value: Any) -> Any:
    if isinstance(value, str) and value.startswith(_FORMULA):
        return "'" + value
    return "" if value is None else value

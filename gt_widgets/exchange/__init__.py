"""Labels to and from other tools' files.

Layer: exchange (imports ``errors``, ``schema`` and ``geometry``). What is read is not trusted:
names that climb out of a folder, XML with a document type and archives that explode are refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gt_widgets.errors import FormatError
from gt_widgets.exchange.augmented import augmented_lines, tool_colours, write_sets
from gt_widgets.exchange.coco import export_coco, import_coco
from gt_widgets.exchange.huggingface import export_huggingface
from gt_widgets.exchange.imported import Imported
from gt_widgets.exchange.places import Names, inside, unpack
from gt_widgets.exchange.records import (
    Box,
    Entity,
    Given,
    Labeled,
    categories_of,
    class_ids,
    read_labels,
)
from gt_widgets.exchange.tables import export_csv
from gt_widgets.exchange.voc import export_voc, import_voc
from gt_widgets.exchange.yolo import export_yolo, import_yolo, yolo_categories

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from gt_widgets.exchange.imported import Read, Sets

__all__ = [
    "FORMATS",
    "Box",
    "Entity",
    "Given",
    "Imported",
    "Labeled",
    "Names",
    "augmented_lines",
    "categories_of",
    "class_ids",
    "export_coco",
    "export_csv",
    "export_huggingface",
    "export_labels",
    "export_voc",
    "export_yolo",
    "import_coco",
    "import_voc",
    "import_yolo",
    "inside",
    "read_labels",
    "tool_colours",
    "unpack",
    "write_sets",
    "yolo_categories",
]

FORMATS = {
    "coco": export_coco,
    "voc": export_voc,
    "yolo": export_yolo,
    "csv": export_csv,
    "huggingface": export_huggingface,
}
"""Name to the function that writes it; ``sagemaker`` is `write_sets`, which copies lines."""


def export_labels(
    sets: Sets,
    folder: Path,
    format: str,  # noqa: A002 - its name everywhere
    *,
    categories: Sequence[str] | None = None,
    read: Read | None = None,
) -> Mapping[str, int]:
    """Write labels in another tool's format.

    Parameters
    ----------
    sets : mapping of set name to sequence of Labeled
    folder : Path
        Created if it is not there.
    format : {"coco", "voc", "yolo", "csv", "huggingface"}
    categories : sequence of str, optional
        In ``class_id`` order; the labels found, in alphabetical order, unless given.
    read : callable, optional
        Reads an image or a mask by its location. Without it images are not copied.

    Returns
    -------
    mapping of label to class id

    Raises
    ------
    FormatError
        If the format is not known or cannot hold these labels.
    """
    if format not in FORMATS:
        raise FormatError(f"format {format!r} is not one of {', '.join(FORMATS)}, sagemaker.")
    found = categories_of([each for objects in sets.values() for each in objects], categories)
    folder.mkdir(parents=True, exist_ok=True)
    FORMATS[format](sets, folder, categories=found, read=read)
    return found

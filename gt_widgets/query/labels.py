"""Labels that are not boxes, thing by thing: entities of texts, outlines, lines and points.

Layer: query (pure functions).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["entities_frame", "shapes_frame"]

_ENTITY_COLUMNS = [
    "object_id",
    "source",
    "label",
    "text",
    "start_offset",
    "end_offset",
    "confidence",
]
_SHAPE_COLUMNS = ["object_id", "source", "label", "class_id", "vertices", "confidence"]


def entities_frame(lines: Iterable[Mapping[str, Any]], label_attribute: str) -> pd.DataFrame:
    """One row per entity of an output manifest (6.6).

    Parameters
    ----------
    lines : iterable of mappings
        Parsed lines, in the order of the manifest.
    label_attribute : str
        The key the job wrote its label under.

    Returns
    -------
    pandas.DataFrame
        ``object_id, source, label``; ``text``, what is marked (None where the text is a file of its
        own); ``start_offset`` and ``end_offset`` in code points, the end exclusive; ``confidence``
        in [0, 1].
    """
    rows = []
    for number, line in enumerate(lines):
        label = line.get(label_attribute)
        found = label.get("annotations") if isinstance(label, dict) else None
        if not isinstance(found, dict):
            continue
        given = _confidences(line, label_attribute, "entities")
        source = line.get("source")
        for index, entity in enumerate(found.get("entities") or []):
            start, end = int(entity["startOffset"]), int(entity["endOffset"])
            rows.append(
                {
                    "object_id": str(number),
                    "source": line.get("source-ref", source),
                    "label": entity["label"],
                    "text": source[start:end] if isinstance(source, str) else None,
                    "start_offset": start,
                    "end_offset": end,
                    "confidence": given[index] if index < len(given) else math.nan,
                }
            )
    return pd.DataFrame(rows, columns=_ENTITY_COLUMNS)


def shapes_frame(lines: Iterable[Mapping[str, Any]], label_attribute: str) -> pd.DataFrame:
    """One row per polygon, polyline, line or point of an output manifest.

    Takes the parameters of `entities_frame`.

    Returns
    -------
    pandas.DataFrame
        ``object_id, source, label, class_id``; ``vertices`` a tuple of ``(x, y)`` in image pixels;
        ``confidence`` in [0, 1].
    """
    rows = []
    for number, line in enumerate(lines):
        label = line.get(label_attribute)
        found = label.get("annotations") if isinstance(label, dict) else None
        if not isinstance(found, list):
            continue
        given = _confidences(line, label_attribute, "objects")
        metadata = line.get(f"{label_attribute}-metadata") or {}
        names = {str(k): v for k, v in (metadata.get("class-map") or {}).items()}
        for index, shape in enumerate(found):
            if "vertices" in shape:
                class_id = int(shape["class_id"])
                rows.append(
                    {
                        "object_id": str(number),
                        "source": line.get("source-ref", line.get("source")),
                        "label": names.get(str(class_id), str(class_id)),
                        "class_id": class_id,
                        "vertices": tuple((v["x"], v["y"]) for v in shape["vertices"]),
                        "confidence": given[index] if index < len(given) else math.nan,
                    }
                )
    return pd.DataFrame(rows, columns=_SHAPE_COLUMNS)


def _confidences(line: Mapping[str, Any], label_attribute: str, part: str) -> list[float]:
    metadata = line.get(f"{label_attribute}-metadata")
    entries = metadata.get(part) if isinstance(metadata, dict) else None
    return [float(each.get("confidence", math.nan)) for each in entries or []]

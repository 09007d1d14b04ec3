"""Hugging Face ``datasets``: folders that ``load_dataset`` reads without a script.

Layer: exchange. Images are an *image folder* with ``metadata.jsonl``; texts are JSON Lines.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from gt_widgets.errors import FormatError
from gt_widgets.exchange.masks import mask_png, read_mask
from gt_widgets.exchange.places import Names, plain_name, write_file

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from gt_widgets.exchange.imported import Read, Sets
    from gt_widgets.exchange.records import Labeled

__all__ = ["export_huggingface"]


def export_huggingface(
    sets: Sets, folder: Path, *, categories: Mapping[str, int], read: Read | None = None
) -> None:
    """Write a folder per set, with the images, their labels and ``categories.json``.

    Columns: ``objects`` with ``bbox`` (left, top, width, height), ``categories`` (class ids) and
    ``names``; ``label`` (class id) and ``label_name``; ``labels`` and ``label_names``;
    ``entities`` with ``start``, ``end`` and ``label``; ``mask_file_name`` for masks, whose pixels
    are 0 for the background and ``class_id`` + 1.

    Raises
    ------
    FormatError
        If there are images and no ``read``: the format does not do without them. If one set has
        labels and another has none at all: ``datasets`` reads the types of columns from the
        values, and would not find those of the second.
    """
    _check_types(sets)
    for set_name, objects in sets.items():
        place = folder / plain_name(set_name, "set")
        texts = [each for each in objects if each.is_text]
        images = [each for each in objects if not each.is_text]
        if images and read is None:
            raise FormatError("an image folder needs its images; give read=.")
        if texts:
            rows = [{"text": each.source, **_columns(each, categories)} for each in texts]
            write_file(place / "data.jsonl", _lines(rows))
        if images and read is not None:
            write_file(place / "metadata.jsonl", _lines(_copied(images, place, categories, read)))
    ordered = sorted(categories, key=lambda label: categories[label])
    write_file(folder / "categories.json", json.dumps(ordered, ensure_ascii=False).encode())


def _check_types(sets: Sets) -> None:
    lists = {"boxes", "classes", "entities"}
    full = {
        name: any(each.labels for each in objects if each.kind in lists)
        for name, objects in sets.items()
        if any(each.kind in lists for each in objects)
    }
    bare = [name for name, has_labels in full.items() if not has_labels]
    if bare and len(bare) < len(full):
        raise FormatError(
            f"set {bare[0]!r} has no label on any of its objects, and `datasets` could not read it "
            "together with the others. Choose other shares or another seed."
        )


def _copied(
    images: Sequence[Labeled], place: Path, categories: Mapping[str, int], read: Read
) -> list[dict[str, Any]]:
    names = Names()
    rows = []
    for each in images:
        file_name = names.of(each.source)
        write_file(place / file_name, read(each.source))
        row = {"file_name": file_name, **_columns(each, categories)}
        if each.kind == "mask":
            stem = file_name.rpartition(".")[0] or file_name
            row["mask_file_name"] = f"masks/{stem}.png"
            write_file(place / row["mask_file_name"], _mask(each, categories, read))
        rows.append(row)
    return rows


def _mask(each: Labeled, categories: Mapping[str, int], read: Read) -> bytes:
    mask = read_mask(each.mask_png or read(each.mask), each.colours, each.mask)
    own = mask.copy()
    colours = {0: "#000000"}
    for index, (label, colour) in each.colours.items():
        number = categories[label] + 1 if label in categories else 0
        own[mask == index] = number
        if number:
            colours[number] = colour
    return mask_png(own, colours)


def _columns(each: Labeled, categories: Mapping[str, int]) -> dict[str, Any]:
    names = list(each.labels)
    ids = [categories[name] for name in names]
    if each.kind == "boxes":
        boxes = [[float(b.left), float(b.top), float(b.width), float(b.height)] for b in each.boxes]
        return {"objects": {"bbox": boxes, "categories": ids, "names": names}}
    if each.kind == "class":
        return {"label": ids[0], "label_name": names[0]}
    if each.kind == "classes":
        return {"labels": ids, "label_names": names}
    if each.kind == "entities":
        found = [{"start": e.start, "end": e.end, "label": e.label} for e in each.entities]
        return {"entities": found}
    return {}


def _lines(rows: Sequence[Mapping[str, Any]]) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()

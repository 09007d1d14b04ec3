"""SageMaker's own form: augmented manifests, split for training, and written from imports.

Layer: exchange. Lines of a manifest are copied byte for byte; imported labels get the shapes and
the key order that a labeling job writes, so that a job can adjust or verify them.
"""

from __future__ import annotations

import json
from collections import Counter
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from gt_widgets.errors import FormatError
from gt_widgets.exchange.masks import COLOURS
from gt_widgets.exchange.places import plain_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from gt_widgets.exchange.records import Labeled

__all__ = ["augmented_lines", "tool_colours", "write_sets"]

_TYPES = {
    "boxes": "groundtruth/object-detection",
    "class": "groundtruth/image-classification",
    "classes": "groundtruth/image-classification-multilabel",
    "mask": "groundtruth/semantic-segmentation",
    "entities": "groundtruth/text-span",
}
_TEXT_TYPES = {
    "class": "groundtruth/text-classification",
    "classes": "groundtruth/text-classification-multilabel",
}


def write_sets(lines: Iterable[bytes], sets: Mapping[int, str], folder: Path) -> dict[str, int]:
    """Copy the lines of each set into ``<folder>/<set>.manifest``, byte for byte.

    Parameters
    ----------
    lines : iterable of bytes
        Of an output manifest.
    sets : mapping of line index to set name
        Lines that are not in it are left out: those without a label, for one.
    folder : Path

    Returns
    -------
    dict of set name to number of lines
    """
    folder.mkdir(parents=True, exist_ok=True)
    counts: Counter[str] = Counter()
    with ExitStack() as stack:
        names = sorted(set(sets.values()))
        files = {
            name: stack.enter_context((folder / f"{plain_name(name, 'set')}.manifest").open("wb"))
            for name in names
        }
        for number, line in enumerate(lines):
            name = sets.get(number)
            if name is not None:
                files[name].write(line if line.endswith(b"\n") else line + b"\n")
                counts[name] += 1
    return dict(counts)


def augmented_lines(
    objects: Iterable[Labeled],
    label_attribute: str,
    *,
    categories: Mapping[str, int],
    created: datetime,
    job_name: str,
    uri_of: Callable[[Labeled], str] = lambda each: each.source,
    put_mask: Callable[[Labeled], str] | None = None,
) -> Iterator[bytes]:
    """Write labels as the output manifest of a finished job has them.

    Parameters
    ----------
    objects : iterable of Labeled
    label_attribute : str
        Must end in ``-ref`` for masks.
    categories : mapping of label to class id
    created : datetime
        In UTC.
    job_name : str
        What made these labels, for example the name of the file they come from.
    uri_of : callable, optional
        Gives the ``s3://`` location of an object's image.
    put_mask : callable, optional
        Stores ``mask_png`` and returns its location; needed for masks made here.

    Raises
    ------
    FormatError
        If a mask cannot be stored, or an image has no ``s3://`` location.
    """
    stamp = created.strftime("%Y-%m-%dT%H:%M:%S.%f")
    for each in objects:
        source = each.source if each.is_text else uri_of(each)
        if not each.is_text and not source.startswith("s3://"):
            raise FormatError(f"{source}: an image needs an s3:// location in a manifest.")
        kind = _TEXT_TYPES.get(each.kind) if each.is_text else None
        common = {
            "type": kind or _TYPES[each.kind],
            "human-annotated": "yes",
            "creation-date": stamp,
            "job-name": f"labeling-job/{job_name}",
        }
        label, metadata = _label(each, categories, put_mask)
        line = {
            "source" if each.is_text else "source-ref": source,
            label_attribute: label,
            f"{label_attribute}-metadata": metadata | common,
        }
        yield json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _label(
    each: Labeled, categories: Mapping[str, int], put_mask: Callable[[Labeled], str] | None
) -> tuple[Any, dict[str, Any]]:
    used = {str(categories[label]): label for label in sorted(set(each.labels), key=categories.get)}  # type: ignore[arg-type]
    if each.kind == "boxes":
        return _box_label(each, categories), {
            "objects": [{"confidence": box.confidence or 0} for box in each.boxes],
            "class-map": used,
        }
    if each.kind == "class":
        [given] = each.given
        named = {"confidence": given.confidence or 0, "class-name": given.label}
        return categories[given.label], named
    if each.kind == "classes":
        sure = {str(categories[g.label]): g.confidence or 0 for g in each.given}
        return [categories[g.label] for g in each.given], {
            "class-map": used,
            "confidence-map": sure,
        }
    if each.kind == "entities":
        return _entity_label(each, categories)
    if put_mask is None and not each.mask:
        raise FormatError(f"{each.source}: a mask needs a place; give put_mask=.")
    return put_mask(each) if put_mask else each.mask, {"internal-color-map": _colour_map(each)}


def _box_label(each: Labeled, categories: Mapping[str, int]) -> dict[str, Any]:
    width, height = each.size()
    size = {"width": width, "height": height, "depth": each.depth or 3}
    boxes = [
        {
            "class_id": categories[box.label],
            "top": box.top,
            "left": box.left,
            "height": box.height,
            "width": box.width,
        }
        for box in each.boxes
    ]
    return {"image_size": [size], "annotations": boxes}


def _entity_label(
    each: Labeled, categories: Mapping[str, int]
) -> tuple[dict[str, Any], dict[str, Any]]:
    entities = [
        {"label": entity.label, "startOffset": entity.start, "endOffset": entity.end}
        for entity in each.entities
    ]
    labels = [{"label": label} for label in categories]
    sure = [{"confidence": entity.confidence or 0} for entity in each.entities]
    return {"annotations": {"labels": labels, "entities": entities}}, {"entities": sure}


def _colour_map(each: Labeled) -> dict[str, dict[str, Any]]:
    return {
        str(index): {"class-name": name, "hex-color": colour, "confidence": 0}
        for index, (name, colour) in sorted(each.colours.items())
    }


def tool_colours(categories: Sequence[str]) -> dict[int, tuple[str, str]]:
    """Give categories the service's colours, from index 1; 0 is the background."""
    named = {i + 1: (name, COLOURS[i % len(COLOURS)]) for i, name in enumerate(categories)}
    return {0: ("BACKGROUND", "#ffffff"), **named}

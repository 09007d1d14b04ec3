"""COCO: boxes and masks as one JSON file per set.

Layer: exchange. Lin et al., *Microsoft COCO: Common Objects in Context*, ECCV 2014; the format is
the one that pycocotools reads. Category ids begin at 1, ``class_id`` + 1.
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import numpy as np

from gt_widgets.errors import FormatError
from gt_widgets.exchange.augmented import tool_colours
from gt_widgets.exchange.imported import Imported, copy_image, dump, only, pixel_boxes
from gt_widgets.exchange.masks import decode_segmentation, encode_rle, mask_png, read_mask
from gt_widgets.exchange.places import Names, plain_name, read_text, write_file
from gt_widgets.exchange.records import Labeled

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from gt_widgets.exchange.imported import Read, Sets

__all__ = ["export_coco", "import_coco"]


def export_coco(
    sets: Sets, folder: Path, *, categories: Mapping[str, int], read: Read | None = None
) -> None:
    """Write ``annotations/instances_<set>.json``, and images to ``<set>/`` if they can be read.

    Parameters
    ----------
    sets : mapping of set name to sequence of Labeled
        Boxes or masks; a mask gives one annotation per class.
    folder : Path
    categories : mapping of label to class id
    read : callable, optional
        Reads an image or mask by its location; masks need it, and pycocotools.

    Raises
    ------
    FormatError
        If labels are of another kind, or an image's size is not known.
    """
    only(sets, "COCO", ("boxes", "mask"), "csv, huggingface or sagemaker")
    for name, objects in sets.items():
        names = Names()
        document: dict[str, Any] = {
            "info": {"description": "Exported from Ground Truth labels by gt_widgets"},
            "licenses": [],
            "images": [],
            "annotations": [],
            "categories": [
                {"id": class_id + 1, "name": label, "supercategory": ""}
                for label, class_id in sorted(categories.items(), key=lambda pair: pair[1])
            ],
        }
        for number, each in enumerate(objects, 1):
            file_name = names.of(each.source)
            copy_image(read, each.source, folder / plain_name(name, "set") / file_name)
            image, annotations = _image(each, categories, read)
            document["images"].append({"id": number, "file_name": file_name, **image})
            for annotation in annotations:
                place = len(document["annotations"]) + 1
                document["annotations"].append({"id": place, "image_id": number, **annotation})
        path = folder / "annotations" / f"instances_{plain_name(name, 'set')}.json"
        write_file(path, dump(document))


def _image(
    each: Labeled, categories: Mapping[str, int], read: Read | None
) -> tuple[dict[str, int], list[dict[str, Any]]]:
    if each.kind == "mask":
        return _mask(each, categories, read)
    width, height = each.size()
    boxes = [
        {
            "category_id": categories[box.label] + 1,
            "bbox": [box.left, box.top, box.width, box.height],
            "area": box.width * box.height,
            "iscrowd": 0,
            "segmentation": [],
            **({} if box.confidence is None else {"score": box.confidence}),
        }
        for box in each.boxes
    ]
    return {"width": width, "height": height}, boxes


def _mask(
    each: Labeled, categories: Mapping[str, int], read: Read | None
) -> tuple[dict[str, int], list[dict[str, Any]]]:
    data = each.mask_png or (read(each.mask) if read else b"")
    if not data:
        raise FormatError(f"{each.mask}: give read=, a function that reads masks.")
    mask = read_mask(data, each.colours, each.mask)
    found = []
    for index, (label, _) in sorted(each.colours.items()):
        own = mask == index
        if label in categories and own.any():
            segmentation, area, box = encode_rle(own)
            found.append(
                {
                    "category_id": categories[label] + 1,
                    "segmentation": segmentation,
                    "area": area,
                    "bbox": box,
                    "iscrowd": 0,
                }
            )
    return {"width": int(mask.shape[1]), "height": int(mask.shape[0])}, found


def import_coco(path: Path, *, masks: bool = False) -> Imported:
    """Read a COCO file of instances.

    Parameters
    ----------
    path : Path
    masks : bool
        Read the segmentations and give one mask per image, later annotations over earlier
        ones (needs pycocotools); the boxes otherwise. A crowd's box is left out.

    Raises
    ------
    FormatError
        If it is no such file, with what is wrong where.
    """
    try:
        document = json.loads(read_text(path))
        named = sorted((int(c["id"]), str(c["name"])) for c in document["categories"])
        labels = dict(named)
        images = {image["id"]: _checked_image(image, path) for image in document["images"]}
        own: dict[Any, list[dict[str, Any]]] = {image_id: [] for image_id in images}
        for annotation in document.get("annotations", ()):
            own[annotation["image_id"]].append(annotation)
    except FormatError:
        raise
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise FormatError(
            f"{path}: expected a COCO file with images, annotations and categories; {error!r}."
        ) from error
    categories = tuple(name for _, name in named)
    if len(set(categories)) != len(categories):
        raise FormatError(f"{path}: two categories have one name.")
    skipped: list[str] = []
    make = _masked if masks else _boxed
    objects = tuple(
        make(image, own[image_id], labels, path, skipped) for image_id, image in images.items()
    )
    return Imported(objects, categories, tuple(skipped))


def _checked_image(image: dict[str, Any], path: Path) -> dict[str, Any]:
    name = plain_name(str(image["file_name"]), str(path))
    width, height = image["width"], image["height"]
    whole = all(isinstance(n, int) and not isinstance(n, bool) and n > 0 for n in (width, height))
    if not whole:
        raise FormatError(f"{path}: image {name!r} needs whole numbers for width and height.")
    return {"name": name, "width": width, "height": height}


def _boxed(
    image: dict[str, Any],
    annotations: list[dict[str, Any]],
    labels: Mapping[int, str],
    path: Path,
    skipped: list[str],
) -> Labeled:
    where = f"{path.name}, {image['name']}"
    rows = []
    for annotation, label in _labeled(annotations, labels, where):
        box: Any = annotation.get("bbox")
        score: Any = annotation.get("score")
        if annotation.get("iscrowd"):
            skipped.append(f"{where}: a crowd of {label!r} is not one box")
        elif not _is_box(box):
            skipped.append(f"{where}: a box of {label!r} is not four numbers")
        else:
            sure = float(score) if _is_confidence(score) else None
            rows.append((label, [float(side) for side in box], sure))
    size = {"width": image["width"], "height": image["height"]}
    boxes = pixel_boxes(rows, where=where, skipped=skipped, **size)
    return Labeled(image["name"], "boxes", boxes=boxes, **size)


def _labeled(
    annotations: list[dict[str, Any]], labels: Mapping[int, str], where: str
) -> Iterator[tuple[dict[str, Any], str]]:
    for annotation in annotations:
        label = labels.get(annotation.get("category_id", -1))
        if label is None:
            raise FormatError(
                f"{where}: category_id {annotation.get('category_id')!r} is none of its categories."
            )
        yield annotation, label


def _is_box(box: Any) -> bool:
    return (
        isinstance(box, list)
        and len(box) == 4  # noqa: PLR2004 - left, top, width, height
        and all(isinstance(side, int | float) and math.isfinite(side) for side in box)
    )


def _is_confidence(score: Any) -> bool:
    return isinstance(score, int | float) and 0 <= score <= 1


def _masked(
    image: dict[str, Any],
    annotations: list[dict[str, Any]],
    labels: Mapping[int, str],
    path: Path,
    skipped: list[str],
) -> Labeled:
    where = f"{path.name}, {image['name']}"
    colours = tool_colours(list(labels.values()))
    if len(colours) > 256:  # noqa: PLR2004 - of a palette
        raise FormatError(f"{path}: a palette PNG holds 255 classes, the file has {len(labels)}.")
    index = {name: number for number, (name, _) in colours.items() if number}
    size = {"width": image["width"], "height": image["height"]}
    mask = np.zeros((image["height"], image["width"]), np.uint8)
    for annotation, label in _labeled(annotations, labels, where):
        if annotation.get("segmentation"):
            shape = decode_segmentation(annotation["segmentation"], where=where, **size)
            mask[shape] = index[label]
        else:
            skipped.append(f"{where}: an annotation of {label!r} has no segmentation")
    png = mask_png(mask, {number: colour for number, (_, colour) in colours.items()})
    return Labeled(image["name"], "mask", colours=colours, mask_png=png, **size)

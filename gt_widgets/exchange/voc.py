"""Pascal VOC: an XML file of boxes per image, palette PNGs for masks.

Layer: exchange. Everingham et al., *The PASCAL Visual Object Classes (VOC) Challenge*, IJCV 2010:
pixels count from 1 and ``xmax``, ``ymax`` are part of the box. XML is read by defusedxml, which
refuses document types and with them entity bombs.
"""

from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ET  # only to write; reading is defusedxml's
from typing import TYPE_CHECKING

from gt_widgets.errors import FormatError
from gt_widgets.exchange.imported import Imported, copy_image, only, pixel_boxes
from gt_widgets.exchange.masks import mask_png, read_mask
from gt_widgets.exchange.places import Names, plain_name, read_text, write_file
from gt_widgets.exchange.records import Labeled

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from gt_widgets.exchange.imported import Read, Sets

__all__ = ["export_voc", "import_voc"]

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_XML_BYTES = 10 << 20
_EDGES = ("xmin", "ymin", "xmax", "ymax")


def export_voc(
    sets: Sets, folder: Path, *, categories: Mapping[str, int], read: Read | None = None
) -> None:
    """Write ``Annotations``, ``ImageSets/Main``, and ``JPEGImages`` if images can be read.

    Masks go to ``SegmentationClass``, with indexes ``class_id`` + 1, and ``ImageSets/
    Segmentation``; ``labels.txt`` lists the classes in ``class_id`` order.

    Raises
    ------
    FormatError
        If labels are neither boxes nor masks, or a label has characters XML cannot hold.
    """
    only(sets, "Pascal VOC", ("boxes", "mask"), "csv, huggingface or sagemaker")
    names = Names()
    for set_name, objects in sets.items():
        stems: dict[str, list[str]] = {"Main": [], "Segmentation": []}
        for each in objects:
            file_name = names.of(each.source)
            stem = file_name.rpartition(".")[0] or file_name
            copy_image(read, each.source, folder / "JPEGImages" / file_name)
            if each.kind == "mask":
                data = _index_mask(each, categories, read)
                write_file(folder / "SegmentationClass" / f"{stem}.png", data)
                stems["Segmentation"].append(stem)
            else:
                write_file(folder / "Annotations" / f"{stem}.xml", _xml(each, file_name))
                stems["Main"].append(stem)
        for kind, found in stems.items():
            if found or (kind == "Main" and not any(stems.values())):
                path = folder / "ImageSets" / kind / f"{plain_name(set_name, 'set')}.txt"
                write_file(path, "".join(f"{stem}\n" for stem in found).encode())
    labels = sorted(categories, key=lambda label: categories[label])
    write_file(folder / "labels.txt", "".join(f"{label}\n" for label in labels).encode())


def _index_mask(each: Labeled, categories: Mapping[str, int], read: Read | None) -> bytes:
    data = each.mask_png or (read(each.mask) if read else b"")
    if not data:
        raise FormatError(f"{each.mask}: give read=, a function that reads masks.")
    mask = read_mask(data, each.colours, each.mask)
    own = mask.copy()
    colours = {0: "#000000"}
    for index, (label, colour) in each.colours.items():
        number = categories[label] + 1 if label in categories else 0
        own[mask == index] = number
        if number:
            colours[number] = colour
    return mask_png(own, colours)


def _xml(each: Labeled, file_name: str) -> bytes:
    width, height = each.size()
    root = ET.Element("annotation")
    _add(root, "folder", "JPEGImages")
    _add(root, "filename", file_name)
    size = ET.SubElement(root, "size")
    for name, pixels in (("width", width), ("height", height), ("depth", each.depth or 3)):
        _add(size, name, str(pixels))
    _add(root, "segmented", "0")
    for box in each.boxes:
        entry = ET.SubElement(root, "object")
        _add(entry, "name", box.label)
        for name, value in (("pose", "Unspecified"), ("truncated", "0"), ("difficult", "0")):
            _add(entry, name, value)
        edges = (box.left + 1, box.top + 1, box.left + box.width, box.top + box.height)
        corner = ET.SubElement(entry, "bndbox")
        for name, edge in zip(_EDGES, edges, strict=True):
            _add(corner, name, f"{edge:g}" if edge % 1 else str(int(edge)))
    ET.indent(root)
    return ET.tostring(root, encoding="unicode").encode() + b"\n"


def _add(parent: ET.Element, name: str, text: str) -> None:
    if _NOT_XML.search(text):
        raise FormatError(f"{text!r} has characters that XML cannot hold; rename the label.")
    ET.SubElement(parent, name).text = text


def import_voc(
    paths: Sequence[Path], *, categories: Sequence[str] | None = None, first_pixel: int = 1
) -> Imported:
    """Read the boxes of VOC's XML files, one per image.

    Parameters
    ----------
    paths : sequence of Path
    categories : sequence of str, optional
        In ``class_id`` order; the names found, in alphabetical order, unless given.
    first_pixel : {1, 0}
        1 as VOC has it, ``xmax`` part of the box. Many tools write 0: pixels from 0, ``xmax``
        just outside.

    Raises
    ------
    FormatError
        If a file is no such XML, declares a document type, or names a label that is none of
        ``categories``.
    """
    if first_pixel not in {0, 1}:
        raise FormatError(f"first_pixel must be 1 or 0, not {first_pixel!r}.")
    skipped: list[str] = []
    objects = tuple(_labeled(path, first_pixel, skipped) for path in paths)
    names = sorted({label for each in objects for label in each.labels})
    chosen = tuple(names if categories is None else categories)
    unknown = [name for name in names if name not in chosen]
    if unknown:
        raise FormatError(f"labels {unknown[:5]} are none of the categories {list(chosen)[:20]}.")
    return Imported(objects, chosen, tuple(skipped))


def _labeled(path: Path, first_pixel: int, skipped: list[str]) -> Labeled:
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import ParseError, fromstring

    try:
        root = fromstring(read_text(path, most_bytes=_XML_BYTES), forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise FormatError(f"{path}: not an XML file to be trusted ({error!r}).") from error
    name = plain_name(_text(root, "filename", path), str(path))
    width, height = (_pixels(root, f"size/{side}", path) for side in ("width", "height"))
    rows = []
    for entry in root.iterfind("object"):
        label = _text(entry, "name", path)
        edges = [_coordinate(entry, f"bndbox/{edge}", path) for edge in _EDGES]
        left, top = edges[0] - first_pixel, edges[1] - first_pixel
        rows.append((label, (left, top, edges[2] - left, edges[3] - top), None))
    boxes = pixel_boxes(rows, width=width, height=height, where=path.name, skipped=skipped)
    depth = _text(root, "size/depth", path, "3")
    depth_number = int(depth) if depth.isdecimal() else 3
    return Labeled(name, "boxes", boxes=boxes, width=width, height=height, depth=depth_number)


def _text(element: ET.Element, name: str, path: Path, otherwise: str | None = None) -> str:
    found = element.findtext(name, otherwise)
    if found is None or not found.strip():
        raise FormatError(f"{path}: <{element.tag}> has no <{name}>.")
    return found.strip()


def _coordinate(element: ET.Element, name: str, path: Path) -> float:
    text = _text(element, name, path)
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise FormatError(f"{path}: <{name}> must be a number, not {text[:40]!r}.")
    return number


def _pixels(element: ET.Element, name: str, path: Path) -> int:
    number = _coordinate(element, name, path)
    if number < 1 or number % 1:
        raise FormatError(f"{path}: <{name}> must be a whole number above 0, not {number:g}.")
    return int(number)

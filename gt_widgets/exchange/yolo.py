"""YOLO: a text file of boxes per image, relative to its size, and ``data.yaml``.

Layer: exchange. A line is ``class x y width height``, the centre and the size of a box as shares of
the image's; the layout of folders is that of the Ultralytics documentation.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from gt_widgets.errors import FormatError
from gt_widgets.exchange.imported import Imported, copy_image, only, pixel_boxes
from gt_widgets.exchange.places import Names, plain_name, read_text, write_file
from gt_widgets.exchange.records import Labeled

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from gt_widgets.exchange.imported import Read, Sets

__all__ = ["export_yolo", "import_yolo", "yolo_categories"]

_YAML_BYTES = 1 << 20
_NUMBERS = 5
_SETS = {"train": "train", "validation": "val", "test": "test"}


def export_yolo(
    sets: Sets, folder: Path, *, categories: Mapping[str, int], read: Read | None = None
) -> None:
    """Write ``labels/<set>/*.txt``, ``data.yaml``, and ``images/<set>/`` if they can be read.

    ``validation`` is called ``val`` there. An image without boxes has an empty file.

    Raises
    ------
    FormatError
        If labels are no boxes, or an image's size is not known.
    """
    only(sets, "YOLO", ("boxes",), "coco, huggingface or sagemaker")
    names = Names()
    used = {}
    for set_name, objects in sets.items():
        used[set_name] = _SETS.get(set_name, plain_name(set_name, "set"))
        (folder / "labels" / used[set_name]).mkdir(parents=True, exist_ok=True)
        for each in objects:
            file_name = names.of(each.source)
            stem = file_name.rpartition(".")[0] or file_name
            copy_image(read, each.source, folder / "images" / used[set_name] / file_name)
            lines = _lines(each, categories)
            write_file(folder / "labels" / used[set_name] / f"{stem}.txt", lines.encode())
    write_file(folder / "data.yaml", _yaml(used, categories).encode())


def _lines(each: Labeled, categories: Mapping[str, int]) -> str:
    width, height = each.size()
    rows = (
        (
            (box.left + box.width / 2) / width,
            (box.top + box.height / 2) / height,
            box.width / width,
            box.height / height,
        )
        for box in each.boxes
    )
    return "".join(
        f"{categories[box.label]} " + " ".join(f"{n:.10g}" for n in row) + "\n"
        for box, row in zip(each.boxes, rows, strict=True)
    )


def _yaml(used: Mapping[str, str], categories: Mapping[str, int]) -> str:
    import yaml

    document: dict[str, Any] = {"path": "."}
    document |= {_SETS.get(name, own): f"images/{own}" for name, own in used.items()}
    names = sorted(categories, key=lambda label: categories[label])
    document["names"] = {categories[label]: label for label in names}
    return str(yaml.safe_dump(document, allow_unicode=True, sort_keys=False))


def yolo_categories(path: Path) -> tuple[str, ...]:
    """Read the classes of ``data.yaml``, or of a text file with one name per line.

    Raises
    ------
    FormatError
        If it has no ``names``, or they are no texts.
    """
    import yaml

    text = read_text(path, most_bytes=_YAML_BYTES)
    if path.suffix.lower() not in {".yaml", ".yml"}:
        return tuple(line.strip() for line in text.splitlines() if line.strip())
    try:
        document = yaml.safe_load(text)
        names: Any = document["names"]
        if isinstance(names, dict):
            names = [names[index] for index in range(len(names))]
    except (yaml.YAMLError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise FormatError(
            f"{path}: expected 'names' with a text for each class ({error})."
        ) from error
    if not isinstance(names, list) or not all(isinstance(n, str | int) for n in names):
        raise FormatError(f"{path}: 'names' must be a list of texts.")
    return tuple(str(name) for name in names)


def import_yolo(
    labels: Mapping[str, Path],
    *,
    categories: Sequence[str],
    size_of: Callable[[str], tuple[int, int]],
) -> Imported:
    """Read YOLO's label files.

    Parameters
    ----------
    labels : mapping of image name to label file
        An image without a file has no boxes; its file may be missing.
    categories : sequence of str
        In ``class_id`` order, see `yolo_categories`.
    size_of : callable
        Gives width and height of an image in pixels by its name.

    Raises
    ------
    FormatError
        If a line is no box of one of the categories, with its number.
    """
    skipped: list[str] = []
    objects = []
    for name, path in labels.items():
        width, height = size_of(name)
        rows = _rows(path, categories, width, height) if path.exists() else []
        boxes = pixel_boxes(rows, width=width, height=height, where=path.name, skipped=skipped)
        plain = plain_name(name, "image")
        objects.append(Labeled(plain, "boxes", boxes=boxes, width=width, height=height))
    return Imported(tuple(objects), tuple(categories), tuple(skipped))


def _rows(
    path: Path, categories: Sequence[str], width: int, height: int
) -> list[tuple[str, tuple[float, float, float, float], float | None]]:
    rows = []
    for number, line in enumerate(read_text(path).splitlines(), 1):
        words = line.split()
        if not words:
            continue
        try:
            index, values = int(words[0]), [float(word) for word in words[1:]]
        except ValueError:
            index, values = -1, []
        good = len(values) in {_NUMBERS - 1, _NUMBERS} and all(map(math.isfinite, values))
        if not good or not 0 <= index < len(categories):
            raise FormatError(
                f"{path} line {number}: expected 'class x y width height' with a class from 0 to "
                f"{len(categories) - 1}, found {line[:60]!r}."
            )
        x, y, wide, high, *sure = values
        sides = ((x - wide / 2) * width, (y - high / 2) * height, wide * width, high * height)
        rows.append((categories[index], sides, sure[0] if sure else None))
    return rows

"""What a machine labels, in the form that consolidation gives people's labels.

Layer: kinds (imports ``autolabel``, ``schema``). Reference sections 6.2, 6.4, 6.5 and 6.13.
"""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING, Any

import numpy as np

from gt_widgets.errors import ImageError
from gt_widgets.kinds.base import File, Labeled, number
from gt_widgets.schema.masks import internal_color_map, palette_png, tool_colors

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gt_widgets.autolabel import MachineBox, MachineLabel
    from gt_widgets.kinds.base import JobFacts

    Size = Callable[[], tuple[int, int, int]]

__all__ = ["machine_labeled"]


def machine_labeled(
    job: JobFacts, object_id: int, given: MachineLabel, *, created: str, size: Size
) -> Labeled:
    """Turn a machine's label into a manifest's.

    Parameters
    ----------
    job : JobFacts
    object_id : int
    given : MachineLabel
    created : str
        The creation date; it names a mask's file.
    size : callable
        Gives width, height and channels of the picture; called for boxes only.

    Returns
    -------
    Labeled
        Coordinates of boxes are whole pixels inside the picture.
    """
    if given.boxes is not None:
        return _boxes(job, given, size())
    if given.mask is not None:
        return _mask(job, object_id, given, created)
    class_id = int(given.class_id or 0)
    name = job.categories.labels[class_id]
    return Labeled(class_id, {"confidence": number(given.confidence), "class-name": name})


def _boxes(job: JobFacts, given: MachineLabel, size: tuple[int, int, int]) -> Labeled:
    width, height, depth = size
    annotations = [_box(box, width, height) for box in given.boxes or ()]
    used = sorted({entry["class_id"] for entry in annotations})
    return Labeled(
        {
            "image_size": [{"width": width, "height": height, "depth": depth}],
            "annotations": annotations,
        },
        {
            "objects": [{"confidence": number(given.confidence)} for _ in annotations],
            "class-map": {str(class_id): job.categories.labels[class_id] for class_id in used},
        },
    )


def _box(box: MachineBox, width: int, height: int) -> dict[str, int]:
    left = min(max(round(box.left), 0), width - 1)
    top = min(max(round(box.top), 0), height - 1)
    return {
        "class_id": box.class_id,
        "top": top,
        "left": left,
        "height": min(max(round(box.top + box.height) - top, 1), height - top),
        "width": min(max(round(box.left + box.width) - left, 1), width - left),
    }


def _mask(job: JobFacts, object_id: int, given: MachineLabel, created: str) -> Labeled:
    labels = job.categories.labels
    pixels = _pixels(given.mask or "")
    colors = tool_colors(len(labels))
    uri = (
        f"{job.output_folder}/annotations/consolidated-annotation/output/{object_id}_{created}.png"
    )
    color_map: Mapping[str, Any] = internal_color_map(
        labels, confidence=round(float(given.confidence), 5), colors=colors
    )
    seen = {"0", *map(str, np.unique(pixels).tolist())}
    kept = {key: entry for key, entry in color_map.items() if key in seen}
    return Labeled(
        uri,
        {"internal-color-map": kept},
        (File(uri, palette_png(pixels, colors), "image/png"),),
    )


def _pixels(mask: str) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    from PIL import Image

    try:
        image = Image.open(io.BytesIO(base64.b64decode(mask)))
        return np.asarray(image.convert("L"), dtype=np.uint8)
    except (OSError, ValueError) as error:
        raise ImageError(f"the machine's mask cannot be read: {error}") from error

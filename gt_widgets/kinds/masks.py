"""Masks: a class for every pixel.

Layer: kinds (imports ``consolidation``, ``schema``, ``simulation``). Reference sections 4.4 and
6.5. An answer is decoded and painted again by us before it is stored: what is read later is our
own bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np

from gt_widgets.consolidation import MaskResponse, consolidate_masks
from gt_widgets.errors import AnswerError, ValidationError
from gt_widgets.kinds.base import File, Kind, Labeled, picture_size, shown
from gt_widgets.schema.masks import (
    BACKGROUND,
    answer_of_mask,
    internal_color_map,
    mask_of_answer,
    palette_png,
    read_palette_png,
    tool_colors,
)
from gt_widgets.schema.runs import unpack_runs
from gt_widgets.simulation import answer_mask

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from gt_widgets.consolidation.masks import MaskMethod
    from gt_widgets.kinds.base import Answered, JobFacts, Seen
    from gt_widgets.simulation import SimulatedWorker

__all__ = ["MASK", "RUNS", "color_map_of", "image_answer", "packed_mask"]

RUNS = "mask_runs"
"""Under this name a page of ours sends its mask packed (``schema.runs``), in place of a PNG."""


def image_answer(value: Mapping[str, Any]) -> str:
    """Return ``labeledImage.pngImageData`` of an answer; AnswerError if it has none."""
    image = value.get("labeledImage")
    data = image.get("pngImageData") if isinstance(image, dict) else None
    if not isinstance(data, str):
        raise AnswerError("labeledImage.pngImageData must be a text of base64.")
    return data


def packed_mask(
    value: Mapping[str, Any], *, width: int, height: int, highest: int
) -> NDArray[np.uint8] | None:
    """Read the packed mask of an answer; None if it brings a PNG instead.

    Raises
    ------
    AnswerError
        If it is not such a mask.
    """
    if RUNS not in value:
        return None
    if not isinstance(value[RUNS], bytes):
        raise AnswerError(f"{RUNS} must be bytes beside the call; found {shown(value[RUNS])}.")
    return unpack_runs(value[RUNS], width=width, height=height, highest=highest)


def _check(value: Mapping[str, Any], seen: Seen) -> dict[str, Any]:
    width, height = picture_size(seen, "a mask")
    packed = packed_mask(value, width=width, height=height, highest=len(seen.labels))
    if packed is not None:
        return answer_of_mask(packed, seen.labels)
    mappings = value.get("labelMappings")
    if not isinstance(mappings, dict) or not all(
        isinstance(entry, dict) for entry in mappings.values()
    ):
        raise AnswerError('labelMappings must be like {"road": {"color": "#2ca02c"}}.')
    colors = {label: entry.get("color") for label, entry in mappings.items()}
    mask = mask_of_answer(
        image_answer(value), colors, categories=seen.labels, width=width, height=height
    )
    return answer_of_mask(mask, seen.labels)


def _mask(answer: Mapping[str, Any], labels: Sequence[str], found: Answered) -> NDArray[np.uint8]:
    colors = {label: entry["color"] for label, entry in answer["labelMappings"].items()}
    return mask_of_answer(
        image_answer(answer),
        colors,
        categories=labels,
        width=found.width or 0,
        height=found.height or 0,
    )


def _merge(job: JobFacts, batch: Sequence[Answered], created: str) -> dict[int, Labeled]:
    return {found.object_id: _merged(job, found, created) for found in batch}


def _merged(job: JobFacts, found: Answered, created: str) -> Labeled:
    labels = job.categories.labels
    responses = [
        MaskResponse(answer.sub, _mask(answer.value, labels, found)) for answer in found.answers
    ]
    merged = consolidate_masks(
        responses, n_classes=len(labels), method=cast("MaskMethod", job.method)
    )
    colors = tool_colors(len(labels))
    uri = (
        f"{job.output_folder}/annotations/consolidated-annotation/output/"
        f"{found.object_id}_{created}.png"
    )
    confidence = 0 if merged.confidence == 0 else round(float(merged.confidence), 5)
    color_map = internal_color_map(labels, confidence=confidence, colors=colors)
    seen = {"0", *map(str, np.unique(merged.mask).tolist())}  # as a class-map has: what occurs
    kept = {key: entry for key, entry in color_map.items() if key in seen}
    png = palette_png(merged.mask, colors)
    return Labeled(uri, {"internal-color-map": kept}, (File(uri, png, "image/png"),))


def color_map_of(metadata: Mapping[str, Any]) -> dict[int, tuple[str, str]]:
    """Class name and colour of each pixel value, from ``internal-color-map``.

    Raises
    ------
    AnswerError
        If it is missing.
    ValidationError
        If an entry has no colour, which verification and adjustment need (6.5).
    """
    found = metadata.get("internal-color-map")
    if not isinstance(found, dict) or not found:
        raise AnswerError("the earlier label has no internal-color-map.")
    classes = {}
    for key, entry in found.items():
        name, color = entry.get("class-name"), entry.get("hex-color")
        if not isinstance(name, str) or not isinstance(color, str):
            raise ValidationError(
                f"internal-color-map entry {shown(key)} of an earlier label needs class-name and "
                "hex-color, which verification and adjustment jobs show. Write them into the "
                "manifest."
            )
        classes[int(key)] = (name, color)
    return classes


def _show(
    _label: Any, metadata: Mapping[str, Any], seen: Seen, data: bytes | None
) -> dict[str, Any]:
    """Paint the earlier mask in the colours of this job's labels."""
    classes = color_map_of(metadata)
    mask = read_palette_png(data or b"")
    table = np.zeros(256, dtype=np.uint8)
    for value, (name, _) in classes.items():
        if name == BACKGROUND:
            continue
        if name not in seen.labels:
            raise AnswerError(f"the earlier mask has the class {shown(name)}, this job has not.")
        table[value] = seen.labels.index(name) + 1
    unknown = set(np.unique(mask).tolist()) - classes.keys()
    if unknown:
        raise AnswerError(f"the earlier mask has pixel values {sorted(unknown)} without a class.")
    return answer_of_mask(table[mask], seen.labels)


def _names(_label: Any, metadata: Mapping[str, Any]) -> tuple[str, ...]:
    names = (name for _, (name, _) in sorted(color_map_of(metadata).items()))
    return tuple(name for name in names if name != BACKGROUND)


def _simulate(
    truth: Any, worker: SimulatedWorker, rng: random.Random, seen: Seen
) -> dict[str, Any]:
    size = picture_size(seen, "a mask")
    mask = answer_mask(truth, worker=worker, rng=rng, size=size, categories=seen.labels)
    return answer_of_mask(mask, seen.labels)


MASK = Kind(
    "mask",
    check=_check,
    merge=_merge,
    show=_show,
    names=_names,
    simulate=_simulate,
    metadata_keys=(
        "internal-color-map",
        "type",
        "human-annotated",
        "creation-date",
        "job-name",
    ),
    methods=("majority", "staple"),
    decodes=True,
    answer='{"inputImageProperties": {"height": 533, "width": 800}, "labelMappings": {"road": '
    '{"color": "#2ca02c"}}, "labeledImage": {"pngImageData": "<base64 PNG>"}}',
    label='"s3://.../annotations/consolidated-annotation/output/0_2026-11-20T10:48:00.091190.png"',
    truth="an array of shape (height, width), 0 for BACKGROUND and k for the k-th category; or "
    "boxes or polygons, which are filled",
)

"""From a picture's bytes and a hint to a proposal, by the user's model or by colours.

Layer: segmentation. Decodes untrusted bytes: run it in a process of its own.
"""

from __future__ import annotations

import io
import struct
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from gt_widgets.errors import ImageError, WorkerError
from gt_widgets.schema.limits import IMAGE_PIXELS
from gt_widgets.schema.runs import pack_runs
from gt_widgets.schema.shown import as_shown
from gt_widgets.segmentation.colors import crop_around, propose_by_color
from gt_widgets.segmentation.onnx import PromptableModel
from gt_widgets.segmentation.prompts import Region

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from gt_widgets.segmentation.prompts import Prompt

__all__ = ["ModelFiles", "Proposal", "propose"]

_SIDE = 256
"""Longest side in pixels at which colours are looked at."""
_DAMAGE = (OSError, ValueError, SyntaxError, struct.error, EOFError)


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """A promptable model of the user's: encoder and decoder as ONNX files."""

    encoder: Path
    decoder: Path


@dataclass(frozen=True, slots=True)
class Proposal:
    """A mask of 0 and 1 for one region of the picture, packed (``schema.runs``)."""

    region: Region
    packed: bytes
    method: str


def propose(data: bytes, prompt: Prompt, model: ModelFiles | None) -> Proposal:
    """Propose a mask.

    Parameters
    ----------
    data : bytes
        The stored picture, JPEG or PNG.
    prompt : Prompt
        The hint, inside the picture.
    model : ModelFiles or None
        None goes by colours, which cannot do with clicks alone.

    Raises
    ------
    ImageError
        If the picture or the model cannot be read.
    WorkerError
        If the hint needs a model and there is none.
    """
    pixels = _pixels(data)
    height, width = pixels.shape[:2]
    if model is not None:
        whole = PromptableModel(model.encoder, model.decoder).propose(pixels, prompt)
        return _proposal(whole, Region(0, 0, width, height), "model")
    if prompt.form == "clicks":
        raise WorkerError(
            "Clicks need a promptable model, which this engine does not have; give a rough box or "
            "four extreme points. docs/guides/auto-segment.md says how to add one."
        )
    region = crop_around(prompt, width=width, height=height)
    crop = Image.fromarray(pixels[region.top : region.bottom, region.left : region.right])
    scale = min(_SIDE / max(crop.size), 1.0)
    small = crop.resize(
        (max(round(crop.width * scale), 2), max(round(crop.height * scale), 2)),
        Image.Resampling.BOX if scale < 1 else Image.Resampling.NEAREST,
    )
    box, polygon = _in_crop(prompt, region, small.width / crop.width, small.height / crop.height)
    share = Image.fromarray(propose_by_color(np.asarray(small), box, polygon).astype(np.float32))
    return _proposal(
        np.asarray(share.resize(crop.size, Image.Resampling.BILINEAR)) > 0.5,  # noqa: PLR2004
        region,
        "colors",
    )


def _in_crop(
    prompt: Prompt, crop: Region, across: float, down: float
) -> tuple[tuple[float, float, float, float], NDArray[np.float64]]:
    """The hint in pixels of the reduced crop: its box, and what is most likely the thing."""
    box = prompt.region
    left, right = (box.left - crop.left) * across, (box.right - crop.left) * across
    top, bottom = (box.top - crop.top) * down, (box.bottom - crop.top) * down
    if prompt.form == "extreme":
        middle = ((left + right) / 2, (top + bottom) / 2)
        corners = [((x - crop.left) * across, (y - crop.top) * down) for x, y in prompt.points]
        corners.sort(key=lambda at: np.arctan2(at[1] - middle[1], at[0] - middle[0]))
        return (left, top, right, bottom), np.array(corners)
    turns = np.linspace(0, 2 * np.pi, 32, endpoint=False)
    radius_x, radius_y = 0.4 * (right - left), 0.4 * (bottom - top)
    ellipse = np.column_stack(
        (
            (left + right) / 2 + radius_x * np.cos(turns),
            (top + bottom) / 2 + radius_y * np.sin(turns),
        )
    )
    return (left, top, right, bottom), ellipse


def _proposal(mask: NDArray[np.bool_], frame: Region, method: str) -> Proposal:
    """Cut a mask to what it holds; an empty one stays one pixel of nothing."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not rows.size:
        rows = columns = np.array([0])
    top, bottom = int(rows[0]), int(rows[-1]) + 1
    left, right = int(columns[0]), int(columns[-1]) + 1
    part = np.ascontiguousarray(mask[top:bottom, left:right]).astype(np.uint8)
    place = Region(frame.left + left, frame.top + top, frame.left + right, frame.top + bottom)
    return Proposal(place, pack_runs(part), method)


def _pixels(data: bytes) -> NDArray[np.uint8]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of large pictures and odd tags
            image = Image.open(io.BytesIO(data), formats=("JPEG", "PNG"))
        if image.width * image.height > IMAGE_PIXELS:
            raise ImageError(f"{image.width} x {image.height} pixels; at most {IMAGE_PIXELS}.")
        return np.asarray(as_shown(image))
    except (*_DAMAGE, Image.DecompressionBombError) as error:
        raise ImageError(f"the picture's pixels are damaged ({error}).") from error

"""What a labeler points out: a rough box, four extreme points, or clicks.

Layer: segmentation (plain data).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from gt_widgets.errors import WorkerError

__all__ = ["Prompt", "Region", "read_prompt"]

_EXTREMES = 4
_MAX_CLICKS = 64
_SMALLEST = 3


@dataclass(frozen=True, slots=True)
class Region:
    """A part of a picture in whole pixels: left and top inclusive, right and bottom exclusive."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        """Columns."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """Rows."""
        return self.bottom - self.top


@dataclass(frozen=True, slots=True)
class Prompt:
    """A hint, in pixels of the stored picture.

    Attributes
    ----------
    form : {"box", "extreme", "clicks"}
    points : tuple of (x, y)
        Four for extreme points, at least one for clicks, none for a box.
    inside : tuple of bool
        For each click whether it lies on the thing.
    region : Region
        What the hint encloses; for clicks the whole picture.
    """

    form: str
    points: tuple[tuple[float, float], ...]
    inside: tuple[bool, ...]
    region: Region


def read_prompt(prompt: Any, *, width: int, height: int) -> Prompt:
    """Read a hint as the worker protocol has it; it is clipped to the picture.

    Parameters
    ----------
    prompt : object
        ``{"box": {"left", "top", "width", "height"}}``, ``{"extreme": [{"x", "y"}, ...]}`` with
        four points, or ``{"clicks": [{"x", "y", "inside": bool}, ...]}``.
    width, height : int
        Size of the picture in pixels.

    Raises
    ------
    WorkerError
        If it is none of these, or encloses fewer than 3 x 3 pixels.
    """
    if not isinstance(prompt, dict) or len(prompt) != 1:
        raise WorkerError('A prompt has one member: "box", "extreme" or "clicks".')
    [(form, value)] = prompt.items()
    if form == "box" and isinstance(value, dict):
        left, top = _number(value.get("left")), _number(value.get("top"))
        corners = (
            (left, top),
            (left + _number(value.get("width")), top + _number(value.get("height"))),
        )
        return Prompt(form, (), (), _around(corners, width, height))
    if form == "extreme" and isinstance(value, list) and len(value) == _EXTREMES:
        points = tuple(_point(each, width, height) for each in value)
        return Prompt(form, points, (), _around(points, width, height))
    if form == "clicks" and isinstance(value, list) and 0 < len(value) <= _MAX_CLICKS:
        points = tuple(_point(each, width, height) for each in value)
        inside = tuple(each.get("inside", True) is True for each in value)
        return Prompt(form, points, inside, Region(0, 0, width, height))
    raise WorkerError(
        f"{str(form)[:20]!r} is no prompt: a box has left, top, width and height; extreme points "
        f"are {_EXTREMES}; clicks are 1 to {_MAX_CLICKS}."
    )


def _point(value: Any, width: int, height: int) -> tuple[float, float]:
    if not isinstance(value, dict):
        raise WorkerError("A point has x and y.")
    x, y = _number(value.get("x")), _number(value.get("y"))
    return min(max(x, 0.0), float(width)), min(max(y, 0.0), float(height))


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e9:  # noqa: PLR2004 - false for NaN too
        raise WorkerError(f"A coordinate must be a number of pixels; found {str(value)[:40]!r}.")
    return float(value)


def _around(points: tuple[tuple[float, float], ...], width: int, height: int) -> Region:
    xs, ys = [x for x, _ in points], [y for _, y in points]
    region = Region(
        max(math.floor(min(xs)), 0),
        max(math.floor(min(ys)), 0),
        min(math.ceil(max(xs)), width),
        min(math.ceil(max(ys)), height),
    )
    if min(region.width, region.height) < _SMALLEST:
        raise WorkerError(
            f"The hint encloses {max(region.width, 0)} x {max(region.height, 0)} pixels of the "
            f"picture; at least {_SMALLEST} x {_SMALLEST} are needed."
        )
    return region

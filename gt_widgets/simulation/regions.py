"""What simulated workers paint and draw: masks, instances, polygons, lines and points.

Layer: simulation (imports only ``errors``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gt_widgets.errors import ValidationError
from gt_widgets.simulation.boxes import anywhere, check_true_label, seen_as, spurious

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gt_widgets.simulation.workers import SimulatedWorker

__all__ = ["answer_instances", "answer_mask", "answer_shapes"]

Vertices = tuple[tuple[float, float], ...]


def answer_mask(
    truth: Any,
    *,
    worker: SimulatedWorker,
    rng: random.Random,
    size: tuple[int, int],
    categories: Sequence[str],
) -> NDArray[np.uint8]:
    """Paint one picture.

    Parameters
    ----------
    truth : array of shape (height, width), or sequence of mappings
        The right class of each pixel, 0 for BACKGROUND and k for the k-th category; or things to
        be filled: boxes (``label, left, top, width, height``) or polygons (``label, vertices``).
    worker : SimulatedWorker
    rng : random.Random
    size : (int, int)
        Width and height of the picture in pixels.
    categories : sequence of str

    Returns
    -------
    ndarray of shape (height, width), uint8
        Each class is seen with ``accuracy``, else missed or taken for another; where it lies is
        off by ``box_jitter_px``.

    Raises
    ------
    ValidationError
        If the truth is of another size, or uses a label that is not one of the categories.
    """
    right = _true_mask(truth, size, categories)
    painted = np.zeros_like(right)
    for value in np.unique(right).tolist():
        if value:
            label = seen_as(categories[value - 1], worker, categories, rng)
            moved = _moved(right == value, worker, rng)
            if label is not None:
                painted[moved] = categories.index(label) + 1
    return painted


def answer_instances(
    truth: Any,
    *,
    worker: SimulatedWorker,
    rng: random.Random,
    size: tuple[int, int],
    categories: Sequence[str],
) -> tuple[NDArray[np.uint8], list[str]]:
    """Paint each thing of one picture by itself.

    Takes the parameters of `answer_mask`; ``truth`` must be a sequence of things.

    Returns
    -------
    tuple of (ndarray of shape (height, width), list of str)
        k is the k-th instance, whose label is the k-th of the list.
    """
    painted = np.zeros((size[1], size[0]), dtype=np.uint8)
    labels: list[str] = []
    for thing in truth:
        check_true_label(thing["label"], categories)
        label = seen_as(thing["label"], worker, categories, rng)
        moved = _moved(_filled(thing, size), worker, rng)
        if label is not None and moved.any():
            labels.append(label)
            painted[moved] = len(labels)
    return painted, labels


def answer_shapes(
    truth: Sequence[tuple[str, Vertices]],
    *,
    worker: SimulatedWorker,
    rng: random.Random,
    size: tuple[int, int],
    categories: Sequence[str],
) -> list[tuple[str, Vertices]]:
    """Draw polygons, polylines, lines or points.

    Parameters
    ----------
    truth : sequence of (label, vertices)
        Vertices are ``(x, y)`` in image pixels; all things have the form the job asks for.

    Returns
    -------
    list of (label, vertices)
        Whole pixels inside the picture; as many vertices as the truth has.
    """
    drawn = []
    for label, vertices in truth:
        check_true_label(label, categories)
        given = seen_as(label, worker, categories, rng)
        moved = tuple(_off(vertex, worker, size, rng) for vertex in vertices)
        if given is not None:
            drawn.append((given, moved))
    if spurious(worker, rng) and truth:
        left, top, width, height = anywhere(size, rng)
        corners = [(left, top), (left + width, top), (left + width, top + height)]
        count = len(truth[0][1])
        some = tuple(_off(corners[i % 3], worker, size, rng) for i in range(count))
        drawn.append((rng.choice(list(categories)), some))
    return drawn


def _true_mask(truth: Any, size: tuple[int, int], categories: Sequence[str]) -> NDArray[np.uint8]:
    width, height = size
    if isinstance(truth, np.ndarray):
        if truth.shape != (height, width) or int(truth.max(initial=0)) > len(categories):
            raise ValidationError(
                f"the true mask has shape {truth.shape} and classes up to "
                f"{int(truth.max(initial=0))}; the picture has {height} rows of {width} pixels and "
                f"the job {len(categories)} categories"
            )
        return truth.astype(np.uint8)
    mask = np.zeros((height, width), dtype=np.uint8)
    for thing in truth:
        check_true_label(thing["label"], categories)
        mask[_filled(thing, size)] = categories.index(thing["label"]) + 1
    return mask


def _filled(thing: Any, size: tuple[int, int]) -> NDArray[np.bool_]:
    """Pixels of a box or a polygon; a pixel belongs to it if its centre does."""
    from PIL import Image, ImageDraw

    if "vertices" in thing:
        picture = Image.new("1", size)
        points = [(point["x"], point["y"]) for point in thing["vertices"]]
        ImageDraw.Draw(picture).polygon(points, fill=1)
        return np.array(picture, dtype=bool)
    inside = np.zeros((size[1], size[0]), dtype=bool)
    left, top = int(thing["left"]), int(thing["top"])
    inside[top : top + int(thing["height"]), left : left + int(thing["width"])] = True
    return inside


def _moved(
    inside: NDArray[np.bool_], worker: SimulatedWorker, rng: random.Random
) -> NDArray[np.bool_]:
    """Shift a region by the worker's jitter; what leaves the picture is gone."""
    down, right = (round(rng.gauss(0.0, worker.box_jitter_px)) for _ in range(2))
    moved = np.zeros_like(inside)
    height, width = inside.shape
    if abs(down) < height and abs(right) < width:
        to = moved[max(0, down) : height + min(0, down), max(0, right) : width + min(0, right)]
        to[...] = inside[
            max(0, -down) : height - max(0, down), max(0, -right) : width - max(0, right)
        ]
    return moved


def _off(
    vertex: tuple[float, float], worker: SimulatedWorker, size: tuple[int, int], rng: random.Random
) -> tuple[float, float]:
    x, y = (
        min(max(round(value + rng.gauss(0.0, worker.box_jitter_px)), 0), side)
        for value, side in zip(vertex, size, strict=True)
    )
    return x, y

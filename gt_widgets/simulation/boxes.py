"""What simulated workers answer about whole objects and with boxes.

Layer: simulation (imports only ``geometry`` and ``errors``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gt_widgets.errors import ValidationError
from gt_widgets.geometry import as_boxes, clip_boxes, round_boxes

if TYPE_CHECKING:
    import random
    from collections.abc import Collection, Mapping, Sequence

    from gt_widgets.simulation.workers import SimulatedWorker

__all__ = [
    "answer_boxes",
    "answer_class",
    "answer_label_set",
    "anywhere",
    "check_true_label",
    "seen_as",
    "spurious",
]


def answer_class(
    truth: str, *, worker: SimulatedWorker, rng: random.Random, categories: Sequence[str]
) -> dict[str, Any]:
    """Answer one image classification task.

    Parameters
    ----------
    truth : str
        The right label, one of ``categories``.
    worker : SimulatedWorker
    rng : random.Random
        For example ``worker.rng(object_id)``.
    categories : sequence of str

    Returns
    -------
    dict
        The ``content`` of a submit: ``{"crowd-image-classifier": {"label": ...}}``.

    Raises
    ------
    ValidationError
        If ``truth`` is not one of the categories.
    """
    check_true_label(truth, categories)
    right = rng.random() < worker.accuracy
    label = truth if right else _other_label(truth, categories, rng) or truth
    return {"crowd-image-classifier": {"label": label}}


def answer_label_set(
    truth: Collection[str],
    *,
    worker: SimulatedWorker,
    rng: random.Random,
    categories: Sequence[str],
) -> dict[str, Any]:
    """Answer one multi-label task: each label is judged by itself, right with ``accuracy``.

    Returns
    -------
    dict
        ``{"labels": [...]}``, in the order of ``categories``.

    Raises
    ------
    ValidationError
        If a true label is not one of the categories.
    """
    for label in truth:
        check_true_label(label, categories)
    chosen = [
        label
        for label in categories
        if (label in truth) == (rng.random() < worker.accuracy)  # right, or wrong twice
    ]
    return {"labels": chosen}


def answer_boxes(
    truth: Sequence[Mapping[str, Any]],
    *,
    worker: SimulatedWorker,
    rng: random.Random,
    size: tuple[int, int],
    categories: Sequence[str],
) -> dict[str, Any]:
    """Answer one bounding box task.

    Parameters
    ----------
    truth : sequence of mappings
        The right boxes: ``label, left, top, width, height`` in image pixels.
    worker : SimulatedWorker
    rng : random.Random
        For example ``worker.rng(object_id)``.
    size : (int, int)
        Width and height of the picture in pixels.
    categories : sequence of str

    Returns
    -------
    dict
        The ``content`` of a submit: ``{"boundingBox": {"boundingBoxes": [...],
        "inputImageProperties": {"width", "height"}}}``, whole pixels inside the picture.

    Raises
    ------
    ValidationError
        If a true label is not one of the categories.
    """
    drawn: list[tuple[str, list[float]]] = []
    for box in truth:
        check_true_label(box["label"], categories)
        label = seen_as(box["label"], worker, categories, rng)
        sides = [float(box[side]) for side in ("left", "top", "width", "height")]
        jittered = _jitter(sides, worker.box_jitter_px, rng)
        if label is not None:
            drawn.append((label, jittered))
    if spurious(worker, rng):
        drawn.append((rng.choice(list(categories)), anywhere(size, rng)))
    width, height = size
    rows = round_boxes(_inside([row for _, row in drawn], width=width, height=height))
    boxes = [
        {"label": label, "left": row[0], "top": row[1], "width": row[2], "height": row[3]}
        for (label, _), row in zip(drawn, rows.tolist(), strict=True)
    ]
    properties = {"width": width, "height": height}
    return {"boundingBox": {"boundingBoxes": boxes, "inputImageProperties": properties}}


def check_true_label(label: str, categories: Sequence[str]) -> None:
    """Refuse a truth that the job's categories do not have; ValidationError."""
    if label not in categories:
        raise ValidationError(
            f"the truth must use the label categories {list(categories)}; found {label!r}"
        )


def _other_label(truth: str, categories: Sequence[str], rng: random.Random) -> str | None:
    others = [label for label in categories if label != truth]
    return rng.choice(others) if others else None


def seen_as(
    truth: str, worker: SimulatedWorker, categories: Sequence[str], rng: random.Random
) -> str | None:
    """Return the label a worker gives to a thing; None if he misses it."""
    if rng.random() < worker.accuracy:
        return truth
    return _other_label(truth, categories, rng) if rng.random() < 0.5 else None  # noqa: PLR2004


def _jitter(box: list[float], jitter_px: float, rng: random.Random) -> list[float]:
    left, top, width, height = box
    edges = [left, top, left + width, top + height]
    left, top, right, bottom = (edge + rng.gauss(0.0, jitter_px) for edge in edges)
    return [left, top, max(right - left, 1.0), max(bottom - top, 1.0)]


def spurious(worker: SimulatedWorker, rng: random.Random) -> bool:
    """Tell whether a worker marks something that is not there."""
    return rng.random() < (1.0 - worker.accuracy) / 2.0


def anywhere(size: tuple[int, int], rng: random.Random) -> list[float]:
    """Return left, top, width and height of a box somewhere in the picture."""
    width, height = (side * rng.uniform(0.08, 0.3) for side in size)
    left, top = rng.uniform(0.0, size[0] - width), rng.uniform(0.0, size[1] - height)
    return [left, top, width, height]


def _inside(rows: list[list[float]], *, width: int, height: int) -> Any:
    """Round and cut at the borders; a box pushed outside becomes a pixel at the border."""
    whole = clip_boxes(round_boxes(as_boxes(rows)).astype(float), width=width, height=height)
    whole[:, 2:] = whole[:, 2:].clip(min=1.0)
    whole[:, 0] = whole[:, 0].clip(max=width - whole[:, 2])
    whole[:, 1] = whole[:, 1].clip(max=height - whole[:, 3])
    return whole

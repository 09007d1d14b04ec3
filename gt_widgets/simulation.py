"""Simulated workers: people with a known accuracy, for trying a job out and for tests.

Layer: simulation (pure functions; imports only ``geometry`` and ``errors``). Names begin with
``simulated``, so that wherever their answers appear they are called so.

The model of a worker of accuracy ``q``:

- a class is right with probability ``q``; else it is one of the other categories, all alike;
- a logo is boxed with the right label with probability ``q``; else it is missed or, half of
  the time, boxed with another label (always missed when there is no other label);
- a picture gets one spurious box with probability ``(1 - q) / 2``;
- each edge of a box is off by a normal deviate of ``box_jitter_px``; the box stays inside the
  picture and at least 1 pixel wide and high;
- the time per task is log-normal with median ``seconds_per_task`` and a spread of about a
  third.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gt_widgets.errors import ValidationError
from gt_widgets.geometry import as_boxes, clip_boxes, round_boxes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["SimulatedWorker", "answer_boxes", "answer_class", "simulated_team", "time_spent_s"]

_TIME_SPREAD = 0.35


@dataclass(frozen=True, slots=True)
class SimulatedWorker:
    """A worker that can be replayed.

    Parameters
    ----------
    name : str
        Starts with ``"simulated"``.
    accuracy : float in [0, 1]
    box_jitter_px : float >= 0
        Standard deviation of each edge, in image pixels.
    seconds_per_task : float > 0
        Median.
    seed : int

    Raises
    ------
    ValidationError
        If a number lies outside its range or the name hides that nobody is there.
    """

    name: str
    accuracy: float = 0.9
    box_jitter_px: float = 3.0
    seconds_per_task: float = 12.0
    seed: int = 0

    def __post_init__(self) -> None:
        if not self.name.startswith("simulated"):
            raise ValidationError(
                f"the name of a simulated worker starts with 'simulated'; found {self.name!r}"
            )
        if not 0.0 <= self.accuracy <= 1.0:
            raise ValidationError(f"accuracy must lie in [0, 1]; found {self.accuracy}")
        if not 0.0 <= self.box_jitter_px < math.inf:
            raise ValidationError(f"box_jitter_px must be >= 0; found {self.box_jitter_px}")
        if not 0.0 < self.seconds_per_task < math.inf:
            raise ValidationError(f"seconds_per_task must be > 0; found {self.seconds_per_task}")

    def rng(self, object_id: str) -> random.Random:
        """Return the random numbers of this worker for one object.

        They depend on name, seed and object alone: the answer is the same whichever task
        comes first and however many processes run.
        """
        return random.Random(f"{self.seed}/{self.name}/{object_id}")


def simulated_team(
    workers: int,
    *,
    accuracy: float = 0.9,
    box_jitter_px: float = 3.0,
    seconds_per_task: float = 12.0,
    seed: int = 0,
) -> list[SimulatedWorker]:
    """Return ``simulated-1``, ``simulated-2`` ... with the same parameters.

    Raises
    ------
    ValidationError
        If ``workers`` < 1 or a parameter lies outside its range.
    """
    if workers < 1:
        raise ValidationError(f"a simulated team needs at least one worker; found {workers}")
    return [
        SimulatedWorker(f"simulated-{i + 1}", accuracy, box_jitter_px, seconds_per_task, seed)
        for i in range(workers)
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
    _check_label(truth, categories)
    right = rng.random() < worker.accuracy
    label = truth if right else _other_label(truth, categories, rng) or truth
    return {"crowd-image-classifier": {"label": label}}


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
        _check_label(box["label"], categories)
        label = _seen_as(box["label"], worker, categories, rng)
        sides = [float(box[side]) for side in ("left", "top", "width", "height")]
        jittered = _jitter(sides, worker.box_jitter_px, rng)
        if label is not None:
            drawn.append((label, jittered))
    if rng.random() < (1.0 - worker.accuracy) / 2.0:
        drawn.append((rng.choice(list(categories)), _anywhere(size, rng)))
    width, height = size
    rows = round_boxes(_inside([row for _, row in drawn], width=width, height=height))
    boxes = [
        {"label": label, "left": row[0], "top": row[1], "width": row[2], "height": row[3]}
        for (label, _), row in zip(drawn, rows.tolist(), strict=True)
    ]
    properties = {"width": width, "height": height}
    return {"boundingBox": {"boundingBoxes": boxes, "inputImageProperties": properties}}


def time_spent_s(worker: SimulatedWorker, rng: random.Random) -> float:
    """Draw the active time of one task, in seconds, rounded to milliseconds."""
    seconds = rng.lognormvariate(math.log(worker.seconds_per_task), _TIME_SPREAD)
    return round(max(seconds, 0.001), 3)


def _check_label(label: str, categories: Sequence[str]) -> None:
    if label not in categories:
        raise ValidationError(
            f"the truth must use the label categories {list(categories)}; found {label!r}"
        )


def _other_label(truth: str, categories: Sequence[str], rng: random.Random) -> str | None:
    others = [label for label in categories if label != truth]
    return rng.choice(others) if others else None


def _seen_as(
    truth: str, worker: SimulatedWorker, categories: Sequence[str], rng: random.Random
) -> str | None:
    if rng.random() < worker.accuracy:
        return truth
    return _other_label(truth, categories, rng) if rng.random() < 0.5 else None  # noqa: PLR2004


def _jitter(box: list[float], jitter_px: float, rng: random.Random) -> list[float]:
    left, top, width, height = box
    edges = [left, top, left + width, top + height]
    left, top, right, bottom = (edge + rng.gauss(0.0, jitter_px) for edge in edges)
    return [left, top, max(right - left, 1.0), max(bottom - top, 1.0)]


def _anywhere(size: tuple[int, int], rng: random.Random) -> list[float]:
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

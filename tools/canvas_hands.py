"""A labeler's hand on each canvas of the gallery, for ``tools/screenshots.py``.

Each function does one task of ``notebooks/02_canvases.ipynb`` far enough to be looked at.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import gt_widgets as gt

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gt_widgets.testing.hands import WorkerPage

__all__ = ["HANDS", "Hand"]

Box: TypeAlias = dict[str, Any]
Hand: TypeAlias = "Callable[[WorkerPage, Sequence[tuple[int, Box]]], None]"
"""Takes a worker's page and the logos of the picture, each with the number of its label."""

_CORNERS = 8
SEED_OF_TEXTS = 13


def _boxes(worker: WorkerPage, logos: Sequence[tuple[int, Box]]) -> None:
    canvas = worker.canvas()
    for number, box in logos:
        worker.page.keyboard.press(str(number))
        canvas.drag(box["left"], box["top"], box["width"], box["height"])


def _outline(box: Box, share: float = 0.5) -> list[tuple[float, float]]:
    """Points on an ellipse about the middle of a box."""
    x, y = box["left"] + box["width"] / 2, box["top"] + box["height"] / 2
    turns = [2 * math.pi * corner / _CORNERS for corner in range(_CORNERS)]
    return [
        (x + share * box["width"] * math.cos(turn), y + share * box["height"] * math.sin(turn))
        for turn in turns
    ]


def _click(worker: WorkerPage, points: Sequence[tuple[float, float]], end: str = "") -> None:
    canvas = worker.canvas()
    for point in points:
        canvas.click(*point)
    if end:
        worker.page.keyboard.press(end)


def _polygons(worker: WorkerPage, logos: Sequence[tuple[int, Box]]) -> None:
    for number, box in logos:
        worker.page.keyboard.press(str(number))
        _click(worker, _outline(box), "Enter")


def _polylines(worker: WorkerPage, logos: Sequence[tuple[int, Box]]) -> None:
    for number, box in logos:
        worker.page.keyboard.press(str(number))
        _click(worker, _outline(box)[_CORNERS // 2 :], "Enter")


def _lines(worker: WorkerPage, logos: Sequence[tuple[int, Box]]) -> None:
    canvas = worker.canvas()
    for number, box in logos:
        worker.page.keyboard.press(str(number))
        middle = box["top"] + box["height"] / 2
        canvas.move((box["left"], middle), (box["left"] + box["width"], middle))


def _points(worker: WorkerPage, logos: Sequence[tuple[int, Box]]) -> None:
    for number, box in logos:
        worker.page.keyboard.press(str(number))
        _click(worker, [(box["left"] + box["width"] / 2, box["top"] + box["height"] / 2)])


def _paint(worker: WorkerPage, logos: Sequence[tuple[int, Box]]) -> None:
    """A polygon around each logo, then the brush in hand."""
    worker.cell.locator('[data-gt-mask="open"]').wait_for()
    canvas = worker.canvas()
    canvas.element.focus()
    for steps, (number, box) in enumerate(logos, start=1):
        worker.page.keyboard.press(str(number))
        worker.page.keyboard.press("p")
        points = _outline(box, 0.48)
        _click(worker, [*points, points[0]])
        worker.cell.locator(f'[data-gt-steps="{steps}"]').wait_for()
    worker.page.keyboard.press("b")


def _one_class(worker: WorkerPage, logos: Sequence[tuple[int, Box]]) -> None:
    number, _ = max(logos, key=lambda each: each[1]["width"] * each[1]["height"])
    worker.page.keyboard.press(str(number))


def _classes(worker: WorkerPage, logos: Sequence[tuple[int, Box]]) -> None:
    for number, _ in logos:
        worker.page.keyboard.press(str(number))


def _topics(ask: Literal["topic", "topics"]) -> Hand:
    def choose(worker: WorkerPage, _: Sequence[tuple[int, Box]]) -> None:
        messages = gt.delivery_messages(count=2, seed=SEED_OF_TEXTS, ask=ask)
        right = messages.truth[worker.passage().text]
        for label in [right] if isinstance(right, str) else right:
            worker.page.keyboard.press(str(messages.categories.index(label) + 1))

    return choose


def _entities(worker: WorkerPage, _: Sequence[tuple[int, Box]]) -> None:
    messages = gt.delivery_messages(count=2, seed=SEED_OF_TEXTS, ask="entities")
    passage = worker.passage()
    text = passage.text
    for entity in messages.truth[text]:
        passage.drag(text[entity["startOffset"] : entity["endOffset"]])
        worker.page.keyboard.press(str(messages.categories.index(entity["label"]) + 1))


def _verdict(worker: WorkerPage, _: Sequence[tuple[int, Box]]) -> None:
    worker.page.keyboard.press("2")
    worker.cell.locator("textarea").fill("The box of Tundrix lies too high.")
    worker.canvas().element.focus()


def _mend(worker: WorkerPage, _: Sequence[tuple[int, Box]]) -> None:
    worker.canvas().element.focus()
    worker.page.keyboard.press("]")


def _mended_mask(worker: WorkerPage, _: Sequence[tuple[int, Box]]) -> None:
    worker.cell.locator('[data-gt-mask="open"]').wait_for()
    worker.canvas().element.focus()
    worker.page.keyboard.press("e")


HANDS: dict[str, Hand] = {
    "bounding-box": _boxes,
    "polygon": _polygons,
    "polyline": _polylines,
    "line": _lines,
    "keypoint": _points,
    "semantic-segmentation": _paint,
    "instance-segmentation": _paint,
    "image-classification": _one_class,
    "image-classification-multi-label": _classes,
    "text-classification": _topics("topic"),
    "text-classification-multi-label": _topics("topics"),
    "named-entity-recognition": _entities,
    "bounding-box-verification": _verdict,
    "bounding-box-adjustment": _mend,
    "semantic-segmentation-adjustment": _mended_mask,
}

"""What a detector is shown while it learns: pictures and boxes, never twice the same.

Layer: autolabel (imports only ``errors``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gt_widgets.autolabel.detectors.canvas import paste

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gt_widgets.autolabel.boxes import FoundBoxes
    from gt_widgets.autolabel.detectors.canvas import Canvas

__all__ = ["Lesson", "Lessons"]

_MOST_GLUED = 3


class Lesson(NamedTuple):
    """A picture of the canvas's size, and its boxes."""

    pixels: NDArray[np.uint8]
    boxes: NDArray[np.float64]
    classes: NDArray[np.intp]


class Lessons:
    """Pictures and boxes to learn from.

    Parameters
    ----------
    canvases : list of Canvas
    boxes : sequence of FoundBoxes
        In each picture's own pixels.
    flips : bool
        Whether a mirrored picture is as good.
    """

    def __init__(self, canvases: list[Canvas], boxes: Sequence[FoundBoxes], *, flips: bool) -> None:
        self.canvases, self.boxes, self.flips = canvases, boxes, flips
        self._scraps = [
            (canvas.scrap(box), int(class_id))
            for canvas, found in zip(canvases, boxes, strict=True)
            for box, class_id in zip(found.boxes, found.classes, strict=True)
        ]
        self._order: list[int] = []

    def batch(self, size: int, *, rng: np.random.Generator) -> list[Lesson]:
        """Draw pictures, each as often as any other."""
        while len(self._order) < size:
            self._order.extend(rng.permutation(len(self.canvases)).tolist())
        chosen, self._order = self._order[:size], self._order[size:]
        return [self._varied(place, rng) for place in chosen]

    def _varied(self, place: int, rng: np.random.Generator) -> Lesson:
        """A picture in another light, with up to three boxes of others glued on."""
        found = self.boxes[place]
        image, boxes = self.canvases[place].varied(found.boxes, flips=self.flips, rng=rng)
        classes = found.classes
        for _ in range(int(rng.integers(_MOST_GLUED + 1)) if self._scraps else 0):
            scrap, class_id = self._scraps[int(rng.integers(len(self._scraps)))]
            box = paste(image, boxes, scrap, rng=rng)
            if box is not None:
                boxes, classes = np.concatenate([boxes, box[None]]), np.append(classes, class_id)
        return Lesson(np.asarray(image), boxes, classes)

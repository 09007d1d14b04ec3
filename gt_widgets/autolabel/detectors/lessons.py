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
_SURE = 0.5
"""What a half-trained detector finds with at least this score is taken for true; less is doubt."""
_FOUND_TRUST = 0.5


class Lesson(NamedTuple):
    """A picture of the canvas's size, and its boxes; see `targets_of` for ``trust``."""

    pixels: NDArray[np.uint8]
    boxes: NDArray[np.float64]
    classes: NDArray[np.intp]
    trust: NDArray[np.float64]


class Lessons:
    """People's pictures, and after a while others with what was found there.

    Parameters
    ----------
    canvases : list of Canvas
    boxes : sequence of FoundBoxes
        People's, in each picture's own pixels.
    flips : bool
        Whether a mirrored picture is as good.
    """

    def __init__(self, canvases: list[Canvas], boxes: Sequence[FoundBoxes], *, flips: bool) -> None:
        self.flips = flips
        self._shown = [
            (canvas, found, np.ones(len(found.boxes)))
            for canvas, found in zip(canvases, boxes, strict=True)
        ]
        self._scraps = [
            (canvas.scrap(box), int(class_id))
            for canvas, found in zip(canvases, boxes, strict=True)
            for box, class_id in zip(found.boxes, found.classes, strict=True)
        ]
        self._drawn = len(canvases)
        self._order: list[int] = []
        self._found_order: list[int] = []

    def learn_from(self, canvases: list[Canvas], found: Sequence[FoundBoxes]) -> None:
        """Show these pictures too, with what was found on them, instead of what was before."""
        del self._shown[self._drawn :]
        self._found_order.clear()
        for canvas, boxes in zip(canvases, found, strict=True):
            self._shown.append((canvas, boxes, np.where(boxes.scores >= _SURE, _FOUND_TRUST, 0.0)))

    def batch(self, size: int, *, rng: np.random.Generator) -> list[Lesson]:
        """Draw pictures, each as often as any other; half of them people's."""
        others = len(self._shown) - self._drawn
        of_others = size // 2 if others else 0
        chosen = _next(self._order, size - of_others, self._drawn, rng)
        chosen += [self._drawn + n for n in _next(self._found_order, of_others, others, rng)]
        return [self._varied(place, rng) for place in chosen]

    def _varied(self, place: int, rng: np.random.Generator) -> Lesson:
        """A picture in another light, with up to three boxes of others glued on."""
        canvas, found, trust = self._shown[place]
        image, boxes = canvas.varied(found.boxes, flips=self.flips, rng=rng)
        classes = found.classes
        for _ in range(int(rng.integers(_MOST_GLUED + 1)) if self._scraps else 0):
            scrap, class_id = self._scraps[int(rng.integers(len(self._scraps)))]
            box = paste(image, boxes, scrap, rng=rng)
            if box is not None:
                boxes, classes = np.concatenate([boxes, box[None]]), np.append(classes, class_id)
                trust = np.append(trust, 1.0)
        return Lesson(np.asarray(image), boxes, classes, trust)


def _next(order: list[int], size: int, n: int, rng: np.random.Generator) -> list[int]:
    """Take numbers below ``n`` from an order that is drawn anew when it is used up."""
    while len(order) < size:
        order.extend(rng.permutation(n).tolist())
    taken = order[:size]
    del order[:size]
    return taken

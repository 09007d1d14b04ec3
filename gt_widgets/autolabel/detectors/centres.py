"""The default detector: learns from some tens of pictures, on one core, without weights.

Layer: autolabel (imports only ``errors`` and ``geometry``). Trained from scratch by numpy, or by
torch where it is installed (extra ``[torch]``), which is about three times faster; the model file
is the same.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from gt_widgets.autolabel.boxes import FoundBoxes, kept_boxes
from gt_widgets.autolabel.detectors.agreement import agreed_boxes
from gt_widgets.autolabel.detectors.canvas import Canvas, canvas_size
from gt_widgets.autolabel.detectors.lessons import Lessons
from gt_widgets.autolabel.detectors.network import STRIDE, Adam, backward, forward, new_weights
from gt_widgets.autolabel.detectors.targets import boxes_of, loss_gradient, targets_of
from gt_widgets.autolabel.learners.archive import (
    pack_model,
    read_model,
    unpack_model,
    write_model,
)
from gt_widgets.errors import ModelFileError, ValidationError
from gt_widgets.geometry import iou_matrix

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from gt_widgets.autolabel.detectors.layers import Array, Engine
    from gt_widgets.autolabel.detectors.lessons import Lesson

__all__ = ["SAME_PLACE", "CentreDetector"]

_KIND = "centres-1"
_WARM_UP = 0.05
_BATCH = 8
_SIZES = (0.8, 1.0, 1.25)
SAME_PLACE = 0.6
_FURTHER = 0.4
"""Share of steps and rate with which one that has learned goes on."""
_SLOW = 0.06
"""The weights that are kept follow those that move, late by this share of the steps."""


class CentreDetector:
    """Boxes as bumps on a map of centres.

    Parameters
    ----------
    n_classes : int >= 1
    side : int
        Pictures are shrunk so that their longer side has this many pixels; multiple of 8.
    width : int >= 8
        Channels of the first layers.
    steps : int >= 1
        Batches of 8 pictures that it learns from.
    rate : float > 0
        Largest step of a weight.
    flips : bool
        Whether a mirrored picture is as good: not for writing, but for cells or fruit.
    engine : {"auto", "numpy", "torch"}
        Who convolves; "auto" is torch where it is installed.
    seed : int
    """

    def __init__(
        self,
        n_classes: int,
        *,
        side: int = 256,
        width: int = 32,
        steps: int = 700,
        rate: float = 8e-3,
        flips: bool = False,
        engine: Engine = "auto",
        seed: int = 0,
    ) -> None:
        if n_classes < 1 or side < 64 or side % 8 or width < 8 or steps < 1:  # noqa: PLR2004
            raise ValidationError(
                "expected n_classes >= 1, side >= 64 and a multiple of 8, width >= 8, steps >= 1; "
                f"found {n_classes}, {side}, {width}, {steps}"
            )
        self.n_classes, self.side, self.width, self.steps = n_classes, side, width, steps
        self.rate, self.flips, self.engine, self.seed = rate, flips, engine, seed
        self.weights: dict[str, Array] = {}
        self._begun: dict[str, Array] = {}
        self.shape = (side, side)

    def fit(self, pictures: Sequence[NDArray[np.uint8]], boxes: Sequence[FoundBoxes]) -> Self:
        """Learn; see `gt_widgets.autolabel.detectors.protocol.Detector`.

        Raises
        ------
        ValidationError
            If there are no pictures, or not one `FoundBoxes` per picture.
        """
        if not pictures or len(pictures) != len(boxes):
            raise ValidationError(
                f"expected as many sets of boxes as pictures, at least one; found {len(pictures)} "
                f"and {len(boxes)}"
            )
        part = _FURTHER if self._begun else 1.0
        steps = max(round(self.steps * part), 1)
        rng = np.random.default_rng(self.seed)
        fast = self._begun or new_weights(self.n_classes, width=self.width, rng=rng)
        self._begun, self.weights = {}, {name: w.copy() for name, w in fast.items()}
        self.shape = canvas_size(pictures, side=self.side, multiple=8)
        lessons = Lessons([Canvas(p, self.shape) for p in pictures], boxes, flips=self.flips)
        adam = Adam(fast)
        for step in range(steps):
            rate = self.rate * part * _share_of_rate(step / steps)
            self._learn(adam, lessons.batch(_BATCH, rng=rng), rate)
            late = min(steps * _SLOW, step + 1 if part == 1 else math.inf)
            self._follow(fast, 1 / max(late, 1))
        return self

    def further(self, pictures: Sequence[NDArray[np.uint8]], boxes: Sequence[FoundBoxes]) -> Self:
        """Learn from more pictures than before, in fewer steps; a new detector.

        Takes what `fit` takes and refuses what it refuses.
        """
        again = type(self)(**self._settings(), engine=self.engine)
        again._begun = {name: w.copy() for name, w in self.weights.items()}  # noqa: SLF001
        return again.fit(pictures, boxes)

    def _follow(self, fast: dict[str, Array], share: float) -> None:
        for name, kept in self.weights.items():
            np.add(kept, share * (fast[name] - kept), out=kept)

    def _learn(self, adam: Adam, batch: Sequence[Lesson], rate: float) -> float:
        cells = self.shape[0] // STRIDE, self.shape[1] // STRIDE
        wanted = [
            targets_of(each.boxes, each.classes, shape=cells, n_classes=self.n_classes)
            for each in batch
        ]
        bumps, places, weight = (np.stack(part) for part in zip(*wanted, strict=True))
        pixels = _standard(np.stack([each.pixels for each in batch]))
        answer, kept = forward(adam.weights, pixels, engine=self.engine, learn=True)
        loss, gradient = loss_gradient(answer, bumps, places, weight)
        adam.step(backward(adam.weights, kept, gradient, engine=self.engine), rate)
        return loss

    def predict(self, picture: NDArray[np.uint8]) -> FoundBoxes:
        """Candidates in the picture's own pixels, surest first, by looks at it in three sizes."""
        return _one_per_place(agreed_boxes([self.look(picture, size=size) for size in _SIZES]))

    def look(self, picture: NDArray[np.uint8], *, size: float = 1.0) -> FoundBoxes:
        """Look once, at the picture as large as while learning, or at ``size`` times that."""
        if not self.weights:
            raise ValidationError("this detector has not learned yet; call fit")
        high, wide = (max(round(side * size / 8), 4) * 8 for side in self.shape)
        return self._seen(Canvas(picture, (high, wide)))

    def _seen(self, canvas: Canvas) -> FoundBoxes:
        answer, _ = forward(self.weights, _standard(canvas.plain()[None]), engine=self.engine)
        found = boxes_of(answer[0], n_classes=self.n_classes)
        inside = FoundBoxes(canvas.back(found.boxes), found.classes, found.scores)
        return _one_per_place(inside.take(np.flatnonzero(inside.boxes[:, 2:].min(axis=1) >= 1)))

    def _settings(self) -> dict[str, Any]:
        names = ("n_classes", "side", "width", "steps", "rate", "flips", "seed")
        return {name: getattr(self, name) for name in names}

    def save(self, path: str | Path) -> None:
        """Write settings and weights."""
        settings = {**self._settings(), "shape": list(self.shape)}
        write_model(path, pack_model(_KIND, settings, **self.weights))

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read a detector.

        Raises
        ------
        ModelFileError
            If the file is none.
        """
        settings, arrays = unpack_model(read_model(path), _KIND)
        try:
            shape = tuple(int(side) for side in settings.pop("shape"))
            model = cls(**settings)
            fresh = new_weights(model.n_classes, width=model.width, rng=np.random.default_rng(0))
        except (KeyError, TypeError, ValueError) as problem:
            raise ModelFileError(f"{path}: no detector: {problem}") from problem
        good = {name: w.shape for name, w in fresh.items()}
        found = {name: w.shape for name, w in arrays.items() if w.dtype == np.float32}
        if good != found or len(shape) != 2 or any(s < 8 or s % 8 or s > 4_096 for s in shape):  # noqa: PLR2004
            raise ModelFileError(f"{path}: arrays of a detector do not fit its settings")
        model.weights, model.shape = arrays, (shape[0], shape[1])
        return model


def _share_of_rate(done: float) -> float:
    """Up for a twentieth of the steps, then down along a cosine."""
    return min(done / _WARM_UP + 1e-2, 1.0) * 0.5 * (1 + math.cos(math.pi * done))


def _standard(pixels: NDArray[np.uint8]) -> Array:
    return np.asarray(pixels, dtype=np.float32) / 64.0 - 2.0


def _one_per_place(found: FoundBoxes) -> FoundBoxes:
    """Of boxes on one place only the surest, whatever the class."""
    merged = FoundBoxes(found.boxes, np.zeros_like(found.classes), found.scores)
    order = np.argsort(-found.scores, kind="stable")
    kept = kept_boxes(merged, keep=0.0, overlap=SAME_PLACE)
    if len(kept.boxes) == len(found.boxes):
        return found.take(order)
    same = iou_matrix(found.boxes[order], kept.boxes).max(axis=1) >= 1 - 1e-9
    return found.take(order[same])

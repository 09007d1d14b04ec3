"""Boxes on pictures: any detector, cross-fitted, held to a mean IoU.

Layer: autolabel (pure but for pictures and model files it reads; imports only ``errors`` and
``geometry``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gt_widgets.autolabel.boxes import FoundBoxes, box_loss, kept_boxes, picture_score
from gt_widgets.autolabel.detectors.centres import CentreDetector
from gt_widgets.autolabel.folds import grouped_folds
from gt_widgets.autolabel.pictures import Pictures, open_picture
from gt_widgets.autolabel.sights.protocol import Round
from gt_widgets.autolabel.sights.rows import check_size, lowest_first, rows_of
from gt_widgets.autolabel.sights.shelf import Shelf
from gt_widgets.autolabel.state import MachineBox, MachineLabel
from gt_widgets.errors import StateError, ValidationError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from gt_widgets.autolabel.detectors.protocol import Detector, DetectorMaker
    from gt_widgets.autolabel.pictures import Picture
    from gt_widgets.autolabel.state import LoopState

__all__ = ["BoxRound", "BoxSight"]

_TRAINED, _EARLIER = 0, 1


@dataclass(frozen=True, slots=True)
class BoxRound(Round):
    """Also what was found: on the labeled, by a detector that has not seen them; on the pool."""

    held_out: tuple[FoundBoxes, ...]
    found: tuple[FoundBoxes, ...]


class BoxSight:
    """Boxes seen by a detector.

    Every picture of the pool is judged by one fold's detector, dealt round, so that its score
    means exactly what a held-out score means.

    Parameters
    ----------
    pictures : sequence of str, Path, bytes or uint8 ndarray
        One per object.
    answers : mapping of object to FoundBoxes
        What people drew, of every object that the state notes as labeled.
    n_classes : int >= 1
    make : callable, optional
        Makes a detector from the number of classes; `CentreDetector` by default.
    earlier : Detector, optional
        An earlier job's. It labels as long as it does better than what is trained here.
    groups : ndarray of shape (n,), optional
        Near-duplicates share a number.
    shelf : str or Path, optional
        A folder of this job's, where trained detectors outlive a kill.
    """

    adjudicates = False

    def __init__(
        self,
        pictures: Sequence[Picture],
        answers: Mapping[int, FoundBoxes],
        *,
        n_classes: int,
        make: DetectorMaker | None = None,
        earlier: Detector | None = None,
        groups: NDArray[np.intp] | None = None,
        shelf: str | Path | None = None,
    ) -> None:
        self.pictures, self.answers, self.n_classes = pictures, answers, n_classes
        self.make: DetectorMaker = CentreDetector if make is None else make
        self.earlier, self.groups, self.shelf = earlier, groups, Shelf(shelf)

    def look(self, state: LoopState) -> BoxRound | None:
        """See `gt_widgets.autolabel.sights.protocol.Sight`."""
        check_size(state, len(self.pictures), what="pictures")
        rows = rows_of(state)
        if rows is None:
            return None
        labeled, pool, in_sample = rows
        self._check_answers(labeled)
        held_out, found = self._cross_fit(state, labeled, pool)
        losses, choice = self._losses(held_out, labeled), _TRAINED
        if self.earlier is not None:
            before = self._found(self.earlier, labeled)
            its = self._losses(before, labeled)
            if its[in_sample].mean() <= losses[in_sample].mean():
                held_out, losses, choice = before, its, _EARLIER
                found = self._found(self.earlier, pool)
        return BoxRound(
            labeled=labeled,
            pool=pool,
            in_sample=in_sample,
            scores=np.array([picture_score(held_out[place]) for place in in_sample]),
            losses=losses[in_sample],
            pool_scores=np.array([picture_score(boxes) for boxes in found]),
            fit_loss=float(losses.mean()),
            choice=choice,
            held_out=tuple(held_out),
            found=tuple(found),
        )

    def _check_answers(self, labeled: NDArray[np.intp]) -> None:
        missing = [int(index) for index in labeled if int(index) not in self.answers]
        if missing:
            raise ValidationError(
                f"object {missing[0]} is labeled, but its boxes were not given "
                f"({len(missing)} such); give the sight every answer the state notes"
            )

    def _losses(
        self, found: Sequence[FoundBoxes], objects: NDArray[np.intp]
    ) -> NDArray[np.float64]:
        both = zip(found, objects, strict=True)
        return np.array([box_loss(kept_boxes(f), self.answers[int(i)]) for f, i in both])

    def _cross_fit(
        self, state: LoopState, labeled: NDArray[np.intp], pool: NDArray[np.intp]
    ) -> tuple[list[FoundBoxes], list[FoundBoxes]]:
        fold = grouped_folds(
            self._kinds(labeled),
            labeled if self.groups is None else self.groups[labeled],
            folds=state.config.folds,
            rng=np.random.default_rng([state.config.seed, 1]),
        )
        held_out: dict[int, FoundBoxes] = {}
        numbers = np.unique(fold)
        for turn, number in enumerate(numbers):
            train = labeled[fold != number] if len(numbers) > 1 else labeled
            detector = self._trained(train)
            judged = [*labeled[fold == number], *pool[pool % len(numbers) == turn]]
            for index in judged:
                held_out[int(index)] = detector.predict(open_picture(self.pictures[index]))
        return [held_out[int(i)] for i in labeled], [held_out[int(i)] for i in pool]

    def _kinds(self, labeled: NDArray[np.intp]) -> NDArray[np.intp]:
        """One class per picture, for even folds: its first box's, or none."""
        first = [self.answers[int(index)].classes[:1] for index in labeled]
        return np.array([int(c[0]) if len(c) else self.n_classes for c in first], dtype=np.intp)

    def _trained(self, objects: NDArray[np.intp]) -> Detector:
        numbers = [int(index) for index in objects]
        boxes = [self.answers[index] for index in numbers]
        untrained = self.make(self.n_classes)
        key = [repr(numbers).encode(), *(b.boxes.tobytes() + b.classes.tobytes() for b in boxes)]
        return self.shelf.trained(
            untrained, key, lambda model: model.fit(Pictures(self.pictures, numbers), boxes)
        )

    def _found(self, detector: Detector, objects: NDArray[np.intp]) -> list[FoundBoxes]:
        return [detector.predict(picture) for picture in Pictures(self.pictures, objects.tolist())]

    def ask(
        self, state: LoopState, seen: BoxRound, rows: NDArray[np.intp], *, size: int
    ) -> tuple[int, ...]:
        """Pictures on which a box almost was one, or almost was none; a quarter at random."""
        chosen = lowest_first(state, seen.pool_scores, rows, size=size)
        return tuple(int(index) for index in seen.pool[chosen])

    def annotate(
        self,
        state: LoopState,  # noqa: ARG002 - the protocol's
        seen: BoxRound,
        rows: NDArray[np.intp],
        *,
        confidence: NDArray[np.float64],
    ) -> list[MachineLabel]:
        """Boxes of pool ``rows``; ``confidence`` is the IoU to expect."""
        return [
            MachineLabel(
                None,
                round(float(chance), 4),
                float(seen.pool_scores[row]),
                boxes=_machine_boxes(kept_boxes(seen.found[row])),
            )
            for row, chance in zip(rows, confidence, strict=True)
        ]

    def final(self, state: LoopState) -> Detector:
        """Train on all of people's boxes, or hand the earlier detector on if it did better.

        Raises
        ------
        StateError
            If nobody has labeled anything.
        """
        if state.choice == _EARLIER and self.earlier is not None:
            return self.earlier
        labeled = np.array(sorted(set(state.labels) - set(state.failed)), dtype=np.intp)
        if labeled.size == 0:
            raise StateError("a detector is trained on people's boxes; there are none yet")
        self._check_answers(labeled)
        return self._trained(labeled)


def _machine_boxes(found: FoundBoxes) -> tuple[MachineBox, ...]:
    return tuple(
        MachineBox(
            int(class_id),
            left=round(float(box[0]), 2),
            top=round(float(box[1]), 2),
            width=round(float(box[2]), 2),
            height=round(float(box[3]), 2),
            score=round(float(score), 4),
        )
        for box, class_id, score in zip(found.boxes, found.classes, found.scores, strict=True)
    )

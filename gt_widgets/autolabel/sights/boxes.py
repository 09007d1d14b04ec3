"""Boxes on pictures: any detector, cross-fitted, held to a mean IoU.

Layer: autolabel (pure but for pictures and model files it reads; imports only ``errors`` and
``geometry``).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, cast

import numpy as np

from gt_widgets.autolabel.boxes import FoundBoxes, box_loss, kept_boxes, picture_score
from gt_widgets.autolabel.detectors.centres import CentreDetector
from gt_widgets.autolabel.executor import in_batches
from gt_widgets.autolabel.folds import grouped_folds
from gt_widgets.autolabel.pictures import Chosen, Pictures, open_picture
from gt_widgets.autolabel.sights.protocol import Round
from gt_widgets.autolabel.sights.rows import check_size, lowest_first, rows_of
from gt_widgets.autolabel.sights.shelf import Shelf
from gt_widgets.autolabel.state import MachineBox, MachineLabel
from gt_widgets.errors import StateError, ValidationError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from concurrent.futures import Executor
    from pathlib import Path

    from numpy.typing import NDArray

    from gt_widgets.autolabel.detectors.protocol import Detector, DetectorMaker, LearnsMore
    from gt_widgets.autolabel.pictures import Picture
    from gt_widgets.autolabel.state import LoopState

__all__ = ["BoxRound", "BoxSight"]

_TRAINED, _EARLIER = 0, 1
_KEEPS = (0.2, 0.25, 0.3, 0.35, 0.4, 0.5)
"""Least scores to choose from."""
_BATCH = 16


@dataclass(frozen=True, slots=True)
class BoxRound(Round):
    """Also the boxes kept: on the labeled, by a detector that has not seen them; on the pool."""

    held_out: tuple[FoundBoxes, ...]
    found: tuple[FoundBoxes, ...]


@dataclass(frozen=True, slots=True)
class _Judged:
    """One detector's, or one family of fold detectors', account of labeled pictures and pool."""

    scores: NDArray[np.float64]
    losses: NDArray[np.float64]
    pool_scores: NDArray[np.float64]
    held_out: tuple[FoundBoxes, ...]
    found: tuple[FoundBoxes, ...]


@dataclass(frozen=True, slots=True)
class _Lesson:
    """What one detector learns from, and where it is kept; ``begun`` has learned from fewer."""

    objects: list[int]
    sources: list[Picture]
    boxes: list[FoundBoxes]
    untrained: Detector
    shelf: Shelf
    begun: Detector | None = None


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
    executor : concurrent.futures.Executor, optional
        Who trains the folds' detectors and looks at the pictures; this process by default. Two
        processes halve the wall time on two cores.
    looker : concurrent.futures.Executor, optional
        Who looks at the pictures instead, where it is not who trains.
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
        executor: Executor | None = None,
        looker: Executor | None = None,
    ) -> None:
        self.pictures, self.answers, self.n_classes = pictures, answers, n_classes
        self.make: DetectorMaker = CentreDetector if make is None else make
        self.earlier, self.groups, self.shelf = earlier, groups, Shelf(shelf)
        self.executor, self.looker = executor, looker or executor
        self._begun: Detector | None = None

    def look(self, state: LoopState) -> BoxRound | None:
        """See `gt_widgets.autolabel.sights.protocol.Sight`."""
        check_size(state, len(self.pictures), what="pictures")
        rows = rows_of(state)
        if rows is None:
            return None
        labeled, pool, in_sample = rows
        self._check_answers(labeled)
        fold = self._folds(state, labeled)
        turn = pool % (fold.max() + 1)
        seen = self._judged(self._cross_fit(labeled, pool, fold, turn), labeled, fold, turn)
        choice = _TRAINED
        if self.earlier is not None:
            before = self._found(self.earlier, labeled), self._found(self.earlier, pool)
            its = self._judged(before, labeled, fold, turn)
            if its.losses[in_sample].mean() <= seen.losses[in_sample].mean():
                seen, choice = its, _EARLIER
        return BoxRound(
            labeled=labeled,
            pool=pool,
            in_sample=in_sample,
            scores=seen.scores[in_sample],
            losses=seen.losses[in_sample],
            pool_scores=seen.pool_scores,
            fit_loss=float(seen.losses.mean()),
            choice=choice,
            held_out=seen.held_out,
            found=seen.found,
        )

    def _check_answers(self, labeled: NDArray[np.intp]) -> None:
        missing = [int(index) for index in labeled if int(index) not in self.answers]
        if missing:
            raise ValidationError(
                f"object {missing[0]} is labeled, but its boxes were not given "
                f"({len(missing)} such); give the sight every answer the state notes"
            )

    def _folds(self, state: LoopState, labeled: NDArray[np.intp]) -> NDArray[np.intp]:
        return grouped_folds(
            self._kinds(labeled),
            labeled if self.groups is None else self.groups[labeled],
            folds=state.config.folds,
            rng=np.random.default_rng([state.config.seed, 1]),
        )

    def _cross_fit(
        self,
        labeled: NDArray[np.intp],
        pool: NDArray[np.intp],
        fold: NDArray[np.intp],
        turn: NDArray[np.intp],
    ) -> tuple[list[FoundBoxes], list[FoundBoxes]]:
        numbers = np.unique(fold)
        train = [labeled[fold != number] for number in numbers]
        lessons = [self._lesson(rows if rows.size else labeled) for rows in train]
        fitted = in_batches(_trained, lessons, batch=1, executor=self.executor)
        found: dict[int, FoundBoxes] = {}
        for number, (_, detectors) in zip(numbers, fitted, strict=True):
            self._begun = detectors[0]
            judged = np.concatenate([labeled[fold == number], pool[turn == number]])
            found |= dict(zip(judged.tolist(), self._found(detectors[0], judged), strict=True))
        return [found[int(i)] for i in labeled], [found[int(i)] for i in pool]

    def _judged(
        self,
        found: tuple[list[FoundBoxes], list[FoundBoxes]],
        labeled: NDArray[np.intp],
        fold: NDArray[np.intp],
        turn: NDArray[np.intp],
    ) -> _Judged:
        """Keep, in each fold, the boxes above the score that was best in the other folds."""
        on_labeled, on_pool = found
        truth = [self.answers[int(index)] for index in labeled]
        losses = np.array(
            [
                [
                    box_loss(kept_boxes(f, keep=keep), t)
                    for f, t in zip(on_labeled, truth, strict=True)
                ]
                for keep in _KEEPS
            ]
        )
        best = [
            int(losses[:, fold != number].mean(axis=1).argmin()) if (fold != number).any() else 2
            for number in range(fold.max() + 1)
        ]
        own = np.array([best[number] for number in fold], dtype=np.intp)
        keeps = [_KEEPS[place] for place in own]
        pool_keeps = [_KEEPS[best[number]] for number in turn]
        held_out = list(zip(on_labeled, keeps, strict=True))
        pool = list(zip(on_pool, pool_keeps, strict=True))
        return _Judged(
            scores=np.array([picture_score(f, keep=keep) for f, keep in held_out]),
            losses=losses[own, np.arange(len(labeled))],
            pool_scores=np.array([picture_score(f, keep=keep) for f, keep in pool]),
            held_out=tuple(kept_boxes(f, keep=keep) for f, keep in held_out),
            found=tuple(kept_boxes(f, keep=keep) for f, keep in pool),
        )

    def _kinds(self, labeled: NDArray[np.intp]) -> NDArray[np.intp]:
        """One class per picture, for even folds: its first box's, or none."""
        first = [self.answers[int(index)].classes[:1] for index in labeled]
        return np.array([int(c[0]) if len(c) else self.n_classes for c in first], dtype=np.intp)

    def _lesson(self, objects: NDArray[np.intp], begun: Detector | None = None) -> _Lesson:
        numbers = [int(index) for index in objects]
        return _Lesson(
            numbers,
            [self.pictures[index] for index in numbers],
            [self.answers[index] for index in numbers],
            self.make(self.n_classes),
            self.shelf,
            begun if hasattr(begun, "further") else None,
        )

    def _found(self, detector: Detector, objects: NDArray[np.intp]) -> list[FoundBoxes]:
        sources = Chosen(self.pictures, objects.tolist())
        parts = in_batches(_predicted, sources, detector, batch=_BATCH, executor=self.looker)
        return [found for _, part in parts for found in part]

    def ask(
        self, state: LoopState, seen: BoxRound, rows: NDArray[np.intp], *, size: int
    ) -> tuple[int, ...]:
        """Pictures on which a box almost was one, or almost was none; a quarter at random."""
        return lowest_first(state, seen, rows, size=size)

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
                boxes=_machine_boxes(seen.found[row]),
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
        return _trained([self._lesson(labeled, self._begun)])[0]


def _trained(lessons: Sequence[_Lesson]) -> list[Detector]:
    """Train, or read from the shelf; may run in another process."""
    trained = []
    for lesson in lessons:
        key = [repr((lesson.objects, lesson.begun is None)).encode()]
        key += [boxes.boxes.tobytes() + boxes.classes.tobytes() for boxes in lesson.boxes]
        trained.append(lesson.shelf.trained(lesson.untrained, key, partial(_fitted, lesson)))
    return trained


def _fitted(lesson: _Lesson, untrained: Detector) -> Detector:
    pictures = Pictures(lesson.sources)
    if lesson.begun is not None:
        return cast("LearnsMore", lesson.begun).further(pictures, lesson.boxes)
    return untrained.fit(pictures, lesson.boxes)


def _predicted(sources: Sequence[Picture], detector: Detector) -> list[FoundBoxes]:
    return [detector.predict(open_picture(source)) for source in sources]


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

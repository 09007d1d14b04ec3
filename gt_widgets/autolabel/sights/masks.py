"""Masks of pictures: a forest of pixels or another learner, cross-fitted, held to a mean IoU.

Layer: autolabel (pure but for pictures and model files it reads; imports only ``errors``).
Forests see pictures shrunk to a working size; masks are drawn, and judged, at full size.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from gt_widgets.autolabel.executor import in_batches
from gt_widgets.autolabel.folds import grouped_folds
from gt_widgets.autolabel.learners.forest import PixelForest
from gt_widgets.autolabel.learners.pixels import enlarged
from gt_widgets.autolabel.masks import expected_iou, mean_iou
from gt_widgets.autolabel.pictures import Chosen, open_picture
from gt_widgets.autolabel.sights.protocol import Round
from gt_widgets.autolabel.sights.rows import check_size, lowest_first, rows_of
from gt_widgets.autolabel.sights.shelf import Shelf
from gt_widgets.autolabel.state import MachineLabel
from gt_widgets.errors import StateError, ValidationError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from concurrent.futures import Executor
    from pathlib import Path

    from numpy.typing import NDArray

    from gt_widgets.autolabel.learners.protocol import MaskLearner
    from gt_widgets.autolabel.pictures import Picture
    from gt_widgets.autolabel.state import LoopState

__all__ = ["MaskRound", "MaskSight", "mask_png", "painted"]

_TRAINED, _EARLIER, _BESIDE = 0, 1, 2
_BATCH = 8
WORKING_SIDE = 256

_Mask: TypeAlias = "NDArray[np.integer[Any]]"
_Maker = Callable[[int], "MaskLearner"]


@dataclass(frozen=True, slots=True)
class MaskRound(Round):
    """Also the masks of the pool, as PNGs in base64."""

    found: tuple[str, ...]


class MaskSight:
    """Masks seen by a forest, which needs scikit-learn (extra ``[auto]``), or by another learner.

    Parameters
    ----------
    pictures : sequence of str, Path, bytes or uint8 ndarray
        One per object.
    answers : mapping of object to ndarray of shape (h, w)
        What people painted, of every object that the state notes as labeled: 0 for the
        background, else ``class_id + 1``. It may open them when they are asked for.
    n_classes : int >= 1
        Label categories.
    side : int >= 32
        Longer side of the working size, in pixels.
    make : callable, optional
        Makes a learner from the number of classes with the background; `PixelForest` by default.
    earlier : MaskLearner, optional
        An earlier job's. It labels as long as it does better than what is grown here.
    beside : sequence of callable, optional
        Makes other learners, each trained as well: the one that does best on held-out pictures
        of the calibration sample labels.
    groups : ndarray of shape (n,), optional
        Near-duplicates share a number.
    shelf : str or Path, optional
        A folder of this job's, where grown forests outlive a kill.
    executor : concurrent.futures.Executor, optional
        Who looks at the pictures; this process by default.
    """

    adjudicates = False

    def __init__(
        self,
        pictures: Sequence[Picture],
        answers: Mapping[int, _Mask],
        *,
        n_classes: int,
        side: int = WORKING_SIDE,
        make: _Maker | None = None,
        earlier: MaskLearner | None = None,
        beside: Sequence[_Maker] = (),
        groups: NDArray[np.intp] | None = None,
        shelf: str | Path | None = None,
        executor: Executor | None = None,
    ) -> None:
        if earlier is not None and earlier.n_classes != n_classes + 1:
            raise ValidationError(
                f"the earlier model knows {earlier.n_classes - 1} label categories; this job has "
                f"{n_classes}"
            )
        self.pictures, self.answers, self.n_classes, self.side = pictures, answers, n_classes, side
        self.make: _Maker = PixelForest if make is None else make
        self.beside = tuple(beside)
        self.earlier, self.groups, self.shelf = earlier, groups, Shelf(shelf)
        self.executor = executor

    def look(self, state: LoopState) -> MaskRound | None:
        """See `gt_widgets.autolabel.sights.protocol.Sight`."""
        check_size(state, len(self.pictures), what="pictures")
        rows = rows_of(state)
        if rows is None:
            return None
        labeled, pool, in_sample = rows
        fold = grouped_folds(
            np.zeros(len(labeled), dtype=np.intp),
            labeled if self.groups is None else self.groups[labeled],
            folds=state.config.folds,
            rng=np.random.default_rng([state.config.seed, 1]),
        )
        choice, forests, judged = self._best(labeled, fold, in_sample)
        # Each picture of the pool is judged by one fold's forest, so that its score means
        # exactly what a held-out score means.
        seen: dict[int, tuple[float, str]] = {}
        for turn, forest in enumerate(forests):
            own = pool[pool % len(forests) == turn]
            seen |= dict(zip(own.tolist(), self._drawn(forest, own), strict=True))
        scores, losses = np.array(judged).T
        return MaskRound(
            labeled=labeled,
            pool=pool,
            in_sample=in_sample,
            scores=scores[in_sample],
            losses=losses[in_sample],
            pool_scores=np.array([seen[int(index)][0] for index in pool]),
            fit_loss=float(losses.mean()),
            choice=choice,
            found=tuple(seen[int(index)][1] for index in pool),
        )

    def _best(
        self, labeled: NDArray[np.intp], fold: NDArray[np.intp], in_sample: NDArray[np.intp]
    ) -> tuple[int, list[MaskLearner], list[tuple[float, float]]]:
        """The learner of least held-out loss: its place, fold models, scores and losses.

        The earlier job's stays where none does better than it.
        """
        tried = [] if self.earlier is None else [(_EARLIER, [self.earlier])]
        for choice in (_TRAINED, *(_BESIDE + place for place in range(len(self.beside)))):
            models = [self._grown(labeled[fold != k], choice) for k in range(fold.max() + 1)]
            tried.append((choice, models))
        judged = [self._judged(models, labeled, fold) for _, models in tried]
        losses = [float(np.mean([each[i][1] for i in in_sample])) for each in judged]
        best = losses.index(min(losses))
        return *tried[best], judged[best]

    def _judged(
        self, models: list[MaskLearner], labeled: NDArray[np.intp], fold: NDArray[np.intp]
    ) -> list[tuple[float, float]]:
        """Scores and losses of labeled pictures, each by the model that has not seen it."""
        return [
            self._judge(models[int(f) % len(models)], int(index))
            for f, index in zip(fold, labeled, strict=True)
        ]

    def _drawn(self, forest: MaskLearner, objects: NDArray[np.intp]) -> list[tuple[float, str]]:
        sources = Chosen(self.pictures, objects.tolist())
        parts = in_batches(_pngs, sources, forest, self.side, batch=_BATCH, executor=self.executor)
        return [found for _, part in parts for found in part]

    def _judge(self, forest: MaskLearner, index: int) -> tuple[float, float]:
        score, mask = painted(self.pictures[index], forest, self.side)
        truth = self._answer(index)
        if truth.shape != mask.shape:
            raise ValidationError(
                f"object {index}: a mask of {truth.shape} does not fit a picture of {mask.shape}"
            )
        return score, 1.0 - mean_iou(mask, truth, n_classes=self.n_classes + 1)

    def _answer(self, index: int) -> _Mask:
        try:
            mask = np.asarray(self.answers[index])
        except KeyError:
            raise ValidationError(
                f"object {index} is labeled, but its mask was not given; give the sight every "
                "answer the state notes"
            ) from None
        if mask.ndim != 2 or mask.min(initial=0) < 0 or mask.max(initial=0) > self.n_classes:  # noqa: PLR2004
            raise ValidationError(
                f"object {index}: a mask has two dimensions and classes 0..{self.n_classes}"
            )
        return mask

    def _grown(self, objects: NDArray[np.intp], choice: int) -> MaskLearner:
        make = self.make if choice < _BESIDE else self.beside[choice - _BESIDE]
        numbers = [int(index) for index in objects]
        masks = [_nearest(self._answer(index), self.side) for index in numbers]
        key = [f"{numbers} {self.side}".encode(), *(mask.tobytes() for mask in masks)]

        def grow(forest: MaskLearner) -> MaskLearner:
            small = [_shrunk(open_picture(self.pictures[index]), self.side) for index in numbers]
            return forest.fit(small, masks)

        return self.shelf.trained(make(self.n_classes + 1), key, grow)

    def ask(
        self, state: LoopState, seen: MaskRound, rows: NDArray[np.intp], *, size: int
    ) -> tuple[int, ...]:
        """Pictures of the lowest expected IoU; a quarter at random."""
        return lowest_first(state, seen, rows, size=size)

    def annotate(
        self,
        state: LoopState,  # noqa: ARG002 - the protocol's
        seen: MaskRound,
        rows: NDArray[np.intp],
        *,
        confidence: NDArray[np.float64],
    ) -> list[MachineLabel]:
        """Masks of pool ``rows``; ``confidence`` is the IoU to expect."""
        return [
            MachineLabel(
                None, round(float(chance), 4), float(seen.pool_scores[row]), mask=seen.found[row]
            )
            for row, chance in zip(rows, confidence, strict=True)
        ]

    def final(self, state: LoopState) -> MaskLearner:
        """Grow on all of people's masks, or hand the earlier forest on if it did better.

        Raises
        ------
        StateError
            If nobody has labeled anything.
        """
        if state.choice == _EARLIER and self.earlier is not None:
            return self.earlier
        labeled = np.array(sorted(set(state.labels) - set(state.failed)), dtype=np.intp)
        if labeled.size == 0:
            raise StateError("a forest is grown from people's masks; there are none yet")
        return self._grown(labeled, state.choice or _TRAINED)


def painted(
    source: Picture, forest: MaskLearner, side: int = WORKING_SIDE
) -> tuple[float, NDArray[np.uint8]]:
    """Expected IoU, and the mask at full size.

    Parameters
    ----------
    source : Picture
    forest : MaskLearner
    side : int >= 32
        Longer side of the working size, in pixels.
    """
    picture = open_picture(source)
    chances = forest.predict(_shrunk(picture, side))
    return expected_iou(chances), _likeliest(chances, (picture.shape[0], picture.shape[1]))


def _pngs(sources: Sequence[Picture], forest: MaskLearner, side: int) -> list[tuple[float, str]]:
    drawn = [painted(source, forest, side) for source in sources]
    return [(score, mask_png(mask)) for score, mask in drawn]


def mask_png(mask: _Mask) -> str:
    """Pack a mask of class numbers below 256 as a grey PNG in base64."""
    from PIL import Image

    out = io.BytesIO()
    Image.fromarray(mask.astype(np.uint8), "L").save(out, "PNG")
    return base64.b64encode(out.getvalue()).decode("ascii")


def _size(shape: tuple[int, ...], side: int) -> tuple[int, int]:
    scale = min(side / max(shape[:2]), 1.0)
    return max(round(shape[1] * scale), 1), max(round(shape[0] * scale), 1)


def _shrunk(picture: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    from PIL import Image

    size = _size(picture.shape, side)
    return np.asarray(Image.fromarray(picture).resize(size, Image.Resampling.BOX))


def _nearest(mask: _Mask, side: int) -> NDArray[np.uint8]:
    from PIL import Image

    image = Image.fromarray(mask.astype(np.uint8), "L")
    return np.asarray(image.resize(_size(mask.shape, side), Image.Resampling.NEAREST))


def _likeliest(chances: NDArray[np.float32], shape: tuple[int, int]) -> NDArray[np.uint8]:
    """Likeliest class of every pixel at full size."""
    if chances.shape[:2] != shape:
        chances = enlarged(chances, shape)
    return np.asarray(chances.argmax(axis=2), dtype=np.uint8)

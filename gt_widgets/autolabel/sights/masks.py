"""Masks of pictures: a forest of pixels, cross-fitted, held to a mean IoU.

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

    from gt_widgets.autolabel.pictures import Picture
    from gt_widgets.autolabel.state import LoopState

__all__ = ["MaskRound", "MaskSight", "mask_png", "painted"]

_TRAINED, _EARLIER = 0, 1
_BATCH = 8
WORKING_SIDE = 256

_Mask: TypeAlias = "NDArray[np.integer[Any]]"
_ForestMaker = Callable[[int], PixelForest]


@dataclass(frozen=True, slots=True)
class MaskRound(Round):
    """Also the masks of the pool, as PNGs in base64."""

    found: tuple[str, ...]


class MaskSight:
    """Masks seen by a forest; needs scikit-learn (extra ``[auto]``) to grow it.

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
        Makes a forest from the number of classes with the background.
    earlier : PixelForest, optional
        An earlier job's. It labels as long as it does better than what is grown here.
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
        make: _ForestMaker | None = None,
        earlier: PixelForest | None = None,
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
        self.make: _ForestMaker = PixelForest if make is None else make
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
        forests = [self._grown(labeled[fold != number]) for number in range(fold.max() + 1)]
        judged = [self._judge(forests[f], int(i)) for f, i in zip(fold, labeled, strict=True)]
        choice = _TRAINED
        if self.earlier is not None:
            its = [self._judge(self.earlier, int(index)) for index in labeled]
            if np.mean([its[i][1] for i in in_sample]) <= np.mean(
                [judged[i][1] for i in in_sample]
            ):
                judged, forests, choice = its, [self.earlier], _EARLIER
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

    def _drawn(self, forest: PixelForest, objects: NDArray[np.intp]) -> list[tuple[float, str]]:
        sources = Chosen(self.pictures, objects.tolist())
        parts = in_batches(_pngs, sources, forest, self.side, batch=_BATCH, executor=self.executor)
        return [found for _, part in parts for found in part]

    def _judge(self, forest: PixelForest, index: int) -> tuple[float, float]:
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

    def _grown(self, objects: NDArray[np.intp]) -> PixelForest:
        numbers = [int(index) for index in objects]
        masks = [_nearest(self._answer(index), self.side) for index in numbers]
        key = [f"{numbers} {self.side}".encode(), *(mask.tobytes() for mask in masks)]

        def grow(forest: PixelForest) -> PixelForest:
            small = [_shrunk(open_picture(self.pictures[index]), self.side) for index in numbers]
            return forest.fit(small, masks)

        return self.shelf.trained(self.make(self.n_classes + 1), key, grow)

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

    def final(self, state: LoopState) -> PixelForest:
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
        return self._grown(labeled)


def painted(
    source: Picture, forest: PixelForest, side: int = WORKING_SIDE
) -> tuple[float, NDArray[np.uint8]]:
    """Expected IoU, and the mask at full size.

    Parameters
    ----------
    source : Picture
    forest : PixelForest
    side : int >= 32
        Longer side of the working size, in pixels.
    """
    picture = open_picture(source)
    chances = forest.predict(_shrunk(picture, side))
    return expected_iou(chances), _enlarged(chances, picture.shape[:2])


def _pngs(sources: Sequence[Picture], forest: PixelForest, side: int) -> list[tuple[float, str]]:
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


def _enlarged(chances: NDArray[np.float32], shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """Likeliest class of every pixel at full size."""
    from PIL import Image

    if chances.shape[:2] == shape:
        return np.asarray(chances.argmax(axis=2), dtype=np.uint8)
    planes = [
        np.asarray(
            Image.fromarray(np.ascontiguousarray(chances[..., k])).resize(
                (shape[1], shape[0]), Image.Resampling.BILINEAR
            )
        )
        for k in range(chances.shape[2])
    ]
    return np.asarray(np.stack(planes, axis=2).argmax(axis=2), dtype=np.uint8)

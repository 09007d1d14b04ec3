"""The sight of a job's task, built from a request and the objects that the engine reads.

Layer: training. A class is seen through rows of features (``sheets.py``); boxes and masks are seen
on the pictures themselves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from gt_widgets.autolabel import BoxSight, ClassSight, MaskSight
from gt_widgets.autolabel.boxes import drawn_boxes
from gt_widgets.autolabel.detectors import CentreDetector
from gt_widgets.autolabel.folds import group_by_difference_hash
from gt_widgets.autolabel.learners.cnn import CNN_LEAST_LABELS, SmallCnn
from gt_widgets.autolabel.sights import View
from gt_widgets.schema.masks import read_palette_png
from gt_widgets.training.choices import Choices
from gt_widgets.training.clusters import Cluster
from gt_widgets.training.hands import hands
from gt_widgets.training.messages import write_whole
from gt_widgets.training.models import FinalModel
from gt_widgets.training.own import OwnModel
from gt_widgets.training.own_sheets import OwnSheets
from gt_widgets.training.pixel_rows import PixelRows
from gt_widgets.training.sheets import LOOKED_AT, keep_arrays, kept_arrays, sheet_of, thumbnails
from gt_widgets.training.sources import Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from gt_widgets.autolabel import LoopState, MachineLabel
    from gt_widgets.autolabel.sights import Round, Sight
    from gt_widgets.training.items import Items
    from gt_widgets.training.messages import Request
    from gt_widgets.training.sheets import Sheet

__all__ = ["Built", "Once", "build"]

_SEEN = 32
"""Side of the thumbnails that a small network sees."""
_PSEUDO = 3_000
"""Machine labels that a final classifier learns from besides people's, at most."""


@dataclass(frozen=True, slots=True)
class Built:
    """A sight, the objects it cannot read, and what writes the model it leaves behind.

    ``keep_model`` tells whether there was anything to write.
    """

    sight: Sight[Any]
    unreadable: tuple[int, ...]
    keep_model: Callable[[LoopState], bool]


class Once:
    """A sight that remembers what it saw last: the charts show it again."""

    def __init__(self, sight: Sight[Any]) -> None:
        self._sight = sight
        self.seen: Round | None = None

    @property
    def adjudicates(self) -> bool:
        """See `gt_widgets.autolabel.sights.protocol.Sight`."""
        return self._sight.adjudicates

    def look(self, state: LoopState) -> Any:
        """See `gt_widgets.autolabel.sights.protocol.Sight`."""
        self.seen = self._sight.look(state)
        return self.seen

    def ask(
        self, state: LoopState, seen: Any, rows: NDArray[np.intp], *, size: int
    ) -> tuple[int, ...]:
        """See `gt_widgets.autolabel.sights.protocol.Sight`."""
        return self._sight.ask(state, seen, rows, size=size)

    def annotate(
        self, state: LoopState, seen: Any, rows: NDArray[np.intp], *, confidence: NDArray[Any]
    ) -> list[MachineLabel]:
        """See `gt_widgets.autolabel.sights.protocol.Sight`."""
        return self._sight.annotate(state, seen, rows, confidence=confidence)

    def final(self, state: LoopState) -> Any:
        """See `gt_widgets.autolabel.sights.protocol.Sight`."""
        return self._sight.final(state)


def build(
    request: Request, state: LoopState, items: Items, cluster: Cluster | None = None
) -> Built:
    """Build the sight that a request needs.

    Raises
    ------
    GroundTruthError
        If what the request learns with is not named here, or cannot be used.
    """
    cluster = cluster or Cluster()
    choices = choices_of(request, state)
    if state.task == "classes":
        return _of_classes(request, state, items, choices, cluster)
    small, unreadable = _looked_over(request, state, items)
    given: dict[str, Any] = {
        "n_classes": state.n_classes,
        "groups": group_by_difference_hash(small),
        "shelf": Path(request.folder) / "shelf",
    }
    pictures = _Pictures(items, state.n)
    sight: BoxSight | MaskSight
    if state.task == "boxes":
        sight = _box_sight(request, pictures, choices, cluster, given)
    else:
        make, *beside = choices.painters()
        earlier = choices.load_painter(request.earlier_model) if request.earlier_model else None
        own = any(_only_here(each, earlier) for each in (make, *beside))
        sight = MaskSight(
            pictures,
            _Masks(items, state),
            make=make,
            earlier=earlier,
            beside=beside,
            executor=None if own else cluster.executor(),
            **given,
        )

    def keep_model(after: LoopState) -> bool:
        """Train once more on everything, when nobody will be asked again."""
        if not after.done or not after.labels:
            return False
        sight.final(after).save(request.model_path)
        return True

    return Built(sight, unreadable, keep_model)


def choices_of(request: Request, state: LoopState) -> Choices:
    """What the request's names mean on this engine."""
    known = {name: Source.from_dict(told) for name, told in request.known.items()}
    return Choices(state.task, request.learners, request.features, known)


def _box_sight(
    request: Request,
    pictures: _Pictures,
    choices: Choices,
    cluster: Cluster,
    given: dict[str, Any],
) -> BoxSight:
    answers = {int(key): drawn_boxes(rows) for key, rows in request.answers.items()}
    names = choices.learners or ("centres",)
    make, ready = choices.detectors(given["n_classes"])
    earlier = choices.load_detector(request.earlier_model) if request.earlier_model else None
    trains: Any = CentreDetector if "centres" in names else make
    if trains is None:  # the user's own detector alone: there is nothing to train or to keep
        given = {**given, "shelf": None}
        trains = _Always(ready)
    else:
        earlier = earlier or ready
    ours = trains is CentreDetector
    return BoxSight(
        pictures,
        answers,
        make=trains,
        earlier=earlier,
        executor=hands() if ours else None,
        looker=None if _only_here(trains, earlier) else cluster.executor(),
        **given,
    )


@dataclass(frozen=True, slots=True)
class _Always:
    """Makes the same detector each time: it is trained already."""

    detector: Any

    def __call__(self, n_classes: int) -> Any:
        del n_classes
        return self.detector


def _only_here(make: Any, earlier: Any) -> bool:
    """Tell whether code of the user's own takes part, which no worker elsewhere has."""
    return isinstance(earlier, OwnModel) or getattr(make, "func", None) is OwnModel


def _looked_over(
    request: Request, state: LoopState, items: Items
) -> tuple[NDArray[np.uint8], tuple[int, ...]]:
    """Look at every picture once per job: thumbnails, and which cannot be opened."""
    folder = Path(request.folder) / "looked-over"
    if not folder.exists():
        small, unreadable = thumbnails(items, state.n, side=LOOKED_AT)
        keep_arrays(folder, {"small": small, "unreadable": np.array(unreadable, dtype=np.intp)})
    found = kept_arrays(folder)
    return found["small"], tuple(int(index) for index in found["unreadable"])


# --- classes ------------------------------------------------------------------------------------


def _of_classes(
    request: Request, state: LoopState, items: Items, choices: Choices, cluster: Cluster
) -> Built:
    sheet = sheet_of(
        Path(request.folder),
        request.media,
        state.n,
        items,
        earlier_model=request.earlier_model,
        seed=state.config.seed,
        own=_own_sheets(request, choices, cluster),
        choices=choices,
        executor=cluster.executor,
    )
    seen = PixelRows(_SEEN)
    beside = _pixel_view(request, state, items, seen) if "cnn" in choices.learners else None
    sight = ClassSight(sheet.features, groups=sheet.groups, family=choices.family(), beside=beside)

    def keep_model(after: LoopState) -> bool:
        return _keep_classifier(request, after, sheet, sight, seen)

    return Built(sight, sheet.unreadable, keep_model)


def _own_sheets(request: Request, choices: Choices, cluster: Cluster) -> OwnSheets | None:
    """What makes rows with features of the user's own; they are made in a job's first step."""
    if not request.features:
        return None
    return OwnSheets(
        request.features,
        choices.source(request.features),
        request.media,
        Path(request.folder).parent / "features",
        cluster.executor,
    )


def _pixel_view(request: Request, state: LoopState, items: Items, seen: PixelRows) -> View:
    """Thumbnails, made once per job, for a network that learns its own features."""
    folder = Path(request.folder) / "pixels"
    if not folder.exists():
        keep_arrays(folder, {"rows": seen.of_items(items, state.n)[0]})
    return View(kept_arrays(folder)["rows"], [SmallCnn], least=CNN_LEAST_LABELS)


def _keep_classifier(
    request: Request, state: LoopState, sheet: Sheet, sight: ClassSight, seen: PixelRows
) -> bool:
    """Learn once more from everything that has a label, for the jobs to come."""
    labels = {**_some_of(state), **state.labels}
    usable = sorted(index for index in labels if index not in set(sheet.unreadable))
    classes = np.array([labels[index] for index in usable], dtype=np.intp)
    if len(np.unique(classes)) < 2:  # noqa: PLR2004
        return False
    view, make = sight.chosen(state.choice)
    pixels = view is sight.beside
    rows = view.rows if pixels else sheet.rows  # not what an earlier model said
    learner = make(state.n_classes).fit(rows[np.array(usable, dtype=np.intp)], classes)
    model = FinalModel(request.categories, seen if pixels else sheet.embedder, learner)
    write_whole(request.model_path, model.to_bytes())
    return True


def _some_of(state: LoopState) -> dict[int, int]:
    given = state.machine or state.proposal
    chosen = np.array(sorted(given), dtype=np.intp)
    if len(chosen) > _PSEUDO:
        rng = np.random.default_rng([state.config.seed, 5])
        chosen = np.sort(rng.permutation(chosen)[:_PSEUDO])
    return {int(index): given[int(index)].class_id or 0 for index in chosen}


# --- pictures -----------------------------------------------------------------------------------


class _Pictures(Sequence[bytes]):
    """Files of pictures, read when they are looked at."""

    def __init__(self, items: Items, n: int) -> None:
        self._items, self._n = items, n

    def __len__(self) -> int:
        return self._n

    @overload
    def __getitem__(self, place: int) -> bytes: ...
    @overload
    def __getitem__(self, place: slice) -> list[bytes]: ...
    def __getitem__(self, place: int | slice) -> bytes | list[bytes]:
        if isinstance(place, slice):
            return [self._items.read(index) for index in range(*place.indices(self._n))]
        if not 0 <= place < self._n:
            raise IndexError(place)
        return self._items.read(int(place))


class _Masks(Mapping[int, "NDArray[np.uint8]"]):
    """Masks that people painted, read when they are looked at."""

    def __init__(self, items: Items, state: LoopState) -> None:
        self._items, self._labeled = items, sorted(state.labels)

    def __getitem__(self, index: int) -> NDArray[np.uint8]:
        return read_palette_png(self._items.mask(index))

    def __iter__(self) -> Iterator[int]:
        return iter(self._labeled)

    def __len__(self) -> int:
        return len(self._labeled)

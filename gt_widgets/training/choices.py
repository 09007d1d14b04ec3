"""What a job learns with: names of its request become embedders, families and detectors.

Layer: training. A name is one of ours (``BUILT_IN``) or one that the owner of the engine gave to a
file or to code (`gt_widgets.training.sources.Source`); nothing else is ever opened or imported.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

from gt_widgets.autolabel.detectors import CentreDetector, OnnxDetector
from gt_widgets.autolabel.learners import (
    CleanedLearner,
    kernel_family,
    linear_family,
    load_learner,
)
from gt_widgets.autolabel.learners.archive import kind_of, read_model
from gt_widgets.autolabel.learners.forest import PixelForest
from gt_widgets.autolabel.learners.linear import LinearLearner
from gt_widgets.autolabel.learners.unet import PixelNet
from gt_widgets.errors import ModelFileError, ValidationError
from gt_widgets.training import own
from gt_widgets.training.own import OwnModel
from gt_widgets.training.sources import Source, check_unchanged

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from gt_widgets.autolabel.config import Task
    from gt_widgets.autolabel.learners import Family, Learner

__all__ = ["BUILT_IN", "FITTING", "Choices"]

BUILT_IN: Mapping[str, tuple[str, ...]] = {
    "classes": ("linear", "kernel", "cnn"),
    "boxes": ("centres",),
    "masks": ("forest", "unet"),
}
"""Our own learners by task; the first is the default."""

FITTING: Mapping[str, tuple[str, ...]] = {
    "classes": ("python",),
    "boxes": ("python", "onnx-detector"),
    "masks": ("python",),
    "features of image": ("onnx-features", "timm", "torchvision", "python"),
    "features of text": ("sentences", "python"),
}
"""Kinds of sources that will do for a task, and for features of a medium."""

_JUDGE = 3_000.0


@dataclass(frozen=True, slots=True)
class Choices:
    """The names that a job gives, and what the owner means by them.

    Attributes
    ----------
    task : {"classes", "boxes", "masks"}
    learners : tuple of str
        The one that predicts best is taken; the task's default when empty.
    features : str
        What sees pictures or texts; ours when empty.
    known : mapping of name to Source
    """

    task: Task
    learners: tuple[str, ...] = ()
    features: str = ""
    known: Mapping[str, Source] = field(default_factory=dict)

    def source(self, name: str) -> Source:
        """What the owner means by a name.

        Raises
        ------
        ValidationError
            If the owner of this engine has not given it to anything.
        """
        if name not in self.known:
            raise ValidationError(
                f"the owner of this engine has named no {name!r}; named are "
                f"{', '.join(sorted(self.known)) or 'none'}: gt.connect(learners={{...}}), or "
                "gt-widgets serve --learner NAME=...; away from an engine "
                "gt.load_model(folder, learners={...})"
            )
        return self.known[name]

    # --- classes ------------------------------------------------------------------------------

    def family(self) -> Family | None:
        """Learners of rows to choose from; None for the default."""
        names = [name for name in self.learners if name != "cnn"]
        if not self.learners:
            return None
        ours = {"linear": linear_family, "kernel": kernel_family}
        return [
            maker
            for name in names
            for maker in (ours[name]() if name in ours else [self._cleaned(name)])
        ]

    def _cleaned(self, name: str) -> Callable[[int], Learner]:
        """The user's own, without the labels that are beyond belief."""
        make: Any = partial(OwnModel, name=name, source=self.source(name), task="classes")
        return partial(
            CleanedLearner, make=make, judge=partial(LinearLearner, c=_JUDGE, max_iterations=40)
        )

    def load_learner(self, path: Path) -> Any:
        """Read a classifier that an earlier job left, whoever wrote it."""
        return self._own(path) if _is_own(path) else load_learner(path)

    # --- boxes and masks ------------------------------------------------------------------------

    def detectors(self, n_classes: int) -> tuple[Callable[[int], Any] | None, OnnxDetector | None]:
        """What makes a detector of the user's own, and the one that is trained already.

        Raises
        ------
        ModelFileError
            If the latter knows classes that the job does not have.
        """
        make: Callable[[int], Any] | None = None
        ready: OnnxDetector | None = None
        for name in set(self.learners) - set(BUILT_IN["boxes"]):
            if (source := self.source(name)).kind == "onnx-detector":
                ready = _ready(source, n_classes)
            else:
                make = partial(OwnModel, name=name, source=source, task="boxes")
        return make, ready

    def load_detector(self, path: str | Path) -> Any:
        """Read a detector that an earlier job left, whoever wrote it.

        Raises
        ------
        ModelFileError
            If it is none.
        """
        if _is_own(path):
            return self._own(path)
        detectors: dict[str, Any] = {"centres-1": CentreDetector, "onnx-detector-1": OnnxDetector}
        kind = kind_of(read_model(path))
        if kind not in detectors:
            raise ModelFileError(f"expected a detector of {', '.join(detectors)}; found {kind!r}")
        return detectors[kind].load(path)

    def painters(self) -> list[Callable[[int], Any]]:
        """What makes learners of masks; by default the U-Net too, where torch is installed."""
        ours: dict[str, Callable[[int], Any]] = {"forest": PixelForest, "unet": PixelNet}
        usual = BUILT_IN["masks"] if _torch_works() else BUILT_IN["masks"][:1]
        return [
            ours[name]
            if name in ours
            else partial(OwnModel, name=name, source=self.source(name), task="masks")
            for name in self.learners or usual
        ]

    def load_painter(self, path: str | Path) -> Any:
        """Read a learner of masks that an earlier job left, whoever wrote it."""
        if _is_own(path):
            return self._own(path)
        found = PixelNet if kind_of(read_model(path)).startswith("pixel-net") else PixelForest
        return found.load(path)

    def _own(self, path: str | Path) -> OwnModel:
        """Read it with the code that the owner names so, never with what the file names."""
        name, what, sha256, n_classes = own.owner_of(path)
        alike = [s for s in self.known.values() if s.what == what and sha256 and s.sha256 == sha256]
        source = alike[0] if alike else self.source(name)
        return OwnModel(n_classes, name=name, source=source, task=self.task).load(path)


def _torch_works() -> bool:
    """Tell whether torch is installed, and whole."""
    try:
        import_module("torch")
    except (ImportError, OSError):
        return False
    return True


def _is_own(path: str | Path) -> bool:
    return kind_of(read_model(path)) == own.KIND


def _ready(source: Source, n_classes: int) -> OnnxDetector:
    check_unchanged(source)
    detector = OnnxDetector(source.path)
    beyond = [c for c in detector.settings["categories"] if c is not None and c >= n_classes]
    if beyond:
        raise ModelFileError(
            f"{source.path}.json: categories may be 0..{n_classes - 1}, the job's label "
            f"categories, or null; found {beyond[0]}"
        )
    return detector

"""What a job may name for its machine to learn with: what fits its task, and is here.

Layer: engine (pure but for looking whether files and packages are there).
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from gt_widgets.engine.automated import TAG_PREFIX, automated_request, learner_tags, task_of
from gt_widgets.errors import ValidationError
from gt_widgets.training.choices import BUILT_IN, FITTING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gt_widgets.schema.tasks import TaskType
    from gt_widgets.training.sources import Source

__all__ = ["Named", "check_named"]

_FEATURES, _LEARNER = f"Tag {TAG_PREFIX}features", f"Tag {TAG_PREFIX}learner"
_MOST = 5
_HOW = "gt.connect(learners={...}) or gt-widgets serve --learner NAME=..."
_PACKAGES = {
    "onnx-features": ("onnxruntime",),
    "onnx-detector": ("onnxruntime",),
    "sentences": ("sentence_transformers",),
    "timm": ("torch", "timm"),
    "torchvision": ("torch", "torchvision"),
    "cnn": ("torch",),
    "unet": ("torch",),
    "forest": ("sklearn",),
}
"""What must be installed where the machine trains."""
_EXTRAS = {
    "onnxruntime": "'gt-widgets[onnx]'",
    "torch": "'gt-widgets[torch]'",
    "sklearn": "'gt-widgets[auto]'",
    "sentence_transformers": "'gt-widgets[text]'",
    "timm": "'gt-widgets[torch]' timm",
    "torchvision": "'gt-widgets[torch]' torchvision",
}


class Named:
    """What a job's tags name.

    Attributes
    ----------
    features : str
        Empty for ours.
    learners : tuple of str
        Empty for the task's default.
    """

    __slots__ = ("features", "learners")

    def __init__(self, request: Mapping[str, Any]) -> None:
        tags = learner_tags(request)
        self.features = tags.get("features", "")
        self.learners = tuple(name for name in tags.get("learner", "").split("+") if name)


def check_named(
    request: Mapping[str, Any], task_type: TaskType, known: Mapping[str, Source]
) -> None:
    """Refuse a request that names what is not here, does not fit, or lacks its file.

    Parameters
    ----------
    request : mapping
        CreateLabelingJob's.
    task_type : TaskType
    known : mapping of name to Source
        What the owner of the engine has named.

    Raises
    ------
    ValidationError
        With what would do.
    """
    named = Named(request)
    if not automated_request(request) or not (named.features or named.learners):
        return
    task, media = task_of(task_type), "text" if task_type.media == "text" else "image"
    if named.features:
        _check_features(named.features, known, task, media)
    for name in named.learners:
        _check_learner(name, known, task, media)
    _check_number(named.learners, known, task)


def _check_features(name: str, known: Mapping[str, Source], task: str, media: str) -> None:
    if task != "classes":
        raise ValidationError(
            f"{_FEATURES}: only jobs with one class per object see them through features; a "
            f"detector or a learner of {task} goes into {TAG_PREFIX}learner."
        )
    _check_fits(_FEATURES, name, known, FITTING[f"features of {media}"], ())


def _check_learner(name: str, known: Mapping[str, Source], task: str, media: str) -> None:
    ours = BUILT_IN[task]
    if media == "text":
        ours = tuple(one for one in ours if one != "cnn")
    if name in ours:
        _check_installed(_LEARNER, name, name)
    else:
        _check_fits(_LEARNER, name, known, FITTING[task], ours)


def _check_number(names: tuple[str, ...], known: Mapping[str, Source], task: str) -> None:
    ready = [name for name in names if name in known and known[name].kind == "onnx-detector"]
    trained = len(names) - len(ready)
    if len(names) > _MOST or len(ready) > 1 or (task == "boxes" and trained > 1):
        raise ValidationError(
            f"{_LEARNER}: {'+'.join(names)} are too many. A job compares at most {_MOST} learners; "
            "one of boxes has one that is trained and beside it one ONNX detector."
        )


def _check_fits(
    tag: str, name: str, known: Mapping[str, Source], kinds: tuple[str, ...], ours: tuple[str, ...]
) -> None:
    fitting = [*ours, *(other for other, source in known.items() if source.kind in kinds)]
    there = ", ".join(fitting) or "nothing yet"
    if name not in known:
        raise ValidationError(
            f"{tag}: the owner of this engine has named no {name!r}. For this task there is "
            f"{there}; the owner names more by {_HOW}."
        )
    source = known[name]
    if source.kind not in kinds:
        raise ValidationError(
            f"{tag}: {name!r} is {source.kind}; this task takes {', '.join(kinds)}. There is "
            f"{there}."
        )
    file = source.file
    if file is not None and not file.exists():
        raise ValidationError(
            f"{tag}: {file}, which is {name!r}, is not there any more. Put it back, or name "
            f"another by {_HOW}."
        )
    _check_installed(tag, name, source.kind)


def _check_installed(tag: str, name: str, kind: str) -> None:
    missing = [package for package in _PACKAGES.get(kind, ()) if find_spec(package) is None]
    if missing:
        raise ValidationError(
            f"{tag}: {name!r} needs {missing[0]}, which is not installed where the engine runs: "
            f"pip install {_EXTRAS[missing[0]]}"
        )

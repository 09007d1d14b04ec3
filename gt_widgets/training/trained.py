"""The model that an automated job leaves behind, to be used anywhere: no engine, no job, no AWS.

Layer: training. A folder of two files: ``model.gtm`` holds numbers, ``model.json`` says which task
and label categories they are for. Both may come from a stranger.
"""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gt_widgets.autolabel.boxes import kept_boxes, picture_score
from gt_widgets.autolabel.detectors import CentreDetector
from gt_widgets.autolabel.detectors.graph import onnx_graph
from gt_widgets.autolabel.learners.archive import write_model
from gt_widgets.autolabel.pictures import open_picture
from gt_widgets.autolabel.sights.masks import painted
from gt_widgets.errors import ImageError, ModelFileError, ValidationError
from gt_widgets.schema.tasks import TASK_TYPES
from gt_widgets.training.choices import Choices
from gt_widgets.training.models import FinalModel
from gt_widgets.training.sources import source_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from gt_widgets.autolabel.config import Task
    from gt_widgets.autolabel.detectors import Detector
    from gt_widgets.autolabel.learners import MaskLearner
    from gt_widgets.autolabel.pictures import Picture
    from gt_widgets.schema.tasks import TaskType
    from gt_widgets.training.sources import Source

__all__ = ["TrainedModel", "load_model"]

_MODEL, _ABOUT = "model.gtm", "model.json"
_MAX_ABOUT_BYTES = 1_048_576
_TASKS: dict[str, Task] = {"class": "classes", "boxes": "boxes", "mask": "masks"}


class TrainedModel:
    """What a job's machine has learned.

    Parameters
    ----------
    body : bytes
        A model file.
    task : str
        Name of a task type that can be labeled automatically.
    categories : sequence of str
        Label categories, in the order of their ids.
    made_by : str
        Name of the job; empty if unknown.
    known : mapping of name to Source, optional
        Files and code of one's own: what a model names is opened only if it is among these.

    Raises
    ------
    ModelFileError
        If the bytes are no model of this task, or of another number of categories.
    """

    def __init__(
        self,
        body: bytes,
        *,
        task: str,
        categories: Sequence[str],
        made_by: str = "",
        known: Mapping[str, Source] | None = None,
    ) -> None:
        self.categories, self.made_by = tuple(categories), made_by
        self._body, self._task = body, _task_type(task)
        self._learner = _read(body, self._task, known or {})
        able = self._learner.n_classes if hasattr(self._learner, "n_classes") else None
        if self._task.kind == "mask" and able is not None:
            able -= 1  # the background is nobody's category
        if isinstance(self._learner, FinalModel):
            able = len(self._learner.categories)
            self.categories = self._learner.categories
        if able is not None and able != len(self.categories):
            raise ModelFileError(
                f"expected a model of the {len(self.categories)} categories "
                f"{', '.join(self.categories)}; found one of {able}"
            )

    def __repr__(self) -> str:
        made = f", learned by job {self.made_by!r}" if self.made_by else ""
        return f"Model for {self.task} of {', '.join(self.categories)}{made}"

    @property
    def task(self) -> str:
        """Name of the task type."""
        return self._task.name

    def predict(self, objects: Sequence[Picture], *, keep: float = 0.3) -> pd.DataFrame:
        """Label objects.

        Parameters
        ----------
        objects : sequence
            Texts; or pictures: paths, bytes of files, or pixels of shape (h, w, 3).
        keep : float in [0, 1]
            Least score of a box.

        Returns
        -------
        DataFrame
            One row per object, named by file or number, with ``confidence`` in [0, 1] and: the
            ``label`` (classes); ``boxes``, each a dict with ``label, left, top, width, height,
            score`` in stored pixels; or ``mask``, an array (h, w) of 0 for the background, else
            the category's id + 1. The confidence of a class is its probability, of boxes how
            clearly they stand apart, of a mask the IoU to expect. None of them is a promise:
            that was about the job's own objects.

        Raises
        ------
        ImageError
            If a picture cannot be opened; it names which.
        """
        import pandas as pd

        text = self._task.media == "text"
        names = [str(n) if text else _name(each, n) for n, each in enumerate(objects)]
        if isinstance(self._learner, FinalModel):
            rows = self._classes(self._learner, objects, names)
        elif self._task.kind == "mask":
            rows = [_mask(self._learner, each) for each in objects]
        else:
            rows = [self._boxes(self._learner, each, keep) for each in objects]
        return pd.DataFrame(rows, index=pd.Index(names, name="object"))

    def _classes(
        self, model: FinalModel, objects: Sequence[Picture], names: list[str]
    ) -> list[dict[str, Any]]:
        said, unreadable = model.judged(_Given(objects, self._task.media), len(objects))
        if unreadable:
            raise ImageError(f"{names[unreadable[0]]} cannot be opened as a {self._task.media}.")
        best = said.argmax(axis=1)
        return [
            {"label": model.categories[one], "confidence": float(said[row, one])}
            for row, one in enumerate(best)
        ]

    def _boxes(self, detector: Detector, picture: Picture, keep: float) -> dict[str, Any]:
        found = detector.predict(open_picture(picture))
        kept = kept_boxes(found, keep=keep, overlap=0.45)
        names = ("left", "top", "width", "height")
        boxes = [
            {
                "label": self.categories[class_id],
                **{name: round(float(side), 1) for name, side in zip(names, box, strict=True)},
                "score": round(float(score), 4),
            }
            for box, class_id, score in zip(kept.boxes, kept.classes, kept.scores, strict=True)
        ]
        return {"boxes": boxes, "confidence": max(picture_score(found, keep=keep), 0.0)}

    def save(self, folder: str | Path) -> Path:
        """Write the model into a folder that `load_model` reads, on any machine.

        Returns
        -------
        Path
            The folder.
        """
        target = Path(folder)
        target.mkdir(parents=True, exist_ok=True)
        about = {"task": self.task, "categories": self.categories, "made_by": self.made_by}
        write_model(target / _ABOUT, json.dumps(about, indent=2, ensure_ascii=False).encode())
        write_model(target / _MODEL, self._body)
        return target

    def save_onnx(self, path: str | Path) -> Path:
        """Write a detector of boxes as ``.onnx``, and how to use it as ``.onnx.json`` beside it.

        Any ONNX runtime runs it: input ``picture`` of (1, 3, height, width), outputs ``boxes`` (1,
        n, 4) as left, top, right, bottom in its pixels, ``scores`` and ``classes`` (1, n). The
        graph looks at a picture once; `predict` in three sizes, which finds a little more. Needs
        the extra ``[onnx]``.

        Raises
        ------
        ValidationError
            For a model of another task.
        ModelFileError
            If the package onnx is missing.
        """
        if not isinstance(self._learner, CentreDetector):
            raise ValidationError(
                f"only our detector of boxes can be written as ONNX; this is a model for "
                f"{self.task}. Use save(folder), and gt_widgets.load_model(folder) elsewhere."
            )
        target = Path(path)
        graph, sidecar = onnx_graph(self._learner, categories=self.categories)
        write_model(target.with_name(target.name + ".json"), json.dumps(sidecar, indent=2).encode())
        write_model(target, graph)
        return target


def load_model(folder: str | Path, *, learners: Mapping[str, Any] | None = None) -> TrainedModel:
    """Read a folder that `TrainedModel.save` wrote.

    Parameters
    ----------
    folder : path
    learners : mapping of name to str, Path or class, optional
        Files and code of yours that the model was made with, as `gt_widgets.connect` takes them: a
        model brings numbers only.

    Raises
    ------
    ModelFileError
        If it holds no model; it says what is missing.
    """
    about = Path(folder) / _ABOUT
    try:
        if about.stat().st_size > _MAX_ABOUT_BYTES:
            raise ModelFileError(f"{about}: at most {_MAX_ABOUT_BYTES} bytes expected")
        found = json.loads(about.read_bytes())
        task, categories = str(found["task"]), [str(each) for each in found["categories"]]
        body = (Path(folder) / _MODEL).read_bytes()
    except (OSError, KeyError, TypeError, ValueError) as problem:
        raise ModelFileError(
            f"{folder}: expected {_MODEL} and {_ABOUT} with a task and its categories, as "
            f"save(folder) writes them; {problem}"
        ) from problem
    return TrainedModel(
        body,
        task=task,
        categories=categories,
        made_by=str(found.get("made_by", "")),
        known={name: source_of(given) for name, given in (learners or {}).items()},
    )


def _task_type(name: str) -> TaskType:
    able = {each.name: each for each in TASK_TYPES if each.algorithm}
    if name not in able:
        raise ModelFileError(f"expected a task of {', '.join(able)}; found {name!r}")
    return able[name]


def _read(body: bytes, task: TaskType, known: Mapping[str, Source]) -> Any:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / _MODEL
        path.write_bytes(body)
        choices = Choices(_TASKS[task.kind], known=known)
        if task.kind == "class":
            return FinalModel.load(path, choices)
        if task.kind == "mask":
            return choices.load_painter(path)
        return choices.load_detector(path)


def _mask(forest: MaskLearner, picture: Picture) -> dict[str, Any]:
    confidence, mask = painted(picture, forest)
    return {"mask": mask, "confidence": confidence}


def _name(picture: Picture, place: int) -> str:
    """The file's name of a path; the number of anything else."""
    return Path(picture).name if isinstance(picture, str | Path) else str(place)


@dataclass(frozen=True, slots=True)
class _Given:
    """Objects that somebody holds in the hand, as a model reads them."""

    objects: Sequence[Any]
    media: str

    def read(self, object_id: int) -> bytes:
        """See `gt_widgets.training.items.Items`."""
        given = self.objects[object_id]
        if self.media == "text":
            return str(given).encode()
        if isinstance(given, bytes):
            return given
        if isinstance(given, np.ndarray):
            from PIL import Image

            out = io.BytesIO()
            Image.fromarray(open_picture(given)).save(out, "BMP")
            return out.getvalue()
        try:
            return Path(given).read_bytes()
        except OSError as problem:
            raise ImageError(f"{given} cannot be read: {problem}") from problem

    def mask(self, object_id: int) -> bytes:
        """See `gt_widgets.training.items.Items`."""
        raise ImageError(f"object {object_id} has no mask of people's.")

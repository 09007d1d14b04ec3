"""Learners of the user's own: code that the owner of the engine has named, held to the protocol.

Layer: training. Whatever it raises or returns, the job hears what is wrong in a sentence.
"""

from __future__ import annotations

import copy
import importlib
import importlib.util
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gt_widgets.autolabel.boxes import FoundBoxes
from gt_widgets.autolabel.learners.archive import (
    pack_model,
    read_model,
    unpack_model,
    write_model,
)
from gt_widgets.errors import GroundTruthError, LearnerError, ModelFileError
from gt_widgets.training.sources import check_unchanged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gt_widgets.autolabel.config import Task
    from gt_widgets.training.sources import Source

__all__ = ["KIND", "OwnModel", "brought", "owner_of"]

KIND = "own-1"
_VERBS = ("fit", "predict", "save", "load")
_SUM_WITHIN = 1e-3


def brought(source: Source) -> Any:
    """Import what a source names.

    Raises
    ------
    LearnerError
        If it cannot be imported, or there is nothing of that name.
    ModelFileError
        If its file has changed since it was named.
    """
    check_unchanged(source)
    module_name, _, name = source.what.partition(":")
    try:
        module = _of_file(source, module_name) if source.sha256 else _by_name(source, module_name)
        return getattr(module, name)
    except AttributeError as problem:
        raise LearnerError(f"{source}: there is no {name}.") from problem
    except (Exception, SystemExit) as problem:
        raise LearnerError(f"{source} cannot be imported: {problem!r}") from problem


def _of_file(source: Source, stem: str) -> Any:
    """Import one file under a name of its own, so that two jobs' files do not meet."""
    name = f"gt_widgets_own_{source.sha256[:16]}_{stem}"
    if name in sys.modules:
        return sys.modules[name]
    _look_in(source.path)
    spec = importlib.util.spec_from_file_location(name, Path(source.path) / f"{stem}.py")
    if spec is None or spec.loader is None:
        raise LearnerError(f"{source} is no Python file.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _by_name(source: Source, name: str) -> Any:
    if source.path:
        _look_in(source.path)
    return importlib.import_module(name)


def _look_in(folder: str) -> None:
    """Find what the code imports beside it; last, so that it hides nothing of Python's."""
    if folder not in sys.path:
        sys.path.append(folder)


class OwnModel:
    """A learner, a detector or a learner of masks of the user's own.

    Parameters
    ----------
    n_classes : int
        What the user's own class is called with; for masks with the background.
    name : str
        What the owner calls it.
    source : Source
    task : {"classes", "boxes", "masks"}

    Raises
    ------
    LearnerError
        If it cannot be imported or made, or lacks a verb.
    """

    def __init__(self, n_classes: int, *, name: str, source: Source, task: Task) -> None:
        self.n_classes, self.name, self.source, self.task = n_classes, name, source, task
        made = brought(source)
        with self._guarded("be made"):
            whole = not isinstance(made, type) and hasattr(made, "fit")
            self._inside: Any = copy.deepcopy(made) if whole else made(n_classes)
        missing = [verb for verb in _VERBS if not callable(getattr(self._inside, verb, None))]
        if missing:
            raise LearnerError(
                f"learner {name!r} ({source}) lacks {', '.join(missing)}; it needs "
                f"{', '.join(_VERBS)}."
            )

    @property
    def id(self) -> str:
        """What tells it from other code."""
        return f"{self.source.what} {self.source.sha256}"

    def fit(self, seen: Any, wanted: Any) -> OwnModel:
        """Learn; a ``fit`` that returns nothing is taken to have changed itself."""
        with self._guarded("learn"):
            found = self._inside.fit(seen, wanted)
        self._inside = self._inside if found is None else found
        return self

    def predict(self, seen: Any) -> Any:
        """Predict, and check what comes back."""
        with self._guarded("predict"):
            found = self._inside.predict(seen)
        return _CHECKS[self.task](self, seen, found)

    def save(self, path: str | Path) -> None:
        """Write what it saves, with its name, in one file."""
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "model"
            with self._guarded("be saved"):
                self._inside.save(file)
            body = np.frombuffer(read_model(file), dtype=np.uint8)
        settings = {
            "name": self.name,
            "what": self.source.what,
            "sha256": self.source.sha256,
            "n_classes": self.n_classes,
            "task": self.task,
        }
        write_model(path, pack_model(KIND, settings, body=body))

    def load(self, path: str | Path) -> OwnModel:
        """Read what `save` wrote, with the same code.

        Raises
        ------
        ModelFileError
            If the file is another learner's.
        """
        settings, arrays = unpack_model(read_model(path), KIND)
        expected = {"n_classes": self.n_classes, "task": self.task}
        found = {key: settings.get(key) for key in expected}
        if found != expected or set(arrays) != {"body"} or arrays["body"].dtype != np.uint8:
            raise ModelFileError(f"{path}: expected {expected}; found {found}")
        again = OwnModel(self.n_classes, name=self.name, source=self.source, task=self.task)
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "model"
            file.write_bytes(arrays["body"].tobytes())
            with self._guarded("be loaded"):
                again._inside = self._inside.load(file)
        return again

    @contextmanager
    def _guarded(self, verb: str) -> Iterator[None]:
        try:
            yield
        except (GroundTruthError, MemoryError):
            raise
        except (Exception, SystemExit) as problem:
            raise LearnerError(
                f"learner {self.name!r} ({self.source}) could not {verb}: {problem!r}"
            ) from problem

    def wrong(self, expected: str, found: Any) -> LearnerError:
        """What to say of a prediction that cannot be used."""
        return LearnerError(
            f"learner {self.name!r} ({self.source}): predict must give {expected}; found {found}"
        )


def owner_of(path: str | Path) -> tuple[str, str, str, int]:
    """Name, code, its SHA-256 and number of classes of what wrote a file of `OwnModel.save`.

    Raises
    ------
    ModelFileError
        If it is no such file.
    """
    settings, _ = unpack_model(read_model(path), KIND)
    told = [settings.get(key) for key in ("name", "what", "sha256")]
    n_classes = settings.get("n_classes")
    if not all(isinstance(each, str) for each in told) or not isinstance(n_classes, int):
        raise ModelFileError(f"{path}: it does not say whose learner it is")
    name, what, sha256 = map(str, told)
    return name, what, sha256, n_classes


def _chances(model: OwnModel, seen: Any, found: Any) -> Any:
    rows = np.asarray(found, dtype=np.float64)
    shape = (len(seen), model.n_classes)
    if rows.shape != shape:
        raise model.wrong(f"probabilities of shape {shape}", f"shape {rows.shape}")
    fair = np.isfinite(rows).all() and (rows >= 0).all()
    if not (fair and np.allclose(rows.sum(axis=1), 1.0, atol=_SUM_WITHIN)):
        raise model.wrong("probabilities, of each row 1 in all", "others")
    return rows


def _boxes(model: OwnModel, _seen: Any, found: Any) -> Any:
    if not isinstance(found, FoundBoxes):
        raise model.wrong("a gt_widgets.autolabel.boxes.FoundBoxes", type(found).__name__)
    n = len(found.scores)
    alike = found.boxes.shape == (n, 4) and found.classes.shape == (n,)
    if not alike or not (np.isfinite(found.boxes).all() and np.isfinite(found.scores).all()):
        raise model.wrong("as many finite boxes, classes and scores", f"{found.boxes.shape}, {n}")
    if n and not 0 <= found.classes.min() <= found.classes.max() < model.n_classes:
        raise model.wrong(f"classes in 0..{model.n_classes - 1}", sorted(set(found.classes)))
    return found


def _pixels(model: OwnModel, seen: Any, found: Any) -> Any:
    chances = np.asarray(found, dtype=np.float32)
    shape = (*seen.shape[:2], model.n_classes)
    if chances.shape != shape or not np.isfinite(chances).all():
        raise model.wrong(f"finite probabilities of shape {shape}", f"shape {chances.shape}")
    return chances


_CHECKS = {"classes": _chances, "boxes": _boxes, "masks": _pixels}

"""What the training process is told: labels so far as a request, objects as it asks for them.

Layer: engine. A request follows from the stored loop and from people's answers alone, so that one
that was killed is made again word for word.
"""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from gt_widgets.autolabel import LoopState, record, relabeled
from gt_widgets.engine.automated import task_of
from gt_widgets.engine.models import initial_model_of
from gt_widgets.engine.pictures import as_stored, measure
from gt_widgets.engine.tables import data_objects
from gt_widgets.engine.unreadable import unreadable_as
from gt_widgets.errors import ImageError, ModelFileError
from gt_widgets.training.messages import Request

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from pathlib import Path

    from gt_widgets.engine.automations import Automation
    from gt_widgets.engine.gather import Gatherer
    from gt_widgets.engine.intake import Intake
    from gt_widgets.engine.jobs import Job
    from gt_widgets.engine.models import Models
    from gt_widgets.engine.outputs import Outputs
    from gt_widgets.engine.showing import Showing
    from gt_widgets.engine.store import Store

    Labels = Mapping[int, Mapping[str, Any]]
    """Attributes of manifest lines by object."""

__all__ = ["Lessons", "object_rows"]

_LOG = logging.getLogger(__name__)
_PAGE = 2_000
_PLACE = ".training"


class Lessons:
    """Makes the requests of automated jobs and reads their objects.

    Parameters
    ----------
    folder : Path
        Where each job's training has a folder of its own.
    """

    def __init__(
        self,
        store: Store,
        *,
        gatherer: Gatherer,
        intake: Intake,
        showing: Showing,
        outputs: Outputs,
        models: Models,
        folder: Path,
    ) -> None:
        self._store, self._gatherer, self._folder = store, gatherer, folder
        self._intake, self._showing = intake, showing
        self._outputs, self._models = outputs, models

    def place(self, job_id: int) -> Path:
        """Folder of a job's training."""
        return self._folder / f"{job_id}{_PLACE}"

    def left_behind(self) -> set[int]:
        """Jobs whose training has a folder here."""
        names = (path.name.removesuffix(_PLACE) for path in self._folder.glob(f"*{_PLACE}"))
        return {int(name) for name in names if name.isdecimal()}

    def request(
        self,
        job: Job,
        found: Automation,
        *,
        stop: bool,
        watched: bool = False,
        cut: int = 0,
        look: bool = False,
    ) -> Request:
        """Ask for the next step of a job's loop, all answers to its last decision gathered.

        Parameters
        ----------
        stop, watched, look : bool
            As `gt_widgets.training.messages.Request` has them.
        cut : int
            An iteration that was cut short, or 0.
        """
        settled = self._gatherer.settled(job)  # so that the same answers always train the same
        state = self._recorded(job, found.state, settled, stop=stop, cut=cut)
        return Request(
            job_id=job.job_id,
            step=found.step,
            media="text" if job.task_type.media == "text" else "image",
            categories=job.categories.labels,
            state=state.to_dict(),
            stop=stop,
            folder=str(self.place(job.job_id)),
            earlier_model=self._earlier_model(job),
            answers=self._drawn(job, state, settled),
            watched=watched,
            look=look,
        )

    def look(
        self, job: Job, found: Automation
    ) -> tuple[Callable[[], Request], Callable[[str, int], bytes]]:
        """What makes the request of a look while people label, and what reads objects for it."""
        lean = replace(found, state=replace(found.state, proposal={}))
        asked = {"stop": True, "watched": True, "look": True}
        make = partial(self.request, job, lean, cut=job.iteration, **asked)
        return make, partial(self.read, job)

    def _drawn(self, job: Job, state: LoopState, settled: Labels) -> dict[str, Any]:
        """Boxes that people drew; the training process does not see the store."""
        if state.task != "boxes":
            return {}
        rows = object_rows(self._store, job, sorted(state.labels), data_objects.c.label)
        labels = {row.object_id: json.loads(row.label) for row in rows} | {
            row.object_id: settled[row.object_id] for row in rows if row.object_id in settled
        }
        return {
            str(key): label[job.label_attribute]["annotations"] for key, label in labels.items()
        }

    def _recorded(
        self, job: Job, state: LoopState, settled: Labels, *, stop: bool, cut: int
    ) -> LoopState:
        """Add to the state what people answered since it was stored.

        Labels of earlier decisions are what all answers together make of them by now.
        """
        columns = (data_objects.c.state, data_objects.c.label, data_objects.c.iteration)
        rows = object_rows(self._store, job, state.pending.objects, *columns)
        labels = {
            row.object_id: _class_of(job, settled.get(row.object_id) or json.loads(row.label))
            for row in rows
            if row.state == "labeled"
        }
        failed = {row.object_id for row in rows if row.state == "failed"}
        if stop:
            partly = {row.object_id for row in rows if cut and row.iteration == cut}
            state = _cut_short(state, labels.keys() | failed, partly)
        anew = {object_id: _class_of(job, label) for object_id, label in settled.items()}
        return relabeled(record(state, labels, failed=failed), anew)

    def read(self, job: Job, word: str, object_id: int) -> bytes:
        """Return the bytes of an object ("want") or of the mask that people painted ("mask").

        Raises
        ------
        GroundTruthError
            If it cannot be read; the machine then leaves it to people.
        OSError
            If nothing can be read for now.
        """
        if word == "mask":
            [row] = object_rows(self._store, job, [object_id], data_objects.c.label)
            uri = str(json.loads(row.label)[job.label_attribute])
            with unreadable_as(ImageError, uri):
                return self._outputs.get(uri)
        if job.task_type.media == "text":
            return str(self._showing.seen(job, object_id, None, None).text).encode()
        data = self._intake.read_picture(job, object_id)
        measure(f"object {object_id}", data)  # what workers are not shown, no sample stands for
        return as_stored(data)

    def _earlier_model(self, job: Job) -> str:
        """Fetch the model that the job starts from; its file's path, or nothing."""
        arn = initial_model_of(job.request)
        if not arn:
            return ""
        path = self.place(job.job_id) / "initial.gtm"
        if not path.exists():
            model = self._models.of_arn(arn)
            try:
                with unreadable_as(ModelFileError, arn):
                    body = self._outputs.get(model.uri if model else "")
            except ModelFileError as error:  # it only saves labels; the loop finds its own way
                _LOG.info("labeling job %r begins without its model: %s", job.name, error)
                return ""
            path.parent.mkdir(parents=True, exist_ok=True)
            partial_path = path.with_suffix(".part")
            partial_path.write_bytes(body)
            partial_path.replace(path)
        return str(path)


def object_rows(
    store: Store, job: Job, object_ids: Sequence[int], *columns: sa.Column[Any]
) -> Sequence[Any]:
    """Read columns of some of a job's objects, a page at a time and all of one moment."""
    found: list[Any] = []
    query = sa.select(data_objects.c.object_id, *columns).filter_by(job_id=job.job_id)
    with store.reading(together=True) as connection:
        for start in range(0, len(object_ids), _PAGE):
            page = object_ids[start : start + _PAGE]
            found += connection.execute(query.where(data_objects.c.object_id.in_(page))).all()
    return found


def _cut_short(state: LoopState, done: Collection[int], partly: Collection[int]) -> LoopState:
    """Forget what a stopping condition or a commit leaves unasked.

    The calibration sample, drawn in random order, is then shorter; its first part stays. Of a batch
    that was answered ``partly`` the answers only train: who answers what first is not random.
    """
    answered = tuple(o for o in state.pending.objects if o in done)
    missed = set(state.pending.objects).difference(answered)
    if state.pending.purpose == "calibration":
        drawn = tuple(o for o in state.calibration if o not in missed and o not in partly)
        state = replace(state, calibration=drawn)
    return replace(state, pending=replace(state.pending, objects=answered))


def _class_of(job: Job, label: Mapping[str, Any]) -> int:
    """Return the class of an object; boxes and masks only say that there is a label."""
    return int(label[job.label_attribute]) if task_of(job.task_type) == "classes" else 0

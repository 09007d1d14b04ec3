"""Automated data labeling of a job: whom it asks next, when it trains, when it commits.

Layer: engine. The conductor calls ``turn`` whenever no object of the job is with workers. What it
answers follows from the stored loop (``automations.py``) and the labels, so a turn that was killed
is simply taken again; the training itself runs elsewhere (``training.py``).
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

import sqlalchemy as sa

from gt_widgets.autolabel import Decision, LoopState, begin
from gt_widgets.engine.automated import config_of, task_of
from gt_widgets.engine.lessons import object_rows
from gt_widgets.engine.logbook import job_event, training_records
from gt_widgets.engine.machine_words import step_words
from gt_widgets.engine.tables import data_objects
from gt_widgets.errors import ValidationError
from gt_widgets.schema.limits import PROBE_OBJECTS

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from gt_widgets.engine.automations import Automation, Automations
    from gt_widgets.engine.choosing import Chooser
    from gt_widgets.engine.commits import Commits, Wish
    from gt_widgets.engine.gather import Gatherer
    from gt_widgets.engine.intake import Intake
    from gt_widgets.engine.jobs import Job
    from gt_widgets.engine.lessons import Lessons
    from gt_widgets.engine.machine_labels import MachineLabels
    from gt_widgets.engine.models import Models
    from gt_widgets.engine.outputs import Outputs
    from gt_widgets.engine.store import Store
    from gt_widgets.engine.training import Trainer
    from gt_widgets.engine.votes import Votes
    from gt_widgets.training.messages import Request, Result

__all__ = ["ActiveLearning", "Ask", "Training"]

_EVENT = "ACTIVE_LEARNING_STATUS"


@dataclass(frozen=True, slots=True)
class Ask:
    """Objects that go to workers now; ``votes`` of those that were labeled before."""

    iteration: int
    objects: tuple[int, ...]
    votes: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Training:
    """The machine is at work; there is nothing for people to do."""


class ActiveLearning:
    """Moves the loops of automated jobs.

    Parameters
    ----------
    reread : callable
        ``job_id -> Job`` as it is stored now.
    """

    def __init__(
        self,
        store: Store,
        automations: Automations,
        *,
        reread: Callable[[int], Job],
        chooser: Chooser,
        gatherer: Gatherer,
        intake: Intake,
        outputs: Outputs,
        models: Models,
        trainer: Trainer,
        votes: Votes,
        machine_labels: MachineLabels,
        commits: Commits,
        lessons: Lessons,
    ) -> None:
        self._store, self._automations, self._chooser = store, automations, chooser
        self._reread, self._lessons = reread, lessons
        self._intake, self._outputs, self._models = intake, outputs, models
        self._trainer, self._votes, self._labels = trainer, votes, machine_labels
        self._gatherer, self._commits = gatherer, commits
        self._requests: dict[int, tuple[tuple[int, bool, bool], Request]] = {}
        self._kept: set[int] | None = None

    def turn(self, job: Job, now: float) -> Ask | Training | None:
        """Say what a job does next; None if no object waits any more.

        Parameters
        ----------
        job : Job
            With no object in the hands of workers, and all answers gathered.
        """
        while True:
            found = self._automations.of(job.job_id) or self._begin(job, now)
            if found.committed:
                return self._rest(job)
            if found.state.done or found.refusal is not None or self._enough(job, found):
                self.commit(job, now)
                return self._rest(self._reread(job.job_id))  # there are machine labels now
            wish = self._commits.of(job.job_id)
            ask = None if wish else self._question(job, found)
            if ask is not None:
                return ask
            if not self._train(job, found, now, wish):
                return Training()

    def commit(self, job: Job, now: float) -> None:
        """Write what the machine may label by the last certificate, once and for all.

        It is also what a stopped job does: the labels were certified, whoever stopped it.
        """
        found = self._automations.of(job.job_id)
        if found is not None and not found.committed:
            self._labels.commit(job, found, now)
        self.abandon(job.job_id)

    def abandon(self, job_id: int) -> None:
        """Train no more for a job that is over, or another server's."""
        self._trainer.forget(job_id)
        self._requests.pop(job_id, None)
        shutil.rmtree(self._lessons.place(job_id), ignore_errors=True)

    def keep(self, job_ids: Collection[int]) -> None:
        """Train for no jobs but these; what a killed server left behind goes at its first turn."""
        before = self._lessons.left_behind() if self._kept is None else self._kept
        for job_id in before.difference(job_ids):
            self.abandon(job_id)
        self._kept = set(job_ids)

    def gone_by(self, job: Job) -> frozenset[int]:
        """Objects whose labels stand, for the machine's were certified by them; often none."""
        found = self._automations.of(job.job_id)
        return frozenset(found.state.labels) if found is not None and found.machine else frozenset()

    # --- the beginning ------------------------------------------------------------------------

    def _begin(self, job: Job, now: float) -> Automation:
        """Draw the random calibration sample; labels that came with the manifest are known."""
        known, useless = self._brought(job)
        config = config_of(job)
        n_classes = len(job.categories.labels)
        refusal = None
        try:
            state = begin(
                job.total,
                n_classes,
                config,
                task=task_of(job.task_type),
                known={**dict.fromkeys(useless, 0), **known},
            )
            state = replace(state, labels=known, known=tuple(sorted(known)), failed=tuple(useless))
        except ValidationError as error:
            refusal = f"{error}."
            state = LoopState(
                job.total,
                n_classes,
                config,
                (),
                Decision("commit", ()),
                task=task_of(job.task_type),
            )
        with self._store.begin() as connection:
            self._automations.begin(job.job_id, state, now)
            self._automations.change(connection, job.job_id, refusal=refusal)
            if refusal:
                self._log(connection, job, now, f"People label every object: {refusal}")
        begun = self._automations.of(job.job_id)
        if begun is None:
            raise RuntimeError(f"the loop of job {job.name!r} was stored and is not there")
        return begun

    def _brought(self, job: Job) -> tuple[dict[int, int], list[int]]:
        """Labels that the manifest's own lines have, and objects whose label cannot be learned."""
        with self._store.reading() as connection:
            kept = connection.scalars(
                sa.select(data_objects.c.object_id).filter_by(job_id=job.job_id, state="kept")
            ).all()
        known, useless = dict[int, int](), list[int]()
        for object_id in kept:
            try:
                label = json.loads(self._intake.read_object(job, object_id)[1])[job.label_attribute]
            except ValueError:  # a number elsewhere in the line that Python will not read
                label = None
            fits = isinstance(label, int) and 0 <= label < len(job.categories.labels)
            if fits and task_of(job.task_type) == "classes":
                known[object_id] = int(label)
            else:
                useless.append(object_id)
        return known, sorted(useless)

    # --- people -------------------------------------------------------------------------------

    def _question(self, job: Job, found: Automation) -> Ask | None:
        pending = found.state.pending
        most = int(job.human["MaxConcurrentTaskCount"])
        if pending.purpose == "adjudication":
            wanted = self._votes.wanted(job, pending.objects)
            chosen = tuple(sorted(wanted)[:most])
            votes = {object_id: wanted[object_id] for object_id in chosen}
            return Ask(job.iteration + 1, chosen, votes) if chosen else None
        size = min(_batch_size(job.iteration, most), self._chooser.still_allowed(job))
        states = self._states(job, pending.objects)
        waiting = [o for o in pending.objects if states[o] == "waiting"][:size]
        return Ask(job.iteration + 1, tuple(sorted(waiting))) if waiting else None

    def _rest(self, job: Job) -> Ask | None:
        wish = self._commits.of(job.job_id)
        if wish is not None and wish.rest == "unlabeled":
            return None
        size = min(
            _batch_size(job.iteration, int(job.human["MaxConcurrentTaskCount"])),
            self._chooser.still_allowed(job),
        )
        waiting = self._chooser.waiting(job, size)
        return Ask(job.iteration + 1, tuple(waiting)) if waiting else None

    def _enough(self, job: Job, found: Automation) -> bool:
        """Tell whether what is certified fills the percentage that the job may label (D06)."""
        allowed = self._chooser.percentage_allowed(job)
        return allowed is not None and 0 < allowed <= len(found.state.proposal)

    def _states(self, job: Job, object_ids: Sequence[int]) -> dict[int, str]:
        rows = object_rows(self._store, job, object_ids, data_objects.c.state)
        return {row.object_id: str(row.state) for row in rows}

    # --- the machine --------------------------------------------------------------------------

    def _train(self, job: Job, found: Automation, now: float, wish: Wish | None) -> bool:
        """Store the next step of the loop if its training is done; False if it is not."""
        stop, watched = self._chooser.still_allowed(job) == 0, wish is not None
        key, request = self._requests.get(job.job_id, (None, None))
        if request is None or key != (found.step, stop, watched):
            cut = (wish.iteration or 0) if wish else 0
            request = self._lessons.request(
                job, found, stop=stop or watched, watched=watched, cut=cut
            )
            self._requests[job.job_id] = (found.step, stop, watched), request
        result = self._trainer.result(request)
        if result is None:
            self._trainer.ask(request, partial(self._lessons.read, job))
            return False
        if result.error:
            self._refuse(job, now, result.error)
        else:
            self._gatherer.settle(job)  # what the machine was held to is what the manifest says
            self._store_step(job, found, request, result, now)
        return True

    def _store_step(
        self, job: Job, found: Automation, request: Request, result: Result, now: float
    ) -> None:
        model = self._put_model(job, request) if result.model else ""
        after = LoopState.from_dict(result.state)
        with self._store.begin() as connection:
            self._automations.change(
                connection,
                job.job_id,
                step=found.step + 1,
                state=json.dumps(result.state),
                report=json.dumps(result.report) if result.report else None,
                decided_at=now,
            )
            if model:
                self._models.keep(connection, job, model, now)
            training_records(connection, now, f"{job.name}-{found.step + 1}", result.log)
            self._log(connection, job, now, step_words(after))
        for path in (request.request_path, request.result_path, request.model_path):
            path.unlink(missing_ok=True)

    def _put_model(self, job: Job, request: Request) -> str:
        uri = f"{job.output_folder}/training/{job.name}/output/model.gtm"
        body = request.model_path.read_bytes()
        self._outputs.put(uri, body, "application/octet-stream")
        return uri

    def _refuse(self, job: Job, now: float, reason: str) -> None:
        """Go on without the machine: what it certified before stays certified."""
        with self._store.begin() as connection:
            self._automations.change(connection, job.job_id, refusal=reason, decided_at=now)
            self._log(connection, job, now, f"People label what is left: {reason}")

    @staticmethod
    def _log(connection: sa.Connection, job: Job, now: float, message: str) -> None:
        job_event(connection, now, job.name, _EVENT, message)


def _batch_size(iteration: int, most: int) -> int:
    """Size of the batch after ``iteration`` others: 10, M - 10, M, M ... (reference 8.2)."""
    if iteration == 0:
        return min(PROBE_OBJECTS, most)
    return most - PROBE_OBJECTS if iteration == 1 and most > PROBE_OBJECTS else most

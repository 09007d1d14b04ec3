"""The live meter: what the machine could be held to now, looked up while people label.

Layer: engine. A look is a forecast: the training process says what a commit would certify, and
nothing of the loop changes. It waits behind the trainings of all jobs, is repeated after so many
new answers and not before a pause of a few times its own length, and nobody waits for it.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from gt_widgets.engine.tables import forecasts

if TYPE_CHECKING:
    from collections.abc import Callable

    from gt_widgets.engine.automations import Automation, Automations
    from gt_widgets.engine.jobs import Job
    from gt_widgets.engine.store import Store
    from gt_widgets.engine.training import Trainer
    from gt_widgets.training.messages import Request, Result

__all__ = ["Forecast", "Forecasts", "Meter"]

_SHARE = 0.05
"""A look follows this share of a batch in new answers."""
_PAUSE = 4.0
"""And a pause of so many times the CPU time of the last: a fifth of a core at most."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a commit would bring, as of one look.

    Attributes
    ----------
    step : int
        Trainings up to then; a forecast does not outlive the next training.
    people : int
        Labels by people that it is drawn from.
    sampled, sample : int
        Of the random sample: labels that count, and its size.
    machine : int
        Objects that would be labeled by machine.
    certificate : dict or None
        What would be certified, or why nothing; None where nothing can be learned yet.
    report : dict or None
        ``curve``, ``confidence`` and ``targets`` for charts.
    """

    step: int
    people: int
    sampled: int
    sample: int
    machine: int
    certificate: dict[str, Any] | None
    report: dict[str, Any] | None
    made_at: float


class Forecasts:
    """The newest forecast of each job, as stored."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._read: dict[int, tuple[tuple[int, int, float], Forecast]] = {}

    def of(self, found: Automation) -> Forecast | None:
        """Return the forecast of a loop; None if it has trained since, or has committed."""
        which = sa.select(forecasts.c.step, forecasts.c.people, forecasts.c.made_at)
        here = forecasts.c.job_id == found.job_id
        with self._store.reading(together=True) as connection:
            row = connection.execute(which.where(here)).one_or_none()
            if row is None or row.step != found.step or found.committed or found.refusal:
                return None
            version = (row.step, row.people, row.made_at)
            kept = self._read.get(found.job_id)
            if kept is not None and kept[0] == version:
                return kept[1]
            text = connection.scalar(sa.select(forecasts.c.found).where(here))
        made = Forecast(row.step, row.people, **json.loads(str(text)), made_at=row.made_at)
        self._read = {found.job_id: (version, made)} | dict(list(self._read.items())[-7:])
        return made

    def keep(self, job_id: int, made: Forecast) -> None:
        """Store a forecast in place of the one before."""
        names = ("sampled", "sample", "machine", "certificate", "report")
        values = {
            "step": made.step,
            "people": made.people,
            "found": json.dumps({name: getattr(made, name) for name in names}),
            "made_at": made.made_at,
        }
        with self._store.begin() as connection:
            changed = sa.update(forecasts).where(forecasts.c.job_id == job_id).values(**values)
            if not connection.execute(changed).rowcount:
                connection.execute(sa.insert(forecasts).values(job_id=job_id, **values))


@dataclass(frozen=True, slots=True)
class _Looked:
    """When a job was looked at last: the step, the labels by people, the time, how long it took."""

    step: int
    people: int
    at: float
    seconds: float = 0.0


class Meter:
    """Looks at the jobs that people are labeling, where that takes a second and not minutes.

    Parameters
    ----------
    prepared : callable
        Given a job and its loop, what makes the request of a look, and what reads objects for it.
    """

    def __init__(
        self,
        forecasts_: Forecasts,
        automations: Automations,
        trainer: Trainer,
        *,
        prepared: Callable[
            [Job, Automation], tuple[Callable[[], Request], Callable[[str, int], bytes]]
        ],
    ) -> None:
        self._forecasts, self._automations, self._trainer = forecasts_, automations, trainer
        self._prepared = prepared
        self._looked: dict[int, _Looked] = {}

    def watch(self, job: Job, now: float) -> float:
        """Keep what a look has brought, and ask for another if enough was answered since.

        Returns
        -------
        float
            Seconds until a look is due that no answer announces; ``inf`` if none will be.
        """
        found = self._automations.of(job.job_id)
        if found is None or not _can_be_watched(found):
            self._looked.pop(job.job_id, None)
            return math.inf
        self._keep(found, now)
        last = self._looked.get(job.job_id)
        if last is None or last.step != found.step:
            self._looked[job.job_id] = last = _Looked(found.step, job.human_labeled, now)
        wanted = math.ceil(_SHARE * len(found.state.pending.objects))
        if job.human_labeled - last.people < wanted or self._trainer.looking(job.job_id):
            return math.inf
        pause = _PAUSE * last.seconds - (now - last.at)
        if 0 < pause <= _PAUSE * last.seconds:  # not for a clock that was set back
            return pause
        self._looked[job.job_id] = _Looked(found.step, job.human_labeled, now, last.seconds)
        self._trainer.look(job.job_id, *self._prepared(job, found))
        return math.inf

    def _keep(self, found: Automation, now: float) -> None:
        brought = self._trainer.seen(found.job_id)
        if brought is None:
            return
        request, result = brought
        last = self._looked.get(found.job_id)
        if result.forecast is None or request.step != found.step or last is None:
            return  # it was overtaken by a training, or failed: the next one says more
        seconds = float(result.forecast["seconds"])
        self._looked[found.job_id] = _Looked(last.step, last.people, now, seconds)
        self._forecasts.keep(found.job_id, _forecast(found, request, result, now))


def _can_be_watched(found: Automation) -> bool:
    """Boxes and masks train for minutes; the service's own policy promises nothing."""
    state = found.state
    over = found.committed or found.refusal is not None or state.done
    return not over and state.task == "classes" and not state.config.aws_policy


def _forecast(found: Automation, request: Request, result: Result, now: float) -> Forecast:
    labels = request.state["labels"]
    certificate = (result.forecast or {}).get("certificate")
    accepted = int(certificate["accepted"]) if certificate else 0
    # a commit keeps the best round's labels if they are more
    kept = sum(str(object_id) not in labels for object_id in found.state.proposal)
    sample = request.state["calibration"]
    return Forecast(
        step=found.step,
        people=len(labels),
        sampled=sum(str(object_id) in labels for object_id in sample),
        sample=len(found.state.calibration),
        machine=max(accepted, kept if certificate else 0),
        certificate=certificate,
        report=result.report,
        made_at=now,
    )

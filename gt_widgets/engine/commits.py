"""A requester who wants no more questions: what is with workers is taken back, the machine commits.

Layer: engine. The wish is a row; the conductor acts on it and may do so again after a kill. What is
with workers goes back: objects nobody has answered wait again, the others get a label from the
answers they have. Of a calibration sample in random order, the batch that was cut short does not
count any more: which of its objects were answered first is not random.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from gt_widgets.engine.logbook import job_event
from gt_widgets.engine.tables import commits, data_objects, responses, tasks
from gt_widgets.engine.tasks import close_object
from gt_widgets.errors import StateError, ValidationError

if TYPE_CHECKING:
    from gt_widgets.engine.automations import Automation
    from gt_widgets.engine.jobs import Job
    from gt_widgets.engine.meter import Forecast
    from gt_widgets.engine.store import Store

__all__ = ["Commits", "Wish", "foreseen_machine"]

REST = ("people", "unlabeled")
_MINE = sa.select(commits).where(commits.c.job_id == sa.bindparam("job"))
_LIVE = sa.select(data_objects.c.object_id).where(
    data_objects.c.job_id == sa.bindparam("job"), data_objects.c.state == "live"
)


@dataclass(frozen=True, slots=True)
class Wish:
    """A commit that was asked for.

    Attributes
    ----------
    rest : {"people", "unlabeled"}
        Who labels what the machine may not: people, or nobody.
    iteration : int or None
        Of the batch that it cut short, 0 if none was out; None until the conductor has seen it.
    """

    rest: str
    iteration: int | None


class Commits:
    """Wishes of requesters, and what they do to the batch that is out."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def of(self, job_id: int) -> Wish | None:
        """Return the wish for a job; None if nobody has one."""
        with self._store.reading() as connection:
            row = connection.execute(_MINE, {"job": job_id}).one_or_none()
        return None if row is None else Wish(row.rest, row.iteration)

    def ask(
        self,
        job: Job,
        found: Automation | None,
        foreseen: int,
        now: float,
        *,
        rest: str,
        anyway: bool,
    ) -> None:
        """Store a wish; asked again, only who labels the rest can change.

        Parameters
        ----------
        found : Automation or None
            The job's loop.
        foreseen : int
            Objects that the machine could probably label.
        rest : {"people", "unlabeled"}
        anyway : bool
            Also where the machine could label nothing.

        Raises
        ------
        StateError
            If there is no loop to end, or it would end with nothing.
        ValidationError
            If ``rest`` is neither.
        """
        if rest not in REST:
            raise ValidationError(f"rest must be 'people' or 'unlabeled'; found {rest!r}.")
        if found is None or job.status != "InProgress":
            raise StateError(
                f"Job {job.name!r} has no machine at work; it is {job.status}. Only automated jobs "
                "that are InProgress can be told to commit."
            )
        if found.committed or found.refusal is not None:
            raise StateError(
                f"The machine of job {job.name!r} has finished its part already; people label what "
                "is left. job.stop() ends the job."
            )
        if not foreseen and not anyway:
            raise StateError(
                "The machine can be held to nothing yet, so a commit would end its part without a "
                "label. Wait for more answers (job.automation says how it stands), or give "
                "anyway=True."
            )
        with self._store.begin() as connection:
            there = sa.update(commits).where(commits.c.job_id == job.job_id).values(rest=rest)
            if connection.execute(there).rowcount:
                return
            connection.execute(
                sa.insert(commits).values(job_id=job.job_id, rest=rest, asked_at=now)
            )
            words = "The requester asks people no further; the machine commits what it can"
            job_event(connection, now, job.name, "ACTIVE_LEARNING_STATUS", words)

    def cut(self, job: Job, now: float) -> None:
        """Take back what is with workers, once, if somebody wants that."""
        wish = self.of(job.job_id)
        if wish is None or wish.iteration is not None:
            return
        with self._store.begin() as connection:
            live = connection.scalars(_LIVE, {"job": job.job_id}).all()
            answered = set(
                connection.scalars(
                    sa.select(responses.c.object_id)
                    .where(responses.c.job_id == job.job_id, responses.c.object_id.in_(live))
                    .distinct()
                )
            )
            for object_id in answered:
                close_object(connection, job.job_id, object_id, now)
            _withdraw(connection, job, [each for each in live if each not in answered])
            connection.execute(
                sa.update(commits)
                .where(commits.c.job_id == job.job_id)
                .values(iteration=job.iteration if live else 0)
            )


def _withdraw(connection: sa.Connection, job: Job, object_ids: list[int]) -> None:
    """Let objects wait as if nobody had been asked: they may be offered again."""
    connection.execute(
        sa.delete(tasks).where(tasks.c.job_id == job.job_id, tasks.c.object_id.in_(object_ids))
    )
    connection.execute(
        sa.update(data_objects)
        .where(data_objects.c.job_id == job.job_id, data_objects.c.object_id.in_(object_ids))
        .values(state="waiting", iteration=None, expires_at=None)
    )


def foreseen_machine(found: Automation | None, forecast: Forecast | None) -> int:
    """How many objects the machine could label by what is known: a look, else the last round."""
    if found is None:
        return 0
    if forecast is not None:
        return forecast.machine
    open_ = [each for each in found.state.proposal if each not in found.state.labels]
    return len(found.state.machine) + len(open_)

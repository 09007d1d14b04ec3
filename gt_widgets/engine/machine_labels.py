"""Machine labels become manifest lines and files: ``human-annotated: "no"``, once.

Layer: engine. The file is written first, then the labels group by group, then the job says that it
has committed. Repeated after a kill, it writes the same file and the labels that are missing.
"""

from __future__ import annotations

import json
import logging
from functools import partial
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from gt_widgets.engine.clock import creation_date
from gt_widgets.engine.intake import lane_of_job
from gt_widgets.engine.jobs import later
from gt_widgets.engine.labels import machine_attributes
from gt_widgets.engine.tables import automations, data_objects, jobs
from gt_widgets.errors import ImageError
from gt_widgets.kinds.by_machine import machine_labeled
from gt_widgets.schema.manifest import compact

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gt_widgets.autolabel import MachineLabel
    from gt_widgets.engine.automations import Automation
    from gt_widgets.engine.choosing import Chooser
    from gt_widgets.engine.intake import Intake
    from gt_widgets.engine.jobs import Job
    from gt_widgets.engine.outputs import Outputs
    from gt_widgets.engine.store import Store

__all__ = ["MachineLabels"]

_LOG = logging.getLogger(__name__)
_GROUP = 1_000
"""Labels stored in one transaction: submits of workers wait for no more."""
_LABEL = (
    sa.update(data_objects)
    .where(data_objects.c.object_id == sa.bindparam("id"), data_objects.c.state == "waiting")
    .values(
        state="labeled",
        label=sa.bindparam("label_"),
        iteration=sa.bindparam("iteration_"),
        finished_at=sa.bindparam("at"),
    )
)


class MachineLabels:
    """Writes what a job's machine has labeled."""

    def __init__(self, store: Store, outputs: Outputs, chooser: Chooser, intake: Intake) -> None:
        self._store, self._outputs, self._chooser = store, outputs, chooser
        self._intake = intake

    def commit(self, job: Job, found: Automation, now: float) -> None:
        """Write the labels that the last certificate allows.

        Where a stopping condition leaves room for fewer, the surest are written.
        """
        iteration = job.iteration + 1
        given = found.state.machine or found.state.proposal
        chosen = self._chosen(job, found, given)
        created = creation_date(found.decided_at)
        if chosen:
            lines = (
                b"%d %s" % (object_id, compact(attributes))
                for object_id, attributes in self._attributes(job, given, chosen, created)
            )
            self._outputs.auto_annotations(job, iteration, lines)
        for start in range(0, len(chosen), _GROUP):
            group = chosen[start : start + _GROUP]
            self._label(job, found, iteration, dict(self._attributes(job, given, group, created)))
        self._finish(job, iteration, now)

    def _finish(self, job: Job, iteration: int, now: float) -> None:
        people = sa.exists().where(
            data_objects.c.job_id == job.job_id, data_objects.c.state == "waiting"
        )
        with self._store.begin() as connection:
            connection.execute(
                sa.update(automations)
                .where(automations.c.job_id == job.job_id)
                .values(committed=True)
            )
            connection.execute(
                sa.update(jobs)
                .where(jobs.c.job_id == job.job_id)
                .values(
                    # people who label the rest do so in the same iteration (4a and 4b of 8.2)
                    iteration=sa.case((people, jobs.c.iteration), else_=iteration),
                    modified_at=later(now),
                    manifest_stale=True,
                )
            )

    def _chosen(self, job: Job, found: Automation, given: dict[int, MachineLabel]) -> list[int]:
        """Objects that nobody else has labeled; also those that were written before a kill."""
        mine = sa.and_(data_objects.c.state == "labeled", data_objects.c.consolidation_id.is_(None))
        with self._store.reading() as connection:
            free = set(
                connection.scalars(
                    sa.select(data_objects.c.object_id)
                    .where(data_objects.c.job_id == job.job_id)
                    .where(sa.or_(data_objects.c.state == "waiting", mine))
                )
            )
        usable = [object_id for object_id in given if object_id in free]
        most = self._chooser.percentage_allowed(job)
        if most is not None:
            usable.sort(key=lambda object_id: (-given[object_id].score, object_id))
            usable = usable[: most + found.machine]
        return sorted(usable)

    def _attributes(
        self, job: Job, given: dict[int, MachineLabel], chosen: Sequence[int], created: str
    ) -> Iterator[tuple[int, dict[str, Any]]]:
        """What each line gains; a picture that cannot be measured is left to people."""
        for object_id in chosen:
            try:
                labeled = machine_labeled(
                    job,
                    object_id,
                    given[object_id],
                    created=created,
                    size=partial(self._size, job, object_id),
                )
            except ImageError as error:
                _LOG.info("object %d is left to people: %s", object_id, error)
                continue
            for file in labeled.files:
                self._outputs.put(file.uri, file.data, file.content_type)
            yield object_id, machine_attributes(job, labeled, created)

    def _size(self, job: Job, object_id: int) -> tuple[int, int, int]:
        found = self._intake.picture(job, object_id)
        return found.width, found.height, found.depth

    def _label(
        self, job: Job, found: Automation, iteration: int, labels: dict[int, dict[str, Any]]
    ) -> None:
        """Store one group, and count in the same transaction what was not stored before."""
        with self._store.begin(lane=lane_of_job(job)) as connection:
            waiting = set(
                connection.scalars(
                    sa.select(data_objects.c.object_id)
                    .where(data_objects.c.job_id == job.job_id)
                    .where(data_objects.c.object_id.in_(labels))
                    .where(data_objects.c.state == "waiting")
                )
            )
            if not waiting:
                return
            connection.execute(
                _LABEL.where(data_objects.c.job_id == job.job_id),
                [
                    {
                        "id": object_id,
                        "label_": json.dumps(labels[object_id], ensure_ascii=False),
                        "iteration_": iteration,
                        "at": found.decided_at,
                    }
                    for object_id in sorted(waiting)
                ],
            )
            connection.execute(
                sa.update(jobs)
                .where(jobs.c.job_id == job.job_id)
                .values(
                    machine_labeled=jobs.c.machine_labeled + len(waiting),
                    modified_at=later(found.decided_at),
                    manifest_stale=True,
                )
            )
            connection.execute(
                sa.update(automations)
                .where(automations.c.job_id == job.job_id)
                .values(machine=automations.c.machine + len(waiting))
            )

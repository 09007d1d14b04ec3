"""Machine labels become manifest lines and files: ``human-annotated: "no"``, once.

Layer: engine. The file is written first, then the labels group by group, then the job says that it
has committed. Repeated after a kill, it writes the same file and the labels that are missing.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from gt_widgets.engine.clock import creation_date
from gt_widgets.engine.intake import lane_of_job
from gt_widgets.engine.jobs import later
from gt_widgets.engine.labels import machine_attributes
from gt_widgets.engine.tables import automations, data_objects, jobs
from gt_widgets.schema.manifest import compact

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gt_widgets.autolabel import MachineLabel
    from gt_widgets.engine.automations import Automation
    from gt_widgets.engine.choosing import Chooser
    from gt_widgets.engine.jobs import Job
    from gt_widgets.engine.outputs import Outputs
    from gt_widgets.engine.store import Store

__all__ = ["MachineLabels"]

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

    def __init__(self, store: Store, outputs: Outputs, chooser: Chooser) -> None:
        self._store, self._outputs, self._chooser = store, outputs, chooser

    def commit(self, job: Job, found: Automation, now: float) -> None:
        """Write the labels that the last certificate allows.

        Where a stopping condition leaves room for fewer, the surest are written.
        """
        iteration = job.iteration + 1
        given = found.state.machine or found.state.proposal
        chosen = self._chosen(job, found, given)
        created = creation_date(found.decided_at)
        if chosen:
            lines = self._lines(job, given, chosen, created)
            self._outputs.auto_annotations(job, iteration, lines)
        for start in range(0, len(chosen), _GROUP):
            group = chosen[start : start + _GROUP]
            self._label(job, found, iteration, dict(self._attributes(job, given, group, created)))
        with self._store.begin() as connection:
            connection.execute(
                sa.update(automations)
                .where(automations.c.job_id == job.job_id)
                .values(committed=True)
            )
            people = sa.exists().where(
                data_objects.c.job_id == job.job_id, data_objects.c.state == "waiting"
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

    def _chosen(
        self, job: Job, found: Automation, given: dict[int, MachineLabel]
    ) -> list[int]:
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

    def _lines(
        self, job: Job, given: dict[int, MachineLabel], chosen: Sequence[int], created: str
    ) -> Iterator[bytes]:
        for object_id, attributes in self._attributes(job, given, chosen, created):
            yield b"%d %s" % (object_id, compact(attributes))

    @staticmethod
    def _attributes(
        job: Job, given: dict[int, MachineLabel], chosen: Sequence[int], created: str
    ) -> Iterator[tuple[int, dict[str, Any]]]:
        for object_id in chosen:
            yield object_id, machine_attributes(job, given[object_id], created)

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

"""Where the loop of each automated job stands, as stored.

Layer: engine. One row per job: the loop's state after its last training, which is a pure function
of what people answered. Everything between two trainings follows from this row and the labels.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from gt_widgets.autolabel import LoopState
from gt_widgets.engine.tables import automations

if TYPE_CHECKING:
    from gt_widgets.engine.store import Store

__all__ = ["Automation", "Automations"]

_KEPT = 8
_SMALL = sa.select(
    automations.c.job_id,
    automations.c.step,
    automations.c.refusal,
    automations.c.decided_at,
    automations.c.committed,
    automations.c.machine,
).where(automations.c.job_id == sa.bindparam("job"))
_LARGE = sa.select(automations.c.state, automations.c.report).where(
    automations.c.job_id == sa.bindparam("job")
)


@dataclass(frozen=True, slots=True)
class Automation:
    """The loop of one job.

    Attributes
    ----------
    step : int
        Trainings up to now.
    state : LoopState
        After the last of them.
    report : dict or None
        Numbers of the last round for charts.
    refusal : str or None
        Why the machine takes no further part.
    decided_at : float
        When the state was stored: the creation date of machine labels.
    committed : bool
        Whether the machine's labels are written; then people label what is left.
    machine : int
        Labels that the machine has written.
    """

    job_id: int
    step: int
    state: LoopState
    report: dict[str, Any] | None
    refusal: str | None
    decided_at: float
    committed: bool
    machine: int


class Automations:
    """The loops of one store's jobs.

    Parameters
    ----------
    store : Store
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._read: dict[int, tuple[tuple[int, float], LoopState, dict[str, Any] | None]] = {}

    def of(self, job_id: int) -> Automation | None:
        """Return the loop of a job; None before it began, and for jobs that have none."""
        with self._store.reading(together=True) as connection:
            row = connection.execute(_SMALL, {"job": job_id}).one_or_none()
            if row is None:
                return None
            state, report = self._parsed(connection, job_id, (row.step, row.decided_at))
        return Automation(
            job_id=row.job_id,
            step=row.step,
            state=state,
            report=report,
            refusal=row.refusal,
            decided_at=row.decided_at,
            committed=bool(row.committed),
            machine=row.machine,
        )

    def _parsed(
        self, connection: sa.Connection, job_id: int, version: tuple[int, float]
    ) -> tuple[LoopState, dict[str, Any] | None]:
        """State and report, read anew when they have changed: cards ask every second."""
        kept = self._read.get(job_id)
        if kept is None or kept[0] != version:
            row = connection.execute(_LARGE, {"job": job_id}).one()
            state = LoopState.from_dict(json.loads(row.state))
            kept = (version, state, json.loads(row.report) if row.report else None)
            if len(self._read) >= _KEPT:
                self._read.clear()
            self._read[job_id] = kept
        return kept[1], kept[2]

    def begin(self, job_id: int, state: LoopState, now: float) -> None:
        """Store where a loop begins."""
        with self._store.begin() as connection:
            connection.execute(
                sa.insert(automations).values(
                    job_id=job_id,
                    step=0,
                    state=json.dumps(state.to_dict()),
                    decided_at=now,
                    committed=False,
                    machine=0,
                )
            )

    def change(self, connection: sa.Connection, job_id: int, **values: Any) -> None:
        """Change columns of a loop, in the caller's transaction."""
        connection.execute(
            sa.update(automations).where(automations.c.job_id == job_id).values(**values)
        )

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

    def of(self, job_id: int) -> Automation | None:
        """Return the loop of a job; None before it began, and for jobs that have none."""
        with self._store.reading() as connection:
            row = connection.execute(sa.select(automations).filter_by(job_id=job_id)).one_or_none()
        if row is None:
            return None
        return Automation(
            job_id=row.job_id,
            step=row.step,
            state=LoopState.from_dict(json.loads(row.state)),
            report=json.loads(row.report) if row.report else None,
            refusal=row.refusal,
            decided_at=row.decided_at,
            committed=bool(row.committed),
            machine=row.machine,
        )

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

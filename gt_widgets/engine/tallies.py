"""How much each worker has done on each job, without counting all answers again.

Layer: engine. One row per worker and job, changed by the transaction that stores an answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy import bindparam as given

from gt_widgets.engine.tables import tallies

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gt_widgets.engine.store import Store

__all__ = ["Tallies", "Tally"]

_ADD = (
    sa.update(tallies)
    .where(tallies.c.job_id == given("job"), tallies.c.sub == given("me"))
    .values(answers=tallies.c.answers + 1, seconds=tallies.c.seconds + given("spent_s"))
)
_OF_JOB = sa.select(tallies.c.sub, tallies.c.answers, tallies.c.seconds).where(
    tallies.c.job_id == given("job")
)


@dataclass(frozen=True, slots=True)
class Tally:
    """Answers of one worker on one job and the seconds they took."""

    answers: int = 0
    seconds: float = 0.0


class Tallies:
    """Tallies of all jobs of one store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def of_job(self, job_id: int) -> Mapping[str, Tally]:
        """Tally of every worker who answered, by ``sub``."""
        with self._store.reading() as connection:
            rows = connection.execute(_OF_JOB, {"job": job_id}).all()
        return {row.sub: Tally(row.answers, row.seconds) for row in rows}

    def add(self, connection: sa.Connection, job_id: int, sub: str, seconds: float) -> None:
        """Count one answer, in the transaction that stores it; it is the worker's own lane."""
        values = {"job": job_id, "me": sub, "spent_s": seconds}
        if not connection.execute(_ADD, values).rowcount:
            row = {"job_id": job_id, "sub": sub, "answers": 1, "seconds": seconds}
            connection.execute(sa.insert(tallies), row)

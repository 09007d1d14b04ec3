"""How much each worker has done on each job, without counting all answers again.

Layer: engine. Counted from the stored answers when a job is first asked for, and kept up by each
answer from then on; one process owns the folder, and answers are only ever added.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import sqlalchemy as sa

from gt_widgets.engine.tables import responses

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gt_widgets.engine.store import Store

__all__ = ["Tallies", "Tally"]


@dataclass(frozen=True, slots=True)
class Tally:
    """Answers of one worker on one job and the seconds they took."""

    answers: int = 0
    seconds: float = 0.0


class Tallies:
    """Tallies of all jobs of one state folder."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._jobs: dict[int, dict[str, Tally]] = {}

    def of_job(self, job_id: int) -> Mapping[str, Tally]:
        """Tally of every worker who answered, by ``sub``."""
        with self._store.begin() as connection:  # no answer comes in between
            if job_id not in self._jobs:
                rows = connection.execute(
                    sa.select(
                        responses.c.sub, sa.func.count(), sa.func.sum(responses.c.time_spent_s)
                    )
                    .where(responses.c.job_id == job_id)
                    .group_by(responses.c.sub)
                ).all()
                self._jobs[job_id] = {row[0]: Tally(row[1], float(row[2])) for row in rows}
            return dict(self._jobs[job_id])

    def add(self, job_id: int, sub: str, seconds: float) -> None:
        """Count one answer once the transaction that stores it is committed."""
        self._store.after_commit(lambda: self._add(job_id, sub, seconds))

    def _add(self, job_id: int, sub: str, seconds: float) -> None:
        known = self._jobs.get(job_id)
        if known is not None:
            old = known.get(sub, Tally())
            known[sub] = replace(old, answers=old.answers + 1, seconds=old.seconds + seconds)

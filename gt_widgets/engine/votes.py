"""Further votes on objects where people and machine disagree: how many, and whether anyone can.

Layer: engine. A worker never gets the same object twice, and people who have not taken part cannot
be counted on, so votes are asked only of workers who answered in this job.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

import sqlalchemy as sa

from gt_widgets.engine.tables import refusals, responses, tasks

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gt_widgets.engine.jobs import Job
    from gt_widgets.engine.store import Store
    from gt_widgets.engine.tallies import Tallies

__all__ = ["Votes"]

_FIRST = 2
"""Further votes of the first round."""
_MOST = 5
"""Further votes on one object, at most."""


class Votes:
    """Counts votes on the objects of jobs.

    Parameters
    ----------
    members : callable
        ``workteam_arn -> subs`` of the enabled workers of a team.
    """

    def __init__(
        self, store: Store, tallies: Tallies, *, members: Callable[[str], set[str]]
    ) -> None:
        self._store, self._tallies, self._members = store, tallies, members

    def wanted(self, job: Job, object_ids: Sequence[int]) -> dict[int, int]:
        """How many votes each object still needs; objects that need none are left out.

        Two more at first, then one at a time while no class has more than half of the votes.
        """
        active = set(self._tallies.of_job(job.job_id)) & self._members(job.human["WorkteamArn"])
        given, slots, declined = self._votes(job, object_ids)
        found = {}
        for object_id in object_ids:
            free = len(active - given[object_id].keys() - declined[object_id])
            further = slots[object_id] - job.workers_per_object
            first = further == 0
            undecided = 0 < further < _MOST and not _majority(given[object_id])
            votes = min(_FIRST, free) if first else min(1, free) if undecided else 0
            if votes:
                found[object_id] = votes
        return found

    def _votes(
        self, job: Job, object_ids: Sequence[int]
    ) -> tuple[dict[int, dict[str, str]], Counter[int], dict[int, set[str]]]:
        """Answers by worker, slots, and those who declined, of each object."""
        given: dict[int, dict[str, str]] = defaultdict(dict)
        declined: dict[int, set[str]] = defaultdict(set)
        with self._store.reading(together=True) as connection:
            for row in connection.execute(_of(responses, job, object_ids)):
                given[row.object_id][row.sub] = _answer(row.content)
            for row in connection.execute(
                _of(refusals, job, object_ids).filter_by(kind="declined")
            ):
                declined[row.object_id].add(row.sub)
            rows = connection.execute(_of(tasks, job, object_ids))
            slots = Counter(int(row.object_id) for row in rows)
        return given, slots, declined


def _of(table: sa.Table, job: Job, object_ids: Sequence[int]) -> sa.Select[tuple[object, ...]]:
    return sa.select(table).where(table.c.job_id == job.job_id, table.c.object_id.in_(object_ids))


def _answer(content: str) -> str:
    """What was chosen, without a comment that may stand beside it."""
    [value] = json.loads(content).values()
    return json.dumps(value.get("label", value), sort_keys=True)


def _majority(given: dict[str, str]) -> bool:
    counts = Counter(given.values()).most_common(1)
    return bool(counts) and 2 * counts[0][1] > len(given)

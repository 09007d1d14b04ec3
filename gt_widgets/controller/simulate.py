"""Simulated workers at work: they claim and submit through the worker protocol, like people.

Layer: controller.
"""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from gt_widgets.kinds import KINDS, Seen
from gt_widgets.kinds.judging import agrees
from gt_widgets.simulation import SimulatedWorker, simulated_team, time_spent_s

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

    from gt_widgets.controller.data import Dataset
    from gt_widgets.services.portal_client import PortalClient

__all__ = ["simulate", "simulated_value"]

_COMMENT = "does not agree with the truth (simulated)"
_PAUSE_S = 0.05
_PATIENCE_S = 5.0
"""Stop when nobody of the team got a task for this long: others hold what is left."""
_MOVING_S = 120.0
"""Wait longer while it is the engine's turn: a large manifest, a slow machine."""


def simulate(
    portal: PortalClient,
    described: dict[str, Any],
    data: Dataset,
    *,
    workers: int,
    accuracy: float,
    box_jitter_px: float,
    seconds_per_task: float,
    seed: int,
) -> str:
    """Do what is left of a job with simulated workers and say what was done.

    Raises
    ------
    ValidationError
        If there is no truth to answer from, or a parameter lies outside its range.
    """
    team = simulated_team(
        workers,
        accuracy=accuracy,
        box_jitter_px=box_jitter_px,
        seconds_per_task=seconds_per_task,
        seed=seed,
    )
    data.truth_of(0)  # refuse before any worker is made
    name = described["LabelingJobName"]
    arn = described["HumanTaskConfig"]["WorkteamArn"]
    sessions = {
        worker.name: portal.requester(
            "simulated_worker", {"workteam_arn": arn, "user_name": worker.name}
        )["session"]
        for worker in team
    }
    hands = _Hands(portal, data, "SnsDataSource" in described["InputConfig"]["DataSource"])
    done = _work(hands, name, team, sessions)
    status = portal.requester("card", {"job_name": name})
    return (
        f"{done} answer(s) by {workers} simulated worker(s) (accuracy {accuracy:.0%}, seed "
        f"{seed}). Job {name!r} is {status['status']}. {status['next']}"
    )


@dataclass(frozen=True, slots=True)
class _Hands:
    """What every simulated worker of one job works with."""

    portal: PortalClient
    data: Dataset
    streaming: bool = False

    def patience_s(self, job_name: str) -> float:
        """How long to wait without a task; longer if the job is not waiting for workers."""
        card = self.portal.requester("card", {"job_name": job_name})
        for_workers = card["batch"]["tasks_total"] > card["batch"]["tasks_done"]
        drained = self.streaming and not card["counters"]["unlabeled"]
        return _PATIENCE_S if for_workers or drained else _MOVING_S

    def machine_at_work(self, name: str) -> bool:
        """Tell whether an automated job waits for its machine and not for workers."""
        card = self.portal.requester("card", {"job_name": name})
        idle = not card["batch"]["objects"]
        return bool(card["automation"] and idle and card["status"] == "InProgress")


def _work(hands: _Hands, name: str, team: list[SimulatedWorker], sessions: dict[str, str]) -> int:
    """Take turns until the job ends, or what is left is in other hands."""
    done, idle_since = 0, time.monotonic()
    while True:
        states = []
        for worker in team:
            claimed = hands.portal.worker("claim", {"job_name": name}, sessions[worker.name])
            states.append(claimed["state"])
            for task in claimed["tasks"]:
                _answer(hands, worker, task, sessions[worker.name])
                done, idle_since = done + 1, time.monotonic()
        if all(state == "finished" for state in states):
            return done
        if all(state != "tasks" for state in states):
            if hands.machine_at_work(name):
                idle_since = time.monotonic()
            idle_s = time.monotonic() - idle_since
            if idle_s > _PATIENCE_S and idle_s > hands.patience_s(name):
                return done
            time.sleep(_PAUSE_S)


def _answer(hands: _Hands, worker: SimulatedWorker, task: dict[str, Any], session: str) -> None:
    truth = hands.data.truth_of(int(task["object_id"]))
    rng = worker.rng(task["object_id"])
    value = simulated_value(task, truth, worker, rng, classes=hands.data.categories)
    hands.portal.worker(
        "submit",
        {
            "task_id": task["task_id"],
            "lease": task["lease"],
            "content": {task["element"]: value},
            "time_spent_s": time_spent_s(worker, rng),
            "key": uuid.uuid4().hex,
        },
        session,
    )


def simulated_value(
    task: dict[str, Any],
    truth: Any,
    worker: SimulatedWorker,
    rng: random.Random,
    *,
    classes: Sequence[str] = (),
) -> dict[str, Any]:
    """Answer one task of any kind from the truth about its object.

    ``classes`` are the categories that a mask of the truth counts by: those the data came with.

    In a verification the first category is the verdict on an earlier label that agrees with the
    truth, the second on one that does not. In an adjustment a label that agrees is left as it is.
    """
    picture = task["picture"] or {"width": None, "height": None}
    seen = Seen(tuple(task["categories"]), picture["width"], picture["height"], task["text"])
    earlier = task["earlier"]
    kind = KINDS[task["kind"]]
    if earlier is None:
        return kind.simulate(truth, worker, rng, seen)
    shown = replace(seen, labels=tuple(dict.fromkeys((*classes, *earlier["labels"]))))
    good = agrees(earlier["kind"], earlier["value"], truth, shown)
    if task["purpose"] == "adjust":
        return dict(earlier["value"]) if good else kind.simulate(truth, worker, rng, seen)
    given = isinstance(truth, str) and truth in seen.labels
    value = kind.simulate(truth if given else seen.labels[0 if good else -1], worker, rng, seen)
    return value if value["label"] == seen.labels[0] else value | {"workerComment": _COMMENT}

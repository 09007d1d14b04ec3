"""An engine process that is killed again and again while people label."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor

import pytest

from gt_widgets.testing import box_answer, eventually
from gt_widgets.testing.processes import engines_ended, kill_engine
from gt_widgets.testing.remote import RemoteBench

KILLS, WORKERS, OBJECTS, SLOTS = 20, 4, 100, 2
BETWEEN_KILLS = 7
"""Answers that are acknowledged from one kill to the next."""


@pytest.fixture
def bench(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "registry"))
    with engines_ended(tmp_path / "store") as root:
        yield RemoteBench(root)


class Labelers:
    """Workers whose every answer is another box, and who note what was acknowledged."""

    def __init__(self, bench):
        self.numbers = itertools.count()
        self.acknowledged = []
        self.hands = [bench.worker(f"worker-{n}", own_connection=True) for n in range(WORKERS)]

    def answer(self, _task):
        number = next(self.numbers)
        return box_answer(("Kivi", number % 50, number // 50, 5, 5))

    def note(self, task, content):
        self.acknowledged.append((task["object_id"], place_of(content)))

    def work(self, worker):
        return worker.work(self.answer, acknowledged=self.note)


def place_of(content):
    box = content["boundingBox"]["boundingBoxes"][0]
    return box["left"], box["top"]


def test_twenty_kills_lose_no_acknowledged_answer_and_double_none(bench):
    bench.open(OBJECTS)
    bench.job(workers=SLOTS)
    labelers, pids = Labelers(bench), []
    with ThreadPoolExecutor(WORKERS) as pool:
        working = [pool.submit(labelers.work, worker) for worker in labelers.hands]
        for kill in range(1, KILLS + 1):
            eventually(lambda n=kill: len(labelers.acknowledged) >= n * BETWEEN_KILLS, 120.0)
            pids.append(eventually(lambda: killed(bench.root)))
        assert sum(each.result() for each in working) == OBJECTS * SLOTS
    assert len(set(pids)) == KILLS
    described = bench.ended()
    assert described["LabelingJobStatus"] == "Completed"
    assert described["LabelCounters"]["HumanLabeled"] == OBJECTS
    stored = [
        (answer["datasetObjectId"], place_of(answer["answerContent"]))
        for answer in bench.responses()
    ]
    assert sorted(stored) == sorted(labelers.acknowledged)
    assert len(stored) == OBJECTS * SLOTS


def killed(root):
    """Kill the engine if there is one just now."""
    try:
        return kill_engine(root)
    except ValueError:
        return None

"""Fifty workers at one job, over HTTP, at once."""

from __future__ import annotations

import threading
import time
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from gt_widgets.testing import box_answer
from gt_widgets.testing.processes import engines_ended
from gt_widgets.testing.remote import RemoteBench

WORKERS, OBJECTS, SLOTS, AT_ONCE = 50, 120, 3, 25


@pytest.fixture
def bench(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "registry"))
    with engines_ended(tmp_path / "store") as root:
        yield RemoteBench(root)


class Ledger:
    """What the workers saw, noted by themselves."""

    def __init__(self):
        self.lock = threading.Lock()
        self.holders, self.objects = defaultdict(set), []

    def labeler(self, worker):
        def label(task):
            with self.lock:
                self.holders[task["task_id"]].add((worker.user_name, task["lease"]))
                self.objects.append((worker.user_name, task["object_id"]))
            return box_answer(("Norda", int(worker.user_name[-2:]), 1, 8, 8))

        return label


class Guard(threading.Thread):
    """Looks at the job until told to stop: how many objects are with workers at once (A12)."""

    def __init__(self, bench):
        super().__init__(daemon=True)
        self.bench, self.seen, self.done = bench, [], threading.Event()

    def run(self):
        while not self.done.wait(0.05):
            self.seen.append(self.bench.card()["batch"]["objects"])


# A10 A12
def test_fifty_workers_share_a_job_and_no_task_is_given_twice(bench, capsys):
    bench.open(OBJECTS)
    workers = [bench.worker(f"worker-{n:02}", own_connection=True) for n in range(WORKERS)]
    bench.job(workers=SLOTS, MaxConcurrentTaskCount=AT_ONCE)
    ledger, guard = Ledger(), Guard(bench)
    guard.start()
    began = time.perf_counter()
    with ThreadPoolExecutor(WORKERS) as pool:
        done = list(pool.map(lambda worker: worker.work(ledger.labeler(worker)), workers))
    took_s = time.perf_counter() - began
    guard.done.set()
    guard.join()

    assert bench.ended()["LabelingJobStatus"] == "Completed"
    assert sum(done) == len(ledger.holders) == OBJECTS * SLOTS
    assert {len(holders) for holders in ledger.holders.values()} == {1}
    assert set(Counter(ledger.objects).values()) == {1}  # nobody saw an object twice
    slots = Counter(object_id for _, object_id in ledger.objects)
    assert slots == {str(n): SLOTS for n in range(OBJECTS)}
    assert 0 < max(guard.seen) <= AT_ONCE

    stored = Counter(
        (
            answer["datasetObjectId"],
            answer["answerContent"]["boundingBox"]["boundingBoxes"][0]["left"],
        )
        for answer in bench.responses()
    )
    assert stored == Counter((object_id, int(name[-2:])) for name, object_id in ledger.objects)
    with capsys.disabled():
        report(workers, took_s)


def report(workers, took_s):
    for what, times in (
        ("claims", [each for worker in workers for each in worker.claimed_s]),
        ("submits", [each for worker in workers for each in worker.submitted_s]),
    ):
        p50, p99 = np.percentile(np.array(times) * 1000, [50, 99])
        rate = len(times) / took_s
        print(f"\n{WORKERS} workers: {rate:.0f} {what}/s, p50 {p50:.1f} ms, p99 {p99:.1f} ms")

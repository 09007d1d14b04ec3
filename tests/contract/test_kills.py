"""``kill -9`` at random moments while people label: nothing acknowledged is lost or doubled.

Forked children do the work, so that a kill costs milliseconds. ``GT_WIDGETS_KILLS`` says how many.
"""

import json
import os
import random
import select
import signal
import time
from collections import Counter

import pytest
import sqlalchemy as sa

from gt_widgets.engine import Engine
from gt_widgets.engine.tables import responses
from gt_widgets.testing import Workbench, box_answer

KILLS = int(os.environ.get("GT_WIDGETS_KILLS", "300"))
pytestmark = pytest.mark.timeout(0)


def label_until_killed(folder, sub, pipe):
    """The child: open the folder, label, write each acknowledged task to the pipe."""
    engine = Engine(folder)
    engine.start()
    session = engine.identity.session_for(sub)
    os.write(pipe, b"ready\n")
    while True:
        claimed = engine.worker.call("claim", {"job_name": "logos"}, session)
        if claimed["state"] == "finished":
            os.write(pipe, b"finished\n")
            engine.close()
            os._exit(0)
        for task in claimed["tasks"]:
            answer = {
                "task_id": task["task_id"],
                "lease": task["lease"],
                "content": box_answer(("Norda", 1, 2, 10, 12)),
                "time_spent_s": 1.0,
                "key": os.urandom(16).hex(),
            }
            engine.worker.call("submit", answer, session)
            os.write(pipe, f"{task['task_id']}\n".encode())


def one_life(folder, sub, rng):
    """Fork a child, kill it at a random moment; returns what it acknowledged, and its end."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(reading)
            label_until_killed(folder, sub, writing)
        finally:
            os._exit(70)
    os.close(writing)
    received = b""
    deadline = None
    while True:
        left = 60.0 if deadline is None else deadline - time.monotonic()
        ready = select.select([reading], [], [], max(0.0, left))[0]
        if not ready:
            break
        data = os.read(reading, 65536)
        if not data:
            break
        received += data
        if deadline is None and b"ready\n" in received:
            deadline = time.monotonic() + rng.uniform(0.0, 0.12)
    os.kill(child, signal.SIGKILL)
    while data := os.read(reading, 65536):
        received += data
    os.close(reading)
    os.waitpid(child, 0)
    lines = received.decode().splitlines()
    return [line for line in lines if line not in {"ready", "finished"}], lines


def test_no_acknowledged_answer_is_lost_or_doubled_by_kills(tmp_path):
    bench = Workbench(tmp_path / "state")
    (worker,) = bench.team("simulated-1")
    objects = KILLS * 6
    bench.bucket(3)
    lines = [json.dumps({"source-ref": f"s3://demo-gt/images/{n % 3}.jpg"}) for n in range(objects)]
    bench.engine.objects.put("demo-gt", "input.manifest", "\n".join(lines).encode())
    bench.job(MaxConcurrentTaskCount=20)
    bench.engine.close()

    rng, acknowledged, finished, kills = random.Random(11), [], False, 0
    while kills < KILLS and not finished:
        told, lines = one_life(tmp_path / "state", worker.sub, rng)
        acknowledged += told
        finished = "finished" in lines
        assert "ready" in lines, "the engine did not come up again after a kill"
        kills += not finished

    assert max(Counter(acknowledged).values()) == 1
    engine = Engine(tmp_path / "state")
    try:
        assert engine.store.check() == []
        with engine.store.begin() as connection:
            stored = Counter(connection.scalars(sa.select(responses.c.task_id)))
        assert set(acknowledged) <= set(stored)
        assert set(stored.values()) == {1}
        finish(engine, worker.sub)
        job = engine.jobs.get("logos")
        assert (job.status, job.human_labeled, job.total) == ("Completed", objects, objects)
        bucket, _, key = job.manifest_uri[5:].partition("/")
        written = [json.loads(line) for line in engine.objects.read(bucket, key).splitlines()]
        assert len(written) == objects
        assert all(line["logos"]["annotations"] for line in written)
    finally:
        engine.close()
    print(f"\n{kills} kills, {len(acknowledged)} acknowledged answers, 0 lost, 0 doubled")


def finish(engine, sub):
    """Do the rest in peace."""
    session = engine.identity.session_for(sub)
    while True:
        engine.step()
        claimed = engine.worker.call("claim", {"job_name": "logos", "count": 3}, session)
        if claimed["state"] == "finished":
            return
        for task in claimed["tasks"]:
            answer = {
                "task_id": task["task_id"],
                "lease": task["lease"],
                "content": box_answer(("Norda", 1, 2, 10, 12)),
                "time_spent_s": 1.0,
                "key": os.urandom(16).hex(),
            }
            engine.worker.call("submit", answer, session)

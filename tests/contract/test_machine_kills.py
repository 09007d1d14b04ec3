"""``kill -9`` of engine and trainer while people and machine take turns: the same labels come out.

A forked child opens the folder, labels and lets the machine train; the parent kills it, or its
training process, at random events. ``GT_WIDGETS_MACHINE_KILLS`` says how many lives are cut short.
"""

import json
import os
import random
import signal

import pytest

from gt_widgets.engine import Engine
from gt_widgets.testing import NOON, Workbench, eventually
from gt_widgets.testing.automated import automated_request, label_until_done, notes

KILLS = int(os.environ.get("GT_WIDGETS_MACHINE_KILLS", "8"))
TEXTS = notes(150, seed=5, doubtful=0.1)
TAGS = {
    "min-automated-objects": "100",
    "calibration": "60",
    "batch": "15",
    "patience": "1",
    "target": "0.8",
}
pytestmark = pytest.mark.timeout(0)


def bench_of(folder):
    bench = Workbench(folder)
    workers = bench.team("ana", "ben", "cem")
    bench.bucket(1, labels=TEXTS.categories, lines=TEXTS.lines())
    bench.engine.jobs.create(automated_request(tags=TAGS, MaxConcurrentTaskCount=40))
    return bench, workers


def live(folder, subs, say):
    """The child: label what is offered and let the machine train, telling of every event."""
    engine = Engine(folder, clock=lambda: NOON)
    sessions = [engine.identity.session_for(sub) for sub in subs]
    say("ready")
    while True:
        engine.step()
        if engine.jobs.get("logos").status in {"Completed", "Failed"}:
            say("finished")
            engine.close()
            os._exit(0)
        if engine.trainer.busy:
            eventually(lambda: engine.trainer.pid or not engine.trainer.busy)
            say(f"training {engine.trainer.pid or 0}")
            engine.trainer.wait()
        while sum(label(engine, session, say) for session in sessions):
            pass


def label(engine, session, say):
    if tasks := engine.worker.call("claim", {"job_name": "logos"}, session)["tasks"]:
        answer = {
            "task_id": tasks[0]["task_id"],
            "lease": tasks[0]["lease"],
            "content": TEXTS.answer(tasks[0]),
            "time_spent_s": 1.0,
            "key": os.urandom(16).hex(),
        }
        engine.worker.call("submit", answer, session)
        say("submitted")
    return bool(tasks)


def one_life(folder, subs, rng):
    """Fork a child and kill it, or its trainer, at a random event; tells whether it finished."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(reading)
            live(folder, subs, lambda said: os.write(writing, f"{said}\n".encode()))
        finally:
            os._exit(70)
    os.close(writing)
    events = 0
    with os.fdopen(reading, "r") as pipe:
        for line in pipe:
            events += 1
            said, _, pid = line.strip().partition(" ")
            if said == "finished":
                break
            if said == "training" and int(pid) and rng.random() < 0.3:
                os.kill(int(pid), signal.SIGKILL)
            elif rng.random() < (0.5 if said == "training" else 0.05):
                os.kill(child, signal.SIGKILL)
                break
    os.waitpid(child, 0)
    assert events, "the engine did not come up again after a kill"
    return said == "finished"


def test_the_labels_are_those_of_a_job_that_nobody_killed(tmp_path):
    calm, workers = bench_of(tmp_path / "calm")
    calm.clock.now = NOON
    done = label_until_done(calm, workers, TEXTS.answer)
    expected = calm.output()
    calm.engine.close()
    assert done.machine_labeled > 0

    bench, workers = bench_of(tmp_path / "killed")
    bench.engine.close()
    rng, kills = random.Random(4), 0
    subs = [worker.sub for worker in workers]
    while kills < KILLS and not one_life(tmp_path / "killed", subs, rng):
        kills += 1
    bench.engine = Engine(tmp_path / "killed", clock=lambda: NOON)
    for worker in workers:
        worker.engine = bench.engine
    job = label_until_done(bench, workers, TEXTS.answer)
    assert bench.engine.store.check() == []
    assert (job.human_labeled, job.machine_labeled) == (done.human_labeled, done.machine_labeled)
    assert [timeless(line) for line in bench.output()] == [timeless(line) for line in expected]
    [key] = bench.keys("output/logos/activelearning/")
    said = bench.engine.objects.read("demo-gt", key).decode().splitlines()
    assert len(said) == job.machine_labeled
    bench.engine.close()
    print(f"\n{kills} kills")


def timeless(line):
    """A line without its date: the calm job's clock goes on."""
    metadata = {k: v for k, v in line["logos-metadata"].items() if k != "creation-date"}
    return json.dumps({**line, "logos-metadata": metadata})

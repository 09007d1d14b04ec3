"""The training process: people label meanwhile, a death is a repetition, a fault a refusal."""

from __future__ import annotations

import os
import signal

import pytest

from gt_widgets.engine import training
from gt_widgets.testing import Workbench, eventually, job_request
from gt_widgets.testing.automated import (
    automated_request,
    label_until_done,
    notes,
    work_until_training,
)

TEXTS = notes(150, seed=5)
TAGS = {"min-automated-objects": "100", "calibration": "60", "target": "0.9"}


@pytest.fixture
def held(gate, bench):
    """The bench, whose training goes on for as long as the test likes."""
    yield bench
    gate.set()


@pytest.fixture
def bench(tmp_path):
    """An automated job `logos` of 150 texts whose sample is labeled; its training is under way."""
    bench = Workbench(tmp_path / "store")
    [bench.ana] = bench.team("ana")
    bench.bucket(1, labels=TEXTS.categories, lines=TEXTS.lines())
    bench.engine.jobs.create(automated_request(tags=TAGS))
    work_until_training(bench, bench.ana, TEXTS.answer)
    yield bench
    bench.engine.close()


def trainer_pid(bench):
    return eventually(lambda: bench.engine.trainer.pid, what="a training process")


def test_people_label_another_job_while_the_machine_trains(held, gate):
    held.engine.jobs.create(job_request("other", task="TextMultiClass"))
    held.engine.step()
    assert held.ana.work(TEXTS.answer, job_name="other") == 10
    held.settle()
    assert held.engine.jobs.get("other").human_labeled == 10
    card = held.engine.requester.card("logos")
    assert "The machine is training (round 1, with 60 labels by people)" in card["next"]
    assert card["counters"]["human_labeled"] == 60
    gate.set()
    job = label_until_done(held, [held.ana], TEXTS.answer)
    assert job.machine_labeled > 0


def test_a_trainer_that_is_killed_is_started_again(bench):
    os.kill(trainer_pid(bench), signal.SIGKILL)
    job = label_until_done(bench, [bench.ana], TEXTS.answer)
    assert (job.status, job.human_labeled + job.machine_labeled) == ("Completed", 150)
    assert job.machine_labeled > 0


def test_a_trainer_that_always_dies_leaves_the_objects_to_people(held, gate, monkeypatch):
    trainer_pid(held)
    monkeypatch.setattr("gt_widgets.engine.training.sys.executable", "/bin/false")
    held.engine.trainer.stop_process()
    gate.set()
    job = label_until_done(held, [held.ana], TEXTS.answer)
    assert (job.status, job.human_labeled + job.machine_labeled) == ("Completed", 150)
    found = held.engine.automations.of(job.job_id)
    assert "died 5 times" in found.refusal
    said = [m for _, _, m in held.engine.logs.events("/aws/sagemaker/LabelingJobs", "logos")]
    assert any("People label what is left" in message for message in said)


def test_a_training_that_keeps_dying_is_given_up_however_often_it_is_asked_for(
    held, gate, monkeypatch
):
    def dies(trainer, asked):
        trainer.ask(asked.request, lambda _word, _object_id: b"")  # as the conductor does meanwhile
        return "it died"

    trainer_pid(held)
    monkeypatch.setattr(training.Trainer, "_try", dies)
    held.engine.trainer.stop_process()
    gate.set()
    job = label_until_done(held, [held.ana], TEXTS.answer)
    assert (job.status, job.human_labeled) == ("Completed", 150)
    assert "died 5 times" in held.engine.automations.of(job.job_id).refusal


def test_a_stopped_job_does_not_wait_for_its_machine_and_ends_its_training(held):
    held.engine.jobs.stop("logos")
    held.settle()
    job = held.engine.jobs.get("logos")
    assert (job.status, job.human_labeled, job.machine_labeled) == ("Stopped", 60, 0)
    assert not held.engine.trainer.busy


def test_every_training_tells_its_log(bench):
    job = label_until_done(bench, [bench.ana], TEXTS.answer)
    streams = bench.engine.logs.streams("/aws/sagemaker/TrainingJobs")
    steps = bench.engine.automations.of(job.job_id).step
    assert streams == sorted(f"logos-{step}/algo-1" for step in range(1, steps + 1))
    [*_, (_, _, message)] = bench.engine.logs.events(
        "/aws/sagemaker/TrainingJobs", "logos-1/algo-1"
    )
    assert "seconds" in message

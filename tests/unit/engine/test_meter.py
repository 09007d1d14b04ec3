"""The live meter and the commit: what stopping now would bring, and that it does bring that."""

from __future__ import annotations

import shutil
from dataclasses import replace

import pytest

from gt_widgets.errors import LeaseError, StateError, ValidationError
from gt_widgets.testing import FakeClock, Workbench
from gt_widgets.testing.automated import automated_request, label_until_done, notes

TEXTS = notes(240, seed=5, doubtful=0.3)
TAGS = {
    "min-automated-objects": "100",
    "target": "0.8",
    "calibration": "60",
    "batch": "40",
    "patience": "4",
}


def new_bench(folder):
    """An automated job `logos` of 240 texts, of which nobody has labeled any."""
    bench = Workbench(folder)
    [bench.ana] = bench.team("ana")
    bench.bucket(1, labels=TEXTS.categories, lines=TEXTS.lines())
    bench.engine.jobs.create(automated_request(tags=TAGS))
    bench.engine.step()
    return bench


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    """A folder in which the random sample is labeled and the machine has had its first round."""
    bench = new_bench(tmp_path_factory.mktemp("sample") / "store")
    while not (loop(bench) and loop(bench).state.history):
        bench.ana.work(TEXTS.answer)
        turn(bench)
    bench.engine.close()
    return bench


@pytest.fixture
def new(tmp_path):
    bench = new_bench(tmp_path / "store")
    yield bench
    bench.engine.close()


@pytest.fixture
def bench(tmp_path, sample):
    """A bench of one's own that has come so far: a batch of 40 is with workers."""
    bench = copied(sample, tmp_path / "store")
    yield bench
    bench.engine.close()


def copied(sample, folder):
    shutil.copytree(sample.folder, folder)
    bench = Workbench(folder, FakeClock(sample.clock.now))
    bench.ana = replace(sample.ana, engine=bench.engine)
    bench.workers = [bench.ana]
    bench.engine.step()
    return bench


def loop(bench):
    return bench.engine.automations.of(bench.engine.jobs.get("logos").job_id)


def forecast(bench):
    return bench.engine.forecasts.of(loop(bench))


def card(bench):
    return bench.engine.requester.card("logos")


def turn(bench):
    """Let the conductor see the answers, a look be made, and what it brought be kept."""
    bench.settle()
    bench.engine.step()
    assert bench.engine.trainer.wait(300, looks=True)
    bench.engine.step()


def ask(bench, **args):
    return bench.engine.requester.call("commit_automation", {"job_name": "logos", **args})


def test_the_meter_follows_the_answers_between_two_trainings(bench):
    assert card(bench)["automation"]["meter"]["source"] == "round"
    assert forecast(bench) is None
    bench.ana.work(TEXTS.answer, most=10)
    turn(bench)
    meter = card(bench)["automation"]["meter"]
    assert (meter["source"], meter["people"]) == ("look", 70)
    said = f"If you stop now, {meter['share']:.0%} is labeled for you: "
    assert said in card(bench)["next"]
    assert "the promise is made at the commit" in card(bench)["next"]
    bench.ana.work(TEXTS.answer, most=10)
    turn(bench)
    assert card(bench)["automation"]["meter"]["people"] == 80
    assert forecast(bench).report["targets"]


def test_a_look_waits_for_enough_answers_and_changes_nothing_of_the_loop(bench):
    before, version = loop(bench), card(bench)["automation"]["version"]
    bench.ana.work(TEXTS.answer, most=1)  # of a batch of 40
    turn(bench)
    assert forecast(bench) is None
    bench.ana.work(TEXTS.answer, most=9)
    turn(bench)
    assert forecast(bench).people == 70
    assert loop(bench) == before
    assert card(bench)["automation"]["version"] != version


def test_a_look_that_fails_is_forgotten_and_people_go_on(bench, monkeypatch):

    def fails(*_args, **_options):
        raise OSError("the disk is gone")

    monkeypatch.setattr(bench.engine.conductor._meter, "_prepared", lambda *_: (fails, fails))
    bench.ana.work(TEXTS.answer, most=20)
    turn(bench)
    assert forecast(bench) is None
    assert bench.ana.work(TEXTS.answer, most=5) == 5


def test_while_the_sample_is_labeled_only_its_whole_batches_count(new):
    bench = new
    bench.ana.work(TEXTS.answer)
    turn(bench)  # ten are done, the rest of the sample is out
    bench.ana.work(TEXTS.answer, most=25)
    turn(bench)
    found = forecast(bench)
    assert (found.people, found.sampled, found.sample, found.machine) == (35, 10, 60, 0)
    assert "of the random sample of 60, 10 labels count so far" in card(bench)["next"]
    with pytest.raises(StateError, match="held to nothing yet"):
        ask(bench)


def test_a_commit_labels_what_the_meter_said_and_leaves_the_rest_to_people(bench):
    bench.ana.work(TEXTS.answer, most=20)
    turn(bench)
    foreseen, people = forecast(bench).machine, bench.engine.jobs.get("logos").human_labeled
    assert foreseen > 50
    ask(bench)
    assert "People are asked no further." in card(bench)["next"]
    assert "trains again when this batch" not in card(bench)["next"]
    turn(bench)
    job = bench.engine.jobs.get("logos")
    assert (job.machine_labeled, job.human_labeled) == (foreseen, people)
    assert card(bench)["automation"]["phase"] == "rest"
    assert card(bench)["automation"]["meter"] is None
    job = label_until_done(bench, [bench.ana], TEXTS.answer)
    assert (job.status, job.human_labeled) == ("Completed", 240 - foreseen)
    wrong = sum(
        line["logos-metadata"]["class-name"] != TEXTS.truth[line["source"]]
        for line in bench.output()
        if line["logos-metadata"]["human-annotated"] == "no"
    )
    assert wrong <= 0.2 * foreseen
    assert bench.engine.store.check() == []


def test_a_commit_takes_tasks_back_and_asks_for_no_moment_of_luck_in_full(bench):
    [task] = bench.ana.claim("logos")
    ask(bench)
    bench.engine.step()
    with pytest.raises(LeaseError, match="no longer yours"):
        bench.ana.call("begin", task_id=task["task_id"], lease=task["lease"])
    turn(bench)
    last = loop(bench).state.last.certificate
    assert last.delta == 0.05  # what is said; half of it was spent


def test_nobody_labels_the_rest_where_that_was_asked_for(bench):
    before = card(bench)["automation"]["version"]
    ask(bench, rest="unlabeled")
    line = card(bench)["automation"]
    assert (line["asked"], line["version"] != before) == ("unlabeled", True)
    assert "People are asked no further." in line["meter"]["words"]
    job = label_until_done(bench, [], TEXTS.answer)
    assert (job.status, job.human_labeled) == ("Stopped", 60)
    assert job.machine_labeled > 50
    assert job.unlabeled == 240 - job.human_labeled - job.machine_labeled
    said = f"The machine labeled {job.machine_labeled} objects; nobody labels the rest."
    assert card(bench)["automation"]["words"] == said


def test_a_commit_before_anything_can_be_promised_is_made_only_where_that_is_meant(new):
    bench = new
    with pytest.raises(StateError, match="held to nothing yet"):
        ask(bench)
    with pytest.raises(ValidationError, match="'people' or 'unlabeled'"):
        ask(bench, rest="robots")
    ask(bench, anyway=True)
    turn(bench)
    assert card(bench)["automation"]["phase"] == "rest"
    assert bench.ana.work(TEXTS.answer, most=5) == 5  # people label all of them
    with pytest.raises(StateError, match="finished its part already"):
        ask(bench)


def test_an_engine_that_dies_during_a_commit_ends_as_one_that_did_not(sample, tmp_path):
    ended = []
    for name in ("calm", "killed"):
        bench = copied(sample, tmp_path / name)
        bench.ana.work(TEXTS.answer, most=15)
        bench.settle()
        ask(bench)
        bench.engine.step()  # what was with workers is taken back, the last training is asked for
        if name == "killed":
            bench.reopen()
        turn(bench)
        bench.engine.step()
        job = bench.engine.jobs.get("logos")
        ended.append((job.human_labeled, job.machine_labeled, loop(bench).state.machine))
        bench.engine.close()
    assert ended[0] == ended[1]
    assert ended[0][1] > 0

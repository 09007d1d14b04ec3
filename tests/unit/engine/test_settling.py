"""The consolidation method of a job: chosen by the requester, settled over all its answers."""

from __future__ import annotations

import json
import random

import pytest

from gt_widgets.consolidation import WorkerResponse, consolidate_classes
from gt_widgets.engine.settling import learns
from gt_widgets.errors import ValidationError
from gt_widgets.schema.functions import method_arn
from gt_widgets.schema.tasks import task_type_of
from gt_widgets.testing import BRANDS, box_answer, class_answer, job_request
from gt_widgets.testing.automated import automated_request, notes
from gt_widgets.testing.workbench import ACCOUNT, REGION

OBJECTS = 40
SKILL = {"ana": 0.9, "ben": 0.3, "cem": 0.2}
RESPONSES = "output/logos/annotations/consolidated-annotation/consolidation-response/"


@pytest.fixture
def store_url(request):
    """SQLite, where a test does not name both stores."""
    kind = getattr(request, "param", "sqlite")
    return None if kind == "sqlite" else request.getfixturevalue("postgresql").empty("engine")


def request(method=None, *, task="ImageMultiClass", **human):
    made = job_request(task=task, workers=3, **human)
    if method:
        before = made["HumanTaskConfig"]["PreHumanTaskLambdaArn"]
        arn = method_arn(task_type_of(before), method, REGION, ACCOUNT)
        config = made["HumanTaskConfig"]["AnnotationConsolidationConfig"]
        config["AnnotationConsolidationLambdaArn"] = arn
    return made


def truth(object_id):
    return BRANDS[random.Random(f"truth {object_id}").randrange(3)]


def said(name, object_id):
    """What a worker of some skill says: the truth, or whatever."""
    rng = random.Random(f"{name} {object_id}")
    return truth(object_id) if rng.random() < SKILL[name] else rng.choice(BRANDS)


def open_job(bench, made, objects=OBJECTS):
    bench.bucket(objects)
    bench.engine.jobs.create(made)
    bench.engine.step()


def work(bench, answer, most=10_000):
    """Let everybody label until nothing is offered; stop early after ``most`` batches."""
    for _ in range(most):
        if not sum(take(worker, answer) for worker in bench.workers):
            return
        bench.settle()


def take(worker, answer, most=10_000):
    """Let one worker answer what he is offered, at most so many; gives how many."""
    done = 0
    while done < most and (tasks := worker.claim(count=min(20, most - done))):
        for task in tasks:
            worker.submit(task, answer(worker.user_name, task["object_id"]))
        done += len(tasks)
    return done


def classes(name, object_id):
    return class_answer(said(name, object_id))


def manifest_labels(bench):
    return [BRANDS[line["logos"]] for line in bench.output()]


def written_responses(bench):
    """Labels as the consolidation responses have them, by object."""
    found = {}
    for key in bench.keys(RESPONSES):
        for each in json.loads(bench.engine.objects.read("demo-gt", key)):
            found[each["datasetObjectId"]] = each["consolidatedAnnotation"]["content"]
    return found


def from_all(bench, method):
    """What the method says when it is given every answer of the job at once."""
    answers = {
        str(n): [WorkerResponse(w.sub, said(w.user_name, str(n))) for w in bench.workers]
        for n in range(OBJECTS)
    }
    found = consolidate_classes(answers, categories=BRANDS, workers_per_object=3, method=method)
    return [found[str(n)] for n in range(OBJECTS)]


def test_a_job_takes_the_method_that_its_function_names(bench, people):
    open_job(bench, request("hierarchical"))
    work(bench, classes)
    job = bench.engine.jobs.get("logos")
    assert (job.status, job.method) == ("Completed", "hierarchical")
    wanted = from_all(bench, "hierarchical")
    lines = bench.output()
    assert [BRANDS[line["logos"]] for line in lines] == [each.label for each in wanted]
    assert [line["logos-metadata"]["confidence"] for line in lines] == [
        each.confidence for each in wanted
    ]
    usual = from_all(bench, "ground-truth")  # which of them is right more often: benchmarks/
    assert manifest_labels(bench) != [each.label for each in usual]

    # and the files of the groups, first written with provisional labels, say the same
    responses = written_responses(bench)
    assert len(responses) == OBJECTS
    for index, line in enumerate(lines):
        assert responses[str(index)] == {key: line[key] for key in ("logos", "logos-metadata")}
    intermediate = [
        json.loads(line)
        for n in (1, 2)
        for line in bench.engine.objects.read(
            "demo-gt", f"output/logos/annotations/intermediate/{n}/annotations.json"
        ).splitlines()
    ]
    assert {each["datasetObjectId"]: each["logos"] for each in intermediate} == {
        str(index): line["logos"] for index, line in enumerate(lines)
    }


def test_the_end_of_a_job_changes_labels_of_its_probe(bench, people):
    open_job(bench, request("hierarchical"))
    work(bench, classes, most=1)
    assert bench.engine.jobs.get("logos").human_labeled == 10
    early = written_responses(bench)
    work(bench, classes)
    late = written_responses(bench)
    assert bench.engine.jobs.get("logos").status == "Completed"
    assert len(early) == 10
    assert any(early[key] != late[key] for key in early)
    assert early.keys() < late.keys()


def test_a_stopped_job_is_settled_too(bench, people):
    open_job(bench, request("hierarchical"))
    work(bench, classes, most=1)
    for worker in bench.workers:
        take(worker, classes, most=25)  # of 30: at least 15 objects get all three
    bench.engine.jobs.stop("logos")
    bench.settle()
    lines = bench.output()
    labeled = {str(n): line for n, line in enumerate(lines) if "logos" in line}
    assert 10 < len(labeled) < OBJECTS
    answers = {
        n: [WorkerResponse(w.sub, said(w.user_name, n)) for w in bench.workers] for n in labeled
    }
    wanted = consolidate_classes(
        answers, categories=BRANDS, workers_per_object=3, method="hierarchical"
    )
    assert {n: BRANDS[line["logos"]] for n, line in labeled.items()} == {
        n: each.label for n, each in wanted.items()
    }


def test_settling_again_changes_nothing(bench, people):
    """As after a kill between two groups: the same answers give the same files and labels."""
    open_job(bench, request("hierarchical"))
    work(bench, classes)
    job = bench.engine.jobs.get("logos")
    before = bench.engine.objects.read("demo-gt", "output/logos/manifests/output/output.manifest")
    written = {key: bench.engine.objects.info("demo-gt", key) for key in bench.keys(RESPONSES)}
    bench.clock.advance(60)
    bench.engine.conductor._gatherer.settle(job)
    bench.engine.conductor._gatherer.write_manifest(job, bench.clock())
    after = bench.engine.objects.read("demo-gt", "output/logos/manifests/output/output.manifest")
    assert after == before
    assert {
        key: bench.engine.objects.info("demo-gt", key) for key in bench.keys(RESPONSES)
    } == written


@pytest.mark.parametrize("store_url", ["sqlite", "postgresql"], indirect=True)
def test_a_killed_settling_is_made_up_for(bench, people, monkeypatch):
    open_job(bench, request("hierarchical"))
    settler = bench.engine.conductor._gatherer._settler
    write, count = settler._write, iter(range(100))

    def dies_at_the_second(*args):
        if next(count) == 1:
            raise OSError("the disk is full")
        write(*args)

    monkeypatch.setattr(settler, "_write", dies_at_the_second)
    work(bench, classes)
    assert bench.engine.jobs.get("logos").status == "InProgress"
    bench.settle()
    assert bench.engine.jobs.get("logos").status == "Completed"
    assert manifest_labels(bench) == [each.label for each in from_all(bench, "hierarchical")]


def test_between_batches_labels_are_settled_when_there_are_twice_as_many(bench, people):
    """80 objects in batches of 20: the work stays linear, however many batches there are."""
    open_job(bench, request("hierarchical", MaxConcurrentTaskCount=20), objects=80)
    settler = bench.engine.conductor._gatherer._settler
    seen = []
    settle = settler.settle
    settler.settle = lambda job, **how: (seen.append(job.human_labeled), settle(job, **how))
    work(bench, classes)
    assert seen == [50, 80]


def test_labels_that_stand_are_left_alone_and_their_file_says_so(bench, people):
    open_job(bench, request("hierarchical"))
    work(bench, classes, most=1)
    early, gatherer = written_responses(bench), bench.engine.conductor._gatherer
    job, settled = bench.engine.jobs.get("logos"), []
    while bench.engine.jobs.get("logos").status == "InProgress":
        for worker in people:
            take(worker, classes)
        gatherer.gather(job, bench.clock(), everything=True)
        settled.append(gatherer.settled(job))
        gatherer.settle(job, stand=[int(key) for key in early])
        assert {key: written_responses(bench)[key] for key in early} == early
        bench.settle()
    late = written_responses(bench)
    assert {key: late[str(key)] for key in settled[-1]} == settled[-1]
    assert any(early[key] != late[key] for key in early), "nothing stood in the way in the end"


# With a machine


TAGS = {"min-automated-objects": "100", "calibration": "60", "target": "0.95", "batch": "30"}
CARELESS = {"ana": 0.1, "ben": 0.3, "cem": 0.7}
"""How often each of them says whatever."""


def careless(texts, name, object_id):
    rng = random.Random(f"{name} {object_id}")
    if rng.random() >= CARELESS[name]:
        return texts.subjects[int(object_id)]
    return rng.choice(texts.categories)


def test_every_training_is_told_the_labels_as_all_answers_so_far_make_them(bench, people):
    """A label of the sample that later answers correct is corrected for the machine too."""
    texts = notes(150, seed=5)
    bench.bucket(1, labels=texts.categories, lines=texts.lines())
    made = request("hierarchical", task="TextMultiClass")
    config = made["HumanTaskConfig"]["AnnotationConsolidationConfig"]
    human = {"MaxConcurrentTaskCount": 60, "AnnotationConsolidationConfig": config}
    bench.engine.jobs.create(
        automated_request(tags={**TAGS, "adjudicate": "never"}, workers=3, **human)
    )
    trainer, told = bench.engine.trainer, []
    ask = trainer.ask
    trainer.ask = lambda request, read: (told.append(request.state["labels"]), ask(request, read))
    while len(told) < 2:
        for worker in people:
            name = worker.user_name
            worker.work(
                lambda task, name=name: {
                    "crowd-classifier": {"label": careless(texts, name, task["object_id"])}
                }
            )
        bench.settle()
        trainer.wait(timeout_s=300)
    first, last = told[0], told[-1]
    assert len(first) == 60 < len(last)
    answers = {
        key: [WorkerResponse(w.sub, careless(texts, w.user_name, key)) for w in people]
        for key in last
    }
    wanted = consolidate_classes(
        answers, categories=texts.categories, workers_per_object=3, method="hierarchical"
    )
    assert last == {key: texts.categories.index(wanted[key].label) for key in last}
    assert any(first[key] != last[key] for key in first)


# Boxes


def drawn(name, object_id):
    """Ana and Ben agree; Cem is always 12 pixels too far to the right."""
    left = 6 + int(object_id) % 5
    off = 12 if name == "cem" else 0
    return box_answer(("Kivi", left + off, 8, 36, 30))


def lefts(bench):
    return [line["logos"]["annotations"][0]["left"] for line in bench.output()]


@pytest.mark.parametrize(("method", "most_off"), [(None, 4), ("em", 2)])
def test_em_sees_through_a_worker_who_is_always_off(bench, people, method, most_off):
    open_job(bench, request(method, task="BoundingBox"), objects=12)
    work(bench, drawn)
    off = [left - (6 + n % 5) for n, left in enumerate(lefts(bench))]
    assert bench.engine.jobs.get("logos").method == (method or "ground-truth")
    assert max(off) <= most_off
    assert (min(off) == 4) is (method is None)  # the plain mean is a third of the way


# What is refused


@pytest.mark.parametrize(
    ("task", "method", "known"),
    [
        ("ImageMultiClass", "hierarchial", "ground-truth, hierarchical, majority"),
        ("BoundingBox", "hierarchical", "ground-truth, em"),
        ("NamedEntityRecognition", "em", "ground-truth"),
    ],
)
def test_a_method_that_the_task_type_does_not_have_lists_those_it_has(
    bench, people, task, method, known
):
    bench.bucket(1)
    made = request(method, task=task)
    with pytest.raises(ValidationError, match=f"Methods of this engine: {known}"):
        bench.engine.jobs.create(made)


def test_awss_own_function_takes_no_method(bench, people):
    bench.bucket(1)
    made = request()
    config = made["HumanTaskConfig"]["AnnotationConsolidationConfig"]
    config["AnnotationConsolidationLambdaArn"] += ":hierarchical"
    with pytest.raises(ValidationError, match="AWS's function ACS-ImageMultiClass takes no alias"):
        bench.engine.jobs.create(made)
    config["AnnotationConsolidationLambdaArn"] = config["AnnotationConsolidationLambdaArn"].replace(
        ":hierarchical", ":$LATEST"
    )
    assert bench.engine.jobs.create(made).method == "ground-truth"


@pytest.mark.parametrize("method", [None, "ground-truth", "majority"])
def test_the_usual_methods_are_never_settled_anew(bench, people, method):
    bench.bucket(1)
    assert not learns(bench.engine.jobs.create(request(method)))

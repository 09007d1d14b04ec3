"""Automated data labeling from its first ten objects to its machine lines and the next job."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from botocore.exceptions import ClientError

from gt_widgets.testing.automated import automated_request, label_until_done, notes
from gt_widgets.testing.carriers import carried

SMALL = {"min-automated-objects": "100"}
FEW = {**SMALL, "target": "0.8", "calibration": "60", "patience": "1"}
PATIENT = {**FEW, "target": "0.87", "patience": "4"}
"""What can be labeled by machine is known after the sample, and more is asked for."""


@pytest.fixture(scope="module")
def place():
    """SQLite alone: nothing here depends on the store or the carrier."""
    return "hook"


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A bench whose job `logos` of 1,300 texts has run to its end."""
    bench = bench_of(
        tmp_path_factory.mktemp("whole"), texts := notes(1300, seed=3, doubtful=0.05, spread=3)
    )
    bench.texts = texts
    bench.engine.jobs.create(automated_request())
    bench.done = label_until_done(bench, [bench.ana], texts.answer)
    with carried(bench.engine, "hook") as clients:
        bench.client = clients
        yield bench
    bench.engine.close()


def bench_of(folder, texts):
    from gt_widgets.testing import Workbench

    bench = Workbench(folder / "store")
    [bench.ana] = bench.team("ana")
    bench.bucket(1, labels=texts.categories, lines=texts.lines())
    return bench


@pytest.fixture
def small(tmp_path):
    """A bench with 240 texts, most of which a machine learns at once."""
    texts = notes(240, seed=5, doubtful=0.15)
    bench = bench_of(tmp_path, texts)
    bench.texts = texts
    yield bench
    bench.engine.close()


def run(bench, name, **request):
    bench.engine.jobs.create(automated_request(name, **request))
    return label_until_done(bench, [bench.ana], bench.texts.answer, name=name)


def people_by_iteration(bench):
    keys = bench.keys("output/logos/annotations/worker-response/")
    return Counter(int(key.split("iteration-")[1].split("/")[0]) for key in keys)


# D01
def test_people_get_ten_then_the_rest_of_the_first_hundred_then_a_hundred_then_rounds(whole):
    asked = people_by_iteration(whole)
    assert [asked[n] for n in (1, 2, 3)] == [10, 90, 100]
    assert all(0 < asked[n] <= 100 for n in range(4, max(asked) + 1))
    state = whole.engine.automations.of(whole.done.job_id).state
    assert state.history[0].people == 200
    assert state.history[-1].people == sum(asked.values()) == whole.done.human_labeled


# D02
def test_what_the_machine_labeled_is_as_right_as_was_promised(whole):
    out = [line for line in whole.output() if line["logos-metadata"]["human-annotated"] == "no"]
    truth = whole.texts.truth
    wrong = sum(line["logos-metadata"]["class-name"] != truth[line["source"]] for line in out)
    assert len(out) == whole.done.machine_labeled > 500
    state = whole.engine.automations.of(whole.done.job_id).state
    assert whole.engine.conductor._machine.gone_by(whole.done) == state.labels.keys()
    assert wrong <= 0.05 * len(out)


# D02
def test_nothing_is_labeled_by_machine_where_nothing_can_be_promised(tmp_path):
    texts = notes(150, seed=5, doubtful=1.0)
    bench = bench_of(tmp_path, texts)
    bench.texts = texts
    job = run(bench, "logos", tags={**SMALL, "batch": "80"})
    assert (job.status, job.human_labeled, job.machine_labeled) == ("Completed", 150, 0)
    found = bench.engine.automations.of(job.job_id)
    assert {past.certificate.granted for past in found.state.history} == {False}
    assert not bench.keys("output/logos/activelearning/")
    bench.engine.close()


# D03
def test_machine_lines_say_so_and_stand_in_the_annotators_file(whole):
    [key] = whole.keys("output/logos/activelearning/")
    assert key.endswith("/auto_annotator_output.txt")
    assert key.split("/")[-3] == str(whole.done.iteration)
    said = [
        line.split(" ", 1)
        for line in whole.engine.objects.read("demo-gt", key).decode().splitlines()
    ]
    out = whole.output()
    assert len(said) == whole.done.machine_labeled
    for object_id, text in said:
        line = out[int(object_id)]
        assert json.loads(text) == {k: line[k] for k in ("logos", "logos-metadata")}
        assert line["logos-metadata"]["human-annotated"] == "no"
        assert 0.5 < line["logos-metadata"]["confidence"] <= 1


# D03
def test_the_counters_tell_people_from_the_machine(whole):
    described = whole.client("sagemaker").describe_labeling_job(LabelingJobName="logos")
    counters = described["LabelCounters"]
    by = Counter(line["logos-metadata"]["human-annotated"] for line in whole.output())
    assert (counters["HumanLabeled"], counters["MachineLabeled"]) == (by["yes"], by["no"])
    assert counters["TotalLabeled"] == 1300


# D04
def test_the_model_is_described_with_where_its_file_lies(whole):
    found = whole.client("sagemaker").describe_model(ModelName="logos")
    assert found["ModelArn"].endswith(":model/logos")
    url = found["PrimaryContainer"]["ModelDataUrl"]
    assert url == "s3://demo-gt/output/logos/training/logos/output/model.gtm"
    body = whole.engine.objects.read("demo-gt", url.removeprefix("s3://demo-gt/"))
    assert body.startswith(b"PK")
    with pytest.raises(ClientError, match="Could not find model"):
        whole.client("sagemaker").describe_model(ModelName="none-such")


# D04
def test_a_later_job_that_starts_from_the_model_needs_fewer_labels_by_people(whole):
    output = whole.client("sagemaker").describe_labeling_job(LabelingJobName="logos")
    arn = output["LabelingJobOutput"]["FinalActiveLearningModelArn"]
    assert arn == "arn:aws:sagemaker:us-east-1:111122223333:model/logos"
    whole.texts = notes(200, seed=8, spread=8)
    manifest = "\n".join(whole.texts.lines()).encode()
    whole.engine.objects.put("demo-gt", "input.manifest", manifest)
    few = {**FEW, "batch": "20", "target": "0.9"}
    cold = run(whole, "cold", tags=few)
    warm = run(whole, "warm", tags=few, initial_model=arn)
    assert warm.status == cold.status == "Completed"
    assert warm.human_labeled < cold.human_labeled
    out = whole.output("warm")
    machine = [line for line in out if line["logos-metadata"]["human-annotated"] == "no"]
    truth = whole.texts.truth
    wrong = sum(line["logos-metadata"]["class-name"] != truth[line["source"]] for line in machine)
    assert wrong <= 0.1 * len(machine)


# D04
@pytest.mark.parametrize(
    ("model", "labels", "words"),
    [
        ("model/nobodys", None, "names no model of this engine"),
        ("model/logos", ("harbour", "orchard"), "Both must be the same"),
    ],
)
def test_a_model_that_cannot_be_started_from_is_refused(whole, model, labels, words):
    from gt_widgets.schema.labels import label_file

    sagemaker = whole.client("sagemaker")
    if labels:
        whole.engine.objects.put("demo-gt", "labels.json", label_file(labels))
    arn = f"arn:aws:sagemaker:us-east-1:111122223333:{model}"
    with pytest.raises(sagemaker.exceptions.ClientError, match=words):
        sagemaker.create_labeling_job(**automated_request("third", initial_model=arn))


# D04
def test_a_model_of_another_task_is_refused(whole):
    arn = "arn:aws:sagemaker:us-east-1:111122223333:model/logos"
    request = automated_request(
        "fourth", task="ImageMultiClass", algorithm="image-classification", initial_model=arn
    )
    sagemaker = whole.client("sagemaker")
    with pytest.raises(sagemaker.exceptions.ClientError, match="learned by text-classification"):
        sagemaker.create_labeling_job(**request)


# D06
def test_a_limit_of_labels_by_people_stops_the_job_with_what_the_machine_may_label(small):
    job = run(small, "logos", tags=PATIENT, stopping={"MaxHumanLabeledObjectCount": 70})
    assert (job.status, job.human_labeled) == ("Stopped", 70)
    assert job.machine_labeled > 50
    log = small.engine.logs.events("/aws/sagemaker/LabelingJobs", "logos")
    assert any("STOPPING_CONDITION_REACHED" in message for _, _, message in log)


# D06
def test_a_limit_in_the_middle_of_the_sample_is_a_limit(small):
    job = run(small, "logos", tags=FEW, stopping={"MaxHumanLabeledObjectCount": 30})
    assert (job.status, job.human_labeled) == ("Stopped", 30)


# D06
def test_a_limit_in_the_second_part_of_the_sample_keeps_the_first(tmp_path):
    """A weak model is given a larger random sample; what was drawn and answered counts."""
    texts = notes(240, seed=5, doubtful=0.95)
    bench = bench_of(tmp_path, texts)
    bench.texts = texts
    bench.engine.jobs.create(
        automated_request(
            tags={**SMALL, "target": "0.8"}, stopping={"MaxHumanLabeledObjectCount": 60}
        )
    )
    parts = []

    def answer(task):
        found = bench.engine.automations.of(1).state
        parts.append(found.calibration)
        assert found.pending.purpose == "calibration"
        return texts.answer(task)

    job = label_until_done(bench, [bench.ana], answer)
    state = bench.engine.automations.of(job.job_id).state
    first, second = parts[0], parts[-1]
    assert (len(first), len(second)) == (46, 80)
    assert state.calibration[:46] == first
    assert set(state.calibration) == set(state.labels) < set(second)
    assert (job.status, job.human_labeled, job.machine_labeled) == ("Stopped", 60, 0)
    assert [past.people for past in state.history] == [60]
    bench.engine.close()


# D04
def test_a_job_whose_first_model_was_deleted_begins_without_it(small):
    limit = {"MaxHumanLabeledObjectCount": 60}
    run(small, "logos", tags=FEW, stopping=limit)  # Stopped, or Completed if all is certified
    arn = "arn:aws:sagemaker:us-east-1:111122223333:model/logos"
    small.engine.jobs.create(automated_request("later", tags=FEW, initial_model=arn))
    small.engine.objects.delete("demo-gt", "output/logos/training/logos/output/model.gtm")
    job = label_until_done(small, [small.ana], small.texts.answer, name="later")
    assert (job.status, job.failure_reason) == ("Completed", None)
    assert job.machine_labeled > 0


# D06
def test_a_percentage_counts_machine_labels_too(small):
    job = run(small, "logos", tags=FEW, stopping={"MaxPercentageOfInputDatasetLabeled": 50})
    assert job.status == "Stopped"
    assert job.human_labeled + job.machine_labeled == 120
    assert job.machine_labeled > 0


# C14
def test_a_job_stopped_while_its_sample_is_labeled_has_peoples_labels_only(small):
    small.engine.jobs.create(automated_request(tags=SMALL))
    small.engine.step()
    small.ana.work(small.texts.answer, most=4)
    small.engine.jobs.stop("logos")
    small.settle()
    job = small.engine.jobs.get("logos")
    assert (job.status, job.human_labeled, job.machine_labeled) == ("Stopped", 4, 0)


# C14
def test_a_job_stopped_after_a_round_keeps_what_was_certified(small):
    small.engine.jobs.create(automated_request(tags=PATIENT))
    found = None
    while found is None or not found.state.proposal:
        small.engine.step()
        small.ana.work(small.texts.answer)
        small.settle()
        small.engine.trainer.wait()
        small.engine.step()
        found = small.engine.automations.of(small.engine.jobs.get("logos").job_id)
    small.engine.jobs.stop("logos")
    small.settle()
    job = small.engine.jobs.get("logos")
    assert (job.status, job.machine_labeled) == ("Stopped", len(found.state.proposal))
    by = Counter(
        line["logos-metadata"]["human-annotated"] for line in small.output() if "logos" in line
    )
    assert (by["yes"], by["no"]) == (job.human_labeled, job.machine_labeled)
    intermediate = [
        len(small.engine.objects.read("demo-gt", key).splitlines())
        for key in small.keys("output/logos/annotations/intermediate/")
    ]
    assert sum(intermediate) == job.human_labeled + job.machine_labeled


# C19
def test_fewer_objects_than_the_service_takes_must_be_asked_for(small):
    small.engine.jobs.create(automated_request("plain"))
    small.engine.step()
    assert "--min-automated-objects" in small.engine.jobs.get("plain").failure_reason
    small.engine.set_min_automated_objects(240)
    assert run(small, "folder").status == "Completed"


@pytest.mark.parametrize(
    ("tag", "value", "words"),
    [
        ("target", "95", "between 0 and 1"),
        ("goal", "0.9", "none of automated labeling"),
        ("query", "best", "must be one of margin, entropy"),
        ("min-automated-objects", "few", "must be 1 or more"),
    ],
)
def test_a_setting_that_cannot_be_meant_is_refused(small, tag, value, words):
    from gt_widgets.errors import ValidationError

    with pytest.raises(ValidationError, match=words):
        small.engine.jobs.create(automated_request(tags={tag: value}))


def test_workers_of_the_job_look_again_where_the_machine_contradicts_one_of_them(tmp_path):
    texts = notes(150, seed=5)
    bench = bench_of(tmp_path, texts)
    identity = bench.engine.identity
    pool = identity.pools.all()[0].pool_id
    crowd = [bench.ana, *(bench.worker(pool, "loggers", name) for name in ("ben", "cem"))]
    bench.engine.jobs.create(automated_request(tags=FEW))
    slips = {}

    def answer(task):
        """Ana's first answer of ten is wrong; nobody who looks again is."""
        key = task["object_id"]
        first = key not in slips
        slips.setdefault(key, first and int(key) % 10 == 0)
        if first and slips[key]:
            return {"crowd-classifier": {"label": texts.categories[0]}}
        return texts.answer(task)

    job = label_until_done(bench, crowd, answer)
    found = bench.engine.automations.of(job.job_id).state
    out = bench.output()
    assert job.status == "Completed"
    assert job.human_labeled + job.machine_labeled == 150
    assert found.adjudicated
    for object_id in found.adjudicated:
        line = out[object_id]
        assert line["logos-metadata"]["class-name"] == texts.truth[line["source"]]
        assert len(workers_who_answered(bench, object_id)) == 3
    bench.engine.close()


def workers_who_answered(bench, object_id):
    """Ids in an object's last file of worker responses."""
    keys = bench.keys("output/logos/annotations/worker-response/")
    here = [key for key in keys if key.split("/")[-2] == str(object_id)]
    last = max(here, key=lambda key: int(key.split("iteration-")[1].split("/")[0]))
    answers = json.loads(bench.engine.objects.read("demo-gt", last))["answers"]
    return {each["workerId"] for each in answers}

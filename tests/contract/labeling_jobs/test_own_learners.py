"""Jobs that learn with the owner's own files and code, from their request to their machine lines."""

from __future__ import annotations

import json

import pytest

from gt_widgets.errors import ValidationError
from gt_widgets.schema.masks import answer_of_mask
from gt_widgets.testing import Workbench, box_answer
from gt_widgets.testing.automated import automated_request, label_until_done, notes
from gt_widgets.testing.own_models import Rectangles, backbone_file, code_file, detector_file

TAGS = {"min-automated-objects": "40", "batch": "10", "patience": "1"}
SAMPLE = {**TAGS, "calibration": "20"}


@pytest.fixture
def bench(tmp_path):
    bench = Workbench(tmp_path / "store")
    [bench.ana] = bench.team("ana")
    bench.mine = code_file(tmp_path / "mine.py")
    yield bench
    bench.engine.close()


def fill(bench, made, labels):
    lines = [json.dumps({"source-ref": f"s3://demo-gt/p/{n}.png"}) for n in range(len(made.files))]
    bench.bucket(1, labels=labels, lines=lines)
    for number, data in enumerate(made.files):
        bench.engine.objects.put("demo-gt", f"p/{number}.png", data)


def name(bench, **learners):
    bench.engine.learners.change(learners)


def classes(bench, made, job_name="logos", *, initial_model="", **tags):
    given = {**TAGS, "calibration": "40", "target": "0.85", **tags}
    bench.engine.jobs.create(
        automated_request(
            job_name,
            task="ImageMultiClass",
            algorithm="image-classification",
            initial_model=initial_model,
            tags=given,
        )
    )

    def answer(task):
        class_id = made.rectangles[int(task["object_id"])][4]
        return {"crowd-image-classifier": {"label": made.categories[class_id]}}

    return label_until_done(bench, [bench.ana], answer, name=job_name)


def machine_lines(bench, attribute="logos", job_name="logos"):
    metadata = f"{attribute}-metadata"
    found = [(n, line) for n, line in enumerate(bench.output(job_name)) if attribute in line]
    return [(n, line) for n, line in found if line[metadata]["human-annotated"] == "no"]


def refusal(bench, job):
    return bench.engine.automations.of(job.job_id).refusal


def test_pictures_seen_through_a_backbone_are_labeled_and_the_next_job_starts_from_the_model(
    bench, tmp_path
):
    pytest.importorskip("onnx")
    made = Rectangles(120)
    fill(bench, made, made.categories)
    file = backbone_file(tmp_path / "tiny.onnx")
    name(bench, tiny=file)
    job = classes(bench, made, features="tiny")
    assert (refusal(bench, job), job.status) == (None, "Completed")
    lines = machine_lines(bench)
    assert len(lines) == job.machine_labeled > 30
    assert all(line["logos"] == made.rectangles[n][4] for n, line in lines)
    file.unlink()  # a small file lies within the model
    warm = classes(bench, made, "warm", initial_model=bench.engine.models.of_job(job.job_id).arn)
    assert (refusal(bench, warm), warm.status) == (None, "Completed")
    assert warm.machine_labeled > 30


def test_texts_are_labeled_by_code_of_ones_own_and_so_are_those_of_the_next_job(bench):
    texts = notes(150, seed=5)
    bench.bucket(1, labels=texts.categories, lines=texts.lines())
    name(bench, words=f"{bench.mine}:Letters", means=f"{bench.mine}:NearestMean")
    tags = {**TAGS, "calibration": "60", "target": "0.85"}
    own = {"features": "words", "learner": "means"}
    bench.engine.jobs.create(automated_request(tags=tags | own))
    job = label_until_done(bench, [bench.ana], texts.answer)
    assert (refusal(bench, job), job.status) == (None, "Completed")
    assert job.machine_labeled > 30
    truth = texts.truth
    machine = [line for _, line in machine_lines(bench)]
    wrong = sum(line["logos-metadata"]["class-name"] != truth[line["source"]] for line in machine)
    assert wrong <= 0.15 * len(machine)
    arn = bench.engine.models.of_job(job.job_id).arn
    bench.engine.jobs.create(automated_request("warm", initial_model=arn, tags=tags))
    warm = label_until_done(bench, [bench.ana], texts.answer, name="warm")
    assert (refusal(bench, warm), warm.machine_labeled > 30) == (None, True)


def test_the_meter_looks_with_code_of_ones_own_and_a_commit_labels_what_it_said(bench):
    texts = notes(240, seed=5, doubtful=0.3)
    bench.bucket(1, labels=texts.categories, lines=texts.lines())
    name(bench, words=f"{bench.mine}:Letters", means=f"{bench.mine}:NearestMean")
    tags = {**TAGS, "calibration": "60", "batch": "40", "patience": "4", "target": "0.8"}
    own = {"features": "words", "learner": "means"}
    bench.engine.jobs.create(automated_request(tags=tags | own))
    while turn(bench)["source"] != "round":  # until the random sample is labeled
        bench.ana.work(texts.answer)
    bench.ana.work(texts.answer, most=10)
    looked = turn(bench)
    assert (looked["source"], looked["people"], looked["machine"] > 20) == ("look", 70, True)
    bench.engine.requester.call("commit_automation", {"job_name": "logos"})
    assert turn(bench) is None
    job = bench.engine.jobs.get("logos")
    assert (refusal(bench, job), job.machine_labeled) == (None, looked["machine"])


def turn(bench):
    """Let answers be seen, a training or a look be made, and what it brought be kept: the meter."""
    bench.settle()
    bench.engine.step()
    assert bench.engine.trainer.wait(300, looks=True)
    bench.engine.step()
    return bench.engine.requester.card("logos")["automation"]["meter"]


def test_boxes_are_drawn_by_an_onnx_detector_and_it_is_the_model_that_is_left(bench, tmp_path):
    pytest.importorskip("onnx")
    name(bench, finder=detector_file(tmp_path / "finder.onnx"))
    job, made = boxes(bench, "finder")
    lines = machine_lines(bench)
    assert len(lines) == job.machine_labeled >= 20
    for number, line in lines:
        left, top, width, height, _ = made.rectangles[number]
        assert line["logos"]["annotations"] == [
            {"class_id": 0, "top": top, "left": left, "height": height, "width": width}
        ]
    assert bench.engine.models.of_job(job.job_id).algorithm == "object-detection"


def boxes(bench, learner):
    made = Rectangles(60)
    fill(bench, made, ("thing",))
    bench.engine.jobs.create(
        automated_request(
            task="BoundingBox", algorithm="object-detection", tags={**SAMPLE, "learner": learner}
        )
    )

    def answer(task):
        left, top, width, height, _ = made.rectangles[int(task["object_id"])]
        return box_answer(("thing", left, top, width, height))

    job = label_until_done(bench, [bench.ana], answer)
    assert (refusal(bench, job), job.status) == (None, "Completed")
    return job, made


def test_boxes_are_drawn_by_code_of_ones_own(bench):
    name(bench, bright=f"{bench.mine}:Brightest")
    job, _ = boxes(bench, "bright")
    assert job.machine_labeled >= 20


def test_masks_are_painted_by_code_of_ones_own(bench):
    made = Rectangles(60)
    fill(bench, made, ("thing",))
    name(bench, bright=f"{bench.mine}:BrightPixels")
    request = automated_request(
        task="SemanticSegmentation",
        algorithm="semantic-segmentation",
        tags={**SAMPLE, "calibration": "30", "learner": "bright"},
    ) | {"LabelAttributeName": "thing-ref"}
    bench.engine.jobs.create(request)

    def answer(task):
        mask = made.mask(int(task["object_id"]))
        return {"crowd-semantic-segmentation": answer_of_mask(mask, ("thing",))}

    job = label_until_done(bench, [bench.ana], answer)
    assert (refusal(bench, job), job.status) == (None, "Completed")
    assert len(machine_lines(bench, "thing-ref")) == job.machine_labeled >= 20


# --- what goes wrong -----------------------------------------------------------------------------


def test_people_label_everything_where_code_fails_and_the_card_says_why(bench):
    made = Rectangles(60)
    fill(bench, made, made.categories)
    name(bench, mine=f"{bench.mine}:Stubborn")
    job = classes(bench, made, learner="mine", calibration="20")
    assert (job.status, job.human_labeled) == ("Completed", 60)
    said = bench.engine.requester.call("card", {"job_name": "logos"})["automation"]["words"]
    assert "people label the rest: learner 'mine'" in said
    assert "could not predict: ArithmeticError('I would rather not')" in said


def test_a_file_that_changed_since_it_was_named_is_not_run(bench, tmp_path):
    made = Rectangles(60)
    fill(bench, made, made.categories)
    name(bench, means=f"{bench.mine}:NearestMean")
    bench.mine.write_text(bench.mine.read_text() + f"\nopen({str(tmp_path / 'ran')!r}, 'w')\n")
    job = classes(bench, made, learner="means", calibration="20")
    assert (job.status, job.machine_labeled) == ("Completed", 0)
    assert "has changed since it was named" in refusal(bench, job)
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("tags", "words"),
    [
        ({"learner": "os:system"}, "the owner of this engine has named no 'os:system'"),
        (
            {"features": "/etc/passwd"},
            "named no '/etc/passwd'. For this task there is gone, means;",
        ),
        ({"learner": "forest"}, "there is linear, kernel, cnn, means"),
        ({"features": "gone"}, "gone.onnx, which is 'gone', is not there any more"),
        ({"learner": "gone"}, "'gone' is onnx-features; this task takes python"),
    ],
)
def test_a_job_that_names_what_is_not_there_is_refused(bench, tmp_path, tags, words):
    pytest.importorskip("onnx")
    made = Rectangles(1)
    fill(bench, made, made.categories)
    file = backbone_file(tmp_path / "gone.onnx")
    name(bench, means=f"{bench.mine}:NearestMean", gone=file)
    file.unlink()
    with pytest.raises(ValidationError, match=words):
        classes(bench, made, **tags)


# --- the owner's cluster --------------------------------------------------------------------------


@pytest.mark.usefixtures("no_looks")  # a look makes rows too, and logs none
def test_the_owners_cluster_makes_the_rows(bench, tmp_path):
    pytest.importorskip("onnx")
    distributed = pytest.importorskip("distributed")
    made = Rectangles(90)
    fill(bench, made, made.categories)
    name(bench, tiny=backbone_file(tmp_path / "tiny.onnx"))
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None
    ) as cluster:
        bench.engine.learners.set_dask(cluster.scheduler_address)
        job = classes(bench, made, features="tiny")
    assert (refusal(bench, job), job.machine_labeled > 20) == (None, True)
    assert cluster_lines(bench, "logos") == [{"dask": cluster.scheduler_address, "batches": 3}]


def cluster_lines(bench, job_name):
    group = "/aws/sagemaker/TrainingJobs"
    events = bench.engine.logs.events(group, f"{job_name}-1/algo-1")
    return [json.loads(message) for _, _, message in events if '"dask"' in message]

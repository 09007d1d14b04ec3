"""Verification and adjustment: which label they start from, and objects that lack it (2.7)."""

from __future__ import annotations

import json

import pytest

from gt_widgets.errors import LabelCategoryError, ValidationError
from gt_widgets.schema.labels import label_file
from gt_widgets.schema.tasks import task_type_named
from gt_widgets.testing import BRANDS, box_answer, job_request
from gt_widgets.testing.task_types import Story, changed_value, good_value, template_of

ADJUST, VERIFY = "AdjustmentBoundingBox", "VerificationBoundingBox"
METADATA = {"type": "groundtruth/object-detection", "class-map": {"0": "Norda", "1": "Kivi"}}
BOX = {"class_id": 0, "left": 3, "top": 4, "width": 10, "height": 8}


@pytest.fixture
def store_url():
    """SQLite alone: nothing here depends on the store."""
    return


def line(number, *boxes, **changes):
    """One manifest line with an earlier label of boxes; None takes a key away."""
    whole = {
        "source-ref": f"s3://demo-gt/images/{number}.jpg",
        "first": {"annotations": list(boxes)},
        "first-metadata": METADATA,
    } | changes
    return json.dumps({key: value for key, value in whole.items() if value is not None})


def opened(bench, lines, task=ADJUST, labels=BRANDS, **audit):
    """A job over three pictures; its objects are offered."""
    bench.bucket(3, lines=lines)
    bench.engine.objects.put("demo-gt", "labels.json", label_file(labels, **audit))
    bench.engine.objects.put("demo-gt", "page.template", b"<crowd-bounding-box >")
    return bench.job(task=task)


def tasks_of(worker, count=3):
    return {task["object_id"]: task for task in worker.claim(count=count)}


def reason(bench, object_id):
    return bench.output()[object_id]["logos-metadata"]["failure-reason"]


def test_objects_without_the_label_fail_one_by_one_and_the_job_goes_on(bench, ana):  # O14
    opened(bench, [line(0, BOX), line(1, first=None), line(2, BOX, **{"first-metadata": None})])
    assert list(tasks_of(ana)) == ["0"]
    done = bench.finish(lambda _: box_answer(("Norda", 3, 4, 10, 8)))
    assert (done.status, done.human_labeled, done.failed) == ("Completed", 1, 2)
    assert "there is no label to adjust under any key" in reason(bench, 1)
    assert "found keys ['source-ref', 'first']" in reason(bench, 2)
    assert "logos" not in bench.output()[1]


@pytest.mark.parametrize(
    "broken",
    [
        7,
        {"annotations": 7},
        {"annotations": [7]},
        {"annotations": [{"class_id": 0}]},
        {"annotations": [BOX | {"left": "3"}]},
        {"annotations": [BOX | {"class_id": None}]},
        [],
        None,
    ],
    ids=repr,
)
@pytest.mark.parametrize("task", [ADJUST, VERIFY])
def test_a_label_of_another_form_fails_its_object_in_words(bench, ana, task, broken):  # O14
    lines = [line(0, BOX), line(1).replace('{"annotations": []}', json.dumps(broken))]
    opened(bench, lines, task=task)
    assert list(tasks_of(ana)) == ["0"]
    assert bench.engine.jobs.get("logos").failed == 1


def test_a_failed_object_is_retried_by_a_chained_job(bench, ana):  # O14 M11
    opened(bench, [line(0, BOX), line(1, first=None)])
    bench.finish(lambda _: box_answer())
    output = bench.engine.jobs.get("logos").manifest_uri
    mended = bench.output()
    mended[1] |= {"first": {"annotations": [BOX]}, "first-metadata": METADATA}
    data = "\n".join(map(json.dumps, mended)).encode()
    bench.engine.objects.put("demo-gt", "mended.manifest", data)
    request = job_request("again", task=ADJUST)
    source = {"ManifestS3Uri": "s3://demo-gt/mended.manifest"}
    request["InputConfig"]["DataSource"]["S3DataSource"] = source
    bench.engine.jobs.create(request)
    bench.engine.step()
    assert [task["object_id"] for task in ana.claim("again", count=3)] == ["1"]
    assert output.endswith("output.manifest")


def test_boxes_that_stand_out_of_the_picture_are_shown_as_far_as_they_lie_in_it(bench, ana):
    outside = BOX | {"left": -5, "width": 12}
    gone = BOX | {"left": 90}
    opened(bench, [line(0, outside, gone)])
    [task] = tasks_of(ana, 1).values()
    [box] = task["earlier"]["value"]["boundingBoxes"]
    assert (box["left"], box["width"]) == (0, 7)


def test_the_key_that_the_label_file_names_is_the_one(bench, ana):
    second = {"second": {"annotations": [BOX | {"class_id": 1}]}, "second-metadata": METADATA}
    opened(bench, [line(0, BOX, **second)], earlier_attribute="first")
    [task] = tasks_of(ana).values()
    assert task["earlier"]["attribute"] == "first"
    assert [box["label"] for box in task["earlier"]["value"]["boundingBoxes"]] == ["Norda"]


def test_the_key_that_the_template_reads_is_the_one(bench, ana):
    second = {"second": {"annotations": [BOX | {"class_id": 1}]}, "second-metadata": METADATA}
    bench.bucket(3, lines=[line(0, BOX, **second)])
    page = template_of(task_type_named("bounding-box"), reads="first.annotations")
    bench.engine.objects.put("demo-gt", "page.template", page)
    bench.job(task=ADJUST)
    [task] = tasks_of(ana).values()
    assert task["earlier"]["attribute"] == "first"


def test_a_key_that_the_template_only_shows_is_not_taken_for_the_label(bench, ana):
    bench.bucket(3, lines=[line(0, BOX, camera="north gate")])
    shows = b"<p>{{ task.input.manifestLine.camera }}</p>"
    page = template_of(task_type_named("bounding-box"), reads="first.annotations")
    bench.engine.objects.put("demo-gt", "page.template", shows + page)
    bench.job(task=ADJUST)
    [task] = tasks_of(ana).values()
    assert task["earlier"]["attribute"] == "first"


@pytest.mark.parametrize("task", [ADJUST, VERIFY])
@pytest.mark.parametrize("named", ["", "logos"])
def test_a_job_does_not_write_its_label_over_the_one_it_looks_at(bench, ana, task, named):  # L04
    lines = [json.dumps({"source-ref": "s3://demo-gt/images/0.jpg"}), line(1, BOX)]
    own = [each.replace('"first', '"logos') for each in lines]
    with pytest.raises(ValidationError, match=r"'logos' is the label to (adjust|verify)"):
        opened(bench, own, task=task, earlier_attribute=named)


def test_an_adjustment_that_was_stopped_is_gone_on_with_under_its_own_name(bench, ana):  # M11
    done = {"logos": {"annotations": []}, "logos-metadata": METADATA}
    job = opened(bench, [line(0, BOX, **done), line(1, BOX)])
    assert (job.kept, job.unlabeled) == (1, 1)
    assert list(tasks_of(ana)) == ["1"]


def test_where_none_is_named_the_last_label_of_the_type_is_taken(bench, ana):
    second = {"second": {"annotations": []}, "second-metadata": METADATA}
    verdict = {"check": 0, "check-metadata": {"type": "groundtruth/label-verification"}}
    opened(bench, [line(0, BOX, **second, **verdict)])
    [task] = tasks_of(ana).values()
    assert task["earlier"]["attribute"] == "second"


def test_an_adjustment_whose_label_file_lacks_a_class_is_refused_at_once(bench, ana):  # L03
    with pytest.raises(LabelCategoryError, match=r"lacks \['Norda'\], which labels to adjust use"):
        opened(bench, [line(0), line(1, BOX)], labels=("Kivi", "Halo"))


def test_a_class_that_is_missing_further_down_fails_the_job(bench, ana):  # L03
    many = [line(0, pad="x" * 10_000) for _ in range(120)]
    job = opened(bench, [*many, line(1, BOX)], labels=("Kivi", "Halo"))
    assert job.status == "Failed"
    assert "lacks ['Norda'], which labels to adjust use" in job.failure_reason


def test_new_classes_may_be_added(bench, ana):  # L03
    job = opened(bench, [line(0, BOX)], labels=("Extra", *BRANDS))
    assert job.status == "InProgress"
    [task] = tasks_of(ana).values()
    assert task["categories"] == ["Extra", *BRANDS]


def test_verdicts_are_the_labels_of_a_verification_and_the_original_stays(bench, ana):  # L04 O09
    opened(bench, [line(0, BOX)], task=VERIFY, labels=("good", "bad"))
    [task] = tasks_of(ana).values()
    assert (task["categories"], task["earlier"]["labels"]) == (["good", "bad"], ["Norda"])
    ana.submit(task, {"any": {"label": "good", "workerComment": "  "}})
    bench.settle()
    [done] = bench.output()
    assert done["first"] == {"annotations": [BOX]}
    assert done["first-metadata"] == METADATA
    assert (done["logos"], "worker-feedback" in done["logos-metadata"]) == (0, False)


def test_a_verification_with_a_single_verdict_is_possible(bench):
    people = bench.team("ana", "ben")
    bench.bucket(3, lines=[line(0, BOX)])
    bench.engine.objects.put("demo-gt", "labels.json", label_file(("seen",)))
    bench.job(task=VERIFY, workers=2)
    assert people
    bench.finish(lambda _: {"any": {"label": "seen"}})
    [done] = bench.output()
    assert (done["logos"], done["logos-metadata"]["confidence"]) == (0, 0.95)


@pytest.mark.parametrize(
    ("answers", "status"),
    [
        ([("Norda", 3, 4, 10, 8)] * 3, "unadjusted"),
        ([("Norda", 3, 4, 10, 8)] * 2 + [("Norda", 3, 4, 10, 9)], "adjusted"),
        ([("Kivi", 3, 4, 10, 8)] * 3, "adjusted"),
    ],
)
def test_one_worker_who_changed_something_makes_it_adjusted(bench, people, answers, status):  # O10
    bench.bucket(3, lines=[line(0, BOX)])
    bench.job(task=ADJUST, workers=3)
    for worker, box in zip(people, answers, strict=True):
        [task] = tasks_of(worker, 1).values()
        claim = box_answer(box)
        claim["boundingBox"]["initialValueModified"] = "whatever the page says"
        worker.submit(task, claim)
    bench.settle()
    [done] = bench.output()
    assert done["logos-metadata"]["adjustment-status"] == status
    assert done["logos-metadata"]["type"] == "groundtruth/object-detection"


def test_the_order_of_boxes_is_no_change(bench, ana):  # O10
    bench.bucket(3, lines=[line(0, BOX, BOX | {"left": 30, "class_id": 1})])
    bench.job(task=ADJUST)
    [task] = tasks_of(ana).values()
    ana.submit(task, box_answer(("Kivi", 30, 4, 10, 8), ("Norda", 3, 4, 10, 8)))
    bench.settle()
    assert bench.output()[0]["logos-metadata"]["adjustment-status"] == "unadjusted"


@pytest.mark.parametrize(
    "name",
    [
        "semantic-segmentation-adjustment",
        "named-entity-recognition-adjustment",
        "image-classification-adjustment",
        "text-classification-multi-label-adjustment",
        "polygon-adjustment",
    ],
)
def test_every_kind_can_be_adjusted(tmp_path, name):  # O10
    story = Story(tmp_path / "store", task_type_named(name))
    lines = story.run("mended", value=lambda task: changed_value(task["kind"]))
    metadata = [line[f"{story.attribute}-metadata"] for line in lines]
    assert {each["adjustment-status"] for each in metadata} == {"adjusted"}
    assert all(
        line[story.attribute] != before for line, before in zip(lines, story.earlier, strict=True)
    )
    story.close()


class TestMasks:
    @pytest.fixture
    def story(self, tmp_path):
        story = Story(tmp_path / "store", task_type_named("semantic-segmentation-verification"))
        yield story
        story.close()

    def manifest(self, story, change):
        for line in story.earlier:
            change(line)
        data = "\n".join(map(json.dumps, story.earlier)).encode()
        story.put("changed.manifest", data)
        story.manifest = "s3://demo-gt/changed.manifest"

    def test_a_manifest_without_colours_is_refused_at_set_up(self, story):
        def fade(line):
            for entry in line["first-ref-metadata"]["internal-color-map"].values():
                del entry["hex-color"]

        self.manifest(story, fade)
        with pytest.raises(ValidationError, match="needs class-name and hex-color"):
            story.bench.engine.jobs.create(story.request("check"))

    @pytest.mark.parametrize("data", [b"", b"no picture", b"\x89PNG\r\n\x1a\n" + b"\0" * 40])
    def test_a_mask_file_that_cannot_be_read_fails_its_object(self, story, data):  # O14
        story.put("broken.png", data)
        story.earlier[1]["first-ref"] = "s3://demo-gt/broken.png"
        story.earlier[2]["first-ref"] = "s3://demo-gt/missing.png"
        self.manifest(story, lambda line: None)
        story.run("check", value=lambda task: good_value("class", ("good", "bad")))
        job = story.bench.engine.jobs.get("check")
        assert (job.status, job.human_labeled, job.failed) == ("Completed", 1, 2)

    def test_a_mask_of_another_size_fails_its_object(self, story):  # O14
        from gt_widgets.testing import picture

        story.put("images/1.jpg", picture(32, 32))
        story.run("check", value=lambda task: good_value("class", ("good", "bad")))
        metadata = story.bench.output("check")[1]["found-metadata"]
        assert "64 x 48 pixels, the picture 32 x 32" in metadata["failure-reason"]


def test_in_a_verification_labels_have_the_colours_of_the_earlier_job(bench, ana):
    second = {**BOX, "class_id": 1}
    opened(bench, [line(0, second), line(1, BOX), line(2, BOX, second)], VERIFY, ("good", "bad"))
    shown = {number: task["earlier"] for number, task in tasks_of(ana).items()}
    assert [(each["labels"], each["colors"]) for each in map(shown.get, "012")] == [
        (["Kivi"], ["#1f77b4"]),
        (["Norda"], ["#2ca02c"]),
        (["Norda", "Kivi"], ["#2ca02c", "#1f77b4"]),
    ]

"""Every task type, from CreateLabelingJob to the output manifest and the job that is chained to it.

Rows C16, L02, L04, M04, M11, O02, O03, O06, O07, O08, O09, O10, O12, O14, P12 and A01.
"""

from __future__ import annotations

import io
import json
import re
from functools import partial

import numpy as np
import pytest
from PIL import Image

from gt_widgets.errors import AnswerError
from gt_widgets.schema.masks import COLORS
from gt_widgets.testing import BRANDS
from gt_widgets.testing.task_types import REFUSED, TEXTS, VERDICTS, good_value

CREATED = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\Z")


def own(story, line):
    """The label and the metadata that the story's jobs wrote."""
    return line[story.attribute], line[f"{story.attribute}-metadata"]


def answers_of(story, name, object_id):
    """The worker response file of one object."""
    key = next(
        key
        for key in story.bench.keys(f"output/{name}/annotations/worker-response/")
        if key.split("/")[-2] == str(object_id)
    )
    return json.loads(story.bench.engine.objects.read("demo-gt", key))["answers"]


def in_order(label):
    """A label whose annotations stand in one order, whatever order they were made in."""
    lists = {"annotations", "boundingBoxes", "keypoints"}
    if not isinstance(label, dict):
        return label
    return {
        key: sorted(value, key=partial(json.dumps, sort_keys=True))
        if key in lists and isinstance(value, list)
        else value
        for key, value in label.items()
    }


class TestEveryTaskType:
    """What holds whichever task type it is."""

    def test_both_jobs_are_completed_with_every_object_labeled(self, told):
        for name, workers in (("alone", 1), ("three", 3)):
            found = told.clients("sagemaker").describe_labeling_job(LabelingJobName=name)
            assert found["LabelingJobStatus"] == "Completed"
            counters = found["LabelCounters"]
            assert (counters["HumanLabeled"], counters["FailedNonRetryableError"]) == (3, 0)
            human = found["HumanTaskConfig"]
            assert human["NumberOfHumanWorkersPerDataObject"] == workers
            assert found["LabelAttributeName"] == told.attribute

    def test_the_job_is_listed_whatever_functions_it_has(self, told):
        listed = told.clients("sagemaker").list_labeling_jobs(SortBy="Name")
        assert {"alone", "three"} <= {
            job["LabelingJobName"] for job in listed["LabelingJobSummaryList"]
        }

    def test_every_line_is_its_input_line_with_label_and_metadata_at_the_end(self, told):
        text = told.task_type.media == "text"
        inputs = told.earlier or [
            {"source": TEXTS[n], "number": n}
            if text
            else {"source-ref": f"s3://demo-gt/images/{n}.jpg"}
            for n in range(3)
        ]
        for line, before in zip(told.three, inputs, strict=True):
            assert list(line) == [*before, told.attribute, f"{told.attribute}-metadata"]
            assert {key: line[key] for key in before} == before  # L04: untouched

    def test_the_metadata_is_the_task_types_own(self, told):  # O02 O12
        for line in (*told.alone, *told.three):
            _, metadata = own(told, line)
            assert metadata["type"] == told.task_type.metadata_type
            assert metadata["human-annotated"] == "yes"
            custom = told.task_type.custom
            assert custom is (metadata["type"] == "groundTruth/custom")
            assert CREATED.match(metadata["creation_date" if custom else "creation-date"])
            name = metadata["job_name"] if custom else metadata["job-name"]
            assert name in (
                {"alone", "three"} if custom else {"labeling-job/alone", "labeling-job/three"}
            )

    def test_one_worker_has_confidence_zero_and_three_who_agree_more(self, told):  # A01
        if told.task_type.kind == "instances":
            return  # not consolidated: nothing is compared
        for line, low, high in ((told.alone[0], 0, 0), (told.three[0], 0.4, 1.0)):
            found = list(confidences(own(told, line)[1]))
            assert found
            assert all(low <= value <= high for value in found)

    def test_three_who_agree_give_the_label_that_one_gives(self, told):
        if told.task_type.kind in {"instances", "mask"}:
            return  # their labels are the locations of files
        for one, three in zip(told.alone, told.three, strict=True):
            assert in_order(own(told, one)[0]) == in_order(own(told, three)[0])

    def test_a_worker_response_holds_every_answer_under_the_templates_own_name(self, told):  # S02
        for object_id in range(3):
            answers = answers_of(told, "three", object_id)
            assert len({answer["workerId"] for answer in answers}) == 3
            assert {tuple(answer["answerContent"]) for answer in answers} == {
                (told.task_type.element,)
            }

    def test_a_consolidation_has_a_request_and_a_response(self, told):  # S04
        folder = "output/three/annotations/consolidated-annotation/consolidation-"
        count = 0 if told.task_type.kind == "instances" else 1
        for part in ("request", "response"):
            assert len(told.bench.keys(folder + part)) == count

    def test_a_chained_job_of_that_name_has_nothing_left_to_do(self, told):  # M11
        described = told.clients("sagemaker").describe_labeling_job(LabelingJobName="three")
        uri = described["LabelingJobOutput"]["OutputDatasetS3Uri"]
        request = told.request(f"chained-{len(told.bench.keys('output/'))}")
        request["InputConfig"]["DataSource"]["S3DataSource"]["ManifestS3Uri"] = uri
        told.clients("sagemaker").create_labeling_job(**request)
        told.bench.settle()
        name = request["LabelingJobName"]
        found = told.clients("sagemaker").describe_labeling_job(LabelingJobName=name)
        assert found["LabelingJobStatus"] == "Completed"
        assert told.bench.output(name) == told.three


def confidences(metadata):
    """Every confidence of a label, wherever its task type writes it."""
    if "confidence" in metadata:
        yield metadata["confidence"]
    for part in ("objects", "entities"):
        yield from (each["confidence"] for each in metadata.get(part, ()))
    yield from metadata.get("confidence-map", {}).values()
    yield from (each["confidence"] for each in metadata.get("internal-color-map", {}).values())


# --- the manifest form of each kind of answer -------------------------------------------------------


def boxes_form(told, label, metadata):  # O04 L02
    assert label["image_size"] == [{"width": 64, "height": 48, "depth": 3}]
    assert sorted(box["class_id"] for box in label["annotations"]) == [0, 1]
    assert len(metadata["objects"]) == 2
    assert metadata["class-map"] == {"0": "Norda", "1": "Kivi"}


def class_form(told, label, metadata):  # O01 O09
    verdict = told.task_type.purpose == "verify"
    names = VERDICTS if verdict else BRANDS
    assert (label, metadata["class-name"]) == (1, names[1])
    feedback = [{"comment": "the right edge is cut"}] * 3
    assert metadata.get("worker-feedback") == (feedback if verdict else None)


def classes_form(told, label, metadata):  # O03
    assert label == [0, 1]
    assert metadata["class-map"] == {"0": "Norda", "1": "Kivi"}
    assert metadata["confidence-map"].keys() == metadata["class-map"].keys()


def mask_form(told, label, metadata):  # O06 O07
    key = label.removeprefix("s3://demo-gt/")
    created = metadata.get("creation-date", metadata.get("creation_date"))
    folder = "output/three/annotations/consolidated-annotation/output/"
    assert key == f"{folder}1_{created}.png"
    image = Image.open(io.BytesIO(told.bench.engine.objects.read("demo-gt", key)))
    assert (image.mode, image.size) == ("P", (64, 48))
    colors = metadata["internal-color-map"]
    assert colors["0"]["class-name"] == "BACKGROUND"
    assert colors["0"]["hex-color"] == "#ffffff"
    assert list(colors) == ["0", "1", "2"]  # the third class occurs nowhere
    assert [colors[str(k)]["hex-color"] for k in (1, 2)] == list(COLORS[:2])
    assert [colors[str(k)]["class-name"] for k in (1, 2)] == list(BRANDS[:2])
    assert set(np.unique(np.array(image)).tolist()) == {0, 1, 2}
    red, green, blue = image.convert("RGB").getpixel((5, 7))
    assert f"#{red:02x}{green:02x}{blue:02x}" == colors["1"]["hex-color"]


def entities_form(told, label, metadata):  # O08
    assert label["annotations"]["labels"] == [{"label": name} for name in BRANDS]
    [entity] = label["annotations"]["entities"]
    start, end = entity["startOffset"], entity["endOffset"]
    assert TEXTS[1][start:end] == "Norda"  # behind an emoji of two code points
    assert len(metadata["entities"]) == 1


def shapes_form(told, label, metadata):  # O12
    assert label["image_size"] == [{"width": 64, "height": 48, "depth": 3}]
    assert all(each.keys() == {"class_id", "vertices"} for each in label["annotations"])
    assert len(metadata["objects"]) == len(label["annotations"]) > 0
    assert set(metadata["class-map"].values()) <= set(BRANDS)


def instances_form(told, label, metadata):  # P12
    assert label == {}
    key = metadata["worker-response-ref"].removeprefix("s3://demo-gt/")
    answers = json.loads(told.bench.engine.objects.read("demo-gt", key))["answers"]
    assert answers == answers_of(told, "three", 1)


FORMS = {
    "boxes": boxes_form,
    "class": class_form,
    "classes": classes_form,
    "mask": mask_form,
    "entities": entities_form,
    "instances": instances_form,
} | dict.fromkeys(("polygons", "polylines", "lines", "keypoints"), shapes_form)


def test_the_label_has_the_form_of_its_kind(told):
    FORMS[told.task_type.kind](told, *own(told, told.three[1]))


def test_an_adjustment_and_nothing_else_says_whether_anything_was_changed(told):  # O10
    statuses = {own(told, line)[1].get("adjustment-status") for line in told.three}
    values = [
        answer["answerContent"][told.task_type.element] for answer in answers_of(told, "three", 0)
    ]
    modified = {value.get("initialValueModified") for value in values}
    adjusts = told.task_type.purpose == "adjust"
    assert (statuses, modified) == (({"unadjusted"}, {False}) if adjusts else ({None}, {None}))


@pytest.fixture(scope="module")
def open_task(told):
    """One task of a job that stays open; Ana holds it."""
    name = f"open-{len(told.bench.keys('output/'))}"
    told.clients("sagemaker").create_labeling_job(**told.request(name))
    told.bench.settle()
    [task] = told.workers[0].claim(name)
    yield task
    told.clients("sagemaker").stop_labeling_job(LabelingJobName=name)
    told.bench.settle()


class TestBadAnswers:
    """What no worker may get away with, on every task type."""

    def test_a_value_that_breaks_the_kinds_rules_is_refused(self, told, open_task):
        for value in REFUSED[told.task_type.kind]:
            with pytest.raises(AnswerError):
                told.workers[0].submit(open_task, {"given": value})

    def test_content_of_another_shape_is_refused(self, told, open_task):
        empty = [None, [], "all", {}, {"a": {}, "b": {}}]
        for content in (*empty, {"given": []}, {"given": None}, {"given": {}}):
            with pytest.raises(AnswerError):
                told.workers[0].submit(open_task, content)

    def test_after_all_that_a_good_answer_is_taken(self, told, open_task):
        value = good_value(told.task_type.kind, told.labels, open_task["text"] or "")
        assert told.workers[0].submit(open_task, {"given": value})["accepted"]


def test_a_task_carries_what_a_page_needs(told, open_task):
    kind = told.task_type
    text = TEXTS[int(open_task["object_id"])] if kind.media == "text" else None
    assert (open_task["kind"], open_task["purpose"]) == (kind.kind, kind.purpose)
    assert (open_task["picture"] is None) is (kind.media == "text")
    assert open_task["text"] == text
    assert [entry["label"] for entry in open_task["labels"]] == list(told.labels)
    assert len({entry["color"] for entry in open_task["labels"]}) == len(told.labels)
    assert json.loads(json.dumps(open_task, allow_nan=False)) == open_task


def test_an_earlier_label_comes_as_the_answer_that_would_have_made_it(told, open_task):  # L04 O10
    earlier = open_task["earlier"]
    if not told.task_type.earlier:
        assert earlier is None
        return
    assert earlier["attribute"] in told.earlier[0]
    value = good_value(earlier["kind"], BRANDS, open_task["text"] or "")
    found = earlier["value"]
    if earlier["kind"] == "mask":  # painted anew, in this job's colours
        assert found["labelMappings"] == value["labelMappings"]
        assert found["labeledImage"] == value["labeledImage"]
    else:
        assert in_order(found) == in_order(
            {key: value[key] for key in found if key in value}
            | {key: found[key] for key in found if key not in value}
        )

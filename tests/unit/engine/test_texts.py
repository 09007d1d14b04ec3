"""Text jobs: where the text stands, what fails its object, and named entities' own page."""

from __future__ import annotations

import json

import pytest

from gt_widgets.errors import DataObjectError, LabelCategoryError, WorkerError
from gt_widgets.schema.labels import label_file, parse_label_file
from gt_widgets.schema.tasks import task_type_named
from gt_widgets.testing import BRANDS, job_request

PAGE = "arn:aws:sagemaker:us-east-1:394669845002:human-task-ui/NamedEntityRecognition"


@pytest.fixture
def store_url():
    """SQLite alone: nothing here depends on the store."""
    return


def opened(bench, *lines, task="TextMultiClass"):
    bench.bucket(1, lines=[json.dumps(line, ensure_ascii=False) for line in lines])
    bench.engine.objects.put("demo-gt", "page.template", b"<crowd-classifier >")
    return bench.job(task=task)


def texts_of(worker):
    return {task["object_id"]: task["text"] for task in worker.claim(count=3)}


def test_the_text_stands_in_source_or_in_the_file_of_source_ref(bench, ana):  # M04
    bench.engine.objects.create_bucket("texts", region="us-east-1")
    bench.engine.objects.put("texts", "a.txt", "\ufeffVuela señor 🚀\r\n".encode())
    opened(
        bench,
        {"source": "in the line 🚚"},
        {"source-ref": "s3://texts/a.txt"},
        {"source-ref": "s3://texts/a.txt", "source": "both: this one"},
    )
    assert texts_of(ana) == {
        "0": "in the line 🚚",
        "1": "Vuela señor 🚀\r\n",
        "2": "both: this one",
    }


def test_a_text_that_cannot_be_read_fails_its_object_and_nothing_else(bench, ana):  # O14
    bench.engine.objects.create_bucket("texts", region="us-east-1")
    bench.engine.objects.put("texts", "latin.txt", "señor".encode("latin-1"))
    bench.engine.objects.put("texts", "long.txt", b"x" * 20_001)
    opened(
        bench,
        {"source-ref": "s3://texts/latin.txt"},
        {"source-ref": "s3://texts/long.txt"},
        {"source-ref": "s3://texts/gone.txt"},
        {"source-ref": "nowhere"},
        {"source": "good"},
    )
    assert texts_of(ana) == {"4": "good"}
    bench.finish(lambda _: {"any": {"label": "Halo"}})
    reasons = [
        line["logos-metadata"]["failure-reason"] for line in bench.output() if "logos" not in line
    ]
    assert "is not UTF-8 text" in reasons[0]
    assert "a text may have 20000 characters" in reasons[1]
    assert "cannot be read" in reasons[2]
    assert "is not an S3 location" in reasons[3]


def test_a_text_that_is_gone_since_is_told_to_the_worker_and_keeps_nothing_else_back(bench, ana):
    bench.engine.objects.create_bucket("texts", region="us-east-1")
    bench.engine.objects.put("texts", "a.txt", b"a parcel")
    opened(bench, {"source-ref": "s3://texts/a.txt"}, {"source": "good"})
    bench.engine.objects.delete("texts", "a.txt")
    gone, good = ana.claim(count=2)
    assert "s3://texts/a.txt cannot be read" in gone["problem"]
    assert (good["problem"], good["text"]) == (None, "good")
    with pytest.raises(DataObjectError, match="cannot be read"):
        ana.submit(gone, {"any": {"label": "Halo"}})
    ana.act("decline", gone)


def test_a_text_has_no_picture_and_no_thumbnail_is_asked_for(bench, ana):
    opened(bench, {"source": "a parcel"})
    [task] = ana.claim()
    assert task["picture"] is None
    with pytest.raises(WorkerError, match="shows a text"):
        ana.act("picture", task)
    ana.submit(task, {"any": {"label": "Halo"}})
    bench.settle()
    assert bench.engine.requester.call("card", {"job_name": "logos"})["recent"] == []


def test_named_entities_may_have_the_services_own_page(bench, ana):  # C23 O08
    bench.bucket(1, lines=['{"source":"Norda in Oslo"}'])
    names = {"Norda": "nor", "Kivi": "kiv"}
    body = label_file(
        BRANDS, short_names=names, instructions=("<p>Mark.</p>", "<ol><li>All</li></ol>")
    )
    bench.engine.objects.put("demo-gt", "labels.json", body)
    request = job_request(task="NamedEntityRecognition", UiConfig={"HumanTaskUiArn": PAGE})
    bench.engine.jobs.create(request)
    bench.engine.step()
    [task] = ana.claim()
    assert [entry.get("shortDisplayName") for entry in task["labels"]] == ["nor", "kiv", None]
    assert task["instructions"] == {"short": "Mark.", "full": "• All", "examples": []}
    ana.submit(task, {"e": {"entities": [{"label": "Norda", "startOffset": 0, "endOffset": 5}]}})
    bench.settle()
    [done] = bench.output()
    assert done["logos"]["annotations"]["labels"] == [
        {"label": "Norda", "shortDisplayName": "nor"},
        {"label": "Kivi", "shortDisplayName": "kiv"},
        {"label": "Halo"},
    ]


@pytest.mark.parametrize("instructions", [None, ("short", ""), ("", "full")])
def test_the_services_own_page_needs_instructions_in_the_label_file(bench, ana, instructions):
    bench.bucket(1, lines=['{"source":"Norda in Oslo"}'])
    bench.engine.objects.put(
        "demo-gt", "labels.json", label_file(BRANDS, instructions=instructions)
    )
    request = job_request(task="NamedEntityRecognition", UiConfig={"HumanTaskUiArn": PAGE})
    with pytest.raises(LabelCategoryError, match="takes its instructions from this file"):
        bench.engine.jobs.create(request)


@pytest.mark.parametrize(
    "member",
    [
        {"frameAttributes": []},
        {"categoryGlobalAttributes": []},
        {"annotationType": "Polygon"},
        {"labels": [{"label": "Car", "categoryAttributes": []}, {"label": "Bus"}]},
    ],
)
def test_attributes_of_video_and_3d_labels_are_refused_by_name(member):  # L05
    document = {"labels": [{"label": "Car"}, {"label": "Bus"}]} | member
    data = json.dumps(document).encode()
    with pytest.raises(LabelCategoryError, match="belong to video and 3D jobs"):
        parse_label_file("s3://demo-gt/l.json", data, task_type_named("text-classification"))


def test_offsets_count_code_points_and_the_end_is_exclusive(bench, ana):  # O08
    text = "e\u0301 \U0001f1eb\U0001f1f7 Norda"  # e with an accent apart, a flag of two characters
    opened(bench, {"source": text}, task="NamedEntityRecognition")
    [task] = ana.claim()
    start = text.index("Norda")
    assert start == 6
    whole = {"label": "Norda", "startOffset": start, "endOffset": len(text)}
    ana.submit(task, {"e": {"entities": [whole]}})
    bench.settle()
    assert bench.output()[0]["logos"]["annotations"]["entities"] == [whole]
    assert bench.output()[0]["source"] == text

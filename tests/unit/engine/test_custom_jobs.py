"""Custom jobs: told by the crowd element of their page, with and without consolidation."""

from __future__ import annotations

import json

import pytest

from gt_widgets.errors import ValidationError
from gt_widgets.schema.tasks import task_type_named
from gt_widgets.testing import BRANDS, job_request
from gt_widgets.testing.task_types import RUN_HERE, Story, changed_value, good_value, template_of

CUSTOM = [each for each in RUN_HERE if each.custom and each.purpose == "label"]


@pytest.fixture
def store_url():
    """SQLite alone: nothing here depends on the store."""
    return


@pytest.mark.parametrize("task_type", CUSTOM, ids=lambda each: each.name)
def test_without_consolidation_function_the_label_names_the_worker_responses(tmp_path, task_type):
    """Rows P12 and O12."""
    story = Story(tmp_path / "store", task_type)
    lines = story.run("plain", workers=2, functions=False)
    for number, line in enumerate(lines):
        metadata = line["found-metadata"]
        assert line["found"] == {}
        assert list(metadata) == [
            "type",
            "job_name",
            "human-annotated",
            "creation_date",
            "worker-response-ref",
        ]
        key = metadata["worker-response-ref"].removeprefix("s3://demo-gt/")
        assert f"/worker-response/iteration-1/{number}/" in key
        answers = json.loads(story.bench.engine.objects.read("demo-gt", key))["answers"]
        assert [list(answer["answerContent"]) for answer in answers] == [[task_type.element]] * 2
    assert not story.bench.keys("output/plain/annotations/consolidated-annotation")
    described = story.bench.engine.requester.call("card", {"job_name": "plain"})
    assert described["counters"]["human_labeled"] == 3
    story.close()


def without_label_file(bench, page):
    bench.bucket(1)
    bench.engine.objects.put("demo-gt", "page.template", page)
    request = job_request()
    del request["LabelCategoryConfigS3Uri"], request["HumanTaskConfig"]["PreHumanTaskLambdaArn"]
    del request["HumanTaskConfig"]["AnnotationConsolidationConfig"]
    bench.engine.jobs.create(request)
    bench.engine.step()


@pytest.mark.parametrize("form", ["['Norda', 'Kivi', 'Halo',]", '["Norda", "Kivi", "Halo"]'])
def test_labels_may_stand_in_the_element(bench, ana, form):
    page = template_of(task_type_named("polygon")).decode()
    listed = form.replace('"', "&quot;")
    page = page.replace("{{ task.input.labels | to_json | escape }}", listed)
    without_label_file(bench, page.encode())
    [task] = ana.claim()
    assert task["categories"] == list(BRANDS)
    assert ana.submit(task, {"any": good_value("polygons")})["accepted"]


@pytest.mark.parametrize("form", ["{{ task.input.labels }}", "[]", "[1]", "road", "['a', 'a']"])
def test_an_element_without_labels_needs_a_label_file(bench, ana, form):
    page = template_of(task_type_named("polygon")).decode()
    page = page.replace("{{ task.input.labels | to_json | escape }}", form)
    with pytest.raises(ValidationError, match=r"lists no labels in <crowd-polygon>|there twice"):
        without_label_file(bench, page.encode())


def test_a_page_of_another_element_than_the_functions_is_refused(bench, ana):
    bench.bucket(1)
    bench.engine.objects.put("demo-gt", "page.template", b"<crowd-line >")
    with pytest.raises(ValidationError, match="has no <crowd-polygon>"):
        bench.engine.jobs.create(job_request(task="Polygon"))


def test_a_segmentation_job_takes_twenty_thousand_objects_at_most(bench, ana):  # M08
    lines = ['{"source-ref":"s3://demo-gt/images/0.jpg"}'] * 20_001
    bench.bucket(1, lines=lines)
    request = job_request(task="SemanticSegmentation") | {"LabelAttributeName": "logos-ref"}
    bench.engine.jobs.create(request)
    bench.engine.step()
    job = bench.engine.jobs.get("logos")
    assert job.status == "Failed"
    assert "more than 20000 data objects" in job.failure_reason


def test_a_consolidation_that_is_repeated_writes_the_same_mask(tmp_path):  # O06
    story = Story(tmp_path / "store", task_type_named("semantic-segmentation"))
    before = story.run("masks")
    engine = story.bench.engine
    keys = [line["found-ref"].removeprefix("s3://demo-gt/") for line in before]
    data = [engine.objects.read("demo-gt", key) for key in keys]
    with engine.store.begin() as connection:
        connection.exec_driver_sql("UPDATE consolidations SET done = 0")
        connection.exec_driver_sql("UPDATE data_objects SET state = 'answered', label = NULL")
        connection.exec_driver_sql("UPDATE jobs SET status = 'InProgress'")
    story.bench.settle()
    assert story.bench.output("masks") == before
    assert [engine.objects.read("demo-gt", key) for key in keys] == data
    story.close()


def test_a_picture_without_background_has_it_in_the_colour_map_all_the_same(tmp_path):  # O07
    story = Story(tmp_path / "store", task_type_named("semantic-segmentation"))
    [line, *_] = story.run("full", value=lambda task: changed_value("mask"))
    assert list(line["found-ref-metadata"]["internal-color-map"]) == ["0", "1"]
    story.close()

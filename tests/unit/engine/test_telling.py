"""What a worker is told: the template's words and pictures, else the label file's, else AWS's."""

from __future__ import annotations

import base64

import pytest

from gt_widgets.engine.pictures import measure
from gt_widgets.errors import ImageError, WorkerError
from gt_widgets.testing.workbench import picture

INLINE = base64.b64encode(picture(32, 24, kind="PNG")).decode()
PAGE = f"""<crowd-form><crowd-bounding-box>
<short-instructions>Tight boxes.</short-instructions>
<full-instructions header="Logos"><p>All of them.</p>
  <h3>Good example</h3><img src="{{{{ 's3://demo-gt/examples/good.jpg' | grant_read_access }}}}">
  <h3>Bad example</h3><img src="data:image/png;base64,{INLINE}">
  <img src="s3://demo-gt/examples/gone.jpg" alt="gone">
</full-instructions></crowd-bounding-box></crowd-form>"""


@pytest.fixture
def task(bench, ana):
    bench.bucket(1)
    bench.engine.objects.put("demo-gt", "page.template", PAGE.encode())
    bench.engine.objects.put("demo-gt", "examples/good.jpg", picture(40, 30))
    bench.job()
    [task] = ana.claim()
    return task


def test_a_worker_reads_the_words_of_the_template(task):
    assert task["instructions"] == {
        "short": "Tight boxes.",
        "full": "All of them.",
        "examples": [
            {"kind": "good", "caption": "Good example"},
            {"kind": "bad", "caption": "Bad example"},
            {"kind": "bad", "caption": "gone"},
        ],
    }


def test_example_pictures_come_from_s3_and_out_of_the_page(task, ana):
    sizes = []
    for number in (0, "1"):  # over HTTP it is a text
        sent = ana.act("picture", task, example=number)
        found = measure("example", sent.data)
        sizes.append((found.width, found.height, sent.content_type))
    assert sizes == [(40, 30, "image/jpeg"), (32, 24, "image/png")]


def test_an_example_that_is_gone_is_said_to_be_gone(task, ana):
    with pytest.raises(ImageError, match=r"s3://demo-gt/examples/gone\.jpg cannot be read"):
        ana.act("picture", task, example=2)


@pytest.mark.parametrize("number", [3, -1, "one"])
def test_there_are_no_other_examples(task, ana, number):
    with pytest.raises(WorkerError, match="have 3 pictures"):
        ana.act("picture", task, example=number)


def test_without_words_of_its_own_a_job_says_what_aws_says(bench, ana):
    bench.bucket(1)
    bench.job()
    [task] = ana.claim()
    assert task["instructions"]["short"] == "Box every brand logo you can see"
    assert task["instructions"]["examples"] == []

"""Instance segmentation, consolidated: a palette PNG whose pixels number the things."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from gt_widgets.schema.arns import s3_parts
from gt_widgets.schema.functions import method_arn
from gt_widgets.schema.tasks import task_type_named
from gt_widgets.testing import BRANDS
from gt_widgets.testing.task_types import good_value, template_of
from gt_widgets.testing.workbench import ACCOUNT, REGION, job_request

TASK = task_type_named("instance-segmentation")


@pytest.fixture
def store_url():
    """SQLite alone: nothing here depends on the store."""
    return


def opened(bench, method):
    bench.bucket(1)
    bench.engine.objects.put("demo-gt", "page.template", template_of(TASK))
    request = job_request(workers=3)
    human = request["HumanTaskConfig"]
    del human["PreHumanTaskLambdaArn"], human["AnnotationConsolidationConfig"]
    if method:
        arn = method_arn(TASK, method, REGION, ACCOUNT)
        human["AnnotationConsolidationConfig"] = {"AnnotationConsolidationLambdaArn": arn}
    bench.engine.jobs.create(request)
    bench.engine.step()


def answer(_task):
    return {"given": good_value("instances", BRANDS)}


def test_what_three_painted_becomes_one_picture_of_numbered_things(bench, people):
    opened(bench, "majority")
    assert bench.finish(answer).status == "Completed"
    [line] = bench.output()
    image = Image.open(io.BytesIO(bench.engine.objects.read(*s3_parts(line["logos"]))))
    assert (image.mode, image.size) == ("P", (64, 48))
    assert np.unique(np.array(image)).tolist() == [0, 1, 2]
    colors = line["logos-metadata"]["internal-color-map"]
    assert [colors[n]["class-name"] for n in ("0", "1", "2")] == ["BACKGROUND", "Kivi", "Kivi"]
    assert [colors[n]["confidence"] for n in ("1", "2")] == [0.95, 0.95]
    assert colors["1"]["hex-color"] != colors["2"]["hex-color"]
    assert line["logos-metadata"]["type"] == "groundTruth/custom"


def test_without_a_function_the_label_names_the_answers(bench, people):
    opened(bench, None)
    bench.finish(answer)
    [line] = bench.output()
    assert line["logos"] == {}
    assert line["logos-metadata"]["worker-response-ref"].endswith(".json")

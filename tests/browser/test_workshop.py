"""The workshop as a person does it: mouse, keyboard, JupyterLab, and the file that comes out."""

import json

import pytest

from gt_widgets.services.daemon import read_endpoint
from gt_widgets.services.profile import local_session
from gt_widgets.testing.hands import WorkerPage

pytestmark = pytest.mark.browser

CONNECT, TEAM, OUTBOX, BUCKET, DATA, CREATE, CARD, LABEL, SIMULATE = range(9)
PASSWORD = "Correct-horse-7"


def run_until_label(workshop):
    """Run the cells up to the worker's page; returns the password in the mail and that page."""
    for index in range(LABEL + 1):
        cell = workshop.run_code_cell(index)
        if index == OUTBOX:
            mail = cell.locator("[data-gt-mail]").filter(has_text="to ana")
            temporary = mail.locator("[data-gt-password]").inner_text()
    return temporary, WorkerPage(workshop.page, cell)


def output_lines(lab):
    session = local_session(read_endpoint(lab.root))
    job = session.client("sagemaker").describe_labeling_job(LabelingJobName="brand-logos")
    bucket, _, key = job["LabelingJobOutput"]["OutputDatasetS3Uri"][5:].partition("/")
    body = session.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    return job, [json.loads(line) for line in body.decode().splitlines()]


def test_the_boxes_drawn_with_the_mouse_are_in_the_output_manifest_to_the_pixel(workshop, lab):
    page = workshop.page
    temporary, worker = run_until_label(workshop)
    worker.view("sign-in")
    assert worker.cell.locator('input[name="user_name"]').input_value() == "ana"
    worker.sign_in("ana", temporary)
    worker.choose_password(PASSWORD)
    worker.start("brand-logos")

    drawn = {}
    for turn in range(10):
        canvas = worker.canvas()
        canvas.actual_pixels()
        box = (220 + 3 * turn, 180 + 2 * turn, 90 + turn, 40 + turn)
        page.keyboard.press(str(turn % 3 + 1))
        canvas.drag(*box)
        drawn[canvas.object_id] = (turn % 3, *box)
        worker.do("submit")
        canvas.gone()
    assert worker.root.get_attribute("data-gt-backend") == "rest"

    workshop.run_code_cell(SIMULATE)
    job, lines = output_lines(lab)
    assert job["LabelingJobStatus"] == "Completed"
    for object_id, expected in drawn.items():
        (found,) = lines[int(object_id)]["brand-logos"]["annotations"]
        assert tuple(found[k] for k in ("class_id", "left", "top", "width", "height")) == expected
    for index in range(SIMULATE + 1, page.locator(".jp-Notebook .jp-CodeCell").count()):
        workshop.run_code_cell(index)

"""The workshop as a person does it: mouse, keyboard, JupyterLab, and the file that comes out."""

import json

import pytest

from gt_widgets.services.daemon import read_endpoint
from gt_widgets.services.profile import local_session

pytestmark = pytest.mark.browser

CONNECT, TEAM, OUTBOX, BUCKET, DATA, CREATE, CARD, LABEL, SIMULATE = range(9)
PASSWORD = "Correct-horse-7"


def run_until_label(workshop):
    """Run the cells up to the worker's page; returns the password in the mail and that page."""
    for index in range(LABEL + 1):
        cell = workshop.run_code_cell(index)
        if index == OUTBOX:
            temporary = cell.locator("[data-gt-password]").inner_text()
    cell.locator('[data-gt-view="sign-in"]').wait_for()
    return temporary, cell


def sign_in(worker, temporary):
    """First login: the temporary password from the mail, then one of Ana's own."""
    form = worker.locator("form")
    assert form.locator("input").nth(0).input_value() == "ana"
    form.locator("input").nth(1).fill(temporary)
    form.locator("button[type=submit]").click()
    worker.locator('[data-gt-view="new-password"]').wait_for()
    form = worker.locator("form")
    for index in range(form.locator("input[type=password]").count()):
        form.locator("input[type=password]").nth(index).fill(PASSWORD)
    form.locator("button[type=submit]").click()
    worker.locator('[data-gt-view="jobs"]').wait_for()


class Canvas:
    """The picture on the screen: image pixels in, mouse positions out."""

    def __init__(self, page, worker):
        self.page = page
        self.element = worker.locator('[data-gt-task][data-gt-shown="1"]')
        self.element.wait_for()
        page.keyboard.press("Control+1")  # actual pixels: one screen pixel is one of the picture
        page.wait_for_function(
            "e => Number(e.dataset.gtScale) === 1", arg=self.element.element_handle()
        )
        self.object_id = self.element.get_attribute("data-gt-object")
        self.task_id = self.element.get_attribute("data-gt-task")

    def point(self, x, y):
        frame = self.element.bounding_box()
        left = float(self.element.get_attribute("data-gt-offset-x"))
        top = float(self.element.get_attribute("data-gt-offset-y"))
        return frame["x"] + left + x, frame["y"] + top + y

    def drag(self, left, top, width, height):
        self.page.mouse.move(*self.point(left, top))
        self.page.mouse.down()
        self.page.mouse.move(*self.point(left + width / 2, top + height / 3))
        self.page.mouse.move(*self.point(left + width, top + height))
        self.page.mouse.up()


def output_lines(lab):
    session = local_session(read_endpoint(lab.root))
    job = session.client("sagemaker").describe_labeling_job(LabelingJobName="brand-logos")
    bucket, _, key = job["LabelingJobOutput"]["OutputDatasetS3Uri"][5:].partition("/")
    body = session.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    return job, [json.loads(line) for line in body.decode().splitlines()]


def test_the_boxes_drawn_with_the_mouse_are_in_the_output_manifest_to_the_pixel(workshop, lab):
    page = workshop.page
    temporary, worker = run_until_label(workshop)
    sign_in(worker, temporary)
    worker.get_by_role("button", name="Start working").click()

    drawn = {}
    for turn in range(10):
        canvas = Canvas(page, worker)
        box = (220 + 3 * turn, 180 + 2 * turn, 90 + turn, 40 + turn)
        page.keyboard.press(str(turn % 3 + 1))
        canvas.drag(*box)
        drawn[canvas.object_id] = (turn % 3, *box)
        worker.locator('[data-gt-do="submit"]').click()
        worker.locator(f'[data-gt-task="{canvas.task_id}"]').wait_for(state="detached")
    assert worker.locator("[data-gt-backend]").first.get_attribute("data-gt-backend") == "rest"

    workshop.run_code_cell(SIMULATE)
    job, lines = output_lines(lab)
    assert job["LabelingJobStatus"] == "Completed"
    for object_id, expected in drawn.items():
        (found,) = lines[int(object_id)]["brand-logos"]["annotations"]
        assert tuple(found[k] for k in ("class_id", "left", "top", "width", "height")) == expected
    for index in range(SIMULATE + 1, page.locator(".jp-Notebook .jp-CodeCell").count()):
        workshop.run_code_cell(index)

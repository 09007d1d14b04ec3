"""axe-core finds nothing to complain of, whatever is on the page and whichever theme it has."""

import pytest

from gt_widgets.testing import eventually, picture
from gt_widgets.testing.hands import NotebookPage, WorkerPage

pytestmark = pytest.mark.browser

LABEL = """import gt_widgets as gt

gt.connect().labeling_job("{job}").label(worker="{worker}")"""
PASSWORD = "Correct-horse-7"

MESSAGE = "Kivi Cargo promised Monday; today it still sits in Tromsø.\nThe driver rang Søren twice."


def test_marking_entities_is_accessible(studio, at_work, complaints):
    job = studio.text_job(
        [MESSAGE], ("carrier", "place", "person"), task="named-entity-recognition"
    )
    notebook, worker = at_work(job)
    text = worker.passage()
    text.drag("Kivi Cargo")
    notebook.page.keyboard.press("1")
    text.drag("Cargo promised")
    notebook.page.keyboard.press("2")
    text.drag("Tromsø")
    assert complaints("entities") == []
    notebook.page.keyboard.press("?")
    assert complaints("entities-keys") == []


def test_classification_is_accessible(studio, at_work, complaints):
    labels = tuple(f"topic {number}" for number in range(20))
    task = "text-classification-multi-label"
    _, worker = at_work(studio.text_job([MESSAGE], labels, task=task))
    worker.passage()
    assert complaints("classes") == []


def test_verification_is_accessible(studio, at_work, complaints):
    box = {"label": "Kivi", "left": 50, "top": 60, "width": 200, "height": 100}
    size = {"width": 500, "height": 400}
    content = {"boundingBox": {"boundingBoxes": [box], "inputImageProperties": size}}
    done = studio.answer(studio.job([picture(500, 400)]), content)
    _, worker = at_work(studio.follow_up(done, "bounding-box-verification"))
    worker.canvas()
    assert complaints("verification") == []


def test_signing_in_choosing_a_job_and_waiting_is_accessible(studio, page, complaints, troubles):
    job = studio.job([picture(500, 400)])
    path = studio.lab.notebook(f"{job.name}.ipynb", [LABEL.format(job=job.name, worker="ben")])
    worker = WorkerPage(page, NotebookPage(page, studio.lab, path.name).open().run_code_cell(0))
    worker.view("sign-in")
    assert complaints("sign-in") == []
    worker.sign_in("ben", "not the password")
    worker.cell.get_by_role("alert").wait_for()
    assert complaints("sign-in-refused") == []
    troubles.clear()  # Chromium reports the refusal itself
    worker.sign_in("ben", PASSWORD)
    worker.view("jobs")
    assert complaints("jobs") == []
    worker.start(job.name)
    worker.canvas().element.focus()
    page.keyboard.press("n")
    page.keyboard.press("Enter")
    worker.view("waiting")
    assert complaints("waiting") == []
    studio.lab.end_kernels()


def test_drawing_with_examples_beside_it_is_accessible(studio, at_work, complaints, tmp_path):
    shown = tmp_path / "shown.jpg"
    shown.write_bytes(picture(80, 60))
    job = studio.job([picture(500, 400)], good_examples=[shown], bad_examples=[shown])
    notebook, worker = at_work(job)
    canvas = worker.canvas()
    canvas.drag(100, 100, 150, 90)
    canvas.drag(300, 100, 100, 90)
    notebook.page.keyboard.press("l")
    worker.cell.locator("summary[title]").click()  # brightness, contrast
    examples = worker.cell.locator("[data-gt-example] img")
    eventually(
        lambda: [each.evaluate("e => e.naturalWidth") for each in examples.all()] == [80, 80],
        what="both examples are shown",
    )
    assert complaints("boxes") == []
    worker.cell.get_by_role("button", name="Good example").click()
    worker.cell.get_by_role("button", name="Good example", expanded=True).wait_for()
    assert complaints("boxes-example") == []
    notebook.page.keyboard.press("Escape")
    worker.cell.get_by_role("button", name="Good example", expanded=False).wait_for()


def test_choosing_a_class_of_a_picture_is_accessible(studio, at_work, complaints):
    notebook, worker = at_work(studio.job([picture(500, 400)], task="image-classification"))
    worker.canvas().element.focus()
    notebook.page.keyboard.press("2")
    assert complaints("class") == []


def test_the_requesters_card_and_outbox_are_accessible(studio, page, complaints):
    box = {"label": "Kivi", "left": 50, "top": 60, "width": 200, "height": 100}
    size = {"width": 500, "height": 400}
    content = {"boundingBox": {"boundingBoxes": [box], "inputImageProperties": size}}
    job = studio.answer(studio.job([picture(500, 400)] * 2), content)
    card = f"import gt_widgets as gt\n\ngt.connect().labeling_job({job.name!r})"
    path = studio.lab.notebook("requester.ipynb", [card, "gt.connect().outbox()"])
    notebook = NotebookPage(page, studio.lab, path.name).open()
    cell = notebook.run_code_cell(0)
    cell.locator('[data-gt-view="card"] .gt-thumb').first.wait_for()
    assert complaints("card") == []
    cell = notebook.run_code_cell(1)
    cell.locator('[data-gt-view="outbox"] [data-gt-mail]').first.wait_for()
    assert complaints("outbox") == []
    studio.lab.end_kernels()


@pytest.mark.parametrize("task", ["semantic-segmentation", "instance-segmentation"])
def test_painting_is_accessible(studio, at_work, complaints, task):
    options = {"consolidate": False} if task.startswith("instance") else {}
    notebook, worker = at_work(studio.job([picture(500, 400)], task=task, **options))
    worker.cell.locator('[data-gt-mask="open"]').wait_for()
    canvas = worker.canvas()
    canvas.element.focus()
    notebook.page.keyboard.press("a")
    notebook.page.keyboard.press("h")
    worker.cell.locator('[data-gt-steps="1"]').wait_for()
    assert complaints(task) == []
    canvas.element.focus()
    for tool in "pfg":
        notebook.page.keyboard.press(tool)
        assert complaints(f"{task}-{tool}") == []
    canvas.element.focus()
    notebook.page.keyboard.press("?")
    assert complaints(f"{task}-keys") == []

"""What is drawn is kept, and what is submitted arrives, whatever the page or the kernel does."""

import pytest

from gt_widgets.testing import eventually, picture

pytestmark = pytest.mark.browser

BUSY = """from pathlib import Path

while not Path("enough").exists():
    sum(range(100_000))"""


def test_a_draft_is_there_again_after_a_reload_and_says_so(studio, at_work, boxes_in):
    job = studio.job([picture(500, 400)])
    notebook, worker = at_work(job)
    page = notebook.page
    canvas = worker.canvas()
    assert worker.cell.locator("[data-gt-restored]").count() == 0
    page.keyboard.press("Control+s")
    notebook.saved()
    canvas.actual_pixels()
    canvas.drag(30, 40, 120, 60)
    page.keyboard.press("2")
    canvas.drag(200, 210, 50, 70)
    page.reload()  # at once: the engine has not been told of the second box

    notebook.ready()
    worker.cell.locator('[data-gt-restored="1"]').wait_for()
    assert worker.cell.get_by_text("Your earlier work on this task is restored.").is_visible()
    assert worker.canvas().task_id == canvas.task_id
    options = worker.cell.get_by_role("option").all()
    assert [option.get_attribute("aria-label") for option in options] == [
        "Norda, 120 by 60 at 30, 40",
        "Kivi, 50 by 70 at 200, 210",
    ]
    worker.do("submit")
    assert boxes_in(job, 0) == [(0, 30, 40, 120, 60), (1, 200, 210, 50, 70)]


def test_labeling_goes_on_while_the_kernel_computes(studio, at_work, boxes_in):
    job = studio.job([picture(500, 400)] * 4)
    notebook, worker = at_work(job, BUSY)
    worker.canvas()
    notebook.start_code_cell(1)
    eventually(lambda: notebook.runs(1), what="the kernel computes")
    for turn in range(4):
        canvas = worker.canvas()
        canvas.element.focus()
        canvas.actual_pixels()
        canvas.drag(20 + turn, 30, 100, 50)
        worker.do("submit")
        canvas.gone()
    found = [box for object_id in range(4) for box in boxes_in(job, object_id)]
    assert sorted(found) == [(0, 20 + turn, 30, 100, 50) for turn in range(4)]
    assert notebook.runs(1)
    assert worker.root.get_attribute("data-gt-backend") == "rest"
    (notebook.lab.notebooks / "enough").touch()
    notebook.finished(1)
    (notebook.lab.notebooks / "enough").unlink()


def test_without_the_server_extension_the_kernel_carries_everything(
    at_work_without_extension, boxes_in, troubles
):
    job, _notebook, worker = at_work_without_extension([picture(500, 400)] * 2)
    for turn in range(2):
        canvas = worker.canvas()
        canvas.actual_pixels()
        canvas.drag(60 + turn, 70, 80, 90)
        worker.do("submit")
        canvas.gone()
    worker.delivered()
    assert worker.root.get_attribute("data-gt-backend") == "comm"
    assert sorted(boxes_in(job, 0) + boxes_in(job, 1)) == [(0, 60, 70, 80, 90), (0, 61, 70, 80, 90)]
    # the page asks the server once whether it has our part
    [asked] = troubles
    assert "404" in asked
    assert "/hello" in asked
    troubles.clear()

"""Two tabs, a kernel that goes, a connection that is cut: one answer, and nothing drawn is lost."""

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat.sign import NotebookNotary

from gt_widgets.testing import eventually, picture
from gt_widgets.testing.hands import WorkerPage

pytestmark = pytest.mark.browser

RESTORED = '[data-gt-restored="1"]'
RESTART = """async () => {
  await window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart();
}"""
GONE = "The kernel is busy or gone; your work is kept here."
BOX, OTHER = (30, 40, 120, 60), (200, 210, 50, 70)


def restart_kernel(notebook):
    """As the menu does it, without the question."""
    notebook.page.evaluate(RESTART)
    notebook.ready()


def run_again(notebook):
    """Run the first cell in the new kernel; without its old prompt, which would be the same."""
    notebook.command("notebook:clear-all-cell-outputs")
    return WorkerPage(notebook.page, notebook.run_code_cell(0))


def boxes(worker, count):
    """Wait until the page lists so many boxes."""
    options = worker.cell.get_by_role("option")
    eventually(lambda: options.count() == count, what=f"{count} boxes are listed")


def answers(job):
    eventually(lambda: job.status == "Completed", what=f"{job.name} completes")
    return job.results.responses()


def ready_to_draw(worker):
    canvas = worker.canvas()
    canvas.element.focus()
    canvas.actual_pixels()
    return canvas


def test_two_tabs_on_one_task_give_one_answer(studio, at_work, another_tab, troubles):
    job = studio.job([picture(500, 400)])
    _, first = at_work(job)
    ready_to_draw(first).drag(*BOX)
    second = another_tab(job)
    canvas = ready_to_draw(second)
    canvas.drag(*OTHER)
    second.do("submit")
    canvas.gone()
    second.delivered()
    first.page.bring_to_front()
    if first.cell.locator("[data-gt-task]").count():  # or it has heard of the other's answer
        first.do("submit")
    first.view("waiting")
    first.delivered()
    assert len(answers(job)) == 1
    troubles.clear()  # the browser tells of the refusal


def test_a_kernel_restarts_and_what_was_drawn_is_there_again(studio, at_work, boxes_in):
    job = studio.job([picture(500, 400)])
    notebook, worker = at_work(job)
    ready_to_draw(worker).drag(*BOX)
    boxes(worker, 1)
    restart_kernel(notebook)
    worker = run_again(notebook)
    worker.cell.locator(RESTORED).wait_for()
    assert worker.cell.get_by_text("Your earlier work on this task is restored.").is_visible()
    boxes(worker, 1)
    ready_to_draw(worker).drag(*OTHER)
    worker.do("submit")
    assert boxes_in(job, 0) == [(0, *BOX), (0, *OTHER)]


def test_without_its_kernel_the_page_says_so_and_goes_on(
    at_work_without_extension, boxes_in, troubles
):
    job, notebook, worker = at_work_without_extension([picture(500, 400)])
    ready_to_draw(worker).drag(*BOX)
    boxes(worker, 1)
    restart_kernel(notebook)  # the new one knows nothing of this page
    worker.canvas().drag(*OTHER)
    boxes(worker, 2)
    worker.cell.get_by_text(GONE).wait_for()
    worker = run_again(notebook)
    worker.cell.locator(RESTORED).wait_for()
    boxes(worker, 2)
    worker.do("submit")
    assert boxes_in(job, 0) == [(0, *BOX), (0, *OTHER)]
    troubles.clear()  # of a server that has no part of ours


def test_an_answer_whose_receipt_was_lost_is_sent_again_and_counted_once(studio, at_work, troubles):
    job = studio.job([picture(500, 400)])
    notebook, worker = at_work(job)
    cut = []

    def lose_the_first(route):
        if cut:
            return route.continue_()
        cut.append(route.fetch().json())
        return route.abort("connectionreset")

    notebook.page.route("**/worker/submit", lose_the_first)
    ready_to_draw(worker).drag(*BOX)
    worker.do("submit")
    found = answers(job)
    worker.delivered()
    assert cut == [{"ok": {"accepted": True, "duplicate": False}}]
    assert len(found) == 1
    assert all("ERR_CONNECTION_RESET" in each for each in troubles)
    troubles.clear()


def test_a_mask_in_progress_is_there_again_after_a_reload(studio, at_work):
    job = studio.job([picture(500, 400)], task="semantic-segmentation")
    notebook, worker = at_work(job)
    worker.cell.locator('[data-gt-mask="open"]').wait_for()
    notebook.page.keyboard.press("Control+s")
    notebook.saved()
    ready_to_draw(worker).move((100, 100), (300, 200))
    worker.cell.locator('[data-gt-steps="1"]').wait_for()
    share = worker.cell.locator(".gt-mask-list .gt-figure").first
    before = share.inner_text()
    eventually(lambda: _kept(studio, job), what="the engine keeps the draft")
    notebook.page.reload()
    notebook.ready()
    worker.cell.locator(RESTORED).wait_for()
    worker.cell.locator('[data-gt-mask="open"]').wait_for()
    assert before.endswith("%")
    eventually(lambda: share.inner_text() == before, what="the mask is as it was")


def _kept(studio, job):
    [task] = studio.claimed(job, studio.signed_in())
    return task["draft"]


def test_boxes_of_an_earlier_job_are_mended(studio, at_work, boxes_in):
    names = ("label", "left", "top", "width", "height")
    content = {
        "boundingBox": {
            "boundingBoxes": [dict(zip(names, ("Kivi", *BOX), strict=True))],
            "inputImageProperties": {"width": 500, "height": 400},
        }
    }
    done = studio.answer(studio.job([picture(500, 400)]), content)
    job = studio.follow_up(done, "bounding-box-adjustment", categories=["Norda", "Kivi", "Halo"])
    _, worker = at_work(job)
    canvas = ready_to_draw(worker)
    boxes(worker, 1)
    worker.cell.get_by_role("option").first.click()
    canvas.move((BOX[0], BOX[1]), (50, 50))  # its upper left corner
    worker.do("submit")
    assert boxes_in(job, 0) == [(1, 50, 50, 100, 50)]
    metadata = job.results.lines()[0][f"{job.name}-metadata"]
    assert metadata["adjustment-status"] == "adjusted"
    assert boxes_in(done, 0) == [(1, *BOX)]


def test_a_notebook_opened_anew_shows_the_card_without_a_kernel(
    lab_without_extension, page, troubles
):
    lab = lab_without_extension
    source = f"""import gt_widgets as gt

session = gt.connect(root={str(lab.root)!r})
session.create_private_team("loggers", workers=["ana"])
logos = gt.brand_logos("logos", count=2)
job = session.create_labeling_job("kept", session.upload(logos, name="kept"))
job"""
    path = lab.notebook("kept.ipynb", [source])
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, resources={"metadata": {"path": str(lab.notebooks)}}).execute()
    nbformat.write(notebook, path)  # with the state of its widgets, as JupyterLab saves it
    notary = NotebookNotary(data_dir=str(lab.folder / "data"))  # and as the user's own
    notary.sign(nbformat.read(path, as_version=4))
    notary.store.close()
    page.goto(f"{lab.url}/lab/tree/kept.ipynb?token={lab.token}&reset")
    page.locator('[data-gt-view="card"]').get_by_text("kept", exact=True).wait_for()
    page.get_by_text("As of the last time the kernel ran.").wait_for()
    troubles.clear()  # of a server that has no part of ours

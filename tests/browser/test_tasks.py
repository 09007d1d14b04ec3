"""Working on tasks by mouse and by key: what is done on the page is what the manifest says."""

import pytest

from gt_widgets.testing import eventually, picture

pytestmark = pytest.mark.browser


def completed(job):
    eventually(lambda: job.status == "Completed", what="the job completes")


def drawn(worker):
    """Boxes in the list beside the picture, in words."""
    options = worker.cell.get_by_role("option").all()
    return [option.get_attribute("aria-label") for option in options]


def test_pictures_are_classified_by_mouse_and_by_key(studio, at_work):
    job = studio.job([picture(500, 400)] * 3, task="image-classification")
    notebook, worker = at_work(job)
    by_mouse = worker.canvas()
    worker.do("submit")
    assert worker.cell.get_by_role("alert").inner_text() == "Choose a label first."
    worker.cell.locator('[data-gt-label="Kivi"]').click()
    worker.do("submit")
    by_mouse.gone()
    by_key = worker.canvas()
    by_key.element.focus()
    notebook.page.keyboard.press("1")
    notebook.page.keyboard.press("3")
    notebook.page.keyboard.press("Enter")
    by_key.gone()
    last = worker.canvas()
    worker.cell.locator('[data-gt-label="Norda"] input').focus()
    notebook.page.keyboard.press("Space")
    notebook.page.keyboard.press("ArrowDown")
    notebook.page.keyboard.press("ArrowUp")
    notebook.page.keyboard.press("Control+Enter")
    last.gone()
    completed(job)
    found = {
        each.object_id: job.results.lines()[int(each.object_id)]
        for each in (by_mouse, by_key, last)
    }
    assert found[by_mouse.object_id][job.name] == 1
    assert found[by_key.object_id][job.name] == 2
    assert found[last.object_id][f"{job.name}-metadata"]["class-name"] == "Norda"


def test_what_is_chosen_in_a_long_list_comes_into_sight(studio, at_work):
    names = [f"class {number}" for number in range(40)]
    job = studio.job([picture(500, 400)], task="image-classification", categories=names)
    notebook, worker = at_work(job)
    keyboard, canvas = notebook.page.keyboard, worker.canvas()
    canvas.element.focus()
    keyboard.press("/")
    keyboard.type("39")
    keyboard.press("Enter")
    assert in_sight(worker, "class 39")
    keyboard.press("1")
    assert in_sight(worker, "class 0")
    keyboard.press("t")  # the key of the 26th
    assert in_sight(worker, "class 25")
    keyboard.press("Enter")
    completed(job)
    assert job.results.lines()[0][job.name] == 25


def in_sight(worker, label):
    """Whether a label is chosen and its column shows it."""
    chosen = worker.cell.locator(f'.gt-choice[data-gt-label="{label}"]:has(:checked)')
    return chosen.evaluate("""choice => {
      const [own, column] = [choice, choice.closest('.gt-side')].map(e => e.getBoundingClientRect());
      return own.top >= column.top - 1 && own.bottom <= column.bottom + 1;
    }""")


def test_undo_redo_relabel_move_resize_and_delete_end_in_the_box_on_the_screen(
    studio, at_work, boxes_in
):
    job = studio.job([picture(500, 400)])
    notebook, worker = at_work(job)
    keyboard, canvas = notebook.page.keyboard, worker.canvas()
    canvas.element.focus()
    canvas.actual_pixels()
    canvas.drag(50, 60, 100, 80)
    canvas.drag(250, 200, 60, 60)
    assert drawn(worker) == ["Norda, 100 by 80 at 50, 60", "Norda, 60 by 60 at 250, 200"]
    keyboard.press("Control+z")
    keyboard.press("Control+z")
    assert drawn(worker) == []
    keyboard.press("Control+Shift+z")
    keyboard.press("Control+y")
    assert len(drawn(worker)) == 2
    canvas.click(280, 230)
    keyboard.press("Delete")
    assert drawn(worker) == ["Norda, 100 by 80 at 50, 60"]
    worker.cell.get_by_role("button", name="Undo (Ctrl+Z)").click()
    worker.cell.get_by_role("button", name="Redo (Ctrl+Shift+Z)").click()
    assert drawn(worker) == ["Norda, 100 by 80 at 50, 60"]

    canvas.click(100, 100)  # a click chooses; then a label is the chosen box's
    worker.cell.locator('[data-gt-label="Halo"]').click()
    assert drawn(worker) == ["Halo, 100 by 80 at 50, 60"]
    canvas.element.focus()
    keyboard.press("2")
    canvas.move((150, 140), (170, 130))  # its lower right handle
    assert drawn(worker) == ["Kivi, 120 by 70 at 50, 60"]
    keyboard.press("v")
    canvas.move((100, 100), (110, 125))
    keyboard.press("ArrowLeft")
    keyboard.press("Shift+ArrowDown")
    keyboard.press("Alt+ArrowRight")
    assert drawn(worker) == ["Kivi, 121 by 70 at 59, 95"]
    keyboard.press("Enter")
    assert boxes_in(job, 0) == [(1, 59, 95, 121, 70)]


def test_zoomed_and_panned_a_box_is_drawn_to_the_pixel(studio, at_work, boxes_in):
    job = studio.job([picture(1600, 1200)])
    notebook, worker = at_work(job)
    page, canvas = notebook.page, worker.canvas()
    assert canvas.scale < 1
    for _ in range(14):
        canvas.wheel(1234, 777, -100)
    assert canvas.scale > 3
    canvas.drag(1217, 771, 23, 11)
    page.keyboard.down("Space")
    canvas.move((1234, 777), (1254, 797))
    page.keyboard.up("Space")
    canvas.drag(1203, 765, 31, 37)
    page.keyboard.press("0")
    eventually(lambda: canvas.scale < 1, what="the whole picture")
    page.keyboard.press("Enter")
    assert boxes_in(job, 0) == [(0, 1217, 771, 23, 11), (0, 1203, 765, 31, 37)]


def test_nothing_to_label_is_said_by_mouse_or_by_key_and_never_by_mistake(
    studio, at_work, boxes_in
):
    job = studio.job([picture(500, 400)] * 2)
    notebook, worker = at_work(job)
    first = worker.canvas()
    worker.do("submit")
    assert "If there is nothing to label" in worker.cell.get_by_role("alert").inner_text()
    worker.cell.get_by_label("Nothing to label").check()
    worker.do("submit")
    first.gone()
    second = worker.canvas()
    second.element.focus()
    notebook.page.keyboard.press("n")
    notebook.page.keyboard.press("Enter")
    assert [boxes_in(job, object_id) for object_id in range(2)] == [[], []]
    worker.view("waiting").get_by_text("All done").wait_for()


def test_a_skipped_task_comes_last_and_a_declined_one_never_again(studio, at_work):
    job = studio.job([picture(500, 400)] * 4)
    _notebook, worker = at_work(job)
    skipped = worker.canvas()
    worker.do("skip")
    skipped.gone()
    declined = worker.canvas()
    worker.do("decline")
    declined.gone()
    seen = []
    for _ in range(3):
        canvas = worker.canvas()
        seen.append(canvas.object_id)
        worker.cell.get_by_label("Nothing to label").check()
        worker.do("submit")
        canvas.gone()
    completed(job)
    assert seen[-1] == skipped.object_id
    assert declined.object_id not in seen
    failed = job.results.lines()[int(declined.object_id)]
    assert "failure-reason" in failed[f"{job.name}-metadata"]


def test_a_stopped_task_is_resumed_and_a_released_one_comes_back_empty(studio, at_work):
    job = studio.job([picture(500, 400)])
    _notebook, worker = at_work(job)
    canvas = worker.canvas()
    canvas.drag(50, 60, 100, 80)
    [box] = drawn(worker)
    worker.do("stop")
    worker.start(job.name)
    worker.cell.locator('[data-gt-restored="1"]').wait_for()
    assert worker.canvas().task_id == canvas.task_id
    assert drawn(worker) == [box]
    worker.do("release")
    worker.cell.locator('[data-gt-restored="1"]').wait_for(state="detached")
    assert worker.canvas().object_id == canvas.object_id
    assert drawn(worker) == []


def test_signing_out_gives_back_what_was_not_seen_and_delivers_what_was_done(studio, at_work):
    job = studio.job([picture(500, 400)] * 5)
    _notebook, worker = at_work(job)
    worker.canvas().drag(50, 60, 100, 80)
    worker.do("submit")
    worker.cell.get_by_role("button", name="Sign out").click()
    worker.view("sign-in")
    worker.delivered()
    eventually(lambda: job.card()["batch"]["leased"] <= 1, what="unseen tasks are given back")
    assert job.card()["batch"]["tasks_done"] == 1

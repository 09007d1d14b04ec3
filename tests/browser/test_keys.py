"""The keyboard between a worker's page and the notebook around it."""

import pytest

from gt_widgets.testing import eventually, picture

pytestmark = pytest.mark.browser

# in command mode: delete, insert, cut, paste, undo, merge, change kind, run, restart, move away
DANGEROUS = [
    *("d", "d", "a", "b", "x", "c", "v", "z", "y", "m", "r", "Shift+M", "Escape", "d", "d"),
    *("Enter", "Delete", "Backspace", "Shift+Enter", "Control+Enter", "Alt+Enter", "0", "0"),
    *(
        "i",
        "i",
        "ArrowUp",
        "ArrowDown",
        "j",
        "k",
        "Shift+ArrowDown",
        "Control+z",
        "Control+Shift+z",
    ),
    *("Space", "Shift+Space", "Home", "End", "PageDown", "Control+a", "Control+x", "n", "?", "?"),
]


def test_the_browsers_complaints_are_heard(page, troubles):
    """The fixture that fails every other test on a complaint is not deaf."""
    page.evaluate("""async () => {
        console.error('said');
        setTimeout(() => { throw new Error('thrown') });
        Promise.reject(new Error('rejected'));
        await new Promise(done => setTimeout(done));
    }""")
    eventually(lambda: page.title() == "" and len(troubles) == 3, what="three complaints")
    for word in ("said", "thrown", "rejected"):
        assert any(word in trouble for trouble in troubles)
    troubles.clear()


def test_no_key_pressed_on_the_page_reaches_the_notebook(studio, at_work):
    job = studio.job([picture(640, 480)] * 2)
    notebook, worker = at_work(job, "1 + 1", "'the last cell'")
    page, before = notebook.page, notebook.cells()
    assert len(before) == 3
    canvas = worker.canvas()
    places = [canvas.element, worker.cell.locator('[data-gt-do="skip"]'), worker.root]
    for place in places:
        place.focus()
        for key in (key for key in DANGEROUS if place is canvas.element or "Enter" not in key):
            if key != "Space" or place is canvas.element:  # it presses a button
                page.keyboard.press(key)
            assert notebook.cells() == before, (key, place)
    assert not any(notebook.runs(index) for index in range(3))
    assert worker.root.evaluate("e => e.contains(document.activeElement)")
    worker.view("task")


def test_typing_in_the_sign_in_form_stays_there(studio, page, at_work):
    job = studio.job([picture(640, 480)])
    notebook, worker = at_work(job, "1 + 1")
    before = notebook.cells()
    worker.cell.get_by_role("button", name="Sign out").click()
    worker.view("sign-in")
    name = worker.cell.locator('input[name="user_name"]')
    name.fill("")
    name.press_sequentially("ddabxm")
    assert name.input_value() == "ddabxm"
    name.press("Escape")
    name.press("d")
    name.press("d")
    assert notebook.cells() == before


def test_save_is_passed_on_to_the_notebook(studio, at_work):
    job = studio.job([picture(640, 480)])
    notebook, worker = at_work(job)
    assert notebook.outputs_on_disk() == [0]
    worker.canvas().element.focus()
    notebook.page.keyboard.press("Control+s")
    notebook.saved()
    assert notebook.outputs_on_disk() == [1]

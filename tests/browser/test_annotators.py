"""One item at a time in a cell, without a job: our annotators, and ipyannotations' own, mended."""

import secrets

import pytest

from gt_widgets.testing import eventually, picture
from gt_widgets.testing.hands import Canvas, NotebookPage

pytestmark = pytest.mark.browser
LOOP = """from gt_widgets.annotate.images import {name}

pictures, answers = ["a.jpg", "b.jpg"], []
annotator = {name}(options=["Norda", "Kivi"], backend="{backend}")

def answered(data):
    answers.append(data)
    if pictures:
        annotator.display(pictures.pop(0))

annotator.on_submit(answered)
annotator.display(pictures.pop(0))
annotator"""
BARE = """import ipywidgets
from ipyannotations.images import BoxAnnotator

annotator = BoxAnnotator(options=["Norda", "Kivi"])
annotator.display("a.jpg")
display(annotator, ipywidgets.IntSlider())"""
TAGGER = """from gt_widgets.annotate.text import TextTagger

tagger = TextTagger(classes=["person"], backend="ipyannotations")
tagger.display("😀 a <b>x</b>\\r\\n\\r\\n  Bo  in \\u00c9vora. ")
tagger"""
TAGS = "print([tagger.text[start:end] for start, end, _ in tagger.data])"
CENTRE = """(element, word) => {
  const texts = document.createTreeWalker(element, NodeFilter.SHOW_TEXT), range = document.createRange();
  while (texts.nextNode()) {
    const text = texts.currentNode, start = text.data.indexOf(word);
    if (start < 0) continue;
    range.setStart(text, start);
    range.setEnd(text, start + word.length);
    element.scrollIntoView({block: 'center'});
    const box = range.getBoundingClientRect();
    return [box.left + box.width / 2, box.top + box.height / 2];
  }
}"""
TELL = "print(answers)"
A_BOX = "'type': 'box', 'label': 'Kivi', 'xyxy': (50, 60, 150, 200)"


@pytest.fixture
def opened(page, lab):
    """Call it with cells: a notebook beside two pictures, the first cell run."""
    for name in ("a.jpg", "b.jpg"):
        (lab.notebooks / name).write_bytes(picture(500, 400))

    def begin(*cells):
        path = lab.notebook(f"annotate-{secrets.token_hex(4)}.ipynb", cells)
        notebook = NotebookPage(page, lab, path.name).open()
        return notebook, notebook.run_code_cell(0)

    yield begin
    lab.end_kernels()


def told(notebook, count):
    """What the answers are, once there are so many; JupyterLab is asked by running a cell."""

    def answers():
        shown = notebook.run_code_cell(1).locator(".jp-OutputArea-output").last.inner_text()
        return shown if shown.count("xyxy") == count else ""

    return eventually(answers, 60, what=f"{count} answers in the kernel")


def saved_and_reloaded(notebook):
    """Save the notebook, reload the page, wait for its kernel."""
    notebook.command("docmanager:save")
    notebook.saved()
    notebook.page.reload()
    notebook.ready()


def test_our_annotator_labels_picture_after_picture_and_survives_a_reload(opened):
    notebook, cell = opened(LOOP.format(name="BoxAnnotator", backend="gt_widgets"), TELL)
    page, first = notebook.page, Canvas(notebook.page, cell)
    first.element.focus()
    first.actual_pixels()
    page.keyboard.press("2")
    first.drag(50, 60, 100, 140)
    page.keyboard.press("Enter")
    first.gone()
    second = Canvas(page, cell)
    assert (second.object_id, cell.get_by_text("Sign out").is_visible()) == ("2", False)
    page.keyboard.press("1")  # the keyboard is on the next picture, not on the notebook
    second.actual_pixels()
    second.drag(10, 10, 30, 30)
    assert [each["type"] for each in notebook.cells()] == ["code", "code"]
    assert A_BOX in told(notebook, 1)

    saved_and_reloaded(notebook)
    cell = notebook.code_cell(0)
    cell.locator('[data-gt-restored="1"]').wait_for()
    again = Canvas(page, cell)
    assert again.task_id == second.task_id
    again.element.focus()
    page.keyboard.press("Enter")
    again.gone()
    assert "'label': 'Norda', 'xyxy': (10, 10, 40, 40)" in told(notebook, 2)


class TheirCanvas:
    """The canvas of ipyannotations on the screen, a picture of 500 x 400 in the middle of it."""

    def __init__(self, page, cell):
        self.page, self.element = page, cell.locator("canvas").first
        self.element.wait_for()

    def point(self, x, y):
        self.element.evaluate("canvas => canvas.scrollIntoView({block: 'center'})")
        frame = self.element.bounding_box()
        return frame["x"] + (700 - 500) // 2 + x, frame["y"] + (500 - 400) // 2 + y

    def hovers(self):
        """Move in from outside until the widget takes keys: it does while the mouse is over it."""

        def taken():
            self.page.mouse.move(5, 5)
            self.page.mouse.move(*self.point(50, 60))
            return self.page.locator(".ipyevents-watched").count() > 0

        eventually(taken, what="the widget takes keys")

    def drag(self, start, end):
        self.page.mouse.move(*self.point(*start))
        self.page.mouse.down()
        self.page.mouse.move(*self.point(*end), steps=3)
        self.page.mouse.up()

    def paints(self):
        """Wait until it shows a picture: a pixel in the middle is not transparent."""
        middle = "c => c.getContext('2d').getImageData(350, 250, 1, 1).data[3]"
        eventually(lambda: self.element.evaluate(middle) == 255, what="the picture")


def test_ipyannotations_mended_shows_no_error_stops_keys_and_survives_a_reload(opened):
    code = LOOP.format(name="BoxAnnotator", backend="ipyannotations")
    notebook, cell = opened(code, TELL)
    page, canvas = notebook.page, TheirCanvas(notebook.page, cell)
    canvas.paints()
    assert cell.get_by_text("error").count() == 0
    canvas.hovers()
    page.keyboard.press("b")  # no business of the notebook's
    page.keyboard.press("2")
    dropdown = cell.locator("select")
    eventually(lambda: dropdown.input_value() == "Kivi", what="the class is chosen")
    canvas.drag((50, 60), (150, 200))
    page.keyboard.press("Enter")
    assert A_BOX in told(notebook, 1)
    assert [each["source"] for each in notebook.cells()] == [code, TELL]

    saved_and_reloaded(notebook)
    canvas = TheirCanvas(page, notebook.code_cell(0))
    canvas.paints()
    canvas.drag((10, 10), (40, 40))
    canvas.hovers()
    page.keyboard.press("Enter")
    assert "'xyxy': (10, 10, 40, 40)" in told(notebook, 2)


def test_a_word_tagged_by_ipyannotations_mended_is_the_word_of_the_text(opened):
    notebook, cell = opened(TAGGER, TAGS)
    page, text = notebook.page, cell.locator(".entity-tagger")
    text.wait_for()
    for word in ("Bo", "vora"):
        page.mouse.dblclick(*text.evaluate(CENTRE, word))
        text.locator("mark", has_text=word).wait_for()

    def tags():
        return notebook.run_code_cell(1).locator(".jp-OutputArea-output").last.inner_text().strip()

    eventually(lambda: tags() == "['Bo', '\u00c9vora']", 60, what="both words in the kernel")


def test_the_bare_package_has_the_faults_that_are_mended(opened, troubles):
    """Not our code: this shows what the adapter is for, and tells when it is no longer needed."""
    notebook, cell = opened(BARE)
    cell.get_by_text("error").first.wait_for()  # a red box below the canvas
    TheirCanvas(notebook.page, cell).paints()
    saved_and_reloaded(notebook)
    cell = notebook.code_cell(0)
    cell.locator(".widget-slider").wait_for()  # other widgets are there again
    assert cell.locator("canvas").count() == 0

    canvas = TheirCanvas(notebook.page, notebook.run_code_cell(0))
    canvas.hovers()
    notebook.page.keyboard.press("b")  # it reaches the notebook: a new cell; "d d" deletes this one
    eventually(lambda: len(notebook.cells()) == 2, what="the notebook obeys the key")
    troubles.clear()

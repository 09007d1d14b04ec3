"""Texts read, classified and marked, and earlier labels judged, by mouse and by keyboard."""

import pytest

from gt_widgets.testing import eventually, picture

pytestmark = pytest.mark.browser

LABELS = ("carrier", "place", "person")
MESSAGE = "Hei 👩‍👩‍👧! Kivi Cargo\r\nlost it in Łódź, said Søren e\u0301.\r\nהחבילה של דנה"  # noqa: RUF001


def lines_of(job):
    eventually(lambda: job.status == "Completed", what=f"{job.name} completes")
    return job.results.lines()


def marked(job, object_id=0):
    """Label and words of each entity in the output manifest, cut out by Python's own offsets."""
    line = lines_of(job)[object_id]
    entities = line[job.name]["annotations"]["entities"]
    return [(e["label"], line["source"][e["startOffset"] : e["endOffset"]]) for e in entities]


def listed(worker):
    """The list of entities beside the text, in words."""
    return [row.split("\n")[0] for row in worker.cell.get_by_role("option").all_inner_texts()]


def becomes(worker, rows):
    """Wait until the list says so: a page on a busy machine is a moment behind its keys."""
    eventually(lambda: listed(worker) == rows, what=f"the list reads {rows}")


def test_entities_are_marked_by_mouse_and_by_key_and_arrive_as_code_points(studio, at_work):  # P08
    job = studio.text_job([MESSAGE], LABELS, task="named-entity-recognition")
    notebook, worker = at_work(job)
    keyboard, text = notebook.page.keyboard, worker.passage()
    assert text.text == MESSAGE  # the text is text: CR, joiners and marks are all there
    worker.do("submit")
    assert "Nothing is marked" in worker.cell.get_by_role("alert").inner_text()

    text.drag("Kivi Cargo")
    worker.cell.locator(".gt-offer").get_by_role("button", name="carrier").click()
    text.click("Łódź", count=2)
    keyboard.press("3")
    keyboard.press("2")  # the label of the chosen one is changed
    becomes(worker, ["carrier: Kivi Cargo", "place: Łódź"])

    text.click("Kivi")  # by keyboard alone from here on
    keyboard.press("Control+Home")
    for _ in range(5):
        keyboard.press("Shift+ArrowRight")  # H, e, i, blank and the family of five code points
    keyboard.press("3")
    eventually(lambda: listed(worker)[0] == "person: Hei 👩‍👩‍👧", what="the list of entities")
    for _ in range(4):
        keyboard.press(">")  # its start moves on, a character at a time
    keyboard.press("Control+z")
    keyboard.press("Control+Shift+z")
    eventually(lambda: listed(worker)[0] == "person: 👩‍👩‍👧", what="the list of entities")
    keyboard.type("zz é q")  # what is typed gets nowhere
    assert text.text == MESSAGE
    keyboard.press("Enter")
    text.gone()
    assert marked(job) == [
        ("person", "👩‍👩‍👧"),
        ("carrier", "Kivi Cargo"),
        ("place", "Łódź"),
    ]


def test_entities_overlap_come_back_after_a_reload_and_can_be_taken_away(studio, at_work):
    job = studio.text_job([MESSAGE], LABELS, task="named-entity-recognition")
    notebook, worker = at_work(job)
    page, text = notebook.page, worker.passage()
    page.keyboard.press("Control+s")
    notebook.saved()
    worker.cell.locator('.gt-side [data-gt-label="carrier"]').click()  # ready before the drag
    text.drag("Kivi Cargo")
    worker.cell.locator('.gt-side [data-gt-label="place"]').click()
    text.drag("Cargo")
    text.drag("said Søren")
    text.click("החבילה", count=2)  # a word read from right to left
    eventually(lambda: listed(worker)[-1] == "place: החבילה", what="the list of entities")
    page.reload()  # at once

    notebook.ready()
    worker.cell.locator('[data-gt-restored="1"]').wait_for()
    text = worker.passage()
    assert listed(worker) == [
        "carrier: Kivi Cargo",
        "place: Cargo",
        "place: said Søren",
        "place: החבילה",
    ]
    text.click("said Søren")
    page.keyboard.press("Delete")
    worker.do("submit")
    text.gone()
    assert marked(job) == [("carrier", "Kivi Cargo"), ("place", "Cargo"), ("place", "החבילה")]
    stored = page.evaluate(
        """() => new Promise(done => {
          indexedDB.open('gt-widgets').onsuccess = ({target}) => {
            const asked = target.result.transaction('shelf').objectStore('shelf').getAllKeys();
            asked.onsuccess = () => done(asked.result.filter(key => key.startsWith('draft|')));
          };
        })"""
    )
    assert [key for key in stored if text.task_id in key] == []  # cleaned up


def test_texts_are_classified_by_key_and_none_of_the_above_stands_alone(studio, at_work):
    texts = [f"message <b>{number}</b>" for number in range(3)]
    topics = ("late", "damaged", "lost", "praise", *(f"topic {n}" for n in range(5, 20)))
    job = studio.text_job(texts, topics, task="text-classification-multi-label")
    notebook, worker = at_work(job)
    keyboard = notebook.page.keyboard
    given = {}
    for keys, labels in (("3n1", [0]), ("12n", []), ("b/", [10, 18])):
        text = worker.passage()
        assert text.text == texts[text.object_id]
        text.element.focus()
        for key in keys:
            keyboard.press(key)
        if keys.endswith("/"):
            keyboard.type("TOPIC 19")
            keyboard.press("Enter")
        given[text.object_id] = labels
        keyboard.press("Enter")
        text.gone()
    lines = lines_of(job)
    assert {at: lines[at][job.name] for at in given} == given


def test_a_verdict_on_boxes_arrives_with_the_comment(studio, at_work):
    box = {"label": "Kivi", "left": 50, "top": 60, "width": 200, "height": 100}
    size = {"width": 500, "height": 400}
    content = {"boundingBox": {"boundingBoxes": [box], "inputImageProperties": size}}
    job = studio.follow_up(
        studio.answer(studio.job([picture(500, 400)]), content), "bounding-box-verification"
    )
    notebook, worker = at_work(job)
    canvas = worker.canvas()
    assert "Kivi, 200 by 100 at 50, 60" in worker.cell.locator(".gt-earlier").inner_text()
    frame = worker.cell.locator(".gt-outline").bounding_box()
    left, top = canvas.point(50, 60)
    assert abs(frame["x"] - left) < 2
    assert abs(frame["y"] - top) < 2
    worker.do("submit")
    assert worker.cell.get_by_role("alert").inner_text() == "Choose your verdict first."
    canvas.element.focus()
    notebook.page.keyboard.press("2")
    notebook.page.keyboard.press("c")
    notebook.page.keyboard.type("cuts off the 1st letter")  # 1 is no label key in here
    notebook.page.keyboard.press("Control+Enter")
    canvas.gone()
    [line] = lines_of(job)
    assert line[f"{job.name}-metadata"]["class-name"] == "bad"
    assert "cuts off the 1st letter" in str(line[f"{job.name}-metadata"])


HANDLES = """(text, words) => {
  const walker = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode, at = node.data.indexOf(words);
    if (at >= 0) getSelection().setBaseAndExtent(node, at, node, at + words.length);
  }
}"""


def test_what_a_finger_has_highlighted_is_labeled_with_a_tap(studio, at_work):
    job = studio.text_job(["Kivi Cargo lost it."], LABELS, task="named-entity-recognition")
    notebook, worker = at_work(job)
    text = worker.passage()
    hand = notebook.page.context.new_cdp_session(notebook.page)
    hand.send("Emulation.setTouchEmulationEnabled", {"enabled": True, "maxTouchPoints": 1})

    def tap(x, y):
        hand.send(
            "Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]}
        )
        hand.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    tap(*text.middle("lost"))
    eventually(
        lambda: text.element.evaluate("e => e === document.activeElement"), what="the tap focuses"
    )
    # the handles that telephones and tablets draw are not Chromium's on a desktop
    text.element.evaluate(HANDLES, "Cargo")
    offer = worker.cell.locator(".gt-offer")
    offer.wait_for()
    frame = offer.get_by_role("button", name="carrier").bounding_box()
    tap(frame["x"] + frame["width"] / 2, frame["y"] + frame["height"] / 2)
    eventually(lambda: listed(worker) == ["carrier: Cargo"], what="the word is marked")
    worker.do("submit")
    text.gone()
    assert marked(job) == [("carrier", "Cargo")]

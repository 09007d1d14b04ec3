"""Polygons, polylines, lines and key points by mouse, by keys alone and by finger."""

import pytest

from gt_widgets.testing import eventually, picture

pytestmark = pytest.mark.browser


def vertices(job):
    """What the manifest says of the first object: label and points of each shape."""
    eventually(lambda: job.status == "Completed", what="the job completes")
    found = job.results.lines()[0][job.name]["annotations"]
    points = [[(point["x"], point["y"]) for point in each["vertices"]] for each in found]
    return sorted(zip([each["class_id"] for each in found], points, strict=True))


def begun(at_work, studio, task):
    job = studio.job([picture(500, 400)], task=task)
    notebook, worker = at_work(job)
    canvas = worker.canvas()
    canvas.element.focus()
    canvas.actual_pixels()
    return job, notebook.page, worker, canvas


def test_a_polygon_is_drawn_mended_and_labeled_by_mouse(studio, at_work):
    job, page, _, canvas = begun(at_work, studio, "polygon")
    for corner in [(50, 60), (250, 60), (250, 160), (50, 160), (51, 61)]:
        canvas.click(*corner)  # the last click is on the first corner: it ends the polygon
    canvas.move((250, 160), (270, 180))  # drag a vertex
    canvas.move((150, 60), (150, 20))  # pull a new one out of an edge
    canvas.element.dblclick(position=relative(canvas, 50, 160))  # take one away
    canvas.click(350, 300)
    page.keyboard.press("Escape")
    canvas.click(400, 300)
    canvas.click(450, 300)
    page.keyboard.press("2")
    canvas.click(450, 350)
    page.keyboard.press("Enter")  # ends the polygon, not the task
    page.keyboard.press("Enter")
    canvas.gone()
    assert vertices(job) == [
        (0, [(50, 60), (150, 20), (250, 60), (270, 180)]),
        (1, [(400, 300), (450, 300), (450, 350)]),
    ]


def relative(canvas, x, y):
    """Where a picture pixel is in the canvas."""
    frame, (across, down) = canvas.element.bounding_box(), canvas.point(x, y)
    return {"x": across - frame["x"], "y": down - frame["y"]}


def test_a_polyline_ends_with_a_double_click(studio, at_work):
    job, page, _, canvas = begun(at_work, studio, "polyline")
    canvas.click(50, 60)
    canvas.click(150, 80)
    page.mouse.dblclick(*canvas.point(250, 60))
    page.keyboard.press("Control+Enter")
    assert vertices(job) == [(0, [(50, 60), (150, 80), (250, 60)])]


def test_a_line_is_drawn_with_one_drag_and_snaps_to_the_border(studio, at_work):
    job, page, _, canvas = begun(at_work, studio, "line")
    canvas.move((3, 100), (200, 250))
    page.keyboard.press("Enter")
    assert vertices(job) == [(0, [(0, 100), (200, 250)])]


def test_a_key_point_is_set_moved_and_undone(studio, at_work):
    job, page, _, canvas = begun(at_work, studio, "keypoint")
    canvas.click(100, 100)
    canvas.click(200, 150)
    canvas.move((100, 100), (120, 90))
    canvas.click(300, 300)
    page.keyboard.press("Control+z")
    page.keyboard.press("Enter")
    assert vertices(job) == [(0, [(120, 90)]), (0, [(200, 150)])]


def test_a_polygon_is_made_moved_grown_and_deleted_by_keys_alone(studio, at_work):
    job, page, worker, _ = begun(at_work, studio, "polygon")
    for key in ["a", "a", "Delete"]:  # two made, one deleted
        page.keyboard.press(key)
    page.keyboard.press("]")
    for key in [".", ".", "ArrowRight", "i", "ArrowUp", "Escape"]:
        page.keyboard.press(key)
    assert worker.cell.get_by_role("option").count() == 1
    page.keyboard.press("Enter")
    [(label, points)] = vertices(job)
    (x0, y0), (x1, y1), _, (_, y3), _ = points
    assert (label, len(points), y0) == (0, 5, y1)
    assert x1 > x0
    assert y3 > y0


def test_a_finger_draws_and_two_fingers_zoom_without_drawing(studio, at_work, boxes_in):
    job, page, worker, canvas = begun(at_work, studio, "bounding-box")
    hand = page.context.new_cdp_session(page)
    hand.send("Emulation.setTouchEmulationEnabled", {"enabled": True, "maxTouchPoints": 2})

    def touch(kind, *points):
        places = [canvas.point(*point) for point in points]
        fingers = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(places)]
        hand.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": fingers})

    touch("touchStart", (100, 100))
    touch("touchMove", (150, 140))
    touch("touchMove", (200, 180))
    touch("touchEnd")
    assert worker.cell.get_by_role("option").count() == 1
    touch("touchStart", (300, 200))
    touch("touchStart", (300, 200), (320, 220))
    touch("touchMove", (280, 180), (340, 240))
    touch("touchEnd")
    eventually(lambda: canvas.scale > 1.5, what="the pinch zooms")
    page.keyboard.press("Enter")
    assert boxes_in(job, 0) == [(0, 100, 100, 100, 80)]


def test_a_pen_draws_as_the_mouse_does(studio, at_work, boxes_in):
    job, page, worker, canvas = begun(at_work, studio, "bounding-box")
    hand = page.context.new_cdp_session(page)
    kinds = "e => { for (const type of ['pointerdown', 'pointerup']) e.addEventListener(type, "
    kinds += "({pointerType}) => { e.dataset.saw = (e.dataset.saw ?? '') + pointerType; }); }"
    canvas.element.evaluate(kinds)

    def pen(kind, point, pressed):
        x, y = canvas.point(*point)
        stroke = {"type": kind, "x": x, "y": y, "pointerType": "pen", "force": 0.6 * pressed}
        buttons = {"button": "left", "buttons": int(pressed), "clickCount": 1}
        hand.send("Input.dispatchMouseEvent", stroke | buttons)

    pen("mousePressed", (100, 100), pressed=True)
    pen("mouseMoved", (150, 140), pressed=True)
    pen("mouseMoved", (200, 180), pressed=True)
    pen("mouseReleased", (200, 180), pressed=False)
    eventually(lambda: worker.cell.get_by_role("option").count() == 1, what="the box is listed")
    assert canvas.element.get_attribute("data-saw") == "penpen"
    page.keyboard.press("Enter")
    assert boxes_in(job, 0) == [(0, 100, 100, 100, 80)]


def test_a_release_outside_the_canvas_neither_loses_nor_invents_a_box(studio, at_work, boxes_in):
    job, page, worker, canvas = begun(at_work, studio, "bounding-box")
    page.mouse.move(*canvas.point(400, 300))
    page.mouse.down()
    page.mouse.move(*canvas.point(450, 350))
    page.mouse.move(5, 5)
    page.mouse.up()
    page.mouse.move(*canvas.point(300, 200))
    assert worker.cell.get_by_role("option").count() == 1
    page.keyboard.press("Enter")
    assert boxes_in(job, 0) == [(0, 0, 0, 400, 300)]


def test_what_is_locked_hidden_and_restacked_is_in_the_answer(studio, at_work, boxes_in):
    job, page, worker, canvas = begun(at_work, studio, "bounding-box")
    canvas.drag(50, 60, 100, 80)
    page.keyboard.press("l")
    page.keyboard.press("Delete")  # locked: it stays
    page.keyboard.press("Escape")
    canvas.drag(200, 60, 40, 40)
    page.keyboard.press("h")
    page.keyboard.press("Control+d")
    page.keyboard.press("Shift+PageDown")
    names = [each.get_attribute("aria-label") for each in worker.cell.get_by_role("option").all()]
    assert names[1:] == [
        "Norda, 100 by 80 at 50, 60, locked",
        "Norda, 40 by 40 at 200, 60, hidden",
    ]
    page.keyboard.press("Enter")
    assert len(boxes_in(job, 0)) == 3

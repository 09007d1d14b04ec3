"""The kernel half of the audit grid."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from gt_widgets.charts import Picture
from gt_widgets.controller.audits import AuditPage
from gt_widgets.errors import StateError
from gt_widgets.widgets import AuditGrid

PAGES = (AuditPage("late", ("3", "5")), AuditPage("lost", ("4",)))


def texts(object_ids):
    return [Picture(None, text=f"message {object_id}") for object_id in object_ids]


def test_a_page_is_loaded_when_it_is_turned_to_and_not_before(browser):
    asked = []
    grid = AuditGrid(PAGES, lambda ids: asked.append(ids) or texts(ids))
    assert asked == [("3", "5")]
    assert (grid.label, [item["text"] for item in grid.items]) == (
        "late",
        ["message 3", "message 5"],
    )
    grid.page = 1
    assert (grid.label, asked) == ("lost", [("3", "5"), ("4",)])


def test_a_page_that_there_is_not_changes_nothing(browser):
    grid = AuditGrid(PAGES, texts)
    grid.page = 9
    assert grid.label == "late"


def test_the_accuracy_is_known_when_every_page_was_looked_at(browser):
    grid = AuditGrid(PAGES, texts)
    grid.wrong, grid.checked = ["5"], [0]
    with pytest.raises(StateError, match="1 of 2 pages have not been looked at"):
        _ = grid.result
    assert grid.verdict == ""
    grid.checked = [0, 1]
    assert (grid.result.n, grid.result.wrong) == (3, 1)
    assert grid.verdict.startswith("2 of 3 machine labels looked at are right: 66.7%")


def test_a_page_of_a_hostile_browser_judges_nothing_but_the_sample(browser):
    grid = AuditGrid(PAGES, texts)
    grid.wrong, grid.checked = ["5", "5", "77"], [0, 1, 2, 99, -1]
    assert (grid.result.n, grid.result.wrong) == (3, 1)


def test_boxes_and_masks_are_drawn_on_the_thumbnails(browser):
    grey = Image.new("RGB", (800, 400), (90, 90, 90))
    mask = np.zeros((400, 800), dtype=np.uint8)
    mask[:, 400:] = 1
    box = {"left": 200, "top": 100, "width": 400, "height": 200}
    pictures = [Picture(grey), Picture(grey, (box,)), Picture(grey, mask=mask)]
    page = AuditPage("Kivi", ("0", "1", "2"))
    plain, boxed, painted = (
        Image.open(io.BytesIO(base64.b64decode(item["src"].split(",")[1])))
        for item in AuditGrid((page,), lambda _: pictures).items
    )
    assert plain.size == (220, 110)
    assert plain.getpixel((55, 55))[0] < 100 < boxed.getpixel((55, 55))[0]
    assert painted.getpixel((27, 55))[0] < 100 < painted.getpixel((165, 55))[0]


def test_readers_without_a_browser_are_told_what_it_is(browser):
    bundle = AuditGrid(PAGES, texts)._repr_mimebundle_()[0]
    assert bundle["text/plain"].startswith("Audit of 3 machine labels on 2 pages; run the cell")

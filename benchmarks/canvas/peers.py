"""Pointer move to paint in one JupyterLab: ours, jupyter-bbox-widget, ipyannotations.

Usage: python benchmarks/canvas/peers.py, in an environment that has JupyterLab, gt_widgets,
jupyter-bbox-widget and ipyannotations. Headless Chromium, software raster, a picture of
4000 x 3000 pixels with 0 and 200 boxes; one of them is drawn with the real mouse. The probe is the
same for all three: from a pointer event to the end of the first frame after the page drew something
for it. A move that is never painted by itself counts with the frame that shows it.
"""

from __future__ import annotations

import json
import random
import secrets
import statistics
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parent))
from browser import PROBE, chromium, spread

import gt_widgets as gt
from gt_widgets.testing import picture
from gt_widgets.testing.hands import NotebookPage, WorkerPage
from gt_widgets.testing.jupyter import Lab

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

RUNS = 3
MOVES = 100
COUNTS = (0, 200)
SIZE = (4_000, 3_000)
PASSWORD = "Correct-horse-7"
LABELS = ["Norda", "Kivi", "Halo"]
BBOX = """import json, pathlib
from jupyter_bbox_widget import BBoxWidget
boxes = json.loads(pathlib.Path({boxes!r}).read_text())
BBoxWidget(image={path!r}, classes={labels!r}, bboxes=boxes)"""
IPYANNOTATIONS = """import json, pathlib
from ipyannotations.images import BoxAnnotator
widget = BoxAnnotator(options={labels!r})
widget.display({path!r})
widget.canvas.data = json.loads(pathlib.Path({boxes!r}).read_text())
widget.children = [child for child in widget.children if child._view_name]
widget"""


def main() -> None:
    """Print one row per widget and number of boxes."""
    print("widget               boxes   median ms    p95  frame ms  moves painted")
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        lab = Lab(Path(folder)).start()
        try:
            measure_all(browser, lab, Path(folder))
        finally:
            lab.stop()


def measure_all(browser: Browser, lab: Lab, folder: Path) -> None:
    """Every widget with every number of boxes, in turn, so that a noisy minute hits all."""
    path = folder / "large.jpg"
    path.write_bytes(picture(*SIZE))
    studio = Studio(lab, path)
    for count in COUNTS:
        boxes = some_boxes(count)
        rows: dict[str, list[dict[str, Any]]] = {}
        for _ in range(RUNS):
            for name, opened in (
                ("gt_widgets", studio.opened),
                ("jupyter-bbox-widget", bbox_widget),
                ("ipyannotations", ipyannotations),
            ):
                context = browser.new_context(viewport={"width": 1400, "height": 1000})
                page = context.new_page()
                page.add_init_script(PROBE)
                page.set_default_timeout(60_000)
                rows.setdefault(name, []).append(drawn(page, opened(page, lab, path, boxes)))
                context.close()
                lab.end_kernels()
        for name, runs in rows.items():
            _print(name, count, runs)


def some_boxes(count: int) -> list[dict[str, Any]]:
    """Boxes of 40 to 300 pixels anywhere; the same ones on every run."""
    rng = random.Random(7)
    return [
        {
            "label": rng.choice(LABELS),
            "left": rng.randrange(3_600),
            "top": rng.randrange(2_600),
            "width": rng.randrange(40, 300),
            "height": rng.randrange(40, 300),
        }
        for _ in range(count)
    ]


class Studio:
    """Our engine with a worker; each task comes with a draft of the boxes."""

    def __init__(self, lab: Lab, path: Path) -> None:
        self.session = gt.connect(root=lab.root)
        self.portal = self.session.place.portal
        self.session.create_private_team("studio", workers=["ben"])
        [mail] = self.portal.requester("outbox")["mails"]
        name = {"user_name": "ben"}
        sign_in = {**name, "password": mail["temporary_password"]}
        challenge = self.portal.worker("sign_in", sign_in)["challenge_session"]
        chosen = {**name, "challenge_session": challenge, "new_password": PASSWORD}
        self.portal.worker("set_new_password", chosen)
        self.data = self.session.upload([path], name="large")

    def opened(self, page: Page, lab: Lab, _path: Path, boxes: list[dict[str, Any]]) -> Locator:
        """Open a job of one task and show it to the worker."""
        name = f"job-{secrets.token_hex(4)}"
        self.session.create_labeling_job(name, self.data, categories=LABELS)
        cells = [
            f'import gt_widgets as gt\ngt.connect().labeling_job("{name}").label(worker="ben")'
        ]
        notebook = NotebookPage(page, lab, lab.notebook(f"{name}.ipynb", cells).name).open()
        worker = WorkerPage(page, notebook.run_code_cell(0))
        worker.sign_in("ben", PASSWORD)
        self._draft(name, boxes)
        worker.start(name)
        return worker.canvas().element

    def _draft(self, job_name: str, boxes: list[dict[str, Any]]) -> None:
        name = {"user_name": "ben", "password": PASSWORD}
        session = self.portal.worker("sign_in", name)["session"]
        wanted = {"job_name": job_name, "count": 1, "holding": []}
        [task] = self.portal.worker("claim", wanted, session)["tasks"]
        draft = {"v": 1, "time_spent_s": 0, "boxes": boxes, "nothing": False}
        saved = {"task_id": task["task_id"], "lease": task["lease"], "draft": draft}
        self.portal.worker("save_draft", saved, session)


def bbox_widget(page: Page, lab: Lab, path: Path, boxes: list[dict[str, Any]]) -> Locator:
    """Show jupyter-bbox-widget in a notebook of its own."""
    theirs = [
        {
            "x": box["left"],
            "y": box["top"],
            "width": box["width"],
            "height": box["height"],
            "label": box["label"],
        }
        for box in boxes
    ]
    picture_there = shown(page, lab, path, BBOX, theirs).locator(".jp-OutputArea img").first
    picture_there.wait_for()
    return picture_there


def ipyannotations(page: Page, lab: Lab, path: Path, boxes: list[dict[str, Any]]) -> Locator:
    """Show ipyannotations, its view-less child taken out so that it shows at all."""
    theirs = [
        {
            "type": "box",
            "label": box["label"],
            "xyxy": (
                box["left"],
                box["top"],
                box["left"] + box["width"],
                box["top"] + box["height"],
            ),
        }
        for box in boxes
    ]
    canvas = shown(page, lab, path, IPYANNOTATIONS, theirs).locator(".jp-OutputArea canvas").last
    canvas.wait_for()
    return canvas


def shown(page: Page, lab: Lab, path: Path, code: str, boxes: list[dict[str, Any]]) -> Locator:
    """Run a cell in a fresh notebook; it reads its boxes from a file."""
    file = path.with_name(f"boxes-{secrets.token_hex(4)}.json")
    file.write_text(json.dumps(boxes))
    cell = code.format(path=str(path), labels=LABELS, boxes=str(file))
    notebook = lab.notebook(f"peer-{secrets.token_hex(4)}.ipynb", [cell])
    return NotebookPage(page, lab, notebook.name).open().run_code_cell(0)


def drawn(page: Page, element: Locator) -> dict[str, Any]:
    """Draw one box with many small moves, 8 ms apart as a mouse of 125 Hz makes them."""
    page.wait_for_timeout(3_000)
    element.scroll_into_view_if_needed()
    frame = element.bounding_box()
    assert frame is not None
    x, y = frame["x"] + frame["width"] * 0.2, frame["y"] + min(frame["height"], 600) * 0.25
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 12, y + 12)
    page.wait_for_timeout(500)
    page.evaluate("() => { Object.assign(probe, {latencies: [], frames: [], work: [], on: true}) }")
    for step in range(MOVES):
        page.mouse.move(x + 12 + step * 2, y + 12 + step * 1.5)
        page.wait_for_timeout(8)
    page.wait_for_timeout(300)
    found: dict[str, Any] = page.evaluate("() => { probe.on = false; return {...probe} }")
    page.mouse.up()
    return found


def _print(name: str, count: int, runs: list[dict[str, Any]]) -> None:
    """Medians of the runs; the worst of their 95th percentiles."""
    spreads = [spread(run["latencies"]) for run in runs if len(run["latencies"]) > 1]
    if not spreads:
        print(f"{name:20} {count:5}   nothing was painted: {json.dumps(runs)[:200]}")
        return
    middle = statistics.median(each[0] for each in spreads)
    slow = max(each[1] for each in spreads)
    frame = statistics.median(statistics.median(run["frames"]) for run in runs)
    painted = statistics.median(len(run["latencies"]) for run in runs)
    print(
        f"{name:20} {count:5} {middle:11.1f} {slow:6.1f} {frame:9.1f} {painted:9.0f} of {MOVES}",
        flush=True,
    )


if __name__ == "__main__":
    main()

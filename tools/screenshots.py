"""Take the pictures of the documentation anew: ``python tools/screenshots.py``.

A person opens the workshop in a real JupyterLab, signs in and draws; what Chromium shows is kept in
``docs/images``. Needs what the browser tests need (``make browser``).
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

import gt_widgets as gt
from gt_widgets.testing.hands import NotebookPage, WorkerPage
from gt_widgets.testing.jupyter import Lab

if TYPE_CHECKING:
    from playwright.sync_api import Page

REPOSITORY = Path(__file__).parents[1]
NOTEBOOK = REPOSITORY / "notebooks" / "01_workshop.ipynb"
PASSWORD = "Correct-horse-7"  # noqa: S105  of a worker who exists for a minute
OUTBOX, LABEL = 2, 7
SHOWN_LOGOS = 2
SIZE = {"width": 1400, "height": 1000}


def main() -> None:
    """Take them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=REPOSITORY / "docs" / "images")
    out = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        os.environ["XDG_STATE_HOME"] = f"{folder}/registry"
        lab = Lab(Path(folder) / "lab").start()
        program = os.environ.get("CHROMIUM") or shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        try:
            shutil.copy(NOTEBOOK, lab.notebooks)
            page = browser.new_page(viewport=SIZE)
            _take(NotebookPage(page, lab, NOTEBOOK.name).open(), out, Path(folder))
        finally:
            browser.close()
            lab.stop()


def _take(notebook: NotebookPage, out: Path, folder: Path) -> None:
    for index in range(LABEL + 1):
        cell = notebook.run_code_cell(index)
        if index == OUTBOX:
            temporary = cell.locator("[data-gt-password]").inner_text()
    worker = WorkerPage(notebook.page, cell)
    worker.sign_in("ana", temporary)
    worker.choose_password(PASSWORD)
    worker.start("brand-logos")
    _draw(worker, folder)
    cell.evaluate("e => e.scrollIntoView({block: 'start'})")
    _keep(notebook.page, out / "labeling.png")


def _draw(worker: WorkerPage, folder: Path) -> None:
    """Submit until a picture has several logos, and draw these where they are."""
    logos = gt.brand_logos(folder / "logos", count=30, seed=0)
    truth = [logos.truth[path.name] for path in logos.paths]
    canvas = worker.canvas()
    while len(truth[int(canvas.object_id)]) < SHOWN_LOGOS:
        _draw_boxes(worker, truth[int(canvas.object_id)], logos.categories)
        worker.do("submit")
        canvas.gone()
        canvas = worker.canvas()
    _draw_boxes(worker, truth[int(canvas.object_id)], logos.categories)


def _draw_boxes(worker: WorkerPage, boxes: list[dict], categories: tuple[str, ...]) -> None:
    canvas = worker.canvas()
    if not boxes:
        worker.cell.get_by_label("Nothing to label").check()
    for box in boxes:
        worker.page.keyboard.press(str(categories.index(box["label"]) + 1))
        canvas.drag(*(box[side] for side in ("left", "top", "width", "height")))


def _keep(page: Page, path: Path) -> None:
    page.mouse.move(0, 0)
    page.screenshot(path=path)


if __name__ == "__main__":
    main()

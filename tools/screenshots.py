"""Take the pictures of the documentation anew: ``python tools/screenshots.py [TASK...]``.

A person opens the workshop and the gallery in a real JupyterLab, signs in and labels; what Chromium
shows is kept in ``docs/images``, as small palette PNGs. Needs what the browser tests need
(``make browser``).
"""

from __future__ import annotations

import argparse
import io
import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from canvas_hands import HANDS
from PIL import Image, ImageColor, ImageDraw
from playwright.sync_api import sync_playwright

import gt_widgets as gt
from gt_widgets.schema.masks import tool_colors
from gt_widgets.testing.hands import NotebookPage, WorkerPage
from gt_widgets.testing.jupyter import Lab

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

REPOSITORY = Path(__file__).parents[1]
NOTEBOOKS = REPOSITORY / "notebooks"
WORKSHOP, GALLERY = "01_workshop.ipynb", "02_canvases.ipynb"
PASSWORD = "Correct-horse-7"  # noqa: S105  of a worker who exists for a minute
OUTBOX, LABEL = 2, 7
SHOWN_LOGOS = 2
SIZE = {"width": 1400, "height": 1000}
COLORS, PLAIN, WIDTH = 192, 72, 840
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
THEMED = """async name => {
  await window.jupyterapp.commands.execute('apputils:change-theme', {theme: name});
}"""


def main() -> None:
    """Take them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "tasks", nargs="*", help="of the gallery; all, and the workshop, unless given"
    )
    parser.add_argument("--each", type=Path, help="folder for light and dark as they were taken")
    parser.add_argument("--out", type=Path, default=REPOSITORY / "docs" / "images")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        os.environ["XDG_STATE_HOME"] = f"{folder}/registry"
        program = os.environ.get("CHROMIUM") or shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        try:
            if not arguments.tasks:
                _in_lab(browser, Path(folder) / "workshop", WORKSHOP, _workshop, arguments.out)
            gallery = _Gallery(arguments.tasks or list(HANDS), arguments.each)
            _in_lab(browser, Path(folder) / "gallery", GALLERY, gallery.take, arguments.out)
        finally:
            browser.close()


def _in_lab(browser: Browser, folder: Path, name: str, take: Any, out: Path) -> None:
    lab = Lab(folder).start()
    try:
        shutil.copy(NOTEBOOKS / name, lab.notebooks)
        page = browser.new_page(viewport=SIZE)
        take(NotebookPage(page, lab, name).open(), out, folder)
    finally:
        lab.stop()


# --- the workshop ---------------------------------------------------------------------------------


def _workshop(notebook: NotebookPage, out: Path, folder: Path) -> None:
    for index in range(LABEL + 1):
        cell = notebook.run_code_cell(index)
        if index == OUTBOX:
            temporary = cell.locator("[data-gt-password]").inner_text()
    worker = _signed_in(notebook, cell, temporary)
    worker.start("brand-logos")
    _draw(worker, folder)
    cell.evaluate("e => e.scrollIntoView({block: 'start'})")
    notebook.page.mouse.move(0, 0)
    keep(notebook.page.screenshot(), out / "labeling.png")


def _signed_in(notebook: NotebookPage, cell: Any, temporary: str) -> WorkerPage:
    worker = WorkerPage(notebook.page, cell)
    worker.sign_in("ana", temporary)
    worker.choose_password(PASSWORD)
    return worker


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
    if not boxes:
        worker.cell.get_by_label("Nothing to label").check()
    HANDS["bounding-box"](worker, [(categories.index(box["label"]) + 1, box) for box in boxes])


# --- the gallery ----------------------------------------------------------------------------------


class _Gallery:
    """Works on some canvases of the gallery and looks at them in both themes."""

    def __init__(self, tasks: list[str], each: Path | None) -> None:
        self._tasks, self._each = tasks, each
        source = json.loads((NOTEBOOKS / GALLERY).read_text())
        cells = [cell for cell in source["cells"] if cell["cell_type"] == "code"]
        self._sources = ["".join(cell["source"]) for cell in cells]

    def take(self, notebook: NotebookPage, out: Path, folder: Path) -> None:
        logos = gt.brand_logos(folder / "logos", count=2, seed=48, brands=4)
        truth = logos.truth[logos.paths[1].name]
        shown = [(logos.categories.index(box["label"]) + 1, box) for box in truth]
        temporary = ""
        for index, source in enumerate(self._sources):
            if source.startswith("for job in jobs"):  # the simulated workers' turn
                return
            task = _task_of(source)
            if task and task not in self._tasks and "def " not in source:
                continue
            cell = notebook.run_code_cell(index)
            if "session.outbox()" in source:
                temporary = cell.locator("[data-gt-password]").inner_text()
            if task not in self._tasks:
                continue
            worker = WorkerPage(notebook.page, cell)
            if temporary:
                worker, temporary = _signed_in(notebook, cell, temporary), ""
            _start(worker)
            _second(worker, text=task.startswith(("text", "named")))
            HANDS[task](worker, shown)
            both = both_themes(notebook.page, worker.root, self._each, task)
            keep(both, out / f"canvas-{task}.png")


def both_themes(page: Page, element: Locator, each: Path | None, name: str) -> bytes:
    """Light above the diagonal, dark below it; ``each`` gets them one by one."""
    taken = []
    for theme_name, theme in THEMES.items():
        page.evaluate(THEMED, theme)
        light = "true" if theme_name == "light" else "false"
        page.wait_for_selector(f'body[data-jp-theme-light="{light}"]', state="attached")
        page.wait_for_selector("#jupyterlab-splash", state="detached")
        page.mouse.move(0, 0)
        taken.append(element.screenshot())
        if each:
            each.mkdir(parents=True, exist_ok=True)
            (each / f"{name}-{theme_name}.png").write_bytes(taken[-1])
    page.evaluate(THEMED, THEMES["light"])
    above, below = (Image.open(io.BytesIO(png)).convert("RGB") for png in taken)
    mask = Image.new("L", above.size)
    corners = [(above.width, 0), (above.width, above.height), (0, above.height)]
    ImageDraw.Draw(mask).polygon(corners, fill=255)
    above.paste(below.resize(above.size), mask=mask)
    both = io.BytesIO()
    above.save(both, "PNG")
    return both.getvalue()


def _task_of(source: str) -> str:
    """Return the task whose canvas a cell shows; empty for other cells."""
    call = source.rpartition("follow_up(")[2] if "follow_up(" in source else source
    if call == source and not source.startswith("canvas("):
        return ""
    found = [task for task in HANDS if f'"{task}"' in call]
    return max(found, key=lambda task: call.index(f'"{task}"'))


def _start(worker: WorkerPage) -> None:
    worker.view("jobs")
    worker.cell.locator("[data-gt-job] button").first.click()


def _second(worker: WorkerPage, *, text: bool) -> None:
    """Skip to the second object: its picture has two logos."""
    seen = worker.passage() if text else worker.canvas()
    if int(seen.object_id) != 1:
        worker.do("skip")
        seen.gone()
        seen = worker.passage() if text else worker.canvas()
    seen.element.focus()


def keep(png: bytes, path: Path) -> None:
    """Keep a picture small: at most so wide, in so many colours."""
    with Image.open(io.BytesIO(png)) as taken:
        picture = taken.convert("RGB")
    if picture.width > WIDTH:
        height = round(picture.height * WIDTH / picture.width)
        picture = picture.resize((WIDTH, height), Image.Resampling.LANCZOS)
    small = picture.quantize(palette=_palette(picture), dither=Image.Dither.NONE)
    small.save(path, optimize=True)


def _palette(picture: Image.Image) -> Image.Image:
    """The plain colours of the page as they are; what is left for the photograph."""
    counted = sorted(picture.getcolors(picture.width * picture.height) or (), reverse=True)
    colors = [ImageColor.getrgb(color) for color in tool_colors(10)]
    colors += [color for _, color in counted if color not in colors]
    plain = [channel for color in colors[:PLAIN] for channel in color]
    photograph = picture.quantize(COLORS - PLAIN, method=Image.Quantize.MEDIANCUT)
    palette = Image.new("P", (1, 1))
    palette.putpalette(plain + (photograph.getpalette() or [])[: 3 * (COLORS - PLAIN)])
    return palette


if __name__ == "__main__":
    main()

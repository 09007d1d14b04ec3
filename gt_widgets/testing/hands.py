"""A person at JupyterLab: mouse, keyboard and eyes on a notebook and on a worker's page.

Layer: testing. Nothing here waits for time: the page tells facts (``data-gt-...``), and these are
waited for.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from gt_widgets.testing.waiting import eventually

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from gt_widgets.testing.jupyter import Lab

__all__ = ["Canvas", "NotebookPage", "Passage", "WorkerPage"]

_SLOW_MS = 60_000
_CELLS = """() => window.jupyterapp.shell.currentWidget.content.widgets.map(
  cell => ({type: cell.model.type, source: cell.model.sharedModel.getSource()}))"""
_CONNECTED = """() => {
  const context = window.jupyterapp?.shell.currentWidget?.sessionContext;
  const kernel = context?.session?.kernel;
  return context?.isReady && kernel?.connectionStatus === 'connected' && kernel.status === 'idle';
}"""
_CLEAN = "() => !window.jupyterapp.shell.currentWidget.context.model.dirty"
_COMMAND = "async id => { await window.jupyterapp.commands.execute(id); return 1 }"
_PIXEL = """(top, [x, y]) => {
  const image = top.parentElement.querySelector('.gt-layer-image');
  const {gtScale, gtOffsetX, gtOffsetY} = top.dataset;
  const dense = image.width / image.clientWidth;
  const at = (value, offset) => Math.floor((value * Number(gtScale) + Number(offset)) * dense);
  const pixel = image.getContext('2d').getImageData(at(x, gtOffsetX), at(y, gtOffsetY), 1, 1);
  return [...pixel.data.slice(0, 3)];
}"""

_STRETCH = """(element, words) => {
  const texts = [], walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) texts.push(walker.currentNode);
  const start = texts.map(text => text.data).join('').indexOf(words);
  const place = at => {
    for (const text of texts) {
      if (at < text.length) return [text, at];
      at -= text.length;
    }
  };
  const edge = (at, side) => {
    const range = document.createRange(), [text, offset] = place(at);
    range.setStart(text, offset);
    range.setEnd(text, offset + (text.data.codePointAt(offset) > 0xffff ? 2 : 1));
    const box = range.getBoundingClientRect();
    return [side === 'start' ? box.left + 1 : box.right - 1, box.top + box.height / 2];
  };
  const last = [...words].at(-1).length;
  return [...edge(start, 'start'), ...edge(start + words.length - last, 'end')];
}"""


class NotebookPage:
    """A notebook open in JupyterLab."""

    def __init__(self, page: Page, lab: Lab, name: str) -> None:
        self.page, self.lab, self.name = page, lab, name

    def open(self) -> NotebookPage:
        """Open it in a fresh workspace and wait for its kernel; returns itself."""
        self.page.goto(f"{self.lab.url}/lab/tree/{self.name}?token={self.lab.token}&reset")
        self.ready()
        return self

    def ready(self) -> None:
        """Wait until its cells are there and its kernel is idle."""
        self.page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=_SLOW_MS)
        self.page.wait_for_function(_CONNECTED, timeout=_SLOW_MS)

    def cells(self) -> list[dict[str, str]]:
        """Type and source of every cell, as JupyterLab's model has them."""
        found: list[dict[str, str]] = self.page.evaluate(_CELLS)
        return found

    def command(self, command: str) -> None:
        """Execute a command of JupyterLab."""
        self.page.evaluate(_COMMAND, command)

    def code_cell(self, index: int) -> Locator:
        """One code cell."""
        return self.page.locator(".jp-Notebook .jp-CodeCell").nth(index)

    def start_code_cell(self, index: int) -> Locator:
        """Select one code cell and run it by key; the kernel may be at it for long."""
        cell = self.code_cell(index)
        prompt = self._prompt(cell)
        before = prompt.inner_text()

        def started() -> bool:
            # JupyterLab drops a run that comes before its kernel connection is complete
            prompt.click()
            self.page.keyboard.press("Control+Enter")
            try:
                return eventually(lambda: prompt.inner_text() != before, 2)
            except AssertionError:
                return False

        eventually(started, 30, what=f"code cell {index} starts")
        return cell

    def run_code_cell(self, index: int) -> Locator:
        """Run one code cell and wait until the kernel is done with it."""
        eventually(lambda: self._ran(index), what=f"code cell {index} runs")
        cell = self.code_cell(index)
        failed = cell.locator(
            '[data-mime-type="application/vnd.jupyter.stderr"], '
            '.jp-RenderedText[data-mime-type*="error"]'
        )
        assert failed.count() == 0, failed.first.inner_text()
        return cell

    def _ran(self, index: int) -> bool:
        self.start_code_cell(index)
        return self.finished(index)

    def finished(self, index: int) -> bool:
        """Wait until the kernel is done with a cell; False if the run was dropped."""
        prompt = self._prompt(self.code_cell(index))
        shown = eventually(
            lambda: re.match(r"\[(\d+| )\]", prompt.inner_text()), 120, what=f"cell {index} ends"
        )
        assert shown is not None
        return shown[1] != " "

    def outputs_on_disk(self) -> list[int]:
        """Count the outputs of each code cell as the server has them on its disk."""
        cells = self.lab.ask(f"contents/{self.name}")["content"]["cells"]
        return [len(cell["outputs"]) for cell in cells if cell["cell_type"] == "code"]

    def saved(self) -> None:
        """Wait until nothing is left to save."""
        self.page.wait_for_function(_CLEAN)

    def runs(self, index: int) -> bool:
        """Tell whether the kernel computes a cell, or is to compute it."""
        return self._prompt(self.code_cell(index)).inner_text().startswith("[*]")

    @staticmethod
    def _prompt(cell: Locator) -> Locator:
        return cell.locator(".jp-InputPrompt").first


class WorkerPage:
    """A worker's page in the output of a cell."""

    def __init__(self, page: Page, cell: Locator) -> None:
        self.page, self.cell = page, cell

    @property
    def root(self) -> Locator:
        """The widget's outermost element: `data-gt-view`, `data-gt-backend`, `data-gt-unsent`."""
        return self.cell.locator(".gt-root")

    def view(self, name: str) -> Locator:
        """Wait for a view: "sign-in", "jobs", "task", "waiting"."""
        found = self.cell.locator(f'[data-gt-view="{name}"]')
        found.wait_for()
        return found

    def sign_in(self, user_name: str, password: str) -> None:
        """Fill in the form and send it."""
        self.view("sign-in")
        self.cell.locator('input[name="user_name"]').fill(user_name)
        self.cell.locator('input[name="password"]').fill(password)
        self.cell.locator("form button[type=submit]").click()

    def choose_password(self, password: str) -> None:
        """Answer the first sign-in's question for a password of one's own."""
        self.view("new-password")
        for field in self.cell.locator("input[type=password]").all():
            field.fill(password)
        self.cell.locator("form button[type=submit]").click()

    def start(self, job_name: str) -> None:
        """Start working on a job of the list."""
        self.view("jobs")
        self.cell.locator(f'[data-gt-job="{job_name}"] button').click()

    def canvas(self) -> Canvas:
        """Wait for a task's picture."""
        return Canvas(self.page, self.cell)

    def passage(self) -> Passage:
        """Wait for a task's text."""
        return Passage(self.page, self.cell)

    def do(self, what: str) -> None:
        """Press "submit", "skip", "decline", "release" or "stop"."""
        self.cell.locator(f'[data-gt-do="{what}"]').click()

    def delivered(self) -> None:
        """Wait until the engine has every answer."""
        self.cell.locator('.gt-root[data-gt-unsent="0"]').wait_for()


class Canvas:
    """The picture of a task on the screen: image pixels in, mouse positions out."""

    def __init__(self, page: Page, cell: Locator) -> None:
        self.page = page
        self.element = cell.locator('[data-gt-task][data-gt-shown="1"]')
        self.element.wait_for()
        self.object_id = str(self.element.get_attribute("data-gt-object"))
        self.task_id = str(self.element.get_attribute("data-gt-task"))

    def gone(self) -> None:
        """Wait until this task is no longer on the screen."""
        self.page.locator(f'[data-gt-task="{self.task_id}"]').wait_for(state="detached")

    @property
    def scale(self) -> float:
        """Screen pixels per picture pixel."""
        return self._number("scale")

    def actual_pixels(self) -> None:
        """Zoom so that a screen pixel is a picture pixel; needs the keyboard on the page."""
        self.page.keyboard.press("Control+1")
        eventually(lambda: self.scale == 1, what="actual pixels")

    def point(self, x: float, y: float) -> tuple[int, int]:
        """Where a picture pixel's upper left corner is on the screen, to the whole pixel."""
        self.element.scroll_into_view_if_needed()
        frame = self.element.bounding_box()
        assert frame is not None
        left, top = self._number("offset-x"), self._number("offset-y")
        return round(frame["x"] + left + x * self.scale), round(frame["y"] + top + y * self.scale)

    def click(self, x: float, y: float) -> None:
        """Click on a picture pixel."""
        self.page.mouse.click(*self.point(x, y))

    def wheel(self, x: float, y: float, turns: float) -> None:
        """Turn the wheel over a picture pixel; up (negative) is closer."""
        before = self.scale
        self.page.mouse.move(*self.point(x, y))
        self.page.mouse.wheel(0, turns)
        eventually(lambda: self.scale != before, what="the zoom")

    def drag(self, left: float, top: float, width: float, height: float) -> None:
        """Press at one corner, release at the opposite one."""
        self.move((left, top), (left + width, top + height))

    def move(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        """Press at one picture pixel and release at another."""
        (x0, y0), (x1, y1) = self.point(*start), self.point(*end)
        self.page.mouse.move(x0, y0)
        self.page.mouse.down()
        self.page.mouse.move((x0 + x1) / 2, (2 * y0 + y1) / 3)
        self.page.mouse.move(x1, y1)
        self.page.mouse.up()

    def color(self, x: float, y: float) -> tuple[int, int, int]:
        """What the screen shows of a picture pixel: red, green, blue in 0..255."""
        red, green, blue = self.element.evaluate(_PIXEL, [x, y])
        return red, green, blue

    def _number(self, fact: str) -> float:
        value: Any = self.element.get_attribute(f"data-gt-{fact}")
        return float(value)


class Passage:
    """The text of a task on the screen: words in, mouse positions out."""

    def __init__(self, page: Page, cell: Locator) -> None:
        self.page = page
        self.element = cell.locator(".gt-text[data-gt-task]")
        self.element.wait_for()
        self.object_id = int(str(self.element.get_attribute("data-gt-object")))
        self.task_id = str(self.element.get_attribute("data-gt-task"))

    def gone(self) -> None:
        """Wait until this task is no longer on the screen."""
        self.page.locator(f'[data-gt-task="{self.task_id}"]').wait_for(state="detached")

    @property
    def text(self) -> str:
        """What the page holds as the text."""
        return self.element.text_content() or ""

    def drag(self, words: str) -> None:
        """Drag over words that are read from left to right and stand in one line."""
        left, top, right, bottom = self._stretch(words)
        self.page.mouse.move(left, top)
        self.page.mouse.down()
        self.page.mouse.move((left + right) / 2, top)
        self.page.mouse.move(right, bottom)
        self.page.mouse.up()

    def click(self, words: str, *, count: int = 1) -> None:
        """Click in the middle of words of one line."""
        self.page.mouse.click(*self.middle(words), click_count=count)

    def middle(self, words: str) -> tuple[float, float]:
        """Where the middle of words of one line is on the screen."""
        left, top, right, _ = self._stretch(words)
        return (left + right) / 2, top

    def _stretch(self, words: str) -> list[float]:
        self.element.scroll_into_view_if_needed()
        found: list[float] = self.element.evaluate(_STRETCH, words)
        return found

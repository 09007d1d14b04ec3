"""Frame time while one of 1,000, 5,000 and 20,000 boxes is dragged; panning and zooming them.

Usage: (cd labextension && npm run dev), then python benchmarks/canvas/frames.py. Headless
Chromium, software raster, a picture of 4000 x 3000 pixels, the whole widget of the notebook.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parent))
from browser import LABEXTENSION, PROBE, chromium, served, spread

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

COUNTS = (1_000, 5_000, 20_000)
RUNS = 3
MOVES = 120
LATE_MS = 20
"""Sixty frames a second are 16.7 ms apart; what is later than this is seen."""


def main() -> None:
    """Print one row per number of boxes and gesture."""
    print("  boxes gesture   frame ms    p95   late  work ms    p95")
    with served(LABEXTENSION) as address, chromium() as browser:
        for count in COUNTS:
            rows = [measured(browser, address, count) for _ in range(RUNS)]
            for gesture in ("drag", "pan", "zoom"):
                _print(count, gesture, [row[gesture] for row in rows])


def _print(count: int, gesture: str, runs: list[dict[str, Any]]) -> None:
    """All frames of all runs together."""
    frames = [frame for run in runs for frame in run["frames"]]
    work = [part for run in runs for part in run["work"]]
    late = sum(frame > LATE_MS for frame in frames) / len(frames)
    (middle, slow), (usual, most) = spread(frames), spread(work)
    print(
        f"{count:7,} {gesture:8} {middle:9.1f} {slow:6.1f} {late:6.1%} {usual:8.2f} {most:6.2f}",
        flush=True,
    )


def measured(browser: Browser, address: str, count: int) -> dict[str, Any]:
    """Drag one box, pan and zoom in a page of its own."""
    context = browser.new_context(viewport={"width": 1400, "height": 1000})
    page = context.new_page()
    page.add_init_script(PROBE)
    page.goto(f"{address}/dev/index.html?kind=worker&many={count}")
    open_task(page, "Draw: many")
    page.wait_for_timeout(2_000)  # the first painting, the half sizes of the picture
    found = {"drag": drag(page), "pan": pan(page), "zoom": zoom(page)}
    context.close()
    return found


def open_task(page: Page, title: str) -> None:
    """Sign in to the engine in memory and open the first task of a job."""
    page.fill("input[type=text]", "ana")
    page.fill("input[type=password]", "secret")
    page.keyboard.press("Enter")
    page.wait_for_selector('[data-gt-view="new-password"]')
    for field in page.query_selector_all("input[type=password]"):
        field.fill("Correct-horse-7")
    page.keyboard.press("Enter")
    page.locator(".gt-job", has_text=title).locator("button").click()
    page.wait_for_selector('[data-gt-shown="1"]')


def place(page: Page, x: float, y: float) -> tuple[float, float]:
    """Where a picture's pixel is on the screen."""
    canvas = page.locator("canvas.gt-layer-active")
    facts, box = canvas.evaluate("e => ({...e.dataset})"), canvas.bounding_box()
    assert box is not None
    scale = float(facts["gtScale"])
    return (
        box["x"] + float(facts["gtOffsetX"]) + x * scale,
        box["y"] + float(facts["gtOffsetY"]) + y * scale,
    )


def drag(page: Page) -> dict[str, Any]:
    """Move the first box across the picture."""
    page.keyboard.press("v")
    page.mouse.move(*place(page, 10, 10))
    page.mouse.down()
    page.wait_for_timeout(300)
    start = place(page, 10, 10)
    _begin(page)
    for step in range(MOVES):
        page.mouse.move(start[0] + step * 3, start[1] + step * 2)
    found = _end(page)
    page.mouse.up()
    page.wait_for_timeout(500)
    page.keyboard.press("Escape")
    return found


def pan(page: Page) -> dict[str, Any]:
    """Drag the picture about with the middle button."""
    start = place(page, 1_000, 1_000)
    page.mouse.move(*start)
    page.mouse.down(button="middle")
    _begin(page)
    for step in range(MOVES):
        page.mouse.move(start[0] + step % 60, start[1] + step % 40)
    found = _end(page)
    page.mouse.up(button="middle")
    page.wait_for_timeout(1_000)
    return found


def zoom(page: Page) -> dict[str, Any]:
    """Turn the wheel to and fro."""
    page.mouse.move(*place(page, 1_000, 1_000))
    _begin(page)
    for step in range(MOVES // 2):
        page.mouse.wheel(0, -60 if step % 20 < 10 else 60)
        page.wait_for_timeout(8)
    return _end(page)


def _begin(page: Page) -> None:
    page.evaluate("() => { Object.assign(probe, {frames: [], work: [], latencies: [], on: true}) }")


def _end(page: Page) -> dict[str, Any]:
    found: dict[str, Any] = page.evaluate("() => { probe.on = false; return {...probe} }")
    return found


if __name__ == "__main__":
    main()

"""A mask of 12 million pixels: one dab of the brush, packing it, and submitting it.

Usage: python benchmarks/canvas/mask.py. Headless Chromium, software raster, a window of
1000 x 700 pixels. The usual way stands beside packing: a canvas of full size saved as PNG.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
from browser import LABEXTENSION, chromium, served, spread

from gt_widgets.schema.runs import pack_runs
from gt_widgets.testing import Workbench, job_request, picture

if TYPE_CHECKING:
    from playwright.sync_api import Browser

WIDTH, HEIGHT = 4_000, 3_000
BRUSHES = (40, 240)
RUNS = 3


def main() -> None:
    """Print one row per brush, then how long the engine takes over such a mask."""
    built = LABEXTENSION / "dev" / "built" / "mask-bench.js"
    _build(built)
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    page = LABEXTENSION / "dev" / "built" / "mask.html"
    page.write_text('<!doctype html><body><script type="module" src="mask-bench.js"></script>')
    with served(LABEXTENSION) as address, chromium() as browser:
        for brush in BRUSHES:
            _print(brush, [measured(browser, address, brush) for _ in range(RUNS)])
    with tempfile.TemporaryDirectory() as folder:
        submitted(Path(folder))


def _build(target: Path) -> None:
    program = LABEXTENSION / "node_modules" / ".bin" / "esbuild"
    source = LABEXTENSION / "dev" / "mask-bench.ts"
    options = ["--bundle", "--minify", "--format=esm", "--log-level=warning"]
    subprocess.run([str(program), str(source), *options, f"--outfile={target}"], check=True)


def measured(browser: Browser, address: str, brush: int) -> dict[str, Any]:
    """Measure in a page of its own."""
    page = browser.new_page()
    page.goto(f"{address}/dev/built/mask.html")
    page.wait_for_function("() => globalThis.bench")
    found: dict[str, Any] = page.evaluate("size => bench(size)", brush)
    page.close()
    return found


def _print(brush: int, runs: list[dict[str, Any]]) -> None:
    usual, slow = spread([each for run in runs for each in run["paint"]])
    print(f"brush {brush} px: dab {usual:.2f} ms, p95 {slow:.2f} ms")
    print(f"  whole window anew: {median(each for run in runs for each in run['all']):.1f} ms")
    for way in ("packed", "png"):
        values = {key: median(run[way][key] for run in runs) for key in ("ms", "held", "bytes")}
        print(
            f"  {way:6} {values['ms']:7.1f} ms, page held up {values['held']:6.1f} ms, "
            f"{values['bytes'] / 1000:.1f} kB"
        )


def submitted(folder: Path) -> None:
    """How long ``submit`` takes in the engine: decoded apart, checked, painted, stored."""
    bench = Workbench(folder)
    [ana] = bench.team("ana")
    bench.bucket(RUNS + 1)
    data = picture(WIDTH, HEIGHT)
    for index in range(RUNS + 1):
        bench.engine.objects.put("demo-gt", f"images/{index}.jpg", data)
    request = job_request("masks", task="SemanticSegmentation")
    bench.engine.jobs.create(request | {"LabelAttributeName": "masks-ref"})
    bench.engine.step()
    mask = np.zeros((HEIGHT, WIDTH), dtype=np.uint8)
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    for k in range(20):
        x, y, radius = 200 * k, 150 * k, 150 + 10 * k
        mask[(columns - x) ** 2 + (rows - y) ** 2 < radius**2] = 1 + k % 3
    packed = pack_runs(mask)
    times = []
    for _ in range(RUNS + 1):
        [task] = ana.claim("masks", count=1)
        begin = time.perf_counter()
        ana.submit(task, {"any": {"mask_runs": "attached"}}, attached=packed)
        times.append(time.perf_counter() - begin)
    bench.engine.close()
    print(
        f"submit, {len(packed) / 1000:.1f} kB of runs: {median(times[1:]) * 1000:.0f} ms in the "
        f"engine, the first {times[0] * 1000:.0f} ms (it starts the decoding process)"
    )


if __name__ == "__main__":
    main()

"""From Submit to the next picture painted, leased and decoded ahead; and from a cold start.

Usage: python benchmarks/canvas/next_picture.py. A real JupyterLab and a real engine, headless
Chromium, software raster, JPEG pictures of 4000 x 3000 pixels.
"""

from __future__ import annotations

import io
import secrets
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

import gt_widgets as gt
from gt_widgets.testing.hands import NotebookPage, WorkerPage
from gt_widgets.testing.jupyter import Lab

sys.path.insert(0, str(Path(__file__).parent))
from browser import chromium, spread

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

SIZE = (4000, 3000)
PICTURES, COLD = 44, 5
PASSWORD = "Correct-horse-7"
PROBE = """() => {
  const probe = (window.nextPicture = {began: 0, ms: []});
  const channel = new MessageChannel();
  channel.port1.onmessage = () => { // a task of its own after the frame: painting is done by now
    if (probe.began) probe.ms.push(performance.now() - probe.began);
    probe.began = 0;
  };
  const begin = event => { probe.began = event.timeStamp; };
  window.addEventListener('keydown', event => event.key === 'Enter' && begin(event), true);
  window.addEventListener('click', begin, true);
  new MutationObserver(records => {
    if (records.some(({target}) => target.dataset.gtShown === '1')) channel.port2.postMessage(null);
  }).observe(document, {subtree: true, attributes: true, attributeFilter: ['data-gt-shown']});
}"""
DECODED = """async address => {
  const blob = await (await fetch(address)).blob(), took = [];
  for (let turn = 0; turn < 5; turn++) {
    const began = performance.now();
    (await createImageBitmap(blob)).close();
    took.push(performance.now() - began);
  }
  return took;
}"""
CELL = """import gt_widgets as gt

gt.connect().labeling_job("{job}").label(worker="ana")"""


def main() -> None:
    """Print both, and what decoding alone takes."""
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        lab = Lab(Path(folder)).start()
        try:
            bench = _Bench(lab, Path(folder), browser)
            cold = [bench.cold() for _ in range(COLD)]
            ahead, decoding = bench.ahead()
        finally:
            lab.stop()
    print("                                    median ms   p95 ms")
    for name, values in (
        ("submit to next picture painted", ahead),
        ("decoding one alone", decoding),
    ):
        print(f"{name:34} {median(values):10.1f} {spread(values)[1]:8.1f}")
    print(f"{'cold: start to picture painted':34} {median(cold):10.1f} {max(cold):8.1f} (most)")


class _Bench:
    """A team of one, and jobs of large pictures."""

    def __init__(self, lab: Lab, folder: Path, browser: Browser) -> None:
        self._lab, self._browser = lab, browser
        self._session = gt.connect(root=lab.root)
        self._session.create_private_team("bench", workers=["ana"])
        portal = self._session.place.portal
        [mail] = portal.requester("outbox")["mails"]
        given = {"user_name": "ana", "password": mail["temporary_password"]}
        challenge = portal.worker("sign_in", given)["challenge_session"]
        answer = {"user_name": "ana", "challenge_session": challenge, "new_password": PASSWORD}
        portal.worker("set_new_password", answer)
        self._paths = _pictures(folder / "pictures")

    def cold(self) -> float:
        """From the click on *Start working* to the first picture, nothing of it fetched before."""
        page, worker, job = self._page(self._paths[:1])
        worker.view("jobs")
        page.evaluate(PROBE)
        worker.start(job)
        worker.canvas()
        page.wait_for_function("() => nextPicture.ms.length === 1")
        [took] = page.evaluate("() => nextPicture.ms")
        page.context.close()
        return float(took)

    def ahead(self) -> tuple[list[float], list[float]]:
        """From Enter to the next picture, which the page had time to fetch and decode."""
        page, worker, job = self._page(self._paths)
        worker.start(job)
        canvas = worker.canvas()
        page.evaluate(PROBE)
        for _ in range(len(self._paths) - 4):
            page.wait_for_load_state("networkidle")
            page.wait_for_timeout(1_500)  # the time that a fast worker takes; two are decoded
            canvas.element.focus()
            page.keyboard.press("1")
            page.keyboard.press("Enter")
            canvas.gone()
            canvas = worker.canvas()
        found = page.evaluate("() => nextPicture.ms")
        (self._lab.notebooks / "one.jpg").write_bytes(self._paths[0].read_bytes())
        decoding = page.evaluate(DECODED, f"/files/one.jpg?token={self._lab.token}")
        page.context.close()
        return found, decoding

    def _page(self, paths: list[Path]) -> tuple[Page, WorkerPage, str]:
        job = f"job-{secrets.token_hex(3)}"
        data = self._session.upload(paths, name=job)
        categories = ["Norda", "Kivi"]
        self._session.create_labeling_job(
            job, data, categories=categories, task="image-classification"
        )
        path = self._lab.notebook(f"{job}.ipynb", [CELL.format(job=job)])
        page = self._browser.new_context(viewport={"width": 1400, "height": 1000}).new_page()
        notebook = NotebookPage(page, self._lab, path.name).open()
        worker = WorkerPage(page, notebook.run_code_cell(0))
        worker.sign_in("ana", PASSWORD)
        return page, worker, job


def _pictures(folder: Path) -> list[Path]:
    """Photographs with a little noise, as cameras write them: about three megabytes each."""
    folder.mkdir()
    [source] = gt.brand_logos(folder.with_name("logos"), count=1, seed=48).paths
    with Image.open(source) as photograph:
        large = np.asarray(photograph.convert("RGB").resize(SIZE), dtype=np.int16)
    noise = np.random.default_rng(1).integers(-6, 7, large.shape, dtype=np.int16)
    paths = []
    for number in range(PICTURES):
        out = io.BytesIO()
        shown = np.clip(large + np.roll(noise, number * 7, axis=0), 0, 255).astype(np.uint8)
        Image.fromarray(shown).save(out, "JPEG", quality=88)
        paths.append(folder / f"{number:02}.jpg")
        paths[-1].write_bytes(out.getvalue())
    return paths


if __name__ == "__main__":
    main()

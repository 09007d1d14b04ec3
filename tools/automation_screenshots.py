"""Take the pictures of automated labeling anew: ``python tools/automation_screenshots.py``.

A job of 300 messages in a real JupyterLab, with simulated people: the plan, the card, the meter
and the slider while they label, light above the diagonal and dark below it. Needs what the browser
tests need (``make browser``).
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playwright.sync_api import sync_playwright
from screenshots import REPOSITORY, both_themes, keep

import gt_widgets as gt
from gt_widgets.testing import eventually
from gt_widgets.testing.automated import notes
from gt_widgets.testing.hands import NotebookPage
from gt_widgets.testing.jupyter import Lab

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gt_widgets.controller import LabelingJob, Session

PLAN = """import gt_widgets as gt

session = gt.connect()
plan = session.plan_labeling_job(
    300, task="text-classification", accuracy=(0.85, 0.95), target=0.9, seconds_per_task=6,
    hourly_usd=25,
)
plan"""
ATTACH = 'job = session.labeling_job("messages")\njob'
CELLS = [
    PLAN,
    ATTACH,
    "job.automation",
    "job.automation.slider(hourly_usd=25)",
    "job.automation.overview(live=True)",
]
NAMES = {0: "plan", 1: "card", 2: "meter", 3: "slider", 4: "overview"}
LOOKS, EACH = 4, 9
OBJECTS = 300


class People:
    """Simulated workers who answer so many tasks and then wait."""

    def __init__(
        self, session: Session, job: LabelingJob, truth: Any, names: Sequence[str]
    ) -> None:
        self._portal, self._job, self._truth = session.place.portal, job, truth
        arn = job.describe()["HumanTaskConfig"]["WorkteamArn"]
        asked = [{"workteam_arn": arn, "user_name": name} for name in names]
        self._sessions = [
            self._portal.requester("simulated_worker", each)["session"] for each in asked
        ]

    def label(self, answers: int) -> None:
        """Give so many answers, waiting for tasks while the machine trains."""
        given = 0
        while given < answers:
            for session in self._sessions:
                found = self._portal.worker("claim", {"job_name": self._job.name}, session)
                for task in found["tasks"]:
                    self._answer(task, session)
                    given += 1

    def label_a_round(self) -> None:
        """Answer until the machine has certified once and asks for more."""
        while not self._phase().startswith("query"):
            self.label(1)

    def _phase(self) -> str:
        found = self._job.card()["automation"]
        return found["version"] if found else ""

    def _answer(self, task: dict[str, Any], session: str) -> None:
        held = {"task_id": task["task_id"], "lease": task["lease"]}
        self._portal.worker("begin", held, session)
        content = {task["element"]: {"label": self._truth[task["text"]]}}
        answer = {"content": content, "time_spent_s": 6.0, "key": uuid.uuid4().hex}
        self._portal.worker("submit", {**held, **answer}, session)


def main() -> None:
    """Take them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--each", type=Path, help="folder for light and dark as they were taken")
    parser.add_argument("--out", type=Path, default=REPOSITORY / "docs" / "images")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        os.environ["XDG_STATE_HOME"] = f"{folder}/registry"
        program = os.environ.get("CHROMIUM") or shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        lab = Lab(Path(folder) / "lab").start()
        try:
            page = browser.new_page(viewport={"width": 1400, "height": 1000})
            _take(page, lab, arguments)
        finally:
            lab.stop()
            browser.close()


def _take(page: Any, lab: Lab, arguments: argparse.Namespace) -> None:
    session = gt.connect(root=lab.root)
    team = session.create_private_team("desk", workers=["ana"])
    made = notes(OBJECTS, seed=5, doubtful=0.35)
    texts = gt.TextSet(texts=made.texts, categories=made.categories, truth=made.truth)
    data = session.upload(texts, name="messages")
    settings = {"calibration": 100, "batch": 60}
    job = session.create_labeling_job(
        "messages",
        data,
        team=team,
        task="text-classification",
        automated=True,
        target=0.9,
        automation=settings,
    )
    people = People(session, job, texts.truth, ["sim-1", "sim-2"])
    path = lab.notebook("meter.ipynb", CELLS)
    notebook = NotebookPage(page, lab, path.name).open()
    cells = {0: notebook.run_code_cell(0)}
    people.label_a_round()
    cells |= {index: notebook.run_code_cell(index) for index in range(1, len(CELLS))}
    for _ in range(LOOKS):
        before = _seen(job)
        people.label(EACH)
        eventually(lambda at=before: _seen(job) >= at + EACH, what="a look at the new answers")
    shown = f"a forecast from {_seen(job):,} labels".split("from ")[1]
    cells[2].get_by_text(shown).first.wait_for()
    for index, cell in cells.items():
        output = cell.locator(".gt-live-panel, .gt-root, .jp-OutputArea-output img").last
        png = both_themes(page, output, arguments.each, NAMES[index])
        if NAMES[index] in {"plan", "meter", "slider"}:
            keep(png, arguments.out / f"automation-{NAMES[index]}.png")


def _seen(job: LabelingJob) -> int:
    meter = job.card()["automation"]["meter"]
    return int(meter["people"]) if meter else OBJECTS


if __name__ == "__main__":
    main()

"""A real JupyterLab, a real engine and a real Chromium, each test with a notebook of its own."""

import os
import re
import secrets
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

import gt_widgets as gt
from gt_widgets.datasets import TextSet
from gt_widgets.testing import eventually
from gt_widgets.testing.hands import NotebookPage, WorkerPage
from gt_widgets.testing.jupyter import Lab

REPOSITORY = Path(__file__).parents[2]
SHOTS = REPOSITORY / "build" / "screenshots"
PASSWORD = "Correct-horse-7"
FLAGS = [
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
AXE = REPOSITORY / "labextension/node_modules/axe-core/axe.min.js"
THEMED = """async name => {
  await window.jupyterapp.commands.execute('apputils:change-theme', {theme: name});
}"""
JUPYTERLABS_OWN = re.compile(
    r"(Failed to execute 'removeChild' on 'Node': [^\n]*\n)(NotFoundError: [^\n]*\n)"
    r"\s*at \S*/static/lab/jlab_core\S*$"
)
"""Two themes within 200 ms: JupyterLab 4.6 takes its splash screen away once too often."""
FOUND = """async within => {
  const options = {resultTypes: ['violations'], rules: {region: {enabled: false}}};
  const {violations} = await axe.run(within, options);
  return violations.map(({id, nodes}) => `${id}: ${nodes.map(node => node.html).join(' ')}`);
}"""
LABEL = """import gt_widgets as gt

job = gt.connect().labeling_job("{job}")
job.label(worker="{worker}")"""


@pytest.fixture(scope="session", autouse=True)
def _registry_of_its_own(tmp_path_factory):
    """Engines of these tests are registered apart from those of whoever runs them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("registry")))
        yield


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    running = Lab(tmp_path_factory.mktemp("lab")).start()
    yield running
    running.stop()


@pytest.fixture
def lab_without_extension(tmp_path):
    running = Lab(tmp_path / "lab", extension=False).start()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def chromium():
    program = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chrome")
    assert program, "Chromium is not installed: make system"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def troubles():
    """What the browser complained about: console errors, exceptions, unhandled rejections.

    A test that provokes a complaint takes it out; whatever is left fails the test.
    """
    return []


def _take(said, troubles):
    if not JUPYTERLABS_OWN.match(said):
        troubles.append(said)


@pytest.fixture
def page(chromium, request, troubles):
    """A fresh page; any console error fails the test, and a screenshot stays."""
    context = chromium.new_context(viewport={"width": 1400, "height": 1000})
    opened = context.new_page()
    opened.on("pageerror", lambda error: _take(f"{error}\n{error.stack}", troubles))
    opened.on(
        "console",
        lambda said: (
            troubles.append(f"{said.text} {said.location}") if said.type == "error" else None
        ),
    )
    opened.set_default_timeout(60_000)
    yield opened
    SHOTS.mkdir(parents=True, exist_ok=True)
    opened.screenshot(path=SHOTS / f"{request.node.name[:80]}.png")
    context.close()
    assert troubles == []


@pytest.fixture
def workshop(page, lab):
    """The workshop notebook, open, its kernel idle."""
    name = f"workshop-{secrets.token_hex(4)}.ipynb"
    shutil.copy(REPOSITORY / "notebooks" / "01_workshop.ipynb", lab.notebooks / name)
    yield NotebookPage(page, lab, name).open()
    lab.end_kernels()


class Studio:
    """A requester outside the notebook: a team with Ben in it, and jobs on a lab's engine."""

    worker = "ben"

    def __init__(self, lab, folder):
        self.lab, self.folder = lab, folder
        self.session = gt.connect(root=lab.root)
        self.portal = self.session.place.portal
        self.session.create_private_team("studio", workers=[self.worker])
        mails = self.portal.requester("outbox")["mails"]
        [invitation] = [mail for mail in mails if mail["user_name"] == self.worker]
        self._choose_password(invitation["temporary_password"])

    def _choose_password(self, temporary):
        credentials = {"user_name": self.worker}
        challenge = self.portal.worker("sign_in", {**credentials, "password": temporary})
        self.portal.worker(
            "set_new_password",
            {
                **credentials,
                "challenge_session": challenge["challenge_session"],
                "new_password": PASSWORD,
            },
        )

    def signed_in(self):
        """A session of Ben's outside the browser."""
        answer = self.portal.worker("sign_in", {"user_name": self.worker, "password": PASSWORD})
        return answer["session"]

    def job(self, pictures, *, categories=("Norda", "Kivi", "Halo"), **options):
        """Create a job over pictures, bytes in the order of their object ids."""
        name = f"job-{secrets.token_hex(4)}"
        paths = [self.folder / f"{name}-{index}.jpg" for index in range(len(pictures))]
        for path, data in zip(paths, pictures, strict=True):
            path.write_bytes(data)
        data = self.session.upload(paths, name=name)
        return self.session.create_labeling_job(name, data, categories=list(categories), **options)

    def text_job(self, texts, categories, **options):
        """Create a job over texts, in the order of their object ids."""
        name = f"job-{secrets.token_hex(4)}"
        data = self.session.upload(TextSet(tuple(texts), tuple(categories), {}), name=name)
        return self.session.create_labeling_job(name, data, **options)

    def follow_up(self, job, task, **options):
        """Create a job that verifies or adjusts what another one made."""
        eventually(lambda: job.status == "Completed", what=f"{job.name} completes")
        name = f"job-{secrets.token_hex(4)}"
        return self.session.create_labeling_job(name, job.output_data(), task=task, **options)

    def claimed(self, job, session):
        """Lease one task, waiting for the job's batch to open or for the task of one's own."""
        claim = {"job_name": job.name, "count": 1, "holding": []}
        return eventually(
            lambda: self.portal.worker("claim", claim, session)["tasks"],
            what=f"a task of {job.name}",
        )

    def answer(self, job, *contents):
        """Give Ben's answers without a page, in the order of the objects."""
        session = self.portal.worker("sign_in", {"user_name": self.worker, "password": PASSWORD})[
            "session"
        ]
        for content in contents:
            [task] = self.claimed(job, session)
            held = {"task_id": task["task_id"], "lease": task["lease"]}
            self.portal.worker("begin", held, session)
            answer = {"content": content, "time_spent_s": 1, "key": secrets.token_hex(8)}
            self.portal.worker("submit", {**held, **answer}, session)
        return job


@pytest.fixture
def boxes_in():
    """Call it with a job and an object id: waits for the job's end and reads the manifest."""

    def boxes(job, object_id):
        eventually(lambda: job.status == "Completed", what=f"{job.name} completes")
        found = job.results.lines()[int(object_id)][job.name]["annotations"]
        members = ("class_id", "left", "top", "width", "height")
        return [tuple(box[member] for member in members) for box in found]

    return boxes


@pytest.fixture(scope="session")
def studio(lab, tmp_path_factory):
    return Studio(lab, tmp_path_factory.mktemp("pictures"))


def open_job(page, studio, job, *more_cells):
    """Open a notebook on a job, sign in as Ben and start working."""
    lab = studio.lab
    cells = [LABEL.format(job=job.name, worker=studio.worker), *more_cells]
    path = lab.notebook(f"{job.name}.ipynb", cells)
    notebook = NotebookPage(page, lab, path.name).open()
    worker = WorkerPage(page, notebook.run_code_cell(0))
    worker.sign_in(studio.worker, PASSWORD)
    worker.start(job.name)
    return notebook, worker


@pytest.fixture
def at_work(page, studio):
    """Call it with a job: a notebook, and Ben's page in it with his first task."""
    yield lambda job, *more_cells: open_job(page, studio, job, *more_cells)
    studio.lab.end_kernels()


@pytest.fixture
def another_tab(page, studio):
    """Call it with a job: Ben's page in a second tab of the browser."""
    tabs = []

    def begin(job):
        tab = page.context.new_page()
        tab.set_default_timeout(30_000)
        tabs.append(tab)
        return open_job(tab, studio, job)[1]

    yield begin
    for tab in tabs:
        tab.close()


@pytest.fixture
def at_work_without_extension(lab_without_extension, page, tmp_path):
    """Likewise where the Jupyter server has no extension of ours; call it with pictures."""
    studio = Studio(lab_without_extension, tmp_path)

    def begin(pictures):
        job = studio.job(pictures)
        return job, *open_job(page, studio, job)

    return begin


@pytest.fixture
def complaints(page):
    """Call it with a name: what axe finds in JupyterLab's light and dark theme; takes pictures."""

    def find(name, within=".gt-root"):
        page.evaluate("source => void (0, eval)(source)", AXE.read_text())
        found = []
        for theme, light in (("JupyterLab Dark", "false"), ("JupyterLab Light", "true")):
            page.evaluate(THEMED, theme)
            page.wait_for_selector(f'body[data-jp-theme-light="{light}"]', state="attached")
            page.wait_for_selector("#jupyterlab-splash", state="detached")
            found += [f"{theme}, {name}: {each}" for each in page.evaluate(FOUND, within)]
            SHOTS.mkdir(parents=True, exist_ok=True)
            shot = SHOTS / f"{name}-{'light' if light == 'true' else 'dark'}.png"
            page.locator(within).last.screenshot(path=shot)
        return found

    return find

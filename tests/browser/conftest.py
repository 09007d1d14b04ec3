"""A real JupyterLab, a real engine and a real Chromium, each test with a notebook of its own."""

import contextlib
import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from gt_widgets.services.daemon import stop

REPOSITORY = Path(__file__).parents[2]
SHOTS = REPOSITORY / "build" / "screenshots"
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


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(condition, what, timeout_s=60):
    waiter = threading.Event()
    for _ in range(int(timeout_s / 0.1)):
        with contextlib.suppress(OSError, AssertionError):
            found = condition()
            if found:
                return found
        waiter.wait(0.1)
    raise AssertionError(f"{what} did not happen within {timeout_s} s")


class Lab:
    """One JupyterLab server over one folder and one state folder."""

    def __init__(self, folder):
        self.folder, self.root = folder, folder / "state"
        self.notebooks = folder / "notebooks"
        self.notebooks.mkdir(parents=True)
        self.token, self.port = secrets.token_hex(16), free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process = None

    def start(self):
        self._settings()
        command = [
            sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root",
            f"--ServerApp.port={self.port}", "--ServerApp.port_retries=0",
            f"--IdentityProvider.token={self.token}",
            f"--ServerApp.root_dir={self.notebooks}",
            "--LabApp.expose_app_in_browser=True",
            f"--LabApp.user_settings_dir={self.folder / 'settings'}",
            f"--LabApp.workspaces_dir={self.folder / 'workspaces'}",
        ]  # fmt: skip
        environment = {
            **os.environ,
            "HOME": str(self.folder),
            "XDG_STATE_HOME": str(self.folder / "xdg"),
            "JUPYTER_CONFIG_DIR": str(self.folder / "config"),
            "JUPYTER_DATA_DIR": str(self.folder / "data"),
            "JUPYTER_RUNTIME_DIR": str(self.folder / "runtime"),
            "IPYTHONDIR": str(self.folder / "ipython"),
            "GT_WIDGETS_ROOT": str(self.root),
        }
        self.log = (self.folder / "lab.log").open("wb")
        self.process = subprocess.Popen(
            command, env=environment, stdout=self.log, stderr=self.log, cwd=self.folder
        )
        wait_for(self._answers, "JupyterLab")
        return self

    def _answers(self):
        with urllib.request.urlopen(f"{self.url}/api?token={self.token}", timeout=5) as answer:
            return answer.status == 200

    def _settings(self):
        folder = self.folder / "settings" / "@jupyterlab" / "apputils-extension"
        folder.mkdir(parents=True)
        (folder / "notification.jupyterlab-settings").write_text(json.dumps({"fetchNews": "false"}))

    def stop(self):
        self.process.terminate()
        self.process.wait(30)
        self.log.close()
        stop(self.root)


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    running = Lab(tmp_path_factory.mktemp("lab")).start()
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
def page(chromium, request):
    """A fresh page; console errors fail the test, a failure leaves a screenshot."""
    context = chromium.new_context(viewport={"width": 1400, "height": 1000})
    opened = context.new_page()
    errors = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.set_default_timeout(30_000)
    yield opened
    SHOTS.mkdir(parents=True, exist_ok=True)
    opened.screenshot(path=SHOTS / f"{request.node.name[:80]}.png")
    context.close()
    ours = [error for error in errors if "gt-" in error or "widget.js" in error]
    assert not ours


class NotebookPage:
    """A notebook open in JupyterLab, driven as a person would."""

    def __init__(self, page, lab, name):
        self.page, self.lab, self.name = page, lab, name

    def open(self):
        self.page.goto(f"{self.lab.url}/lab/tree/{self.name}?token={self.lab.token}&reset")
        self.page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=60_000)
        self.page.wait_for_selector(
            '.jp-Notebook-ExecutionIndicator[data-status="idle"]', timeout=60_000
        )
        return self

    def command(self, command):
        self.page.evaluate(
            "async id => { await window.jupyterapp.commands.execute(id); return 1 }", command
        )

    def code_cell(self, index):
        return self.page.locator(".jp-Notebook .jp-CodeCell").nth(index)

    def run_code_cell(self, index):
        """Select one code cell, run it by key and wait until the kernel is done with it."""
        cell = self.code_cell(index)
        cell.scroll_into_view_if_needed()
        prompt = cell.locator(".jp-InputPrompt").first
        before = prompt.inner_text()

        def started():
            # JupyterLab drops a run that comes before its kernel connection is complete
            prompt.click()
            self.page.keyboard.press("Control+Enter")
            return prompt.inner_text() != before or wait_for(
                lambda: prompt.inner_text() != before, "the cell's start", 2
            )

        wait_for(started, f"running code cell {index}", 30)
        wait_for(lambda: re.match(r"\[\d+\]", prompt.inner_text()), f"code cell {index}", 120)
        failed = cell.locator(
            '[data-mime-type="application/vnd.jupyter.stderr"], .jp-RenderedText[data-mime-type*="error"]'
        )
        assert failed.count() == 0, failed.first.inner_text()
        return cell


@pytest.fixture
def workshop(page, lab):
    """The workshop notebook, open, its kernel idle."""
    name = f"workshop-{secrets.token_hex(4)}.ipynb"
    shutil.copy(REPOSITORY / "notebooks" / "01_workshop.ipynb", lab.notebooks / name)
    return NotebookPage(page, lab, name).open()

"""The command that opens the README does what it says."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlparse
from urllib.request import urlopen

import pytest

from gt_widgets.testing import eventually

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def told(tmp_path):
    """A browser that only notes what it is told to open."""
    noted = tmp_path / "told"
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {noted}.part && mv {noted}.part {noted}\n')
    browser.chmod(0o755)
    return browser, noted


def test_make_workshop_opens_jupyterlab_on_the_workshop_notebook(told, tmp_path):
    browser, noted = told
    own = {"HOME": tmp_path, "JUPYTER_RUNTIME_DIR": tmp_path / "runtime", "BROWSER": browser}
    command = ["make", "--no-print-directory", "-o", "setup", "workshop"]
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [*command, f"BIN={Path(sys.executable).parent}", f"STATE={tmp_path / 'state'}"],
            cwd=REPOSITORY,
            env={**os.environ, **{name: str(value) for name, value in own.items()}},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        eventually(
            lambda: noted.exists() or process.poll() is not None, timeout_s=120, what="Lab opens"
        )
        assert noted.exists(), (tmp_path / "log").read_text()
        page = Path(urlparse(noted.read_text().strip()).path).read_text()
        url = re.search(r'href="([^"]+)"', page)[1]
        with urlopen(url.replace("&amp;", "&"), timeout=90) as answer:
            assert "/lab/tree/01_workshop.ipynb" in answer.geturl()
            assert '"treePath": "01_workshop.ipynb"' in answer.read().decode()
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(90)

"""A user without Node installs the wheel into an empty environment and runs the workshop."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from gt_widgets.services.daemon import stop

REPOSITORY = Path(__file__).parents[2]
pytestmark = [pytest.mark.wheel, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--wheel-dir", folder, "."]
    subprocess.run(command, cwd=REPOSITORY, check=True)
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_holds_the_front_end_the_prices_and_the_server_extension(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    for wanted in (
        "widgets/static/widget.js",
        "widgets/static/widget.css",
        "widgets/static/audit.js",
        "widgets/static/chart.js",
        "pricing_data.json",
    ):
        assert f"gt_widgets/{wanted}" in names
    assert any(name.endswith("jupyter_server_config.d/gt_widgets.json") for name in names)
    assert not any("node_modules" in name or name.startswith("tests") for name in names)


def test_an_empty_environment_without_node_runs_the_workshop_from_the_wheel(wheel, tmp_path):
    environment = tmp_path / "empty"
    subprocess.run([sys.executable, "-m", "venv", environment], check=True)
    python = environment / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "-q", wheel], check=True)
    (tmp_path / "bin").mkdir()
    path = f"{environment / 'bin'}:{tmp_path / 'bin'}"  # no Node, no compiler, nothing else
    state = tmp_path / "state"
    command = [python, REPOSITORY / "tools" / "run_notebook.py",
               REPOSITORY / "notebooks" / "01_workshop.ipynb", "--root", state]  # fmt: skip
    clean = {k: v for k, v in os.environ.items() if k not in {"PYTHONPATH", "VIRTUAL_ENV"}}
    try:
        ran = subprocess.run(
            command, cwd=tmp_path, env={**clean, "PATH": path, "HOME": str(tmp_path)},
            capture_output=True, text=True,
        )  # fmt: skip
    finally:
        stop(state)
    assert ran.returncode == 0, ran.stderr
    assert "'TotalLabeled': 30" in ran.stdout

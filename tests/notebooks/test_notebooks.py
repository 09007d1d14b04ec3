"""Every notebook runs from top to bottom and keeps its promise; outputs are committed empty."""

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from gt_widgets.services.daemon import stop

REPOSITORY = Path(__file__).parents[2]
NOTEBOOKS = sorted((REPOSITORY / "notebooks").glob("*.ipynb"))
LONG = {"07_automated_labeling.ipynb": "'TotalLabeled': 1000"}
"""They train for a quarter of an hour: `make soak` runs them."""


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_a_notebook_runs_to_its_end_and_prints_what_it_promised(path, tmp_path):
    if path.name in LONG and "GT_WIDGETS_SOAK" not in os.environ:
        pytest.skip("takes a quarter of an hour: make soak")
    command = [sys.executable, "tools/run_notebook.py", str(path), "--root", str(tmp_path / "state")]
    command += ["--timeout", "3600"] if path.name in LONG else []
    try:
        ran = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True)
    finally:
        stop(tmp_path / "state")
    assert ran.returncode == 0, ran.stderr
    assert "output manifest: s3://" in ran.stdout
    assert LONG.get(path.name, "'TotalLabeled': 30") in ran.stdout


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_a_notebook_is_committed_without_outputs_and_with_small_cells(path):
    notebook = nbformat.read(path, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(not cell.outputs and cell.execution_count is None for cell in code)
    assert max(len(cell.source.splitlines()) for cell in code) <= 12
    assert "assert" in code[-1].source

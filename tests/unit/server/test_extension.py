"""Loading the extension: quick, and found by Jupyter."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {
    "anywidget",
    "boto3",
    "botocore",
    "ipywidgets",
    "matplotlib",
    "numpy",
    "pandas",
    "sqlalchemy",
}


@pytest.mark.parametrize(
    "module",
    ["gt_widgets", "gt_widgets.server", "gt_widgets.server.handlers", "gt_widgets.widgets"],
)
def test_importing_it_loads_nothing_heavy(module):
    code = f"import sys, {module}, json; print(json.dumps(sorted(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert not HEAVY & set(json.loads(run.stdout))


def test_jupyter_finds_the_extension_by_its_configuration():
    from gt_widgets.server import _jupyter_server_extension_points

    root = Path(__file__).parents[3]
    config = json.loads((root / "jupyter-config" / "gt_widgets.json").read_text())
    listed = config["ServerApp"]["jpserver_extensions"]
    assert [{"module": name} for name in listed] == _jupyter_server_extension_points()
    assert all(listed.values())

"""``gt-widgets serve`` names what machines learn with, before it serves anybody."""

import subprocess
import sys

from gt_widgets.engine.learners import Learners
from gt_widgets.testing.own_models import code_file


def serve(root, *options):
    command = [sys.executable, "-m", "gt_widgets", "serve", "--root", str(root), *options]
    return subprocess.run(
        command, cwd=root.parent, capture_output=True, text=True, timeout=120, check=False
    )


def test_names_are_taken_in_their_order_until_one_is_wrong(tmp_path):
    code_file(tmp_path / "mine.py")
    root = tmp_path / "state"
    named = ("--learner", "mine=mine.py:NearestMean", "--learner", "bad=nowhere.onnx")
    ended = serve(root, *named)
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert ended.stderr.startswith("gt-widgets: ")
    assert "nowhere.onnx" in ended.stderr
    assert [source.what for source in Learners(root).known.values()] == ["mine:NearestMean"]
    assert "takes NAME=WHAT; found 'mine'" in serve(root, "--learner", "mine").stderr
    ended = serve(root, "--learner", "mine=", "--dask", "here")
    assert "a scheduler's address is tcp://host:port; found 'here'" in ended.stderr
    assert Learners(root).known == {}

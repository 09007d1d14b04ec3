"""The processes that train folds side by side."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from gt_widgets.testing import eventually

SCRIPT = """
import os, sys, time
from gt_widgets.training import hands
hands.os.cpu_count = lambda: 2
if __name__ == "__main__":
    print(hands.hands().submit(os.getpid).result(), flush=True)
    sys.stdin.read()
"""


def lives(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks into /proc")
def test_helpers_do_not_outlive_a_training_process_that_is_killed(tmp_path):
    script = tmp_path / "trains.py"
    script.write_text(SCRIPT)
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, str(script)], **pipes) as process:
        helper = int(process.stdout.readline())
        assert lives(helper)
        os.kill(process.pid, signal.SIGKILL)
    eventually(lambda: not lives(helper), what="the helper ends")

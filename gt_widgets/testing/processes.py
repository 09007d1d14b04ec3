"""Engine processes of a test: counted, killed, and ended when the test ends.

Layer: testing.
"""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

import psutil  # type: ignore[import-untyped]

from gt_widgets.testing.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

__all__ = ["Child", "children", "engines_ended", "engines_of", "has_ended", "kill_engine"]


def engines_of(root: Path) -> list[int]:
    """Process ids of the engines that serve a folder, however they were started."""
    found = []
    for process in psutil.process_iter(["pid", "cmdline", "status"]):
        words = process.info["cmdline"] or []
        dead = process.info["status"] == psutil.STATUS_ZOMBIE
        if "gt_widgets" in words and "serve" in words and str(root) in words and not dead:
            found.append(process.info["pid"])
    return found


def kill_engine(root: Path) -> int:
    """Kill the one engine of a folder as ``kill -9`` does; returns the id it had."""
    [pid] = engines_of(root)
    process = psutil.Process(pid)
    process.kill()
    eventually(lambda: has_ended(process), what=f"engine {pid} ends")
    return int(pid)


def has_ended(process: psutil.Process) -> bool:
    """Tell whether a process runs no more; its parent may not have noticed yet."""
    try:
        return bool(process.status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


@contextmanager
def engines_ended(root: Path) -> Iterator[Path]:
    """Leave no engine of a folder behind, whatever the test did."""
    try:
        yield root
    finally:
        for pid in engines_of(root):
            with suppress(psutil.NoSuchProcess):
                psutil.Process(pid).kill()
        eventually(lambda: not engines_of(root), what=f"engines of {root} end")


@dataclass(frozen=True, slots=True)
class Child:
    """A Python process that says a line and waits for a line."""

    process: subprocess.Popen[str]

    def hear(self) -> str:
        """Read the next line it says; what it wrote to stderr is in the message if it died."""
        line = _stream(self.process.stdout).readline()
        if not line:
            raise AssertionError(f"the child ended: {_stream(self.process.stderr).read()}")
        return line.strip()

    def tell(self, line: str = "go") -> None:
        """Write a line to it."""
        _stream(self.process.stdin).write(line + "\n")
        _stream(self.process.stdin).flush()


@contextmanager
def children(
    count: int, script: str, *arguments: str, environment: dict[str, str] | None = None
) -> Iterator[Sequence[Child]]:
    """Run a script in several Python processes; they are ended at the end."""
    started = [
        Child(
            subprocess.Popen(
                [sys.executable, "-c", script, *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                env=environment,
            )
        )
        for _ in range(count)
    ]
    try:
        yield started
    finally:
        for child in started:
            child.process.kill()
            child.process.communicate()


def _stream(stream: IO[str] | None) -> IO[str]:
    assert stream is not None, "opened with a pipe"
    return stream

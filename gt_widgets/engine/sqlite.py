"""The store as one SQLite file per state folder, owned by one process.

Layer: engine. The process that owns the folder has one connection and one lock around it, which
removes the write-ahead-log bug of SQLite before 3.51.3 (it needs several connections) and
SQLite's unfair lock waits. So every transaction is alone, whatever its lane.
"""

from __future__ import annotations

import ctypes
import os
import sqlite3
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.pool import StaticPool

from gt_widgets.engine.store import Store
from gt_widgets.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["SqliteStore", "is_network_file_system"]

# statfs f_type of file systems on which a write-ahead log is not safe: NFS, SMB, CIFS, SMB2,
# FUSE (sshfs and friends), 9P (virtual machine shares)
_NETWORK_FILE_SYSTEMS = {0x6969, 0x517B, 0xFF534D42, 0xFE534D42, 0x65735546, 0x01021997}

_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_REFUSED = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_READONLY,
}


def is_network_file_system(folder: Path) -> bool:
    """Tell whether ``folder`` lies on a file system where a write-ahead log is not safe.

    Only Linux can be asked; elsewhere the answer is False.
    """
    if not sys.platform.startswith("linux"):
        return False
    buffer = (ctypes.c_long * 32)()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.statfs(os.fsencode(folder), ctypes.byref(buffer)) != 0:
        return False
    return (buffer[0] & 0xFFFFFFFF) in _NETWORK_FILE_SYSTEMS


class SqliteStore(Store):
    """One file, one connection, one lock.

    Parameters
    ----------
    folder : Path
        The state folder; ``state.db`` is created inside it.

    Raises
    ------
    StoreError
        If the folder is on a network file system, the file is damaged, or it was written by
        a newer version.
    """

    shared = False

    def __init__(self, folder: Path) -> None:
        super().__init__()
        if is_network_file_system(folder):
            raise StoreError(
                f"{folder} is on a network file system, where SQLite's write-ahead log can "
                "lose data. Choose a folder on a local disk: connect(root='/tmp/gt') or the "
                "environment variable GT_WIDGETS_ROOT."
            )
        self.path = folder / "state.db"
        self.place = str(self.path)
        self._lock = threading.RLock()
        self._engine = sa.create_engine(
            sa.URL.create("sqlite", database=str(self.path)),  # a folder may be called a?b
            poolclass=StaticPool,
            connect_args={"check_same_thread": False, "isolation_level": None},
        )
        sa.event.listen(self._engine, "connect", _prepare)
        try:
            self._prepare_tables()
        # no statement there can be wrong by itself; SQLite quotes damaged names in its messages
        except (sqlite3.DatabaseError, sa.exc.DatabaseError, UnicodeDecodeError) as error:
            raise self._damaged(getattr(error, "orig", error)) from error

    def check(self) -> list[str]:
        """Run SQLite's integrity check; an empty list means that the file is sound."""
        with self.reading() as connection:
            found = [row[0] for row in connection.execute(sa.text("PRAGMA integrity_check"))]
        return [line for line in found if line != "ok"]

    def close(self) -> None:
        """Close the file; safe to call twice."""
        with self._lock:
            self._engine.dispose()

    def _turn(self) -> threading.RLock:
        return self._lock

    @contextmanager
    def _writing(self, *, durable: bool, lane: str | None) -> Iterator[sa.Connection]:
        del lane  # the lock of this process keeps all of them apart
        flush = f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}"
        with self._between("IMMEDIATE", flush) as connection:
            yield connection

    @contextmanager
    def _snapshot(self, *, together: bool) -> Iterator[sa.Connection]:
        del together  # nobody writes meanwhile
        with self._between("DEFERRED") as connection:
            yield connection

    @contextmanager
    def _between(self, kind: str, *first: str) -> Iterator[sa.Connection]:
        with self._engine.connect() as connection:
            driver = connection.connection.driver_connection
            assert driver is not None  # noqa: S101  (the pool always has one)
            for statement in first:
                driver.execute(statement)
            driver.execute(f"BEGIN {kind}")
            try:
                yield connection
                driver.execute("COMMIT")
            except BaseException:
                if driver.in_transaction:  # a full disk ends it before we do
                    driver.execute("ROLLBACK")
                raise
            finally:
                connection.rollback()

    @contextmanager
    def _explaining(self, lane: str | None) -> Iterator[None]:
        """Say what the disk did; an error that is our own mistake stays what it is."""
        del lane
        try:
            yield
        except (sqlite3.DatabaseError, sa.exc.DatabaseError) as error:
            cause = getattr(error, "orig", None) or error
            number = getattr(cause, "sqlite_errorcode", 0) & 0xFF
            if number in _DAMAGED or "Could not decode to UTF-8" in str(cause):
                raise self._damaged(cause) from error
            if number in _REFUSED:
                raise StoreError(
                    f"{self.path}: the disk refused: {cause}. Free some space or check the "
                    "folder's permissions; nothing of this step was stored, and it may be "
                    "repeated."
                ) from error
            raise

    def _damaged(self, cause: object) -> StoreError:
        return StoreError(
            f"{self.path} cannot be read as an engine store: {cause}. Move the file away "
            "(keep it: answers may be recovered from it) and start again."
        )


def _prepare(driver: Any, _record: Any) -> None:
    driver.execute("PRAGMA journal_mode=WAL")
    driver.execute("PRAGMA foreign_keys=ON")
    driver.execute("PRAGMA busy_timeout=5000")

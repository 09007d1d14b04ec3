"""The store: one SQLite file per state folder, owned by one process.

Layer: engine. All statements are SQLAlchemy Core. The process that owns the folder has one
connection and one lock around it, which removes the write-ahead-log bug of SQLite before
3.51.3 (it needs several connections) and SQLite's unfair lock waits.
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

from gt_widgets.engine import tables
from gt_widgets.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

__all__ = ["Store", "is_network_file_system"]

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


class Store:
    """Transactions over the tables of ``gt_widgets.engine.tables``.

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

    def __init__(self, folder: Path) -> None:
        if is_network_file_system(folder):
            raise StoreError(
                f"{folder} is on a network file system, where SQLite's write-ahead log can "
                "lose data. Choose a folder on a local disk: connect(root='/tmp/gt') or the "
                "environment variable GT_WIDGETS_ROOT."
            )
        self.path = folder / "state.db"
        self._lock = threading.RLock()
        self._active: sa.Connection | None = None
        self._told: list[Callable[[], None]] = []
        self._engine = sa.create_engine(
            f"sqlite:///{self.path}",
            poolclass=StaticPool,
            connect_args={"check_same_thread": False, "isolation_level": None},
        )
        sa.event.listen(self._engine, "connect", _prepare)
        self._open()

    def _open(self) -> None:
        try:
            with self.begin() as connection:
                tables.facts.create(connection, checkfirst=True)
                found = self._fact(connection, "schema_version")
                if found is None:
                    self._write_fact(connection, "schema_version", str(tables.SCHEMA_VERSION))
                elif int(found) > tables.SCHEMA_VERSION:
                    raise StoreError(
                        f"{self.path} has schema version {found}, this gt_widgets knows "
                        f"{tables.SCHEMA_VERSION}. Install a newer gt_widgets, or use another "
                        "folder."
                    )
                tables.metadata.create_all(connection)
                for table in tables.metadata.sorted_tables:  # is every column there?
                    connection.execute(sa.select(table).limit(0))
        # no statement above can be wrong by itself; SQLite quotes damaged names in its messages
        except (sqlite3.DatabaseError, sa.exc.DatabaseError, UnicodeDecodeError) as error:
            raise self._damaged(getattr(error, "orig", error)) from error

    @contextmanager
    def begin(self, *, durable: bool = False) -> Iterator[sa.Connection]:
        """One transaction; committed at the end, rolled back on an exception.

        Within a transaction of the same thread it joins that one, which must be durable itself
        if this one is to be.

        Parameters
        ----------
        durable : bool
            Survive a power cut too (an fsync, some milliseconds): for acknowledged answers.
            Any transaction survives ``kill -9`` of the process.
        """
        with self._lock:
            if self._active is not None:
                yield self._active
                return
            with self._engine.connect() as connection:
                self._active = connection
                try:
                    with self._transaction(connection, durable=durable):
                        yield connection
                    for told in self._told:
                        told()
                except (sqlite3.DatabaseError, sa.exc.DatabaseError) as error:
                    raise self._explained(error) from error
                finally:
                    self._active = None
                    self._told.clear()
                    connection.rollback()

    @staticmethod
    @contextmanager
    def _transaction(connection: sa.Connection, *, durable: bool) -> Iterator[None]:
        driver = connection.connection.driver_connection
        assert driver is not None  # noqa: S101  (the pool always has one)
        driver.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
        driver.execute("BEGIN IMMEDIATE")
        try:
            yield
            driver.execute("COMMIT")
        except BaseException:
            if driver.in_transaction:  # a full disk ends it before we do
                driver.execute("ROLLBACK")
            raise

    def _explained(self, error: Exception) -> Exception:
        """Say what the disk did; an error that is our own mistake stays what it is."""
        cause = getattr(error, "orig", None) or error
        number = getattr(cause, "sqlite_errorcode", 0) & 0xFF
        if number in _DAMAGED or "Could not decode to UTF-8" in str(cause):
            return self._damaged(cause)
        if number in _REFUSED:
            return StoreError(
                f"{self.path}: the disk refused: {cause}. Free some space or check the folder's "
                "permissions; nothing of this step was stored, and it may be repeated."
            )
        return error

    def _damaged(self, cause: object) -> StoreError:
        return StoreError(
            f"{self.path} cannot be read as an engine store: {cause}. Move the file away "
            "(keep it: answers may be recovered from it) and start again."
        )

    def after_commit(self, told: Callable[[], None]) -> None:
        """Call ``told`` once the transaction this thread is in is committed, before any other.

        It is not called if the transaction is rolled back.
        """
        self._told.append(told)

    def fact(self, name: str, default: str | None = None) -> str | None:
        """Read one durable fact of the folder, or write and return ``default``."""
        with self.begin() as connection:
            value = self._fact(connection, name)
            if value is None and default is not None:
                self._write_fact(connection, name, default)
                value = default
        return value

    def check(self) -> list[str]:
        """Run SQLite's integrity check; an empty list means that the file is sound."""
        with self.begin() as connection:
            found = [row[0] for row in connection.execute(sa.text("PRAGMA integrity_check"))]
        return [line for line in found if line != "ok"]

    def close(self) -> None:
        """Close the file; safe to call twice."""
        with self._lock:
            self._engine.dispose()

    @staticmethod
    def _fact(connection: sa.Connection, name: str) -> str | None:
        found: str | None = connection.scalar(
            sa.select(tables.facts.c.value).where(tables.facts.c.name == name)
        )
        return found

    @staticmethod
    def _write_fact(connection: sa.Connection, name: str, value: str) -> None:
        connection.execute(sa.insert(tables.facts).values(name=name, value=value))


def _prepare(driver: Any, _record: Any) -> None:
    driver.execute("PRAGMA journal_mode=WAL")
    driver.execute("PRAGMA foreign_keys=ON")
    driver.execute("PRAGMA busy_timeout=5000")

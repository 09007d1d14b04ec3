"""The store: transactions over the tables, on SQLite or on PostgreSQL.

Layer: engine. All statements are SQLAlchemy Core. ``sqlite.py`` is one file owned by one process,
``postgres.py`` a database that many servers share; the rest of the engine cannot tell them apart.
"""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.schema import CreateIndex, CreateTable, ExecutableDDLElement

from gt_widgets.engine import tables
from gt_widgets.engine.migrations import check_version, facts_of
from gt_widgets.errors import StoreConflictError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    Fence = Callable[[sa.Connection], None]

__all__ = ["Store", "open_store"]

T = TypeVar("T")
_PAUSES_S = (0.01, 0.03, 0.1, 0.3)
_WORDS: dict[tuple[str, str], tuple[tuple[str, ...], str]] = {}


@dataclass(frozen=True, slots=True)
class _Current:
    """The transaction that a thread is in."""

    connection: sa.Connection
    reading: bool


class Store(ABC):
    """Transactions over the tables of ``gt_widgets.engine.tables``.

    Attributes
    ----------
    place : str
        The file or the address, without a password, as messages name it.
    shared : bool
        Whether other servers use it too.
    """

    place: str
    shared: bool

    def __init__(self) -> None:
        self._thread = threading.local()

    @contextmanager
    def begin(self, *, durable: bool = False, lane: str | None = None) -> Iterator[sa.Connection]:
        """One transaction; committed at the end, rolled back on an exception.

        Without a lane it is alone: no other writes meanwhile, on any server, so what it reads
        stays true until it ends. Within a transaction of the same thread it joins that one, whose
        own lane and durability hold.

        Parameters
        ----------
        durable : bool
            Survive a power cut too (an fsync, some milliseconds): for acknowledged answers.
            Any transaction survives ``kill -9`` of the process.
        lane : str, optional
            Run beside transactions of other lanes, one at a time in this one. Rows that other
            lanes may change must be locked before they are read (``with_for_update``).
        """
        current = self._current()
        if current is not None:
            if current.reading:
                raise RuntimeError("begin() within reading(): nothing can be written there")
            yield current.connection
            return
        with (
            self._turn(),
            self._explaining(lane),
            self._writing(durable=durable, lane=lane) as connection,
            self._entered(_Current(connection, reading=False)),
        ):
            fence: Fence | None = getattr(self._thread, "fence", None)
            if fence:
                fence(connection)
            yield connection

    @contextmanager
    def reading(self, *, together: bool = False) -> Iterator[sa.Connection]:
        """Read without waiting for those who write.

        Within a transaction of the same thread it joins that one and sees what it wrote.

        Parameters
        ----------
        together : bool
            All statements see one moment; otherwise each sees what is stored when it begins, which
            is three times as fast for one statement over a network.
        """
        current = self._current()
        if current is not None:
            yield current.connection
            return
        with (
            self._turn(),
            self._explaining(None),
            self._snapshot(together=together) as connection,
            self._entered(_Current(connection, reading=True)),
        ):
            yield connection

    @contextmanager
    def fenced(self, fence: Fence) -> Iterator[None]:
        """Call ``fence`` first in every transaction that this thread begins; it may raise."""
        self._thread.fence = fence
        try:
            yield
        finally:
            self._thread.fence = None

    def repeated(self, call: Callable[[], T]) -> T:
        """Make a call again, a few times, when another transaction came in its way.

        The call must be repeatable: nothing it did outside the store may count twice.
        """
        for pause_s in _PAUSES_S:
            try:
                return call()
            except StoreConflictError:
                time.sleep(pause_s)
        return call()

    def fill(
        self, connection: sa.Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]]
    ) -> None:
        """Insert many rows, all with the same columns, in the fastest way the database has."""
        connection.execute(sa.insert(table), list(rows))

    def fact(self, name: str, default: str | None = None) -> str | None:
        """Read one durable fact of the store, or write and return ``default``."""
        with self.reading() as connection:
            value = facts_of(connection).get(name)
        if value is not None or default is None:
            return value
        with self.begin() as connection:
            return facts_of(connection).setdefault(name, default)

    def set_fact(self, name: str, value: str) -> None:
        """Write one durable fact of the store, whatever it was before."""
        with self.begin() as connection:
            facts_of(connection)[name] = value

    @abstractmethod
    def check(self) -> list[str]:
        """Look for damage; an empty list means that none was found."""

    @abstractmethod
    def close(self) -> None:
        """Close all connections; safe to call twice."""

    # --- what a kind of store brings --------------------------------------------------------------

    @abstractmethod
    def _turn(self) -> AbstractContextManager[object]:
        """Wait until this thread may use the store."""

    @abstractmethod
    def _writing(self, *, durable: bool, lane: str | None) -> AbstractContextManager[sa.Connection]:
        """One transaction on a connection."""

    @abstractmethod
    def _snapshot(self, *, together: bool) -> AbstractContextManager[sa.Connection]:
        """A connection to read from."""

    @abstractmethod
    def _explaining(self, lane: str | None) -> AbstractContextManager[None]:
        """Say in our words what the database said."""

    # --- inside -----------------------------------------------------------------------------------

    def _prepare_tables(self) -> None:
        """Make the tables, or bring those of an earlier version up to date."""
        with self.begin() as connection:
            check_version(connection, self.place)
            there = set(sa.inspect(connection).get_table_names())
            for table in tables.metadata.sorted_tables:
                made, read = _in_sql(table, connection.dialect)
                for statement in (read,) if table.name in there else made:
                    connection.exec_driver_sql(statement)

    def _current(self) -> _Current | None:
        return getattr(self._thread, "current", None)

    @contextmanager
    def _entered(self, current: _Current) -> Iterator[None]:
        self._thread.current = current
        try:
            yield
        finally:
            self._thread.current = None


def _in_sql(table: sa.Table, dialect: sa.Dialect) -> tuple[tuple[str, ...], str]:
    """Say how to make a table and its indexes, and how to ask whether every column is there.

    Words are found once per process: it may open many stores, and tests open thousands.
    """
    key = (dialect.name, table.name)
    if key not in _WORDS:
        indexes = sorted(table.indexes, key=lambda index: str(index.name))
        made: list[ExecutableDDLElement] = [CreateTable(table), *map(CreateIndex, indexes)]
        read = sa.select(table).where(sa.false()).compile(dialect=dialect)
        _WORDS[key] = tuple(str(each.compile(dialect=dialect)) for each in made), str(read)
    return _WORDS[key]


def open_store(folder: Path, url: str | None = None) -> Store:
    """Open the store of a state folder, or the shared one at ``url``.

    Parameters
    ----------
    folder : Path
        Where SQLite's file lies if there is no ``url``.
    url : str, optional
        ``postgresql://user:password@host:5432/database``.

    Raises
    ------
    StoreError
        If it cannot be opened, is damaged, or was written by a newer version.
    """
    if url is None:
        from gt_widgets.engine.sqlite import SqliteStore

        return SqliteStore(folder)
    from gt_widgets.engine.postgres import PostgresStore

    return PostgresStore(url)

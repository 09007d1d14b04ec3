"""The store on PostgreSQL: many servers, one queue.

Layer: engine. Who waits for whom is said by advisory locks, which end with their transaction. A
transaction without a lane takes the store's lock for itself, as SQLite's single writer does; one
with a lane shares that lock and takes the lane's. So workers run beside one another and lock the
rows they go by, and everything else may rely on what it reads.
"""

from __future__ import annotations

import hashlib
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.pool import NullPool

from gt_widgets.engine.store import Store
from gt_widgets.errors import (
    StoreConflictError,
    StoreError,
    StoreUnreachableError,
    ValidationError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

__all__ = ["PostgresStore", "postgres_url"]

_CONNECTIONS = 16
_PATIENCE_S = 30.0
_FRESH_TRIES = 3
# a server whose machine is cut off lets go of its jobs after about half a minute
_SESSION = " ".join(
    f"-c {name}={value}"
    for name, value in {
        "tcp_keepalives_idle": 10,
        "tcp_keepalives_interval": 5,
        "tcp_keepalives_count": 3,
        "jit": "off",  # compiling a plan costs a hundred times what the queue's statements do
    }.items()
)
_ALONE = sa.text("SELECT pg_advisory_xact_lock(:store)")
_BESIDE = sa.text(
    "SELECT pg_advisory_xact_lock_shared(:store), pg_advisory_xact_lock(:lane), "
    "set_config('synchronous_commit', :flush, true)"
)
_NOT_SOUND = sa.text(
    "SELECT 'index ' || indexrelid::regclass FROM pg_index WHERE NOT indisvalid "
    "UNION ALL SELECT 'constraint ' || conname FROM pg_constraint WHERE NOT convalidated"
)

# classes and codes of the manual's appendix "PostgreSQL Error Codes"
_CONFLICTS = {"40001", "40P01", "55P03"}  # serialization, deadlock, lock not to be had
_UNIQUE = "23505"
_DAMAGED = {"XX001", "XX002"}
_BAD_TEXT = "22"
_REFUSED = ("08", "25006", "28", "3D", "42501", "53", "57", "58")


def postgres_url(url: str) -> sa.URL:
    """Read ``postgresql://...`` and choose the driver.

    Raises
    ------
    StoreError
        If it is not the URL of a PostgreSQL database.
    """
    try:
        found = sa.make_url(url)
    except (ArgumentError, ValueError) as error:
        raise StoreError(_NO_URL.format(what="what was given")) from error
    if found.get_backend_name() not in {"postgresql", "postgres"}:
        raise StoreError(_NO_URL.format(what=f"{found.drivername}://..."))
    return found.set(drivername="postgresql+psycopg")


_NO_URL = (
    "The store must be postgresql://user@host:5432/database; {what} is no such address. Without "
    "--store the engine uses SQLite in its state folder."
)


class PostgresStore(Store):
    """Tables in a PostgreSQL database (its first schema of ``search_path``).

    Parameters
    ----------
    url : str
        ``postgresql://user:password@host:5432/database``. The user must be allowed to create
        tables. Not through a pooler that shares sessions between clients.

    Raises
    ------
    StoreError
        If the database does not answer or refuses, or was written by a newer version.
    """

    shared = True

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = postgres_url(url)
        self.place = self._url.set(drivername="postgresql").render_as_string(hide_password=True)
        self._engine = self._new_engine(
            pool_size=_CONNECTIONS, max_overflow=_CONNECTIONS, pool_timeout=_PATIENCE_S
        )
        self._reader = self._engine.execution_options(isolation_level="AUTOCOMMIT")
        self._moment = self._engine.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )
        with self._explaining(None), self._engine.connect() as connection:
            self._schema = str(connection.scalar(sa.text("SELECT current_schema()")))
        self._store_lock = self.lock_of("store")
        self._prepare_tables()

    def _new_engine(self, **options: Any) -> sa.Engine:
        given = self._url.query.get("options", "")
        chosen = given if isinstance(given, str) else " ".join(given)
        try:
            return sa.create_engine(
                self._url.difference_update_query(["options"]),
                connect_args={
                    "options": f"{_SESSION} {chosen}",
                    "application_name": "gt-widgets",
                    "connect_timeout": 10,
                },
                **{"isolation_level": "READ COMMITTED"} | options,
            )
        except (ModuleNotFoundError, NoSuchModuleError) as error:
            raise StoreError(
                "PostgreSQL needs the psycopg package: pip install 'gt-widgets[postgresql]'."
            ) from error

    def lock_of(self, name: str) -> int:
        """Number of an advisory lock: 64 bits of a digest of the schema and ``name``."""
        digest = hashlib.blake2b(f"{self._schema}/{name}".encode(), digest_size=8).digest()
        return int.from_bytes(digest, signed=True)

    def own_connection(self) -> sa.Connection:
        """Open a connection outside the pool that commits each statement, for session locks."""
        with self._explaining(None):
            engine = self._new_engine(poolclass=NullPool, isolation_level="AUTOCOMMIT")
            return engine.connect()

    def fill(
        self, connection: sa.Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]]
    ) -> None:
        """Insert many rows by COPY, several times as fast as INSERT."""
        names = list(rows[0])
        driver: Any = connection.connection.driver_connection
        into = f'COPY "{table.name}" ({", ".join(names)}) FROM STDIN'  # names of our own
        try:
            with driver.cursor() as cursor, cursor.copy(into) as copy:
                for row in rows:
                    copy.write_row([row[name] for name in names])
        except self._engine.dialect.loaded_dbapi.Error as error:
            raise DBAPIError(into, None, error) from error

    def check(self) -> list[str]:
        """Name what PostgreSQL itself holds for unsound; empty if nothing."""
        with self.reading() as connection:
            return [str(found) for found in connection.scalars(_NOT_SOUND)]

    def close(self) -> None:
        """Close all connections; safe to call twice."""
        self._engine.dispose()

    def _turn(self) -> AbstractContextManager[object]:
        return nullcontext()

    @contextmanager
    def _writing(self, *, durable: bool, lane: str | None) -> Iterator[sa.Connection]:
        with self._locked(durable=durable, lane=lane) as connection:
            yield connection
            connection.commit()

    def _locked(self, *, durable: bool, lane: str | None) -> sa.Connection:
        """Begin a transaction with its locks, on a connection that is alive."""
        locks: dict[str, int | str] = {"store": self._store_lock}
        if lane is not None:
            flush = "on" if durable else "off"
            locks |= {"lane": self.lock_of(f"lane {lane}"), "flush": flush}
        for left in reversed(range(_FRESH_TRIES)):
            connection = self._engine.connect()
            try:
                connection.execute(_ALONE if lane is None else _BESIDE, locks)
            except BaseException as error:
                connection.close()
                lost = isinstance(error, DBAPIError) and error.connection_invalidated
                if not (lost and left):  # the server was restarted: nothing was done yet
                    raise
            else:
                return connection
        raise AssertionError("unreachable: the last try returns or raises")

    @contextmanager
    def _snapshot(self, *, together: bool) -> Iterator[sa.Connection]:
        reader = self._moment if together else self._reader
        with reader.connect() as connection:
            yield connection

    @contextmanager
    def _explaining(self, lane: str | None) -> Iterator[None]:
        """Say what the database did; an error that is our own mistake stays what it is."""
        try:
            yield
        except PoolTimeoutError as error:
            raise StoreUnreachableError(
                f"{self.place}: no connection became free within {_PATIENCE_S:.0f} s; the "
                "database is too slow for the calls that come in. Repeat the call."
            ) from error
        except DBAPIError as error:
            told = self._told(error, lane)
            if told is None:
                raise
            raise told from error

    def _told(self, error: DBAPIError, lane: str | None) -> Exception | None:
        state = getattr(error.orig, "sqlstate", None) or ""
        cause = str(error.orig).strip().splitlines()[0] if str(error.orig) else type(error.orig)
        if state in _CONFLICTS or (lane is not None and state == _UNIQUE):
            return StoreConflictError(
                f"{self.place}: another transaction came first ({cause}). Nothing of this step "
                "was stored; repeat it."
            )
        if state in _DAMAGED:
            return StoreError(
                f"{self.place} is damaged: {cause}. Keep a copy of the database and restore a "
                "backup."
            )
        if state.startswith(_BAD_TEXT) or "(0x00)" in str(cause):
            return ValidationError(f"A text cannot be stored: {cause}. Leave that character out.")
        lost = isinstance(error, OperationalError) and not state  # said by the driver
        if error.connection_invalidated or lost or state.startswith(_REFUSED):
            return StoreUnreachableError(
                f"{self.place}: the database refused or went away: {cause}. Check that it runs "
                "and lets this user in; what was not acknowledged may be repeated."
            )
        return None

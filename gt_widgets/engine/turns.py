"""Whose turn it is to conduct a job, where several servers share one store.

Layer: engine. A job is conducted by the server that holds its lock. The lock belongs to a database
session, so it is free at once when its holder is killed, and the next server to look takes over.
A holder that was cut off and does not know it is stopped by a fence: every transaction of its
conductor first looks whether the job is still its own.
"""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Protocol

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from gt_widgets.engine.tables import conductors
from gt_widgets.errors import StoreConflictError, StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from typing import Any

    from gt_widgets.engine.postgres import PostgresStore

__all__ = ["OnlyServer", "SharedTurns", "Turns"]

_LOG = logging.getLogger(__name__)
_LISTEN_S = 1.0
_AGAIN_S = 2.0
_HOLDER = sa.select(conductors.c.server_id).where(conductors.c.job_id == sa.bindparam("job"))
_TRY_LOCK = sa.text("SELECT pg_try_advisory_lock(:lock)")
_UNLOCK = sa.text("SELECT pg_advisory_unlock(:lock)")
_NOTIFY = sa.text("SELECT pg_notify(:channel, :server)")


class Turns(Protocol):
    """Who conducts which job."""

    def keep(self, job_ids: Collection[int]) -> None:
        """Let go of every job but these."""

    def take(self, job_id: int) -> Callable[[sa.Connection], None] | None:
        """Take a job, or keep it; returns its fence, None if another server has it."""

    def tell_others(self) -> None:
        """Let other servers look at their jobs at once."""

    def listen(self, told: Callable[[], None]) -> None:
        """Call ``told`` when another server says that something happened."""

    def close(self) -> None:
        """Let go of all jobs."""


class OnlyServer:
    """Turns where the store has one server: every job is its own."""

    def keep(self, job_ids: Collection[int]) -> None:
        """Have nothing to let go of."""

    def take(self, job_id: int) -> Callable[[sa.Connection], None]:
        """Conduct any job."""
        del job_id
        return _no_fence

    def tell_others(self) -> None:
        """Have nobody to tell."""

    def listen(self, told: Callable[[], None]) -> None:
        """Have nobody to listen to."""

    def close(self) -> None:
        """Hold nothing."""


def _no_fence(connection: sa.Connection) -> None:
    del connection


class SharedTurns:
    """Turns among the servers of one PostgreSQL store.

    Parameters
    ----------
    store : PostgresStore
    server_id : str
        32 characters that no other server has.
    """

    def __init__(self, store: PostgresStore, *, server_id: str) -> None:
        self._store, self._server_id = store, server_id
        self._channel = f"gt_widgets_{store.lock_of('notices') & 0xFFFFFFFFFF:010x}"
        self._lock = threading.RLock()
        self._session: sa.Connection | None = None
        self._held: set[int] = set()
        self._closing = threading.Event()
        self._listener: threading.Thread | None = None

    def keep(self, job_ids: Collection[int]) -> None:
        """Let go of every job but these."""
        try:
            with self._lock:
                for job_id in self._held.difference(job_ids):
                    self._ask(_UNLOCK, lock=self._job_lock(job_id))
                    self._held.discard(job_id)
        except StoreError as error:  # with its session, every lock is gone
            _LOG.warning("no job is held any more: %s", error)

    def take(self, job_id: int) -> Callable[[sa.Connection], None] | None:
        """Take a job, or keep it; returns its fence, None if another server has it.

        Raises
        ------
        StoreError
            If the database does not answer.
        """
        with self._lock:
            self._ask(sa.text("SELECT 1"))  # a lost session has lost its locks
            if job_id not in self._held:
                if not self._ask(_TRY_LOCK, lock=self._job_lock(job_id)):
                    return None
                self._held.add(job_id)
                self._write_holder(job_id)
        return lambda connection: self._check(connection, job_id)

    def _write_holder(self, job_id: int) -> None:
        with self._store.begin() as connection:
            before = connection.scalar(_HOLDER, {"job": job_id})
            connection.execute(sa.delete(conductors).where(conductors.c.job_id == job_id))
            row = {"job_id": job_id, "server_id": self._server_id}
            connection.execute(sa.insert(conductors), row)
        if before not in {None, self._server_id}:
            _LOG.info("taking over job %d from server %s", job_id, before)

    def _check(self, connection: sa.Connection, job_id: int) -> None:
        holder = connection.scalar(_HOLDER, {"job": job_id})
        if holder != self._server_id:
            with self._lock:
                self._held.discard(job_id)
            raise StoreConflictError(
                f"Job {job_id} is conducted by server {holder} by now; this one lets go of it."
            )

    def tell_others(self) -> None:
        """Let other servers look at their jobs at once; if that fails, they look soon anyway."""
        try:
            with self._lock:
                self._ask(_NOTIFY, channel=self._channel, server=self._server_id)
        except StoreError as error:
            _LOG.warning("no notice to the other servers: %s", error)

    def listen(self, told: Callable[[], None]) -> None:
        """Call ``told``, in a thread of its own, when another server says something happened."""
        self._listener = threading.Thread(
            target=self._listen, args=(told,), name="gt-notices", daemon=True
        )
        self._listener.start()

    def close(self) -> None:
        """Let go of all jobs."""
        self._closing.set()
        if self._listener:
            self._listener.join(timeout=30)
        with self._lock:
            self._drop_session()

    def _job_lock(self, job_id: int) -> int:
        return self._store.lock_of(f"job {job_id}")

    def _ask(self, statement: sa.TextClause, **values: Any) -> Any:
        """Run one statement in the session that holds the locks; a lost one is replaced."""
        if self._session is None:
            self._held.clear()
            self._session = self._store.own_connection()
        try:
            return self._session.scalar(statement, values)
        except DBAPIError as error:
            self._drop_session()
            raise StoreError(
                f"{self._store.place}: the session that holds the jobs was lost: {error.orig}. "
                "They are taken again, unless another server has them."
            ) from error

    def _drop_session(self) -> None:
        self._held.clear()
        if self._session is not None:
            session, self._session = self._session, None
            session.close()
            session.engine.dispose()

    def _listen(self, told: Callable[[], None]) -> None:
        while not self._closing.is_set():
            try:
                self._hear(told)
            except (DBAPIError, StoreError, OSError) as error:
                _LOG.warning("no notices from other servers for now: %s", error)
                self._closing.wait(_AGAIN_S)

    def _hear(self, told: Callable[[], None]) -> None:
        with self._store.own_connection() as connection:
            connection.execute(sa.text(f'LISTEN "{self._channel}"'))
            told()  # something may have been said before
            driver: Any = connection.connection.driver_connection
            while not self._closing.is_set():
                for notice in driver.notifies(timeout=_LISTEN_S, stop_after=1):
                    if notice.payload != self._server_id:
                        told()

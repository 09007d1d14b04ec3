"""Sessions: random tokens that stand for a signed-in user.

Layer: engine. A token has 256 random bits and is known in clear to its holder only; the store
holds its SHA-256. A slow hash is for passwords, which can be guessed; these cannot.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from gt_widgets.engine import tables

if TYPE_CHECKING:
    from gt_widgets.engine.clock import Clock
    from gt_widgets.engine.store import Store

__all__ = ["ACCESS", "CHALLENGE", "REFRESH", "WORKER", "WORKER_IDLE_S", "Session", "Sessions"]

WORKER, ACCESS, REFRESH, CHALLENGE = "worker", "access", "refresh", "challenge"
"""Kinds: of the labeling portal; Cognito's two tokens; a sign-in that needs a new password."""
WORKER_IDLE_S = 12 * 3600.0
"""A portal session ends after this many seconds without a call."""
# each call moves the expiry on; writing that down once a minute is often enough
_SLIDE_S = 60.0
_SESSIONS, _USERS = tables.sessions, tables.users


@dataclass(frozen=True, slots=True)
class Session:
    """One live session.

    Parameters
    ----------
    sub : str
        Whose it is.
    kind : str
        ``worker``, ``access``, ``refresh`` or ``challenge``.
    client_id : str or None
        The Cognito app client, where one took part.
    created_at : float
        Epoch seconds.
    """

    sub: str
    kind: str
    client_id: str | None
    created_at: float


class Sessions:
    """Opens, finds and closes sessions.

    Parameters
    ----------
    store : Store
        Where they are kept.
    clock : callable
        Epoch seconds.
    """

    def __init__(self, store: Store, *, clock: Clock) -> None:
        self._store, self._clock = store, clock

    def open(self, sub: str, kind: str, *, lifetime_s: float, client_id: str | None = None) -> str:
        """Open a session and return its token, of which only a hash is kept.

        Parameters
        ----------
        sub : str
            The user.
        kind : str
            Who asks with it: a session of one kind opens nothing of another.
        lifetime_s : float > 0
        client_id : str, optional
            The app client it was opened through.
        """
        token, now = secrets.token_urlsafe(32), self._clock()
        with self._store.begin() as connection:
            connection.execute(sa.delete(_SESSIONS).where(_SESSIONS.c.expires_at <= now))
            connection.execute(
                sa.insert(_SESSIONS).values(
                    token_hash=_hash(token),
                    kind=kind,
                    sub=sub,
                    client_id=client_id,
                    created_at=now,
                    expires_at=now + lifetime_s,
                )
            )
        return token

    def find(self, token: str, kind: str) -> Session | None:
        """Find a live session of an enabled user; a worker's stays alive by this.

        Returns
        -------
        Session or None
            None if the token is unknown, of another kind, expired or closed.
        """
        now = self._clock()
        query = (
            sa.select(_SESSIONS)
            .join(_USERS, _USERS.c.sub == _SESSIONS.c.sub)
            .where(
                _SESSIONS.c.token_hash == _hash(token),
                _SESSIONS.c.kind == kind,
                _SESSIONS.c.expires_at > now,
                _USERS.c.enabled,
            )
        )
        with self._store.reading() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            return None
        if kind == WORKER and row.expires_at < now + WORKER_IDLE_S - _SLIDE_S:
            with self._store.begin(lane=f"session {row.token_hash}") as connection:
                connection.execute(
                    sa.update(_SESSIONS)
                    .where(_SESSIONS.c.token_hash == row.token_hash)
                    .values(expires_at=now + WORKER_IDLE_S)
                )
        return Session(row.sub, row.kind, row.client_id, row.created_at)

    def close(self, token: str) -> None:
        """Close one session; no change if it is not open."""
        with self._store.begin() as connection:
            connection.execute(sa.delete(_SESSIONS).where(_SESSIONS.c.token_hash == _hash(token)))

    def close_all(self, sub: str, *, kind: str | None = None) -> None:
        """Close all sessions of a user, or those of one kind."""
        gone = sa.delete(_SESSIONS).where(_SESSIONS.c.sub == sub)
        with self._store.begin() as connection:
            connection.execute(gone if kind is None else gone.where(_SESSIONS.c.kind == kind))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()

"""Signing in: passwords, the challenge of a first sign-in, and the labeling portal's sessions.

Layer: engine. Messages are Cognito's, and never tell which of name and password was wrong.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from gt_widgets.engine import tables
from gt_widgets.engine.identity.lockout import Lockout
from gt_widgets.engine.identity.passwords import password_fits, waste_a_guess
from gt_widgets.engine.identity.sessions import CHALLENGE, WORKER, WORKER_IDLE_S
from gt_widgets.engine.identity.users import FORCE_CHANGE_PASSWORD
from gt_widgets.errors import ServiceError, SignInError

if TYPE_CHECKING:
    from gt_widgets.engine.clock import Clock
    from gt_widgets.engine.identity.pools import Pool, Pools
    from gt_widgets.engine.identity.sessions import Sessions
    from gt_widgets.engine.identity.users import User, Users
    from gt_widgets.engine.store import Store

__all__ = ["NEW_PASSWORD_REQUIRED", "SignIn", "SignIns", "Worker", "as_worker"]

NEW_PASSWORD_REQUIRED = "NEW_PASSWORD_REQUIRED"  # noqa: S105  (a challenge)
_CHALLENGE_S = 180.0
_REFUSED = "Incorrect username or password."


@dataclass(frozen=True, slots=True)
class Worker:
    """A signed-in worker.

    Parameters
    ----------
    sub : str
        What answers are filed under.
    user_name : str
        As the worker signs in.
    pool_id : str
        The user pool of the workforce.
    simulated : bool
        A made-up worker, whose answers are drawn.
    """

    sub: str
    user_name: str
    pool_id: str
    simulated: bool


@dataclass(frozen=True, slots=True)
class SignIn:
    """How a sign-in ended: with a session, or with the challenge to choose a password.

    Parameters
    ----------
    worker : Worker
        Who.
    session : str or None
        The token of the portal session.
    challenge : str or None
        ``"NEW_PASSWORD_REQUIRED"`` if there is no session yet.
    challenge_session : str or None
        To be passed to ``set_new_password``, good for three minutes.
    password_policy : str or None
        The rules for the new password, as a sentence.
    """

    worker: Worker
    session: str | None = None
    challenge: str | None = None
    challenge_session: str | None = None
    password_policy: str | None = None


class SignIns:
    """Checks passwords and opens sessions.

    Parameters
    ----------
    store : Store
        Where workforces are kept: their pools are the ones a worker can sign in to.
    clock : callable
        Epoch seconds.
    pools, users, sessions
        The other parts of the identity service.
    """

    def __init__(
        self, store: Store, *, clock: Clock, pools: Pools, users: Users, sessions: Sessions
    ) -> None:
        self._store, self._clock, self._pools = store, clock, pools
        self._users, self._sessions = users, sessions
        self._lockout = Lockout(clock)

    def authenticate(self, pool: Pool, user_name: str, password: str) -> User:
        """Find the user whom name and password belong to.

        Raises
        ------
        SignInError
            If name or password is wrong (the message does not say which), after too many
            attempts, if the user is disabled, or if the temporary password has expired.
        """
        user = self._users.lookup(pool, user_name)
        account = user.sub if user else f"{pool.pool_id} {pool.fold(user_name)}"
        self._lockout.attempt(account)
        if user is None:
            waste_a_guess(password)
            raise SignInError(_REFUSED)
        if not password_fits(password, user.password_hash):
            raise SignInError(_REFUSED)
        self._lockout.forgive(account)
        if not user.enabled:
            raise SignInError("User is disabled.")
        expires_at = user.password_expires_at
        if expires_at is not None and expires_at <= self._clock():
            raise SignInError(
                "Temporary password has expired and must be reset by an administrator."
            )
        return user

    def challenge(
        self, user: User, *, client_id: str | None = None, lifetime_s: float = _CHALLENGE_S
    ) -> str:
        """Open the session in which a user chooses a password."""
        return self._sessions.open(user.sub, CHALLENGE, lifetime_s=lifetime_s, client_id=client_id)

    def answer_challenge(
        self,
        pool: Pool,
        user_name: str,
        token: str,
        new_password: str,
        *,
        client_id: str | None = None,
    ) -> User:
        """Replace a temporary password by the one that the user chose.

        Parameters
        ----------
        pool : Pool
            Where the user is.
        user_name : str
            The name that was signed in with.
        token : str
            From ``challenge``. A refused password can be followed by another try.
        new_password : str
            Has to fit the pool's policy and to differ from the temporary password, which
            others have read.
        client_id : str, optional
            The app client that the challenge was given to.

        Returns
        -------
        User
            Confirmed. Other sessions of the user are closed.

        Raises
        ------
        SignInError
            If the session is not (or no longer) one of this user's.
        ServiceError
            ``InvalidPasswordException``.
        """
        user = self._users.lookup(pool, user_name)
        session = self._sessions.find(token, CHALLENGE)
        if user is None or session is None or session.sub != user.sub:
            raise SignInError("Invalid session for the user. Sign in again.")
        if session.client_id != client_id:
            raise SignInError("Invalid session for the user. Sign in again.")
        pool.policy.check(new_password)
        if password_fits(new_password, user.password_hash):
            raise ServiceError(
                "InvalidPasswordException",
                "Password did not conform with policy: Password must differ from the temporary "
                "password",
            )
        self._users.choose_password(user, new_password)
        return self._users.get(pool.pool_id, user.user_name)

    def sign_in(self, user_name: str, password: str) -> SignIn:
        """Sign a worker in to the labeling portal.

        Parameters
        ----------
        user_name : str
            Case-sensitive, an e-mail address where the pool allows it.
        password : str
            The temporary or the chosen one.

        Returns
        -------
        SignIn
            With a session, or with the challenge to choose a password first.

        Raises
        ------
        SignInError
            See ``authenticate``.
        """
        pool = self._pool_of(user_name)
        if pool is None:
            self._lockout.attempt(f" {user_name}")
            waste_a_guess(password)
            raise SignInError(_REFUSED)
        user = self.authenticate(pool, user_name, password)
        if user.status == FORCE_CHANGE_PASSWORD:
            return SignIn(
                as_worker(user),
                challenge=NEW_PASSWORD_REQUIRED,
                challenge_session=self.challenge(user),
                password_policy=pool.policy.text,
            )
        return SignIn(as_worker(user), session=self._open(user.sub))

    def set_new_password(self, user_name: str, challenge_session: str, new_password: str) -> SignIn:
        """Finish a first sign-in; see ``answer_challenge`` for more that is refused.

        Raises
        ------
        SignInError
            If no pool of the workforce has such a user.
        """
        pool = self._pool_of(user_name)
        if pool is None:
            raise SignInError("Invalid session for the user. Sign in again.")
        user = self.answer_challenge(pool, user_name, challenge_session, new_password)
        return SignIn(as_worker(user), session=self._open(user.sub))

    def worker_of(self, session: str) -> Worker:
        """Find the worker whom a portal session belongs to, and keep the session alive.

        Raises
        ------
        SignInError
            If it was closed, has been idle for 12 hours, or the worker is disabled.
        """
        found = self._sessions.find(session, WORKER)
        user = found and self._users.by_sub(found.sub)
        if not user:
            raise SignInError("Your session has ended. Sign in again.")
        return as_worker(user)

    def sign_out(self, session: str) -> None:
        """Close a portal session; no change if it is closed already."""
        self._sessions.close(session)

    def session_for(self, sub: str) -> str:
        """Open a portal session for a simulated worker, who has no password.

        Raises
        ------
        SignInError
            If there is no such worker, or it is a person: only a password opens a person's
            account (T08).
        """
        user = self._users.by_sub(sub)
        if user is None or not user.simulated:
            raise SignInError(
                f"{sub!r} is not a simulated worker; people sign in with their passwords."
            )
        return self._open(sub)

    def worker_pools(self) -> list[Pool]:
        """List the pools of the workforces: workers are looked for in these only."""
        with self._store.reading() as connection:
            documents = connection.scalars(sa.select(tables.workforces.c.document)).all()
        configs = (json.loads(document).get("CognitoConfig") or {} for document in documents)
        wanted = {config.get("UserPool") for config in configs}
        return [pool for pool in self._pools.all() if pool.pool_id in wanted]

    def _open(self, sub: str) -> str:
        return self._sessions.open(sub, WORKER, lifetime_s=WORKER_IDLE_S)

    def _pool_of(self, user_name: str) -> Pool | None:
        return next(
            (pool for pool in self.worker_pools() if self._users.lookup(pool, user_name)), None
        )


def as_worker(user: User) -> Worker:
    """Show a user as the worker side knows one."""
    name = user.user_name
    if name == user.sub:
        name = user.attributes.get("email", user.attributes.get("phone_number", name))
    return Worker(user.sub, name, user.pool_id, user.simulated)

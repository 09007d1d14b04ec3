"""The users of a pool: who they are, how they are invited, disabled and deleted.

Layer: engine.
"""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from gt_widgets.engine import tables
from gt_widgets.engine.identity.attributes import check_attributes, kind_of
from gt_widgets.engine.identity.passwords import hash_password
from gt_widgets.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gt_widgets.engine.clock import Clock, NewId
    from gt_widgets.engine.identity.pools import Pool, Pools
    from gt_widgets.engine.identity.sessions import Sessions
    from gt_widgets.engine.outbox import Outbox
    from gt_widgets.engine.store import Store

__all__ = ["CONFIRMED", "FORCE_CHANGE_PASSWORD", "User", "Users"]

FORCE_CHANGE_PASSWORD = "FORCE_CHANGE_PASSWORD"  # noqa: S105  (a status)
CONFIRMED = "CONFIRMED"
_USERS, _MEMBERS = tables.users, tables.memberships


@dataclass(frozen=True, slots=True)
class User:
    """One user of a pool.

    Parameters
    ----------
    sub : str
        A UUID; never changes and is never used again.
    pool_id, user_name : str
        The pool, and the name in it.
    attributes : dict of str to str
        Without ``sub``.
    password_hash : str or None
        None as long as no password opens the account.
    password_expires_at : float or None
        Epoch seconds; only temporary passwords expire.
    status : str
        ``FORCE_CHANGE_PASSWORD`` or ``CONFIRMED``.
    enabled : bool
        A disabled user cannot sign in.
    simulated : bool
        A made-up worker, whose answers are drawn.
    created_at, modified_at : float
        Epoch seconds.
    """

    sub: str
    pool_id: str
    user_name: str
    attributes: dict[str, str]
    password_hash: str | None
    password_expires_at: float | None
    status: str
    enabled: bool
    simulated: bool
    created_at: float
    modified_at: float


class Users:
    """Creates, finds and changes users.

    Parameters
    ----------
    store : Store
        Where they are kept.
    clock, new_id : callable
        Time and identifiers.
    pools : Pools
        The pools they belong to.
    sessions : Sessions
        Closed when a user is disabled or gets a password.
    outbox : Outbox
        Where invitations go.
    """

    def __init__(
        self,
        store: Store,
        *,
        clock: Clock,
        new_id: NewId,
        pools: Pools,
        sessions: Sessions,
        outbox: Outbox,
    ) -> None:
        self._store, self._clock, self._new_id = store, clock, new_id
        self._pools, self._sessions, self._outbox = pools, sessions, outbox

    def create(
        self,
        pool_id: str,
        user_name: str,
        *,
        attributes: Mapping[str, str] | None = None,
        temporary_password: str | None = None,
        invite: bool = True,
        simulated: bool = False,
    ) -> User:
        """Create a user with a temporary password and put the invitation into the outbox.

        Parameters
        ----------
        pool_id, user_name : str
            Where, and the name. In a pool whose user names are e-mail addresses, the address.
        attributes : mapping, optional
            For example ``{"email": "ana@example.com"}``.
        temporary_password : str, optional
            A random one that fits the pool's policy if omitted.
        invite : bool
            Whether to write the invitation.
        simulated : bool
            A made-up worker: no password, no mail, confirmed at once.

        Raises
        ------
        ServiceError
            ``UsernameExistsException``, ``InvalidPasswordException``, or
            ``InvalidParameterException`` for attributes that the pool's schema does not have.
        """
        attributes = dict(attributes or {})
        pool = self._pools.get(pool_id)
        sub = str(uuid.UUID(self._new_id()))
        if pool.names_are_attributes:
            attributes[kind_of(pool, user_name)] = user_name
        check_attributes(pool, attributes, complete=True)
        with self._store.begin():
            if self.lookup(pool, user_name):
                raise ServiceError("UsernameExistsException", "User account already exists")
            name = sub if pool.names_are_attributes else pool.fold(user_name)
            self._insert(pool_id, sub, name, attributes=attributes, simulated=simulated)
            if not simulated:
                self._give_temporary(pool, sub, temporary_password, invite=invite)
            return self._by_sub(sub)

    def resend(
        self, pool_id: str, user_name: str, *, temporary_password: str | None = None
    ) -> User:
        """Write the invitation again, with a new temporary password and a new expiry.

        Raises
        ------
        ServiceError
            ``UnsupportedUserStateException`` if the user has chosen a password already.
        """
        with self._store.begin():
            pool, user = self._pools.get(pool_id), self.get(pool_id, user_name)
            if user.status != FORCE_CHANGE_PASSWORD:
                raise ServiceError(
                    "UnsupportedUserStateException",
                    f"Resend not possible. {user_name} status is not {FORCE_CHANGE_PASSWORD}",
                )
            self._give_temporary(pool, user.sub, temporary_password, invite=True)
            return self._by_sub(user.sub)

    def get(self, pool_id: str, user_name: str) -> User:
        """Find a user by name, ``sub`` or alias.

        Raises
        ------
        ServiceError
            ``UserNotFoundException``.
        """
        found = self.lookup(self._pools.get(pool_id), user_name)
        if found is None:
            raise ServiceError("UserNotFoundException", "User does not exist.")
        return found

    def lookup(self, pool: Pool, user_name: str) -> User | None:
        """Find a user by name, ``sub`` or one of the pool's aliases, else None."""
        name = pool.fold(user_name)
        exact = sa.or_(_USERS.c.user_name == name, _USERS.c.sub == name)
        found = self._where(_USERS.c.pool_id == pool.pool_id, exact)
        if not found and pool.aliases:
            found = [
                user
                for user in self._where(_USERS.c.pool_id == pool.pool_id)
                if name in {pool.fold(user.attributes.get(alias, "")) for alias in pool.aliases}
            ]
        return found[0] if found else None

    def by_sub(self, sub: str) -> User | None:
        """Find a user of any pool by ``sub``, else None."""
        return next(iter(self._where(_USERS.c.sub == sub)), None)

    def all(self, pool_id: str, *, group: str | None = None) -> list[User]:
        """All users of a pool, or of one of its groups, by name."""
        self._pools.get(pool_id)
        conditions = [_USERS.c.pool_id == pool_id]
        if group is not None:
            members = sa.select(_MEMBERS.c.sub).where(
                _MEMBERS.c.pool_id == pool_id, _MEMBERS.c.group_name == group
            )
            conditions.append(_USERS.c.sub.in_(members))
        return self._where(*conditions)

    def set_attributes(self, user: User, attributes: Mapping[str, str]) -> None:
        """Add or change attributes; an empty value removes one."""
        check_attributes(self._pools.get(user.pool_id), attributes)
        merged = user.attributes | dict(attributes)
        kept = {name: value for name, value in merged.items() if value}
        self._update(user.sub, attributes=json.dumps(kept))

    def set_enabled(self, user: User, *, enabled: bool) -> None:
        """Enable a user, or disable one, which ends the user's sessions."""
        with self._store.begin():
            self._update(user.sub, enabled=enabled)
            if not enabled:
                self._sessions.close_all(user.sub)

    def delete(self, user: User) -> None:
        """Delete a user with all memberships and sessions."""
        with self._store.begin() as connection:
            self._outbox.settle(user.sub, state="replaced")
            connection.execute(sa.delete(_USERS).where(_USERS.c.sub == user.sub))

    def set_password(self, user: User, password: str, *, permanent: bool) -> None:
        """Give a user a password as an administrator does; ends the user's sessions.

        Parameters
        ----------
        user : User
            Who.
        password : str
            Has to fit the pool's policy.
        permanent : bool
            False makes it a temporary one, to be changed at the next sign-in.
        """
        policy = self._pools.get(user.pool_id).policy
        policy.check(password)
        expires_at = None if permanent else self._clock() + policy.temporary_days * 86_400
        hashed = hash_password(password)
        with self._store.begin():
            self._outbox.settle(user.sub, state="replaced")
            self._sessions.close_all(user.sub)
            self._update(
                user.sub,
                password_hash=hashed,
                password_expires_at=expires_at,
                status=CONFIRMED if permanent else FORCE_CHANGE_PASSWORD,
            )

    def choose_password(self, user: User, password: str) -> None:
        """Note the password that a user chose at the first sign-in; ends other sessions."""
        hashed = hash_password(password)
        with self._store.begin():
            self._outbox.settle(user.sub, state="used")
            self._sessions.close_all(user.sub)
            self._update(user.sub, password_hash=hashed, password_expires_at=None, status=CONFIRMED)

    def _give_temporary(self, pool: Pool, sub: str, password: str | None, *, invite: bool) -> None:
        if password:
            pool.policy.check(password)
        else:
            password = pool.policy.temporary()
        days = pool.policy.temporary_days
        user = self._by_sub(sub)
        self._sessions.close_all(sub)
        self._update(
            sub,
            password_hash=hash_password(password),
            password_expires_at=self._clock() + days * 86_400,
            status=FORCE_CHANGE_PASSWORD,
        )
        if invite:
            email = user.attributes.get("email", user.user_name)
            self._outbox.invite(
                email,
                sub=sub,
                user_name=email if pool.names_are_attributes else user.user_name,
                temporary_password=password,
                days=days,
                template=pool.invitation,
            )

    def _insert(
        self,
        pool_id: str,
        sub: str,
        name: str,
        *,
        attributes: Mapping[str, str],
        simulated: bool,
    ) -> None:
        now = self._clock()
        with self._store.begin() as connection:
            connection.execute(
                sa.insert(_USERS).values(
                    sub=sub,
                    pool_id=pool_id,
                    user_name=name,
                    attributes=json.dumps(dict(attributes)),
                    status=CONFIRMED if simulated else FORCE_CHANGE_PASSWORD,
                    enabled=True,
                    simulated=simulated,
                    created_at=now,
                    modified_at=now,
                )
            )

    def _update(self, sub: str, **values: Any) -> None:
        with self._store.begin() as connection:
            connection.execute(
                sa.update(_USERS)
                .where(_USERS.c.sub == sub)
                .values(modified_at=self._clock(), **values)
            )

    def _by_sub(self, sub: str) -> User:
        return self._where(_USERS.c.sub == sub)[0]

    def _where(self, *conditions: sa.ColumnElement[bool]) -> list[User]:
        query = sa.select(_USERS).where(*conditions).order_by(_USERS.c.user_name)
        with self._store.reading() as connection:
            rows = connection.execute(query).all()
        return [_user(row) for row in rows]


def _user(row: Any) -> User:
    return User(
        row.sub,
        row.pool_id,
        row.user_name,
        json.loads(row.attributes),
        row.password_hash,
        row.password_expires_at,
        row.status,
        row.enabled,
        row.simulated,
        row.created_at,
        row.modified_at,
    )

"""User pools, their app clients and their domains.

Layer: engine. Settings are kept in AWS's own keys and echoed; the rules the engine itself needs
(password policy, aliases, lifetimes) are properties of ``Pool`` and ``PoolClient``.
"""

from __future__ import annotations

import json
import secrets
import string
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from gt_widgets.engine import tables
from gt_widgets.engine.identity.passwords import PasswordPolicy
from gt_widgets.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gt_widgets.engine.clock import Clock, NewId
    from gt_widgets.engine.store import Store

__all__ = ["CROWD_POOL", "Pool", "PoolClient", "Pools", "no_such"]

CROWD_POOL = "simulated_crowd"
"""Id of the pool of simulated workers who are in no Cognito team; Cognito does not list it."""

_POOLS, _CLIENTS = tables.user_pools, tables.pool_clients
_BASE_36 = string.digits + string.ascii_lowercase
_BASE_62 = string.digits + string.ascii_letters
_UNITS = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86_400}


@dataclass(frozen=True, slots=True)
class Pool:
    """One user pool.

    Parameters
    ----------
    pool_id : str
        For example ``us-east-1_AbCdEfGhI``.
    name : str
        Need not be unique.
    settings : dict
        What CreateUserPool was given, in AWS's keys.
    domain : str or None
        Prefix of its sign-in domain.
    created_at, modified_at : float
        Epoch seconds.
    """

    pool_id: str
    name: str
    settings: dict[str, Any]
    domain: str | None
    created_at: float
    modified_at: float

    @property
    def policy(self) -> PasswordPolicy:
        """The password rules."""
        policy = dict(self.settings.get("Policies", {}).get("PasswordPolicy", {}))
        unused = self.settings.get("AdminCreateUserConfig", {}).get("UnusedAccountValidityDays")
        if unused and "TemporaryPasswordValidityDays" not in policy:
            # the older setting of the same rule
            policy = (policy or PasswordPolicy().to_aws()) | {
                "TemporaryPasswordValidityDays": unused
            }
        return PasswordPolicy.from_aws(policy)

    @property
    def invitation(self) -> dict[str, str]:
        """``InviteMessageTemplate``, empty if the pool has none."""
        config = self.settings.get("AdminCreateUserConfig", {})
        template: dict[str, str] = config.get("InviteMessageTemplate", {})
        return template

    @property
    def names_are_attributes(self) -> bool:
        """Whether people sign in with e-mail or phone number and user names are ``sub``."""
        return bool(self.settings.get("UsernameAttributes"))

    @property
    def aliases(self) -> list[str]:
        """Attributes that can be used in place of the user name."""
        return [
            *self.settings.get("UsernameAttributes", []),
            *self.settings.get("AliasAttributes", []),
        ]

    def fold(self, name: str) -> str:
        """Return ``name`` as it is compared: as written, unless the pool ignores case."""
        configuration = self.settings.get("UsernameConfiguration", {})
        return name if configuration.get("CaseSensitive", True) else name.lower()


@dataclass(frozen=True, slots=True)
class PoolClient:
    """One app client of a user pool.

    Parameters
    ----------
    client_id : str
        26 lower-case letters and digits.
    pool_id, name : str
        Its pool and its name.
    secret : str or None
        Callers prove with a SECRET_HASH that they know it.
    settings : dict
        What CreateUserPoolClient was given, in AWS's keys.
    created_at, modified_at : float
        Epoch seconds.
    """

    client_id: str
    pool_id: str
    name: str
    secret: str | None
    settings: dict[str, Any]
    created_at: float
    modified_at: float

    def lifetime_s(self, token: str) -> float:
        """Seconds for which a token is good; ``token`` is ``Access``, ``Id`` or ``Refresh``."""
        number, unit = {"Refresh": (30, "days")}.get(token, (60, "minutes"))
        if f"{token}TokenValidity" in self.settings:
            number = self.settings[f"{token}TokenValidity"] or number
            unit = "days" if token == "Refresh" else "hours"  # noqa: S105  (a kind of token)
        unit = self.settings.get("TokenValidityUnits", {}).get(f"{token}Token", unit)
        return float(number * _UNITS[unit])

    @property
    def challenge_s(self) -> float:
        """Seconds for which the session of a challenge is good."""
        return 60.0 * float(self.settings.get("AuthSessionValidity", 3))


class Pools:
    """Creates, finds and changes user pools and app clients.

    Parameters
    ----------
    store : Store
        Where they are kept.
    clock, new_id : callable
        Time and identifiers.
    region : str
        Prefix of pool ids.
    """

    def __init__(self, store: Store, *, clock: Clock, new_id: NewId, region: str) -> None:
        self._store, self._clock, self._new_id, self._region = store, clock, new_id, region

    def create(self, name: str, settings: Mapping[str, Any]) -> Pool:
        """Create a pool; ``settings`` are CreateUserPool's members but ``PoolName``."""
        now = self._clock()
        pool_id = f"{self._region}_{_digits(self._new_id(), _BASE_62, 9)}"
        pool = Pool(pool_id, name, dict(settings), None, now, now)
        with self._store.begin() as connection:
            connection.execute(
                sa.insert(_POOLS).values(
                    pool_id=pool_id,
                    name=name,
                    settings=json.dumps(pool.settings),
                    created_at=now,
                    modified_at=now,
                )
            )
        return pool

    def get(self, pool_id: str) -> Pool:
        """Find a pool.

        Raises
        ------
        ServiceError
            ``ResourceNotFoundException`` if there is none of that id.
        """
        found = self._where(_POOLS.c.pool_id == pool_id)
        if not found:
            raise no_such(f"User pool {pool_id}")
        return found[0]

    def with_domain(self, domain: str) -> Pool | None:
        """Find the pool that has this domain prefix."""
        return next(iter(self._where(_POOLS.c.domain == domain)), None)

    def all(self) -> list[Pool]:
        """All pools of the account, in no particular order; not the pool of simulated crowds."""
        return self._where(_POOLS.c.pool_id != CROWD_POOL)

    def ensure_crowd(self) -> None:
        """Make the pool of simulated crowds if it is not there."""
        now = self._clock()
        with self._store.begin() as connection:
            if self._where(_POOLS.c.pool_id == CROWD_POOL):
                return
            connection.execute(
                sa.insert(_POOLS).values(
                    pool_id=CROWD_POOL,
                    name="simulated crowds",
                    settings="{}",
                    created_at=now,
                    modified_at=now,
                )
            )

    def update(self, pool_id: str, *, name: str | None, settings: Mapping[str, Any]) -> None:
        """Replace the settings of a pool, and its name if one is given."""
        pool = self.get(pool_id)
        self._set(pool_id, name=name or pool.name, settings=json.dumps(dict(settings)), stamp=True)

    def set_domain(self, pool_id: str, domain: str | None) -> None:
        """Give a pool its domain prefix, or take it away.

        Raises
        ------
        ServiceError
            ``InvalidParameterException`` if another pool has it, or this one has another.
        """
        with self._store.begin():
            pool = self.get(pool_id)
            if domain is not None and (pool.domain or self.with_domain(domain)):
                raise ServiceError(
                    "InvalidParameterException",
                    f"Domain {domain!r} already exists, or user pool {pool_id} has one already "
                    f"({pool.domain!r}). Delete that one, or choose another prefix.",
                )
            self._set(pool_id, domain=domain)

    def delete(self, pool_id: str) -> None:
        """Delete a pool with its clients, groups and users.

        Raises
        ------
        ServiceError
            ``InvalidParameterException`` if it has a domain or is protected.
        """
        with self._store.begin() as connection:
            pool = self.get(pool_id)
            if pool.domain:
                raise ServiceError(
                    "InvalidParameterException",
                    "User pool cannot be deleted. It has a domain configured that should be "
                    f"deleted first: {pool.domain}.",
                )
            if pool.settings.get("DeletionProtection") == "ACTIVE":
                raise ServiceError(
                    "InvalidParameterException",
                    "The user pool cannot be deleted because deletion protection is "
                    "activated. Deletion protection must be inactivated first.",
                )
            connection.execute(sa.delete(_POOLS).where(_POOLS.c.pool_id == pool_id))

    def create_client(
        self,
        pool_id: str,
        name: str,
        *,
        settings: Mapping[str, Any],
        with_secret: bool = False,
        secret: str | None = None,
    ) -> PoolClient:
        """Create an app client; a secret is made up if one is wanted and not given."""
        now = self._clock()
        if with_secret and secret is None:
            secret = "".join(secrets.choice(_BASE_36) for _ in range(52))
        client_id = _digits(self._new_id() + self._new_id(), _BASE_36, 26)
        client = PoolClient(client_id, pool_id, name, secret, dict(settings), now, now)
        with self._store.begin() as connection:
            self.get(pool_id)
            connection.execute(
                sa.insert(_CLIENTS).values(
                    client_id=client_id,
                    pool_id=pool_id,
                    name=name,
                    secret=secret,
                    settings=json.dumps(client.settings),
                    created_at=now,
                    modified_at=now,
                )
            )
        return client

    def client(self, client_id: str, *, pool_id: str | None = None) -> PoolClient:
        """Find an app client, of one pool if ``pool_id`` is given.

        Raises
        ------
        ServiceError
            ``ResourceNotFoundException`` if there is none, or it is another pool's.
        """
        query = sa.select(_CLIENTS).where(_CLIENTS.c.client_id == client_id)
        if pool_id is not None:
            query = query.where(_CLIENTS.c.pool_id == self.get(pool_id).pool_id)
        with self._store.reading() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            raise no_such(f"User pool client {client_id}")
        return _client(row)

    def clients(self, pool_id: str) -> list[PoolClient]:
        """All app clients of a pool, in no particular order."""
        query = sa.select(_CLIENTS).where(_CLIENTS.c.pool_id == self.get(pool_id).pool_id)
        with self._store.reading() as connection:
            return [_client(row) for row in connection.execute(query).all()]

    def update_client(
        self, pool_id: str, client_id: str, *, name: str | None, settings: Mapping[str, Any]
    ) -> PoolClient:
        """Replace the settings of an app client, and its name if one is given."""
        with self._store.begin() as connection:
            client = self.client(client_id, pool_id=pool_id)
            connection.execute(
                sa.update(_CLIENTS)
                .where(_CLIENTS.c.client_id == client_id)
                .values(
                    name=name or client.name,
                    settings=json.dumps(dict(settings)),
                    modified_at=self._clock(),
                )
            )
            return self.client(client_id)

    def delete_client(self, pool_id: str, client_id: str) -> None:
        """Delete an app client."""
        with self._store.begin() as connection:
            self.client(client_id, pool_id=pool_id)
            connection.execute(sa.delete(_CLIENTS).where(_CLIENTS.c.client_id == client_id))

    def _set(self, pool_id: str, *, stamp: bool = False, **values: Any) -> None:
        if stamp:
            values["modified_at"] = self._clock()
        with self._store.begin() as connection:
            connection.execute(
                sa.update(_POOLS).where(_POOLS.c.pool_id == pool_id).values(**values)
            )

    def _where(self, condition: sa.ColumnElement[bool]) -> list[Pool]:
        with self._store.reading() as connection:
            rows = connection.execute(sa.select(_POOLS).where(condition)).all()
        return [
            Pool(r.pool_id, r.name, json.loads(r.settings), r.domain, r.created_at, r.modified_at)
            for r in rows
        ]


def no_such(what: str) -> ServiceError:
    """Cognito's ResourceNotFoundException: ``what`` does not exist."""
    return ServiceError("ResourceNotFoundException", f"{what} does not exist.")


def _client(row: Any) -> PoolClient:
    return PoolClient(
        row.client_id,
        row.pool_id,
        row.name,
        row.secret,
        json.loads(row.settings),
        row.created_at,
        row.modified_at,
    )


def _digits(hexadecimal: str, alphabet: str, length: int) -> str:
    number, digits = int(hexadecimal, 16), []
    for _ in range(length):
        number, digit = divmod(number, len(alphabet))
        digits.append(alphabet[digit])
    return "".join(reversed(digits))

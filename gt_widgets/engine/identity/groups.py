"""Groups of a user pool and who belongs to them.

Layer: engine. Work teams are made of groups.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from gt_widgets.engine import tables
from gt_widgets.errors import ServiceError

if TYPE_CHECKING:
    from gt_widgets.engine.clock import Clock
    from gt_widgets.engine.identity.pools import Pools
    from gt_widgets.engine.store import Store

__all__ = ["Group", "Groups"]

_GROUPS, _MEMBERS = tables.groups, tables.memberships


@dataclass(frozen=True, slots=True)
class Group:
    """One group of a user pool; times are epoch seconds."""

    pool_id: str
    name: str
    description: str | None
    role_arn: str | None
    precedence: int | None
    created_at: float
    modified_at: float


class Groups:
    """Creates, finds and changes groups and memberships.

    Parameters
    ----------
    store : Store
        Where they are kept.
    clock : callable
        Epoch seconds.
    pools : Pools
        The pools they belong to.
    """

    def __init__(self, store: Store, *, clock: Clock, pools: Pools) -> None:
        self._store, self._clock, self._pools = store, clock, pools

    def create(
        self,
        pool_id: str,
        name: str,
        *,
        description: str | None = None,
        role_arn: str | None = None,
        precedence: int | None = None,
    ) -> Group:
        """Create a group.

        Raises
        ------
        ServiceError
            ``GroupExistsException`` if the pool has one of that name.
        """
        now = self._clock()
        with self._store.begin() as connection:
            self._pools.get(pool_id)
            if self._find(pool_id, name):
                raise ServiceError("GroupExistsException", "A group with the name already exists.")
            connection.execute(
                sa.insert(_GROUPS).values(
                    pool_id=pool_id,
                    name=name,
                    description=description,
                    role_arn=role_arn,
                    precedence=precedence,
                    created_at=now,
                    modified_at=now,
                )
            )
        return Group(pool_id, name, description, role_arn, precedence, now, now)

    def get(self, pool_id: str, name: str) -> Group:
        """Find a group.

        Raises
        ------
        ServiceError
            ``ResourceNotFoundException`` if the pool has none of that name.
        """
        self._pools.get(pool_id)
        found = self._find(pool_id, name)
        if found is None:
            raise ServiceError("ResourceNotFoundException", f"Group not found: {name!r}.")
        return found

    def all(self, pool_id: str) -> list[Group]:
        """All groups of a pool, by name."""
        self._pools.get(pool_id)
        query = sa.select(_GROUPS).where(_GROUPS.c.pool_id == pool_id).order_by(_GROUPS.c.name)
        with self._store.reading() as connection:
            return [Group(*row) for row in connection.execute(query).all()]

    def update(self, pool_id: str, name: str, **values: Any) -> Group:
        """Change ``description``, ``role_arn`` or ``precedence``."""
        with self._store.begin() as connection:
            self.get(pool_id, name)
            connection.execute(
                sa.update(_GROUPS)
                .where(_GROUPS.c.pool_id == pool_id, _GROUPS.c.name == name)
                .values(modified_at=self._clock(), **values)
            )
            return self.get(pool_id, name)

    def delete(self, pool_id: str, name: str) -> None:
        """Delete a group; its members stay users of the pool."""
        with self._store.begin() as connection:
            self.get(pool_id, name)
            connection.execute(
                sa.delete(_MEMBERS).where(
                    _MEMBERS.c.pool_id == pool_id, _MEMBERS.c.group_name == name
                )
            )
            connection.execute(
                sa.delete(_GROUPS).where(_GROUPS.c.pool_id == pool_id, _GROUPS.c.name == name)
            )

    def add(self, pool_id: str, name: str, sub: str) -> None:
        """Put a user into a group; no change if it is there."""
        with self._store.begin() as connection:
            self.get(pool_id, name)
            if (pool_id, name) not in self.of(sub):
                connection.execute(
                    sa.insert(_MEMBERS).values(pool_id=pool_id, group_name=name, sub=sub)
                )

    def remove(self, pool_id: str, name: str, sub: str) -> None:
        """Take a user out of a group; no change if it is not there."""
        with self._store.begin() as connection:
            self.get(pool_id, name)
            connection.execute(
                sa.delete(_MEMBERS).where(
                    _MEMBERS.c.pool_id == pool_id,
                    _MEMBERS.c.group_name == name,
                    _MEMBERS.c.sub == sub,
                )
            )

    def of(self, sub: str) -> set[tuple[str, str]]:
        """Pool id and name of every group that a user is in."""
        query = sa.select(_MEMBERS.c.pool_id, _MEMBERS.c.group_name).where(_MEMBERS.c.sub == sub)
        with self._store.reading() as connection:
            return {(row.pool_id, row.group_name) for row in connection.execute(query).all()}

    def _find(self, pool_id: str, name: str) -> Group | None:
        query = sa.select(_GROUPS).where(_GROUPS.c.pool_id == pool_id, _GROUPS.c.name == name)
        with self._store.reading() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else Group(*row)

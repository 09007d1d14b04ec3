"""The version of a store's tables, and what brings an older store up to date.

Layer: engine. One row of ``facts`` holds the version. A step changes what is there; tables that
are new are made afterwards, with all others that are missing.
"""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from gt_widgets.engine import tables
from gt_widgets.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["SCHEMA_VERSION", "check_version", "facts_of"]

SCHEMA_VERSION = 2
_NAME: Any = tables.facts.c["name"]
_VALUE: Any = tables.facts.c["value"]


class _Facts(MutableMapping[str, str]):
    """The table ``facts`` as a mapping, within one transaction."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def __getitem__(self, name: str) -> str:
        value = self._connection.scalar(sa.select(_VALUE).where(name == _NAME))
        if value is None:
            raise KeyError(name)
        return str(value)

    def __setitem__(self, name: str, value: str) -> None:
        if name in self:
            self._connection.execute(
                sa.update(tables.facts).where(name == _NAME).values(value=value)
            )
        else:
            self._connection.execute(sa.insert(tables.facts).values(name=name, value=value))

    def __delitem__(self, name: str) -> None:
        self._connection.execute(sa.delete(tables.facts).where(name == _NAME))

    def __iter__(self) -> Iterator[str]:
        return iter(self._connection.scalars(sa.select(_NAME)).all())

    def __len__(self) -> int:
        return len(list(iter(self)))


def facts_of(connection: sa.Connection) -> MutableMapping[str, str]:
    """Durable facts of the store that a transaction is in."""
    return _Facts(connection)


def check_version(connection: sa.Connection, place: str) -> None:
    """Write the version of a new store, bring an older one up to date, refuse a newer one.

    Raises
    ------
    StoreError
        If the store was written by a newer version.
    """
    tables.facts.create(connection, checkfirst=True)
    facts = facts_of(connection)
    text = facts.setdefault("schema_version", str(SCHEMA_VERSION))
    found = int(text) if text.isascii() and text.isdecimal() else 0
    if not found:
        raise StoreError(
            f"{place} cannot be read as an engine store: its schema version is {text[:20]!r}. "
            "Keep it (answers may be recovered from it) and start again with another store."
        )
    if found > SCHEMA_VERSION:
        raise StoreError(
            f"{place} has schema version {found}, this gt_widgets knows {SCHEMA_VERSION}. "
            "Install a newer gt_widgets, or use another store."
        )
    for version in range(found + 1, SCHEMA_VERSION + 1):
        _STEPS[version](connection)
        facts["schema_version"] = str(version)


def _to_2(connection: sa.Connection) -> None:
    """Tallies are kept in a table; jobs know how many objects came labeled."""
    tables.tallies.create(connection)
    responses, jobs, objects = tables.responses.c, tables.jobs.c, tables.data_objects.c
    counted = sa.select(
        responses.job_id, responses.sub, sa.func.count(), sa.func.sum(responses.time_spent_s)
    ).group_by(responses.job_id, responses.sub)
    names = ["job_id", "sub", "answers", "seconds"]
    connection.execute(sa.insert(tables.tallies).from_select(names, counted))
    connection.execute(sa.text("ALTER TABLE jobs ADD COLUMN kept INTEGER NOT NULL DEFAULT 0"))
    kept = (
        sa.select(sa.func.count())
        .where(objects.job_id == jobs.job_id, objects.state == "kept")
        .scalar_subquery()
    )
    connection.execute(sa.update(tables.jobs).values(kept=kept))


_STEPS: Mapping[int, Callable[[sa.Connection], None]] = {2: _to_2}
"""What leads to each version from the one before; SQLite is the only store that has version 1."""

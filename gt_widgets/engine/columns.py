"""What the tables share: where they are listed, and the type of a name.

Layer: engine.
"""

from __future__ import annotations

from sqlalchemy import MetaData, String

__all__ = ["metadata", "name"]

metadata = MetaData()


def name(characters: int) -> String:
    """Return the type of a short text that is compared, sorted or looked up.

    By code point on SQLite and PostgreSQL alike, whatever the database's collation.
    """
    return String(characters).with_variant(String(characters, collation="C"), "postgresql")

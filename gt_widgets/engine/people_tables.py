"""The tables of people: user pools, sign-in, teams, mails; and the tags of every resource.

Layer: engine. As ``tables.py``, which names them all.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Integer,
    Table,
    Text,
    UniqueConstraint,
)

from gt_widgets.engine.columns import metadata
from gt_widgets.engine.columns import name as _name

__all__ = [
    "groups",
    "mails",
    "memberships",
    "pool_clients",
    "sessions",
    "tags",
    "user_pools",
    "users",
    "workforces",
    "workteams",
]

user_pools = Table(
    "user_pools",
    metadata,
    Column("pool_id", _name(55), primary_key=True),
    Column("name", _name(128), nullable=False),
    Column("settings", Text, nullable=False),
    Column("domain", _name(63), unique=True),
    Column("created_at", Float, nullable=False),
    Column("modified_at", Float, nullable=False),
)

pool_clients = Table(
    "pool_clients",
    metadata,
    Column("client_id", _name(128), primary_key=True),
    Column("pool_id", ForeignKey("user_pools.pool_id", ondelete="CASCADE"), nullable=False),
    Column("name", _name(128), nullable=False),
    Column("secret", _name(64)),
    Column("settings", Text, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("modified_at", Float, nullable=False),
)

groups = Table(
    "groups",
    metadata,
    Column("pool_id", ForeignKey("user_pools.pool_id", ondelete="CASCADE"), primary_key=True),
    Column("name", _name(128), primary_key=True),
    Column("description", Text),
    Column("role_arn", Text),
    Column("precedence", Integer),
    Column("created_at", Float, nullable=False),
    Column("modified_at", Float, nullable=False),
)

users = Table(
    "users",
    metadata,
    Column("sub", _name(36), primary_key=True),
    Column("pool_id", ForeignKey("user_pools.pool_id", ondelete="CASCADE"), nullable=False),
    Column("user_name", _name(128), nullable=False),
    Column("attributes", Text, nullable=False),
    Column("password_hash", Text),
    Column("password_expires_at", Float),
    Column("status", _name(32), nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("simulated", Boolean, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("modified_at", Float, nullable=False),
    UniqueConstraint("pool_id", "user_name"),
)

memberships = Table(
    "memberships",
    metadata,
    Column("pool_id", _name(55), primary_key=True),
    Column("group_name", _name(128), primary_key=True),
    Column("sub", ForeignKey("users.sub", ondelete="CASCADE"), primary_key=True),
)

sessions = Table(
    "sessions",
    metadata,
    Column("token_hash", _name(64), primary_key=True),
    Column("kind", _name(16), nullable=False),
    Column("sub", ForeignKey("users.sub", ondelete="CASCADE"), nullable=False),
    Column("client_id", _name(128)),
    Column("created_at", Float, nullable=False),
    Column("expires_at", Float, nullable=False),
)

mails = Table(
    "mails",
    metadata,
    Column("mail_id", Integer, primary_key=True, autoincrement=True),
    Column("recipient", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("details", Text, nullable=False),
    Column("sent_at", Float, nullable=False),
)

workforces = Table(
    "workforces",
    metadata,
    Column("name", _name(63), primary_key=True),
    Column("document", Text, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("modified_at", Float, nullable=False),
)

workteams = Table(
    "workteams",
    metadata,
    Column("name", _name(63), primary_key=True),
    Column("arn", _name(256), nullable=False, unique=True),
    Column("document", Text, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("modified_at", Float, nullable=False),
)

tags = Table(
    "tags",
    metadata,
    Column("arn", _name(2048), primary_key=True),
    Column("key", _name(128), primary_key=True),
    Column("value", _name(256), nullable=False),
    Column("position", Integer, nullable=False),
)

"""The tables of the state folder, as SQLAlchemy Core describes them.

Layer: engine. One schema for SQLite and PostgreSQL. Names sort and compare by code point on both,
whatever the database's collation. Times are epoch seconds (float). JSON travels as text, written by
``json.dumps``. People have theirs in ``people_tables.py``.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
)

from gt_widgets.engine.columns import metadata
from gt_widgets.engine.columns import name as _name
from gt_widgets.engine.people_tables import (
    groups,
    mails,
    memberships,
    pool_clients,
    sessions,
    tags,
    user_pools,
    users,
    workforces,
    workteams,
)

__all__ = [
    "automations",
    "buckets",
    "commits",
    "conductors",
    "consolidations",
    "data_objects",
    "facts",
    "forecasts",
    "groups",
    "human_task_uis",
    "jobs",
    "log_events",
    "mails",
    "memberships",
    "metadata",
    "models",
    "pool_clients",
    "refusals",
    "responses",
    "sessions",
    "stream_messages",
    "stream_objects",
    "subscriptions",
    "tags",
    "tallies",
    "tasks",
    "topics",
    "user_pools",
    "users",
    "workforces",
    "workteams",
]

# rows that change all the time: room on the page for the next version, vacuum after fewer changes
_BUSY = {"fillfactor": 80, "autovacuum_vacuum_scale_factor": 0.02}

facts = Table(
    "facts",
    metadata,
    Column("name", _name(64), primary_key=True),
    Column("value", Text, nullable=False),
)

# --- labeling ---------------------------------------------------------------------------------

jobs = Table(
    "jobs",
    metadata,
    Column("job_id", Integer, primary_key=True, autoincrement=True),
    Column("name", _name(63), nullable=False),
    Column("name_key", _name(63), nullable=False, unique=True),
    Column("arn", _name(2048), nullable=False, unique=True),
    Column("reference_code", _name(64), nullable=False),
    Column("request", Text, nullable=False),
    Column("task_type", _name(64), nullable=False),
    Column("workteam_arn", _name(256), nullable=False),
    Column("status", _name(16), nullable=False),
    Column("failure_reason", _name(1024)),
    Column("categories", Text, nullable=False),
    Column("instructions", Text, nullable=False),
    Column("seed", Integer, nullable=False),
    Column("iteration", Integer, nullable=False),
    Column("total", Integer, nullable=False),
    Column("kept", Integer, nullable=False, server_default="0"),
    Column("human_labeled", Integer, nullable=False),
    Column("machine_labeled", Integer, nullable=False),
    Column("failed", Integer, nullable=False),
    Column("manifest_stale", Boolean, nullable=False),
    Column("manifest_written_at", Float, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("modified_at", Float, nullable=False),
    Index("jobs_by_time", "created_at", "job_id"),
    Index("jobs_by_team", "workteam_arn", "created_at"),
    Index("jobs_by_status", "status"),
)

data_objects = Table(
    "data_objects",
    metadata,
    Column("job_id", ForeignKey("jobs.job_id"), primary_key=True),
    Column("object_id", Integer, primary_key=True),
    Column("state", _name(16), nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("length", Integer, nullable=False),
    Column("iteration", Integer),
    Column("expires_at", Float),
    Column("finished_at", Float),
    Column("consolidation_id", Integer),
    Column("width", Integer),
    Column("height", Integer),
    Column("depth", Integer),
    Column("label", Text),
    Index("objects_by_state", "job_id", "state", "object_id"),
    Index("objects_by_consolidation", "consolidation_id"),
    postgresql_with=_BUSY,
)

tasks = Table(
    "tasks",
    metadata,
    Column("task_id", _name(32), primary_key=True),
    Column("job_id", ForeignKey("jobs.job_id"), nullable=False),
    Column("object_id", Integer, nullable=False),
    Column("slot", Integer, nullable=False),
    Column("state", _name(16), nullable=False),
    Column("sub", _name(36)),
    Column("lease", _name(32)),
    Column("accepted_at", Float),
    Column("began_at", Float),
    Column("lease_until", Float),
    Column("draft", Text),
    UniqueConstraint("job_id", "object_id", "slot"),
    # two tabs of one worker can never hold two slots of one object (SQL: NULLs are distinct)
    UniqueConstraint("job_id", "object_id", "sub"),
    Index("tasks_by_state", "job_id", "state", "slot", "object_id"),
    Index("tasks_by_lease", "job_id", "state", "lease_until"),
    Index("tasks_by_worker", "sub", "state"),
    postgresql_with=_BUSY,
)

responses = Table(
    "responses",
    metadata,
    Column("task_id", ForeignKey("tasks.task_id"), primary_key=True),
    Column("lease", _name(32), nullable=False),
    Column("key", _name(64), nullable=False, unique=True),
    Column("job_id", Integer, nullable=False),
    Column("object_id", Integer, nullable=False),
    Column("sub", _name(36), nullable=False),
    Column("content", Text, nullable=False),
    Column("accepted_at", Float, nullable=False),
    Column("submitted_at", Float, nullable=False),
    Column("time_spent_s", Float, nullable=False),
    Index("responses_by_object", "job_id", "object_id"),
    Index("responses_by_worker", "job_id", "sub"),
)

tallies = Table(
    "tallies",
    metadata,
    Column("job_id", Integer, primary_key=True),
    Column("sub", _name(36), primary_key=True),
    Column("answers", Integer, nullable=False),
    Column("seconds", Float, nullable=False),
)

refusals = Table(
    "refusals",
    metadata,
    Column("job_id", Integer, primary_key=True),
    Column("object_id", Integer, primary_key=True),
    Column("sub", _name(36), primary_key=True),
    Column("kind", _name(16), nullable=False),
    Column("refused_at", Float, nullable=False),
)

consolidations = Table(
    "consolidations",
    metadata,
    Column("consolidation_id", Integer, primary_key=True, autoincrement=True),
    Column("job_id", ForeignKey("jobs.job_id"), nullable=False),
    Column("iteration", Integer, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("done", Boolean, nullable=False),
    Index("consolidations_by_job", "job_id", "iteration", "created_at"),
)

conductors = Table(
    "conductors",
    metadata,
    Column("job_id", Integer, primary_key=True),
    Column("server_id", _name(32), nullable=False),
)

# --- automated data labeling ------------------------------------------------------------------

automations = Table(
    "automations",
    metadata,
    Column("job_id", ForeignKey("jobs.job_id"), primary_key=True),
    Column("step", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("report", Text),
    Column("refusal", Text),
    Column("decided_at", Float, nullable=False),
    Column("committed", Boolean, nullable=False),
    Column("machine", Integer, nullable=False),
)

# what the machine of a job could be held to, were people asked no further
forecasts = Table(
    "forecasts",
    metadata,
    Column("job_id", ForeignKey("jobs.job_id"), primary_key=True),
    Column("step", Integer, nullable=False),
    Column("people", Integer, nullable=False),
    Column("found", Text, nullable=False),
    Column("made_at", Float, nullable=False),
)

# requesters who want no more questions; the iteration is that of the batch it cut short, or 0
commits = Table(
    "commits",
    metadata,
    Column("job_id", ForeignKey("jobs.job_id"), primary_key=True),
    Column("rest", _name(16), nullable=False),
    Column("asked_at", Float, nullable=False),
    Column("iteration", Integer),
)

models = Table(
    "models",
    metadata,
    Column("name", _name(63), primary_key=True),
    Column("arn", _name(2048), nullable=False, unique=True),
    Column("job_id", ForeignKey("jobs.job_id"), nullable=False, unique=True),
    Column("algorithm", _name(64), nullable=False),
    Column("categories", Text, nullable=False),
    Column("uri", Text, nullable=False),
    Column("created_at", Float, nullable=False),
)

# --- files and logs ---------------------------------------------------------------------------

buckets = Table(
    "buckets",
    metadata,
    Column("name", _name(63), primary_key=True),
    Column("region", _name(64), nullable=False),
    Column("created_at", Float, nullable=False),
    Column("cors", Text),
)

log_events = Table(
    "log_events",
    metadata,
    Column("sequence", Integer, primary_key=True, autoincrement=True),
    Column("log_group", _name(512), nullable=False),
    Column("stream", _name(512), nullable=False),
    Column("logged_at", Float, nullable=False),
    Column("message", Text, nullable=False),
    Index("events_by_stream", "log_group", "stream", "sequence"),
)

# --- streaming --------------------------------------------------------------------------------

topics = Table(
    "topics",
    metadata,
    Column("arn", _name(2048), primary_key=True),
    Column("attributes", Text, nullable=False),
    Column("created_at", Float, nullable=False),
)

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("arn", _name(2048), primary_key=True),
    Column("topic_arn", ForeignKey("topics.arn", ondelete="CASCADE"), nullable=False),
    Column("protocol", _name(32), nullable=False),
    Column("endpoint", _name(2048), nullable=False),
    Column("created_at", Float, nullable=False),
    UniqueConstraint("topic_arn", "protocol", "endpoint"),
)

stream_messages = Table(
    "stream_messages",
    metadata,
    Column("sequence", Integer, primary_key=True, autoincrement=True),
    Column("job_id", ForeignKey("jobs.job_id"), nullable=False),
    Column("dedup_id", Text, nullable=False),
    Column("line", Text, nullable=False),
    Column("received_at", Float, nullable=False),
    Index("messages_by_job", "job_id", "sequence"),
)

stream_objects = Table(
    "stream_objects",
    metadata,
    Column("job_id", ForeignKey("jobs.job_id"), primary_key=True),
    Column("dedup_hash", _name(64), primary_key=True),
    Column("object_id", Integer),
    Column("announced", Boolean, nullable=False),
    Index("stream_objects_by_job", "job_id", "announced", "object_id"),
)

human_task_uis = Table(
    "human_task_uis",
    metadata,
    Column("name", _name(63), primary_key=True),
    Column("arn", _name(1024), nullable=False, unique=True),
    Column("content", Text, nullable=False),
    Column("sha256", _name(64), nullable=False),
    Column("created_at", Float, nullable=False),
)

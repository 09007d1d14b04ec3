"""Which objects there are: an SQLite file beside the blobs.

Layer: engine (imports only ``errors`` and its own package). One connection, one lock: callers
read inside `Index.reading` and write inside `Index.writing`, which is one transaction, flushed
to disk before it returns. Keys are kept as UTF-8 bytes, so the index order is S3's.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

from gt_widgets.engine.objects.records import (
    Attributes,
    BucketInfo,
    ObjectInfo,
    PartInfo,
    UploadInfo,
)
from gt_widgets.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

__all__ = ["SCHEMA_VERSION", "Index"]

SCHEMA_VERSION = 1
"""Kept in the file's ``user_version``; older code refuses newer files."""

_SCHEMA = """
CREATE TABLE bucket (
    name TEXT PRIMARY KEY, region TEXT NOT NULL, created REAL NOT NULL, cors TEXT
) WITHOUT ROWID;
CREATE TABLE object (
    bucket TEXT NOT NULL REFERENCES bucket (name), key BLOB NOT NULL, version TEXT NOT NULL,
    size INTEGER NOT NULL, etag TEXT NOT NULL, modified REAL NOT NULL, parts INTEGER NOT NULL,
    checksums TEXT NOT NULL, checksum_type TEXT NOT NULL, attributes TEXT NOT NULL,
    PRIMARY KEY (bucket, key)
) WITHOUT ROWID;
CREATE TABLE upload (
    bucket TEXT NOT NULL REFERENCES bucket (name), key BLOB NOT NULL, upload_id TEXT NOT NULL,
    initiated REAL NOT NULL, algorithm TEXT NOT NULL, checksum_type TEXT NOT NULL,
    attributes TEXT NOT NULL,
    PRIMARY KEY (bucket, key, upload_id)
) WITHOUT ROWID;
CREATE TABLE part (
    version TEXT NOT NULL, number INTEGER NOT NULL, blob TEXT NOT NULL UNIQUE,
    size INTEGER NOT NULL, etag TEXT NOT NULL, modified REAL NOT NULL, checksums TEXT NOT NULL,
    PRIMARY KEY (version, number)
) WITHOUT ROWID;
"""

_OBJECT = "bucket, key, version, size, etag, modified, parts, checksums, checksum_type, attributes"
_UPLOAD = "bucket, key, upload_id, initiated, algorithm, checksum_type, attributes"
_PART = "number, blob, size, etag, modified, checksums"


class Index:
    """The tables of one store.

    Parameters
    ----------
    path : Path
        The SQLite file, created if absent.

    Raises
    ------
    StoreError
        If the file is damaged, is no index, or was written by a newer version.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.RLock()
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        try:
            self._open()
        except sqlite3.DatabaseError as error:
            self._db.close()
            raise self._damaged(str(error)) from error
        except StoreError:
            self._db.close()
            raise

    def _open(self) -> None:
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.execute("PRAGMA foreign_keys=ON")
        (version,) = self._db.execute("PRAGMA user_version").fetchone()
        if version > SCHEMA_VERSION:
            raise StoreError(
                f"{self._path}: written by a newer gt_widgets (schema {version}, this one "
                f"reads up to {SCHEMA_VERSION}). Upgrade gt_widgets, or use another folder."
            )
        if version == 0:
            self._db.executescript(
                f"BEGIN IMMEDIATE; {_SCHEMA} PRAGMA user_version={SCHEMA_VERSION}; COMMIT"
            )
        (verdict,) = self._db.execute("PRAGMA quick_check(1)").fetchone()
        if verdict != "ok":
            raise self._damaged(verdict)

    def _damaged(self, problem: str) -> StoreError:
        return StoreError(
            f"{self._path}: not a readable object index ({problem}). Restore this file from "
            f"a backup, or start with an empty folder."
        )

    def close(self) -> None:
        """Close the file; the index is unusable afterwards."""
        with self._lock:
            self._db.close()

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Hold the index still while several questions belong together."""
        with self._lock:
            yield

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One transaction: all of it is on disk at the end of the block, or none."""
        with self._lock:
            try:
                self._db.execute("BEGIN IMMEDIATE")
                yield
                self._db.execute("COMMIT")
            except BaseException as error:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                if isinstance(error, sqlite3.OperationalError):
                    raise StoreError(
                        f"{self._path}: cannot write: {error}. Free some space or check the "
                        f"permissions; nothing was changed."
                    ) from error
                raise

    # Buckets

    def add_bucket(self, bucket: BucketInfo) -> None:
        """Insert one bucket."""
        row = (bucket.name, bucket.region, bucket.created)
        self._db.execute("INSERT INTO bucket (name, region, created) VALUES (?, ?, ?)", row)

    def bucket(self, name: str) -> BucketInfo | None:
        """Return one bucket."""
        query = "SELECT name, region, created FROM bucket WHERE name = ?"
        row = self._db.execute(query, (name,)).fetchone()
        return BucketInfo(*row) if row else None

    def buckets(self) -> list[BucketInfo]:
        """Return all buckets by name."""
        rows = self._db.execute("SELECT name, region, created FROM bucket ORDER BY name")
        return [BucketInfo(*row) for row in rows]

    def holds_objects(self, bucket: str) -> bool:
        """Tell whether the bucket has any object."""
        query = "SELECT 1 FROM object WHERE bucket = ? LIMIT 1"
        return self._db.execute(query, (bucket,)).fetchone() is not None

    def drop_bucket(self, name: str) -> None:
        """Delete one empty bucket."""
        self._db.execute("DELETE FROM bucket WHERE name = ?", (name,))

    def cors(self, bucket: str) -> list[dict[str, Any]] | None:
        """Return the CORS rules of a bucket, None if it has no configuration."""
        query = "SELECT cors FROM bucket WHERE name = ?"
        (text,) = self._db.execute(query, (bucket,)).fetchone()
        rules: list[dict[str, Any]] | None = json.loads(text) if text else None
        return rules

    def set_cors(self, bucket: str, rules: list[dict[str, Any]] | None) -> None:
        """Replace the CORS rules of a bucket; None removes the configuration."""
        text = None if rules is None else json.dumps(rules)
        self._db.execute("UPDATE bucket SET cors = ? WHERE name = ?", (text, bucket))

    # Objects

    def object(self, bucket: str, key: bytes) -> ObjectInfo | None:
        """Return one object."""
        query = f"SELECT {_OBJECT} FROM object WHERE bucket = ? AND key = ?"  # noqa: S608
        row = self._db.execute(query, (bucket, key)).fetchone()
        return _object(row) if row else None

    def set_object(self, info: ObjectInfo) -> None:
        """Insert one object, or replace the one of that key."""
        row = (
            *(info.bucket, info.key.encode(), info.version, info.size, info.etag),
            *(info.last_modified, info.parts, json.dumps(dict(info.checksums))),
            *(info.checksum_type, _attributes_text(info)),
        )
        query = f"INSERT OR REPLACE INTO object ({_OBJECT}) VALUES ({_marks(row)})"  # noqa: S608
        self._db.execute(query, row)

    def drop_object(self, bucket: str, key: bytes) -> None:
        """Delete one object's row."""
        self._db.execute("DELETE FROM object WHERE bucket = ? AND key = ?", (bucket, key))

    def scan(self, bucket: str, low: bytes, high: bytes | None) -> Iterator[ObjectInfo]:
        """Yield objects with ``low <= key < high`` in key order, fetched as they are taken."""
        query = f"SELECT {_OBJECT} FROM object WHERE bucket = ? AND key >= ?"  # noqa: S608
        values: list[Any] = [bucket, low]
        if high is not None:
            query, values = query + " AND key < ?", [*values, high]
        with closing(self._db.execute(query + " ORDER BY key", values)) as rows:
            for row in rows:
                yield _object(row)

    # Multipart uploads

    def add_upload(self, upload: UploadInfo) -> None:
        """Insert one upload."""
        row = (
            *(upload.bucket, upload.key.encode(), upload.upload_id, upload.initiated),
            *(upload.algorithm, upload.checksum_type, _attributes_text(upload.attributes)),
        )
        self._db.execute(f"INSERT INTO upload ({_UPLOAD}) VALUES ({_marks(row)})", row)  # noqa: S608

    def upload(self, bucket: str, key: bytes, upload_id: str) -> UploadInfo | None:
        """Return one upload."""
        query = f"SELECT {_UPLOAD} FROM upload WHERE bucket = ? AND key = ? AND upload_id = ?"  # noqa: S608
        row = self._db.execute(query, (bucket, key, upload_id)).fetchone()
        return _upload(row) if row else None

    def uploads(self, bucket: str) -> list[UploadInfo]:
        """Return the uploads of a bucket by key, then by upload id."""
        query = f"SELECT {_UPLOAD} FROM upload WHERE bucket = ? ORDER BY key, upload_id"  # noqa: S608
        return [_upload(row) for row in self._db.execute(query, (bucket,))]

    def drop_upload(self, upload: UploadInfo) -> None:
        """Delete one upload's row."""
        self._db.execute(
            "DELETE FROM upload WHERE bucket = ? AND key = ? AND upload_id = ?",
            (upload.bucket, upload.key.encode(), upload.upload_id),
        )

    # Parts: the files of an object's version or of an upload

    def set_part(self, version: str, part: PartInfo) -> None:
        """Insert one part, or replace the one of that number."""
        row = (version, *_part_row(part))
        query = f"INSERT OR REPLACE INTO part (version, {_PART}) VALUES ({_marks(row)})"  # noqa: S608
        self._db.execute(query, row)

    def parts(self, version: str) -> list[PartInfo]:
        """Return the parts of a version or upload by number."""
        query = f"SELECT {_PART} FROM part WHERE version = ? ORDER BY number"  # noqa: S608
        return [_part(row) for row in self._db.execute(query, (version,))]

    def drop_parts(self, version: str, keep: Iterable[int] = ()) -> list[str]:
        """Delete the parts of a version but for some; return the blobs they held."""
        kept = set(keep)
        gone = [part for part in self.parts(version) if part.number not in kept]
        self._db.executemany(
            "DELETE FROM part WHERE version = ? AND number = ?",
            [(version, part.number) for part in gone],
        )
        return [part.blob for part in gone]

    def blobs_under(self, prefix: str) -> set[str]:
        """Return the names of all stored blobs that begin with ``prefix``."""
        query = "SELECT blob FROM part WHERE blob >= ? AND blob < ?"
        return {blob for (blob,) in self._db.execute(query, (prefix, prefix + "~"))}


def _marks(row: tuple[Any, ...]) -> str:
    return ", ".join("?" * len(row))


def _attributes_text(info: ObjectInfo | Attributes) -> str:
    maps: tuple[Mapping[str, str], ...] = (info.metadata, info.headers, info.tags)
    return json.dumps([info.content_type, *(dict(one) for one in maps)])


def _object(row: tuple[Any, ...]) -> ObjectInfo:
    bucket, key, version, size, etag, modified, parts, checksums, kind, attributes = row
    content_type, metadata, headers, tags = json.loads(attributes)
    return ObjectInfo(
        bucket=bucket,
        key=key.decode(),
        size=size,
        etag=etag,
        last_modified=modified,
        content_type=content_type,
        metadata=metadata,
        headers=headers,
        tags=tags,
        checksums=json.loads(checksums),
        checksum_type=kind,
        parts=parts,
        version=version,
    )


def _upload(row: tuple[Any, ...]) -> UploadInfo:
    bucket, key, upload_id, initiated, algorithm, checksum_type, attributes = row
    return UploadInfo(
        upload_id=upload_id,
        bucket=bucket,
        key=key.decode(),
        initiated=initiated,
        attributes=Attributes(*json.loads(attributes)),
        algorithm=algorithm,
        checksum_type=checksum_type,
    )


def _part_row(part: PartInfo) -> tuple[Any, ...]:
    checksums = json.dumps(dict(part.checksums))
    return (part.number, part.blob, part.size, part.etag, part.last_modified, checksums)


def _part(row: tuple[Any, ...]) -> PartInfo:
    number, blob, size, etag, modified, checksums = row
    return PartInfo(number, blob, size, etag, modified, json.loads(checksums))

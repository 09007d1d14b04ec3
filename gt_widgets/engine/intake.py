"""Reading a job's manifest, and checking its pictures before workers get them.

Layer: engine. The manifest is copied into the state folder while it is read, so that a job keeps
its own snapshot whatever happens to the file in S3.
"""

from __future__ import annotations

import os
import threading
from collections import Counter
from typing import TYPE_CHECKING, Any, BinaryIO

import msgspec
import sqlalchemy as sa

from gt_widgets.engine.pictures import Picture, measure
from gt_widgets.engine.preflight import refuse_missing_classes
from gt_widgets.engine.tables import data_objects, jobs
from gt_widgets.engine.unreadable import unreadable_as
from gt_widgets.errors import (
    ImageError,
    ResourceNotFoundError,
    ServiceError,
    StoreError,
    ValidationError,
)
from gt_widgets.schema.arns import s3_parts
from gt_widgets.schema.limits import IMAGE_BYTES
from gt_widgets.schema.manifest import DataObject, parse_line, read_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from gt_widgets.engine.jobs import Job
    from gt_widgets.engine.objects import Objects
    from gt_widgets.engine.store import Store

__all__ = ["MAX_OBJECTS", "Intake", "lane_of_job", "location_of"]

MAX_OBJECTS = "max_objects"
"""The fact that holds an engine's own limit of objects per job."""
_CHUNK = 1 << 18
"""Bytes read at once; the header of nearly every picture lies within."""
_ROWS = 5000
"""Lines that are stored in one transaction: none holds the store for long."""
_raw_members = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


def location_of(data_object: DataObject) -> str:
    """Return the location or text that workers are shown; ``source`` goes first (2.1)."""
    return data_object.source if data_object.source is not None else data_object.source_ref or ""


_LAST = (
    sa.select(data_objects.c.position, data_objects.c.length)
    .where(data_objects.c.job_id == sa.bindparam("job"))
    .order_by(data_objects.c.object_id.desc())
    .limit(1)
)


def lane_of_job(job: Job) -> str:
    """Name the lane of what only a job's conductor does: to objects that no worker has."""
    return f"job {job.job_id}"


class Intake:
    """Reads manifests and pictures of labeling jobs."""

    def __init__(self, store: Store, objects: Objects, folder: Path) -> None:
        self._store, self._objects, self._folder = store, objects, folder
        self._fetching = threading.Lock()
        folder.mkdir(parents=True, exist_ok=True)

    def snapshot(self, job: Job) -> Path:
        """Where the job's own copy of its input manifest lies, all of it."""
        return self._fetched(job, self._end(job)) if self._objects.shared else self._path(job)

    def has_snapshot(self, job: Job) -> bool:
        """Tell whether the job's input was read, here or by another server."""
        try:
            return self.snapshot(job).exists()
        except ServiceError:
            return False

    def _path(self, job: Job) -> Path:
        return self._folder / f"{job.job_id}.manifest"

    def _end(self, job: Job) -> int:
        """Where the last line that counts ends; what a crash left behind it does not."""
        with self._store.reading() as connection:
            last = connection.execute(_LAST, {"job": job.job_id}).one_or_none()
        return last.position + last.length if last else 0

    def _fetched(self, job: Job, size: int) -> Path:
        """Return the snapshot with its first ``size`` bytes, also if another server wrote them.

        A piece that a stream added is named by where it begins.
        """
        path = self._path(job)
        if not self._objects.shared:
            return path
        with self._fetching:
            if not path.exists():
                self._objects.fetch(_piece(job, 0), path)
            while (start := path.stat().st_size) < size:
                piece = path.with_suffix(".piece")
                self._objects.fetch(_piece(job, start), piece)
                with path.open("ab") as whole:
                    if not whole.write(piece.read_bytes()):
                        raise StoreError(
                            f"the copy of job {job.name!r}'s manifest ends at byte {start} of "
                            f"{size}. Restore the objects from a backup."
                        )
        return path

    def read_manifest(self, job: Job) -> None:
        """Copy, check and index a job's manifest; may be repeated after a crash.

        Raises
        ------
        GroundTruthError
            If the file is missing, empty or too long, or a line breaks a rule (M01, M02).
        """
        uri = job.request["InputConfig"]["DataSource"]["S3DataSource"]["ManifestS3Uri"]
        with self._store.begin(lane=lane_of_job(job)) as connection:
            connection.execute(sa.delete(data_objects).where(data_objects.c.job_id == job.job_id))
        partial = self._path(job).with_suffix(".partial")
        _, body = self._objects.open(*s3_parts(uri))
        with body, partial.open("wb") as copy:
            tally, end = self._index(job, uri, _chunks(body, copy))
            copy.flush()
            os.fsync(copy.fileno())
        if not tally:
            raise ValidationError(f"{uri} has no data object: expected one JSON object per line.")
        os.truncate(partial, end)  # at its last line, behind which a stream goes on
        partial.replace(self._path(job))
        if self._objects.shared:
            self._objects.keep(_piece(job, 0), self._path(job))
        with self._store.begin() as connection:
            connection.execute(
                sa.update(jobs)
                .where(jobs.c.job_id == job.job_id)
                .values(
                    total=tally.total(),
                    kept=tally["human"] + tally["machine"],
                    human_labeled=tally["human"],
                    machine_labeled=tally["machine"],
                )
            )

    def _index(self, job: Job, uri: str, chunks: Iterator[bytes]) -> tuple[Counter[str], int]:
        """Check and store where each line lies; counts by labeler, and where the last line ends."""
        most, end = self._most(job), 0
        tally: Counter[str] = Counter()
        rows: list[dict[str, Any]] = []
        for object_id, line in enumerate(read_lines(chunks)):
            if object_id == most:
                raise ValidationError(
                    f"{uri} has more than {most} data objects, the most of a "
                    f"{job.task_type.name} job. Split it, or lift the limit of this engine: "
                    "gt-widgets serve --max-objects N."
                )
            self._check_classes(job, line.data)
            labeler = _labeler(parse_line(uri, object_id, line.data), line.data, job)
            tally[labeler] += 1
            rows.append(_row(job, object_id, labeler, line.position, line.length))
            end = line.position + line.length
            if len(rows) == _ROWS:
                self._insert(job, rows)
        self._insert(job, rows)
        return tally, end

    def _most(self, job: Job) -> int:
        """How many objects a job may have (M08): the service's limit, or this engine's own."""
        return int(self._store.fact(MAX_OBJECTS) or job.task_type.max_objects)

    @staticmethod
    def _check_classes(job: Job, line: bytes) -> None:
        if job.task_type.earlier:
            label_uri = job.request["LabelCategoryConfigS3Uri"]
            refuse_missing_classes(label_uri, [line], job.task_type, job.categories)

    def begin_stream(self, job: Job) -> None:
        """Make an empty snapshot for a streaming job that has no manifest to begin with."""
        with self._store.begin(lane=lane_of_job(job)) as connection:
            connection.execute(sa.delete(data_objects).where(data_objects.c.job_id == job.job_id))
        self._path(job).write_bytes(b"")
        if self._objects.shared:
            self._objects.keep(_piece(job, 0), self._path(job))

    def append(self, job: Job, lines: list[bytes]) -> list[int]:
        """Add data objects to a streaming job, in the caller's transaction; returns their ids.

        The lines are on disk before their rows are; what a crash leaves behind the last row is
        read by nobody and written over.

        Raises
        ------
        ManifestLineError
            If a line breaks a rule.
        """
        tally: Counter[str] = Counter()
        rows: list[dict[str, Any]] = []
        with self._store.begin(lane=lane_of_job(job)) as connection:
            first = connection.scalar(
                sa.select(sa.func.max(data_objects.c.object_id)).filter_by(job_id=job.job_id)
            )
            start = position = self._end(job)
            piece = bytearray()
            for object_id, line in enumerate(lines, -1 if first is None else int(first)):
                labeler = _labeler(parse_line("the stream", object_id + 1, line), line, job)
                tally[labeler] += 1
                between = b"\n" if position else b""
                rows.append(_row(job, object_id + 1, labeler, position + len(between), len(line)))
                piece += between + line
                position = start + len(piece)
            self._add(job, start, bytes(piece))
            connection.execute(sa.insert(data_objects), rows)
            connection.execute(
                sa.update(jobs)
                .where(jobs.c.job_id == job.job_id)
                .values(
                    total=jobs.c.total + len(rows),
                    kept=jobs.c.kept + tally["human"] + tally["machine"],
                    human_labeled=jobs.c.human_labeled + tally["human"],
                    machine_labeled=jobs.c.machine_labeled + tally["machine"],
                    manifest_stale=True,
                )
            )
        return [row["object_id"] for row in rows]

    def _add(self, job: Job, start: int, piece: bytes) -> None:
        """Write a piece behind byte ``start`` of the snapshot, on disk and for other servers."""
        with self.snapshot(job).open("r+b") as whole:
            whole.truncate(start)
            whole.seek(start)
            whole.write(piece)
            whole.flush()
            os.fsync(whole.fileno())
        if self._objects.shared:
            self._objects.keep(_piece(job, start), piece)

    def data_object(self, job: Job, object_id: int) -> DataObject:
        """Read one line of the job's snapshot."""
        return self.read_object(job, object_id)[0]

    def read_object(self, job: Job, object_id: int) -> tuple[DataObject, bytes]:
        """Return one data object and the bytes of its line.

        Raises
        ------
        ResourceNotFoundError
            If the job has no such object.
        """
        with self._store.reading() as connection:
            row = connection.execute(
                sa.select(data_objects.c.position, data_objects.c.length)
                .where(data_objects.c.job_id == job.job_id)
                .where(data_objects.c.object_id == object_id)
            ).one_or_none()
        if row is None:
            raise ResourceNotFoundError(
                f"Labeling job {job.name!r} has no object {object_id}; it has 0 to {job.total - 1}."
            )
        path = self._fetched(job, row.position + row.length)
        with path.open("rb") as source:
            line = _line(source, row)
        return parse_line(path.name, object_id, line), line

    def lines(self, job: Job, rows: Iterable[Any]) -> Iterator[DataObject]:
        """Read the data objects of many rows of ``data_objects`` in one pass over the snapshot."""
        path = self.snapshot(job)
        with path.open("rb") as source:
            for row in rows:
                yield parse_line(path.name, row.object_id, _line(source, row))

    def picture(self, job: Job, object_id: int) -> Picture:
        """Measure the picture of one data object.

        Raises
        ------
        ImageError
            With the file's location and what is wrong with it (M09).
        StoreUnreachableError
            If no object can be read for now.
        """
        uri = location_of(self.data_object(job, object_id))
        with unreadable_as(ImageError, uri):
            info, body = self._objects.open(*s3_parts(uri))
            with body:
                return _measured(uri, info.size, body)

    def read_picture(self, job: Job, object_id: int) -> bytes:
        """Return the stored bytes of one data object's picture.

        Raises
        ------
        ImageError
            If it is gone or may not be read.
        StoreUnreachableError
            If no object can be read for now.
        """
        uri = location_of(self.data_object(job, object_id))
        with unreadable_as(ImageError, uri):
            return self._objects.read(*s3_parts(uri))

    def _insert(self, job: Job, rows: list[dict[str, Any]]) -> None:
        if rows:
            with self._store.begin(lane=lane_of_job(job)) as connection:
                self._store.fill(connection, data_objects, rows)
            rows.clear()


def _row(job: Job, object_id: int, labeler: str, position: int, length: int) -> dict[str, Any]:
    return {
        "job_id": job.job_id,
        "object_id": object_id,
        "state": "waiting" if labeler == "nobody" else "kept",
        "position": position,
        "length": length,
    }


def _piece(job: Job, start: int) -> str:
    """Name a piece of a snapshot, for the other servers, by where it begins."""
    return f"jobs/{job.job_id}.manifest/{start}"


def _chunks(source: BinaryIO, copy: BinaryIO) -> Iterator[bytes]:
    while chunk := source.read(_CHUNK):
        copy.write(chunk)
        yield chunk


def _line(source: BinaryIO, row: Any) -> bytes:
    source.seek(row.position)
    return source.read(row.length)


def _measured(uri: str, size: int, body: BinaryIO) -> Picture:
    if size > IMAGE_BYTES:
        raise ImageError(f"{uri}: {size} bytes; at most {IMAGE_BYTES} are allowed.")
    beginning = body.read(_CHUNK)
    try:
        return measure(uri, beginning)
    except ImageError:
        if size <= len(beginning):
            raise
        return measure(uri, beginning + body.read())


def _labeler(found: DataObject, line: bytes, job: Job) -> str:
    """Who labeled an object before: a chained job labels those of ``nobody`` (2.7)."""
    if job.label_attribute not in found.keys:
        return "nobody"
    # only the one member is decoded: others may hold numbers that Python refuses
    metadata = _raw_members(line).get(f"{job.label_attribute}-metadata", b"null")
    try:
        by = bytes(_raw_members(metadata).get("human-annotated", b""))
    except msgspec.DecodeError:
        return "human"
    return "machine" if by == b'"no"' else "human"

"""`ObjectStore`: buckets and objects in one folder, shared by the threads of one process.

Layer: engine (imports ``errors`` and its own package). A write is: blob on disk, then one
index transaction, then the old blob goes. So a kill at any instant leaves the old object or
the new one, and at most a file nobody knows, which the next opening removes.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, BinaryIO

from gt_widgets.engine.objects.blobs import BlobFolder, folder_id
from gt_widgets.engine.objects.faults import (
    check_bucket_name,
    key_bytes,
    no_such_bucket,
    no_such_key,
)
from gt_widgets.engine.objects.index import Index
from gt_widgets.engine.objects.intake import check_condition, duplicate, receive
from gt_widgets.engine.objects.interface import OneServer
from gt_widgets.engine.objects.listing import list_page
from gt_widgets.engine.objects.multipart import Multipart
from gt_widgets.engine.objects.records import (
    Attributes,
    BucketInfo,
    Condition,
    Expected,
    ObjectInfo,
)
from gt_widgets.errors import ServiceError, StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from gt_widgets.engine.clock import Clock, NewId
    from gt_widgets.engine.objects.records import Listing, PartInfo

    Choose = Callable[[ObjectInfo, Sequence[PartInfo]], tuple[int, int]]

__all__ = ["ObjectStore"]

_ANYWAY = Condition()
_NOTHING_EXPECTED = Expected()


class ObjectStore(OneServer):
    """S3's buckets and objects in a local folder, of one server.

    Parameters
    ----------
    root : Path
        A folder this store owns; created (mode 0700) if absent. One process at a time.
    clock : Clock
        Epoch seconds.
    new_id : NewId
        32 hexadecimal characters, never repeated.

    Raises
    ------
    StoreError
        If the folder cannot be created or its index cannot be read.

    Attributes
    ----------
    uploads : Multipart
        Multipart uploads.
    identity : str
        What tells this folder from any other, wherever it is moved.
    """

    def __init__(self, root: Path, *, clock: Clock, new_id: NewId) -> None:
        self._clock = clock
        try:
            root.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._blobs = BlobFolder(root / "blobs", new_id=new_id)
        except OSError as error:
            raise StoreError(
                f"{root}: cannot be opened as an object store: {error.strerror}. Choose a "
                f"folder you may write to."
            ) from error
        self._index = Index(root / "index.sqlite")
        self.identity = f"folder {folder_id(root, new_id)}"
        self._blobs.sweep(self._index.blobs_under)
        self.uploads = Multipart(self._index, self._blobs, clock=clock, new_id=new_id)

    def close(self) -> None:
        """Close the index; readers that are open stay readable."""
        self._index.close()

    # Buckets

    def create_bucket(self, bucket: str, *, region: str) -> None:
        """Create a bucket, or raise ``InvalidBucketName``, ``BucketAlreadyOwnedByYou``."""
        check_bucket_name(bucket)
        with self._index.writing():
            if self._index.bucket(bucket):
                raise ServiceError(
                    "BucketAlreadyOwnedByYou",
                    f"The bucket {bucket!r} exists already and you own it.",
                    409,
                    BucketName=bucket,
                )
            self._index.add_bucket(BucketInfo(bucket, region, self._clock()))

    def delete_bucket(self, bucket: str) -> None:
        """Delete an empty bucket; uploads in progress go with it.

        Raises
        ------
        ServiceError
            ``NoSuchBucket`` or ``BucketNotEmpty``.
        """
        with self._index.writing():
            self.bucket(bucket)
            if self._index.holds_objects(bucket):
                raise ServiceError(
                    "BucketNotEmpty",
                    f"The bucket {bucket!r} is not empty. Delete its objects first.",
                    409,
                    BucketName=bucket,
                )
            gone: list[str] = []
            for upload in self._index.uploads(bucket):
                gone += self._index.drop_parts(upload.upload_id)
                self._index.drop_upload(upload)
            self._index.drop_bucket(bucket)
        self._blobs.discard(gone)

    def buckets(self) -> list[BucketInfo]:
        """Return all buckets by name."""
        with self._index.reading():
            return self._index.buckets()

    def bucket(self, bucket: str) -> BucketInfo:
        """Return one bucket, or raise ``NoSuchBucket``."""
        with self._index.reading():
            if (found := self._index.bucket(bucket)) is None:
                raise no_such_bucket(bucket)
            return found

    def cors(self, bucket: str) -> list[dict[str, Any]] | None:
        """Return the CORS rules of a bucket in AWS's shape, None if it has none set."""
        with self._index.reading():
            self.bucket(bucket)
            return self._index.cors(bucket)

    def set_cors(self, bucket: str, rules: list[dict[str, Any]] | None) -> None:
        """Replace the CORS rules of a bucket; None removes them."""
        with self._index.writing():
            self.bucket(bucket)
            self._index.set_cors(bucket, rules)

    # Objects

    def put(
        self,
        bucket: str,
        key: str,
        body: bytes | BinaryIO,
        *,
        content_type: str = "binary/octet-stream",
        metadata: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        tags: Mapping[str, str] | None = None,
        algorithm: str = "CRC32",
        expected: Expected = _NOTHING_EXPECTED,
        condition: Condition = _ANYWAY,
    ) -> ObjectInfo:
        """Store an object, replacing the one of that key.

        Parameters
        ----------
        bucket, key : str
            Where; a key has 1 to 1,024 bytes of UTF-8.
        body : bytes or binary file
            Read to its end; never held in memory as a whole.
        content_type, metadata, headers, tags
            See `Attributes`.
        algorithm : str
            Checksum to compute and keep, one of ``CRC32 SHA1 SHA256 SHA512 MD5``.
        expected : Expected
            What the sender says of the bytes; verified.
        condition : Condition
            Judged in the same transaction that stores the object.

        Raises
        ------
        ServiceError
            ``NoSuchBucket``, ``BadDigest``, ``IncompleteBody``, ``PreconditionFailed`` ...;
            the object that was there stays, as it does on a StoreError from the disk.
        """
        attributes = Attributes(content_type, metadata or {}, headers or {}, tags or {})
        key_bytes(key)
        self.bucket(bucket)
        part = receive(
            self._blobs,
            body,
            where=f"s3://{bucket}/{key}",
            number=0,
            algorithm=algorithm,
            expected=expected,
            clock=self._clock,
        )
        return self._commit(bucket, key, part, attributes, condition)

    def info(self, bucket: str, key: str) -> ObjectInfo:
        """Return what is known of one object, or raise ``NoSuchKey``, ``NoSuchBucket``."""
        with self._index.reading():
            self.bucket(bucket)
            if (found := self._index.object(bucket, key_bytes(key))) is None:
                raise no_such_key(bucket, key)
            return found

    def parts(self, bucket: str, key: str) -> tuple[ObjectInfo, Sequence[PartInfo]]:
        """Return one object and its parts; an object put in one piece has one, number 0."""
        with self._index.reading():
            info = self.info(bucket, key)
            return info, self._index.parts(info.version)

    def open(
        self, bucket: str, key: str, *, choose: Choose | None = None
    ) -> tuple[ObjectInfo, BinaryIO]:
        """Open one object for reading.

        Parameters
        ----------
        bucket, key : str
            Which.
        choose : callable, optional
            Gets the object and its parts and returns ``(start, length)`` of the bytes to
            read, or raises; nobody can replace the object between this and the opening.

        Returns
        -------
        tuple of ObjectInfo and BinaryIO
            The reader sees these very bytes to its end, even if the object is replaced or
            deleted meanwhile. Close it.
        """
        with self._index.reading():
            info, parts = self.parts(bucket, key)
            start, length = choose(info, parts) if choose else (0, info.size)
            return info, self._blobs.reader(parts, start=start, length=length)

    def read(self, bucket: str, key: str) -> bytes:
        """Return all bytes of one object."""
        _, reader = self.open(bucket, key)
        with reader:
            return reader.read()

    def delete(self, bucket: str, key: str, *, condition: Condition = _ANYWAY) -> None:
        """Delete one object; deleting what is not there is no error."""
        raw = key_bytes(key)
        with self._index.writing():
            self.bucket(bucket)
            current = self._index.object(bucket, raw)
            check_condition(condition, current, bucket=bucket, key=key)
            gone = self._drop(current)
        self._blobs.discard(gone)

    def delete_many(self, bucket: str, keys: Iterable[str]) -> None:
        """Delete several objects in one transaction."""
        raws = [key_bytes(key) for key in keys]
        gone: list[str] = []
        with self._index.writing():
            self.bucket(bucket)
            for raw in raws:
                gone += self._drop(self._index.object(bucket, raw))
        self._blobs.discard(gone)

    def copy(
        self,
        source: tuple[str, str],
        bucket: str,
        key: str,
        *,
        attributes: Callable[[ObjectInfo], Attributes] = Attributes.of,
        algorithm: str = "",
        condition: Condition = _ANYWAY,
    ) -> ObjectInfo:
        """Copy one object.

        Parameters
        ----------
        source : tuple of str
            Bucket and key to copy from.
        bucket, key : str
            Where to.
        attributes : callable
            Sees the source, says what the copy carries; may raise to refuse.
        algorithm : str
            Checksum of the copy; ``""`` keeps the source's.
        condition : Condition
            As in `put`.

        Returns
        -------
        ObjectInfo
            Always in one piece, so a multipart source gets another ETag, as on S3.
        """
        key_bytes(key)
        self.bucket(bucket)
        with self._pinned(*source) as (info, parts):
            carried = attributes(info)
            wanted = algorithm or next(iter(info.checksums), "CRC32")
            part = duplicate(self._blobs, info, parts, algorithm=wanted, clock=self._clock)
        return self._commit(bucket, key, part, carried, condition)

    def set_tags(self, bucket: str, key: str, tags: Mapping[str, str]) -> None:
        """Replace the tags of one object; its modification time stays."""
        with self._index.writing():
            self._index.set_object(replace(self.info(bucket, key), tags=tags))

    # Inside, and `list` last: below it the name is the method's

    def _commit(
        self,
        bucket: str,
        key: str,
        part: PartInfo,
        attributes: Attributes,
        condition: Condition,
    ) -> ObjectInfo:
        info = ObjectInfo(
            bucket=bucket,
            key=key,
            size=part.size,
            etag=part.etag,
            last_modified=part.last_modified,
            content_type=attributes.content_type,
            metadata=attributes.metadata,
            headers=attributes.headers,
            tags=attributes.tags,
            checksums=part.checksums,
            version=part.blob,
        )
        try:
            with self._index.writing():
                self.bucket(bucket)
                current = self._index.object(bucket, key.encode())
                check_condition(condition, current, bucket=bucket, key=key)
                gone = self._drop(current)
                self._index.set_object(info)
                self._index.set_part(info.version, part)
        except BaseException:
            self._blobs.discard([part.blob])
            raise
        self._blobs.discard(gone)
        return info

    def _drop(self, current: ObjectInfo | None) -> list[str]:
        if current is None:
            return []
        self._index.drop_object(current.bucket, current.key.encode())
        return self._index.drop_parts(current.version)

    @contextmanager
    def _pinned(self, bucket: str, key: str) -> Iterator[tuple[ObjectInfo, Sequence[PartInfo]]]:
        with self._index.reading():
            info, parts = self.parts(bucket, key)
            names = [part.blob for part in parts]
            self._blobs.pin(names)
        try:
            yield info, parts
        finally:
            self._blobs.unpin(names)

    def list(
        self, bucket: str, *, prefix: str = "", start_after: str = "", limit: int = 1000
    ) -> list[ObjectInfo]:
        """Return up to ``limit`` objects after ``start_after``, in UTF-8 order of keys."""
        page = self.list_page(bucket, prefix=prefix, start_after=start_after, limit=limit)
        return [*page.objects]

    def list_page(
        self,
        bucket: str,
        *,
        prefix: str = "",
        delimiter: str = "",
        start_after: str = "",
        limit: int = 1000,
    ) -> Listing:
        """Return one page of objects and common prefixes; see `listing.list_page`."""
        with self._index.reading():
            self.bucket(bucket)
            return list_page(
                lambda low, high: self._index.scan(bucket, low, high),
                prefix=prefix,
                delimiter=delimiter,
                after=start_after,
                limit=limit,
            )

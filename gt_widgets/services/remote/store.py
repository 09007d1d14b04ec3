"""`RemoteObjects`: buckets and objects below a prefix of a bucket on any S3.

Layer: services (imports ``errors`` and ``engine.objects``). The object ``s3://logos/a.jpg`` of here
is ``<prefix>logos/a.jpg`` there, with the same bytes and ETag, so that any other S3 client can read
it. Which buckets there are stands in the engine's store.
"""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from gt_widgets.engine.objects import (
    Attributes,
    BucketInfo,
    Condition,
    Expected,
    ObjectInfo,
    PartInfo,
)
from gt_widgets.engine.objects.faults import (
    check_bucket_name,
    key_bytes,
    no_such_bucket,
    no_such_key,
)
from gt_widgets.engine.objects.intake import check_condition
from gt_widgets.errors import ServiceError
from gt_widgets.services.remote.carried import conditions, described, received, sent
from gt_widgets.services.remote.listing import list_page
from gt_widgets.services.remote.uploads import RemoteUploads
from gt_widgets.services.remote.wire import connect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from gt_widgets.engine.buckets import BucketRegister
    from gt_widgets.engine.clock import Clock
    from gt_widgets.engine.objects import Listing
    from gt_widgets.services.remote.wire import Remote

    Choose = Callable[[ObjectInfo, Sequence[PartInfo]], tuple[int, int]]

__all__ = ["RemoteObjects", "open_remote"]

_ANYWAY = Condition()
_NOTHING_EXPECTED = Expected()
_CHUNK = 1 << 18
_INTERNAL = ".gt-widgets"
"""Not a bucket's name: a name begins with a letter or digit."""


def open_remote(
    url: str, *, endpoint_url: str | None, register: BucketRegister, clock: Clock
) -> RemoteObjects:
    """Reach ``s3://bucket/prefix``; see `RemoteObjects` and `wire.connect`."""
    return RemoteObjects(connect(url, endpoint_url=endpoint_url), register, clock=clock)


class RemoteObjects:
    """S3's buckets and objects, kept by another S3.

    Parameters
    ----------
    remote : Remote
        Where.
    register : BucketRegister
        Which buckets there are.
    clock : Clock
        Epoch seconds.

    Attributes
    ----------
    uploads : RemoteUploads
        Multipart uploads.
    """

    shared = True

    def __init__(self, remote: Remote, register: BucketRegister, *, clock: Clock) -> None:
        self._remote, self._register, self._clock = remote, register, clock
        self.identity = f"s3://{remote.bucket}/{remote.prefix}"
        self.uploads = RemoteUploads(self, remote, clock=clock)

    def close(self) -> None:
        """Close idle connections."""
        self._remote.client.close()

    # Buckets

    def create_bucket(self, bucket: str, *, region: str) -> None:
        """Create a bucket, or raise ``InvalidBucketName``, ``BucketAlreadyOwnedByYou``.

        Objects that lie below its prefix already are its objects.
        """
        check_bucket_name(bucket)
        if not self._register.add(BucketInfo(bucket, region, self._clock())):
            raise ServiceError(
                "BucketAlreadyOwnedByYou",
                f"The bucket {bucket!r} exists already and you own it.",
                409,
                BucketName=bucket,
            )

    def delete_bucket(self, bucket: str) -> None:
        """Delete an empty bucket, or raise ``NoSuchBucket``, ``BucketNotEmpty``."""
        self.bucket(bucket)
        if self.list(bucket, limit=1):
            raise ServiceError(
                "BucketNotEmpty",
                f"The bucket {bucket!r} is not empty. Delete its objects first.",
                409,
                BucketName=bucket,
            )
        for upload in self.uploads.list(bucket):
            self.uploads.abort(bucket, upload.key, upload.upload_id)
        self._register.drop(bucket)

    def buckets(self) -> list[BucketInfo]:
        """Return all buckets by name."""
        return self._register.all()

    def bucket(self, bucket: str) -> BucketInfo:
        """Return one bucket, or raise ``NoSuchBucket``."""
        found = self._register.get(bucket)
        if found is None:
            raise no_such_bucket(bucket)
        return found

    def cors(self, bucket: str) -> list[dict[str, Any]] | None:
        """Return the CORS rules of a bucket in AWS's shape, None if it has none set."""
        self.bucket(bucket)
        return self._register.cors(bucket)

    def set_cors(self, bucket: str, rules: list[dict[str, Any]] | None) -> None:
        """Replace the CORS rules of a bucket; None removes them."""
        self.bucket(bucket)
        self._register.set_cors(bucket, rules)

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
        """Store an object, replacing the one of that key; as ``ObjectStore.put``."""
        attributes = Attributes(content_type, metadata or {}, headers or {}, tags or {})
        key_bytes(key)
        self.bucket(bucket)
        where = f"s3://{bucket}/{key}"
        with received(body, where, algorithm, expected) as (spool, digests):
            self.check(bucket, key, condition)
            checksums = {**digests.checksums()}
            answer = self._remote.ask(
                "put_object",
                bucket,
                key,
                Body=spool,
                ContentLength=digests.size,
                ContentMD5=base64.b64encode(digests.md5).decode(),
                **sent(attributes, checksums=checksums),
                **conditions(condition),
            )
        return ObjectInfo(
            bucket=bucket,
            key=key,
            size=digests.size,
            etag=str(answer["ETag"]).strip('"'),
            last_modified=self._clock(),
            content_type=attributes.content_type,
            metadata=attributes.metadata,
            headers=attributes.headers,
            tags=attributes.tags,
            checksums=checksums,
        )

    def info(self, bucket: str, key: str) -> ObjectInfo:
        """Return what is known of one object, or raise ``NoSuchKey``, ``NoSuchBucket``."""
        self.bucket(bucket)
        key_bytes(key)
        head = self._remote.ask("head_object", bucket, key, ChecksumMode="ENABLED")
        return described(bucket, key, head, lambda: self._tags(bucket, key))

    def parts(self, bucket: str, key: str) -> tuple[ObjectInfo, Sequence[PartInfo]]:
        """Return one object and its parts; an object put in one piece has one, number 0."""
        info = self.info(bucket, key)
        return info, self._parts_of(info)

    def open(
        self, bucket: str, key: str, *, choose: Choose | None = None
    ) -> tuple[ObjectInfo, BinaryIO]:
        """Open one object for reading, its beginning or what ``choose`` says.

        The reader sees the bytes that ``choose`` was asked about, even if the object is replaced
        meanwhile. Close it.
        """
        if choose is None:
            return self._open_whole(bucket, key)
        info, parts = self.parts(bucket, key)
        start, length = choose(info, parts)
        if not length:
            return info, cast("BinaryIO", io.BytesIO())
        span = f"bytes={start}-{start + length - 1}"
        answer = self._remote.ask("get_object", bucket, key, Range=span, IfMatch=info.etag)
        return info, cast("BinaryIO", self._remote.reader(answer["Body"], bucket, key))

    def _open_whole(self, bucket: str, key: str) -> tuple[ObjectInfo, BinaryIO]:
        self.bucket(bucket)
        key_bytes(key)
        answer = self._remote.ask("get_object", bucket, key)
        info = described(bucket, key, answer, lambda: self._tags(bucket, key))
        return info, cast("BinaryIO", self._remote.reader(answer["Body"], bucket, key))

    def read(self, bucket: str, key: str) -> bytes:
        """Return all bytes of one object."""
        _, reader = self.open(bucket, key)
        with reader:
            return reader.read()

    def delete(self, bucket: str, key: str, *, condition: Condition = _ANYWAY) -> None:
        """Delete one object; deleting what is not there is no error."""
        key_bytes(key)
        self.bucket(bucket)
        self.check(bucket, key, condition)
        self._remote.ask("delete_object", bucket, key)

    def delete_many(self, bucket: str, keys: Iterable[str]) -> None:
        """Delete several objects."""
        wanted = list(keys)
        for key in wanted:
            key_bytes(key)
        self.bucket(bucket)
        for key in wanted:  # not DeleteObjects: which checksum it needs differs between servers
            self._remote.ask("delete_object", bucket, key)

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
        """Copy one object; as ``ObjectStore.copy``.

        The remote S3 copies by itself where the checksum stays; otherwise the bytes pass here.
        """
        key_bytes(key)
        self.bucket(bucket)
        info = self.info(*source)
        carried = attributes(info)
        wanted = algorithm or next(iter(info.checksums), "CRC32")
        if not info.parts and wanted in info.checksums:
            return self._copy_there(source, info, (bucket, key), carried, condition)
        _, body = self.open(*source)
        with body:
            return self.put(
                bucket,
                key,
                body,
                content_type=carried.content_type,
                metadata=carried.metadata,
                headers=carried.headers,
                tags=dict(carried.tags.items()),
                algorithm=wanted,
                condition=condition,
            )

    def _copy_there(
        self,
        source: tuple[str, str],
        info: ObjectInfo,
        to: tuple[str, str],
        carried: Attributes,
        condition: Condition,
    ) -> ObjectInfo:
        self.check(*to, condition)
        bucket, key = to
        self._remote.ask(
            "copy_object",
            bucket,
            key,
            CopySource={"Bucket": self._remote.bucket, "Key": self._remote.key(*source)},
            CopySourceIfMatch=info.etag,
            MetadataDirective="REPLACE",
            TaggingDirective="REPLACE",
            **sent(carried, checksums=dict(info.checksums)),
        )
        return self.info(*to)

    def set_tags(self, bucket: str, key: str, tags: Mapping[str, str]) -> None:
        """Replace the tags of one object; its modification time stays."""
        self.info(bucket, key)
        if not tags:
            self._remote.ask("delete_object_tagging", bucket, key)
            return
        pairs = [{"Key": name, "Value": value} for name, value in tags.items()]
        self._remote.ask("put_object_tagging", bucket, key, Tagging={"TagSet": pairs})

    # Files of the engine's own, beside the buckets

    def keep(self, name: str, what: Path | bytes) -> None:
        """Put a file of this server, or some bytes, where every server can fetch it."""
        if isinstance(what, bytes):
            self._remote.ask("put_object", _INTERNAL, name, Body=what)
            return
        key = self._remote.key(_INTERNAL, name)
        with self._remote.explained(_INTERNAL, name):
            self._remote.client.upload_file(str(what), self._remote.bucket, key)

    def fetch(self, name: str, path: Path) -> None:
        """Write to ``path`` what a server kept as ``name``, all of it or nothing."""
        answer = self._remote.ask("get_object", _INTERNAL, name)
        partial = path.with_name(f"{path.name}.fetching")
        with (
            self._remote.reader(answer["Body"], _INTERNAL, name) as body,
            partial.open("wb") as out,
        ):
            while chunk := body.read(_CHUNK):
                out.write(chunk)
        partial.replace(path)

    # Inside, and `list` last: below it the name is the method's

    def check(self, bucket: str, key: str, condition: Condition) -> None:
        """Refuse a write whose condition is not met; the remote S3 judges it again if it can."""
        if condition == _ANYWAY:
            return
        current: ObjectInfo | None
        try:
            current = self.info(bucket, key)
        except ServiceError as error:
            if error.code != no_such_key(bucket, key).code:
                raise
            current = None
        check_condition(condition, current, bucket=bucket, key=key)

    def _tags(self, bucket: str, key: str) -> dict[str, str]:
        found = self._remote.ask("get_object_tagging", bucket, key)
        return {tag["Key"]: tag["Value"] for tag in found.get("TagSet", [])}

    def _parts_of(self, info: ObjectInfo) -> Sequence[PartInfo]:
        if not info.parts:
            return [PartInfo(0, "", info.size, info.etag, info.last_modified, info.checksums)]
        return self.uploads.parts_of_object(info)

    def list_page(
        self,
        bucket: str,
        *,
        prefix: str = "",
        delimiter: str = "",
        start_after: str = "",
        limit: int = 1000,
    ) -> Listing:
        """Return one page of objects and common prefixes; see ``engine.objects.listing``."""
        self.bucket(bucket)
        return list_page(
            self._remote, bucket, prefix=prefix, delimiter=delimiter, after=start_after, limit=limit
        )

    def list(
        self, bucket: str, *, prefix: str = "", start_after: str = "", limit: int = 1000
    ) -> list[ObjectInfo]:
        """Return up to ``limit`` objects after ``start_after``, in UTF-8 order of keys."""
        page = self.list_page(bucket, prefix=prefix, start_after=start_after, limit=limit)
        return [*page.objects]

"""Multipart uploads: parts come in any order, completion makes them one object.

Layer: engine (imports ``errors`` and its own package). Completion moves no bytes: the object
is the list of its parts' files, and its version is the upload's id, which makes a repeated
completion recognisable.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, BinaryIO

from gt_widgets.engine.objects.checksums import combine, known_algorithm
from gt_widgets.engine.objects.faults import key_bytes, no_such_bucket, no_such_upload
from gt_widgets.engine.objects.intake import check_condition, receive
from gt_widgets.engine.objects.records import (
    Attributes,
    Condition,
    Expected,
    ObjectInfo,
    UploadInfo,
)
from gt_widgets.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gt_widgets.engine.clock import Clock, NewId
    from gt_widgets.engine.objects.blobs import BlobFolder
    from gt_widgets.engine.objects.index import Index
    from gt_widgets.engine.objects.records import PartInfo

    Chosen = Sequence[tuple[int, str, Mapping[str, str]]]

__all__ = [
    "MAX_PARTS",
    "MIN_PART_SIZE",
    "Multipart",
    "check_checksum_type",
    "check_part_number",
    "check_whole",
    "select_parts",
]

MIN_PART_SIZE = 5 * 1024 * 1024
"""Bytes; only the last part may be smaller."""

MAX_PARTS = 10_000

_ANYWAY = Condition()
_NOTHING_EXPECTED = Expected()
_NO_ATTRIBUTES = Attributes()


class Multipart:
    """The multipart uploads of one store; reached as ``ObjectStore.uploads``."""

    def __init__(self, index: Index, blobs: BlobFolder, *, clock: Clock, new_id: NewId) -> None:
        self._index, self._blobs = index, blobs
        self._clock, self._new_id = clock, new_id

    def create(
        self,
        bucket: str,
        key: str,
        *,
        attributes: Attributes = _NO_ATTRIBUTES,
        algorithm: str = "CRC32",
        checksum_type: str = "",
    ) -> UploadInfo:
        """Begin an upload.

        Parameters
        ----------
        bucket, key : str
            Where the object will be.
        attributes : Attributes
            What the object will carry.
        algorithm : str
            Checksum computed for every part.
        checksum_type : str
            ``"COMPOSITE"``, ``"FULL_OBJECT"`` (CRC32 only) or ``""`` for S3's default.

        Raises
        ------
        ServiceError
            ``NoSuchBucket``, ``KeyTooLongError`` or ``InvalidRequest``.
        """
        key_bytes(key)
        algorithm, checksum_type = known_algorithm(algorithm), checksum_type or "COMPOSITE"
        check_checksum_type(algorithm, checksum_type)
        upload = UploadInfo(
            upload_id=self._new_id(),
            bucket=bucket,
            key=key,
            initiated=self._clock(),
            attributes=attributes,
            algorithm=algorithm,
            checksum_type=checksum_type,
        )
        with self._index.writing():
            self._require_bucket(bucket)
            self._index.add_upload(upload)
        return upload

    def put_part(
        self,
        bucket: str,
        key: str,
        upload_id: str,
        number: int,
        body: bytes | BinaryIO,
        *,
        expected: Expected = _NOTHING_EXPECTED,
    ) -> PartInfo:
        """Store one part, replacing the one of that number (1 to 10,000).

        Raises
        ------
        ServiceError
            ``NoSuchUpload``, ``InvalidArgument`` for the number, ``BadDigest`` ...
        """
        check_part_number(number)
        upload = self.upload(bucket, key, upload_id)
        part = receive(
            self._blobs,
            body,
            where=f"s3://{bucket}/{key} part {number}",
            number=number,
            algorithm=upload.algorithm,
            expected=expected,
            clock=self._clock,
        )
        try:
            with self._index.writing():
                self.upload(bucket, key, upload_id)
                old = [p.blob for p in self._index.parts(upload_id) if p.number == number]
                self._index.set_part(upload_id, part)
        except BaseException:
            self._blobs.discard([part.blob])
            raise
        self._blobs.discard(old)
        return part

    def upload(self, bucket: str, key: str, upload_id: str) -> UploadInfo:
        """Return one upload, or raise ``NoSuchUpload``, ``NoSuchBucket``."""
        with self._index.reading():
            self._require_bucket(bucket)
            if (found := self._index.upload(bucket, key_bytes(key), upload_id)) is None:
                raise no_such_upload(upload_id)
            return found

    def parts(self, bucket: str, key: str, upload_id: str) -> list[PartInfo]:
        """Return the parts that have arrived, by number."""
        with self._index.reading():
            self.upload(bucket, key, upload_id)
            return self._index.parts(upload_id)

    def list(self, bucket: str) -> list[UploadInfo]:
        """Return the uploads in progress by key, then by upload id."""
        with self._index.reading():
            self._require_bucket(bucket)
            return self._index.uploads(bucket)

    def abort(self, bucket: str, key: str, upload_id: str) -> None:
        """Give an upload up and remove its parts."""
        with self._index.writing():
            upload = self.upload(bucket, key, upload_id)
            gone = self._index.drop_parts(upload_id)
            self._index.drop_upload(upload)
        self._blobs.discard(gone)

    def complete(
        self,
        bucket: str,
        key: str,
        upload_id: str,
        chosen: Chosen,
        *,
        size: int | None = None,
        checksums: Mapping[str, str] | None = None,
        condition: Condition = _ANYWAY,
    ) -> ObjectInfo:
        """Make one object of the chosen parts, in one transaction.

        Parameters
        ----------
        bucket, key, upload_id : str
            Which upload.
        chosen : sequence of (number, etag, checksums)
            Ascending by number; parts left out are removed.
        size : int, optional
            Bytes expected in all.
        checksums : mapping, optional
            Checksums expected of the whole.
        condition : Condition
            As in ``ObjectStore.put``.

        Returns
        -------
        ObjectInfo
            Repeating a completion that took place returns its object again.

        Raises
        ------
        ServiceError
            ``InvalidPart``, ``InvalidPartOrder``, ``EntityTooSmall``, ``NoSuchUpload`` ...;
            the upload stays as it was.
        """
        with self._index.writing():
            self._require_bucket(bucket)
            current = self._index.object(bucket, key_bytes(key))
            if current is not None and current.version == upload_id:
                return current
            upload = self.upload(bucket, key, upload_id)
            parts = select_parts(self._index.parts(upload_id), chosen, upload)
            info = self._assembled(upload, parts)
            check_whole(
                f"s3://{bucket}/{key}",
                info.size,
                info.checksums,
                expected_size=size,
                expected_checksums=checksums or {},
            )
            check_condition(condition, current, bucket=bucket, key=key)
            gone = self._index.drop_parts(upload_id, keep=(part.number for part in parts))
            if current is not None:
                gone += self._index.drop_parts(current.version)
            self._index.drop_upload(upload)
            self._index.set_object(info)
        self._blobs.discard(gone)
        return info

    def _assembled(self, upload: UploadInfo, parts: Sequence[PartInfo]) -> ObjectInfo:
        sums = [(part.size, part.checksums) for part in parts]
        whole = combine(upload.algorithm, upload.checksum_type, sums)
        digest = hashlib.md5(
            b"".join(bytes.fromhex(part.etag) for part in parts), usedforsecurity=False
        )
        return ObjectInfo(
            bucket=upload.bucket,
            key=upload.key,
            size=sum(part.size for part in parts),
            etag=f"{digest.hexdigest()}-{len(parts)}",
            last_modified=self._clock(),
            content_type=upload.attributes.content_type,
            metadata=upload.attributes.metadata,
            headers=upload.attributes.headers,
            tags=upload.attributes.tags,
            checksums={} if whole is None else {upload.algorithm: whole},
            checksum_type=upload.checksum_type,
            parts=len(parts),
            version=upload.upload_id,
        )

    def _require_bucket(self, bucket: str) -> None:
        if self._index.bucket(bucket) is None:
            raise no_such_bucket(bucket)


def check_checksum_type(algorithm: str, checksum_type: str) -> None:
    """Refuse a checksum of the whole that cannot be made of those of the parts.

    Raises
    ------
    ServiceError
        ``InvalidRequest``.
    """
    if checksum_type == "FULL_OBJECT" and algorithm != "CRC32":
        raise ServiceError(
            "InvalidRequest",
            f"The FULL_OBJECT checksum type cannot be used with the {algorithm} checksum "
            f"algorithm. Use COMPOSITE, or CRC32.",
        )


def check_part_number(number: int) -> None:
    """Refuse a part number outside of 1 to 10,000.

    Raises
    ------
    ServiceError
        ``InvalidArgument``.
    """
    if not 1 <= number <= MAX_PARTS:
        raise ServiceError(
            "InvalidArgument",
            f"Part number must be an integer between 1 and {MAX_PARTS}, inclusive; found {number}.",
            ArgumentName="partNumber",
            ArgumentValue=str(number),
        )


def select_parts(stored: Sequence[PartInfo], chosen: Chosen, upload: UploadInfo) -> list[PartInfo]:
    """Return the stored parts that a completion names, or refuse it.

    Raises
    ------
    ServiceError
        ``MalformedXML``, ``InvalidPartOrder``, ``InvalidPart`` or ``EntityTooSmall``.
    """
    numbers = [number for number, _, _ in chosen]
    if not numbers:
        raise ServiceError(
            "MalformedXML", "A multipart upload is completed by at least one part; none given."
        )
    if numbers != sorted(set(numbers)):
        raise ServiceError(
            "InvalidPartOrder",
            f"The list of parts was not in ascending order of part number: {numbers}.",
            UploadId=upload.upload_id,
        )
    by_number = {part.number: part for part in stored}
    parts = [_match(by_number.get(number), number, etag, sums) for number, etag, sums in chosen]
    for part in parts[:-1]:
        if part.size < MIN_PART_SIZE:
            raise ServiceError(
                "EntityTooSmall",
                f"Part {part.number} is smaller than the minimum allowed size: "
                f"{part.size} bytes, at least {MIN_PART_SIZE} in all parts but the last.",
                ProposedSize=part.size,
                MinSizeAllowed=MIN_PART_SIZE,
                PartNumber=part.number,
                ETag=part.etag,
            )
    return parts


def _match(part: PartInfo | None, number: int, etag: str, checksums: Mapping[str, str]) -> PartInfo:
    agrees = part is not None and part.etag == etag.strip('"')
    if part is None or not agrees or not set(checksums.items()) <= {*part.checksums.items()}:
        found = "none of that number" if part is None else f"ETag {part.etag}, {part.checksums}"
        raise ServiceError(
            "InvalidPart",
            f"Part {number} could not be found as described: expected ETag {etag}, "
            f"{dict(checksums)}; stored: {found}. Upload the part again.",
            PartNumber=number,
            ETag=etag,
        )
    return replace(part, number=number)


def check_whole(
    where: str,
    size: int,
    checksums: Mapping[str, str],
    *,
    expected_size: int | None,
    expected_checksums: Mapping[str, str],
) -> None:
    """Refuse a completion whose object would not be the one that was announced.

    Raises
    ------
    ServiceError
        ``InvalidRequest`` for its size, ``BadDigest`` for a checksum.
    """
    if expected_size is not None and expected_size != size:
        raise ServiceError(
            "InvalidRequest",
            f"{where}: the parts hold {size} bytes in all, "
            f"{expected_size} were announced by x-amz-mp-object-size.",
        )
    for algorithm, value in expected_checksums.items():
        found = checksums.get(algorithm, "")
        if value not in {found, found.rpartition("-")[0]}:
            raise ServiceError(
                "BadDigest",
                f"{where}: the {algorithm} you specified did not match the calculated "
                f"checksum: expected {value}, found {found or 'none'}.",
            )

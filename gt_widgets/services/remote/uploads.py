"""Multipart uploads, passed on to the remote S3 part by part.

Layer: services (imports ``errors`` and ``engine.objects``). The upload's id is the remote's own.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any, BinaryIO

from gt_widgets.engine.objects import Attributes, Condition, Expected, PartInfo, UploadInfo
from gt_widgets.engine.objects.checksums import combine, known_algorithm
from gt_widgets.engine.objects.faults import key_bytes, no_such_upload
from gt_widgets.engine.objects.multipart import (
    check_checksum_type,
    check_part_number,
    check_whole,
    select_parts,
)
from gt_widgets.errors import ServiceError
from gt_widgets.services.remote.carried import NATIVE_CHECKSUMS, received, sent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gt_widgets.engine.clock import Clock
    from gt_widgets.engine.objects import ObjectInfo
    from gt_widgets.services.remote.store import RemoteObjects
    from gt_widgets.services.remote.wire import Remote

    Chosen = Sequence[tuple[int, str, Mapping[str, str]]]

__all__ = ["RemoteUploads"]

_ANYWAY = Condition()
_NOTHING_EXPECTED = Expected()
_NO_ATTRIBUTES = Attributes()
_REMEMBERED = 10_000


class RemoteUploads:
    """The multipart uploads of `RemoteObjects`; reached as its ``uploads``."""

    def __init__(self, objects: RemoteObjects, remote: Remote, *, clock: Clock) -> None:
        self._objects, self._remote, self._clock = objects, remote, clock
        self._known: dict[str, UploadInfo] = {}
        self._sums: dict[str, dict[int, PartInfo]] = {}

    def create(
        self,
        bucket: str,
        key: str,
        *,
        attributes: Attributes = _NO_ATTRIBUTES,
        algorithm: str = "CRC32",
        checksum_type: str = "",
    ) -> UploadInfo:
        """Begin an upload; as ``Multipart.create``."""
        key_bytes(key)
        algorithm, checksum_type = known_algorithm(algorithm), checksum_type or "COMPOSITE"
        check_checksum_type(algorithm, checksum_type)
        self._objects.bucket(bucket)
        native = {"ChecksumAlgorithm": algorithm} if algorithm in NATIVE_CHECKSUMS else {}
        if native and checksum_type == "FULL_OBJECT":
            native["ChecksumType"] = checksum_type
        carried = sent(attributes, checksum_type=checksum_type)
        answer = self._remote.ask("create_multipart_upload", bucket, key, **carried, **native)
        upload = UploadInfo(
            upload_id=answer["UploadId"],
            bucket=bucket,
            key=key,
            initiated=self._clock(),
            attributes=attributes,
            algorithm=algorithm,
            checksum_type=checksum_type,
        )
        while len(self._known) >= _REMEMBERED:
            self._forget(next(iter(self._known)))
        self._known[upload.upload_id] = upload
        self._sums[upload.upload_id] = {}
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
        """Store one part, replacing the one of that number; as ``Multipart.put_part``."""
        check_part_number(number)
        upload = self.upload(bucket, key, upload_id)
        where = f"s3://{bucket}/{key} part {number}"
        with received(body, where, upload.algorithm, expected) as (spool, digests):
            checksums = digests.checksums()
            answer = self._remote.ask(
                "upload_part",
                bucket,
                key,
                UploadId=upload_id,
                PartNumber=number,
                Body=spool,
                ContentLength=digests.size,
                ContentMD5=base64.b64encode(digests.md5).decode(),
                **_native(upload.algorithm, checksums),
            )
        etag = str(answer["ETag"]).strip('"')
        part = PartInfo(number, "", digests.size, etag, self._clock(), checksums)
        self._sums.setdefault(upload_id, {})[number] = part
        return part

    def _forget(self, upload_id: str) -> None:
        self._known.pop(upload_id, None)
        self._sums.pop(upload_id, None)

    def upload(self, bucket: str, key: str, upload_id: str) -> UploadInfo:
        """Return one upload, or raise ``NoSuchUpload``, ``NoSuchBucket``."""
        self._objects.bucket(bucket)
        known = self._known.get(upload_id)
        if known is None:
            known = next(
                (one for one in self._begun(bucket, key) if one.upload_id == upload_id), None
            )
        if known is None or (known.bucket, known.key) != (bucket, key):
            raise no_such_upload(upload_id)
        return known

    def parts(self, bucket: str, key: str, upload_id: str) -> list[PartInfo]:
        """Return the parts that have arrived, by number."""
        self.upload(bucket, key, upload_id)
        found: list[PartInfo] = []
        marker: dict[str, Any] = {}
        while True:
            page = self._remote.ask("list_parts", bucket, key, UploadId=upload_id, **marker)
            found += [self._part(upload_id, one) for one in page.get("Parts", [])]
            if not page.get("IsTruncated"):
                return found
            marker = {"PartNumberMarker": int(page["NextPartNumberMarker"])}

    def parts_of_object(self, info: ObjectInfo) -> Sequence[PartInfo]:
        """Return the parts that a stored object was made of, asked for one by one."""
        found = []
        for number in range(1, info.parts + 1):
            head = self._remote.ask(
                "head_object",
                info.bucket,
                info.key,
                PartNumber=number,
                ChecksumMode="ENABLED",
            )
            checksums = _checksums(head)
            size = int(head["ContentLength"])
            found.append(PartInfo(number, "", size, info.etag, info.last_modified, checksums))
        return found

    def _part(self, upload_id: str, entry: Mapping[str, Any]) -> PartInfo:
        etag, number = entry["ETag"].strip('"'), entry["PartNumber"]
        seen = self._sums.get(upload_id, {}).get(number)
        known = seen.checksums if seen and seen.etag == etag else {}
        return PartInfo(
            number=number,
            blob="",
            size=entry["Size"],
            etag=etag,
            last_modified=entry["LastModified"].timestamp(),
            checksums=_checksums(entry) or known,
        )

    def abort(self, bucket: str, key: str, upload_id: str) -> None:
        """Give an upload up and remove its parts."""
        self.upload(bucket, key, upload_id)
        self._remote.ask("abort_multipart_upload", bucket, key, UploadId=upload_id)
        self._forget(upload_id)

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
        """Make one object of the chosen parts; as ``Multipart.complete``."""
        self._objects.bucket(bucket)
        try:
            upload = self.upload(bucket, key, upload_id)
            stored = self.parts(bucket, key, upload_id)
        except ServiceError as error:
            return self._completed_before(error, bucket, key, chosen)
        parts = select_parts(_trusted(stored, chosen), chosen, upload)
        whole = combine(
            upload.algorithm, upload.checksum_type, [(part.size, part.checksums) for part in parts]
        )
        check_whole(
            f"s3://{bucket}/{key}",
            sum(part.size for part in parts),
            {} if whole is None else {upload.algorithm: whole},
            expected_size=size,
            expected_checksums=checksums or {},
        )
        self._objects.check(bucket, key, condition)
        entries = [
            {"PartNumber": p.number, "ETag": p.etag, **_native(upload.algorithm, p.checksums)}
            for p in parts
        ]
        self._remote.ask(
            "complete_multipart_upload",
            bucket,
            key,
            UploadId=upload_id,
            MultipartUpload={"Parts": entries},
        )
        self._forget(upload_id)
        return self._objects.info(bucket, key)

    def _completed_before(
        self, error: ServiceError, bucket: str, key: str, chosen: Chosen
    ) -> ObjectInfo:
        """Answer a repeated completion with its object: the ETag tells of which parts it is."""
        digest = hashlib.md5(usedforsecurity=False)
        try:
            for _, etag, _ in chosen:
                digest.update(bytes.fromhex(etag.strip('"')))
            info = self._objects.info(bucket, key)
        except (ServiceError, ValueError):
            raise error from None
        if info.etag != f"{digest.hexdigest()}-{len(chosen)}":
            raise error
        return info

    def _begun(self, bucket: str, prefix: str = "") -> list[UploadInfo]:
        stem = self._remote.key(bucket, "")
        pages = self._remote.pages("list_multipart_uploads", Prefix=stem + prefix)
        return [
            UploadInfo(
                upload_id=one["UploadId"],
                bucket=bucket,
                key=one["Key"].removeprefix(stem),
                initiated=one["Initiated"].timestamp(),
                attributes=_NO_ATTRIBUTES,
                algorithm=one.get("ChecksumAlgorithm", "CRC32"),
                checksum_type=one.get("ChecksumType", "COMPOSITE"),
            )
            for page in pages
            for one in page.get("Uploads", [])
        ]

    def list(self, bucket: str) -> list[UploadInfo]:
        """Return the uploads in progress by key, then by upload id."""
        self._objects.bucket(bucket)
        found = self._begun(bucket)
        return sorted(found, key=lambda one: (one.key.encode(), one.upload_id))


def _native(algorithm: str, checksums: Mapping[str, str]) -> dict[str, str]:
    known = algorithm in NATIVE_CHECKSUMS and algorithm in checksums
    return {f"Checksum{algorithm}": checksums[algorithm]} if known else {}


def _checksums(answer: Mapping[str, Any]) -> dict[str, str]:
    return {
        name: answer[f"Checksum{name}"] for name in NATIVE_CHECKSUMS if f"Checksum{name}" in answer
    }


def _trusted(stored: Sequence[PartInfo], chosen: Chosen) -> list[PartInfo]:
    """Give parts whose checksums nobody kept those of the caller: the ETag is of the same bytes."""
    claimed = {(number, etag.strip('"')): checksums for number, etag, checksums in chosen}
    return [
        part
        if part.checksums
        else replace(part, checksums=claimed.get((part.number, part.etag), {}))
        for part in stored
    ]

"""S3's multipart operations.

Layer: services (imports ``errors`` and ``engine.objects``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from gt_widgets.engine.objects import Expected
from gt_widgets.services.s3.common import (
    attributes_of,
    checksum_algorithm,
    checksum_members,
    checksums_of,
    copy_source,
    echoed_headers,
    expected_of,
    owner,
    page_size,
    quoted,
    store_of,
    write_condition,
)
from gt_widgets.services.s3.listing import encoder
from gt_widgets.services.s3.reading import check_copy_conditions, copy_span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gt_widgets.engine.objects import ObjectInfo, PartInfo, UploadInfo
    from gt_widgets.services.call import Call

__all__ = [
    "abort_multipart_upload",
    "complete_multipart_upload",
    "create_multipart_upload",
    "list_multipart_uploads",
    "list_parts",
    "upload_part",
    "upload_part_copy",
]


def create_multipart_upload(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """CreateMultipartUpload."""
    upload = store_of(call, params).uploads.create(
        params["Bucket"],
        params["Key"],
        attributes=attributes_of(params),
        algorithm=checksum_algorithm(params),
        checksum_type=params.get("ChecksumType", ""),
    )
    members = {
        "Bucket": upload.bucket,
        "Key": upload.key,
        "UploadId": upload.upload_id,
        **echoed_headers(upload.attributes),
    }
    if "ChecksumAlgorithm" in params:
        members |= {
            "ChecksumAlgorithm": upload.algorithm,
            "ChecksumType": upload.checksum_type,
        }
    return members


def upload_part(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """UploadPart."""
    part = store_of(call, params).uploads.put_part(
        params["Bucket"],
        params["Key"],
        params["UploadId"],
        params["PartNumber"],
        params.get("Body") or b"",
        expected=expected_of(params),
    )
    return {"ETag": quoted(part.etag), **checksum_members(part.checksums)}


def upload_part_copy(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """UploadPartCopy: an object, or a range of one, becomes a part."""
    store = store_of(call, params)

    def choose(info: ObjectInfo, _: Sequence[PartInfo]) -> tuple[int, int]:
        check_copy_conditions(params, info)
        return copy_span(params.get("CopySourceRange"), info)

    info, body = store.open(*copy_source(params), choose=choose)
    _, length = copy_span(params.get("CopySourceRange"), info)
    with body:
        part = store.uploads.put_part(
            params["Bucket"],
            params["Key"],
            params["UploadId"],
            params["PartNumber"],
            body,
            expected=Expected(size=length),
        )
    result = {"ETag": quoted(part.etag), "LastModified": part.last_modified}
    return {"CopyPartResult": {**result, **checksum_members(part.checksums)}}


def complete_multipart_upload(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """CompleteMultipartUpload: the parts named, ascending, become the object."""
    parts = params.get("MultipartUpload", {}).get("Parts", [])
    info = store_of(call, params).uploads.complete(
        params["Bucket"],
        params["Key"],
        params["UploadId"],
        [(one["PartNumber"], one.get("ETag", ""), checksums_of(one)) for one in parts],
        size=params.get("MpuObjectSize"),
        checksums=checksums_of(params),
        condition=write_condition(params),
    )
    members = {
        "Location": f"{call.base_url}/{info.bucket}/{quote(info.key, safe='/')}",
        "Bucket": info.bucket,
        "Key": info.key,
        "ETag": quoted(info.etag),
        **echoed_headers(info),
        **checksum_members(info.checksums),
    }
    return {**members, "ChecksumType": info.checksum_type} if info.checksums else members


def abort_multipart_upload(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """AbortMultipartUpload."""
    uploads = store_of(call, params).uploads
    uploads.abort(params["Bucket"], params["Key"], params["UploadId"])
    return {}


def list_parts(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """ListParts: what has arrived, by part number."""
    uploads = store_of(call, params).uploads
    where = params["Bucket"], params["Key"], params["UploadId"]
    upload, parts = uploads.upload(*where), uploads.parts(*where)
    marker, size = int(params.get("PartNumberMarker", 0)), page_size(params, "MaxParts")
    after = [part for part in parts if part.number > marker]
    page = after[:size]
    return {
        "Bucket": upload.bucket,
        "Key": upload.key,
        "UploadId": upload.upload_id,
        "PartNumberMarker": marker,
        "NextPartNumberMarker": page[-1].number if page else marker,
        "MaxParts": size,
        "IsTruncated": len(page) < len(after),
        "Parts": [_part(part) for part in page],
        "Initiator": owner(call),
        "Owner": owner(call),
        "StorageClass": upload.attributes.headers.get("StorageClass", "STANDARD"),
        "ChecksumAlgorithm": upload.algorithm,
        "ChecksumType": upload.checksum_type,
    }


def _part(part: PartInfo) -> dict[str, Any]:
    return {
        "PartNumber": part.number,
        "LastModified": part.last_modified,
        "ETag": quoted(part.etag),
        "Size": part.size,
        **checksum_members(part.checksums),
    }


def list_multipart_uploads(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """ListMultipartUploads: uploads in progress, by key and upload id."""
    shown, size = encoder(params), page_size(params, "MaxUploads")
    prefix, delimiter = params.get("Prefix", ""), params.get("Delimiter", "")
    marker = params.get("KeyMarker", ""), params.get("UploadIdMarker", "")
    after = [
        one
        for one in store_of(call, params).uploads.list(params["Bucket"])
        if one.key.startswith(prefix) and _lies_after(one, *marker)
    ]
    entries: dict[str, UploadInfo | None] = {}
    last: UploadInfo | None = None
    truncated = False
    for one in after:
        group = _group(one.key, prefix, delimiter)
        name = group or f"{one.key}\0{one.upload_id}"
        if name not in entries and len(entries) == size:
            truncated = size > 0
            break
        entries[name], last = (None if group else one), one
    members: dict[str, Any] = {
        "Bucket": params["Bucket"],
        "Prefix": shown(prefix),
        "KeyMarker": shown(marker[0]),
        "UploadIdMarker": marker[1],
        "MaxUploads": size,
        "IsTruncated": truncated,
        "Uploads": [_upload(call, one, shown(one.key)) for one in entries.values() if one],
        "CommonPrefixes": [{"Prefix": shown(n)} for n, one in entries.items() if one is None],
    }
    if truncated and last is not None:
        members |= {"NextKeyMarker": shown(last.key), "NextUploadIdMarker": last.upload_id}
    return members


def _group(key: str, prefix: str, delimiter: str) -> str:
    at = key.find(delimiter, len(prefix)) if delimiter else -1
    return key[: at + len(delimiter)] if at >= 0 else ""


def _lies_after(upload: UploadInfo, key_marker: str, upload_id_marker: str) -> bool:
    if not upload_id_marker:
        return upload.key.encode() > key_marker.encode()
    return (upload.key.encode(), upload.upload_id) > (key_marker.encode(), upload_id_marker)


def _upload(call: Call, upload: UploadInfo, key: str) -> dict[str, Any]:
    return {
        "UploadId": upload.upload_id,
        "Key": key,
        "Initiated": upload.initiated,
        "StorageClass": upload.attributes.headers.get("StorageClass", "STANDARD"),
        "Owner": owner(call),
        "Initiator": owner(call),
        "ChecksumAlgorithm": upload.algorithm,
        "ChecksumType": upload.checksum_type,
    }

"""S3 operations on one object: put, get, head, delete, copy, tags, attributes.

Layer: services (imports ``errors`` and ``engine.objects``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gt_widgets.engine.objects import Attributes, Condition
from gt_widgets.engine.objects.faults import MAX_KEY_BYTES
from gt_widgets.errors import GroundTruthError, ServiceError
from gt_widgets.services.s3.common import (
    attributes_of,
    checksum_algorithm,
    checksum_members,
    copy_source,
    echoed_headers,
    expected_of,
    owner,
    quoted,
    store_of,
    tags_of,
    write_condition,
)
from gt_widgets.services.s3.reading import Reading, check_copy_conditions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gt_widgets.engine.objects import ObjectInfo, Objects, PartInfo
    from gt_widgets.services.call import Call
    from gt_widgets.services.s3.reading import Span

__all__ = [
    "copy_object",
    "delete_object",
    "delete_object_tagging",
    "delete_objects",
    "get_object",
    "get_object_acl",
    "get_object_attributes",
    "get_object_tagging",
    "head_object",
    "put_object",
    "put_object_tagging",
]

_RESPONSE_OVERRIDES = {
    "ResponseCacheControl": "CacheControl",
    "ResponseContentDisposition": "ContentDisposition",
    "ResponseContentEncoding": "ContentEncoding",
    "ResponseContentLanguage": "ContentLanguage",
    "ResponseContentType": "ContentType",
    "ResponseExpires": "Expires",
}
_SHOWN_HEADERS = (
    *("CacheControl", "ContentDisposition", "ContentEncoding", "ContentLanguage", "Expires"),
    *("ServerSideEncryption", "SSEKMSKeyId", "BucketKeyEnabled", "WebsiteRedirectLocation"),
)
_MAX_DELETES = 1000


def put_object(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """PutObject: store a body, verified by its length, Content-MD5 and checksum if given."""
    store, attributes = store_of(call, params), attributes_of(params)
    info = store.put(
        params["Bucket"],
        params["Key"],
        params.get("Body") or b"",
        content_type=attributes.content_type,
        metadata=attributes.metadata,
        headers=attributes.headers,
        tags=attributes.tags,
        algorithm=checksum_algorithm(params),
        expected=expected_of(params),
        condition=write_condition(params),
    )
    return {"ETag": quoted(info.etag), **_checksums(info), **echoed_headers(info)}


def get_object(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """GetObject: the whole object, a range of it, or one part; conditions first."""
    reading = Reading(params)
    store = store_of(call, params)
    info, body = store.open(params["Bucket"], params["Key"], choose=reading)
    return {**_description(params, info, reading.span), "Body": body}


def head_object(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """HeadObject: what GetObject would say, without the bytes."""
    reading = Reading(params)
    info, parts = store_of(call, params).parts(params["Bucket"], params["Key"])
    reading(info, parts)
    return _description(params, info, reading.span)


def _description(params: dict[str, Any], info: ObjectInfo, span: Span) -> dict[str, Any]:
    members: dict[str, Any] = {
        "AcceptRanges": "bytes",
        "ContentLength": span.length,
        "ContentType": info.content_type,
        "ETag": quoted(info.etag),
        "LastModified": info.last_modified,
        "Metadata": dict(info.metadata),
        **echoed_headers(info, _SHOWN_HEADERS),
    }
    if span.partial:
        last = span.start + span.length - 1
        members["ContentRange"] = f"bytes {span.start}-{last}/{info.size}"
    if span.part is not None and info.parts:
        members["PartsCount"] = info.parts
    if info.tags:
        members["TagCount"] = len(info.tags)
    if (storage_class := info.headers.get("StorageClass", "STANDARD")) != "STANDARD":
        members["StorageClass"] = storage_class
    if params.get("ChecksumMode") == "ENABLED":
        members |= _shown_checksums(info, span)
    overrides = _RESPONSE_OVERRIDES.items()
    return members | {name: params[asked] for asked, name in overrides if asked in params}


def _shown_checksums(info: ObjectInfo, span: Span) -> dict[str, str]:
    if span.part is not None:
        return checksum_members(span.part.checksums)
    return {} if span.partial else _checksums(info)


def _checksums(info: ObjectInfo) -> dict[str, str]:
    if not info.checksums:
        return {}
    return {**checksum_members(info.checksums), "ChecksumType": info.checksum_type}


def delete_object(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """DeleteObject: also fine when there is nothing to delete."""
    condition = Condition(if_match=params.get("IfMatch"))
    store_of(call, params).delete(params["Bucket"], params["Key"], condition=condition)
    return {}


def delete_objects(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """DeleteObjects: up to 1,000 keys; what fails is listed, the rest is deleted.

    Raises
    ------
    ServiceError
        ``MalformedXML`` for none, or more than 1,000.
    """
    store, bucket = store_of(call, params), params["Bucket"]
    store.bucket(bucket)
    wanted, quiet = params["Delete"].get("Objects", []), params["Delete"].get("Quiet", False)
    if not 1 <= len(wanted) <= _MAX_DELETES:
        raise ServiceError(
            "MalformedXML",
            f"DeleteObjects takes 1 to {_MAX_DELETES} objects at once; found {len(wanted)}.",
        )
    careful = [one for one in wanted if not _is_plain(one)]
    errors = [error for one in careful if (error := _refused_delete(store, bucket, one))]
    store.delete_many(bucket, [one["Key"] for one in wanted if _is_plain(one)])
    failed = {error["Key"] for error in errors}
    deleted = [{"Key": one["Key"]} for one in wanted if one["Key"] not in failed]
    return {"Deleted": [] if quiet else deleted, "Errors": errors}


def _is_plain(one: dict[str, Any]) -> bool:
    return one.keys() == {"Key"} and 0 < len(one["Key"].encode()) <= MAX_KEY_BYTES


def _refused_delete(store: Objects, bucket: str, one: dict[str, Any]) -> dict[str, str] | None:
    """Delete one object with its conditions; return its entry in the error list, if any."""
    try:
        if one.get("VersionId", "null") != "null":
            raise ServiceError("NoSuchVersion", "The specified version does not exist.", 404)
        store.delete(bucket, one["Key"], condition=Condition(if_match=one.get("ETag")))
    except GroundTruthError as error:
        return {"Key": one["Key"], "Code": error.code, "Message": str(error)}
    return None


def copy_object(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """CopyObject: within and between buckets, attributes copied or replaced.

    Raises
    ------
    ServiceError
        ``InvalidRequest`` for a copy onto itself that changes nothing.
    """
    store, source = store_of(call, params), copy_source(params)
    replaced = params.get("MetadataDirective", "COPY") == "REPLACE"
    given = attributes_of(params)
    if source == (params["Bucket"], params["Key"]) and not (replaced or given.headers):
        raise ServiceError(
            "InvalidRequest",
            "This copy request is illegal because it is trying to copy an object to itself "
            "without changing the object's metadata, storage class or encryption attributes.",
        )

    def carried(found: ObjectInfo) -> Attributes:
        check_copy_conditions(params, found)
        return _carried(params, found, given, replaced=replaced)

    info = store.copy(
        source,
        params["Bucket"],
        params["Key"],
        attributes=carried,
        algorithm=checksum_algorithm(params, ""),
        condition=write_condition(params),
    )
    result = {"ETag": quoted(info.etag), "LastModified": info.last_modified}
    return {"CopyObjectResult": {**result, **_checksums(info)}, **echoed_headers(info)}


def _carried(
    params: dict[str, Any], found: ObjectInfo, given: Attributes, *, replaced: bool
) -> Attributes:
    """Return what a copy carries: each directive says whose metadata and whose tags."""
    retagged = params.get("TaggingDirective", "COPY") == "REPLACE"
    tags = given.tags if retagged else found.tags
    if replaced:
        return Attributes(given.content_type, given.metadata, given.headers, tags)
    headers = {**found.headers, **given.headers}
    return Attributes(found.content_type, found.metadata, headers, tags)


def get_object_tagging(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """GetObjectTagging."""
    info = store_of(call, params).info(params["Bucket"], params["Key"])
    return {"TagSet": [{"Key": key, "Value": value} for key, value in info.tags.items()]}


def put_object_tagging(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """PutObjectTagging: replaces all tags."""
    pairs = [(tag["Key"], tag["Value"]) for tag in params["Tagging"].get("TagSet", [])]
    store_of(call, params).set_tags(params["Bucket"], params["Key"], tags_of(pairs))
    return {}


def delete_object_tagging(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """DeleteObjectTagging."""
    store_of(call, params).set_tags(params["Bucket"], params["Key"], {})
    return {}


def get_object_acl(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """GetObjectAcl: always full control for the one owner."""
    store_of(call, params).info(params["Bucket"], params["Key"])
    grantee = {"Type": "CanonicalUser", **owner(call)}
    return {
        "Owner": owner(call),
        "Grants": [{"Grantee": grantee, "Permission": "FULL_CONTROL"}],
    }


def get_object_attributes(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """GetObjectAttributes: of ETag, Checksum, ObjectParts, StorageClass, ObjectSize those asked."""
    info, parts = store_of(call, params).parts(params["Bucket"], params["Key"])
    known: dict[str, Any] = {
        "ETag": info.etag,
        "Checksum": _checksums(info) or None,
        "ObjectParts": _object_parts(params, parts) if info.parts else None,
        "StorageClass": info.headers.get("StorageClass", "STANDARD"),
        "ObjectSize": info.size,
    }
    asked = set(params["ObjectAttributes"])
    shown = {k: value for k, value in known.items() if k in asked and value is not None}
    return {"LastModified": info.last_modified, **shown}


def _object_parts(params: dict[str, Any], parts: Sequence[PartInfo]) -> dict[str, Any]:
    marker, size = params.get("PartNumberMarker", 0), params.get("MaxParts", _MAX_DELETES)
    after = [part for part in parts if part.number > int(marker)]
    page = after[:size]
    return {
        "TotalPartsCount": len(parts),
        "PartNumberMarker": int(marker),
        "NextPartNumberMarker": page[-1].number if page else int(marker),
        "MaxParts": size,
        "IsTruncated": len(page) < len(after),
        "Parts": [
            {"PartNumber": p.number, "Size": p.size, **checksum_members(p.checksums)} for p in page
        ],
    }

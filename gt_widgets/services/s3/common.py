"""What S3's operations share: reading parameters into the store's terms, and back.

Layer: services (imports ``errors`` and ``engine.objects``).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote

from gt_widgets.engine.objects import Attributes, Condition, Expected
from gt_widgets.errors import OperationNotImplementedError, ServiceError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gt_widgets.engine.objects import ObjectInfo, Objects
    from gt_widgets.services.call import Call

__all__ = [
    "argument_refused",
    "attributes_of",
    "checksum_algorithm",
    "checksum_members",
    "checksums_of",
    "copy_source",
    "echoed_headers",
    "expected_of",
    "owner",
    "page_size",
    "quoted",
    "store_of",
    "tags_of",
    "write_condition",
]

_CHECKSUM_ALGORITHMS = (
    *("CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256", "SHA512", "MD5"),
    *("XXHASH64", "XXHASH3", "XXHASH128"),
)
_STORED_HEADERS = (
    *("CacheControl", "ContentDisposition", "ContentEncoding", "ContentLanguage", "Expires"),
    *("ServerSideEncryption", "SSEKMSKeyId", "SSEKMSEncryptionContext", "BucketKeyEnabled"),
    *("StorageClass", "WebsiteRedirectLocation"),
)
_ECHOED_ON_WRITE = (
    *("ServerSideEncryption", "SSEKMSKeyId", "SSEKMSEncryptionContext", "BucketKeyEnabled"),
)
_REFUSED = (
    *("SSECustomerKey", "CopySourceSSECustomerKey", "WriteOffsetBytes", "MFA"),
    *("ObjectLockMode", "ObjectLockRetainUntilDate", "ObjectLockLegalHoldStatus"),
    *("ObjectLockEnabledForBucket", "GrantFullControl", "GrantRead", "GrantReadACP"),
    *("GrantWrite", "GrantWriteACP"),
)
_OWNER_ONLY_ACLS = {"private", "bucket-owner-full-control", "bucket-owner-read"}
_MAX_METADATA_BYTES = 2048
_MAX_TAGS, _MAX_TAG_KEY, _MAX_TAG_VALUE = 10, 128, 256
_MAX_PAGE = 1000


def store_of(call: Call, params: Mapping[str, Any]) -> Objects:
    """Return the store, after refusing what it would otherwise silently not do.

    Raises
    ------
    OperationNotImplementedError
        For encryption with the customer's own key, object lock, grants and appends.
    ServiceError
        ``AccessDenied`` if the bucket is not that of ``ExpectedBucketOwner``,
        ``AccessControlListNotSupported`` for an ACL that opens the object to others,
        ``NoSuchVersion`` for any version but ``null``.
    """
    if asked := [name for name in _REFUSED if params.get(name)]:
        raise OperationNotImplementedError(
            f"The local S3 does not have {', '.join(asked)}. Leave it out."
        )
    for member in ("ExpectedBucketOwner", "ExpectedSourceBucketOwner"):
        if params.get(member, call.account_id) != call.account_id:
            raise ServiceError(
                "AccessDenied",
                f"Access Denied: {member} is {params[member]}, the buckets here belong to "
                f"{call.account_id}.",
                403,
            )
    if params.get("ACL", "private") not in _OWNER_ONLY_ACLS:
        raise ServiceError(
            "AccessControlListNotSupported",
            f"The bucket does not allow ACLs; found {params['ACL']!r}. Leave ACL out.",
        )
    if params.get("VersionId", "null") != "null":
        raise ServiceError(
            "NoSuchVersion",
            f"The specified version does not exist: {params['VersionId']!r}; local buckets "
            f"are not versioned.",
            404,
        )
    store: Objects = call.engine.objects
    return store


def argument_refused(name: str, value: object, problem: str) -> ServiceError:
    """``InvalidArgument``, 400."""
    text = f"{name}: {problem}; found {value!r}."
    return ServiceError("InvalidArgument", text, ArgumentName=name, ArgumentValue=str(value))


def quoted(etag: str) -> str:
    """Return an entity tag as HTTP writes it."""
    return f'"{etag}"'


def owner(call: Call) -> dict[str, str]:
    """Return the one owner of everything here, by a canonical user id of 64 characters."""
    return {"ID": hashlib.sha256(call.account_id.encode()).hexdigest()}


def page_size(params: Mapping[str, Any], member: str) -> int:
    """Return how many entries a page may have: 0 to 1,000."""
    size: int = params.get(member, _MAX_PAGE)
    if size < 0:
        raise argument_refused(member, size, "expected an integer of 0 or more")
    return min(size, _MAX_PAGE)


# Into the store


def attributes_of(params: Mapping[str, Any]) -> Attributes:
    """Read content type, user metadata, system headers and tags of a write.

    Raises
    ------
    ServiceError
        ``MetadataTooLarge`` above 2 KiB of names and values, ``InvalidTag``.
    """
    metadata = params.get("Metadata", {})
    size = sum(len(key.encode()) + len(text.encode()) for key, text in metadata.items())
    if size > _MAX_METADATA_BYTES:
        raise ServiceError(
            "MetadataTooLarge",
            f"Your metadata headers exceed the maximum allowed metadata size: {size} bytes, "
            f"at most {_MAX_METADATA_BYTES}.",
            Size=size,
            MaxSizeAllowed=_MAX_METADATA_BYTES,
        )
    given = ((name, params.get(name)) for name in _STORED_HEADERS)
    tags = parse_qsl(params.get("Tagging", ""), keep_blank_values=True)
    return Attributes(
        content_type=params.get("ContentType") or "binary/octet-stream",
        metadata=metadata,
        headers={name: _header_text(value) for name, value in given if value is not None},
        tags=tags_of(tags),
    )


def _header_text(value: Any) -> str:
    if isinstance(value, datetime):
        return str(value.timestamp())
    return str(value).lower() if isinstance(value, bool) else str(value)


def tags_of(pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Read up to ten object tags, each with a key of its own.

    Raises
    ------
    ServiceError
        ``BadRequest`` for too many, ``InvalidTag`` for one that S3 would not take.
    """
    tags = dict(pairs)
    if len(pairs) > _MAX_TAGS:
        raise ServiceError(
            "BadRequest",
            f"Object tags cannot be greater than {_MAX_TAGS}; found {len(pairs)}.",
        )
    if len(tags) < len(pairs):
        raise ServiceError("InvalidTag", "Cannot provide multiple Tags with the same key.")
    for key, value in pairs:
        if not 1 <= len(key) <= _MAX_TAG_KEY or len(value) > _MAX_TAG_VALUE:
            raise ServiceError(
                "InvalidTag",
                f"A tag has a key of 1 to {_MAX_TAG_KEY} and a value of up to "
                f"{_MAX_TAG_VALUE} characters; found {key!r}={value!r}.",
            )
    return tags


def expected_of(params: Mapping[str, Any]) -> Expected:
    """Read what the sender says of a body: length, Content-MD5, checksum.

    Raises
    ------
    ServiceError
        ``InvalidRequest`` for two checksums, ``InvalidDigest`` for an MD5 that is none.
    """
    checksums = checksums_of(params)
    if len(checksums) > 1:
        raise ServiceError(
            "InvalidRequest",
            f"Expecting a single x-amz-checksum- header; found {sorted(checksums)}.",
        )
    md5 = params.get("ContentMD5")
    return Expected(
        size=params.get("ContentLength"),
        md5=None if md5 is None else _content_md5(md5),
        checksums=checksums,
    )


def _content_md5(text: str) -> bytes:
    try:
        digest = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        digest = b""
    if len(digest) != hashlib.md5(usedforsecurity=False).digest_size:
        raise ServiceError("InvalidDigest", f"The Content-MD5 {text!r} is not valid.")
    return digest


def checksums_of(params: Mapping[str, Any]) -> dict[str, str]:
    """Return the ``Checksum...`` members given, by algorithm."""
    members = {name: f"Checksum{name}" for name in _CHECKSUM_ALGORITHMS}
    return {name: params[member] for name, member in members.items() if member in params}


def checksum_algorithm(params: Mapping[str, Any], default: str = "CRC32") -> str:
    """Return the algorithm a write is to be remembered by."""
    given = next(iter(checksums_of(params)), "")
    return given or params.get("ChecksumAlgorithm") or default


def write_condition(params: Mapping[str, Any]) -> Condition:
    """Read ``If-Match`` and ``If-None-Match: *`` of a write.

    Raises
    ------
    OperationNotImplementedError
        For a condition that S3 itself does not have.
    """
    if params.get("IfNoneMatch", "*") != "*":
        raise OperationNotImplementedError(
            f"If-None-Match on a write takes '*' only; found {params['IfNoneMatch']!r}."
        )
    return Condition(params.get("IfMatch"), params.get("IfNoneMatch"))


def copy_source(params: Mapping[str, Any]) -> tuple[str, str]:
    """Read ``x-amz-copy-source``, percent-encoded ``bucket/key``, with or without ``/``.

    Raises
    ------
    ServiceError
        ``InvalidArgument``.
    """
    source: str = params["CopySource"]
    path, _, query = source.partition("?")
    bucket, _, key = unquote(path).removeprefix("/").partition("/")
    if not bucket or not key or query not in {"", "versionId=null"}:
        raise argument_refused(
            "x-amz-copy-source", source, "expected bucket/key, percent-encoded, no version"
        )
    return bucket, key


# Out of the store


def checksum_members(checksums: Mapping[str, str]) -> dict[str, str]:
    """Return checksums as ``ChecksumCRC32`` and so on."""
    return {f"Checksum{name}": value for name, value in checksums.items()}


def echoed_headers(
    info: ObjectInfo | Attributes, names: Sequence[str] = _ECHOED_ON_WRITE
) -> dict[str, Any]:
    """Return stored system headers as output members; encryption ones unless told others."""
    stored = {name: info.headers[name] for name in names if name in info.headers}
    members: dict[str, Any] = dict(stored)
    if "BucketKeyEnabled" in stored:
        members["BucketKeyEnabled"] = stored["BucketKeyEnabled"] == "true"
    if "Expires" in stored:
        members["Expires"] = float(stored["Expires"])
    return members

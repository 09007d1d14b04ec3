"""What the object store remembers: buckets, objects, parts, uploads.

Layer: engine (plain data; imports nothing of ours).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "Attributes",
    "BucketInfo",
    "Condition",
    "Expected",
    "Listing",
    "ObjectInfo",
    "PartInfo",
    "UploadInfo",
]


@dataclass(frozen=True, slots=True)
class BucketInfo:
    """One bucket; ``created`` in epoch seconds."""

    name: str
    region: str
    created: float


@dataclass(frozen=True, slots=True)
class Attributes:
    """What a caller says about an object besides its bytes.

    ``headers`` holds the system headers by their AWS member name (``CacheControl``,
    ``ContentEncoding``, ``SSEKMSKeyId`` ...); ``metadata`` the user's own, keys lower case.
    """

    content_type: str = "binary/octet-stream"
    metadata: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, info: ObjectInfo) -> Attributes:
        """Return those of a stored object."""
        return cls(info.content_type, info.metadata, info.headers, info.tags)


@dataclass(frozen=True, slots=True)
class ObjectInfo:
    """One object as a reader sees it.

    ``size`` is in bytes, ``etag`` has no quotes, ``last_modified`` is in epoch seconds,
    ``checksums`` maps an algorithm (``"CRC32"``) to AWS's Base64 form, and ``parts`` is the
    number of parts of a multipart upload, 0 for an object put in one piece.
    """

    bucket: str
    key: str
    size: int
    etag: str
    last_modified: float
    content_type: str = "binary/octet-stream"
    metadata: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    checksums: Mapping[str, str] = field(default_factory=dict)
    checksum_type: str = "FULL_OBJECT"
    parts: int = 0
    version: str = ""


@dataclass(frozen=True, slots=True)
class PartInfo:
    """One stored part: ``number`` in 1-10,000 (0 for an object put in one piece)."""

    number: int
    blob: str
    size: int
    etag: str
    last_modified: float
    checksums: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class UploadInfo:
    """One multipart upload that is neither completed nor aborted."""

    upload_id: str
    bucket: str
    key: str
    initiated: float
    attributes: Attributes
    algorithm: str = "CRC32"
    checksum_type: str = "COMPOSITE"


@dataclass(frozen=True, slots=True)
class Expected:
    """What the sender says the bytes are; anything given is verified before they count."""

    size: int | None = None
    md5: bytes | None = None
    checksums: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Condition:
    """When a write may replace what is there; both ``None`` means always.

    ``if_match`` is an entity tag (quotes allowed) or ``"*"``; ``if_none_match`` is ``"*"``.
    """

    if_match: str | None = None
    if_none_match: str | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a bucket: ``next_after`` goes into the next call, ``""`` on the last page."""

    objects: tuple[ObjectInfo, ...]
    common_prefixes: tuple[str, ...] = ()
    next_after: str = ""

"""ListObjectsV2 and ListObjects.

Layer: services (imports ``errors`` and ``engine.objects``).
"""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from gt_widgets.services.s3.common import argument_refused, owner, page_size, quoted, store_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from gt_widgets.engine.objects import Listing, ObjectInfo
    from gt_widgets.services.call import Call

__all__ = ["encoder", "list_objects", "list_objects_v2"]


def list_objects_v2(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """ListObjectsV2: one page; ``NextContinuationToken`` goes into the next call."""
    token = params.get("ContinuationToken")
    after = params.get("StartAfter", "") if token is None else _read_token(token)
    page = _page(call, params, after)
    shown = encoder(params)
    members = _members(call, params, page, with_owner=params.get("FetchOwner", False))
    members["KeyCount"] = len(page.objects) + len(page.common_prefixes)
    if token is not None:
        members["ContinuationToken"] = token
    if "StartAfter" in params:
        members["StartAfter"] = shown(params["StartAfter"])
    if page.next_after:
        members["NextContinuationToken"] = _token(page.next_after)
    return members


def list_objects(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """ListObjects: the older form, paged by ``Marker``."""
    page = _page(call, params, params.get("Marker", ""))
    shown = encoder(params)
    members = _members(call, params, page, with_owner=True)
    members["Marker"] = shown(params.get("Marker", ""))
    if page.next_after and params.get("Delimiter"):
        members["NextMarker"] = shown(page.next_after)
    return members


def encoder(params: dict[str, Any]) -> Callable[[str], str]:
    """Return how keys are written: percent-encoded under ``encoding-type=url``."""
    encoding = params.get("EncodingType")
    if encoding not in {None, "url"}:
        raise argument_refused("encoding-type", encoding, "expected 'url' or nothing")
    return (lambda text: quote(text, safe="/")) if encoding else str


def _page(call: Call, params: dict[str, Any], after: str) -> Listing:
    return store_of(call, params).list_page(
        params["Bucket"],
        prefix=params.get("Prefix", ""),
        delimiter=params.get("Delimiter", ""),
        start_after=after,
        limit=page_size(params, "MaxKeys"),
    )


def _members(
    call: Call, params: dict[str, Any], page: Listing, *, with_owner: bool
) -> dict[str, Any]:
    shown = encoder(params)
    owned = {"Owner": owner(call)} if with_owner else {}
    members: dict[str, Any] = {
        "Name": params["Bucket"],
        "Prefix": shown(params.get("Prefix", "")),
        "MaxKeys": page_size(params, "MaxKeys"),
        "IsTruncated": bool(page.next_after),
        "Contents": [{**_entry(info), "Key": shown(info.key), **owned} for info in page.objects],
        "CommonPrefixes": [{"Prefix": shown(one)} for one in page.common_prefixes],
    }
    if params.get("Delimiter"):
        members["Delimiter"] = shown(params["Delimiter"])
    if params.get("EncodingType"):
        members["EncodingType"] = params["EncodingType"]
    return members


def _entry(info: ObjectInfo) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "LastModified": info.last_modified,
        "ETag": quoted(info.etag),
        "Size": info.size,
        "StorageClass": info.headers.get("StorageClass", "STANDARD"),
    }
    if info.checksums:
        entry |= {"ChecksumAlgorithm": list(info.checksums), "ChecksumType": info.checksum_type}
    return entry


def _token(after: str) -> str:
    return base64.urlsafe_b64encode(after.encode()).decode("ascii")


def _read_token(token: str) -> str:
    try:
        return base64.urlsafe_b64decode(token).decode()
    except (binascii.Error, ValueError) as error:
        raise argument_refused(
            "continuation-token", token, "the continuation token provided is incorrect"
        ) from error

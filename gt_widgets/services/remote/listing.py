"""Pages of a bucket, which is a prefix on the remote S3.

Layer: services (imports ``engine.objects``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gt_widgets.engine.objects import Listing, ObjectInfo

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gt_widgets.services.remote.wire import Remote

__all__ = ["list_page"]

_PAGE = 1000
_LAST = "\U0010ffff"


def list_page(
    remote: Remote, bucket: str, *, prefix: str, delimiter: str, after: str, limit: int
) -> Listing:
    """Collect one page; the parameters are those of ``engine.objects.listing.list_page``."""
    if not limit:
        return Listing(())
    stem = remote.key(bucket, "")
    asked: dict[str, Any] = {"Prefix": stem + prefix}
    if after:
        asked["StartAfter"] = stem + _behind(prefix, delimiter, after)
    if delimiter:
        asked["Delimiter"] = delimiter
    objects: list[ObjectInfo] = []
    groups: list[str] = []
    more = False
    paging = {"PageSize": min(limit, _PAGE)}
    for page in remote.pages("list_objects_v2", PaginationConfig=paging, **asked):
        objects += [_listed(bucket, one, stem) for one in page.get("Contents", [])]
        groups += [one["Prefix"].removeprefix(stem) for one in page.get("CommonPrefixes", [])]
        more = bool(page.get("IsTruncated"))
        if len(objects) + len(groups) >= limit:
            break
    last = max([*(info.key for info in objects), *groups], default="", key=str.encode)
    return Listing(tuple(objects), tuple(groups), last if more else "")


def _behind(prefix: str, delimiter: str, after: str) -> str:
    """Go on behind a common prefix as a whole: behind the last key that could lie in it."""
    is_group = delimiter and after.startswith(prefix) and after.endswith(delimiter)
    return f"{after}{_LAST}" if is_group and len(after) > len(prefix) else after


def _listed(bucket: str, entry: Mapping[str, Any], stem: str) -> ObjectInfo:
    return ObjectInfo(
        bucket=bucket,
        key=entry["Key"].removeprefix(stem),
        size=entry["Size"],
        etag=entry["ETag"].strip('"'),
        last_modified=entry["LastModified"].timestamp(),
    )

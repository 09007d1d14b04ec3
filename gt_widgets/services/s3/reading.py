"""Which bytes a GET or HEAD may have: conditions, ranges, part numbers.

Layer: services (imports ``errors`` and ``engine.objects``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from gt_widgets.engine.objects.faults import precondition_failed
from gt_widgets.errors import ServiceError
from gt_widgets.services.s3.common import quoted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gt_widgets.engine.objects import ObjectInfo, PartInfo

__all__ = ["Reading", "Span", "check_copy_conditions", "copy_span"]

_RANGE = re.compile(r"\s*bytes\s*=\s*(\d*)\s*-\s*(\d*)\s*")
_COPY_RANGE = re.compile(r"bytes=(\d+)-(\d+)")


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes ``start`` to ``start + length`` of an object; ``partial`` makes it a 206."""

    start: int
    length: int
    partial: bool = False
    part: PartInfo | None = None


@dataclass(slots=True)
class Reading:
    """The chooser given to ``ObjectStore.open``: checks, then remembers the span."""

    params: Mapping[str, Any]
    span: Span = field(default_factory=lambda: Span(0, 0))

    def __call__(self, info: ObjectInfo, parts: Sequence[PartInfo]) -> tuple[int, int]:
        """Return ``(start, length)``, or raise 304, 412 or 416."""
        _check_read_conditions(self.params, info)
        self.span = _span(self.params, info, parts)
        return self.span.start, self.span.length


def _span(params: Mapping[str, Any], info: ObjectInfo, parts: Sequence[PartInfo]) -> Span:
    number, header = params.get("PartNumber"), params.get("Range")
    if number is None:
        return _range(header or "", info)
    if header:
        raise ServiceError("InvalidRequest", "Cannot specify both Range header and partNumber.")
    start = 0
    for part in parts:
        if number == (part.number or 1):
            return Span(start, part.size, partial=part.size > 0, part=part)
        start += part.size
    raise ServiceError(
        "InvalidPartNumber",
        f"The requested partnumber is not satisfiable: {number} of {max(info.parts, 1)}.",
        416,
        ActualPartCount=max(info.parts, 1),
        PartNumberRequested=number,
    )


def _range(header: str, info: ObjectInfo) -> Span:
    """Read one range; several, or what is no range, get the whole object, as on S3."""
    whole = Span(0, info.size)
    found = _RANGE.fullmatch(header)
    if found is None or not any(found.groups()):
        return whole
    first, last = (int(text) if text else None for text in found.groups())
    if first is None:
        start, stop = max(0, info.size - (last or 0)), info.size
    else:
        start, stop = first, info.size if last is None else min(last + 1, info.size)
        if last is not None and last < first:
            return whole
    if start >= stop:
        raise ServiceError(
            "InvalidRange",
            "The requested range is not satisfiable.",
            416,
            RangeRequested=header,
            ActualObjectSize=info.size,
            ResponseMetadata={"HTTPHeaders": {"Content-Range": f"bytes */{info.size}"}},
        )
    return Span(start, stop - start, partial=True)


def copy_span(header: str | None, info: ObjectInfo) -> tuple[int, int]:
    """Return ``(start, length)`` of ``x-amz-copy-source-range``, which must lie inside."""
    if header is None:
        return 0, info.size
    found = _COPY_RANGE.fullmatch(header)
    first, last = (int(text) for text in found.groups()) if found else (0, -1)
    if last < first or last >= info.size:
        raise ServiceError(
            "InvalidArgument",
            f"The x-amz-copy-source-range value must be of the form bytes=first-last within "
            f"the {info.size} bytes of s3://{info.bucket}/{info.key}; found {header!r}.",
            ArgumentName="x-amz-copy-source-range",
            ArgumentValue=header,
        )
    return first, last - first + 1


# Conditions


def _check_read_conditions(params: Mapping[str, Any], info: ObjectInfo) -> None:
    failed, unmodified = _verdict(params, info, "If")
    if failed:
        raise precondition_failed(failed)
    if unmodified:
        raise ServiceError(
            "NotModified",
            f"Not modified: {unmodified} holds.",
            304,
            ETag=quoted(info.etag),
            LastModified=info.last_modified,
        )


def check_copy_conditions(params: Mapping[str, Any], info: ObjectInfo) -> None:
    """Judge the ``x-amz-copy-source-if-...`` headers; all that fail are 412."""
    if failed := "".join(_verdict(params, info, "CopySourceIf")):
        raise precondition_failed(f"x-amz-copy-source-{failed}")


def _verdict(params: Mapping[str, Any], info: ObjectInfo, prefix: str) -> tuple[str, str]:
    """Return the header that failed, and the one that says "not modified"; or ``""``.

    An entity tag goes before a date: with If-Match, If-Unmodified-Since is not looked at,
    and with If-None-Match, If-Modified-Since is not (RFC 9110, section 13.2.2).
    """
    match, none_match = params.get(f"{prefix}Match"), params.get(f"{prefix}NoneMatch")
    modified = params.get(f"{prefix}ModifiedSince")
    unmodified = params.get(f"{prefix}UnmodifiedSince")
    if match is not None:
        if not _names(match, info):
            return "If-Match", ""
    elif unmodified is not None and int(info.last_modified) > _epoch(unmodified):
        return "If-Unmodified-Since", ""
    if none_match is not None:
        return "", "If-None-Match" if _names(none_match, info) else ""
    if modified is not None and int(info.last_modified) <= _epoch(modified):
        return "", "If-Modified-Since"
    return "", ""


def _names(header: str, info: ObjectInfo) -> bool:
    tags = {tag.strip().removeprefix("W/").strip('"') for tag in header.split(",")}
    return bool(tags & {"*", info.etag})


def _epoch(moment: datetime | float) -> float:
    return moment.timestamp() if isinstance(moment, datetime) else moment

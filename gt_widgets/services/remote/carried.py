"""What an object carries besides its bytes, as the remote S3 keeps it, and back.

Layer: services (imports ``engine.objects``). What every S3 keeps goes there under its own name.
The rest (checksums, encryption headers that would mean another's keys, text that is not ASCII)
goes into one metadata entry of ours, which readers here never see.
"""

from __future__ import annotations

import base64
import binascii
import io
import json
import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, BinaryIO, cast
from urllib.parse import urlencode

from gt_widgets.engine.objects import Attributes, Condition, Expected, ObjectInfo
from gt_widgets.engine.objects.checksums import Digests, known_algorithm, verify

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

__all__ = ["NATIVE_CHECKSUMS", "conditions", "described", "received", "sent"]

_OURS = "gt-widgets"
_CHUNK, _SPOOL = 1 << 18, 1 << 23
_PLAIN = ("CacheControl", "ContentDisposition", "ContentEncoding", "ContentLanguage")
NATIVE_CHECKSUMS = ("CRC32", "SHA1", "SHA256")
"""Algorithms that the remote S3 is asked to keep for the parts of an upload."""


def sent(attributes: Attributes, **ours: Any) -> dict[str, Any]:
    """Members of a write that carry ``attributes``; ``ours`` is kept beside them."""
    plain = {name: attributes.headers[name] for name in _PLAIN if name in attributes.headers}
    rest = {name: text for name, text in attributes.headers.items() if name not in plain}
    ascii_only = all(f"{key}{text}".isascii() for key, text in attributes.metadata.items())
    kept = {
        **ours,
        **({"headers": rest} if rest else {}),
        **({} if ascii_only else {"metadata": dict(attributes.metadata)}),
    }
    text = base64.b64encode(json.dumps(kept, separators=(",", ":")).encode()).decode()
    members: dict[str, Any] = {
        "ContentType": attributes.content_type,
        "Metadata": {**(attributes.metadata if ascii_only else {}), _OURS: text},
        **plain,
    }
    if attributes.tags:
        members["Tagging"] = urlencode(dict(attributes.tags))
    return members


def described(
    bucket: str, key: str, head: Mapping[str, Any], tags: Callable[[], Mapping[str, str]]
) -> ObjectInfo:
    """Read the answer of a HEAD; ``tags`` is asked only if somebody wants them."""
    metadata = dict(head.get("Metadata", {}))
    kept = _kept(metadata.pop(_OURS, ""))
    etag = str(head["ETag"]).strip('"')
    _, _, parts = etag.partition("-")
    kind = head.get("ChecksumType") or kept.get("checksum_type", "FULL_OBJECT")
    checksums = kept.get("checksums") or _native(head, composite=kind == "COMPOSITE")
    plain = {name: str(head[name]) for name in _PLAIN if head.get(name)}
    return ObjectInfo(
        bucket=bucket,
        key=key,
        size=_whole_size(head),
        etag=etag,
        last_modified=_epoch(head["LastModified"]),
        content_type=head.get("ContentType", "binary/octet-stream"),
        metadata=kept.get("metadata") or metadata,
        headers={**plain, **kept.get("headers", {})},
        tags=_Later(tags),
        checksums=checksums,
        checksum_type=kind,
        parts=int(parts) if parts.isdigit() else 0,
    )


def _native(head: Mapping[str, Any], *, composite: bool) -> dict[str, str]:
    """Checksums that the remote S3 kept; some give one of the bytes for one of the parts."""
    names = {name: f"Checksum{name}" for name in NATIVE_CHECKSUMS if f"Checksum{name}" in head}
    found = {name: str(head[member]) for name, member in names.items()}
    return {name: text for name, text in found.items() if ("-" in text) == composite}


def _kept(text: str) -> dict[str, Any]:
    """Read our own entry; an object that others wrote has none, or one of theirs."""
    try:
        found = json.loads(base64.b64decode(text, validate=True)) if text else {}
    except (binascii.Error, ValueError):
        found = {}
    return found if isinstance(found, dict) else {}


def _whole_size(head: Mapping[str, Any]) -> int:
    """Size of the whole object, also from the answer about a range of it."""
    whole = str(head.get("ContentRange", "")).rpartition("/")[2]
    return int(whole) if whole.isdigit() else int(head["ContentLength"])


def _epoch(moment: datetime) -> float:
    return moment.timestamp()


class _Later(dict[str, str]):
    """A mapping that is asked for when it is first looked at."""

    def __init__(self, ask: Callable[[], Mapping[str, str]]) -> None:
        super().__init__()
        self._ask: Callable[[], Mapping[str, str]] | None = ask

    def _filled(self) -> dict[str, str]:
        if self._ask is not None:
            ask, self._ask = self._ask, None
            self.update(ask())
        return self

    def __bool__(self) -> bool:
        return bool(len(self))

    def __len__(self) -> int:
        self._filled()
        return super().__len__()

    def __iter__(self) -> Iterator[str]:
        self._filled()
        return super().__iter__()

    def __getitem__(self, name: str) -> str:
        self._filled()
        return super().__getitem__(name)

    def items(self) -> Any:
        self._filled()
        return super().items()


def conditions(condition: Condition) -> dict[str, str]:
    """Members of a write that carry its condition."""
    members = {"IfMatch": condition.if_match, "IfNoneMatch": condition.if_none_match}
    return {name: value for name, value in members.items() if value is not None}


@contextmanager
def received(
    body: bytes | BinaryIO, where: str, algorithm: str, expected: Expected
) -> Iterator[tuple[BinaryIO, Digests]]:
    """Take a body in, verified, as a file that can be sent again if a try fails."""
    digests = Digests([known_algorithm(name) for name in (algorithm, *expected.checksums)])
    stream = io.BytesIO(body) if isinstance(body, bytes) else body
    with tempfile.SpooledTemporaryFile(max_size=_SPOOL) as spool:
        while chunk := stream.read(_CHUNK):
            digests.update(chunk)
            spool.write(chunk)
        verify(where, digests, expected)
        spool.seek(0)
        yield cast("BinaryIO", spool), digests

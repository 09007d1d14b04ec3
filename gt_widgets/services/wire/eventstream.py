"""Event streams: the framed messages in which SelectObjectContent answers.

Layer: services (imports only ``wire``).

A frame is: total length, headers length, their CRC-32, headers, payload, CRC-32 of all of it;
integers are big-endian and unsigned (AWS, *Amazon event stream encoding*).
"""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING, Any, BinaryIO

from gt_widgets.services.wire.message import buffered
from gt_widgets.services.wire.xmltext import value_elements

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from botocore.model import StructureShape

__all__ = ["encode_events", "frame"]

_STRING_HEADER = 7
_CRC_BYTES = 4


def frame(headers: Mapping[str, str], payload: bytes) -> bytes:
    """Return one message.

    Parameters
    ----------
    headers : mapping of str to str
        For example ``{":message-type": "event", ":event-type": "End"}``.
    payload : bytes
    """
    packed = b"".join(
        struct.pack("!B", len(name))
        + name.encode()
        + struct.pack("!BH", _STRING_HEADER, len(text.encode()))
        + text.encode()
        for name, text in headers.items()
    )
    total = 3 * _CRC_BYTES + len(packed) + len(payload) + _CRC_BYTES
    prelude = struct.pack("!II", total, len(packed))
    message = prelude + struct.pack("!I", zlib.crc32(prelude)) + packed + payload
    return message + struct.pack("!I", zlib.crc32(message))


def encode_events(events: Iterable[Mapping[str, Any]], shape: StructureShape) -> BinaryIO:
    """Encode events, one at a time as they are read.

    Parameters
    ----------
    events : iterable of mapping
        As boto3 yields them: ``{"Records": {"Payload": b"..."}}``, ``{"End": {}}``.
    shape : botocore structure shape
        The event stream's shape.
    """
    frames = (_encode(name, value, shape) for event in events for name, value in event.items())
    return buffered(_Reader(frames))


def _encode(name: str, value: Mapping[str, Any], shape: StructureShape) -> bytes:
    headers = {":message-type": "event", ":event-type": name}
    for member_name, member in shape.members[name].members.items():
        item = value.get(member_name)
        if not member.serialization.get("eventpayload") or item is None:
            continue
        if member.type_name == "blob":
            return frame(headers | {":content-type": "application/octet-stream"}, bytes(item))
        text = value_elements(item, member, member_name)
        return frame(headers | {":content-type": "text/xml"}, text.encode())
    return frame(headers, b"")


class _Reader:
    """A ``read(n)`` over frames, keeping what did not fit."""

    def __init__(self, frames: Iterator[bytes]) -> None:
        self._frames = frames
        self._rest = b""

    def __call__(self, size: int) -> bytes:
        if not self._rest:
            self._rest = next(self._frames, b"")
        data, self._rest = self._rest[:size], self._rest[size:]
        return data

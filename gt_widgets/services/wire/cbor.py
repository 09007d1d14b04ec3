"""CBOR, as far as AWS's RPC v2 protocol uses it (RFC 8949): read from anybody, written for clients.

Layer: services (pure).
"""

from __future__ import annotations

import struct
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["dumps", "loads"]

_DEPTH = 64
_UNSIGNED, _NEGATIVE, _BYTES, _TEXT, _LIST, _MAP, _TAG, _SIMPLE = range(8)
_DIRECT, _INDEFINITE, _BREAK = 24, 31, 0xFF
_SIZES = {24: 1, 25: 2, 26: 4, 27: 8}
_FLOATS = {25: "!e", 26: "!f", 27: "!d"}
_CONSTANTS = {20: False, 21: True, 22: None, 23: None}
_EPOCH = 1


def loads(data: bytes) -> Any:
    """Read one item; a tag 1 (epoch seconds) becomes an aware datetime, other tags are left out.

    Raises
    ------
    ValueError
        If it is not one whole item, or nested more than 64 deep.
    """
    try:
        reader = _Reader(data)
        found = reader.item(0)
    except (IndexError, KeyError, OverflowError, OSError, TypeError, struct.error) as error:
        raise ValueError(f"not CBOR ({error!r})") from error
    if reader.at != len(data):
        raise ValueError(f"{len(data) - reader.at} byte(s) follow the item")
    return found


class _Reader:
    """Reads items one after another from ``data``, beginning at ``at``."""

    def __init__(self, data: bytes) -> None:
        self._data, self.at = data, 0

    def item(self, depth: int) -> Any:
        """Read the next item."""
        if depth > _DEPTH:
            raise ValueError(f"nested more than {_DEPTH} deep")
        first = self._data[self.at]
        self.at += 1
        major, info = first >> 5, first & 0x1F
        if major == _SIMPLE:
            return self._simple(info)
        if info == _INDEFINITE:
            return self._indefinite(major, depth)
        number = info if info < _DIRECT else int.from_bytes(self._take(_SIZES[info]))
        readers: dict[int, Callable[[], Any]] = {
            _UNSIGNED: lambda: number,
            _NEGATIVE: lambda: -1 - number,
            _BYTES: lambda: self._take(number),
            _TEXT: lambda: self._take(number).decode(),
            _LIST: lambda: [self.item(depth + 1) for _ in range(self._likely(number))],
            _MAP: lambda: dict(self._pair(depth) for _ in range(self._likely(number))),
            _TAG: lambda: _tagged(number, self.item(depth + 1)),
        }
        return readers[major]()

    def _take(self, size: int) -> bytes:
        taken = self._data[self.at : self.at + size]
        if len(taken) < size:
            raise ValueError(f"{size} byte(s) expected at {self.at}, {len(taken)} are there")
        self.at += size
        return taken

    def _likely(self, count: int) -> int:
        """Return a number of items that the bytes left could hold."""
        if count > len(self._data) - self.at:
            raise ValueError(f"{count} items cannot fit into what follows byte {self.at}")
        return count

    def _pair(self, depth: int) -> tuple[Any, Any]:
        return self.item(depth + 1), self.item(depth + 1)

    def _simple(self, info: int) -> Any:
        if info in _FLOATS:
            return struct.unpack(_FLOATS[info], self._take(_SIZES[info]))[0]
        return _CONSTANTS[info]

    def _indefinite(self, major: int, depth: int) -> Any:
        parts: list[Any] = []
        while self._data[self.at] != _BREAK:
            parts.append(self._pair(depth) if major == _MAP else self.item(depth + 1))
        self.at += 1
        return _JOINED[major](parts)


_JOINED: dict[int, Callable[[list[Any]], Any]] = {
    _BYTES: b"".join,
    _TEXT: "".join,
    _LIST: list,
    _MAP: dict,
}


def _tagged(tag: int, value: Any) -> Any:
    return datetime.fromtimestamp(value, UTC) if tag == _EPOCH else value


def dumps(value: Any) -> bytes:
    """Write a value of dicts, lists, texts, bytes, numbers, truths, None and aware datetimes.

    Raises
    ------
    TypeError
        If it is of another type.
    """
    for kind, write in _WRITERS.items():  # truths before numbers: True is an int
        if isinstance(value, kind):
            return write(value)
    raise TypeError(f"{type(value).__name__} cannot be written as CBOR: {value!r}")


def _text(value: str) -> bytes:
    text = value.encode()
    return _head(_TEXT, len(text)) + text


def _map(value: dict[Any, Any]) -> bytes:
    pairs = (dumps(key) + dumps(each) for key, each in value.items())
    return _head(_MAP, len(value)) + b"".join(pairs)


def _whole(value: int) -> bytes:
    return _head(_UNSIGNED, value) if value >= 0 else _head(_NEGATIVE, -1 - value)


_WRITERS: dict[type, Callable[[Any], bytes]] = {
    type(None): lambda _: b"\xf6",
    bool: lambda value: b"\xf5" if value else b"\xf4",
    int: _whole,
    float: lambda value: b"\xfb" + struct.pack("!d", value),
    datetime: lambda value: _head(_TAG, _EPOCH) + dumps(value.timestamp()),
    str: _text,
    bytes: lambda value: _head(_BYTES, len(value)) + value,
    list: lambda value: _head(_LIST, len(value)) + b"".join(map(dumps, value)),
    dict: _map,
}


def _head(major: int, number: int) -> bytes:
    if number < _DIRECT:
        return bytes([major << 5 | number])
    info = next(info for info, size in _SIZES.items() if number < 1 << 8 * size)
    return bytes([major << 5 | info]) + number.to_bytes(_SIZES[info])

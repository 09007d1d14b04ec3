"""Input and output manifests: JSON Lines, read and written as a stream of bytes.

Layer: schema. Reference sections 2.1 and 6.1. A line's own bytes are kept and new attributes are
spliced in before its closing brace, so that keys we do not know pass unchanged (M03).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from itertools import repeat
from typing import TYPE_CHECKING, Any

import msgspec

from gt_widgets.errors import ManifestLineError
from gt_widgets.schema.limits import ATTRIBUTE_CHARACTERS, LINE_CHARACTERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = [
    "DataObject",
    "ManifestLine",
    "compact",
    "parse_line",
    "parse_manifest",
    "read_lines",
    "splice",
]

_decode = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_decode_text = msgspec.json.Decoder(str).decode
# what a streaming job adds to its lines, which may be a later job's input
_OF_STREAMS = re.compile(r"\$(?:.+-object-id|sequencer)").fullmatch
_WHITE = b" \t\r\n"


@dataclass(frozen=True, slots=True)
class DataObject:
    """One line of an input manifest.

    Attributes
    ----------
    object_id : int
        Zero-based line index: the data set object id of the service.
    source_ref : str or None
        ``s3://`` location of the picture or other file.
    source : str or None
        The text itself. Where a line has both, ``source`` is shown (M04).
    keys : tuple of str
        All attribute names, in order.
    """

    object_id: int
    source_ref: str | None
    source: str | None
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ManifestLine:
    """Where one line lies in its file: ``position`` and ``length`` in bytes, no line break."""

    position: int
    data: bytes

    @property
    def length(self) -> int:
        """Length of the line in bytes."""
        return len(self.data)


def read_lines(chunks: Iterable[bytes]) -> Iterator[ManifestLine]:
    r"""Cut a stream of bytes into lines; blank lines at the end are left out (M01).

    Both ``\n`` and ``\r\n`` end a line; white space around an object is not part of it. A blank
    line between objects is given as an empty line, so that it can be refused with its number.
    """
    position, blank = 0, 0
    parts: list[bytes] = []  # of the line that goes on in the next chunk
    for chunk in chunks:
        *lines, rest = chunk.split(b"\n")
        for line in lines:
            whole = b"".join([*parts, line])
            parts.clear()
            found = _line_at(position, whole)
            position += len(whole) + 1
            if not found.data:
                blank += 1
                continue
            yield from repeat(ManifestLine(found.position, b""), blank)
            blank = 0
            yield found
        parts.append(rest)
    last = _line_at(position, b"".join(parts))
    if last.data:
        yield from repeat(ManifestLine(last.position, b""), blank)
        yield last


def _line_at(position: int, line: bytes) -> ManifestLine:
    data = line.lstrip(_WHITE)
    return ManifestLine(position + len(line) - len(data), data.rstrip(_WHITE))


def parse_line(uri: str, object_id: int, line: bytes) -> DataObject:
    """Read one manifest line.

    Raises
    ------
    ManifestLineError
        If it is not a JSON object, is too long, has an attribute that is too long or begins
        with ``$``, or has neither ``source-ref`` nor ``source`` (M02).
    """
    number = object_id + 1
    if not line:
        raise ManifestLineError(uri, number, "the line is blank; remove it")
    if object_id == 0 and line.startswith(b"\xef\xbb\xbf"):
        raise ManifestLineError(
            uri, number, "the file begins with a byte order mark; save it as UTF-8 without one"
        )
    try:
        # the decoder does not look inside values it skips, so bytes that are no text show here
        characters = len(line) if line.isascii() else len(line.decode())
        found = _decode(line) if characters <= LINE_CHARACTERS else {}
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ManifestLineError(
            uri, number, f"expected one JSON object on one line; {error}"
        ) from error
    _check_length(uri, number, "the line", characters, LINE_CHARACTERS)
    for key, raw in found.items():
        if key.startswith("$") and not _OF_STREAMS(key):
            raise ManifestLineError(uri, number, f"attribute {key!r} must not begin with '$'")
        if characters > ATTRIBUTE_CHARACTERS:  # else no attribute can be too long
            _check_length(
                uri, number, f"attribute {key!r}", _characters(bytes(raw)), ATTRIBUTE_CHARACTERS
            )
    source_ref, source = (
        _text(uri, number, found, "source-ref"),
        _text(uri, number, found, "source"),
    )
    if source_ref is None and source is None:
        raise ManifestLineError(
            uri, number, "expected exactly one of 'source-ref' or 'source'", found
        )
    return DataObject(object_id, source_ref, source, tuple(found))


def parse_manifest(uri: str, chunks: Iterable[bytes]) -> Iterator[DataObject]:
    """Read a manifest as a stream; see ``parse_line`` for the errors."""
    for object_id, line in enumerate(read_lines(chunks)):
        yield parse_line(uri, object_id, line.data)


def _characters(raw: bytes) -> int:
    """Length of a text without quotes and escapes; of any other value, of its JSON."""
    if len(raw) <= ATTRIBUTE_CHARACTERS:
        return len(raw)
    return len(_decode_text(raw)) if raw.startswith(b'"') else len(raw.decode())


def _check_length(uri: str, number: int, what: str, characters: int, limit: int) -> None:
    if characters > limit:
        raise ManifestLineError(
            uri, number, f"{what} has {characters} characters; at most {limit} are allowed"
        )


def _text(uri: str, number: int, found: Mapping[str, msgspec.Raw], key: str) -> str | None:
    if key not in found:
        return None
    try:
        return _decode_text(found[key])
    except msgspec.DecodeError as error:
        raise ManifestLineError(uri, number, f"{key!r} must be a text; {error}") from error


def compact(value: Any) -> bytes:
    """JSON as the service writes it: UTF-8, no spaces after ``:`` and ``,``."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def splice(line: bytes, attributes: Mapping[str, Any]) -> bytes:
    r"""Add attributes at the end of a manifest line; the rest of its bytes stays.

    A line which already has one of the keys is taken apart, loses it, and is put together
    again from the untouched bytes of its other members. A ``msgspec.Raw`` value is written as
    it is.

    Examples
    --------
    >>> splice(b'{"source": "a b", "n": 1.50}', {"label": 3})
    b'{"source": "a b", "n": 1.50,"label":3}'
    """
    added = b",".join(compact(key) + b":" + _written(attributes[key]) for key in attributes)
    found = _decode(line)
    if found.keys() & attributes.keys():
        kept = [
            compact(key) + b":" + bytes(raw) for key, raw in found.items() if key not in attributes
        ]
        return b"{" + b",".join([*kept, added]) + b"}"
    body = line.rstrip(_WHITE)[:-1].rstrip(_WHITE)
    comma = b"," if found and added else b""
    return body + comma + added + b"}"


def _written(value: Any) -> bytes:
    return bytes(value) if isinstance(value, msgspec.Raw) else compact(value)

"""Joining manifests with labels of other manifests, byte for byte.

Layer: manifests. Jobs that were chained or run side by side leave their labels in different files;
a join copies the members of the second file's lines into the first's without reading them.
"""

from __future__ import annotations

from array import array
from itertools import islice, zip_longest
from typing import TYPE_CHECKING, BinaryIO

import msgspec
import numpy as np

from gt_widgets.errors import ManifestLineError
from gt_widgets.manifests.streams import numbered_lines, placed_lines
from gt_widgets.schema.manifest import splice

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from numpy.typing import NDArray

__all__ = ["join_by_line", "join_by_source"]

_members = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_BATCH = 4096
_ALL_BITS = (1 << 64) - 1
_SOURCES = ("source", "source-ref")


def join_by_line(
    left: BinaryIO, right: BinaryIO, *, attributes: Collection[str] | None = None
) -> Iterator[bytes]:
    """Add members of the right manifest's lines to the left's, line by line.

    Parameters
    ----------
    left, right : binary files
        Of equally many lines about the same objects, as the output of two jobs with one
        input manifest.
    attributes : collection of str, optional
        What to take from the right; every key that the left line has not, unless given.

    Yields
    ------
    bytes
        Left lines; one that gains nothing stays byte for byte.

    Raises
    ------
    ManifestLineError
        If one manifest is longer, a line is no JSON object, or two lines tell of different
        objects.
    """
    pairs = zip_longest(numbered_lines(left), numbered_lines(right), fillvalue=(0, b""))
    for (number, mine), (other_number, other) in pairs:
        if not mine or not other:
            longer = "right" if not mine else "left"
            raise ManifestLineError(
                "join",
                number or other_number,
                f"the {longer} manifest goes on here and the other has ended",
            )
        one, two = _read(mine, number), _read(other, other_number)
        if _source(one) != _source(two):
            raise ManifestLineError(
                "join", number, "both lines must tell of one source; join by source instead"
            )
        yield _joined(mine, one, two, attributes)


def join_by_source(
    left: BinaryIO, right: BinaryIO, *, attributes: Collection[str] | None = None
) -> Iterator[bytes]:
    """Add members of the right manifest's lines to those of the left with the same source.

    A line is found again by ``source``, or ``source-ref`` if it has none. Of several lines of
    one source the right manifest's last one counts. Memory is 16 bytes per line of the right.

    Parameters
    ----------
    left : binary file
    right : binary file that can seek
    attributes : collection of str, optional
        As in `join_by_line`.
    """
    index = _SourceIndex(right)
    lines = numbered_lines(left)
    while batch := [(n, line, _read(line, n)) for n, line in islice(lines, _BATCH)]:
        found = index.find([_source(members) for _, _, members in batch])
        for (_, line, members), other in zip(batch, found, strict=True):
            yield line if other is None else _joined(line, members, other, attributes)


def _joined(
    line: bytes,
    members: dict[str, msgspec.Raw],
    other: dict[str, msgspec.Raw],
    attributes: Collection[str] | None,
) -> bytes:
    if attributes is None:
        gained = {key: raw for key, raw in other.items() if key not in members}
    else:
        gained = {key: other[key] for key in attributes if key in other}
    return splice(line.strip(), gained) + b"\n" if gained else line


def _read(line: bytes, number: int) -> dict[str, msgspec.Raw]:
    try:
        return _members(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ManifestLineError("join", number, f"expected one JSON object; {error}") from error


def _source(members: dict[str, msgspec.Raw]) -> bytes:
    """Return the source as text, however its JSON is escaped, with its kind in front."""
    for key in _SOURCES:
        if key in members:
            return f"{key} {msgspec.json.decode(members[key])}".encode(errors="replace")
    return b""


class _SourceIndex:
    """Where the line of a source begins: hashes and offsets in two sorted columns."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        hashes, offsets = _columns(file)
        order = np.argsort(hashes, kind="stable")
        self._hashes, self._offsets = hashes[order], offsets[order]

    def find(self, sources: Sequence[bytes]) -> list[dict[str, msgspec.Raw] | None]:
        wanted = np.array([_hash(source) for source in sources], dtype=np.uint64)
        begins = np.searchsorted(self._hashes, wanted, side="left")
        ends = np.searchsorted(self._hashes, wanted, side="right")
        return [
            self._line_of(source, int(begin), int(end))
            for source, begin, end in zip(sources, begins, ends, strict=True)
        ]

    def _line_of(self, source: bytes, begin: int, end: int) -> dict[str, msgspec.Raw] | None:
        """Read the candidates, last first: two sources may share a hash."""
        if not source:
            return None
        for offset in self._offsets[begin:end][::-1]:
            self._file.seek(int(offset))
            members = _members(self._file.readline())
            if _source(members) == source:
                return members
        return None


def _columns(file: BinaryIO) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    hashes, offsets = array("Q"), array("q")
    file.seek(0)
    for number, offset, line in placed_lines(file):
        hashes.append(_hash(_source(_read(line, number))))
        offsets.append(offset)
    return np.frombuffer(hashes, np.uint64), np.frombuffer(offsets, np.int64)


def _hash(source: bytes) -> int:
    return hash(source) & _ALL_BITS

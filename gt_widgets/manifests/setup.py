"""Automated manifest set-up: from a folder of images, a text file or a CSV to an input manifest.

Layer: manifests. Reference section 2.5. What cannot become a data object is left out, and named
with its reason. The order is that of the input; keys of a folder are in UTF-8 binary order, as S3
lists them.
"""

from __future__ import annotations

import codecs
import csv
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO

from gt_widgets.errors import ValidationError
from gt_widgets.manifests.streams import write_lines
from gt_widgets.schema.limits import ATTRIBUTE_CHARACTERS, IMAGE_BYTES, LINE_CHARACTERS
from gt_widgets.schema.manifest import compact

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

__all__ = ["Setup", "Skipped", "csv_manifest", "image_manifest", "manifest_name", "text_manifest"]

_IMAGES = (".jpg", ".jpeg", ".png")
_SEPARATORS = ";\t|"
"""What some spreadsheets put between columns in place of commas."""
_SHOWN = 10
_KEPT = 1000
"""Skipped items that are remembered by name; all are counted."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """What did not become a data object: a key, or ``line 7``; and why."""

    name: str
    reason: str


@dataclass(slots=True)
class Setup:
    """What an automated set-up made.

    Attributes
    ----------
    objects : int
        Data objects written.
    skipped : list of Skipped
        The first thousand.
    skipped_count : int
        All of them.
    """

    objects: int = 0
    skipped: list[Skipped] = field(default_factory=list)
    skipped_count: int = 0

    def skip(self, name: str, reason: str) -> None:
        """Count something that is left out, and remember it while there is room."""
        self.skipped_count += 1
        if len(self.skipped) < _KEPT:
            self.skipped.append(Skipped(name, reason))

    def __bool__(self) -> bool:
        return self.skipped_count > 0

    def __repr__(self) -> str:
        lines = [f"{self.objects} data object(s), {self.skipped_count} left out"]
        lines += [f"  {each.name!r}: {each.reason}" for each in self.skipped[:_SHOWN]]
        more = self.skipped_count - min(len(self.skipped), _SHOWN)
        return "\n".join([*lines, *([f"  ... {more} more"] if more else [])])


def manifest_name(now: datetime) -> str:
    """Name a manifest as the console does: ``dataset-20261120T100300.manifest``."""
    return f"dataset-{now:%Y%m%dT%H%M%S}.manifest"


def image_manifest(uris: Iterable[tuple[str, int]], out: BinaryIO) -> Setup:
    """Write a line per JPEG or PNG of a folder.

    Parameters
    ----------
    uris : iterable of (str, int)
        ``s3://`` location and size in bytes; a location that ends in ``/`` is a folder.
    out : binary file
    """
    setup = Setup()

    def lines() -> Iterator[bytes]:
        for uri, size in sorted(uris, key=lambda each: each[0].encode(errors="surrogatepass")):
            reason = _image_fault(uri, size)
            if uri.endswith("/"):
                continue
            if reason:
                setup.skip(uri, reason)
            else:
                yield compact({"source-ref": uri})

    setup.objects = write_lines(lines(), out)
    return setup


def _image_fault(uri: str, size: int) -> str:
    if not uri.lower().endswith(_IMAGES):
        return f"its name does not end in {', '.join(_IMAGES)}"
    if size == 0:
        return "it is empty"
    if size > IMAGE_BYTES:
        return f"it has {size:,} bytes; a labeling job takes images of up to {IMAGE_BYTES:,}"
    return ""


def text_manifest(file: BinaryIO, out: BinaryIO) -> Setup:
    """Write a line per line of a UTF-8 text file; blank lines are left out.

    Raises
    ------
    ValidationError
        If the file is not UTF-8.
    """
    setup = Setup()

    def lines() -> Iterator[bytes]:
        for number, text in enumerate(_text_lines(file), 1):
            item = text.strip("\r\n")
            if not item.strip():
                setup.skip(f"line {number}", "it is blank")
            elif line := _line(setup, f"line {number}", {"source": item}):
                yield line

    setup.objects = write_lines(lines(), out)
    return setup


def csv_manifest(file: BinaryIO, out: BinaryIO, *, column: str | None = None) -> Setup:
    """Write a line per row of a CSV file with a header.

    Parameters
    ----------
    file : binary file
        UTF-8; rows may have line breaks inside quotes.
    out : binary file
    column : str, optional
        The column with the text to label; ``source`` or ``source-ref`` if there is one, else
        the first, unless given. ``source-ref`` holds S3 locations. The others become further
        keys of the line.

    Raises
    ------
    ValidationError
        If the file has no header, no such column, or is not UTF-8.
    """
    setup = Setup()
    rows = csv.reader(_text_lines(file), strict=True)
    try:
        header = [name.strip() for name in next(rows, [])]
        chosen = _chosen(header, column)
        setup.objects = write_lines(_csv_lines(rows, header, chosen, setup), out)
    except csv.Error as error:
        raise ValidationError(f"line {rows.line_num} of the CSV file: {error}.") from error
    return setup


def _chosen(header: list[str], column: str | None) -> str:
    if not any(header):
        raise ValidationError("the CSV file must begin with a header that names its columns.")
    if column is None and len(header) == 1 and any(mark in header[0] for mark in _SEPARATORS):
        raise ValidationError(
            f"the CSV file has one column, {header[0]!r}: save it with commas between its columns, "
            f"or say column={header[0]!r} to take whole rows."
        )
    usual = [name for name in ("source", "source-ref") if name in header]
    chosen = (usual or header)[0] if column is None else column
    if chosen not in header:
        raise ValidationError(f"the CSV file has no column {column!r}; it has {header}.")
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise ValidationError(f"the CSV file has several columns named {twice}; rename them.")
    source = "source-ref" if chosen == "source-ref" else "source"
    wrong = [name for name in header if name.startswith("$") or not name]
    wrong += [name for name in header if name in {"source", "source-ref"} - {source, chosen}]
    if source in header and source != chosen:
        wrong.append(source)
    if wrong:
        raise ValidationError(
            f"columns {wrong} cannot become keys of a manifest line; rename or remove them."
        )
    return chosen


def _csv_lines(
    rows: Iterator[list[str]], header: list[str], chosen: str, setup: Setup
) -> Iterator[bytes]:
    place = header.index(chosen)
    source = "source-ref" if chosen == "source-ref" else "source"
    for number, row in enumerate(rows, 1):
        name = f"row {number}"
        if not row:
            setup.skip(name, "it is blank")
        elif len(row) != len(header):
            setup.skip(name, f"it has {len(row)} cells, the header has {len(header)}")
        elif not row[place].strip():
            setup.skip(name, f"its column {chosen!r} is empty")
        elif source == "source-ref" and not row[place].startswith("s3://"):
            setup.skip(name, f"{row[place][:80]!r} is not an S3 location")
        else:
            others = {key: cell for key, cell in zip(header, row, strict=True) if key != chosen}
            if line := _line(setup, name, {source: row[place], **others}):
                yield line


def _line(setup: Setup, name: str, members: Mapping[str, str]) -> bytes | None:
    """Return the line, or note why there is none: the service's lengths are counted (M02)."""
    long = [key for key, text in members.items() if len(text) > ATTRIBUTE_CHARACTERS]
    line = compact(members)
    if long:
        setup.skip(name, f"{long[0]!r} has more than {ATTRIBUTE_CHARACTERS:,} characters")
        return None
    if len(line.decode()) > LINE_CHARACTERS:
        setup.skip(name, f"it has more than {LINE_CHARACTERS:,} characters")
        return None
    return line


def _text_lines(file: BinaryIO) -> Iterator[str]:
    r"""Read lines that end in ``\n``; a byte order mark is left out."""
    decode = codecs.getincrementaldecoder("utf-8-sig")().decode
    for number, line in enumerate(file, 1):
        try:
            yield decode(line)
        except UnicodeDecodeError as error:
            raise ValidationError(
                f"line {number} is not UTF-8 ({error.reason}); save the file as UTF-8."
            ) from error

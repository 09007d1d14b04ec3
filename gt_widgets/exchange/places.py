"""File names that come from data, and archives: nothing is written outside of its folder.

Layer: exchange.
"""

from __future__ import annotations

import re
import stat
import zipfile
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from gt_widgets.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Names", "inside", "plain_name", "read_text", "unpack", "write_file"]

_ODD = re.compile(r"[^\w.\- ]")
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\.|\Z)")
_LONGEST = 120
_MOST_BYTES = 100 << 20
_MOST_RATIO = 100
_TEXT_BYTES = 256 << 20


class Names:
    """Gives every source a file name of its own, made of harmless characters."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def of(self, source: str, suffix: str | None = None) -> str:
        """Return a name that was not given before.

        Parameters
        ----------
        source : str
            A location; its last part is the base of the name.
        suffix : str, optional
            Such as ``".png"``, in place of its own.
        """
        base = _ODD.sub("_", source.rsplit("/", 1)[-1]).strip(". ") or "object"
        stem, _, end = base.rpartition(".")
        stem, end = (stem, "." + end) if stem else (base, "")
        end = end[:_LONGEST] if suffix is None else suffix
        stem = stem[:_LONGEST]
        stem = f"_{stem}" if _RESERVED.match(stem) else stem
        # the stem is what must differ: labels lie beside images under the same stem
        number, chosen = 1, stem
        while chosen.casefold() in self._taken:
            number += 1
            chosen = f"{stem}-{number}"
        self._taken.add(chosen.casefold())
        return chosen + end


def plain_name(name: str, where: str) -> str:
    """Return a relative path of another tool's file, if it stays below its folder.

    Raises
    ------
    FormatError
        If it is absolute, climbs, or holds what no path should.
    """
    path = PurePosixPath(name)
    bad = path.is_absolute() or ".." in path.parts or not path.parts
    if bad or "\\" in name or ":" in name or any(ord(c) < ord(" ") for c in name):
        raise FormatError(f"{where}: {name[:80]!r} is not a file name below its folder.")
    return str(path)


def inside(folder: Path, name: str) -> Path:
    """Join a name to a folder; links that lead out of it are refused.

    Raises
    ------
    FormatError
        If the result would not lie in the folder.
    """
    path = folder / plain_name(name, str(folder))
    if not path.resolve().is_relative_to(folder.resolve()):
        raise FormatError(f"{name[:80]!r} leads out of {folder}.")
    return path


def write_file(path: Path, data: bytes) -> None:
    """Write a file and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def read_text(path: Path, *, most_bytes: int = _TEXT_BYTES) -> str:
    """Read a UTF-8 file that is not larger than it should be.

    Raises
    ------
    FormatError
        If it is missing, too large or not UTF-8.
    """
    try:
        if path.stat().st_size > most_bytes:
            raise FormatError(f"{path} has more than {most_bytes:,} bytes.")
        return path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise FormatError(f"{path} cannot be read: {error}.") from error


def unpack(
    archive: Path,
    folder: Path,
    *,
    most_bytes: int = _MOST_BYTES,
    most_ratio: int = _MOST_RATIO,
    wanted: Callable[[str], bool] = bool,
) -> list[Path]:
    """Unpack a zip file, without trusting it.

    Parameters
    ----------
    archive, folder : Path
    most_bytes : int
        Unpacked, in all.
    most_ratio : int
        Unpacked to packed size of one member; members of less than a megabyte may have any.
    wanted : callable
        Says of a member's name whether to unpack it.

    Raises
    ------
    FormatError
        If it is no zip file, a member would lie outside of the folder or is a link, or it
        unpacks to more than allowed. Nothing is written then that was not fit.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            members = [m for m in opened.infolist() if not m.is_dir() and wanted(m.filename)]
            for member in members:
                _check_member(member, most_ratio)
            if sum(member.file_size for member in members) > most_bytes:
                raise FormatError(f"{archive} unpacks to more than {most_bytes:,} bytes.")
            return [_unpack_one(opened, member, folder) for member in members]
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError) as error:
        raise FormatError(f"{archive} cannot be unpacked: {error}.") from error


def _check_member(member: zipfile.ZipInfo, most_ratio: int) -> None:
    plain_name(member.filename, "zip file")
    if stat.S_ISLNK(member.external_attr >> 16):
        raise FormatError(f"zip file: {member.filename[:80]!r} is a link.")
    packed = max(member.compress_size, 1)
    if member.file_size > 1 << 20 and member.file_size > most_ratio * packed:
        raise FormatError(f"zip file: {member.filename[:80]!r} unpacks to far more than it holds.")


def _unpack_one(opened: zipfile.ZipFile, member: zipfile.ZipInfo, folder: Path) -> Path:
    path = inside(folder, member.filename)
    with opened.open(member) as source:
        data = source.read(member.file_size + 1)  # the directory may lie about the size
    if len(data) > member.file_size:
        raise FormatError(f"zip file: {member.filename[:80]!r} is larger than it says.")
    write_file(path, data)
    return path

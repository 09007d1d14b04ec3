"""What lies in a bucket, as an indented tree of plain text.

Layer: tree (pure; imports nothing of ours). Names come from data, so they are shown as text
and never as HTML.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["Entry", "Tree"]

_UNIT = 1000.0
_UNITS = ("kB", "MB", "GB", "TB")
_MAX_LINES = 200
_MAX_DEPTH = 40
"""Deeper folders stay one name: a key may hold a thousand slashes."""


class Entry(NamedTuple):
    """One object: ``mtime`` is epoch seconds, UTC."""

    key: str
    size: int
    mtime: float


@dataclass
class _Folder:
    folders: dict[str, _Folder] = field(default_factory=dict)
    files: dict[str, Entry] = field(default_factory=dict)

    def total(self) -> tuple[int, int]:
        """Objects and bytes in this folder and below."""
        below = [folder.total() for folder in self.folders.values()]
        count = len(self.files) + sum(objects for objects, _ in below)
        size = sum(e.size for e in self.files.values()) + sum(size for _, size in below)
        return count, size


class Tree:
    """The objects of a bucket, or of a prefix, as a tree.

    Parameters
    ----------
    entries : iterable of (key, size, mtime)
        Size in bytes, mtime in epoch seconds.
    title : str
        The first line, for example ``s3://bucket/prefix/``.
    max_lines : int >= 1
        Longer trees end in a line that says how many objects are not shown.

    Examples
    --------
    >>> Tree([("logos/1.jpg", 1200, 0.0), ("logos/2.jpg", 900, 0.0)], title="s3://demo/")
    s3://demo/  2 objects, 2.1 kB
    └── logos/  2 objects, 2.1 kB
        ├── 1.jpg  1.2 kB  1970-01-01 00:00
        └── 2.jpg  900 B  1970-01-01 00:00
    """

    def __init__(
        self,
        entries: Iterable[tuple[str, int, float]],
        *,
        title: str = "",
        max_lines: int = _MAX_LINES,
    ) -> None:
        self.entries = tuple(sorted(Entry(*entry) for entry in entries))
        self.title = title
        self._max_lines = max_lines

    def __len__(self) -> int:
        return len(self.entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)

    def under(self, prefix: str) -> Tree:
        """Return the part of the tree below a prefix, with keys from there on."""
        below = [
            entry._replace(key=entry.key.removeprefix(prefix))
            for entry in self.entries
            if entry.key.startswith(prefix)
        ]
        return Tree(below, title=self.title + prefix, max_lines=self._max_lines)

    def __repr__(self) -> str:
        root = self._root()
        lines = [_line(self.title or ".", root), *_lines(root, "")]
        if len(lines) > self._max_lines:
            shown = lines[: self._max_lines]
            rest = len(lines) - len(shown)
            lines = [*shown, f"... {rest:,} more lines; look further down with under(prefix)"]
        return "\n".join(lines)

    def _root(self) -> _Folder:
        root = _Folder()
        for entry in self.entries:
            *folders, name = entry.key.split("/", _MAX_DEPTH)
            here = root
            for folder in folders:
                here = here.folders.setdefault(folder, _Folder())
            if name:
                here.files[name] = entry
        return root


def _lines(folder: _Folder, indent: str) -> Iterator[str]:
    names: list[tuple[str, _Folder | Entry]] = [*folder.folders.items(), *folder.files.items()]
    names.sort(key=lambda pair: pair[0])
    for number, (name, item) in enumerate(names):
        last = number == len(names) - 1
        branch = indent + ("└── " if last else "├── ")
        if isinstance(item, Entry):
            when = datetime.fromtimestamp(item.mtime, UTC).strftime("%Y-%m-%d %H:%M")
            yield f"{branch}{_shown(name)}  {_size(item.size)}  {when}"
        else:
            yield branch + _line(_shown(name) + "/", item)
            yield from _lines(item, indent + ("    " if last else "│   "))


def _line(name: str, folder: _Folder) -> str:
    count, size = folder.total()
    return f"{name}  {count:,} object{'' if count == 1 else 's'}, {_size(size)}"


def _shown(name: str) -> str:
    """Make line breaks and terminal commands in a name visible instead of obeying them."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in name)


def _size(size: float) -> str:
    if size < _UNIT:
        return f"{size:.0f} B"
    power = min(int(math.log10(size)) // 3, len(_UNITS))
    return f"{size / _UNIT**power:.1f} {_UNITS[power - 1]}"

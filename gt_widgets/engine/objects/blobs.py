"""Bytes on disk: every version of every object is one file with a name of its own.

Layer: engine (imports only ``errors`` and its own package). No object key ever becomes a
path. A file is written under ``incoming/``, flushed to disk and renamed into a folder named
by its first two characters, so a reader finds it whole or not at all.
"""

from __future__ import annotations

import io
import os
import threading
from bisect import bisect_right
from collections import Counter
from itertools import accumulate
from typing import TYPE_CHECKING, BinaryIO

from gt_widgets.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence
    from pathlib import Path

    from _typeshed import WriteableBuffer

    from gt_widgets.engine.clock import NewId
    from gt_widgets.engine.objects.checksums import Digests
    from gt_widgets.engine.objects.records import PartInfo

__all__ = ["CHUNK", "BlobFolder", "folder_id"]

CHUNK = 1 << 18
"""Bytes held in memory while a body passes."""


class BlobFolder:
    """A folder of immutable files, each written once and read by many threads.

    Parameters
    ----------
    root : Path
        Created if absent; nobody else may write into it.
    new_id : NewId
        Names for new files.
    """

    def __init__(self, root: Path, *, new_id: NewId) -> None:
        self._root, self._incoming = root, root / "incoming"
        self._new_id = new_id
        self._lock = threading.Lock()
        self._pins: Counter[str] = Counter()
        self._doomed: set[str] = set()
        self._incoming.mkdir(parents=True, exist_ok=True)

    def write(self, body: BinaryIO, digests: Digests) -> str:
        """Store what ``body`` still holds and return the new file's name.

        Raises
        ------
        StoreError
            If the disk refuses; what was written so far is removed. An error of ``body``
            itself passes through, with the same clean-up.
        """
        blob = self._new_id()
        path = self._incoming / blob
        try:
            with path.open("xb", buffering=0) as file:
                while chunk := body.read(CHUNK):
                    digests.update(chunk)
                    _write_all(file, chunk, path)
                self._settle(file, path, blob)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return blob

    def link(self, blob: str) -> str:
        """Return a new name for the bytes of ``blob``: a copy that writes nothing."""
        copy = self._new_id()
        folder = self._folder(copy)
        os.link(self._path(blob), folder / copy)
        _fsync_folder(folder)
        return copy

    def reader(
        self, parts: Sequence[PartInfo], *, start: int = 0, length: int | None = None
    ) -> BinaryIO:
        """Open the bytes ``start`` to ``start + length`` of the parts laid end to end.

        The files stay on disk until the reader is closed, whatever is deleted meanwhile.
        """
        names = [part.blob for part in parts]
        self.pin(names)
        source = _Concatenation(parts, self._path, lambda: self.unpin(names))
        stop = source.size if length is None else min(source.size, start + length)
        source.limit(start, stop)
        return io.BufferedReader(source, CHUNK)

    def discard(self, blobs: Iterable[str]) -> None:
        """Remove files, each as soon as nobody reads it."""
        with self._lock:
            for blob in blobs:
                if self._pins[blob]:
                    self._doomed.add(blob)
                else:
                    del self._pins[blob]
                    self._path(blob).unlink(missing_ok=True)

    def pin(self, blobs: Iterable[str]) -> None:
        """Keep these files until they are unpinned as often as pinned."""
        with self._lock:
            self._pins.update(blobs)

    def unpin(self, blobs: Iterable[str]) -> None:
        """Take back one `pin` of each."""
        with self._lock:
            self._pins.subtract(blobs)
            free = [blob for blob in blobs if self._pins[blob] <= 0]
            for blob in free:
                del self._pins[blob]
                if blob in self._doomed:
                    self._doomed.discard(blob)
                    self._path(blob).unlink(missing_ok=True)

    def sweep(self, known_under: Callable[[str], Collection[str]]) -> int:
        """Remove what a killed process left behind; return how many files went.

        ``known_under("3f")`` names the files under ``3f`` that belong to something.
        """
        orphans = list(self._incoming.iterdir())
        for folder in self._root.iterdir():
            if folder != self._incoming and folder.is_dir():
                known = known_under(folder.name)
                orphans += [path for path in folder.iterdir() if path.name not in known]
        for path in orphans:
            path.unlink(missing_ok=True)
        return len(orphans)

    def _settle(self, file: io.FileIO, path: Path, blob: str) -> None:
        try:
            os.fsync(file.fileno())
            folder = self._folder(blob)
            path.rename(folder / blob)
            _fsync_folder(folder)
        except OSError as error:
            raise _refused(path, error) from error

    def _folder(self, blob: str) -> Path:
        """Return the folder a new file goes to, created and on disk."""
        folder = self._root / blob[:2]
        if not folder.is_dir():
            folder.mkdir(exist_ok=True)
            _fsync_folder(self._root)
        return folder

    def _path(self, blob: str) -> Path:
        return self._root / blob[:2] / blob


class _Concatenation(io.RawIOBase):
    """Several files read as one, each opened when its bytes are due."""

    def __init__(
        self,
        parts: Sequence[PartInfo],
        path_of: Callable[[str], Path],
        release: Callable[[], None],
    ) -> None:
        self._path_of, self._release = path_of, release
        self._blobs = [part.blob for part in parts]
        self._ends = list(accumulate(part.size for part in parts))
        self.size = self._ends[-1] if self._ends else 0
        self._stop, self._start, self._position = self.size, 0, 0
        self._at = -1
        self._file: io.FileIO | None = None

    def limit(self, start: int, stop: int) -> None:
        """Show only the bytes from ``start`` up to, not including, ``stop``."""
        self._start, self._stop, self._position = start, stop, start

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: self._start, io.SEEK_CUR: self._position, io.SEEK_END: self._stop}
        if (target := base[whence] + offset) < self._start:
            raise ValueError(f"cannot seek to {target - self._start}, before the first byte")
        self._position = target
        return target - self._start

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer)
        if (room := min(len(view), self._stop - self._position)) <= 0:
            return 0
        at = bisect_right(self._ends, self._position)
        begin = self._ends[at - 1] if at else 0
        file = self._file_of(at)
        file.seek(self._position - begin)
        count = file.readinto(view[: min(room, self._ends[at] - self._position)])
        if not count:
            raise StoreError(
                f"{self._path_of(self._blobs[at])}: shorter than when it was stored. The "
                f"state folder is damaged; put the object again."
            )
        self._position += count
        return count

    def close(self) -> None:
        if not self.closed:
            self._close_file()
            self._release()
        super().close()

    def _file_of(self, at: int) -> io.FileIO:
        if self._file is None or self._at != at:
            self._close_file()
            self._file, self._at = io.FileIO(self._path_of(self._blobs[at])), at
        return self._file

    def _close_file(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


def _write_all(file: io.FileIO, chunk: bytes, path: Path) -> None:
    left = memoryview(chunk)
    try:
        while left:
            left = left[file.write(left) :]
    except OSError as error:
        raise _refused(path, error) from error


def _fsync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _refused(path: Path, error: OSError) -> StoreError:
    return StoreError(
        f"{path.parent}: cannot write an object: {error.strerror}. Free some space or check "
        f"the folder's permissions; nothing was changed, reading goes on."
    )


def folder_id(root: Path, new_id: NewId) -> str:
    """Read the name a folder of objects was given when it was made, or give it one.

    Raises
    ------
    StoreError
        If the folder cannot be written.
    """
    file = root / "id"
    try:
        if not file.exists():
            partial = file.with_suffix(".partial")
            partial.write_text(new_id())
            partial.replace(file)
        return file.read_text()
    except OSError as error:
        raise StoreError(f"{file} cannot be written: {error.strerror}.") from error

"""The data objects as a training process sees them: asked for one by one over its own pipe.

Layer: training. The engine owns the store and the bucket; this side has neither. Each wish is one
line, ``want <object id>`` or ``mask <object id>``, answered by ``bytes <number>`` and that many
bytes, or by ``none`` where it cannot be read.
"""

from __future__ import annotations

import os
import queue
import threading
from typing import TYPE_CHECKING, Protocol

from gt_widgets.errors import ImageError

if TYPE_CHECKING:
    from typing import BinaryIO

__all__ = ["Items", "PipedItems", "Wishes"]


class Items(Protocol):
    """Data objects by number."""

    def read(self, object_id: int) -> bytes:
        """Return a picture's file or a text's UTF-8.

        Raises
        ------
        ImageError
            If it cannot be read.
        """
        ...

    def mask(self, object_id: int) -> bytes:
        """Return the file of a mask that people painted.

        Raises
        ------
        ImageError
            If it cannot be read.
        """
        ...


class Wishes:
    """The pipe to the engine. Its end is the end of this process, whatever it is doing.

    Parameters
    ----------
    hear, say : binary files
        From the engine, and to it.
    """

    def __init__(self, hear: BinaryIO, say: BinaryIO) -> None:
        self._hear, self._say = hear, say
        self._lines: queue.Queue[tuple[bytes, bytes]] = queue.Queue()
        threading.Thread(target=self._listen, name="engine", daemon=True).start()

    def _listen(self) -> None:
        """A process that outlives its engine would train for nobody."""
        while line := self._hear.readline():
            head, _, size = line.strip().partition(b" ")
            body = self._hear.read(int(size)) if head == b"bytes" else size
            self._lines.put((head, body))
        os._exit(0)

    def next_request(self) -> str:
        """Wait for the path of the next request."""
        head, body = self._lines.get()
        if head != b"train":
            raise RuntimeError(f"expected a request; found {head!r}")
        return body.decode()

    def say(self, line: str) -> None:
        """Tell the engine something."""
        try:
            self._say.write(line.encode() + b"\n")
            self._say.flush()
        except BrokenPipeError:
            os._exit(0)  # the engine is gone

    def ask(self, line: str) -> bytes | None:
        """Ask for bytes; None if there are none."""
        self.say(line)
        head, body = self._lines.get()
        return body if head == b"bytes" else None


class PipedItems:
    """Items that the engine reads for this process."""

    def __init__(self, wishes: Wishes) -> None:
        self._wishes = wishes

    def read(self, object_id: int) -> bytes:
        """Return a picture's file or a text's UTF-8.

        Raises
        ------
        ImageError
            If it cannot be read.
        """
        return self._get(f"want {object_id}", f"object {object_id}")

    def mask(self, object_id: int) -> bytes:
        """Return the file of a mask that people painted.

        Raises
        ------
        ImageError
            If it cannot be read.
        """
        return self._get(f"mask {object_id}", f"the mask of object {object_id}")

    def _get(self, wish: str, what: str) -> bytes:
        found = self._wishes.ask(wish)
        if found is None:
            raise ImageError(f"{what} cannot be read.")
        return found

"""HTTP messages as plain data, the same for every carrier.

Layer: services (imports nothing of ours).
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

__all__ = ["BUFFER_SIZE", "Headers", "HttpRequest", "HttpResponse", "buffered", "plain_text"]

BUFFER_SIZE = 256 * 1024
"""Bytes moved at once between a socket, a decoder and a file."""


class Headers:
    """Header fields in the order and the case they were sent, found in any case.

    Parameters
    ----------
    pairs : iterable of (name, value)
        A name may come more than once.

    Examples
    --------
    >>> headers = Headers([("X-Amz-Meta-k", "1"), ("x-amz-meta-K", "2")])
    >>> headers.get("x-amz-meta-k")
    '1,2'
    """

    __slots__ = ("_pairs",)

    def __init__(self, pairs: Iterable[tuple[str, str]] = ()) -> None:
        self._pairs = list(pairs)

    def __contains__(self, name: str) -> bool:
        return self.get(name) is not None

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._pairs)

    def __repr__(self) -> str:
        return f"Headers({[name for name, _ in self._pairs]})"

    def get(self, name: str) -> str | None:
        """Return the value, repeated fields joined by a comma, or None."""
        wanted = name.lower()
        values = [value for key, value in self._pairs if key.lower() == wanted]
        return ",".join(values) if values else None

    def replaced(self, values: Mapping[str, str | None]) -> Headers:
        """Return a copy with some fields set or, where the value is None, removed."""
        named = {name.lower() for name in values}
        kept = [pair for pair in self._pairs if pair[0].lower() not in named]
        return Headers(kept + [(k, v) for k, v in values.items() if v is not None])


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """A request as it came in.

    Parameters
    ----------
    method : str
        Upper case.
    target : str
        Path and query exactly as received, still percent-encoded: signatures cover it.
    headers : Headers
    body : binary file
        ``read(n)`` returns ``b""`` at the end.
    scheme : str
        Of the endpoint as the caller sees it.
    """

    method: str
    target: str
    headers: Headers
    body: BinaryIO = field(default_factory=io.BytesIO)
    scheme: str = "http"

    @property
    def path(self) -> str:
        """The target before its question mark, percent-encoded."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        """The target after its question mark, percent-encoded."""
        return self.target.partition("?")[2]

    @property
    def base_url(self) -> str:
        """The endpoint as the caller reached it."""
        return f"{self.scheme}://{self.headers.get('host') or 'localhost'}"


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """A response to be sent.

    Parameters
    ----------
    status : int
        100-599.
    headers : list of (name, value)
        Sent in this order and case.
    body : bytes or binary file
        A file is read to its end in pieces, then closed.
    """

    status: int
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes | BinaryIO = b""

    def read(self) -> bytes:
        """Return the whole body and close it."""
        if isinstance(self.body, bytes):
            return self.body
        with self.body:
            return self.body.read()


class _Source(io.RawIOBase):
    """A raw stream over a ``read(n)`` function."""

    def __init__(self, read: Callable[[int], bytes]) -> None:
        super().__init__()
        self._read = read

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = self._read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


def buffered(read: Callable[[int], bytes]) -> BinaryIO:
    """Make a binary file, with ``readline`` and full reads, out of a ``read(n)`` function.

    Parameters
    ----------
    read : callable
        Returns at most ``n`` bytes, ``b""`` at the end; what it raises, readers see.
    """
    return cast("BinaryIO", io.BufferedReader(_Source(read), BUFFER_SIZE))


def plain_text(status: int, text: str) -> HttpResponse:
    """Make a response for people, from places where no AWS protocol is known yet."""
    return HttpResponse(status, [("Content-Type", "text/plain; charset=utf-8")], text.encode())

"""The body of one HTTP request on a connection: counted or chunked, announced by a 100.

Layer: services (imports only ``errors`` and ``services.wire``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gt_widgets.errors import ServiceError
from gt_widgets.services.wire.message import BUFFER_SIZE, HttpResponse, plain_text

if TYPE_CHECKING:
    from http.server import BaseHTTPRequestHandler

__all__ = ["RequestBody"]

_MAX_DRAIN = 64 * 1024 * 1024


class RequestBody:
    """Reads a body off a connection, and leaves the connection where the next request starts.

    Parameters
    ----------
    handler : http.server handler
        Its headers are read; its ``close_connection`` is set where the rest is not worth
        reading.
    """

    def __init__(self, handler: BaseHTTPRequestHandler) -> None:
        self._handler = handler
        self._left = 0
        self._chunked = False
        self._announce = handler.headers.get("Expect", "").lower() == "100-continue"

    def open(self) -> HttpResponse | None:
        """Read the framing; return the refusal if it is ambiguous."""
        headers = self._handler.headers
        lengths = set(headers.get_all("Content-Length", []))
        encoding = headers.get("Transfer-Encoding", "").strip().lower()
        if encoding not in {"", "chunked"}:
            return plain_text(501, f"Transfer-Encoding {encoding!r} is not supported.")
        if len(lengths) > 1 or (lengths and encoding):
            return plain_text(400, "The body's length is given twice.")
        length = lengths.pop() if lengths else "0"
        if not (length.isascii() and length.isdecimal()):
            return plain_text(400, f"Content-Length {length!r} is not a number.")
        self._left, self._chunked = int(length), encoding == "chunked"
        return None

    def read(self, size: int) -> bytes:
        """Read at most ``size`` bytes.

        Raises
        ------
        ServiceError
            ``IncompleteBody`` if the client hangs up early.
        """
        if self._announce and (self._left or self._chunked):
            self._announce = False
            self._handler.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            self._handler.wfile.flush()  # kept in the buffer, it costs the client a second
        if self._chunked and not self._left:
            self._next_chunk()
        if not self._left:
            return b""
        data = self._handler.rfile.read1(min(size, self._left))
        if not data:
            raise _incomplete(self._left)
        self._left -= len(data)
        if self._chunked and not self._left:
            self._handler.rfile.readline()
        return bytes(data)

    def _next_chunk(self) -> None:
        line = self._handler.rfile.readline(1024)
        try:
            self._left = int(line.partition(b";")[0], 16)
        except ValueError:
            self._handler.close_connection = True
            raise _incomplete(0) from None
        if self._left == 0:
            self._chunked = False
            while self._handler.rfile.readline(64 * 1024) not in {b"\r\n", b"\n", b""}:
                continue  # trailers of the transfer are of no use to us

    def may_keep_alive(self) -> bool:
        """Say whether what is left of the body is worth reading."""
        waiting = self._announce and (self._left or self._chunked)
        return not waiting and self._left <= _MAX_DRAIN

    def drain(self) -> None:
        """Read what the operation left, so that the next request starts where it should."""
        if self._handler.close_connection:
            return
        read = 0
        try:
            while read <= _MAX_DRAIN and (data := self.read(BUFFER_SIZE)):
                read += len(data)
        except ServiceError:  # the client has hung up
            read = _MAX_DRAIN + 1
        self._handler.close_connection = read > _MAX_DRAIN


def _incomplete(missing: int) -> ServiceError:
    return ServiceError(
        "IncompleteBody",
        "You did not provide the number of bytes specified by the Content-Length HTTP header"
        + (f"; {missing} are missing." if missing else "; the chunked framing is damaged."),
        400,
    )

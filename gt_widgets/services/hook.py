"""The carrier without sockets: a botocore hook that answers instead of the network.

Layer: services (imports only ``services.wire``).

For tests and for places where no port may be opened. The request is signed and serialised as
always; only sending is replaced.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, BinaryIO
from urllib.parse import urlsplit

from botocore.awsrequest import AWSResponse

from gt_widgets.services.wire.message import BUFFER_SIZE, Headers, HttpRequest, buffered

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gt_widgets.services.wire.dispatcher import Dispatcher
    from gt_widgets.services.wire.message import HttpResponse

__all__ = ["install"]

_DEFAULT_PORTS = {"http": 80, "https": 443}


def install(session: Any, dispatcher: Dispatcher) -> None:
    """Answer every call of a session's clients, of whatever service, by the dispatcher.

    Parameters
    ----------
    session : boto3.Session or botocore.session.Session
        Clients made from it from now on are served; nothing they do reaches the network.
        Presigned URLs name the endpoint the client was made for.
    dispatcher : Dispatcher
    """

    def answer(request: Any, **_: Any) -> AWSResponse:
        return _to_aws(request.url, dispatcher.handle(_from_aws(request)))

    core = getattr(session, "_session", session)  # boto3 wraps a botocore session
    core.get_component("event_emitter").register_first("before-send", answer)


def _from_aws(prepared: Any) -> HttpRequest:
    parts = urlsplit(prepared.url)
    host = parts.hostname or "localhost"
    if parts.port not in {None, _DEFAULT_PORTS.get(parts.scheme)}:
        host = f"{host}:{parts.port}"
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    headers = Headers((name, _text(value)) for name, value in prepared.headers.items())
    if "host" not in headers:
        headers = headers.replaced({"Host": host})
    return HttpRequest(prepared.method, target, headers, _body(prepared.body), parts.scheme)


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _body(body: Any) -> BinaryIO:
    if body is None:
        return io.BytesIO()
    if isinstance(body, str):
        return io.BytesIO(body.encode())
    if isinstance(body, bytes | bytearray):
        return io.BytesIO(body)
    return buffered(body.read)


def _to_aws(url: str, response: HttpResponse) -> AWSResponse:
    headers = list(response.headers)
    body = response.body
    if isinstance(body, bytes):
        names = {name.lower() for name, _ in headers}
        if "content-length" not in names:
            headers.append(("Content-Length", str(len(body))))
        body = io.BytesIO(body)
    merged: dict[str, str] = {}
    for name, value in headers:
        merged[name] = f"{merged[name]}, {value}" if name in merged else value
    return AWSResponse(url, response.status, merged, _Raw(body))


class _Raw:
    """What botocore expects of a urllib3 response: `read`, `stream`, `close`.

    Reading after the end or after closing gives ``b""``: s3transfer reads once more.
    """

    def __init__(self, body: BinaryIO) -> None:
        self._body = body

    def read(self, amt: int | None = None, **_: Any) -> bytes:
        if self._body.closed:
            return b""
        return self._body.read(-1 if amt is None else amt)

    def stream(self, amt: int = BUFFER_SIZE, **_: Any) -> Iterator[bytes]:
        while data := self.read(amt):
            yield data

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        self._body.close()

    @property
    def closed(self) -> bool:
        return self._body.closed

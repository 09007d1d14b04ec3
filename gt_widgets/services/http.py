"""The loopback HTTP server: the carrier every AWS client can use.

Layer: services (imports only ``errors`` and ``services.wire``).

The standard library's threading server: it keeps the case of header names, streams both
ways, and was the fastest of those measured.
"""

from __future__ import annotations

import ipaddress
import logging
import socket
import sys
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, BinaryIO, Self

from gt_widgets.errors import ServiceError
from gt_widgets.services.http_body import RequestBody
from gt_widgets.services.wire.message import (
    BUFFER_SIZE,
    Headers,
    HttpRequest,
    HttpResponse,
    buffered,
    plain_text,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from gt_widgets.services.wire.dispatcher import Dispatcher

    Extra = Callable[[HttpRequest], HttpResponse | None]

__all__ = ["PRIVATE_PREFIX", "EndpointServer"]

PRIVATE_PREFIX = "/_gt/"
"""Paths below it are never AWS's; no bucket can have such a name."""

_LOG = logging.getLogger(__name__)
_LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]"})
_IDLE_S = 600.0
_NO_CONTENT, _NOT_MODIFIED = 204, 304


class EndpointServer:
    """Serves a dispatcher on a loopback port, one thread per connection.

    Parameters
    ----------
    dispatcher : Dispatcher
    host : str
        Address to bind; anything but loopback needs ``allow_remote``.
    port : int
        0-65535; 0 takes a free one.
    extra : callable, optional
        ``extra(request) -> HttpResponse | None``, asked first for every request. Where it
        has no answer, the dispatcher has, and paths below ``/_gt/`` are answered 404.
    allow_remote : bool
        Bind an address other machines can reach.
    allowed_hosts : collection of str
        Host names, without port, accepted besides the loopback names. A page on the web can
        point its own name at 127.0.0.1 (DNS rebinding), so others are refused with 403.

    Raises
    ------
    ServiceError
        ``InvalidBindAddress`` if the address is not loopback and ``allow_remote`` is not set.
    OSError
        If the port is taken.

    Examples
    --------
    >>> with EndpointServer(dispatcher) as server:  # doctest: +SKIP
    ...     boto3.client("sagemaker", endpoint_url=server.url).list_labeling_jobs()
    """

    def __init__(
        self,
        dispatcher: Dispatcher,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        extra: Extra | None = None,
        allow_remote: bool = False,
        allowed_hosts: Collection[str] = (),
    ) -> None:
        if not allow_remote and not _is_loopback(host):
            raise ServiceError(
                "InvalidBindAddress",
                f"{host!r} can be reached from other machines; the engine serves 127.0.0.1, "
                "::1 or localhost. Pass allow_remote=True if that is what you want.",
            )
        hosts = _LOOPBACK_NAMES | {name.lower() for name in allowed_hosts}
        self._server = _Server(host, port, dispatcher, extra, hosts)
        self._thread: threading.Thread | None = None

    @property
    def extra(self) -> Extra | None:
        """What is asked first; may be set after the port is known."""
        return self._server.extra

    @extra.setter
    def extra(self, extra: Extra | None) -> None:
        self._server.extra = extra

    @property
    def last_request_at(self) -> float:
        """When a request last began or ended, in epoch seconds of the dispatcher's clock."""
        return self._server.last_request_at

    @property
    def port(self) -> int:
        """The bound port."""
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        """The endpoint URL, without a slash at its end."""
        host = str(self._server.server_address[0])
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"

    def serve_forever(self) -> None:
        """Serve in this thread until `close` is called from another."""
        self._server.serve_forever(poll_interval=0.1)

    def start(self) -> Self:
        """Serve in a daemon thread."""
        self._thread = threading.Thread(target=self.serve_forever, name="gt-http", daemon=True)
        self._thread.start()
        return self

    def close(self) -> None:
        """Stop accepting, end open connections, free the port."""
        if self._thread is not None:
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()
        self._server.end_connections()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.close()


def _is_loopback(host: str) -> bool:
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128  # eight kernels with s3transfer's ten threads each

    def __init__(
        self,
        host: str,
        port: int,
        dispatcher: Dispatcher,
        extra: Extra | None,
        hosts: frozenset[str],
    ) -> None:
        self.dispatcher, self.extra, self.hosts = dispatcher, extra, hosts
        self.last_request_at = dispatcher.clock()
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        if ":" in host:
            self.address_family = socket.AF_INET6
        super().__init__((host, port), _Handler)

    def server_bind(self) -> None:
        """Bind without the reverse lookup of the base class, which can take seconds."""
        if self.allow_reuse_address:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def end_connections(self) -> None:
        """End connections kept alive, so that no client goes on with a closed server."""
        with self._lock:
            waiting = list(self._open)
        for connection in waiting:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError as error:  # the client was faster
                _LOG.debug("connection already gone: %s", error)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002
        """Log instead of printing; clients that hang up are no event."""
        hung_up = isinstance(sys.exception(), OSError)
        level = logging.DEBUG if hung_up else logging.ERROR
        _LOG.log(level, "connection from %s ended", client_address, exc_info=True)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = _IDLE_S
    rbufsize = wbufsize = BUFFER_SIZE  # head and body of a small answer leave together

    def handle_expect_100(self) -> bool:
        """Wait with the 100 until the body is wanted: a refused upload is never sent."""
        return True

    def _serve(self) -> None:
        body = RequestBody(self)
        refusal = self._refusal() or body.open()
        if refusal is not None:
            self.close_connection = True
            self._send(refusal)
            return
        self.server.last_request_at = self.server.dispatcher.clock()
        response = self._answer(buffered(body.read))
        try:
            if not body.may_keep_alive():
                self.close_connection = True
            self._send(response)
            body.drain()
        finally:
            self.server.last_request_at = self.server.dispatcher.clock()
            if not isinstance(response.body, bytes):
                response.body.close()

    # the base class's names
    do_GET = do_HEAD = do_PUT = do_POST = _serve  # noqa: N815
    do_DELETE = do_OPTIONS = do_PATCH = _serve  # noqa: N815

    def _refusal(self) -> HttpResponse | None:
        hosts = self.headers.get_all("Host", [])
        name = _host_name(hosts[0]) if len(hosts) == 1 else ""
        if name in self.server.hosts:
            return None
        return plain_text(
            403, f"Host {name!r} is not served here; use {sorted(self.server.hosts)}."
        )

    def _answer(self, body: BinaryIO) -> HttpResponse:
        target = self.requestline.split()[1]  # self.path folds leading slashes
        if not target.startswith("/"):
            return plain_text(400, "The request target must be a path.")
        request = HttpRequest(self.command, target, Headers(self.headers.items()), body)
        ask_first = self.server.extra
        response = ask_first(request) if ask_first else None
        if response is None and target.startswith(PRIVATE_PREFIX):
            response = plain_text(404, "Nothing is served at this path.")
        return response or _isolated(self.server.dispatcher.handle(request))

    def _send(self, response: HttpResponse) -> None:
        bodiless = self.command == "HEAD" or response.status in {_NO_CONTENT, _NOT_MODIFIED}
        names = {name.lower() for name, _ in response.headers}
        self.send_response(response.status)
        for name, value in response.headers:
            self.send_header(name, _one_line(value))
        chunked = False
        if isinstance(response.body, bytes):
            if "content-length" not in names and response.status != _NO_CONTENT:
                self.send_header("Content-Length", str(len(response.body)))
        elif "content-length" not in names and not bodiless:
            chunked = self.request_version != "HTTP/1.0"
            if chunked:
                self.send_header("Transfer-Encoding", "chunked")
            else:  # the end of the connection is the end of the body
                self.close_connection = True
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self._send_body(b"" if bodiless else response.body, chunked=chunked)
        self.wfile.flush()

    def _send_body(self, body: bytes | BinaryIO, *, chunked: bool) -> None:
        if isinstance(body, bytes):
            self.wfile.write(body)
            return
        while data := body.read(BUFFER_SIZE):
            self.wfile.write(b"%x\r\n%b\r\n" % (len(data), data) if chunked else data)
        if chunked:
            self.wfile.write(b"0\r\n\r\n")

    def version_string(self) -> str:
        """Name the server; no versions, nobody needs them."""
        return "gt-widgets"

    def log_message(self, _format: str, *_args: Any) -> None:
        """Log method and path only: queries hold signatures that open objects."""
        path = getattr(self, "path", "?").partition("?")[0]
        _LOG.debug("%s %s", getattr(self, "command", "?"), path)


def _isolated(response: HttpResponse) -> HttpResponse:
    """Keep a stored HTML page, opened by its URL, out of the origin of our own pages."""
    header = ("Content-Security-Policy", "sandbox")
    return replace(response, headers=[*response.headers, header])


def _host_name(host: str) -> str:
    if host.startswith("["):
        return host.partition("]")[0].lower() + "]"
    return host.partition(":")[0].lower()


def _one_line(value: str) -> str:
    """Keep one header one header, whatever a stored value holds; bytes beyond Latin-1 too."""
    flat = value.replace("\r", " ").replace("\n", " ")
    return flat.encode("utf-8").decode("latin-1") if not flat.isascii() else flat

"""The loopback server, spoken to in raw HTTP where a client library would hide the point."""

from __future__ import annotations

import socket
from contextlib import contextmanager
from http.client import HTTPConnection

import pytest

from gt_widgets.errors import ServiceError
from gt_widgets.services.http import EndpointServer
from gt_widgets.services.wire.message import HttpResponse, buffered


class Echo:
    """Stands where the dispatcher stands and keeps what came in."""

    def __init__(self):
        self.seen = []
        self.response = HttpResponse(200, [], b"ok")
        self.reads_body = True
        self.clock = lambda: 0.0

    def handle(self, request):
        body = request.body.read() if self.reads_body else b""
        self.seen.append((request.method, request.target, request.headers, body))
        return self.response


@pytest.fixture
def echo():
    return Echo()


@pytest.fixture
def server(echo):
    with EndpointServer(echo) as running:
        yield running


@contextmanager
def connection(server):
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as sock:
        yield sock, sock.makefile("rb")


def head(*lines):
    return "\r\n".join([*lines, "", ""]).encode()


def read_response(reader):
    status = int(reader.readline().split()[1])
    fields = {}
    while line := reader.readline().strip():
        name, _, value = line.decode().partition(": ")
        fields[name] = value
    return status, fields, reader.read(int(fields.get("Content-Length", 0)))


# engine trap 2
def test_the_100_comes_before_the_body_is_sent(server, echo):
    with connection(server) as (sock, reader):
        sock.sendall(
            head("PUT /logos/a HTTP/1.1", "Host: localhost", "Content-Length: 3",
                 "Expect: 100-continue")
        )  # fmt: skip
        assert reader.readline() == b"HTTP/1.1 100 Continue\r\n"
        assert reader.readline() == b"\r\n"
        sock.sendall(b"abc")
        assert read_response(reader)[0] == 200
    assert echo.seen[0][3] == b"abc"


def test_a_refused_upload_is_never_asked_for(server, echo):
    echo.reads_body, echo.response = False, HttpResponse(403, [], b"no")
    with connection(server) as (sock, reader):
        sock.sendall(
            head("PUT /logos/a HTTP/1.1", "Host: localhost", "Content-Length: 3",
                 "Expect: 100-continue")
        )  # fmt: skip
        status, fields, _ = read_response(reader)
        assert (status, fields["Connection"]) == (403, "close")
        assert reader.read() == b""


# engine trap 4
def test_header_names_keep_their_case_both_ways(server, echo):
    echo.response = HttpResponse(200, [("x-amz-meta-kEy", "v")], b"")
    with connection(server) as (sock, reader):
        sock.sendall(head("GET /logos/a HTTP/1.1", "Host: localhost", "x-amz-meta-kEy: v"))
        assert read_response(reader)[1]["x-amz-meta-kEy"] == "v"
    assert ("x-amz-meta-kEy", "v") in list(echo.seen[0][2])


def test_the_target_arrives_as_it_was_sent(server, echo):
    with connection(server) as (sock, reader):
        sock.sendall(head("GET //a%2Fb/../c?x=%20 HTTP/1.1", "Host: localhost"))
        read_response(reader)
    assert echo.seen[0][1] == "//a%2Fb/../c?x=%20"


def test_a_chunked_body_arrives_whole(server, echo):
    with connection(server) as (sock, reader):
        sock.sendall(
            head("PUT /logos/a HTTP/1.1", "Host: localhost", "Transfer-Encoding: chunked")
            + b"3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nTrailer: t\r\n\r\n"
            + head("GET /next HTTP/1.1", "Host: localhost")
        )
        assert [read_response(reader)[0] for _ in range(2)] == [200, 200]
    assert [seen[3] for seen in echo.seen] == [b"abcde", b""]


def test_what_an_operation_leaves_unread_does_not_become_the_next_request(server, echo):
    echo.reads_body = False
    with connection(server) as (sock, reader):
        sock.sendall(head("PUT /a HTTP/1.1", "Host: localhost", "Content-Length: 3") + b"GET")
        sock.sendall(head("GET /b HTTP/1.1", "Host: localhost"))
        assert [read_response(reader)[0] for _ in range(2)] == [200, 200]
    assert [seen[:2] for seen in echo.seen] == [("PUT", "/a"), ("GET", "/b")]


@pytest.mark.parametrize(
    ("framing", "status"),
    [
        (["Content-Length: 3", "Content-Length: 4"], 400),
        (["Content-Length: 3", "Transfer-Encoding: chunked"], 400),
        (["Content-Length: -3"], 400),
        (["Content-Length: 1_0"], 400),
        (["Transfer-Encoding: gzip, chunked"], 501),
    ],
)
def test_an_ambiguous_length_is_refused(server, echo, framing, status):
    with connection(server) as (sock, reader):
        sock.sendall(head("PUT /a HTTP/1.1", "Host: localhost", *framing))
        assert read_response(reader)[0] == status
    assert echo.seen == []


def test_a_body_cut_short_raises_while_it_is_read(server, echo):
    raised = []

    def handle(request):
        try:
            request.body.read()
        except ServiceError as error:
            raised.append(error.code)
        return HttpResponse(400, [], b"")

    echo.handle = handle
    with connection(server) as (sock, reader):
        sock.sendall(head("PUT /a HTTP/1.1", "Host: localhost", "Content-Length: 9") + b"abc")
        sock.shutdown(socket.SHUT_WR)
        assert read_response(reader)[0] == 400
    assert raised == ["IncompleteBody"]


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "10.0.0.1:80"])
def test_a_foreign_host_name_is_refused(server, echo, host):
    with connection(server) as (sock, reader):
        sock.sendall(head("GET /_gt/worker HTTP/1.1", f"Host: {host}"))
        assert read_response(reader)[0] == 403
    assert echo.seen == []


@pytest.mark.parametrize("host", ["127.0.0.1:1", "localhost", "LOCALHOST:8", "[::1]:8"])
def test_the_loopback_names_are_served(server, host):
    with connection(server) as (sock, reader):
        sock.sendall(head("GET /a HTTP/1.1", f"Host: {host}"))
        assert read_response(reader)[0] == 200


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.com", ""])
def test_only_loopback_is_bound_unless_asked(echo, host):
    with pytest.raises(ServiceError, match="allow_remote=True"):
        EndpointServer(echo, host=host)


@pytest.mark.parametrize(("status", "method"), [(204, "DELETE"), (304, "GET"), (200, "HEAD")])
def test_answers_without_a_body_leave_the_connection_usable(server, echo, status, method):
    echo.response = HttpResponse(status, [], b"body")
    client = HTTPConnection("127.0.0.1", server.port, timeout=60)
    for _ in range(2):
        client.request(method, "/a")
        response = client.getresponse()
        assert (response.status, response.read()) == (status, b"")
    client.close()


def test_a_file_of_unknown_length_goes_out_in_chunks_and_is_closed(server, echo):
    pieces = iter([b"abc", b"de"])
    body = buffered(lambda _: next(pieces, b""))
    echo.response = HttpResponse(200, [], body)
    client = HTTPConnection("127.0.0.1", server.port, timeout=60)
    client.request("GET", "/a")
    assert client.getresponse().read() == b"abcde"
    client.request("GET", "/b")  # the next answer comes after the file was closed
    client.getresponse()
    assert body.closed
    client.close()


def test_a_line_break_in_a_stored_value_makes_no_second_header(server, echo):
    echo.response = HttpResponse(200, [("x-amz-meta-a", "b\r\nSet-Cookie: c")], b"")
    with connection(server) as (sock, reader):
        sock.sendall(head("GET /a HTTP/1.1", "Host: localhost"))
        fields = read_response(reader)[1]
    assert "Set-Cookie" not in fields


def test_private_paths_are_asked_first_and_never_reach_aws(server, echo):
    server.extra = lambda request: (
        HttpResponse(200, [], b"mine") if request.path == "/_gt/hello" else None
    )
    client = HTTPConnection("127.0.0.1", server.port, timeout=60)
    answers = []
    for path in ("/_gt/hello", "/_gt/other", "/logos"):
        client.request("GET", path)
        response = client.getresponse()
        answers.append((response.status, response.read()[:4]))
    client.close()
    assert answers == [(200, b"mine"), (404, b"Noth"), (200, b"ok")]
    assert [seen[1] for seen in echo.seen] == ["/logos"]


def test_a_stored_page_runs_outside_the_origin_of_our_own_pages(server, echo):
    echo.response = HttpResponse(200, [("Content-Type", "text/html")], b"<script>1</script>")
    with connection(server) as (sock, reader):
        sock.sendall(head("GET /logos/evil.html HTTP/1.1", "Host: localhost"))
        assert read_response(reader)[1]["Content-Security-Policy"] == "sandbox"


def test_closing_ends_connections_that_were_kept_alive(echo):
    server = EndpointServer(echo).start()
    with connection(server) as (sock, reader):
        sock.sendall(head("GET /a HTTP/1.1", "Host: localhost"))
        read_response(reader)
        server.close()
        assert reader.read() == b""
    again = EndpointServer(echo, port=server.port)  # the port is free at once
    again.close()


def test_queries_are_not_logged(server, caplog):
    with caplog.at_level("DEBUG"):
        client = HTTPConnection("127.0.0.1", server.port, timeout=60)
        client.request("GET", "/logos/a?X-Amz-Signature=s3cr3t")
        client.getresponse().read()
        client.close()
    assert "GET /logos/a" in caplog.text
    assert "s3cr3t" not in caplog.text

"""Carriers of S3 for the same sentences: loopback HTTP, the botocore hook, and moto.

Behind the first two lies a folder, or another S3 (``http-on-s3``: our own; ``hook-on-moto``: moto's
server), as with ``gt-widgets serve --s3``.

A sentence asks for ``s3`` (a boto3 client), ``bucket`` (its own, fresh) and, where boto3 is in
the way, ``send`` (one raw request). Where moto differs from S3, the sentence carries
``@pytest.mark.not_for_moto("why")``.
"""

from __future__ import annotations

import contextlib
import http.client
import io
import itertools
import time
import uuid
from dataclasses import dataclass, field
from types import SimpleNamespace
from urllib.parse import urlsplit

import boto3
import moto
import pytest
import requests
from botocore.config import Config
from moto.server import ThreadedMotoServer

from gt_widgets.engine.buckets import BucketRegister
from gt_widgets.engine.objects import ObjectStore
from gt_widgets.engine.store import open_store
from gt_widgets.services import hook
from gt_widgets.services import s3 as s3_service
from gt_widgets.services.http import EndpointServer
from gt_widgets.services.remote import open_remote
from gt_widgets.services.wire.dispatcher import Dispatcher
from gt_widgets.services.wire.message import Headers, HttpRequest

KEY, SECRET, ACCOUNT = "AKIAGROUNDTRUTHLOCAL", "local-secret", "123456789012"
_NUMBERS = itertools.count()


def pytest_configure(config):
    config.addinivalue_line("markers", "not_for_moto(why): moto differs from S3 here")
    config.addinivalue_line("markers", "not_on_s3(why): differs where another S3 lies behind")
    config.addinivalue_line("markers", "not_on_moto(why): differs where moto lies behind")


@dataclass
class Answer:
    status: int
    headers: dict
    body: bytes

    @classmethod
    def of(cls, status, pairs, body):
        return cls(status, {name.lower(): value for name, value in pairs}, body)


@dataclass
class Backend:
    """One carrier: ``client(**options)`` and ``send(method, url, headers, body)``."""

    name: str
    endpoint: str | None
    dispatcher: Dispatcher | None = None
    clock: SimpleNamespace = field(default_factory=lambda: SimpleNamespace(ahead_s=0.0))
    behind: str = ""

    def client(self, *, region="us-east-1", key=KEY, secret=SECRET, **options):
        session = boto3.Session(key, secret, region_name=region)
        if self.name.startswith("hook"):
            hook.install(session, self.dispatcher)
        settings = {"s3": {"addressing_style": "path"}, "signature_version": "s3v4"}
        settings["retries"] = {"total_max_attempts": 1}
        config = Config(**(settings | options))
        return session.client("s3", endpoint_url=self.endpoint, config=config)

    def send(self, method, url, headers=None, body=b""):
        headers = headers or {}
        if self.name == "moto":
            reply = requests.request(method, url, headers=headers, data=body, timeout=60)
            return Answer.of(reply.status_code, reply.headers.items(), reply.content)
        parts = urlsplit(url)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        if self.name == "http":
            return over_a_socket(parts.netloc, method, target, headers, body)
        pairs = [("Host", parts.netloc), *headers.items()]
        request = HttpRequest(method, target, Headers(pairs), io.BytesIO(body), parts.scheme)
        reply = self.dispatcher.handle(request)
        return Answer.of(reply.status, reply.headers, reply.read())


def over_a_socket(host, method, target, headers, body):
    connection = http.client.HTTPConnection(host, timeout=60)
    try:
        connection.request(method, target, body=body or None, headers=headers)
        reply = connection.getresponse()
        return Answer.of(reply.status, reply.getheaders(), reply.read())
    finally:
        connection.close()


def dispatcher_over(root, clock, remote=None):
    def now():
        return time.time() + clock.ahead_s

    def new_id():
        return uuid.uuid4().hex

    engine = SimpleNamespace(
        objects=remote or ObjectStore(root, clock=now, new_id=new_id),
        clock=now,
        new_id=new_id,
        account_id=ACCOUNT,
        region="us-east-1",
    )
    return Dispatcher(engine, {"s3": s3_service}, {KEY: SECRET}, clock=now, new_id=new_id)


@contextlib.contextmanager
def other_s3(kind, folder):
    """An S3 that is not the one under test, and the objects that are kept there."""
    if kind == "moto":
        server = ThreadedMotoServer(port=0, verbose=False)
        server.start()
        host, port = server.get_host_and_port()
        stack, url = contextlib.closing(SimpleNamespace(close=server.stop)), f"http://{host}:{port}"
    else:
        dispatcher = dispatcher_over(folder / "outer", SimpleNamespace(ahead_s=0.0))
        stack = EndpointServer(dispatcher)
        url = stack.url
    with stack, pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", KEY)
        patch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
        boto3.client("s3", endpoint_url=url, region_name="us-east-1").create_bucket(Bucket="outer")
        store = open_store(folder)
        yield open_remote(
            "s3://outer/a/prefix/",
            endpoint_url=url,
            register=BucketRegister(store),
            clock=time.time,
        )
        store.close()


PLACES = ["http", "hook", "hook-https", "moto", "http-on-s3", "hook-on-moto"]


@pytest.fixture(scope="module", params=PLACES)
def backend(request, tmp_path_factory):
    carrier, _, kind = request.param.partition("-on-")
    if kind:
        folder = tmp_path_factory.mktemp(request.param)
        clock = SimpleNamespace(ahead_s=0.0)
        with other_s3(kind, folder) as remote:
            dispatcher = dispatcher_over(folder, clock, remote)
            with EndpointServer(dispatcher) as server:
                url = server.url if carrier == "http" else "http://s3.us-east-1.amazonaws.com"
                yield Backend(carrier, url, dispatcher, clock, behind=kind)
        return
    clock = SimpleNamespace(ahead_s=0.0)
    if request.param == "moto":
        with moto.mock_aws():
            yield Backend("moto", None)
        return
    dispatcher = dispatcher_over(tmp_path_factory.mktemp(request.param), clock)
    if request.param == "http":
        with EndpointServer(dispatcher) as server:
            yield Backend("http", server.url, dispatcher, clock)
        return
    scheme = "https" if request.param == "hook-https" else "http"
    yield Backend(request.param, f"{scheme}://s3.us-east-1.amazonaws.com", dispatcher, clock)


@pytest.fixture(autouse=True)
def _moto_where_moto_is_right(request, backend):
    applies = {
        "not_for_moto": backend.name == "moto",
        "not_on_s3": bool(backend.behind),
        "not_on_moto": backend.behind == "moto",
    }
    for name, holds in applies.items():
        mark = request.node.get_closest_marker(name)
        if holds and mark is not None:
            pytest.skip(mark.args[0])


@pytest.fixture(scope="module")
def s3(backend):
    return backend.client()


@pytest.fixture
def send(backend):
    return backend.send


@pytest.fixture
def bucket(s3):
    name = f"logos-{next(_NUMBERS)}"
    s3.create_bucket(Bucket=name)
    return name

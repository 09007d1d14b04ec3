"""An S3 that goes away in the middle of a job and comes back: nothing fails of it, nothing is lost.

It is our own S3 over a folder, on a port that it gets back when it returns.
"""

from __future__ import annotations

import http.server
import json
import socket
import threading
import time
import uuid
from types import SimpleNamespace

import boto3
import pytest
from botocore.config import Config

from gt_widgets.engine.buckets import BucketRegister
from gt_widgets.engine.objects import ObjectStore
from gt_widgets.errors import (
    EngineUnreachableError,
    ImageError,
    StoreError,
    StoreUnreachableError,
)
from gt_widgets.services import s3 as s3_service
from gt_widgets.services.http import EndpointServer
from gt_widgets.services.remote.store import RemoteObjects
from gt_widgets.services.remote.wire import Remote
from gt_widgets.services.wire.dispatcher import Dispatcher
from gt_widgets.testing import Workbench, box_answer
from gt_widgets.testing.automated import automated_request, label_until_done, notes

KEY, SECRET = "AKIAGROUNDTRUTHLOCAL", "local-secret"
ANSWER = box_answer(("Norda", 1, 2, 30, 20))


class OtherS3:
    """An S3 that can be stopped and started again, with what it keeps."""

    def __init__(self, folder):
        engine = SimpleNamespace(
            objects=ObjectStore(folder, clock=time.time, new_id=lambda: uuid.uuid4().hex),
            clock=time.time,
            new_id=lambda: uuid.uuid4().hex,
            account_id="123456789012",
            region="us-east-1",
        )
        self.dispatcher = Dispatcher(
            engine, {"s3": s3_service}, {KEY: SECRET}, clock=time.time, new_id=engine.new_id
        )
        self.server = EndpointServer(self.dispatcher).start()
        self.url, self.port = self.server.url, self.server.port
        self.kept_port = None
        client_of(self.url).create_bucket(Bucket="outer")

    def stop(self):
        """Go away; a socket that listens to nobody keeps the port."""
        self.server.close()
        self.kept_port = socket.socket()
        self.kept_port.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.kept_port.bind(("127.0.0.1", self.port))

    def start(self):
        self.kept_port.close()
        self.kept_port = None
        self.server = EndpointServer(self.dispatcher, port=self.port).start()

    def close(self):
        if self.kept_port is None:
            self.server.close()
        else:
            self.kept_port.close()


class Tripwire(RemoteObjects):
    """Objects that tell when one is about to be opened, and when that was tried."""

    before = staticmethod(lambda key: None)

    def open(self, bucket, key, **options):
        tried = self.before(key)
        try:
            return super().open(bucket, key, **options)
        finally:
            if tried:
                tried.set()


def client_of(url):
    config = Config(
        retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}, signature_version="s3v4"
    )
    session = boto3.Session(KEY, SECRET, region_name="us-east-1")
    return session.client("s3", endpoint_url=url, config=config)


@pytest.fixture
def other(tmp_path):
    other = OtherS3(tmp_path / "other")
    yield other
    other.close()


@pytest.fixture
def bench(tmp_path, other):
    def opened(store, clock):
        remote = Remote(client_of(other.url), "outer", "here/")
        return Tripwire(remote, BucketRegister(store), clock=clock)

    bench = Workbench(tmp_path / "here", objects=opened)
    yield bench
    bench.engine.close()


@pytest.fixture
def ana(bench):
    [ana] = bench.team("ana")
    return ana


def away_at(bench, other, key, *, thread=None):
    """Stop the S3 when ``key`` is about to be opened; returns what is set when that has failed."""
    gone = threading.Event()

    def before(found):
        ours = thread is None or threading.current_thread().name == thread
        if found != key or not ours or gone.is_set():
            return None
        other.stop()
        return gone

    bench.engine.objects.before = before
    return gone


def test_pictures_that_cannot_be_reached_are_offered_when_they_can(bench, other, ana):
    bench.bucket(3)
    gone = away_at(bench, other, "images/1.jpg")
    job = bench.job()
    assert gone.is_set()
    assert (job.status, job.failed, ana.claim()) == ("InProgress", 0, [])
    bench.settle()  # and it is still away
    other.start()
    bench.settle()
    job = bench.finish(lambda _: ANSWER)
    assert (job.status, job.failed, job.human_labeled) == ("Completed", 0, 3)


def test_answers_are_written_when_the_s3_is_back(bench, other, ana):
    bench.bucket(2)
    bench.job()
    other.stop()
    assert ana.work(lambda _: ANSWER) == 2  # boxes go to the store, no picture is needed
    bench.settle()
    assert bench.engine.jobs.get("logos").status == "InProgress"
    other.start()
    bench.settle()
    assert bench.engine.jobs.get("logos").status == "Completed"
    assert [line["logos"]["annotations"][0]["left"] for line in bench.output()] == [1, 1]


def test_a_worker_is_told_to_try_again_and_gets_the_same_task(bench, other, ana):
    lines = ['{"source-ref": "s3://demo-gt/note.txt"}']
    bench.bucket(0, labels=("spam", "ham"), lines=lines)
    bench.engine.objects.put("demo-gt", "note.txt", b"buy now")
    bench.job(task="TextMultiClass")
    other.stop()
    with pytest.raises(EngineUnreachableError, match="Try again in a moment"):
        ana.claim()
    other.start()
    [task] = ana.claim()
    assert (task["text"], task["problem"]) == ("buy now", None)


def test_a_picture_that_cannot_be_reached_is_not_called_damaged(bench, other, ana):
    bench.bucket(2)
    bench.job()
    [first] = ana.claim(count=1)
    other.stop()
    with pytest.raises(EngineUnreachableError):
        ana.act("picture", first)
    with pytest.raises(StoreUnreachableError):
        bench.engine.thumbnail("logos", 0)
    other.start()
    bench.engine.objects.delete("demo-gt", "images/0.jpg")
    with pytest.raises(ImageError, match=r"s3://demo-gt/images/0\.jpg cannot be read"):
        ana.act("picture", first)


@pytest.mark.usefixtures("no_looks")  # a look reads while people work
def test_the_machine_waits_too_and_misses_no_object(bench, other, ana):
    texts = notes(160, seed=5)
    lines = [json.dumps({"source-ref": f"s3://demo-gt/{n}.txt"}) for n in range(160)]
    bench.bucket(0, labels=texts.categories, lines=lines)
    for number, text in enumerate(texts.texts):
        bench.engine.objects.put("demo-gt", f"{number}.txt", text.encode())
    tags = {"min-automated-objects": "100", "calibration": "50", "target": "0.8", "patience": "1"}
    bench.engine.jobs.create(automated_request(tags=tags))
    gone = away_at(bench, other, "7.txt", thread="trainer")
    ended = threading.Event()

    def back():
        gone.wait()
        if not ended.is_set():
            other.start()

    healer = threading.Thread(target=back)
    healer.start()
    try:
        job = label_until_done(bench, [ana], texts.answer)
    finally:
        ended.set()
        gone_before = gone.is_set()
        gone.set()
        healer.join()
    assert gone_before
    assert (job.status, job.human_labeled + job.machine_labeled) == ("Completed", 160)
    assert bench.engine.automations.of(job.job_id).state.failed == ()


class _Refuses(http.server.BaseHTTPRequestHandler):
    """Answers everything in the way the server was told."""

    def do_GET(self):
        status, code, promised = self.server.told
        body = f"<Error><Code>{code}</Code><Message>said so</Message></Error>".encode()
        self.send_response(status)
        self.send_header("Content-Length", str(promised or len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def refusing(tmp_path):
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Refuses) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield server, Remote(client_of(f"http://127.0.0.1:{server.server_port}"), "outer", "")
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("status", "code", "later"),
    [
        (500, "InternalError", True),
        (503, "SlowDown", True),
        (429, "TooManyRequests", True),
        (400, "RequestTimeout", True),
        (400, "ExpiredToken", True),
        (403, "InvalidAccessKeyId", True),
        (404, "NoSuchBucket", True),
        (403, "AccessDenied", False),
        (501, "NotImplemented", False),
    ],
)
def test_what_may_be_over_in_a_moment_is_told_from_what_concerns_one_object(
    refusing, status, code, later
):
    server, remote = refusing
    server.told = (status, code, None)
    with pytest.raises(StoreError, match=rf"s3://outer/ at .* refuses: {code}: said so") as caught:
        remote.ask("get_object", "logos", "a.jpg")
    assert isinstance(caught.value, StoreUnreachableError) is later


def test_a_file_that_breaks_off_on_its_way_is_not_taken_for_the_whole(refusing, bench, tmp_path):
    server, remote = refusing
    server.told = (200, "", 10_000)
    objects = RemoteObjects(remote, BucketRegister(bench.engine.store), clock=time.time)
    with pytest.raises(StoreUnreachableError):
        objects.fetch("jobs/1.manifest/0", tmp_path / "1.manifest")
    assert not (tmp_path / "1.manifest").exists()

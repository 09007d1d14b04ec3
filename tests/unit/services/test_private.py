"""The engine's own routes, as whatever program on this machine may call them."""

import io
import json

import pytest

from gt_widgets.engine.clock import system_clock
from gt_widgets.errors import WorkerError
from gt_widgets.services.private import PrivateRoutes
from gt_widgets.services.wire.message import Headers, HttpRequest
from gt_widgets.testing import Workbench


@pytest.fixture
def bench(tmp_path):
    bench = Workbench(tmp_path / "store", clock=system_clock)
    bench.ana, bench.ben = bench.team("ana", "ben")
    bench.bucket(1)
    bench.job()
    yield bench
    bench.engine.close()


@pytest.fixture
def ask(bench):
    """``ask("POST", "/_gt/...", body)`` gives (status, body)."""
    routes = PrivateRoutes(bench.engine, token="secret")

    def send(method, target, body=b"", *, token="secret", session=None, address=None):
        pairs = [("authorization", f"Bearer {token}")] if token is not None else []
        pairs += [("X-Gt-Address", address)] if address else []
        pairs += [("X-GT-SESSION", session)] if session else []
        answer = routes.handle(HttpRequest(method, target, Headers(pairs), io.BytesIO(body)))
        return answer and (answer.status, answer.read())

    return send


def test_what_lies_elsewhere_is_left_to_others(ask):
    assert ask("GET", "/bucket/key") is None


@pytest.mark.parametrize("token", [None, "", "wrong", "secret2", "é"])
def test_without_the_engine_token_nothing_is_answered(ask, token):
    status, body = ask("POST", "/_gt/requester/outbox", token=token)
    assert (status, json.loads(body)["error"]["code"]) == (403, "AccessDeniedException")


# X03: a worker's session is neither the engine's token nor a requester operation's door
def test_a_workers_session_opens_nothing_of_the_requesters(ask, bench):
    body, session = b'{"job_name": "logos"}', bench.ana.session
    for operation in bench.engine.requester.operations:
        target = f"/_gt/requester/{operation}"
        assert ask("POST", target, body, token=session, session=session)[0] == 403
        with pytest.raises(WorkerError, match="no worker operation"):
            bench.engine.worker.call(operation, {"job_name": "logos"}, session)


def test_a_picture_can_be_fetched_by_its_address(ask, bench):
    task = bench.ana.claim()[0]
    target = f"/_gt/worker/picture/{task['task_id']}?lease={task['lease']}"
    status, body = ask("GET", target, session=bench.ana.session)
    assert (status, body[:3]) == (200, b"\xff\xd8\xff")
    status, body = ask("GET", target, session=bench.ben.session)
    assert (status, json.loads(body)["error"]["code"]) == (409, "LeaseExpired")


@pytest.mark.parametrize(
    "target", ["/_gt/worker/submit/x", "/_gt/requester/card", "/_gt/", "/_gt/x"]
)
def test_reading_is_for_hello_and_pictures_only(ask, bench, target):
    status, body = ask("GET", target, session=bench.ana.session)
    assert (status, json.loads(body)["error"]["code"]) == (400, "InvalidRequest")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"[]", 400),
        (b"{", 400),
        (b"\xff", 400),
        (b"[" * 100_000, 400),
        (b"x" * (8 * 2**20 + 1), 413),
    ],
)
def test_a_body_that_cannot_be_read_is_refused_in_words(ask, body, expected):
    status, told = ask("POST", "/_gt/requester/card", body)
    assert (status, json.loads(told)["error"]["code"]) == (expected, "InvalidRequest")


def test_a_worker_at_a_strange_address_gets_no_content_and_no_task(ask, bench):  # T04
    cidrs = {"Cidrs": ["203.0.113.0/24", "2001:db8::/32"]}
    bench.engine.workforce.update("default", SourceIpConfig=cidrs)
    claim = ("POST", "/_gt/worker/claim", b'{"job_name": "logos"}')
    ana = bench.ana.session
    assert ask(*claim, session=ana, address="198.51.100.7") == (204, b"")
    assert ask("GET", "/_gt/worker/picture/x?lease=y", session=ana, address="::1") == (204, b"")
    assert bench.engine.tasks.open(bench.engine.jobs.get("logos"))["leased"] == 0
    for near in ("203.0.113.9", "2001:db8::7"):
        status, body = ask(*claim, session=ana, address=near)
        assert (status, len(json.loads(body)["ok"]["tasks"])) == (200, 1)

"""The worker and requester protocols over real loopback HTTP."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from gt_widgets.engine.clock import system_clock
from gt_widgets.errors import (
    AnswerError,
    EngineUnreachableError,
    LeaseError,
    SignInError,
    WorkerError,
)
from gt_widgets.services.http import EndpointServer
from gt_widgets.services.portal_client import MAX_BODY_BYTES, Picture, PortalClient, error_body
from gt_widgets.services.private import PrivateRoutes
from gt_widgets.testing import Workbench, box_answer
from gt_widgets.testing.served import served


@pytest.fixture
def bench(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    bench = Workbench(tmp_path / "store", clock=system_clock)
    (bench.ana,) = bench.team("ana")
    bench.bucket(2)
    bench.job()
    yield bench
    bench.engine.close()


@pytest.fixture
def endpoint(bench):
    with served(bench.engine) as endpoint:
        yield endpoint


@pytest.fixture
def client(endpoint):
    client = PortalClient(endpoint)
    yield client
    client.close()


def held(task):
    return {"task_id": task["task_id"], "lease": task["lease"]}


def submission(task, key="k", content=None):
    content = box_answer() if content is None else content
    return {**held(task), "content": content, "time_spent_s": 1.0, "key": key}


def claimed(client, session):
    return client.worker("claim", {"job_name": "logos"}, session)["tasks"][0]


def test_a_worker_claims_looks_and_submits(client, bench):
    task = claimed(client, bench.ana.session)
    picture = client.worker("picture", held(task), bench.ana.session)
    assert isinstance(picture, Picture)
    assert (picture.content_type, picture.data[:3]) == ("image/jpeg", b"\xff\xd8\xff")
    told = client.worker("submit", submission(task), bench.ana.session)
    assert told == {"accepted": True, "duplicate": False}


def test_the_requester_asks_without_a_session(client, endpoint):
    assert client.requester("hello")["store_id"] == endpoint.store_id == client.store_id
    assert client.requester("card", {"job_name": "logos"})["status"] == "InProgress"


def test_a_refusal_comes_back_as_the_error_it_was(client, bench):
    task = claimed(client, bench.ana.session)
    with pytest.raises(LeaseError):
        client.worker("skip", {**held(task), "lease": "0" * 32}, bench.ana.session)
    wrong = box_answer(("Elsewhere", 1, 1, 5, 5))
    with pytest.raises(AnswerError, match="Elsewhere"):
        client.worker("submit", submission(task, content=wrong), bench.ana.session)
    with pytest.raises(SignInError) as caught:
        client.worker("jobs", {}, "no such session")
    assert (caught.value.code, caught.value.status) == ("NotAuthorizedException", 403)
    with pytest.raises(WorkerError) as caught:
        client.worker("claim", {"job_name": "elsewhere"}, bench.ana.session)
    assert caught.value.code == "JobNotInProgress"


@pytest.mark.parametrize("session", ["a\r\nX-Evil: 1", "ü", "x" * 300, "\x00"])
def test_a_session_that_is_none_of_ours_never_becomes_a_header(client, session):
    with pytest.raises(SignInError):
        client.worker("jobs", {}, session)


@pytest.mark.parametrize("operation", ["../requester/outbox", "jobs?x=1", "jo bs", "\r\nX: 1"])
def test_an_operation_never_becomes_another_path(client, bench, operation):
    with pytest.raises(WorkerError, match="no worker operation"):
        client.worker(operation, {}, bench.ana.session)


@pytest.mark.parametrize("args", [{"x": {1}}, {"x": float("nan")}, {"x": b"raw"}])
def test_what_json_cannot_say_is_refused_before_it_is_sent(client, args):
    with pytest.raises(WorkerError, match="not JSON"):
        client.worker("save_draft", args, "s")


def test_a_call_above_eight_mebibytes_is_refused_before_it_is_sent(client):
    with pytest.raises(WorkerError, match=str(MAX_BODY_BYTES)):
        client.worker("save_draft", {"draft": "x" * MAX_BODY_BYTES}, "s")


def test_a_proxy_of_the_environment_takes_no_part(client, monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert client.requester("hello")


def test_twenty_threads_share_one_client(client):
    with ThreadPoolExecutor(20) as threads:
        cards = list(
            threads.map(lambda _: client.requester("card", {"job_name": "logos"}), range(200))
        )
    assert {card["counters"]["total"] for card in cards} == {2}
    assert len(client._idle) <= 8


# --- engines that go away -------------------------------------------------------------------------


def test_a_connection_the_engine_dropped_is_opened_anew(bench):
    with served(bench.engine) as endpoint:
        client = PortalClient(endpoint)
        assert client.requester("hello")
    with served(bench.engine) as again:  # same port, same keys: what a restart looks like
        assert again.url == endpoint.url
        assert client.requester("hello")
        client.close()


def test_the_source_is_asked_at_the_first_call_and_when_the_engine_has_gone(bench, endpoint):
    asked = []

    def find():
        asked.append(endpoint)
        return replace(endpoint, url="http://127.0.0.1:1") if len(asked) == 1 else endpoint

    client = PortalClient(find)
    assert asked == []
    assert client.requester("hello")
    assert client.requester("hello")
    assert len(asked) == 2
    client.close()


def test_of_many_threads_that_miss_the_engine_one_looks_for_it(endpoint):
    asked = []

    def find():
        asked.append(threading.get_ident())
        return replace(endpoint, url="http://127.0.0.1:1") if len(asked) == 1 else endpoint

    client = PortalClient(find)
    gone = client.endpoint
    assert gone.port == 1
    with ThreadPoolExecutor(8) as threads:  # all of them had the same engine in mind
        assert set(threads.map(lambda _: client._healed(gone), range(8))) == {endpoint}
    assert len(asked) == 2
    client.close()


def test_without_an_engine_the_error_says_where_it_looked():
    gone = PortalClient(_nowhere)
    with pytest.raises(
        EngineUnreachableError, match=r"http://127\.0\.0\.1:1 does not answer"
    ) as caught:
        gone.requester("hello")
    assert error_body(caught.value)["code"] == "EngineUnreachable"
    assert caught.value.status == 503


def test_an_engine_that_takes_too_long_is_given_up(bench, endpoint, monkeypatch):
    release = threading.Event()
    monkeypatch.setattr(bench.engine.requester, "call", lambda *_: {"waited": release.wait(60)})
    hasty = PortalClient(endpoint, timeout_s=0.05)
    with pytest.raises(EngineUnreachableError, match=r"more than 0\.05 s"):
        hasty.requester("hello")
    release.set()


def test_another_program_on_the_old_port_is_not_taken_for_the_engine(endpoint):
    class Page(BaseHTTPRequestHandler):
        def do_POST(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"<html>")

        def log_message(self, *_):
            """Keep quiet."""

    with HTTPServer(("127.0.0.1", 0), Page) as stranger:
        threading.Thread(target=stranger.serve_forever, daemon=True).start()
        lost = replace(endpoint, url=f"http://127.0.0.1:{stranger.server_port}")
        answers = iter([lost, endpoint])
        client = PortalClient(lambda: next(answers))
        assert client.requester("hello")["store_id"] == endpoint.store_id
        client.close()
        stranger.shutdown()


def test_the_engine_of_another_folder_on_the_old_port_is_not_taken_for_it(endpoint):
    answers = iter([replace(endpoint, token="of last week"), endpoint])
    client = PortalClient(lambda: next(answers))
    assert client.requester("hello")
    client.close()


def test_a_submit_whose_acknowledgement_is_lost_counts_once(bench):
    routes = PrivateRoutes(bench.engine, token="t")
    lost = []

    def loses_one(request):
        answer = routes.handle(request)
        if request.path.endswith("submit") and not lost:
            lost.append(json.loads(answer.body))
            raise ConnectionResetError("the cable was pulled")
        return answer

    with EndpointServer(_Nothing(), extra=loses_one) as server:
        client = PortalClient(replace(_nowhere(), url=server.url, token="t"))
        task = claimed(client, bench.ana.session)
        told = client.worker("submit", submission(task), bench.ana.session)
        done = client.worker("jobs", {}, bench.ana.session)["jobs"][0]["done"]
        client.close()
    assert lost == [{"ok": {"accepted": True, "duplicate": False}}]
    assert (told, done) == ({"accepted": True, "duplicate": True}, 1)


class _Nothing:
    """A dispatcher without AWS."""

    def clock(self):
        return 0.0


def _nowhere():
    from gt_widgets.services.daemon import new_endpoint

    return replace(new_endpoint(region="us-east-1", account_id="1" * 12), url="http://127.0.0.1:1")

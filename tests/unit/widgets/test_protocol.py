"""The kernel half of the protocol; the TypeScript suite reads the same fixtures."""

import json
from pathlib import Path

import pytest

from gt_widgets.errors import EngineUnreachableError, GroundTruthError
from gt_widgets.services.portal_client import BROWSER_OPERATIONS, Picture
from gt_widgets.testing import box_answer, job_request
from gt_widgets.widgets.protocol import Reply, reply_to

FOLDER = Path(__file__).parents[2] / "fixtures" / "protocol"
FIXTURES = {path.stem: json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.json"))}
CASES = [
    pytest.param(found["scope"], found["op"], case, id=f"{name}-{number}")
    for name, found in FIXTURES.items()
    for number, case in enumerate(found["cases"])
]
MAY_BE_NULL = {"class_id", "draft", "failure_reason", "seconds_per_task", "text"}


class Scripted:
    """A portal that gives the answer of one fixture and keeps what it was asked."""

    def __init__(self, answer):
        self.answer, self.asked = answer, None

    def worker(self, operation, args=None, session=None):
        self.asked = ("worker", operation, args, session)
        return self._told()

    def requester(self, operation, args=None):
        self.asked = ("requester", operation, args, None)
        return self._told()

    def _told(self):
        if "error" in self.answer:
            error = GroundTruthError(self.answer["error"]["message"])
            error.code = self.answer["error"]["code"]
            raise error
        ok = self.answer["ok"]
        return Picture(b"bytes", ok["content_type"]) if set(ok) == {"content_type"} else ok


def call(scope, op, args=None, session=None):
    return {
        "type": "call",
        "id": 7,
        "scope": scope,
        "op": op,
        "args": args or {},
        "session": session,
    }


def test_the_fixtures_show_what_a_page_may_ask_and_nothing_else():
    shown = {(found["scope"], found["op"]) for found in FIXTURES.values()}
    assert shown == {(scope, op) for scope, ops in BROWSER_OPERATIONS.items() for op in ops}


@pytest.mark.parametrize(("scope", "op", "case"), CASES)
def test_a_call_is_passed_on_and_its_answer_brought_back(scope, op, case):
    portal = Scripted(case["answer"])
    session = "s-1" if scope == "worker" else None
    reply = reply_to(portal, call(scope, op, case["args"], session))
    assert portal.asked == (scope, op, case["args"], session)
    assert reply.content == {"type": "result", "id": 7, **case["answer"]}
    assert reply.buffers == ((b"bytes",) if op in {"picture", "thumbnail"} else ())


def unlike(real, shown, where="ok"):
    """Where a real answer lacks what a fixture shows, or is of another kind."""
    if real is None or shown is None:
        known = real is shown or where.rsplit(".", 1)[-1] in MAY_BE_NULL
        return [] if known or shown is None else [f"{where}: null instead of {shown!r}"]
    if isinstance(shown, dict):
        if not isinstance(real, dict):
            return [f"{where}: {real!r} is no object"]
        missing = [f"{where}.{key}: missing" for key in shown.keys() - real.keys()]
        both = shown.keys() & real.keys()
        return missing + [
            w for key in both for w in unlike(real[key], shown[key], f"{where}.{key}")
        ]
    if isinstance(shown, list):
        pairs = zip(real, shown, strict=False)
        return [wrong for one, other in pairs for wrong in unlike(one, other, where)]
    same = type(real) is type(shown) or {type(real), type(shown)} == {int, float}
    return [] if same else [f"{where}: {real!r} is not of the kind of {shown!r}"]


@pytest.fixture
def played(bench, portal):
    """Every operation once, against a real engine: ``{"worker.claim": ok, ...}``."""
    pool = bench.engine.identity.pools.all()[0].pool_id
    identity = bench.engine.identity
    cleo = identity.users.create(pool, "cleo", attributes={"email": "cleo@example.com"})
    identity.groups.add(pool, "loggers", cleo.sub)
    session, answers = bench.ana.session, {}

    def play(name, args=None, session=session):
        reply = reply_to(portal, call(*name.split("."), args, session)).content
        answers[name] = reply.get("ok", reply)
        return answers[name]

    mail = play("requester.outbox")["mails"][0]
    named = {"user_name": "cleo"}
    first = play("worker.sign_in", {**named, "password": mail["temporary_password"]}, None)
    changed = {
        **named,
        "challenge_session": first["challenge_session"],
        "new_password": "Lo9o-logger!",
    }
    signed_in = play("worker.set_new_password", changed, None)
    play("worker.sign_out", session=signed_in["session"])
    play("worker.jobs")
    tasks = play("worker.claim", {"job_name": "logos", "count": 3, "holding": []})["tasks"]
    held = [{"task_id": task["task_id"], "lease": task["lease"]} for task in tasks]
    play("worker.begin", held[0])
    play("worker.picture", held[0])
    play("worker.save_draft", {**held[0], "draft": {"v": 1}})
    play("worker.stop", {**held[0], "draft": {"v": 1}})
    answer = box_answer(("Kivi", 5, 5, 20, 10))
    play("worker.submit", {**held[0], "content": answer, "time_spent_s": 2.5, "key": "k"})
    play("worker.skip", held[1])
    play("worker.release", held[2])
    again = bench.ana.claim(count=1, holding=[])[0]
    play("worker.decline", {"task_id": again["task_id"], "lease": again["lease"]})
    bench.engine.step()
    request = job_request("masks", task="SemanticSegmentation")
    bench.engine.jobs.create(request | {"LabelAttributeName": "masks-ref"})
    bench.engine.step()
    [mask] = bench.ana.claim("masks", count=1)
    box = {"left": 10, "top": 10, "width": 30, "height": 20}
    ref = {"task_id": mask["task_id"], "lease": mask["lease"]}
    play("worker.segment", {**ref, "prompt": {"box": box}})
    play("requester.hello")
    play("requester.thumbnail", {"job_name": "logos", "object_id": "0"})
    play("requester.card", {"job_name": "logos"})
    return answers


def test_a_real_engine_answers_in_the_shape_of_the_fixtures(played):
    assert played.keys() == FIXTURES.keys()
    wrong = {
        name: unlike(answer, FIXTURES[name]["cases"][0]["answer"]["ok"])
        for name, answer in played.items()
    }
    assert {name: found for name, found in wrong.items() if found} == {}


def test_a_mask_beside_a_call_reaches_the_portal_as_bytes():
    portal = Scripted({"ok": {}})
    args = {"content": {"any": {"mask_runs": "attached"}}, "attached": "no bytes"}
    reply_to(portal, call("worker", "submit", args, "s-1"), [memoryview(b"runs")])
    assert portal.asked[2] == {"content": args["content"], "attached": b"runs"}


# --- messages that are not as they should be ------------------------------------------------------


@pytest.mark.parametrize("message", [None, 5, "call", [], {}, {"type": "result", "id": 1}])
def test_what_is_no_call_is_left_unanswered(message):
    assert reply_to(Scripted({"ok": {}}), message) is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"scope": "admin"},
        {"scope": None},
        {"scope": ["worker"]},
        {"op": "nonsense"},
        {"op": None},
        {"op": "__class__"},
        {"op": "outbox"},
        {"scope": "requester", "op": "simulated_session"},
        {"scope": "requester", "op": "simulated_worker"},
        {"args": []},
        {"args": None},
        {"session": 5},
    ],
    ids=str,
)
def test_a_call_outside_the_protocol_is_refused_and_not_passed_on(wrong):
    portal = Scripted({"ok": {}})
    reply = reply_to(portal, {**call("worker", "jobs"), **wrong})
    assert reply.content["error"]["code"] == "InvalidRequest"
    assert portal.asked is None


def test_an_engine_that_is_gone_has_the_code_the_page_waits_for():
    class Gone(Scripted):
        def worker(self, *_):
            raise EngineUnreachableError("no engine")

    told = reply_to(Gone({}), call("worker", "jobs")).content["error"]
    assert told == {"code": "EngineUnreachable", "message": "no engine"}


def test_a_fault_of_ours_is_told_in_a_sentence_and_never_raised():
    class Broken(Scripted):
        def worker(self, *_):
            raise ZeroDivisionError("division by zero")

    told = reply_to(Broken({}), call("worker", "jobs")).content["error"]
    assert told["code"] == "InternalFailure"
    assert "division by zero" in told["message"]


def test_on_aws_there_is_nobody_to_ask():
    reply = reply_to(None, call("requester", "card", {"job_name": "logos"}))
    assert isinstance(reply, Reply)
    assert reply.content["error"]["code"] == "NotImplemented"

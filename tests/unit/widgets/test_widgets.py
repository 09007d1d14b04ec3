"""The kernel half of the widgets, without a browser."""

import json
import threading

import pytest

from gt_widgets.controller import LocalPlace
from gt_widgets.errors import GroundTruthError, WorkerError
from gt_widgets.widgets import JobCard, NotebookViews, OutboxWidget, WorkerWidget
from gt_widgets.widgets._base import built

TRAITS = ("kind", "store_id", "job_name", "user_name", "place")


def shown(widget):
    return {name: getattr(widget, name) for name in TRAITS}


def call(op="jobs", *, scope="worker", number=1, session=None, **args):
    return {
        "type": "call",
        "id": number,
        "scope": scope,
        "op": op,
        "args": args,
        "session": session,
    }


def test_a_worker_page_knows_its_store_job_and_worker(portal):
    widget = WorkerWidget(portal, job_name="logos", user_name="ana")
    assert shown(widget) == {
        "kind": "worker",
        "store_id": portal.store_id,
        "job_name": "logos",
        "user_name": "ana",
        "place": "LOCAL",
    }


def test_a_card_carries_the_job_as_it_is_now(portal, bench):
    card = JobCard(portal, job_name="logos")
    assert card.snapshot["counters"] == bench.engine.requester.card("logos")["counters"]
    assert card.in_words().startswith("Labeling job 'logos' (LOCAL): InProgress, 0 of 3 labeled\n")


def test_a_card_of_no_job_is_refused_where_it_is_made(portal):
    with pytest.raises(GroundTruthError, match="elsewhere"):
        JobCard(portal, job_name="elsewhere")


def test_a_card_on_aws_shows_what_it_was_given_and_asks_nobody(browser):
    snapshot = {"status": "Completed", "next": "Done.", "counters": _counters(human_labeled=5)}
    card = JobCard(None, job_name="logos", snapshot=snapshot)
    assert (card.place, card.store_id) == ("AWS", "")
    assert card.in_words() == "Labeling job 'logos' (AWS): Completed, 5 of 5 labeled\n  Done."
    card.comm.say(call("card", scope="requester", job_name="logos"))
    assert card.comm.heard()[0][0]["error"]["code"] == "NotImplemented"


def _counters(**given):
    names = ("human_labeled", "machine_labeled", "failed", "unlabeled")
    return {**dict.fromkeys(names, 0), "total": 5, **given}


def test_the_views_of_a_session_are_these_widgets(portal, bench):
    place = LocalPlace(portal.endpoint, bench.engine.folder, portal)
    views = NotebookViews()
    worker = views.worker(place, job_name="logos", user_name="ana")
    snapshot = portal.requester("card", {"job_name": "logos"})
    card = views.card(place, job_name="logos", snapshot=snapshot)
    outbox = views.outbox(place)
    assert [view.kind for view in (worker, card, outbox)] == ["worker", "card", "outbox"]
    assert {view.store_id for view in (worker, card, outbox)} == {portal.store_id}


# --- calls over the comm --------------------------------------------------------------------------


def test_a_call_is_answered_under_its_number(portal, bench, browser):
    widget = WorkerWidget(portal, job_name="logos")
    widget.comm.say(call(number=2**40 + 3, session=bench.ana.session))
    ((answer, buffers),) = widget.comm.heard()
    assert (answer["type"], answer["id"], buffers) == ("result", 2**40 + 3, [])
    assert answer["ok"]["jobs"][0]["job_name"] == "logos"


def test_a_picture_travels_as_one_binary_buffer(portal, bench, browser):
    widget = WorkerWidget(portal, job_name="logos")
    task = bench.ana.claim()[0]
    held = {"task_id": task["task_id"], "lease": task["lease"]}
    widget.comm.say(call("picture", session=bench.ana.session, **held))
    ((answer, buffers),) = widget.comm.heard()
    assert answer["ok"] == {"content_type": "image/jpeg"}
    assert [data[:3] for data in buffers] == [b"\xff\xd8\xff"]


def test_a_callback_never_raises_whatever_it_is_told(portal, browser):
    widget = WorkerWidget(portal, job_name="logos")
    for message in (None, [], {"type": "call"}, {"type": "call", "id": {}, "scope": 1, "op": 2}):
        widget._on_message(widget, message, [])
    assert all(answer["error"]["code"] == "InvalidRequest" for answer, _ in widget.comm.heard())


def test_a_labelers_page_has_no_word_for_a_commit(portal, bench, browser, monkeypatch):
    asked = []
    monkeypatch.setattr(portal, "requester", lambda *call: asked.append(call))
    widget = WorkerWidget(portal, job_name="logos")
    widget.comm.say({"type": "commit", "rest": "unlabeled"})
    for scope in ("worker", "requester"):
        asking = {"scope": scope, "session": bench.ana.session, "job_name": "logos"}
        widget.comm.say(call("commit_automation", **asking))
    assert asked == []
    assert all("There is no" in said["error"]["message"] for said, _ in widget.comm.heard())


def test_callbacks_on_two_threads_answer_every_call_once(portal, bench, browser):
    widget = WorkerWidget(portal, job_name="logos")
    sessions = {0: bench.ana.session, 1: bench.ben.session}

    def page(parity):
        for number in range(parity, 60, 2):
            widget.comm.say(call(number=number, session=sessions[parity]))

    threads = [threading.Thread(target=page, args=(parity,)) for parity in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    named = {answer["id"]: answer["ok"]["worker"]["user_name"] for answer, _ in widget.comm.heard()}
    assert named == {number: ("ana", "ben")[number % 2] for number in range(60)}


# --- what is saved with a notebook ----------------------------------------------------------------


def test_what_is_saved_holds_no_secret(portal, bench, browser):
    bench.engine.identity.users.create(
        bench.engine.identity.pools.all()[0].pool_id,
        "cleo",
        attributes={"email": "cleo@example.com"},
        temporary_password="Hush-hush-1!",
    )
    endpoint = portal.endpoint
    secrets = (endpoint.token, endpoint.access_key, endpoint.secret_key, bench.ana.session)
    for widget in (
        WorkerWidget(portal, job_name="logos", user_name="ana"),
        JobCard(portal, job_name="logos"),
        OutboxWidget(portal),
    ):
        widget.comm.say(call(session=bench.ana.session))
        widget.comm.say(call("outbox", scope="requester"))
        state = {k: v for k, v in widget.get_state().items() if k not in {"_esm", "_css"}}
        saved = json.dumps(state, default=str) + json.dumps(widget._repr_mimebundle_())
        assert not [word for word in (*secrets, "Hush", "X-Amz", "http") if word in saved]


def test_where_no_widget_can_be_shown_there_is_plain_text_and_no_html(portal):
    for widget, words in (
        (WorkerWidget(portal, job_name="logos", user_name="ana"), "page of job 'logos' as ana"),
        (JobCard(portal, job_name="logos"), "0 of 3 labeled"),
        (OutboxWidget(portal), "invitations"),
    ):
        data, _ = widget._repr_mimebundle_()
        assert words in data["text/plain"]
        assert set(data) == {"text/plain", "application/vnd.jupyter.widget-view+json"}


def test_a_front_end_that_was_not_built_says_what_to_do(tmp_path):
    with pytest.raises(GroundTruthError, match="make setup"):
        built("widget.js", tmp_path)


def test_a_refusal_of_the_engine_reaches_python_as_its_error(portal):
    with pytest.raises(WorkerError):
        portal.requester("nonsense")

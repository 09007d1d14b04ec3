"""The server extension against a real engine over loopback, in a real Jupyter server."""

import asyncio
import json
import threading

import pytest
from tornado.httpclient import HTTPClientError

from gt_widgets.testing import box_answer, job_request

NO_BOXES = box_answer()


async def test_hello_says_which_store_this_server_serves(jp_fetch, store):
    answer = await jp_fetch("gt-widgets", store, "hello")
    assert json.loads(answer.body) == {"ok": {"store_id": store, "version": "1"}}
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_a_worker_takes_a_task_and_submits_it(call, bench):
    _, found = await call("worker", "claim", {"job_name": "logos"}, session=bench.ana.session)
    task = found["ok"]["tasks"][0]
    held = {"task_id": task["task_id"], "lease": task["lease"]}
    sent = {**held, "content": NO_BOXES, "time_spent_s": 3.0, "key": "k"}
    assert await call("worker", "submit", sent, session=bench.ana.session) == (
        200,
        {"ok": {"accepted": True, "duplicate": False}},
    )
    # the page asks again when an acknowledgement is lost
    _, again = await call("worker", "submit", sent, session=bench.ana.session)
    assert again["ok"]["duplicate"]


async def test_a_card_is_the_requesters_to_ask(call):
    status, found = await call("requester", "card", {"job_name": "logos"})
    assert (status, found["ok"]["counters"]["total"]) == (200, 3)


async def test_without_a_worker_session_the_worker_side_says_sign_in(call):
    status, found = await call("worker", "jobs")
    assert (status, found["error"]["code"]) == (403, "NotAuthorizedException")


async def test_one_worker_cannot_use_the_lease_of_another(call, bench):
    task = bench.ana.claim()[0]
    held = {"task_id": task["task_id"], "lease": task["lease"]}
    status, found = await call("worker", "skip", held, session=bench.ben.session)
    assert (status, found["error"]["code"]) == (409, "LeaseExpired")


async def test_a_person_signs_in_with_a_refusal_that_does_not_say_which_was_wrong(call):
    wrong = {"user_name": "nobody", "password": "guess"}
    status, found = await call("worker", "sign_in", wrong)
    assert (status, found["error"]["code"]) == (403, "NotAuthorizedException")


async def test_what_only_the_kernel_may_ask_is_not_reached_from_a_page(call, bench):  # X03
    team = job_request()["HumanTaskConfig"]["WorkteamArn"]
    args = {"workteam_arn": team, "user_name": "simulated-1"}
    assert bench.engine.requester.call("simulated_worker", args)["session"]  # the kernel's way
    for scope in ("requester", "worker"):
        status, found = await call(scope, "simulated_worker", args, session=bench.ana.session)
        assert (status, found["error"]["code"]) == (400, "InvalidRequest")
        assert "here" in found["error"]["message"]


async def test_no_page_reaches_the_commit_of_a_meter(call, bench):
    for scope in ("requester", "worker"):
        args = {"job_name": "logos", "rest": "unlabeled", "anyway": True}
        status, found = await call(scope, "commit_automation", args, session=bench.ana.session)
        assert (status, found["error"]["code"]) == (400, "InvalidRequest")


async def test_a_worker_operation_is_no_requester_operation(call, bench):
    status, _ = await call("worker", "outbox", session=bench.ana.session)
    assert status == 400


async def test_a_store_this_user_does_not_have_is_not_found(call):
    status, found = await call("requester", "card", {"job_name": "logos"}, at="0" * 32)
    # EngineUnreachable, not a refusal: the page goes on to ask its kernel
    assert (status, found["error"]["code"]) == (404, "EngineUnreachable")


@pytest.mark.parametrize("store_id", ["..", "%2e%2e", "..%2f..%2fetc", "a%20b", "%00"])
async def test_a_store_id_never_becomes_a_path(
    http_server_client, jp_base_url, jp_auth_header, store_id
):
    with pytest.raises(HTTPClientError) as caught:
        await http_server_client.fetch(
            f"{jp_base_url}gt-widgets/{store_id}/hello", headers=jp_auth_header
        )
    assert caught.value.code == 404


# --- who may ask: Jupyter's own doors -------------------------------------------------------------


async def test_nobody_gets_in_without_jupyters_login(jp_fetch, store):
    for parts in (["hello"], ["worker", "jobs"], ["requester", "outbox"]):
        method = {} if parts == ["hello"] else {"method": "POST", "body": "{}"}
        with pytest.raises(HTTPClientError) as caught:
            await jp_fetch("gt-widgets", store, *parts, headers={"Authorization": "no"}, **method)
        assert caught.value.code == 403


async def test_an_xsrf_token_is_no_login(http_server_client, jp_base_url, store):
    page = await http_server_client.fetch(f"{jp_base_url}login")
    cookies = dict(_cookie(line) for line in page.headers.get_list("Set-Cookie"))
    xsrf = cookies["_xsrf"]
    for path in ("requester/outbox", "worker/jobs"):
        with pytest.raises(HTTPClientError) as caught:
            await http_server_client.fetch(
                f"{jp_base_url}gt-widgets/{store}/{path}",
                method="POST",
                body="{}",
                headers={"Cookie": f"_xsrf={xsrf}", "X-XSRFToken": xsrf},
            )
        assert caught.value.code == 403


async def test_a_picture_needs_jupyters_login_too(http_server_client, jp_base_url, store, bench):
    task = bench.ana.claim()[0]
    place = f"worker/picture/{task['task_id']}?lease={task['lease']}"
    with pytest.raises(HTTPClientError) as caught:
        await http_server_client.fetch(
            f"{jp_base_url}gt-widgets/{store}/{place}",
            headers={"X-Gt-Session": bench.ana.session},
        )
    assert caught.value.code == 403


async def test_a_cookie_without_the_xsrf_header_is_not_enough(
    jp_serverapp, http_server_client, jp_base_url, jp_auth_header, store
):
    cookies = await _logged_in(jp_serverapp, http_server_client, jp_base_url)
    url = f"{jp_base_url}gt-widgets/{store}/requester/outbox"
    send = {"method": "POST", "body": "{}"}
    with pytest.raises(HTTPClientError) as caught:
        await http_server_client.fetch(url, headers={"Cookie": cookies}, **send)
    assert caught.value.code == 403
    xsrf = dict(pair.split("=", 1) for pair in cookies.split("; "))["_xsrf"]
    headers = {"Cookie": cookies, "X-XSRFToken": xsrf}
    assert (await http_server_client.fetch(url, headers=headers, **send)).code == 200


async def _logged_in(serverapp, client, base_url):
    """Log in as the login page does and return the cookies."""
    page = await client.fetch(f"{base_url}login")
    cookies = dict(_cookie(line) for line in page.headers.get_list("Set-Cookie"))
    token = serverapp.identity_provider.token
    sent = f"password={token}&_xsrf={cookies['_xsrf']}"
    headers = {"Cookie": f"_xsrf={cookies['_xsrf']}"}
    with pytest.raises(HTTPClientError) as caught:
        await client.fetch(
            f"{base_url}login", method="POST", body=sent, headers=headers, follow_redirects=False
        )
    answer = caught.value.response
    assert answer.code == 302
    cookies.update(_cookie(line) for line in answer.headers.get_list("Set-Cookie"))
    return "; ".join(f"{name}={value}" for name, value in cookies.items() if value)


def _cookie(line):
    return tuple(line.split(";")[0].split("=", 1))


# --- pictures -------------------------------------------------------------------------------------


async def test_a_picture_comes_as_a_picture_that_cannot_act(jp_fetch, store, bench):
    task = bench.ana.claim()[0]
    answer = await jp_fetch(
        "gt-widgets", store, "worker", "picture", task["task_id"],
        params={"lease": task["lease"]}, headers={"X-Gt-Session": bench.ana.session},
    )  # fmt: skip
    assert answer.body.startswith(b"\xff\xd8\xff")
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


@pytest.mark.parametrize("lease", ["", "0" * 32])
async def test_a_picture_needs_the_lease(jp_fetch, store, bench, lease):
    task = bench.ana.claim()[0]
    with pytest.raises(HTTPClientError) as caught:
        await jp_fetch(
            "gt-widgets", store, "worker", "picture", task["task_id"],
            params={"lease": lease}, headers={"X-Gt-Session": bench.ana.session},
        )  # fmt: skip
    assert json.loads(caught.value.response.body)["error"]["code"] == "LeaseExpired"


@pytest.mark.parametrize(
    "task_id", ["..", "..%2f..%2frequester%2foutbox", "%2e%2e%2foutbox", "a.b"]
)
async def test_a_task_id_never_becomes_a_path(
    http_server_client, jp_base_url, jp_auth_header, store, bench, task_id
):
    headers = {**jp_auth_header, "X-Gt-Session": bench.ana.session}
    url = f"{jp_base_url}gt-widgets/{store}/worker/picture/{task_id}?lease=x"
    with pytest.raises(HTTPClientError) as caught:
        await http_server_client.fetch(url, headers=headers)
    assert caught.value.code == 404


async def test_a_page_served_as_a_picture_is_refused(jp_fetch, store, bench, monkeypatch):
    from gt_widgets.engine.worker import PictureBytes

    lying = PictureBytes(b"<script>", "image/svg+xml")
    monkeypatch.setattr(bench.engine.worker, "call", lambda *_, **__: lying)
    with pytest.raises(HTTPClientError) as caught:
        await jp_fetch("gt-widgets", store, "worker", "picture", "abc", params={"lease": "x"})
    assert json.loads(caught.value.response.body)["error"]["code"] == "InvalidImage"


# --- bodies ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("body", [b"[1]", b"{", b"\xff", b"[" * 100_000, b'"text"'])
async def test_a_body_that_is_no_object_is_refused_in_words(jp_fetch, store, body):
    with pytest.raises(HTTPClientError) as caught:
        await jp_fetch("gt-widgets", store, "requester", "card", method="POST", body=body)
    assert caught.value.code == 400
    assert json.loads(caught.value.response.body)["error"]["code"] == "InvalidRequest"


async def test_a_body_above_eight_mebibytes_is_refused(jp_fetch, store):
    body = json.dumps({"draft": "x" * (8 * 1024 * 1024)})
    with pytest.raises(HTTPClientError) as caught:
        await jp_fetch("gt-widgets", store, "worker", "save_draft", method="POST", body=body)
    assert caught.value.code == 413


# --- many at once, and an engine that dies --------------------------------------------------------


async def test_calls_side_by_side_give_each_worker_his_own_task(call, bench):
    claim = {"job_name": "logos"}
    answers = await asyncio.gather(
        *(call("worker", "claim", claim, session=who.session) for who in (bench.ana, bench.ben)),
        *(call("requester", "card", claim) for _ in range(20)),
    )
    assert {status for status, _ in answers} == {200}
    ana, ben = (found["ok"]["tasks"][0]["object_id"] for _, found in answers[:2])
    assert ana != ben


async def test_a_slow_engine_does_not_hold_up_the_server(jp_fetch, call, bench, monkeypatch):
    reached, release = threading.Event(), threading.Event()

    def slow_card(_name):
        reached.set()
        return {"waited": release.wait(60)}

    monkeypatch.setattr(bench.engine.requester, "card", slow_card)
    card = asyncio.ensure_future(call("requester", "card", {"job_name": "logos"}))
    await asyncio.get_running_loop().run_in_executor(None, reached.wait, 60)
    assert (await jp_fetch("api")).code == 200  # answered while the card is not
    release.set()
    assert await card == (200, {"ok": {"waited": True}})


async def test_a_page_at_a_strange_address_gets_no_content(call, bench, jp_fetch, store):  # T04
    bench.engine.workforce.update("default", SourceIpConfig={"Cidrs": ["203.0.113.0/24"]})
    answer = await jp_fetch(
        "gt-widgets", store, "worker", "jobs",
        method="POST", body="{}", headers={"X-Gt-Session": bench.ana.session},
    )  # fmt: skip
    assert (answer.code, answer.body) == (204, b"")

import json

import pytest
from pytest_jupyter.jupyter_server import *  # noqa: F403  its fixtures, for this folder only
from tornado.httpclient import HTTPClientError

from gt_widgets.engine.clock import system_clock
from gt_widgets.testing import Workbench
from gt_widgets.testing.served import served


@pytest.fixture
def jp_server_config():
    return {"ServerApp": {"jpserver_extensions": {"gt_widgets.server": True}}}


@pytest.fixture
def bench(tmp_path, monkeypatch):
    """A small Ground Truth with one team and a job of three pictures, not served yet."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    bench = Workbench(tmp_path / "store", clock=system_clock)
    bench.ana, bench.ben = bench.team("ana", "ben")
    bench.bucket(3)
    bench.job()
    yield bench
    bench.engine.close()


@pytest.fixture
def store(bench):
    """The same, served in this process; gives the store's id."""
    with served(bench.engine) as endpoint:
        yield endpoint.store_id


@pytest.fixture
def call(jp_fetch, store):
    """``await call("worker", "jobs", session=...)`` gives (status, parsed body)."""

    async def post(scope, operation, args=None, *, session=None, at=store):
        headers = {"X-Gt-Session": session} if session else {}
        body = json.dumps(args or {})
        try:
            answer = await jp_fetch(
                "gt-widgets", at, scope, operation, method="POST", body=body, headers=headers
            )
        except HTTPClientError as error:
            answer = error.response
        return answer.code, json.loads(answer.body)

    return post

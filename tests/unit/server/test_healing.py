"""The server extension and an engine process that is killed."""

import json
import os
import signal

from gt_widgets.services.daemon import ensure, read_endpoint, stop


async def test_a_killed_engine_is_healed_by_the_next_call(jp_fetch, bench):
    folder, session = bench.engine.folder, bench.ana.session
    bench.engine.close()  # the folder is the daemon's now
    try:
        store_id = ensure(folder).store_id
        first = await _jobs(jp_fetch, store_id, session)
        killed = read_endpoint(folder).pid
        os.kill(killed, signal.SIGKILL)
        assert await _jobs(jp_fetch, store_id, session) == first
        assert read_endpoint(folder).pid != killed
    finally:
        stop(folder)


async def test_a_store_whose_engine_sleeps_is_woken_by_hello(jp_fetch, bench):
    folder = bench.engine.folder
    bench.engine.close()
    store_id = ensure(folder).store_id
    try:
        assert stop(folder)
        answer = await jp_fetch("gt-widgets", store_id, "hello")
        assert json.loads(answer.body)["ok"]["store_id"] == store_id
    finally:
        stop(folder)


async def _jobs(jp_fetch, store_id, session):
    answer = await jp_fetch(
        "gt-widgets", store_id, "worker", "jobs",
        method="POST", body="{}", headers={"X-Gt-Session": session}, request_timeout=60,
    )  # fmt: skip
    found = json.loads(answer.body)["ok"]["jobs"]
    return [(job["job_name"], job["status"]) for job in found]

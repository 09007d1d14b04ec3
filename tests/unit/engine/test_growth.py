"""No call reads more because more objects are done: counted, not timed, on both kinds of store."""

from __future__ import annotations

import json

import pytest
import sqlalchemy as sa

from gt_widgets.engine.logbook import WORKER_GROUP
from gt_widgets.testing import Workbench, box_answer, job_request
from gt_widgets.testing.growth import pretend_labeled, work_of

ANSWER = box_answer(("Norda", 1, 2, 30, 20))
FEW, MANY = 700, 3000
TEAM = {"WorkteamArn": job_request()["HumanTaskConfig"]["WorkteamArn"]}


def busy_bench(folder, store_url, done):
    """A job of which a batch of 60 is with workers and ``done`` objects are labeled."""
    bench = Workbench(folder, store_url=store_url)
    bench.ana, bench.ben = bench.team("ana", "ben")
    line = {"source-ref": "s3://demo-gt/images/0.jpg"}
    bench.bucket(1, lines=[json.dumps({**line, "n": n}) for n in range(200)])
    bench.job(workers=2, MaxConcurrentTaskCount=60)
    for worker in (bench.ana, bench.ben):
        worker.work(lambda _: ANSWER, most=10)
    bench.settle()
    bench.ana.work(lambda _: ANSWER, most=5)
    pretend_labeled(bench, bench.engine.jobs.get("logos"), bench.ana.sub, done)
    return bench


def calls(bench, turn):
    """Every call that a job's life is made of, by name, in an order in which they can be made."""
    engine, ana = bench.engine, bench.ana
    held = {}

    def claim():
        [held["task"]] = ana.claim()

    yield "worker's list", lambda: ana.call("jobs")
    for operation in ("skip", "decline", "release", "stop", "picture", "begin"):
        yield f"claim before {operation}", claim
        yield operation, lambda name=operation: ana.act(name, held["task"])
    yield "save_draft", lambda: ana.act("save_draft", held["task"], draft=[1])
    yield "submit", lambda: ana.submit(held["task"], ANSWER)
    yield "describe", lambda: engine.jobs.get("logos")
    yield "list", lambda: engine.jobs.list({"SortBy": "Name"})
    yield "list for team", lambda: engine.jobs.list_for_workteam(TEAM)
    yield "pending tasks", lambda: engine.jobs.pending_tasks(engine.jobs.get("logos"))
    yield "card", lambda: engine.requester.card("logos")
    yield "create", lambda: engine.jobs.create(job_request(f"other-{turn}"))
    yield "stop", lambda: engine.jobs.stop(f"other-{turn}")
    yield "log streams", lambda: engine.logs.streams(WORKER_GROUP)
    yield "log events", lambda: engine.logs.events(WORKER_GROUP, ana.sub, limit=50)


def work_of_calls(folder, store_url, done, *, analyzed):
    bench = busy_bench(folder, store_url, done)
    store = bench.engine.store
    if analyzed:
        with store.own_connection() as connection:
            connection.execute(sa.text("ANALYZE"))
    for turn in range(2):  # the second counts: statements are prepared, pages are tidied up
        found = {name: work_of(store, call) for name, call in calls(bench, turn)}
    bench.engine.close()
    return found


@pytest.mark.parametrize("kind", ["sqlite", "postgresql", "postgresql, analyzed"])
def test_no_call_reads_more_because_more_objects_are_labeled(tmp_path, request, kind):
    found = []
    for done in (FEW, MANY):
        shared = kind != "sqlite"
        url = request.getfixturevalue("postgresql").empty("growth") if shared else None
        folder = tmp_path / str(done)
        found.append(work_of_calls(folder, url, done, analyzed=kind.endswith("analyzed")))
    few, many = found
    assert {
        name: (few[name], many[name]) for name in few if many[name] > 1.3 * few[name] + 40
    } == {}


def test_a_claim_costs_a_lone_worker_the_same_from_the_first_to_the_last(tmp_path, store_url):
    bench = Workbench(tmp_path, store_url=store_url)
    [ana] = bench.team("ana")
    line = {"source-ref": "s3://demo-gt/images/0.jpg"}
    bench.bucket(1, lines=[json.dumps({**line, "n": n}) for n in range(100)])
    bench.job(workers=3, MaxConcurrentTaskCount=100)
    costs, held = [], []
    ana.work(lambda _: ANSWER)  # the probe
    for sub in ("ben", "cem"):  # its other slots
        bench.worker(ana_pool(bench), "loggers", sub).work(lambda _: ANSWER)
    bench.settle()
    for _ in range(90):
        costs.append(work_of(bench.engine.store, lambda: held.append(ana.claim()[0])))
        ana.submit(held.pop(), ANSWER)
    assert max(costs[-20:]) <= 1.3 * max(costs[5:25]) + 40
    bench.engine.close()


def ana_pool(bench):
    [pool] = bench.engine.identity.pools.all()
    return pool.pool_id


def test_a_claim_costs_the_same_in_a_large_batch_as_in_a_small_one(tmp_path, request, store_url):
    costs = []
    for objects in (30, 170):
        url = store_url and request.getfixturevalue("postgresql").empty("engine")
        bench = Workbench(tmp_path / str(objects), store_url=url)
        people = bench.team("ana", "ben")
        line = {"source-ref": "s3://demo-gt/images/0.jpg"}
        bench.bucket(1, lines=[json.dumps({**line, "n": n}) for n in range(200)])
        bench.job(workers=2, MaxConcurrentTaskCount=objects)
        for one in people:
            one.work(lambda _: ANSWER)
        bench.settle()
        pretend_labeled(bench, bench.engine.jobs.get("logos"), people[0].sub, 300)
        if url:
            with bench.engine.store.own_connection() as connection:
                connection.execute(sa.text("ANALYZE"))
        people[0].act("skip", people[0].claim()[0])
        costs.append(work_of(bench.engine.store, people[0].claim))
        bench.engine.close()
    assert max(costs) <= 1.3 * min(costs) + 40

"""Two engine processes, one PostgreSQL, one S3: one queue."""

from __future__ import annotations

import itertools
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from gt_widgets.engine.postgres import PostgresStore
from gt_widgets.engine.tables import conductors
from gt_widgets.services.portal_client import PortalClient
from gt_widgets.testing import box_answer, eventually
from gt_widgets.testing.fleet import fleet
from gt_widgets.testing.processes import kill_engine
from gt_widgets.testing.remote import RemoteWorker

OBJECTS, SLOTS, AT_ONCE = 24, 3, 10


@pytest.fixture
def store_url(postgresql):
    return postgresql.empty("fleet")


@pytest.fixture
def servers(tmp_path, monkeypatch, store_url):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "registry"))
    with fleet(tmp_path, store_url) as benches:
        yield benches


class Labelers:
    """Workers whose every answer is another box, and who note what was acknowledged."""

    def __init__(self, bench, number):
        self.lock, self.numbers = threading.Lock(), itertools.count()
        self.acknowledged, self.holders = [], Counter()
        self.sessions = [bench.worker(f"worker-{n}").session for n in range(number)]

    def answer(self, task):
        with self.lock:
            self.holders[task["task_id"]] += 1
            number = next(self.numbers)
        return box_answer(("Kivi", number % 50, number // 50, 5, 5))

    def note(self, task, content):
        with self.lock:
            self.acknowledged.append((task["object_id"], place_of(content)))

    def work(self, number, find):
        worker = RemoteWorker(PortalClient(find), f"worker-{number}", self.sessions[number])
        return worker.work(self.answer, acknowledged=self.note)


def place_of(content):
    box = content["boundingBox"]["boundingBoxes"][0]
    return box["left"], box["top"]


def stored(bench):
    return sorted(
        (answer["datasetObjectId"], place_of(answer["answerContent"]))
        for answer in bench.responses()
    )


def holder(store_url):
    store = PostgresStore(store_url)
    with store.reading() as connection:
        found = connection.scalar(sa.select(conductors.c.server_id))
    store.close()
    return found


# A10 A12
def test_two_servers_share_one_queue_and_no_task_is_given_twice(servers):
    here, there = servers
    here.open(OBJECTS)
    here.job(workers=SLOTS, MaxConcurrentTaskCount=AT_ONCE)
    labelers, seen = Labelers(there, 6), []
    with ThreadPoolExecutor(7) as pool:
        finds = itertools.cycle([here.heal, there.heal])
        working = [pool.submit(labelers.work, n, next(finds)) for n in range(6)]
        while not all(each.done() for each in working):
            seen.append(there.card()["batch"]["objects"])
    assert sum(each.result() for each in working) == OBJECTS * SLOTS
    for bench in servers:
        assert bench.ended()["LabelCounters"]["HumanLabeled"] == OBJECTS
        assert stored(bench) == sorted(labelers.acknowledged)
    assert set(labelers.holders.values()) == {1}
    slots = Counter(object_id for object_id, _ in labelers.acknowledged)
    assert slots == {str(n): SLOTS for n in range(OBJECTS)}
    assert 0 < max(seen) <= AT_ONCE


def test_when_one_server_is_killed_the_other_carries_on_its_jobs(servers, store_url):
    dying, other = servers
    dying.open(OBJECTS)
    dying.job(workers=SLOTS, MaxConcurrentTaskCount=AT_ONCE)
    labelers, first = Labelers(dying, 4), holder(store_url)
    finds = {n: [dying.heal, other.heal][n % 2] for n in range(4)}
    gone = threading.Event()

    def find(number):
        return other.heal() if gone.is_set() else finds[number]()

    with ThreadPoolExecutor(4) as pool:
        working = [pool.submit(labelers.work, n, lambda n=n: find(n)) for n in range(4)]
        eventually(lambda: len(labelers.acknowledged) >= OBJECTS, 120.0)
        gone.set()
        kill_engine(dying.root)
        assert sum(each.result() for each in working) == OBJECTS * SLOTS
    assert other.ended()["LabelingJobStatus"] == "Completed"
    assert stored(other) == sorted(labelers.acknowledged)
    assert len(labelers.acknowledged) == OBJECTS * SLOTS
    assert holder(store_url) != first


def test_both_servers_take_the_same_keys_and_show_the_same_outbox(servers):
    here, there = servers
    assert (here.endpoint.access_key, here.endpoint.token) == (
        there.endpoint.access_key,
        there.endpoint.token,
    )
    assert here.endpoint.store_id == there.endpoint.store_id
    here.open(1)
    pool = there.client("cognito-idp").list_user_pools(MaxResults=1)["UserPools"][0]["Id"]
    there.client("cognito-idp").admin_create_user(UserPoolId=pool, Username="ana")
    [mail] = here.portal.requester("outbox")["mails"]
    assert mail["user_name"] == "ana"

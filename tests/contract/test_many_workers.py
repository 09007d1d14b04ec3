"""Fifty workers at once on one job, over HTTP (A10, A12)."""

import threading
import time
import uuid
from collections import Counter

import pytest

from gt_widgets import brand_logos, connect
from gt_widgets.services.daemon import ensure, stop
from gt_widgets.services.portal_client import PortalClient

WORKERS, OBJECTS, SLOTS = 50, 60, 3


@pytest.fixture
def session(tmp_path):
    yield connect(root=tmp_path / "state")
    stop(tmp_path / "state")


def test_fifty_workers_never_share_a_task_and_fill_every_slot_exactly(session, tmp_path):
    logos = brand_logos(tmp_path / "logos", count=OBJECTS, size=(160, 120))
    team = session.create_private_team("crowd")
    job = session.create_labeling_job(
        "crowd", session.upload(logos), team=team, workers_per_object=SLOTS, max_concurrent_tasks=20
    )
    root = session.place.root
    answered, times, faults, lock = [], [], [], threading.Lock()

    def work(number):
        portal = PortalClient(lambda: ensure(root))
        opened = portal.requester(
            "simulated_worker", {"workteam_arn": team.arn, "user_name": f"simulated-{number}"}
        )
        waiter = threading.Event()
        try:
            while True:
                started = time.perf_counter()
                claimed = portal.worker("claim", {"job_name": job.name}, opened["session"])
                if claimed["state"] == "finished":
                    return
                if claimed["state"] == "waiting":
                    waiter.wait(0.05)
                    continue
                (task,) = claimed["tasks"]
                answer = {"boundingBox": {"boundingBoxes": []}}
                portal.worker(
                    "submit",
                    {"task_id": task["task_id"], "lease": task["lease"], "content": answer,
                     "time_spent_s": 1.0, "key": uuid.uuid4().hex},
                    opened["session"],
                )  # fmt: skip
                with lock:
                    answered.append((task["task_id"], task["object_id"], number))
                    times.append(time.perf_counter() - started)
        except Exception as error:
            faults.append(error)
        finally:
            portal.close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert not faults
    assert job.wait(timeout_s=60) == "Completed"
    assert len({task for task, _, _ in answered}) == len(answered) == OBJECTS * SLOTS
    assert set(Counter(o for _, o, _ in answered).values()) == {SLOTS}
    assert max(Counter((o, w) for _, o, w in answered).values()) == 1
    ordered = sorted(times)
    print(
        f"\n{WORKERS} workers: {len(times)} claim+submit pairs, p50 "
        f"{ordered[len(ordered) // 2] * 1000:.0f} ms, p99 {ordered[int(len(ordered) * 0.99)] * 1000:.0f} ms"
    )

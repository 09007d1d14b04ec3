"""The task queue on SQLite and on PostgreSQL, in one run: claims and submits of many workers.

Usage: python benchmarks/task_queue.py [--tasks 1000] [--workers 1 8 32]

One worker call after another as a page makes them (session, team, lease, answer checked and stored,
activity logged), without HTTP; the conductor rests. SQLite has one server process, PostgreSQL one
and two. Answers are flushed to disk before they count, on both. Machines are noisy: read the rows
of one run beside one another.
"""

from __future__ import annotations

import argparse
import json
import logging
import multiprocessing
import os
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gt_widgets.engine import Engine
from gt_widgets.engine.clock import random_id, system_clock
from gt_widgets.engine.objects import ObjectStore
from gt_widgets.testing import Workbench, box_answer
from gt_widgets.testing.postgres import cluster

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

PICTURE = {"source-ref": "s3://demo-gt/images/0.jpg"}
ANSWER = box_answer(("Norda", 1, 2, 10, 12))


@dataclass(frozen=True)
class Place:
    """A store with a job of plenty of tasks, and a session per worker."""

    folder: Path
    store_url: str | None
    identity: str
    sessions: list[str]


def main() -> None:
    """Print one row per store, number of servers and number of workers."""
    options = argparse.ArgumentParser()
    options.add_argument("--tasks", type=int, default=1000, help="per row")
    options.add_argument("--workers", type=int, nargs="+", default=[1, 8, 32])
    chosen = options.parse_args()
    logging.disable()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    print("| store | servers | workers | claims + submits a second | p50 ms | p99 ms | max ms |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    rows = len(chosen.workers)
    with tempfile.TemporaryDirectory() as folder, cluster(durable=True) as postgresql:
        tasks = (chosen.tasks + 2 * max(chosen.workers)) * rows
        most = max(chosen.workers)
        sqlite = prepare(Path(folder) / "sqlite", None, tasks, most)
        shared = prepare(Path(folder) / "pg", postgresql.database("queue"), 2 * tasks, most)
        for workers in chosen.workers:
            for name, place, servers in (
                ("SQLite", sqlite, 1),
                ("PostgreSQL", shared, 1),
                ("PostgreSQL", shared, 2),
            ):
                if servers <= workers:
                    report(name, servers, workers, measure(place, servers, workers, chosen.tasks))


def prepare(folder: Path, store_url: str | None, tasks: int, workers: int) -> Place:
    """Create a job whose first real batch has at least ``tasks`` tasks."""
    bench = Workbench(folder, system_clock, store_url=store_url)  # type: ignore[arg-type]
    hands = bench.team(*(f"worker-{n}" for n in range(workers)))
    slots = -(-tasks // 4500)
    lines = [json.dumps({**PICTURE, "n": n}) for n in range(-(-tasks // slots) + 10)]
    bench.bucket(1, lines=lines)
    bench.job(workers=slots, MaxConcurrentTaskCount=5000)
    for hand in hands[:slots]:
        hand.work(lambda _: ANSWER)  # the probe
    bench.engine.step()
    place = Place(folder, store_url, bench.engine.objects.identity, [h.session for h in hands])
    bench.engine.close()
    return place


def measure(place: Place, servers: int, workers: int, tasks: int) -> tuple[float, list[float]]:
    """Let workers share a number of tasks; returns the seconds it took and those of each pair."""
    spawn = multiprocessing.get_context("spawn")
    shares = [place.sessions[:workers][n::servers] for n in range(servers)]
    pipes: list[Connection] = []
    processes = []
    for number, share in enumerate(shares):
        mine, theirs = spawn.Pipe()
        each = tasks // workers
        process = spawn.Process(target=serve, args=(place, number, share, each, theirs))
        process.start()
        pipes.append(mine)
        processes.append(process)
    for pipe in pipes:
        pipe.recv()  # ready
    began = time.perf_counter()
    for pipe in pipes:
        pipe.send("go")
    times = [seconds for pipe in pipes for seconds in pipe.recv()]
    took = time.perf_counter() - began
    for process in processes:
        process.join()
    return took, times


def serve(place: Place, number: int, sessions: list[str], each: int, pipe: Connection) -> None:
    """Be one server process with a thread per worker."""
    logging.disable()

    def objects(_store: Any, clock: Any) -> ObjectStore:
        own = ObjectStore(place.folder / f"objects-{number}", clock=clock, new_id=random_id)
        own.identity = place.identity  # claims and submits touch no object
        return own

    folder = place.folder if place.store_url is None else place.folder / f"server-{number}"
    engine = Engine(folder, store_url=place.store_url, objects=objects if place.store_url else None)
    times: list[float] = []

    def work(session: str, count: int) -> None:
        for _ in range(count):
            began = time.perf_counter()
            (task,) = engine.worker.call("claim", {"job_name": "logos"}, session)["tasks"]
            answer = {"task_id": task["task_id"], "lease": task["lease"], "content": ANSWER}
            engine.worker.call(
                "submit", {**answer, "time_spent_s": 1.0, "key": random_id()}, session
            )
            times.append(time.perf_counter() - began)

    for session in sessions:
        work(session, 2)  # connections and statements are prepared
    times.clear()
    threads = [threading.Thread(target=work, args=(session, each)) for session in sessions]
    pipe.send("ready")
    pipe.recv()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    pipe.send(times)
    engine.close()


def report(name: str, servers: int, workers: int, measured: tuple[float, list[float]]) -> None:
    """Print one row."""
    took, times = measured
    p50, p99 = np.percentile(np.array(times) * 1000, [50, 99])
    rate = len(times) / took
    longest = max(times) * 1000
    print(
        f"| {name} | {servers} | {workers} | {rate:.0f} | {p50:.1f} | {p99:.1f} | {longest:.0f} |",
        flush=True,
    )


if __name__ == "__main__":
    main()

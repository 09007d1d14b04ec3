"""Jobs of very many objects: a manifest taken in, and the output manifest written, as streams.

Usage: python benchmarks/large_jobs.py [--objects 1000000] [--stores sqlite postgresql]

Each row is a process of its own, so that its peak memory is its own. The peer is the plainest
reader there is: a loop over the same file with ``json.loads`` that keeps nothing.
"""

from __future__ import annotations

import argparse
import json
import logging
import multiprocessing
import resource
import secrets
import statistics
import tempfile
import time
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from gt_widgets.engine.clock import system_clock
from gt_widgets.engine.tables import data_objects, jobs
from gt_widgets.testing import Workbench, box_answer, job_request
from gt_widgets.testing.postgres import cluster

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection

    from gt_widgets.engine import Engine

TEAM = job_request()["HumanTaskConfig"]["WorkteamArn"]
LINE = (
    '{{"source-ref":"s3://demo-gt/images/0.jpg","number":{0},"scene":"street {0}","weather":"dry"}}'
)


def main() -> None:
    """Print one row per step and store."""
    options = argparse.ArgumentParser()
    options.add_argument("--objects", type=int, default=1_000_000)
    options.add_argument("--stores", nargs="+", default=["sqlite", "postgresql"])
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        manifest = Path(folder) / "input.manifest"
        with manifest.open("w") as out:
            out.writelines(LINE.format(number) + "\n" for number in range(chosen.objects))
        size = manifest.stat().st_size / 1e6
        print(f"{chosen.objects} lines, {size:.0f} MB")
        print("| what | seconds | CPU s | lines a second | peak memory MB |")
        print("| --- | --- | --- | --- | --- |")
        apart("json.loads in a loop", chosen.objects, read_plainly, manifest)
        for store in chosen.stores:
            with cluster(durable=True) if store == "postgresql" else nullcontext() as running:
                url = running.database("large") if running else None
                take_in_and_write(Path(folder) / store, store, url, manifest, chosen.objects)
        calls_of_jobs(Path(folder), chosen.objects)


def take_in_and_write(
    folder: Path, store: str, url: str | None, manifest: Path, objects: int
) -> None:
    """Prepare a job in one process, then measure its steps in one process each."""
    alone = multiprocessing.get_context("spawn")
    process = alone.Process(target=prepare, args=(folder, url, manifest, objects))
    process.start()
    process.join()
    apart(f"{store}: taken in, first manifest, first batch", objects, take_in, folder, url)
    apart(f"{store}: output manifest written again", objects, write_again, folder, url)


def apart(what: str, objects: int, call: Callable[..., None], *args: Any) -> None:
    """Run a call in a process of its own and print what it took."""
    alone = multiprocessing.get_context("spawn")
    mine, theirs = alone.Pipe()
    process = alone.Process(target=measured, args=(theirs, call, args))
    process.start()
    took, cpu, peak = mine.recv()
    process.join()
    print(f"| {what} | {took:.1f} | {cpu:.1f} | {objects / took:.0f} | {peak:.0f} |", flush=True)


def measured(pipe: Connection, call: Callable[..., None], args: tuple[Any, ...]) -> None:
    """Run a call; says seconds, CPU seconds and the process's peak memory in MB."""
    logging.disable()
    began, cpu = time.perf_counter(), time.process_time()
    call(*args)
    took = time.perf_counter() - began, time.process_time() - cpu
    pipe.send((*took, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))


def read_plainly(manifest: Path) -> None:
    """Be the peer."""
    with manifest.open("rb") as lines:
        for line in lines:
            json.loads(line)


def bench_of(folder: Path, url: str | None) -> Workbench:
    """Open the bench of a row."""
    return Workbench(folder, system_clock, store_url=url)  # type: ignore[arg-type]


def prepare(folder: Path, url: str | None, manifest: Path, objects: int) -> None:
    """Make team, bucket and job."""
    logging.disable()
    bench = bench_of(folder, url)
    bench.team("ana")
    bench.bucket(1)
    with manifest.open("rb") as body:
        bench.engine.objects.put("demo-gt", "input.manifest", body)
    bench.engine.set_max_objects(objects)
    bench.engine.jobs.create(job_request())
    bench.engine.close()


def take_in(folder: Path, url: str | None) -> None:
    """Let the conductor read the manifest, write the first output and offer the first batch."""
    bench = bench_of(folder, url)
    bench.engine.step()
    job = bench.engine.jobs.get("logos")
    assert job.status == "InProgress", job.failure_reason
    bench.engine.close()


def write_again(folder: Path, url: str | None) -> None:
    """Write the output manifest of all objects."""
    bench = bench_of(folder, url)
    engine = bench.engine
    job = engine.jobs.get("logos")
    engine.conductor._gatherer.write_manifest(job, engine.clock())  # noqa: SLF001
    engine.close()


def calls_of_jobs(folder: Path, objects: int) -> None:
    """Print what calls take in jobs of several sizes of which nine tenths are done."""
    print("| objects, 90 % done | describe | list | card | claim + submit |")
    print("| --- | --- | --- | --- | --- |")
    for size in (size for size in (1_000, 100_000, 1_000_000) if size <= objects):
        manifest = folder / f"{size}.manifest"
        with manifest.open("w") as out:
            out.writelines(LINE.format(number) + "\n" for number in range(size))
        took = [f"{ms:.1f}" for ms in calls_of_a_job(folder / str(size), manifest, size)]
        print(f"| {size:,} | {' | '.join(took)} |", flush=True)


def calls_of_a_job(folder: Path, manifest: Path, objects: int) -> list[float]:
    """Median milliseconds of describe, list, card, and of a worker's claim and submit."""
    prepare(folder, None, manifest, objects)
    logging.disable()
    bench = bench_of(folder, None)
    engine = bench.engine
    engine.step()
    with engine.store.begin() as connection:  # as if people had been there for months
        done = data_objects.c.object_id < int(0.9 * objects)
        waiting = sa.and_(data_objects.c.state == "waiting", done)
        label = {"logos": {"annotations": []}, "logos-metadata": {"objects": []}}
        found = connection.execute(
            sa.update(data_objects).where(waiting).values(state="labeled", label=json.dumps(label))
        )
        connection.execute(sa.update(jobs).values(human_labeled=found.rowcount))
    session = engine.identity.session_for(engine.workforce.members(TEAM)[0].sub)
    calls: list[Callable[[], object]] = [
        lambda: engine.jobs.get("logos"),
        lambda: engine.jobs.list({}),
        lambda: engine.requester.card("logos"),
        lambda: one_pair(engine, session),
    ]
    took = [median_ms(call) for call in calls]
    engine.close()
    return took


def one_pair(engine: Engine, session: str) -> None:
    """Let a worker claim and submit one task; a batch that is over is followed by the next."""
    claim = {"job_name": "logos"}
    while not (tasks := engine.worker.call("claim", claim, session)["tasks"]):
        engine.step()
    answer = {"content": box_answer(), "time_spent_s": 5.0, "key": secrets.token_hex(8)}
    held = {"task_id": tasks[0]["task_id"], "lease": tasks[0]["lease"]}
    engine.worker.call("submit", {**held, **answer}, session)


def median_ms(call: Callable[[], object], times: int = 60) -> float:
    """Call many times; the median in milliseconds."""
    took = []
    for _ in range(times):
        began = time.perf_counter()
        call()
        took.append(time.perf_counter() - began)
    return statistics.median(took) * 1000


if __name__ == "__main__":
    main()

"""Side by side, in one run: the local S3 and moto's server; the task queue; consolidation.

Usage: python benchmarks/run.py. Machines are noisy: read the ratios, and rows within one run.
"""

from __future__ import annotations

import logging
import statistics
import tempfile
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import consolidation
from moto.server import ThreadedMotoServer

from gt_widgets.services.daemon import ensure, stop
from gt_widgets.services.profile import local_session
from gt_widgets.testing import Workbench, box_answer

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = 200
BODY = b"x" * 200_000


def main() -> None:
    """Print one line per measurement."""
    logging.disable()
    with tempfile.TemporaryDirectory() as folder:
        compare_s3(Path(folder) / "s3")
        measure_queue(Path(folder) / "queue")
    consolidation.compare_speed()
    consolidation.compare_accuracy()


def median_ms(call: Callable[[int], Any]) -> float:
    """Median of one call in milliseconds, after ten that do not count."""
    times = []
    for number in range(ROUNDS + 10):
        started = time.perf_counter()
        call(number)
        times.append(time.perf_counter() - started)
    return statistics.median(times[10:]) * 1000


def compare_s3(root: Path) -> None:
    """Put, get and head 200 kB on ours and on moto's server, in turn."""
    moto = ThreadedMotoServer(port=0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    theirs = boto3.client(
        "s3",
        endpoint_url=f"http://{host}:{port}",
        region_name="us-east-1",
        aws_access_key_id="bench",
        aws_secret_access_key="bench",
    )
    ours = local_session(ensure(root)).client("s3")
    try:
        for name, operation in _operations().items():
            figures = {}
            for who, client in (("gt_widgets", ours), ("moto", theirs)):
                if name == "put 200 kB":
                    client.create_bucket(Bucket="bench")
                figures[who] = median_ms(lambda n, c=client, o=operation: o(c, n))
            mine, other = figures["gt_widgets"], figures["moto"]
            print(
                f"s3 {name:<11} gt_widgets {mine:5.1f} ms (durable), moto server {other:5.1f} ms "
                f"(in memory): {other / mine:.1f} x"
            )
    finally:
        moto.stop()
        stop(root)


def _operations() -> dict[str, Callable[[Any, int], Any]]:
    return {
        "put 200 kB": lambda s3, n: s3.put_object(Bucket="bench", Key=str(n), Body=BODY),
        "get 200 kB": lambda s3, n: s3.get_object(Bucket="bench", Key=str(n))["Body"].read(),
        "head": lambda s3, n: s3.head_object(Bucket="bench", Key=str(n)),
    }


def measure_queue(root: Path) -> None:
    """Claim and submit on one engine, one worker, answers on disk (fsync) before they return."""
    bench = Workbench(root)
    (worker,) = bench.team("simulated-1")
    bench.bucket(1010)
    bench.job(MaxConcurrentTaskCount=1000)
    worker.work(lambda _: box_answer(("Norda", 1, 2, 10, 12)))
    bench.settle()
    claims, submits = [], []
    for _ in range(500):
        started = time.perf_counter()
        (task,) = worker.claim()
        claimed = time.perf_counter()
        answer = box_answer(("Norda", 1, 2, 10, 12))
        worker.submit(task, answer, key=uuid.uuid4().hex)
        claims.append(claimed - started)
        submits.append(time.perf_counter() - claimed)
    print(f"queue claim   {_percentiles(claims)}")
    print(f"queue submit  {_percentiles(submits)}")
    bench.engine.close()


def _percentiles(times: list[float]) -> str:
    ordered = sorted(times)
    p50, p99 = ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.99)]
    rate = len(ordered) / sum(ordered)
    return f"p50 {p50 * 1000:.2f} ms, p99 {p99 * 1000:.2f} ms, {rate:.0f} a second"


if __name__ == "__main__":
    main()

"""Manifests as streams, side by side with plain `json` and pandas: throughput and peak memory.

Usage: python benchmarks/manifests.py [lines]. One million lines (590 MB) unless given. Every
contestant runs in a process of its own; read the ratios, and rows within one run.
"""

from __future__ import annotations

import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path

LINES = 1_000_000
CHUNK = 20_000
WHERE = """s."logos-metadata"."human-annotated" = 'no' AND s.logos.annotations[0]."left" > 300"""


def write_manifest(path: Path, lines: int) -> None:
    """Write boxes and their metadata as a finished job has them."""
    rng = random.Random(0)
    with path.open("w") as out:
        for number in range(lines):
            boxes = [
                {
                    "class_id": rng.randint(0, 9),
                    "top": rng.randint(0, 400),
                    "left": rng.randint(0, 600),
                    "height": rng.randint(5, 90),
                    "width": rng.randint(5, 90),
                }
                for _ in range(rng.randint(1, 5))
            ]
            size = {"width": 800, "height": 533, "depth": 3}
            line = {
                "source-ref": f"s3://demo-gt/images/{number:07d}.jpg",
                "logos": {"image_size": [size], "annotations": boxes},
                "logos-metadata": {
                    "objects": [{"confidence": round(rng.random(), 2)} for _ in boxes],
                    "class-map": {str(b["class_id"]): f"brand-{b['class_id']}" for b in boxes},
                    "type": "groundtruth/object-detection",
                    "human-annotated": rng.choice(["yes", "no"]),
                    "creation-date": "2026-11-20T10:18:13.527256",
                    "job-name": "labeling-job/logo-boxes-01",
                },
            }
            out.write(json.dumps(line, separators=(",", ":")) + "\n")


def _new(line: dict) -> dict:
    return line | {"check": 1, "check-metadata": {"confidence": 0.5}}


def wanted(line: dict) -> bool:
    boxes = line["logos"]["annotations"]
    return line["logos-metadata"]["human-annotated"] == "no" and boxes[0]["left"] > 300


# --- gt_widgets -----------------------------------------------------------------------------------


def gt_validate(path: Path, out: Path) -> int:
    from gt_widgets.manifests import validate

    with path.open("rb") as file:
        return validate(file, max_objects=None).objects


def gt_check(path: Path, out: Path) -> int:
    from gt_widgets.manifests import check

    with path.open("rb") as file:
        return check(file).lines


def gt_sample(path: Path, out: Path) -> int:
    from gt_widgets.manifests import sample_lines, write_lines

    with out.open("wb") as new:
        lines = sample_lines(lambda: path.open("rb"), rng=random.Random(0), share=0.1)
        return write_lines(lines, new)


def gt_filter(path: Path, out: Path) -> int:
    from gt_widgets.manifests import select_lines, write_lines

    with path.open("rb") as file, out.open("wb") as new:
        return write_lines(select_lines(file, WHERE), new)


def gt_join(path: Path, out: Path) -> int:
    from gt_widgets.manifests import data_lines, write_lines
    from gt_widgets.schema.manifest import splice

    label = {"check": 1, "check-metadata": {"confidence": 0.5}}
    with path.open("rb") as file, out.open("wb") as new:
        return write_lines((splice(line.strip(), label) for line in data_lines(file)), new)


def gt_join_by_source(path: Path, out: Path) -> int:
    from gt_widgets.manifests import join_by_source, write_lines

    with path.open("rb") as left, path.open("rb") as right, out.open("wb") as new:
        return write_lines(join_by_source(left, right, attributes=["logos"]), new)


# --- plain json -----------------------------------------------------------------------------------


def json_validate(path: Path, out: Path) -> int:
    """Only what json can see: it parses, and has a source."""
    with path.open() as file:
        return sum(1 for line in file if "source-ref" in json.loads(line))


json_check = json_validate


def json_sample(path: Path, out: Path) -> int:
    with path.open() as file:
        lines = [json.loads(line) for line in file if random.random() < 0.1]
    with out.open("w") as new:
        for line in lines:
            new.write(json.dumps(line) + "\n")
    return len(lines)


def json_filter(path: Path, out: Path) -> int:
    count = 0
    with path.open() as file, out.open("w") as new:
        for line in map(json.loads, file):
            if wanted(line):
                new.write(json.dumps(line) + "\n")
                count += 1
    return count


def json_join(path: Path, out: Path) -> int:
    count = 0
    with path.open() as file, out.open("w") as new:
        for line in map(json.loads, file):
            new.write(json.dumps(_new(line)) + "\n")
            count += 1
    return count


def json_join_by_source(path: Path, out: Path) -> int:
    with path.open() as file:
        labels = {line["source-ref"]: line["logos"] for line in map(json.loads, file)}
    count = 0
    with path.open() as file, out.open("w") as new:
        for line in map(json.loads, file):
            new.write(json.dumps(line | {"logos": labels[line["source-ref"]]}) + "\n")
            count += 1
    return count


# --- pandas, in chunks: whole it needs many times the file ----------------------------------------


def _chunks(path: Path):
    import pandas as pd

    return pd.read_json(path, lines=True, chunksize=CHUNK)


def pandas_validate(path: Path, out: Path) -> int:
    return sum(int(frame["source-ref"].notna().sum()) for frame in _chunks(path))


pandas_check = pandas_validate


def pandas_sample(path: Path, out: Path) -> int:
    count = 0
    with out.open("w") as new:
        for frame in _chunks(path):
            part = frame.sample(frac=0.1, random_state=0)
            part.to_json(new, orient="records", lines=True)
            count += len(part)
    return count


def pandas_filter(path: Path, out: Path) -> int:
    count = 0
    with out.open("w") as new:
        for frame in _chunks(path):
            human = frame["logos-metadata"].map(lambda m: m["human-annotated"])
            left = frame["logos"].map(lambda label: label["annotations"][0]["left"])
            part = frame[(human == "no") & (left > 300)]
            part.to_json(new, orient="records", lines=True)
            count += len(part)
    return count


def pandas_join(path: Path, out: Path) -> int:
    count = 0
    with out.open("w") as new:
        for frame in _chunks(path):
            frame["check"] = 1
            frame["check-metadata"] = [{"confidence": 0.5}] * len(frame)
            frame.to_json(new, orient="records", lines=True)
            count += len(frame)
    return count


TASKS = ("validate", "check", "sample", "filter", "join", "join_by_source")
CONTESTANTS = ("gt", "json", "pandas")


def run_one(contestant: str, task: str, path: str, out: str) -> None:
    """Run one contestant here and print what it took as JSON."""
    # imports are not what is measured
    packages = {"gt": ["gt_widgets.manifests"], "pandas": ["pandas"], "json": []}[contestant]
    packages += ["pandas", "duckdb"] if (contestant, task) == ("gt", "filter") else []
    for package in packages:
        import_module(package)
    function = globals()[f"{contestant}_{task}"]
    started, cpu = time.perf_counter(), time.process_time()
    count = function(Path(path), Path(out))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    spent = {"s": time.perf_counter() - started, "cpu_s": time.process_time() - cpu}
    print(json.dumps({"count": count, "peak_mb": peak / 1024, **spent}))


def measure(contestant: str, task: str, path: Path, out: Path) -> dict | None:
    if f"{contestant}_{task}" not in globals():
        return None
    command = [sys.executable, __file__, "--one", contestant, task, str(path), str(out)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def main() -> None:
    """Print a table: CPU seconds, ratios, peak memory."""
    if sys.argv[1:2] == ["--one"]:
        run_one(*sys.argv[2:])
        return
    lines = int(sys.argv[1]) if len(sys.argv) > 1 else LINES
    with tempfile.TemporaryDirectory() as folder:
        path, out = Path(folder) / "in.manifest", Path(folder) / "out.manifest"
        write_manifest(path, lines)
        print(f"{lines:,} lines, {path.stat().st_size / 1e6:,.0f} MB")
        print("| task | gt_widgets | json | pandas (chunks) |")
        print("| --- | --- | --- | --- |")
        for task in TASKS:
            found = {who: measure(who, task, path, out) for who in CONTESTANTS}
            cells = [_cell(each, found["gt"]) for each in found.values()]
            print(f"| {task} | {' | '.join(cells)} |", flush=True)


def _cell(found: dict | None, ours: dict | None) -> str:
    if found is None or ours is None:
        return "-"
    ratio = "" if found is ours else f" ({found['cpu_s'] / ours['cpu_s']:.1f} x)"
    return f"{found['cpu_s']:.1f} s{ratio}, {found['peak_mb']:,.0f} MB"


if __name__ == "__main__":
    main()

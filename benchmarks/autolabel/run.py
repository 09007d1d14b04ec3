"""Automated labeling, side by side in one run: the promise kept, and what it saves.

Usage::

    OMP_NUM_THREADS=1 python benchmarks/autolabel/run.py [--fashion FILE] [--sets digits ...]
        [--seeds 10] [--validity-seeds 20] [--only validity|coverage|speed] [--out results.json]

Prints markdown tables. Needs scikit-learn; row (e) needs scikit-activeml.
"""

from __future__ import annotations

import argparse
import json
import logging
import time
import warnings
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import policies
import worlds

from gt_widgets.autolabel import AutoLabelConfig, ClassSight, begin, look, record
from gt_widgets.autolabel.bounds import clopper_pearson_upper

TARGET, DELTA = 0.05, 0.05
NOISES = (0.0, 0.03, 0.08)


def main() -> None:
    warnings.simplefilter("ignore")
    logging.disable()
    options = _options()
    makers = {"digits": worlds.digits, "texts": worlds.texts, "points": worlds.points}
    if options.fashion:
        makers["fashion"] = lambda: worlds.fashion(options.fashion)
    sets = [makers[name]() for name in (options.sets or makers)]
    kept: list[dict] = []
    if options.only in (None, "validity"):
        validity(sets, options.validity_seeds, kept, options.validity_size)
    if options.only in (None, "coverage"):
        coverage(sets, options.seeds, kept)
    if options.only in (None, "speed"):
        speed()
    if options.out:
        Path(options.out).write_text(json.dumps(kept), encoding="utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fashion")
    parser.add_argument("--sets", nargs="*", help="digits, texts, points, fashion; all by default")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--validity-seeds", type=int, default=20)
    parser.add_argument("--validity-size", type=int, default=1_000, help="objects per run")
    parser.add_argument("--only", choices=["validity", "coverage", "speed"])
    parser.add_argument("--out")
    return parser.parse_args()


def play(world, name, seeds, noise, kept, size=None):
    found = []
    for seed in seeds:
        outcome = policies.POLICIES[name](world.cut(seed, size), seed, noise)
        found.append(outcome)
        kept.append(
            {
                "set": world.name,
                "policy": name,
                "seed": seed,
                "noise": noise,
                "size": size,
                **asdict(outcome),
            }
        )
    return found


def validity(sets, seeds, kept, size):
    """Share of runs whose machine labels err more than promised."""
    print(
        f"\n### Is the promise kept? (target {TARGET:.0%}, delta {DELTA:.0%}, at most {size} "
        "objects)\n",
        flush=True,
    )
    print("| set | people's error | runs | labeled nothing | broken | machine labels | worst |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    broken = runs = 0
    for world in sets:
        for noise in NOISES:
            found = play(world, "ours", range(1000, 1000 + seeds), noise, kept, size)
            bad = sum(o.error > TARGET for o in found)
            broken, runs = broken + bad, runs + len(found)
            print(
                f"| {world.name} | {noise:.0%} | {len(found)} | "
                f"{sum(o.auto == 0 for o in found)} | {bad} | "
                f"{np.mean([o.auto for o in found]):.1%} | "
                f"{max(o.error for o in found):.1%} |",
                flush=True,
            )
    upper = clopper_pearson_upper(broken, runs, delta=0.05)
    print(
        f"\n{broken} of {runs} runs broke the promise ({broken / runs:.1%}; 95 % upper "
        f"bound {upper:.1%}; allowed {DELTA:.0%})."
    )


def coverage(sets, seeds, kept):
    """Policies side by side."""
    names = list(policies.POLICIES)
    if find_spec("skactiveml") is None:
        names = names[:-1]
    for world, size in [*((w, None) for w in sets), (sets[0], 600)]:
        size_now = size or len(world.y)
        for noise in NOISES if size is None else (0.0,):
            print(
                f"\n### {world.name}, {size_now} objects, people's error {noise:.0%}, "
                f"{seeds} seeds\n"
            )
            print(
                "| policy | machine labels | error | worst | broken | votes saved | "
                "bill | more votes | CPU s |"
            )
            print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
            for name in names:
                print(_row(name, play(world, name, range(seeds), noise, kept, size)), flush=True)


def _row(name, found):
    auto = np.array([o.auto for o in found])
    error = np.array([o.error for o in found])
    extra = float(np.mean([o.extra_votes for o in found]))
    people = 1 - auto.mean() + extra
    bill = (0.08 + 3 * 0.012 * people) / (0.08 + 3 * 0.012)
    return (
        f"| {name} | {auto.mean():.1%} ± {auto.std():.1%} | {error.mean():.1%} | "
        f"{error.max():.1%} | {int((error > TARGET).sum())}/{len(found)} | {1 - people:.1%} | "
        f"{bill:.0%} | {extra:.1%} | {np.mean([o.cpu_s for o in found]):.1f} |"
    )


def speed():
    """CPU seconds of one look at a job, with 500 labels: what the live meter costs."""
    print("\n### One refit with 500 labels: CPU seconds\n")
    print("| objects | choosing the penalty | penalty kept |")
    print("| --- | --- | --- |")
    for n in (1_000, 10_000, 100_000):
        world = worlds.points(n)
        x = np.concatenate([world.x, np.zeros((n, 180), np.float32)], axis=1)
        x[:, 20:] = np.random.default_rng(0).normal(0, 0.5, (n, 180))
        state = begin(n, 8, AutoLabelConfig(calibration=min(500, n // 3)))
        state = record(state, {i: int(world.y[i]) for i in state.waiting})
        times = []
        for choice in (None, 1):
            from dataclasses import replace

            now = replace(state, choice=choice, chosen_at=10**9 if choice else 0)
            started = time.process_time()
            look(now, ClassSight(x))
            times.append(time.process_time() - started)
        print(f"| {n:,} | {times[0]:.2f} | {times[1]:.2f} |", flush=True)


if __name__ == "__main__":
    main()

"""Automated labeling, side by side in one run: the promise kept, and what it saves.

Usage::

    OMP_NUM_THREADS=1 python benchmarks/autolabel/run.py [--fashion FILE] [--sets digits ...]
        [--seeds 10] [--validity-seeds 20] [--out results.json]
        [--only validity|coverage|speed|hard|scale|boxes|masks|forest|box-gate|watched]
        [--pictures 1000] [--bccd FOLDER]

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

import gates
import numpy as np
import pictures
import policies
import watching
import worlds

from gt_widgets.autolabel import AutoLabelConfig, ClassSight, advance, begin, certify, look, record
from gt_widgets.autolabel.bounds import clopper_pearson_upper
from gt_widgets.autolabel.features import TextFeatures, embed_cached
from gt_widgets.autolabel.policy import point_estimate

PARTS = ("validity", "gate", "coverage", "speed", "hard", "scale", "boxes", "masks", "forest")
PARTS += ("box-gate", "watched")
TARGET, DELTA = 0.05, 0.05
NOISES = (0.0, 0.03, 0.08)


def main() -> None:
    warnings.simplefilter("ignore")
    logging.disable()
    options = _options()
    makers = {
        "digits": worlds.digits,
        "texts": worlds.texts,
        "services": worlds.services,
        "points": worlds.points,
    }
    if options.fashion:
        makers["fashion"] = lambda: worlds.fashion(options.fashion)
    if options.bccd:
        makers["cells"] = lambda: worlds.cells(options.bccd)
    kept: list[dict] = []
    alone = {
        "gate": gate,
        "hard": lambda: hard(options.seeds),
        "scale": scale,
        "boxes": lambda: pictures.boxes(options.seeds, options.pictures, options.bccd),
        "forest": lambda: pictures.forest(options.bccd),
        "masks": lambda: pictures.masks(options.seeds, options.pictures),
        "box-gate": lambda: gates.gates(options.pictures),
        "watched": watching.watched,
    }
    if options.only in alone:
        alone[options.only]()
    else:
        classes([makers[name]() for name in (options.sets or makers)], options, kept)
    if options.out:
        Path(options.out).write_text(json.dumps(kept), encoding="utf-8")


def classes(sets, options, kept):
    if options.only in (None, "validity"):
        validity(sets, options.validity_seeds, kept, options.validity_size)
    if options.only in (None, "coverage"):
        coverage(sets, options.seeds, kept)
    if options.only in (None, "speed"):
        speed()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fashion")
    parser.add_argument(
        "--sets",
        nargs="*",
        help="digits, texts, services, points, fashion, cells; all that are there by default",
    )
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--validity-seeds", type=int, default=20)
    parser.add_argument("--validity-size", type=int, default=1_000, help="objects per run")
    parser.add_argument("--only", choices=PARTS)
    parser.add_argument("--bccd", help="folder with boxes.json and images_jpg.zip")
    parser.add_argument("--pictures", type=int, default=1_000)
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


def hard(seeds):
    """Worlds in which something is wrong: the promise holds, or the loop says that it cannot."""
    cases = [
        (worlds.easy, 0.0, {}),
        (worlds.imbalanced, 0.0, {}),
        (worlds.late, 0.0, {"known": 300}),
        (worlds.duplicated, 0.0, {}),
        (worlds.shifted, 0.0, {}),
        (worlds.easy, 0.2, {}),
    ]
    print("\n| what is wrong | runs | labeled nothing | broken | machine labels | error | worst |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for make, noise, settings in cases:
        made = [make(seed) for seed in range(seeds)]
        found = [policies.ours(w, s, noise, **settings) for s, w in enumerate(made)]
        name = "20 % noise" if noise else made[0].name.replace("points", "nothing")
        error = [o.error for o in found]
        print(
            f"| {name} | {len(found)} | {sum(o.auto == 0 for o in found)} | "
            f"{sum(e > TARGET for e in error)} | {np.mean([o.auto for o in found]):.1%} | "
            f"{np.mean(error):.1%} | {max(error):.1%} |",
            flush=True,
        )


def gate(worlds_each=300):
    """The gate alone, in worlds whose scores are exact chances: 200 labels, a pool of 1,500."""
    print("\n| model | observed accuracy: broken | coverage | certificate: broken | coverage |")
    print("| --- | --- | --- | --- | --- |")
    for sureness in (1.6, 2.2, 3.3, 4.5):
        rows = []
        for number in range(worlds_each):
            rng = np.random.default_rng([number, 9])
            logit = rng.normal(sureness, 1.5, 1_700)
            losses = (rng.random(1_700) < 1 / (1 + np.exp(logit))).astype(float)
            sample, pool = slice(0, 200), slice(200, None)
            naive = point_estimate(logit[sample], losses[sample], logit[pool], TARGET)
            ours = certify(logit[sample], losses[sample], logit[pool], target=TARGET)
            for found in (naive, ours):
                line = np.inf if found.threshold is None else found.threshold
                inside = losses[pool][logit[pool] >= line]
                rows.append((inside.size / 1_500, inside.size and inside.mean() > TARGET))
        share = np.array(rows, dtype=float).reshape(-1, 4).mean(axis=0)
        right = 1 - np.mean(1 / (1 + np.exp(np.random.default_rng(0).normal(sureness, 1.5, 10**5))))
        print(
            f"| {right:.0%} right | {share[1]:.1%} | {share[0]:.0%} | {share[3]:.1%} | "
            f"{share[2]:.0%} |",
            flush=True,
        )


def scale():
    """Time and memory of an iteration, from pictures to the next decision."""
    import resource

    print("\n| objects | features, CPU s | one iteration, CPU s | state, MB | peak memory, MB |")
    print("| --- | --- | --- | --- | --- |")
    for n in (1_000, 10_000, 100_000):
        rng = np.random.default_rng(0)
        y = rng.integers(0, 8, n)
        texts = [
            " ".join(rng.choice(_WORDS[c], 4)) + " " + _WORDS[0][i % 9] for i, c in enumerate(y)
        ]
        started = time.process_time()
        features = TextFeatures(columns=128).learn(texts)
        x = embed_cached(features, texts, batch=2_000)
        spent = time.process_time() - started
        state = begin(n, 8, AutoLabelConfig())
        while not state.history:
            state = record(state, {i: int(y[i]) for i in state.waiting})
            ready = time.process_time()
            state = advance(state, ClassSight(x))
        done = time.process_time()
        size = len(json.dumps(state.to_dict())) / 1e6
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"| {n:,} | {spent:.1f} | {done - ready:.1f} | {size:.1f} | {peak:.0f} |",
            flush=True,
        )


_WORDS = [[f"w{12 * kind + i}" for i in range(14)] for kind in range(8)]


if __name__ == "__main__":
    main()

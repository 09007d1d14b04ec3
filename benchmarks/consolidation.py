"""Consolidation of 1,000,000 answers side by side with crowd-kit, and accuracy on crowds.

Usage: python benchmarks/consolidation.py [--answers FILE --truth FILE]. CPU seconds of one process;
read the ratios. The files are CSV with the columns ``task,worker,label`` and ``task,label``; with
them, the accuracy of every method on a real crowd is printed as well.
"""

from __future__ import annotations

import argparse
import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gt_widgets.consolidation import METHODS
from gt_widgets.testing import Crowd, simulated_crowd

if TYPE_CHECKING:
    from collections.abc import Callable

OBJECTS, PER_OBJECT, CLASSES, WORKERS = 200_000, 5, 10, 2_000
REPEATS = 3


def main() -> None:
    """Print one line per measurement."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--answers", type=Path)
    parser.add_argument("--truth", type=Path)
    chosen = parser.parse_args()
    compare_speed()
    compare_accuracy()
    if chosen.answers and chosen.truth:
        real_crowd(chosen.answers, chosen.truth)


def compare_speed() -> None:
    """Time every method of ours and crowd-kit's Dawid-Skene on the same answers."""
    crowd = large_crowd(np.random.default_rng(0))
    times = {}
    for name, method in METHODS.items():
        times[name], found = cpu_s(
            lambda m=method: m.estimate(
                crowd.objects, crowd.workers, crowd.labels, n_classes=CLASSES
            )
        )
        print(
            f"consolidation {name:<13} {times[name]:6.2f} CPU s for {len(crowd.labels):,} answers, "
            f"{found.rounds} rounds, {1 - crowd.error(found.posteriors):.2%} right"
        )
    try:
        from crowdkit.aggregation import DawidSkene
    except ImportError:
        print("consolidation crowd-kit is not installed: pip install 'gt-widgets[bench]'")
        return
    frame = pd.DataFrame({"task": crowd.objects, "worker": crowd.workers, "label": crowd.labels})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs, labels = cpu_s(lambda: DawidSkene(n_iter=100).fit_predict(frame), repeats=1)
    right = (labels.sort_index().to_numpy() == crowd.truth).mean()
    print(f"consolidation crowd-kit DawidSkene {theirs:.1f} CPU s, {right:.2%} right")
    for name in ("hierarchical", "dawid-skene", "ground-truth"):
        print(f"consolidation {name:<13} {theirs / times[name]:.0f} x as fast as crowd-kit")


def cpu_s(call: Callable[[], Any], repeats: int = REPEATS) -> tuple[float, Any]:
    """Least CPU seconds of a call, and what it gave."""
    times, found = [], None
    for _ in range(repeats):
        started = time.process_time()
        found = call()
        times.append(time.process_time() - started)
    return min(times), found


def compare_accuracy() -> None:
    """Print the mean error on simulated crowds, from few answers per worker to many."""
    shapes = {
        "300 objects x 3, 5 classes, 200 workers": (300, 3, 5, 200),
        "300 objects x 5, 10 classes, 97 workers": (300, 5, 10, 97),
        "1,000 objects x 3, 5 classes, 40 workers": (1000, 3, 5, 40),
        "400 objects x 6, 4 classes, 12 workers": (400, 6, 4, 12),
    }
    for name, (n_objects, answers, n_classes, n_workers) in shapes.items():
        errors: dict[str, list[float]] = {method: [] for method in METHODS}
        for seed in range(16):
            crowd = simulated_crowd(
                np.random.default_rng(seed),
                n_objects=n_objects,
                answers_per_object=answers,
                n_classes=n_classes,
                n_workers=n_workers,
                shared_mistakes=seed % 2 == 0,
            )
            for method, wrong in errors.items():
                wrong.append(error_of(method, crowd))
        figures = ", ".join(f"{method} {np.mean(e):.2%}" for method, e in errors.items())
        print(f"consolidation error, {name}: {figures}")


def error_of(method: str, crowd: Crowd) -> float:
    """Share of objects that a method labels wrong."""
    found = METHODS[method].estimate(
        crowd.objects, crowd.workers, crowd.labels, n_classes=crowd.n_classes
    )
    return crowd.error(found.posteriors)


def real_crowd(answers: Path, truth: Path) -> None:
    """Print the accuracy of every method where the truth is known; first answers count."""
    given = pd.read_csv(answers, dtype=str).drop_duplicates(["task", "worker"])
    known = pd.read_csv(truth, dtype=str).set_index("task")["label"]
    labels, names = pd.factorize(given["label"], sort=True)
    objects, tasks = pd.factorize(given["task"])
    workers, _ = pd.factorize(given["worker"])
    right = known.reindex(tasks)
    for method, each in METHODS.items():
        found = each.estimate(objects, workers, labels, n_classes=len(names)).posteriors
        best = pd.Series(names[found.argmax(axis=1)], index=tasks)
        share = (best == right)[right.notna()].mean()
        print(f"consolidation {answers.name} {method:<13} {share:.3f} right")


def large_crowd(rng: np.random.Generator) -> Crowd:
    """Draw a million answers, at random over the workers; mistakes go to three look-alikes."""
    truth = rng.integers(0, CLASSES, OBJECTS)
    objects = np.repeat(np.arange(OBJECTS), PER_OBJECT)
    first, step = rng.integers(0, WORKERS, (2, OBJECTS, 1))
    workers = ((first + np.arange(PER_OBJECT) * (1 + step % 300)) % WORKERS).ravel()
    skill = rng.uniform(0.55, 0.95, WORKERS)
    alike = (truth[objects] + rng.integers(1, 4, len(objects))) % CLASSES
    right = rng.random(len(objects)) < skill[workers]
    return Crowd(objects, workers, np.where(right, truth[objects], alike), truth, CLASSES)


if __name__ == "__main__":
    main()

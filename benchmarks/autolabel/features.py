"""How much the features are worth: real sets, few labels, the default learner.

Usage::

    OMP_NUM_THREADS=1 python benchmarks/autolabel/features.py [--fashion FILE] [--bccd FOLDER]
        [--labels 100 200 400] [--seeds 5]

Prints a markdown table. The same labels are drawn for the same seed, whatever the features, so that
two checkouts of the package can be compared: put the older one first on PYTHONPATH. The share is
what a threshold that knows the truth could leave to the machine at 5 % error: what is best for a
certificate, which knows less.
"""

from __future__ import annotations

import argparse
import time

import numpy as np
import worlds

from gt_widgets.autolabel import ClassSight
from gt_widgets.autolabel.crossfit import cross_fit, margins_of

TARGET = 0.05


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fashion")
    parser.add_argument("--bccd", help="folder with boxes.json and images_jpg.zip")
    parser.add_argument("--labels", nargs="*", type=int, default=[100, 200, 400])
    parser.add_argument("--seeds", type=int, default=5)
    options = parser.parse_args()
    makers = [worlds.services, worlds.digits]
    if options.fashion:
        makers.append(lambda: worlds.fashion(options.fashion))
    if options.bccd:
        makers.append(lambda: worlds.cells(options.bccd))
    print("| set | labels | accuracy | log loss | share at 5 % | one fit, CPU s |")
    print("| --- | --- | --- | --- | --- | --- |")
    for make in makers:
        began = time.process_time()
        world = make()
        made = (time.process_time() - began) / len(world.y)
        for labels in options.labels:
            found = np.mean([judge(world, labels, seed) for seed in range(options.seeds)], axis=0)
            right, loss, share, spent = found
            print(
                f"| {world.name} | {labels} | {right:.1%} | {loss:.2f} | {share:.0%} | "
                f"{spent:.2f} |",
                flush=True,
            )
        print(f"| {world.name} | features | | | | {1000 * made:.1f} ms an object |", flush=True)


def judge(world, labels, seed):
    """Accuracy, log loss and share on the objects without a label, and CPU seconds."""
    order = np.random.default_rng([seed, 31]).permutation(len(world.y))
    known, rest = order[:labels], order[labels:]
    began = time.process_time()
    fit = cross_fit(
        world.x[known],
        world.y[known],
        world.x[rest],
        groups=world.groups[known],
        n_classes=int(world.y.max()) + 1,
        family=ClassSight(world.x).family,
        folds=5,
        rng=np.random.default_rng([seed, 32]),
    )
    spent = time.process_time() - began
    truth = world.y[rest]
    given = np.maximum(fit.pool[np.arange(len(truth)), truth], 0.02)
    wrong = (fit.pool.argmax(axis=1) != truth)[np.argsort(-margins_of(fit.pool), kind="stable")]
    rate = np.cumsum(wrong) / np.arange(1, len(wrong) + 1)
    good = np.flatnonzero(rate <= TARGET)
    share = (good[-1] + 1) / len(wrong) if good.size else 0.0
    return 1 - wrong.mean(), -np.log(given).mean(), share, spent


if __name__ == "__main__":
    main()

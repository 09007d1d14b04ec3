"""The small networks of the extra ``[torch]`` beside the default learners, on the same labels.

    OMP_NUM_THREADS=1 python benchmarks/autolabel/learners.py [--fashion FILE] [--seeds 2]

Each learner is fitted on people's labels (all right) and judged on the rest of the set. The default
chooses its penalty by cross-fitting, whose time counts.
"""

from __future__ import annotations

import argparse
import time

import numpy as np
import pictures
import worlds

from gt_widgets.autolabel.crossfit import cross_fit, margins_of
from gt_widgets.autolabel.learners import linear_family
from gt_widgets.autolabel.learners.cnn import SmallCnn
from gt_widgets.autolabel.learners.forest import PixelForest
from gt_widgets.autolabel.learners.unet import PixelNet
from gt_widgets.autolabel.masks import mean_iou

_FLOOR = 1e-3


def _grown(small, side=32):
    """Thumbnails of ``side``, as a job's are."""
    from PIL import Image

    out = []
    for picture in small:
        whole = Image.fromarray(picture).convert("RGB").resize((side, side), Image.BILINEAR)
        out.append(np.asarray(whole).reshape(-1))
    return np.stack(out)


def digits():
    from sklearn.datasets import load_digits

    found = load_digits()
    return worlds.digits(), _grown((found.images * 15.9).astype(np.uint8))


def fashion(path):
    with np.load(path, allow_pickle=False) as data:
        return worlds.fashion(path), _grown(data["x"])


def linear(world, pixels, rows, rest):
    del pixels
    found = cross_fit(
        world.x[rows],
        world.y[rows],
        world.x[rest],
        groups=rows,
        n_classes=10,
        family=linear_family(),
        folds=5,
        rng=np.random.default_rng(0),
    )
    return found.pool


def cnn(world, pixels, rows, rest):
    return SmallCnn(10).fit(pixels[rows], world.y[rows]).predict(pixels[rest])


def _judged(name, who, labels, seeds, world, pixels, learn):
    told = []
    for seed in range(seeds):
        order = np.random.default_rng([seed, 51]).permutation(len(world.y))
        rows, rest = np.sort(order[:labels]), np.sort(order[labels:])
        began = time.process_time()
        said = learn(world, pixels, rows, rest)
        cpu, truth = time.process_time() - began, world.y[rest]
        right = said.argmax(axis=1) == truth
        loss = -np.log(np.maximum(said[np.arange(len(truth)), truth], _FLOOR)).mean()
        sure = right[np.argsort(-margins_of(said), kind="stable")]
        held = np.flatnonzero(np.cumsum(~sure) <= 0.05 * np.arange(1, len(sure) + 1))
        told.append((right.mean(), loss, (held[-1] + 1) / len(sure) if held.size else 0.0, cpu))
    a, b, c, d = np.mean(told, axis=0)
    print(f"| {name} | {labels} | {who} | {a:.1%} | {b:.2f} | {c:.0%} | {d:.1f} |", flush=True)


def classes(options):
    print("| set | labels | learner | accuracy | log loss | at most 5 % wrong | CPU s |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    sets = {"digits": digits}
    if options.fashion:
        sets["fashion"] = lambda: fashion(options.fashion)
    for name, make in sets.items():
        world, pixels = make()
        for labels in (200, 500):
            for who, learn in (("default", linear), ("cnn", cnn)):
                _judged(name, who, labels, options.seeds, world, pixels, learn)


def masks(options):
    print("\n| pictures | learner | mean IoU | CPU s to learn | CPU ms a picture |")
    print("| --- | --- | --- | --- | --- |")
    for count in (20, 50):
        for who, make in (("forest (default)", PixelForest), ("unet", PixelNet)):
            told = []
            for seed in range(options.seeds):
                shown, truth = pictures.blobs(count + 40, seed)
                began = time.process_time()
                model = make(4).fit(shown[:count], [truth[i] for i in range(count)])
                learned = time.process_time()
                said = [model.predict(picture).argmax(axis=2) for picture in shown[count:]]
                each = (time.process_time() - learned) / 40 * 1e3
                wanted = [truth[i] for i in range(count, count + 40)]
                ious = [mean_iou(s, w, n_classes=4) for s, w in zip(said, wanted, strict=True)]
                told.append((np.mean(ious), learned - began, each))
            iou, cpu, each = np.mean(told, axis=0)
            print(f"| {count} | {who} | {iou:.3f} | {cpu:.0f} | {each:.0f} |", flush=True)


def jobs(options):
    """Whole jobs of masks, with and without the network beside the forest."""
    print("\n" + pictures.HEAD, flush=True)
    for seed in range(options.seeds):
        for who, beside in (("forest", ()), ("forest and unet", (PixelNet,))):
            shown, truth = pictures.blobs(200, seed)
            name = f"{who}, seed {seed}"
            print(
                pictures.row(
                    pictures.play_masks(name, shown, truth, n_classes=3, seed=seed, beside=beside)
                ),
                flush=True,
            )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fashion")
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--only", choices=["classes", "masks", "jobs"])
    options = parser.parse_args()
    for name, part in (("classes", classes), ("masks", masks), ("jobs", jobs)):
        if options.only in {None, name}:
            part(options)


if __name__ == "__main__":
    main()

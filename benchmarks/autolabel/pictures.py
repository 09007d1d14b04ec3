"""Boxes and masks: whole jobs on logo pictures, blood smears and synthetic masks.

Called by ``run.py``; people draw what is true.
"""

from __future__ import annotations

import io
import json
import tempfile
import time
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image

from gt_widgets.autolabel import (
    AutoLabelConfig,
    BoxSight,
    MaskSight,
    advance,
    begin,
    record,
)
from gt_widgets.autolabel.boxes import FoundBoxes, box_loss, drawn_boxes
from gt_widgets.autolabel.detectors import CentreDetector
from gt_widgets.autolabel.learners.forest import PixelForest
from gt_widgets.autolabel.masks import expected_iou, mean_iou
from gt_widgets.datasets import brand_logos


def logos(n, seed, folder):
    made = brand_logos(folder, count=n, seed=seed)
    names = {name: place for place, name in enumerate(made.categories)}
    truth = {
        i: drawn_boxes([{**box, "class_id": names[box["label"]]} for box in made.truth[path.name]])
        for i, path in enumerate(made.paths)
    }
    return list(made.paths), truth, len(names)


def smears(folder):
    """Blood smears: ``boxes.json`` (left, top, right, bottom) and ``images_jpg.zip``."""
    rows = json.loads((Path(folder) / "boxes.json").read_text(encoding="utf-8"))
    kinds = ["RBC", "WBC", "Platelets"]
    pictures, truth = [], {}
    with zipfile.ZipFile(Path(folder) / "images_jpg.zip") as file:
        for number, one in enumerate(rows):
            pictures.append(file.read(str(Path(one["image"]).with_suffix(".jpg"))))
            truth[number] = drawn_boxes(
                {
                    "class_id": kinds.index(box["label"]),
                    "left": box["box"][0],
                    "top": box["box"][1],
                    "width": box["box"][2] - box["box"][0],
                    "height": box["box"][3] - box["box"][1],
                }
                for box in one["objects"]
                if box["box"][2] > box["box"][0] and box["box"][3] > box["box"][1]
            )
    return pictures, truth, len(kinds)


def play_boxes(name, pictures, truth, n_classes, *, seed, make=None, shelf=None, **settings):
    """One job; a dictionary of what came out."""
    wall, cpu = time.time(), time.process_time()
    config = AutoLabelConfig.for_task("boxes", seed=seed, **settings)
    state = begin(len(pictures), n_classes, config, task="boxes")
    while not state.done:
        state = record(state, dict.fromkeys(state.waiting, 0))
        answers = {i: truth[i] for i in state.labels}
        sight = BoxSight(pictures, answers, n_classes=n_classes, make=make, shelf=shelf)
        state = advance(state, sight)
        last = state.last
        if last:
            print(
                f"    round {last.round}: people {last.people}, machine {last.machine}, held-out "
                f"IoU {last.accuracy:.3f} {last.certificate.explanation}", flush=True,
            )  # fmt: skip
    losses = np.array([_loss(label, truth[i]) for i, label in state.machine.items()])
    return _outcome(name, state, losses, time.time() - wall, time.process_time() - cpu)


def _loss(label, truth):
    rows = [[b.left, b.top, b.width, b.height] for b in label.boxes]
    found = FoundBoxes(
        np.array(rows, float).reshape(-1, 4),
        np.array([b.class_id for b in label.boxes], dtype=np.intp),
        np.array([b.score for b in label.boxes]),
    )
    return box_loss(found, truth)


def _outcome(name, state, losses, wall, cpu):
    return {
        "name": name,
        "people": len(state.labels),
        "auto": len(state.machine) / state.n,
        "iou": float(1 - losses.mean()) if losses.size else None,
        "worst_decile": float(1 - np.quantile(losses, 0.9)) if losses.size else None,
        "target": 1 - state.config.target,
        "rounds": len(state.history),
        "wall_s": wall,
        "cpu_s": cpu,
    }


def blobs(n, seed, side=128):
    """Three kinds of textured blobs on texture: the pictures and their masks."""
    rng = np.random.default_rng([seed, 41])
    down, across = np.mgrid[:side, :side]
    pictures, masks = [], {}
    for number in range(n):
        picture = rng.normal(110, 22, (side, side, 3))
        mask = np.zeros((side, side), np.uint8)
        for _ in range(int(rng.integers(1, 4))):
            kind = int(rng.integers(1, 4))
            x, y = rng.integers(20, side - 20, 2)
            r = rng.integers(12, 30, 2)
            turn = rng.uniform(0, np.pi)
            u = (across - x) * np.cos(turn) + (down - y) * np.sin(turn)
            v = (down - y) * np.cos(turn) - (across - x) * np.sin(turn)
            inside = (u / r[0]) ** 2 + (v / r[1]) ** 2 < 1
            wave = np.sin((across + kind * down) * (0.5 + 0.4 * kind) + rng.uniform(0, 6))
            shade = np.array([[18, 4, 0], [0, 16, 6], [4, 0, 18]])[kind - 1]
            picture[inside] += (22 * wave[..., None] + shade)[inside]
            mask[inside] = kind
        pictures.append(np.clip(picture, 0, 255).astype(np.uint8))
        masks[number] = mask
    return pictures, masks


def play_masks(name, pictures, masks, *, n_classes, seed, **settings):
    wall, cpu = time.time(), time.process_time()
    config = AutoLabelConfig.for_task("masks", seed=seed, **settings)
    state = begin(len(pictures), n_classes, config, task="masks")
    while not state.done:
        state = record(state, dict.fromkeys(state.waiting, 0))
        answers = {i: masks[i] for i in state.labels}
        state = advance(state, MaskSight(pictures, answers, n_classes=n_classes))
    losses = np.array(
        [1 - mean_iou(_png(m), masks[i], n_classes=n_classes + 1) for i, m in state.machine.items()]
    )
    return _outcome(name, state, losses, time.time() - wall, time.process_time() - cpu)


def _png(label):
    import base64

    return np.asarray(Image.open(io.BytesIO(base64.b64decode(label.mask))))


HEAD = (
    "| set | people | machine labels | mean IoU promised | realised | worst tenth below | rounds "
    "| CPU s |\n| --- | --- | --- | --- | --- | --- | --- | --- |"
)


def row(found):
    iou = "" if found["iou"] is None else f"{found['iou']:.3f}"
    worst = "" if found["worst_decile"] is None else f"{found['worst_decile']:.2f}"
    return (
        f"| {found['name']} | {found['people']} | {found['auto']:.1%} | {found['target']:.2f} | "
        f"{iou} | {worst} | {found['rounds']} | {found['cpu_s']:.0f} |"
    )


def boxes(seeds, count, bccd_folder=None, shelf=None):
    print("\n### Boxes and masks\n\n" + HEAD, flush=True)
    for seed in range(seeds):
        with tempfile.TemporaryDirectory() as folder:
            found = logos(count, seed, Path(folder) / "logos")
            print(
                row(play_boxes(f"logos, seed {seed}", *found, seed=seed, shelf=shelf)), flush=True
            )
    if bccd_folder:
        pictures, truth, n_classes = smears(bccd_folder)
        print(
            row(
                play_boxes(
                    "blood smears",
                    pictures,
                    truth,
                    n_classes,
                    seed=0,
                    make=lambda k: CentreDetector(k, flips=True),
                )
            ),
            flush=True,
        )


def round_cells(folder, count, side=256):
    """Blood smears with an ellipse in every box: small pictures and their masks, to be learned."""
    pictures, truth, _ = smears(folder)
    small, masks = [], []
    for number in np.random.default_rng(0).permutation(len(pictures))[:count]:
        whole = Image.open(io.BytesIO(pictures[number])).convert("RGB")
        scale = side / max(whole.size)
        size = round(whole.width * scale), round(whole.height * scale)
        down, across = np.mgrid[: size[1], : size[0]]
        mask = np.zeros(down.shape, np.uint8)
        found = truth[int(number)]
        for place in np.argsort(-found.boxes[:, 2:].prod(axis=1), kind="stable"):
            left, top, width, height = found.boxes[place] * scale
            x, y = left + width / 2, top + height / 2
            inside = ((across - x) / width) ** 2 + ((down - y) / height) ** 2 < 0.25
            mask[inside] = found.classes[place] + 1
        small.append(np.asarray(whole.resize(size, Image.Resampling.BOX)))
        masks.append(mask)
    return small, masks


def forest(bccd_folder=None):
    """The default learner of masks: 20 and 50 pictures to learn from, 40 others to judge."""
    print("| set | learned from | mean IoU | surest half | fit, CPU s | a picture, CPU ms |")
    print("| --- | --- | --- | --- | --- | --- |")
    made = blobs(90, 0)
    sets = {"blobs": (made[0], [made[1][number] for number in range(90)])}
    if bccd_folder:
        sets["cells as ellipses"] = round_cells(bccd_folder, 90)
    for name, (pictures, masks) in sets.items():
        for size in (20, 50):
            start = time.process_time()
            grown = PixelForest(4).fit(pictures[:size], masks[:size])
            fitted = time.process_time()
            found = [grown.predict(picture) for picture in pictures[50:]]
            took = (time.process_time() - fitted) / len(found) * 1_000
            iou = [
                mean_iou(chances.argmax(axis=2), mask, n_classes=4)
                for chances, mask in zip(found, masks[50:], strict=True)
            ]
            order = np.argsort([-expected_iou(chances) for chances in found])
            surest = np.array(iou)[order[: len(order) // 2]].mean()
            print(
                f"| {name} | {size} | {np.mean(iou):.2f} | {surest:.2f} | "
                f"{fitted - start:.1f} | {took:.0f} |",
                flush=True,
            )


def masks(seeds, count):
    for seed in range(seeds):
        found = play_masks(f"blobs, seed {seed}", *blobs(count, seed), n_classes=3, seed=seed)
        print(row(found), flush=True)

"""The gates of boxes and masks alone: one trained model, many calibration samples.

Called by ``run.py``. Scores and true IoUs of all pictures are fixed, so that a sample of another
luck costs milliseconds.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pictures as made
from PIL import Image

from gt_widgets.autolabel import certify
from gt_widgets.autolabel.bounds import clopper_pearson_upper
from gt_widgets.autolabel.boxes import box_loss, kept_boxes, picture_score
from gt_widgets.autolabel.detectors import CentreDetector
from gt_widgets.autolabel.learners.forest import PixelForest
from gt_widgets.autolabel.masks import expected_iou, mean_iou

DRAWS, SAMPLE, DELTA = 200, 100, 0.05
LEARNED, KEEP = 67, 0.3
MASKS = 20
HEAD = (
    "| set | pictures | their mean IoU | promised | granted | labeled | broken | at most "
    "| worst |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- |"
)


def gates(count, promises=(0.6, 0.65)):
    """``count`` logo pictures and as many blobs, less those learned from."""
    print(HEAD, flush=True)
    for name, (scores, losses), wanted in (
        ("logos, boxes", logos(count), promises),
        ("blobs, masks", blobs(count), None),
    ):
        near = round(float(1 - losses.mean()), 2)
        for promise in wanted or (0.7, near - 0.02, near):
            print(row(name, scores, losses, promise), flush=True)


def logos(count):
    with tempfile.TemporaryDirectory() as folder:
        paths, truth, n_classes = made.logos(count, 11, Path(folder) / "logos")
        pixels = [np.asarray(Image.open(path).convert("RGB")) for path in paths]
    order = np.random.default_rng(0).permutation(count)
    learned, rest = order[:LEARNED], order[LEARNED:]
    detector = CentreDetector(n_classes)
    detector.fit([pixels[i] for i in learned], [truth[int(i)] for i in learned])
    found = [detector.predict(pixels[i]) for i in rest]
    scores = [picture_score(each, keep=KEEP) for each in found]
    losses = [
        box_loss(kept_boxes(each, keep=KEEP), truth[int(i)])
        for each, i in zip(found, rest, strict=True)
    ]
    return np.array(scores), np.array(losses)


def blobs(count):
    pixels, masks = made.blobs(count, 11)
    grown = PixelForest(4).fit(pixels[:MASKS], [masks[i] for i in range(MASKS)])
    scores, losses = [], []
    for number in range(MASKS, count):
        chances = grown.predict(pixels[number])
        scores.append(expected_iou(chances))
        losses.append(1 - mean_iou(chances.argmax(axis=2), masks[number], n_classes=4))
    return np.array(scores), np.array(losses)


def row(name, scores, losses, promise):
    """Play the real gate with samples of other luck; ``promise`` is a mean IoU."""
    labeled, realised = [], []
    for draw in range(DRAWS):
        order = np.random.default_rng([draw, 3]).permutation(len(scores))
        sample, pool = order[:SAMPLE], order[SAMPLE:]
        seen = scores[sample], losses[sample], scores[pool]
        given = certify(*seen, target=1 - promise, delta=DELTA, kind="iou")
        taken = pool[scores[pool] >= given.threshold] if given.granted else pool[:0]
        labeled.append(len(taken) / len(pool))
        realised.append(1 - losses[taken].mean() if len(taken) else 1.0)
    broken = int(sum(iou < promise for iou in realised))
    worst = f"{min(realised):.3f}" if any(labeled) else ""
    return (
        f"| {name} | {len(scores)} | {1 - losses.mean():.3f} | {promise:.2f} | "
        f"{sum(share > 0 for share in labeled)}/{DRAWS} | {np.mean(labeled):.0%} | "
        f"{broken} | {clopper_pearson_upper(broken, DRAWS, delta=0.05):.1%} | {worst} |"
    )

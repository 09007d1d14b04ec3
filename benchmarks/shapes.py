"""Consolidation of boxes, masks, entities, polygons and key points on simulated crowds.

Usage: python benchmarks/shapes.py. The truth is known, so every method is scored against it, side
by side in one run: one worker, the best of the workers (told by the truth, so no method can
know him), the plain mean, ours. Times are CPU seconds; read them as ratios within one run.
"""

from __future__ import annotations

import time
import tracemalloc
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
from skimage.draw import polygon2mask
from skimage.filters import gaussian
from skimage.measure import find_contours

from gt_widgets.consolidation import (
    Box,
    BoxResponse,
    Entity,
    EntityResponse,
    MaskResponse,
    Shape,
    ShapeResponse,
    consolidate_box_batch,
    consolidate_entities,
    consolidate_masks,
    consolidate_shapes,
)
from gt_widgets.geometry import as_boxes, match_boxes, polygon_iou

if TYPE_CHECKING:
    from collections.abc import Callable

SPREADS = np.repeat([0.02, 0.05, 0.09, 0.16], 3)
"""Careful to careless: standard deviation of an edge, in sides, of twelve workers."""


def main() -> None:
    """Print one table per kind of label."""
    boxes()
    box_times()
    masks()
    large_mask()
    entities()
    polygons()
    key_points()


def box_crowd(seed, n_images, per_image, *, relative=True):
    """Pictures of 3 to 5 things; workers of personal bias and spread who miss and invent."""
    rng = np.random.default_rng(seed)
    bias, recall = rng.normal(0, 0.04, (12, 4)), rng.uniform(0.8, 0.98, 12)
    invents = rng.uniform(0.02, 0.3, 12)
    truth, answers = {}, {}
    for image in map(str, range(n_images)):
        n = rng.integers(3, 6)
        places, sides = rng.uniform(0, 700, (n, 2)), rng.uniform(30, 250, (n, 2))
        truth[image] = np.concatenate([places, sides], axis=1)
        answers[image] = []
        for w in rng.choice(12, per_image, replace=False):
            seen = truth[image][rng.random(n) < recall[w]]
            unit = np.tile(seen[:, 2:], 2) if relative else 100.0
            slip = rng.standard_t(3, (len(seen), 4)) / np.sqrt(3) * SPREADS[w] + bias[w]
            edges = np.concatenate([seen[:, :2], seen[:, :2] + seen[:, 2:]], axis=1) + slip * unit
            rows = np.concatenate([edges[:, :2], edges[:, 2:] - edges[:, :2]], axis=1)
            junk = rng.uniform(30, 200, (rng.poisson(invents[w]), 4)) * [3, 3, 1, 1]
            rows = np.concatenate([rows, junk]).round()
            drawn = tuple(Box("logo", *row) for row in rows.tolist() if min(row[2:]) > 3)
            answers[image].append(BoxResponse(f"w{w:02}", drawn))
    return truth, answers


def rows_of(found):
    return as_boxes([(b.left, b.top, b.width, b.height) for b in found])


def box_score(truth, found):
    """Mean IoU of matched things, and F1 at IoU 0.75."""
    ious, good, wrong = [], 0, 0
    for image, things in truth.items():
        rows = rows_of(found[image])
        pairs = match_boxes(things, rows, min_iou=0.3)
        hits = sum(iou >= 0.75 for _, _, iou in pairs)
        ious += [iou for _, _, iou in pairs]
        good, wrong = good + hits, wrong + len(rows) + len(things) - 2 * hits
    return float(np.mean(ious)), 2 * good / (2 * good + wrong)


def boxes():
    print("boxes, 400 images x 2 crowds, mean IoU and F1@.75: one worker, plain mean, em")
    for relative in (True, False):
        for per_image in (3, 5):
            scores = []
            for seed in (0, 1):
                truth, answers = box_crowd(seed, 400, per_image, relative=relative)
                results = [{image: of[0].boxes for image, of in answers.items()}]
                for method in ("ground-truth", "em"):
                    batch = consolidate_box_batch(answers, method=method)
                    results.append({image: found.boxes for image, found in batch.items()})
                scores.append([box_score(truth, result) for result in results])
            shown = "   ".join(f"{iou:.3f} {f1:.3f}" for iou, f1 in np.mean(scores, axis=0))
            kind = "errors in sides " if relative else "errors in pixels"
            print(f"  {per_image} workers, {kind}       {shown}")


def overlap(a, b):
    across = min(a.left + a.width, b.left + b.width) - max(a.left, b.left)
    down = min(a.top + a.height, b.top + b.height) - max(a.top, b.top)
    shared = max(across, 0.0) * max(down, 0.0)
    return shared / (a.width * a.height + b.width * b.height - shared)


def naive_boxes(answers):
    """The compatible rule as one writes it first: loops over boxes, object by object."""
    result = {}
    for image, responses in answers.items():
        left = [(r.worker_id, box) for r in responses for box in r.boxes]
        kept = []
        while left:
            groups = []
            for worker, seed in left:
                group = {worker: (1.0, seed)}
                for other, box in left:
                    iou = overlap(seed, box) if other != worker else 0.0
                    if iou >= max(0.5, group.get(other, (0.0, seed))[0]):
                        group[other] = (iou, box)
                groups.append(group)
            best = max(groups, key=lambda group: sum(iou for iou, _ in group.values()))
            members = [(worker, box) for worker, (_, box) in best.items()]
            left = [pair for pair in left if pair not in members]
            if 2 * len(members) > len(responses):
                sides = [(b.left, b.top, b.width, b.height) for _, b in members]
                kept.append(tuple(round(sum(s) / len(s)) for s in zip(*sides, strict=True)))
        result[image] = kept
    return result


def box_times():
    _, answers = box_crowd(0, 1000, 5)
    n = sum(len(r.boxes) for of in answers.values() for r in of)
    naive = seconds(lambda: naive_boxes(answers))
    print(f"CPU time, 1,000 images of 5 workers ({n} boxes): naive Python loop {naive:.3f} s")
    for method in ("ground-truth", "em"):
        batch = seconds(lambda m=method: consolidate_box_batch(answers, method=m))
        print(f"  {method:<12} {batch:.3f} s: {naive / batch:.0f} x")


def seconds(call: Callable[[], object]) -> float:
    """CPU seconds, best of three: the machine may be busy with other things."""
    times = []
    for _ in range(3):
        started = time.process_time()
        call()
        times.append(time.process_time() - started)
    return min(times)


def mask_truth(rng, height, width):
    y, x = np.mgrid[:height, :width]
    mask = np.zeros((height, width), dtype=np.uint8)
    for _ in range(6):
        a, b = rng.uniform(0.03, 0.2, 2) * width
        turn, across, down = rng.uniform(0, np.pi), rng.uniform(0, width), rng.uniform(0, height)
        u = (x - across) * np.cos(turn) + (y - down) * np.sin(turn)
        v = (y - down) * np.cos(turn) - (x - across) * np.sin(turn)
        mask[(u / a) ** 2 + (v / b) ** 2 < 1] = rng.integers(1, 4)
    return mask


def painted(rng, truth, shift, wobble, holes):
    """A hand that is off as a whole, wobbles along outlines and leaves holes."""
    height, width = truth.shape
    y, x = np.mgrid[:height, :width]
    moved = rng.integers(-shift, shift + 1, 2)
    waves = [gaussian(rng.normal(size=truth.shape), 8) * 28 * wobble for _ in range(2)]
    rows = np.clip((y + waves[0] + moved[0]).round().astype(int), 0, height - 1)
    columns = np.clip((x + waves[1] + moved[1]).round().astype(int), 0, width - 1)
    gaps = gaussian(rng.normal(size=truth.shape), 1.0) > 0.28 * holes
    return np.where(gaps, 0, truth[rows, columns]).astype(np.uint8)


def mean_class_iou(truth, mask):
    classes = [k for k in np.unique(truth) if k]
    return np.mean(
        [((truth == k) & (mask == k)).sum() / ((truth == k) | (mask == k)).sum() for k in classes]
    )


def masks():
    print("masks, 12 pictures, mean IoU of classes: one, best of them, majority, smoothed, staple")
    hands = [(1, 1, 3.0), (2, 2, 2.6), (6, 3, 2.4), (3, 4, 2.4), (2, 2, 1.9)]
    for n in (3, 5):
        scores = []
        for seed in range(12):
            rng = np.random.default_rng(seed)
            truth = mask_truth(rng, 240, 320)
            drawn = [painted(rng, truth, *hands[i]) for i in rng.permutation(5)[:n]]
            team = [MaskResponse(f"w{i}", mask) for i, mask in enumerate(drawn)]
            single = [mean_class_iou(truth, mask) for mask in drawn]
            ours = [
                mean_class_iou(truth, consolidate_masks(team, n_classes=3, **options).mask)
                for options in ({"smoothing": False}, {}, {"method": "staple"})
            ]
            scores.append([np.mean(single), max(single), *ours])
        print(f"  {n} workers   " + "  ".join(f"{score:.3f}" for score in np.mean(scores, axis=0)))


def naive_mask(team, n_classes):
    """Count votes of every class for every pixel at once."""
    stack = np.stack([r.mask for r in team])
    votes = np.stack([(stack == k).sum(axis=0) for k in range(n_classes + 1)])
    tied = (votes == votes.max(axis=0)).sum(axis=0) > 1
    return np.where(tied, 0, votes.argmax(axis=0)).astype(np.uint8)


def large_mask():
    rng = np.random.default_rng(0)
    truth = mask_truth(rng, 3000, 4000)
    team = [
        MaskResponse(f"w{i}", np.roll(truth, rng.integers(-30, 31, 2), (0, 1))) for i in range(5)
    ]
    print("one picture of 12 megapixels, 5 workers, 3 classes (the masks themselves: 60 MB)")
    calls = {
        "naive vote": lambda: naive_mask(team, 3),
        "majority": lambda: consolidate_masks(team, n_classes=3),
        "staple": lambda: consolidate_masks(team, n_classes=3, method="staple"),
    }
    for name, call in calls.items():
        took = seconds(call)
        tracemalloc.start()
        call()
        peak = tracemalloc.get_traced_memory()[1] / 1e6
        tracemalloc.stop()
        print(f"  {name:<12} {took:.2f} s CPU, {peak:.0f} MB more")


def entity_answers(rng, n_workers):
    """A text of words; workers shift a boundary by a word, mislabel, miss and invent."""
    stops = np.cumsum(rng.integers(3, 9, 60))
    words = list(zip([0, *(stops[:-1] + 1).tolist()], stops.tolist(), strict=True))
    first = np.sort(rng.choice(np.arange(1, 56, 5), 6, replace=False))
    truth = [(i, i + int(rng.integers(1, 4)), str(rng.choice(list("ABC")))) for i in first.tolist()]
    team = []
    for w in range(n_workers):
        marked = []
        for begin, end, label in truth:
            if rng.random() < 0.1:
                continue
            low = begin - int(rng.random() < 0.12) + int(rng.random() < 0.08 and end - begin > 1)
            high = max(low + 1, end + int(rng.random() < 0.12) - int(rng.random() < 0.08))
            said = str(rng.choice(list("ABC"))) if rng.random() < 0.15 else label
            marked.append(Entity(said, words[low][0], words[high - 1][1]))
        if rng.random() < 0.3:
            a = int(rng.integers(0, 58))
            marked.append(Entity("A", *words[a]))
        team.append(EntityResponse(f"w{w}", tuple(marked)))
    right = {Entity(label, words[a][0], words[b - 1][1]) for a, b, label in truth}
    return right, team


def exact_votes(team):
    """Keep what a majority marked exactly alike."""
    counts = Counter(e for r in team for e in set(r.entities))
    return {e for e, votes in counts.items() if 2 * votes > len(team)}


def entities():
    print("entities, 300 texts, F1 of exact spans and labels: one worker, exact majority, ours")
    for n in (3, 5):
        tally = np.zeros((3, 2))
        for seed in range(300):
            right, team = entity_answers(np.random.default_rng(seed), n)
            ours = set(consolidate_entities(team).entities)
            for row, found in enumerate((set(team[0].entities), exact_votes(team), ours)):
                tally[row] += [2 * len(found & right), len(found) + len(right)]
        print(f"  {n} workers   " + "  ".join(f"{hits / all_:.3f}" for hits, all_ in tally))


def polygon_truth(rng):
    n = int(rng.integers(7, 15))
    turn = (np.arange(n) + rng.uniform(-0.3, 0.3, n)) * 2 * np.pi / n
    reach = rng.uniform(40, 110, n)[:, None] * rng.uniform(0.6, 1.6, 2)
    return np.column_stack([np.cos(turn), np.sin(turn)]) * reach + rng.uniform(150, 450, 2)


def polygon_drawn(rng, truth):
    """Jittered vertices, some left out and some between, anywhere first, either way round."""
    spread, dense = rng.choice([2, 4, 8, 12]), rng.choice([0, 0.3, 1.0])
    points = []
    for i, vertex in enumerate(truth):
        if rng.random() > 0.08:
            points.append(vertex)
        step = truth[(i + 1) % len(truth)] - vertex
        points += [vertex + f * step for f in np.sort(rng.random(rng.poisson(dense)))]
    drawn = np.array(points) + rng.normal(0, spread, (len(points), 2))
    centre = drawn.mean(axis=0)
    drawn = np.roll(centre + (drawn - centre) * rng.normal(1.03, 0.05), rng.integers(20), axis=0)
    return (drawn[::-1] if rng.random() < 0.5 else drawn).round()


def pixel_majority(drawn):
    """The peer: paint all polygons, keep what more than half cover, trace its outline."""
    low = np.min([p.min(axis=0) for p in drawn], axis=0) - 3
    high = np.max([p.max(axis=0) for p in drawn], axis=0) + 3
    size = np.ceil(high - low).astype(int)[::-1]
    votes = sum(polygon2mask(size, (p - low)[:, ::-1]).astype(float) for p in drawn)
    return max(find_contours(votes, len(drawn) / 2), key=len)[:-1, ::-1] + low


def polygons():
    print("polygons, 100 things, IoU: one worker, best of them, pixel majority, ours (vertices)")
    for n in (3, 5):
        scores, vertices = [], []
        for seed in range(100):
            rng = np.random.default_rng(seed)
            truth = polygon_truth(rng)
            drawn = [polygon_drawn(rng, truth) for _ in range(n)]
            team = [
                ShapeResponse(f"w{i}", (Shape("a", tuple(map(tuple, p.tolist()))),))
                for i, p in enumerate(drawn)
            ]
            found = consolidate_shapes(team, kind="polygon").shapes
            ours = np.array(found[0].vertices) if found else np.zeros((1, 2))
            single = [polygon_iou(truth, p) for p in drawn]
            peer = polygon_iou(truth, pixel_majority(drawn))
            scores.append([np.mean(single), max(single), peer, polygon_iou(truth, ours)])
            vertices.append((len(pixel_majority(drawn)), len(ours)))
        many, few = np.mean(vertices, axis=0)
        shown = "  ".join(f"{score:.3f}" for score in np.mean(scores, axis=0))
        print(f"  {n} workers   {shown}   ({many:.0f} vertices by pixels, {few:.0f} ours)")


def key_points():
    print("key points, 400 x 5, mean distance in pixels: one worker, best, mean, median, ours")
    for n in (3, 5):
        off = []
        for seed in range(400):
            rng = np.random.default_rng(seed)
            truth = rng.uniform(100, 900, (5, 2))
            drawn = truth + rng.normal(0, 1, (n, 5, 2)) * rng.choice([1, 2, 4], n)[:, None, None]
            drawn[rng.random((n, 5)) < 0.05] += 40
            team = [
                ShapeResponse(
                    f"w{i}", tuple(Shape(str(k), ((x, y),)) for k, (x, y) in enumerate(p))
                )
                for i, p in enumerate(drawn.tolist())
            ]
            found = {
                int(s.label): s.vertices[0]
                for s in consolidate_shapes(team, kind="keypoint").shapes
            }
            single = np.hypot(*(drawn - truth).transpose(2, 0, 1)).mean(axis=1)
            mean, median = (
                np.hypot(*(f(drawn, axis=0) - truth).T).mean() for f in (np.mean, np.median)
            )
            ours = np.mean([np.hypot(*(np.array(p) - truth[k])) for k, p in found.items()])
            off.append([single.mean(), single.min(), mean, median, ours])
        print(f"  {n} workers   " + "  ".join(f"{d:.2f}" for d in np.mean(off, axis=0)))


if __name__ == "__main__":
    main()

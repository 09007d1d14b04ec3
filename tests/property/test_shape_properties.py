"""What holds for all boxes, masks, entities and shapes of all workers."""

from __future__ import annotations

import random

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gt_widgets.consolidation import (
    Box,
    BoxResponse,
    Entity,
    EntityResponse,
    MaskResponse,
    Shape,
    ShapeResponse,
    consolidate_box_batch,
    consolidate_boxes,
    consolidate_entities,
    consolidate_masks,
    consolidate_shapes,
)
from gt_widgets.consolidation.grouping import group_by_support, overlapping_pairs

unhurried = settings(deadline=None)  # tests say what is true, not how fast
WORKERS = ["ana", "ben", "cho", "dee", "eli"]
KINDS = {"polygon": (3, 7), "polyline": (2, 6), "line": (2, 2), "keypoint": (1, 1)}

side = st.integers(1, 60)
boxes = st.builds(Box, st.sampled_from(["DHL", "Kilo"]), side, side, side, side)
spans = st.tuples(st.integers(0, 40), st.integers(1, 12), st.sampled_from("AB"))
entities = spans.map(lambda span: Entity(span[2], span[0], span[0] + span[1]))
points = st.tuples(st.integers(0, 300), st.integers(0, 300))


@st.composite
def shape_teams(draw):
    kind = draw(st.sampled_from(sorted(KINDS)))
    least, most = KINDS[kind]
    vertices = st.lists(points, min_size=least, max_size=most).map(tuple)
    shapes = st.builds(Shape, st.sampled_from("ab"), vertices)
    common = draw(st.lists(shapes, max_size=2))  # so that something is left
    own = draw(st.lists(st.lists(shapes, max_size=2), min_size=2, max_size=4))
    team = [ShapeResponse(w, (*common, *extra)) for w, extra in zip(WORKERS, own, strict=False)]
    return kind, team


@st.composite
def mask_teams(draw):
    size = draw(st.tuples(st.integers(1, 8), st.integers(1, 8)))
    masks = arrays(np.uint8, size, elements=st.integers(0, 3))
    drawn = draw(st.lists(masks, min_size=2, max_size=5))
    return [MaskResponse(w, mask) for w, mask in zip(WORKERS, drawn, strict=False)]


def team_of(response, things):
    drawn = st.lists(st.lists(things, max_size=4), min_size=2, max_size=5)
    return drawn.map(
        lambda lists: [response(w, tuple(own)) for w, own in zip(WORKERS, lists, strict=False)]
    )


@given(
    st.lists(team_of(BoxResponse, boxes), min_size=1, max_size=4), st.randoms(use_true_random=False)
)
@unhurried
def test_learned_boxes_do_not_depend_on_the_order_of_workers_boxes_or_objects(teams, rng):  # A04
    answers = {str(i): team for i, team in enumerate(teams)}
    mixed = [(key, rng.sample(team, len(team))) for key, team in answers.items()]
    rng.shuffle(mixed)
    assert consolidate_box_batch(answers, method="em") == consolidate_box_batch(
        dict(mixed), method="em"
    )


@given(team_of(BoxResponse, boxes), st.integers(0, 500), st.integers(0, 500))
@unhurried
def test_moving_all_boxes_moves_the_result(team, dx, dy):
    def moved(box):
        return Box(box.label, box.left + dx, box.top + dy, box.width, box.height)

    shifted = [BoxResponse(r.worker_id, tuple(map(moved, r.boxes))) for r in team]
    for method in ("ground-truth", "em"):
        found = consolidate_boxes(team, method=method)
        again = consolidate_boxes(shifted, method=method)
        near = [(b.left + dx, b.top + dy, b.width, b.height) for b in found.boxes]
        rows = [(b.left, b.top, b.width, b.height) for b in again.boxes]
        assert np.abs(np.array(near) - np.array(rows)).max(initial=0) <= 1


@given(team_of(BoxResponse, boxes))
@unhurried
def test_every_learned_box_has_whole_pixels_and_a_confidence_in_range(team):
    found = consolidate_boxes(team, method="em", min_votes=1)
    assert len(found.boxes) == len(found.confidences)
    assert all(0.05 <= c <= 0.95 for c in found.confidences)
    assert all(isinstance(v, int) and v >= 1 for b in found.boxes for v in (b.width, b.height))


@given(st.lists(boxes, max_size=1), st.integers(2, 5))
@unhurried
def test_a_box_that_all_drew_alike_comes_out_unchanged(drawn, n):
    team = [BoxResponse(w, tuple(drawn)) for w in WORKERS[:n]]
    for method in ("ground-truth", "em"):
        assert consolidate_boxes(team, method=method).boxes == tuple(drawn)


@given(mask_teams(), st.sampled_from(["majority", "staple"]), st.randoms(use_true_random=False))
@unhurried
def test_masks_do_not_depend_on_the_order_of_workers(team, method, rng):  # A04
    first = consolidate_masks(team, n_classes=3, method=method)
    second = consolidate_masks(rng.sample(team, len(team)), n_classes=3, method=method)
    assert first.confidence == second.confidence
    assert np.array_equal(first.mask, second.mask)


@given(mask_teams(), st.sampled_from(["majority", "staple"]))
@unhurried
def test_pixels_on_which_all_agree_stay(team, method):
    stack = np.stack([r.mask for r in team])
    same = (stack == stack[0]).all(axis=0)
    found = consolidate_masks(team, n_classes=3, method=method)
    assert np.array_equal(found.mask[same], stack[0][same])
    assert 0.0 < found.confidence <= 1.0 or not same.any()


@given(mask_teams())
@unhurried
def test_without_smoothing_the_vote_is_the_naive_one(team):  # A06
    found = consolidate_masks(team, n_classes=3, smoothing=False).mask
    for y, x in np.ndindex(found.shape):
        votes = np.bincount([r.mask[y, x] for r in team], minlength=4)
        leaders = np.flatnonzero(votes == votes.max())
        assert found[y, x] == (leaders[0] if len(leaders) == 1 else 0)


@given(mask_teams())
@unhurried
def test_turning_the_picture_turns_the_mask(team):
    turned = [MaskResponse(r.worker_id, np.rot90(r.mask)) for r in team]
    first, second = (consolidate_masks(t, n_classes=3).mask for t in (team, turned))
    assert np.array_equal(np.rot90(first), second)


@given(team_of(EntityResponse, entities), st.integers(0, 99))
@unhurried
def test_entities_do_not_depend_on_the_order_of_workers_or_entities(team, seed):  # A04
    rng = random.Random(seed)
    mixed = [EntityResponse(r.worker_id, (*rng.sample(r.entities, len(r.entities)),)) for r in team]
    rng.shuffle(mixed)
    assert consolidate_entities(team) == consolidate_entities(mixed)


@given(team_of(EntityResponse, entities), st.integers(0, 50))
@unhurried
def test_every_entity_lies_in_what_was_marked_and_moves_with_the_text(team, by):
    def moved(entity):
        return Entity(entity.label, entity.start + by, entity.end + by)

    found = consolidate_entities(team)
    marked = {i for r in team for e in r.entities for i in range(e.start, e.end)}
    assert all(set(range(e.start, e.end)) <= marked and e.start < e.end for e in found.entities)
    shifted = [EntityResponse(r.worker_id, tuple(map(moved, r.entities))) for r in team]
    again = consolidate_entities(shifted)
    assert again.entities == tuple(map(moved, found.entities))
    assert again.confidences == found.confidences


@given(shape_teams(), st.integers(0, 99))
@unhurried
def test_shapes_do_not_depend_on_the_order_of_workers_or_shapes(drawn, seed):  # A04
    kind, team = drawn
    rng = random.Random(seed)
    mixed = [ShapeResponse(r.worker_id, (*rng.sample(r.shapes, len(r.shapes)),)) for r in team]
    rng.shuffle(mixed)
    assert consolidate_shapes(team, kind=kind) == consolidate_shapes(mixed, kind=kind)


@given(shape_teams(), st.integers(0, 64), st.integers(0, 64), st.sampled_from([1, 2, 4]))
@unhurried
def test_moving_and_scaling_all_shapes_moves_and_scales_the_result(drawn, dx, dy, scale):
    kind, team = drawn
    scale = 1 if kind == "keypoint" else scale  # their gate has a floor in pixels

    def moved(shape):
        return Shape(
            shape.label, tuple((x * scale + dx, y * scale + dy) for x, y in shape.vertices)
        )

    shifted = [ShapeResponse(r.worker_id, tuple(map(moved, r.shapes))) for r in team]
    one, two = consolidate_shapes(team, kind=kind), consolidate_shapes(shifted, kind=kind)
    assert one.confidences == two.confidences
    for before, after in zip(map(moved, one.shapes), two.shapes, strict=True):
        assert len(before.vertices) == len(after.vertices)
        assert np.allclose(before.vertices, after.vertices, atol=0.011 * (scale + 1))


@given(st.lists(st.tuples(side, side), max_size=40), st.integers(1, 9))
@unhurried
def test_the_sweep_finds_every_pair_that_overlaps_enough(extents, tenths):
    low = np.array([float(a) for a, _ in extents])
    high = low + np.array([float(b) for _, b in extents])
    cells = np.arange(len(extents)) % 2
    found = {
        (min(i, j), max(i, j))
        for one, two in overlapping_pairs(cells, low, high, min_share=tenths / 10)
        for i, j in zip(one.tolist(), two.tolist(), strict=True)
    }
    for i in range(len(extents)):
        for j in range(i + 2, len(extents), 2):
            shared = min(high[i], high[j]) - max(low[i], low[j])
            whole = max(high[i], high[j]) - min(low[i], low[j])
            if shared / whole >= tenths / 10:
                assert (i, j) in found


@given(st.integers(0, 10_000), st.integers(1, 25))
@unhurried
def test_parallel_rounds_give_the_sequential_groups(seed, n):
    rng = np.random.default_rng(seed)
    workers = rng.integers(0, 4, n)
    one, two = np.triu_indices(n, 1)
    near = (workers[one] != workers[two]) & (rng.random(len(one)) < 0.4)
    one, two = one[near], two[near]
    value = rng.integers(5, 10, len(one)) / 10
    found = group_by_support(workers, one, two, value)
    assert found.tolist() == _one_after_another(workers, one, two, value)


def _one_after_another(workers, one, two, value):
    like = np.zeros((len(workers), len(workers)))
    like[one, two] = like[two, one] = value
    free, group = set(range(len(workers))), list(range(len(workers)))
    while free:
        gathered = {}
        for seed in free:
            best = {}
            for i in sorted(free, key=lambda i: (-like[seed, i], i)):
                if like[seed, i] and workers[i] != workers[seed]:
                    best.setdefault(workers[i], i)
            gathered[seed] = list(best.values())
        seed = max(free, key=lambda s: (round(sum(like[s, i] for i in gathered[s]), 9), -s))
        for i in gathered[seed]:
            group[i] = seed
        free -= {seed, *gathered[seed]}
    return group

"""Masks of several workers become one."""

from __future__ import annotations

import numpy as np
import pytest

from gt_widgets.consolidation import MaskResponse, consolidate_masks
from gt_widgets.errors import NoResponsesError, ValidationError


def masks(*drawn, **options):
    team = [MaskResponse(f"w{i}", np.array(mask, dtype=np.uint8)) for i, mask in enumerate(drawn)]
    return consolidate_masks(team, n_classes=3, **options)


def block(left, right, *, size=12, value=1):
    mask = np.zeros((size, size), dtype=np.uint8)
    mask[3:9, left:right] = value
    return mask


def test_each_pixel_gets_the_class_that_two_of_three_gave():  # A06
    found = masks(block(2, 8), block(2, 8), block(4, 10))
    assert np.array_equal(found.mask, block(2, 8))


def test_where_all_three_disagree_it_is_background():  # A06
    found = masks(block(2, 8, value=1), block(2, 8, value=2), block(2, 8, value=3))
    assert not found.mask.any()


def test_of_two_workers_both_must_have_painted_a_pixel():
    found = masks(block(2, 8), block(4, 10))
    assert np.array_equal(found.mask, block(4, 8))


def test_a_tie_of_two_against_two_goes_to_what_lies_around_it():
    hole = block(2, 8)
    hole[5, 5] = 0
    found = masks(block(2, 8), block(2, 8), hole, hole)
    assert np.array_equal(found.mask, block(2, 8))
    assert masks(block(2, 8), block(2, 8), hole, hole, smoothing=False).mask[5, 5] == 0


def test_a_speck_that_hardly_a_majority_saw_goes():
    speck = np.zeros((12, 12), dtype=np.uint8)
    speck[5, 5] = 1
    none = np.zeros_like(speck)
    assert not masks(speck, speck, none).mask.any()
    assert masks(speck, speck, none, smoothing=False).mask[5, 5] == 1


def test_a_speck_that_all_saw_stays():
    speck = np.zeros((12, 12), dtype=np.uint8)
    speck[5, 5] = 2
    assert np.array_equal(masks(speck, speck, speck).mask, speck)


def test_the_corners_of_a_block_that_two_of_three_drew_stay_sharp():
    found = masks(block(2, 8), block(2, 8), np.zeros((12, 12)))
    assert np.array_equal(found.mask, block(2, 8))


def test_confidence_is_the_mean_share_of_the_winner():
    found = masks([[1, 1], [0, 0]], [[1, 1], [0, 0]], [[1, 0], [0, 0]], smoothing=False)
    assert found.confidence == round((3 + 2 + 3 + 3) / 12, 5)


def test_the_mask_of_a_single_worker_stands_with_confidence_zero():  # A01
    found = masks(block(2, 8))
    assert np.array_equal(found.mask, block(2, 8))
    assert found.confidence == 0.0


def test_a_worker_who_answers_twice_counts_once_with_the_newer_answer():
    old, new = (MaskResponse("ana", mask) for mask in (block(2, 8), block(4, 10)))
    other = MaskResponse("ben", block(4, 10))
    found = consolidate_masks([old, other, new], n_classes=1)
    assert np.array_equal(found.mask, block(4, 10))


def test_a_tall_picture_is_voted_on_without_seams():
    rng = np.random.default_rng(0)
    drawn = [rng.integers(0, 3, (200, 7)) for _ in range(3)]
    tall, flat = masks(*drawn).mask, masks(*[mask.T for mask in drawn]).mask
    assert np.array_equal(tall, flat.T)


def test_staple_lets_the_careful_workers_decide():
    rng = np.random.default_rng(1)
    truth = np.kron(rng.integers(0, 2, (8, 8)), np.ones((8, 8), dtype=np.int64))
    careless = [np.where(rng.random(truth.shape) < 0.35, 1 - truth, truth) for _ in range(3)]
    careful = [np.where(rng.random(truth.shape) < 0.02, 1 - truth, truth) for _ in range(2)]
    right = {
        method: (masks(*careful, *careless, method=method, smoothing=False).mask == truth).mean()
        for method in ("majority", "staple")
    }
    assert right["staple"] > 0.97 > right["majority"]


def test_staple_leaves_alone_what_all_agree_on():
    drawn = [block(2, 8), block(2, 8), block(3, 9)]
    found = masks(*drawn, method="staple").mask
    same = (drawn[0] == drawn[1]) & (drawn[1] == drawn[2])
    assert np.array_equal(found[same], drawn[0][same])
    assert np.array_equal(masks(drawn[0], drawn[0], method="staple").mask, drawn[0])


@pytest.mark.parametrize(
    "mask", [np.zeros((3, 3), np.uint8), np.full((2, 2), 4, np.uint8), [[0.5]]]
)
def test_masks_of_other_sizes_classes_or_types_are_refused(mask):
    team = [MaskResponse("ana", np.zeros((2, 2), np.uint8)), MaskResponse("ben", np.asarray(mask))]
    with pytest.raises(ValidationError, match="mask"):
        consolidate_masks(team, n_classes=3)


def test_an_endless_background_does_not_make_a_minoritys_strokes_true():
    drawn = [block(2, 6)] * 3 + [block(2, 10)] * 2
    found = masks(*[np.pad(mask, 300) for mask in drawn], method="staple").mask
    assert np.array_equal(found, np.pad(block(2, 6), 300))


def test_consolidating_nothing_is_refused():
    with pytest.raises(NoResponsesError):
        consolidate_masks([], n_classes=1)


def test_a_method_that_does_not_exist_is_refused_by_name():
    with pytest.raises(ValidationError, match="found 'mean'"):
        masks(block(2, 8), method="mean")

import numpy as np
import pytest

from gt_widgets.autolabel.certificate import Certificate, certify
from gt_widgets.errors import ValidationError


def world(rng, n, sureness):
    """Scores and losses of a calibrated model."""
    logit = rng.normal(sureness, 1.5, size=n)
    wrong = 1 / (1 + np.exp(logit))
    return logit, (rng.random(n) < wrong).astype(float)


def test_a_sure_model_is_granted_most_of_the_pool():
    rng = np.random.default_rng(0)
    scores, losses = world(rng, 400, 5)
    pool, truth = world(rng, 2000, 5)
    found = certify(scores, losses, pool, target=0.05)
    assert found.granted
    assert found.coverage > 0.8
    assert truth[pool >= found.threshold].mean() <= found.bound <= 0.05
    assert found.accepted == (pool >= found.threshold).sum()


def test_a_guessing_model_is_refused_and_told_so():
    rng = np.random.default_rng(0)
    scores = rng.normal(size=200)
    found = certify(
        scores, (rng.random(200) < 0.5).astype(float), rng.normal(size=900), target=0.05
    )
    assert (found.threshold, found.reason, found.labels_needed) == (None, "model_too_weak", None)
    assert "model is too weak" in found.explanation


def test_forty_right_answers_are_too_few_and_it_says_how_many_more():
    found = certify(np.linspace(0, 1, 40), np.zeros(40), np.linspace(0, 1, 500), target=0.05)
    assert found.reason == "sample_too_small"
    assert found.labels_needed == 59 - 40  # ln(0.05) / ln(0.95)


def test_a_sample_that_failed_where_the_walk_begins_is_told_what_would_have_passed_there():
    """Four errors among the surest 100 of 200; the rest is right, but nothing may lie beyond."""
    losses = np.zeros(200)
    losses[-100::25] = 1.0
    found = certify(np.arange(200.0), losses, np.linspace(0, 200, 900), target=0.05)
    assert found.reason == "sample_too_small"
    assert 100 < found.labels_needed < 1_000


def test_guarded_objects_are_never_accepted():
    pool = np.concatenate([np.full(50, -np.inf), np.linspace(0.5, 1, 400)])
    found = certify(np.linspace(0.5, 1, 300), np.zeros(300), pool, target=0.05)
    assert (found.accepted, found.threshold) == (400, 0.5)


def test_an_empty_pool_is_refused():
    assert certify([1.0], [0.0], [-np.inf], target=0.05).reason == "empty_pool"


def test_a_dataset_target_accepts_more_than_one_on_machine_labels():
    rng = np.random.default_rng(3)
    scores, losses = world(rng, 500, 2.5)
    pool, _ = world(rng, 3000, 2.5)
    auto = certify(scores, losses, pool, target=0.05)
    whole = certify(scores, losses, pool, target=0.05, kind="dataset")
    assert whole.accepted > auto.accepted > 0


def test_no_mean_better_than_the_one_seen_is_promised():
    lucky = np.concatenate([np.full(60, 0.1), np.full(40, 0.65)])  # a draw that begins well
    found = certify(np.ones(100), lucky, np.ones(600), target=0.4, kind="iou")
    assert found.bound == pytest.approx(lucky.mean())


def test_masks_are_held_to_a_mean_iou():
    rng = np.random.default_rng(4)
    scores = rng.random(150)
    losses = np.clip(0.5 - 0.5 * scores + rng.normal(0, 0.05, 150), 0, 1)
    found = certify(scores, losses, rng.random(600), target=0.3, kind="iou")
    assert found.coverage > 0.5
    assert found.bound <= 0.3


def test_the_same_numbers_give_the_same_certificate_through_json():
    found = certify(np.linspace(0, 1, 300), np.zeros(300), np.linspace(0, 1, 99), target=0.05)
    assert Certificate(**found.to_dict()) == found


@pytest.mark.parametrize("sureness", [2.0, 3.0, 4.0])
@pytest.mark.parametrize("pool_size", [300, 3000])
def test_the_promise_is_broken_no_more_often_than_delta(sureness, pool_size):
    rng = np.random.default_rng([int(sureness), pool_size])
    broken = 0
    for _ in range(120):
        scores, losses = world(rng, 200, sureness)
        pool, truth = world(rng, pool_size, sureness)
        found = certify(scores, losses, pool, target=0.05, delta=0.1)
        broken += found.granted and truth[pool >= found.threshold].mean() > 0.05
    assert broken <= 120 * 0.1 + 3 * np.sqrt(120 * 0.1 * 0.9)


def test_a_score_that_is_no_number_is_refused():
    with pytest.raises(ValidationError, match="not a number"):
        certify([np.nan], [0.0], [1.0], target=0.05)


def test_a_model_that_is_right_only_where_it_is_surest_may_label_that_part():
    scores = np.linspace(1, 0, 300)
    losses = np.where(scores > 0.65, 0.0, np.arange(300) % 3 == 0).astype(float)
    found = certify(scores, losses, np.linspace(1, 0, 900), target=0.05)
    assert found.granted
    assert 0.25 <= found.coverage <= 0.4


def test_two_walks_together_break_the_promise_no_oftener_than_one():
    rng = np.random.default_rng(8)
    broken = 0
    for _ in range(200):
        chance = np.where(rng.random(900) < 0.5, 0.07, 0.3)  # never good enough
        scores = 0.5 - chance + rng.normal(0, 0.02, 900)
        losses = (rng.random(900) < chance).astype(float)
        found = certify(scores[:200], losses[:200], scores[200:], target=0.05)
        broken += found.granted and losses[200:][scores[200:] >= found.threshold].mean() > 0.05
    assert broken <= 16  # of 200: 5 % is 10

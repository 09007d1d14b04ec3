import numpy as np
import pytest
from scipy.stats import binom, hypergeom

from gt_widgets.autolabel.bounds import (
    betting_upper,
    clopper_pearson_upper,
    finite_upper,
    samples_needed,
)
from gt_widgets.errors import ValidationError


def test_fifty_nine_right_answers_promise_five_percent():
    assert (
        clopper_pearson_upper(0, 59, delta=0.05) <= 0.05 < clopper_pearson_upper(0, 58, delta=0.05)
    )
    assert samples_needed(0.05, delta=0.05) == 59


def test_the_bound_is_the_rate_at_which_so_few_errors_become_unlikely():
    bound = clopper_pearson_upper(3, 120, delta=0.05)
    assert binom.cdf(3, 120, bound) == pytest.approx(0.05)


def test_a_small_pool_is_promised_less_than_a_large_one():
    small = finite_upper(1, 100, 100, delta=0.05)
    large = finite_upper(1, 100, 100_000, delta=0.05)
    assert small > large == pytest.approx(clopper_pearson_upper(1, 100, delta=0.05), abs=2e-4)


def test_the_finite_bound_is_exact_by_enumeration():
    rest, n, errors, delta = 40, 30, 2, 0.1
    worst = max(
        m for m in range(errors, rest + errors + 1) if hypergeom.cdf(errors, rest + n, m, n) > delta
    )
    assert finite_upper(errors, n, rest, delta=delta) == (worst - errors) / rest


def test_nothing_left_means_nothing_can_be_wrong():
    assert finite_upper(5, 10, 0, delta=0.05) == 0.0


def test_losses_of_small_spread_get_a_bound_near_their_mean():
    losses = np.random.default_rng(1).beta(20, 60, size=400)
    assert losses.mean() < betting_upper(losses, delta=0.05) < losses.mean() + 0.03


def test_the_betting_bound_fails_as_seldom_as_it_says():
    rng = np.random.default_rng(2)
    failures = sum(betting_upper(rng.beta(2, 6, size=80), delta=0.1) < 0.25 for _ in range(300))
    assert failures <= 30 + 3 * np.sqrt(300 * 0.1 * 0.9)


def test_without_samples_nothing_is_known():
    assert clopper_pearson_upper(0, 0, delta=0.05) == betting_upper([], delta=0.05) == 1.0
    assert betting_upper(np.ones(50), delta=0.05) == 1.0


@pytest.mark.parametrize(("errors", "n", "delta"), [(3, 2, 0.05), (-1, 2, 0.05), (0, 2, 0.0)])
def test_numbers_out_of_range_are_refused(errors, n, delta):
    with pytest.raises(ValidationError):
        clopper_pearson_upper(errors, n, delta=delta)


def test_losses_outside_zero_to_one_are_refused():
    with pytest.raises(ValidationError, match=r"found -0\.1"):
        betting_upper([0.2, -0.1], delta=0.05)


def test_no_sample_helps_a_model_that_errs_more_than_the_target():
    assert samples_needed(0.05, delta=0.05, error=0.06) is None
    assert 150 < samples_needed(0.05, delta=0.05, error=0.02) < 250

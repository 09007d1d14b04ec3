"""Exact intervals of shares."""

from __future__ import annotations

import math

import numpy as np
import pytest

from gt_widgets.errors import ValidationError
from gt_widgets.quality import clopper_pearson


@pytest.mark.parametrize(
    ("hits", "trials", "low", "high"),
    [  # Clopper-Pearson tables
        (0, 10, 0.0, 0.3085),
        (1, 10, 0.0025, 0.4450),
        (5, 10, 0.1871, 0.8129),
        (10, 10, 0.6915, 1.0),
        (10, 100, 0.0490, 0.1762),
    ],
)
def test_the_interval_is_that_of_published_tables(hits, trials, low, high):
    share = clopper_pearson(hits, trials)
    assert (share.low, share.high) == pytest.approx((low, high), abs=6e-5)
    assert share.value == hits / trials


def test_the_interval_covers_the_truth_at_least_as_often_as_promised():
    rng = np.random.default_rng(2)
    hits = rng.binomial(40, 0.1, 2000)
    covered = [s.low <= 0.1 <= s.high for s in (clopper_pearson(int(h), 40) for h in hits)]
    assert np.mean(covered) >= 0.95


def test_without_trials_anything_is_possible():
    share = clopper_pearson(0, 0)
    assert math.isnan(share.value)
    assert (share.low, share.high, share.count) == (0.0, 1.0, 0)


@pytest.mark.parametrize(("hits", "trials"), [(-1, 4), (5, 4)])
def test_more_hits_than_trials_are_refused(hits, trials):
    with pytest.raises(ValidationError, match=r"hits must lie in 0..4"):
        clopper_pearson(hits, trials)


def test_a_confidence_in_percent_is_refused():
    with pytest.raises(ValidationError, match=r"as 0\.95; found 95"):
        clopper_pearson(1, 4, confidence=95)

"""Bias and variance: what keeps a model from being as good as people."""

import re

import numpy as np
import pytest

from gt_widgets.errors import ValidationError
from gt_widgets.quality import clopper_pearson, error_gap


def test_a_model_that_cannot_fit_its_own_labels_has_avoidable_bias():
    gap = error_gap(clopper_pearson(4, 200), clopper_pearson(80, 500), clopper_pearson(90, 500))
    assert gap.bias[0] == pytest.approx(0.14)
    assert gap.bias[1] > 0
    assert gap.advice.startswith("Most of it is avoidable bias")


def test_a_model_that_learns_by_heart_has_variance():
    gap = error_gap(clopper_pearson(4, 200), clopper_pearson(0, 500), clopper_pearson(90, 500))
    assert gap.variance[0] == pytest.approx(0.18)
    assert gap.bias[0] < 0
    assert gap.advice.startswith("Most of it is variance")


def test_a_model_as_good_as_people_sends_the_reader_to_the_labels():
    gap = error_gap(clopper_pearson(10, 200), clopper_pearson(0, 500), clopper_pearson(20, 500))
    assert "no worse than people" in gap.advice


def test_a_handful_of_objects_decides_nothing():
    gap = error_gap(clopper_pearson(0, 10), clopper_pearson(1, 12), clopper_pearson(2, 12))
    assert "more objects" in gap.advice


def test_the_interval_of_a_difference_covers_it():
    rng = np.random.default_rng(7)
    covered = 0
    for _ in range(400):
        human = clopper_pearson(rng.binomial(150, 0.05), 150)
        training = clopper_pearson(rng.binomial(400, 0.12), 400)
        low, high = error_gap(human, training, training).bias[1:]
        covered += low <= 0.07 <= high
    assert covered / 400 >= 0.95


def test_the_newcombe_interval_of_the_paper():
    """Row (a) of the paper, 56/70 - 48/80, has 0.0524 to 0.3339 from Wilson's limits.

    From Clopper-Pearson's, which are wider, it must hold that one.
    """
    gap = error_gap(clopper_pearson(48, 80), clopper_pearson(56, 70), clopper_pearson(56, 70))
    difference, low, high = gap.bias
    assert difference == pytest.approx(0.2)
    assert 0 < low <= 0.0524
    assert 0.3339 <= high < 0.4


def test_it_says_itself_in_words():
    said = str(
        error_gap(clopper_pearson(4, 200), clopper_pearson(8, 100), clopper_pearson(20, 100))
    )
    assert re.search(r"errs on 20\.0% of objects it has not seen, people on 2\.0%", said)
    assert "avoidable bias +6.0 points" in said


def test_an_error_counted_on_nothing_is_refused():
    with pytest.raises(ValidationError, match="human: expected an error counted on at least one"):
        error_gap(clopper_pearson(0, 0), clopper_pearson(1, 5), clopper_pearson(1, 5))

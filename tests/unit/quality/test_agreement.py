"""Agreement coefficients, against worked examples from the papers and against scikit-learn."""

from __future__ import annotations

import math

import numpy as np
import pytest

from gt_widgets.errors import ValidationError
from gt_widgets.quality import cohen_kappa, count_table, fleiss_kappa, krippendorff_alpha

# Krippendorff, Computing Krippendorff's Alpha-Reliability (2011), section C: 4 observers, 12 units
OBSERVERS = ["123321412***", "1233224125*3", "*3332342251*", "12332441251*"]
# Fleiss' method on 14 raters, 10 subjects, 5 categories; a widely printed example: 0.210
SUBJECTS = [
    [0, 0, 0, 0, 14],
    [0, 2, 6, 4, 2],
    [0, 0, 3, 5, 6],
    [0, 3, 9, 2, 0],
    [2, 2, 8, 1, 1],
    [7, 7, 0, 0, 0],
    [3, 2, 6, 3, 0],
    [2, 5, 3, 2, 2],
    [6, 5, 2, 1, 0],
    [0, 2, 2, 3, 7],
]


def units(rows):
    pairs = [(i, label) for row in rows for i, label in enumerate(row) if label != "*"]
    return count_table([i for i, _ in pairs], [label for _, label in pairs])


def test_alpha_is_that_of_krippendorffs_own_example_with_missing_answers():
    assert krippendorff_alpha(units(OBSERVERS)) == pytest.approx(0.743, abs=5e-4)


def test_alpha_is_that_of_the_example_of_three_coders_and_fifteen_units():
    coders = ["*****34121133*3", "1*213343*******", "**21344*21133*4"]
    assert krippendorff_alpha(units(coders)) == pytest.approx(0.691, abs=5e-4)


def test_an_object_with_one_answer_does_not_count():
    assert krippendorff_alpha([[2, 0], [0, 2], [1, 0]]) == krippendorff_alpha([[2, 0], [0, 2]])


def test_alpha_is_near_zero_for_answers_by_chance():
    rng = np.random.default_rng(0)
    objects, labels = np.repeat(np.arange(4000), 3), rng.integers(0, 4, 12_000)
    assert abs(krippendorff_alpha(count_table(objects, labels))) < 0.02


@pytest.mark.parametrize("counts", [np.zeros((0, 2)), [[1, 0]], [[3, 0], [3, 0]]])
def test_alpha_is_not_a_number_where_nothing_can_be_compared(counts):
    assert math.isnan(krippendorff_alpha(counts))


def test_fleiss_kappa_is_that_of_the_printed_example():
    assert fleiss_kappa(SUBJECTS) == pytest.approx(0.210, abs=5e-4)


def test_fleiss_kappa_refuses_uneven_numbers_of_answers():
    with pytest.raises(ValidationError, match=r"found 2 to 3\. Use krippendorff_alpha"):
        fleiss_kappa([[2, 0], [1, 2]])


def test_for_many_objects_alpha_and_fleiss_kappa_meet():
    rng = np.random.default_rng(1)
    truth = rng.integers(0, 3, 3000)
    labels = np.where(rng.random(12_000) < 0.7, np.repeat(truth, 4), rng.integers(0, 3, 12_000))
    counts = count_table(np.repeat(np.arange(3000), 4), labels)
    assert krippendorff_alpha(counts) == pytest.approx(fleiss_kappa(counts), abs=1e-3)


def test_cohens_kappa_of_twenty_five_yes_and_no_answers():
    # both yes 20, only the first 5, only the second 10, both no 15: observed 0.7, chance 0.5
    one = ["yes"] * 25 + ["no"] * 25
    two = ["yes"] * 20 + ["no"] * 5 + ["yes"] * 10 + ["no"] * 15
    assert cohen_kappa(one, two) == pytest.approx(0.4)


def test_cohens_kappa_equals_scikit_learns():
    metrics = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(4)
    one = rng.integers(0, 5, 200)
    two = np.where(rng.random(200) < 0.6, one, rng.integers(0, 5, 200))
    assert cohen_kappa(one, two) == pytest.approx(metrics.cohen_kappa_score(one, two))


def test_cohens_kappa_needs_answers_object_by_object():
    with pytest.raises(ValidationError, match="found 2 and 1"):
        cohen_kappa(["a", "b"], ["a"])
    assert math.isnan(cohen_kappa([], []))
    assert math.isnan(cohen_kappa(["a", "a"], ["a", "a"]))

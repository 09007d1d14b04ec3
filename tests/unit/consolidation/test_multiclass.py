"""The service's multi-class consolidation, against the published test vector."""

from __future__ import annotations

import numpy as np
import pytest

from gt_widgets.consolidation import WorkerResponse, class_posteriors, consolidate_classes
from gt_widgets.errors import NoResponsesError, ValidationError

ANSWERS = [(0, 0, 0), (1, 1, 2), (2, 0, 2), (1, 0, 2)]  # one row per object: workers A, B, C
POSTERIORS = [
    (0.972856, 0.010554, 0.016590),
    (0.040696, 0.821766, 0.137538),
    (0.134942, 0.042521, 0.822537),
    (0.252025, 0.406870, 0.341105),
]
BRANDS = ["DHL", "McDonalds", "RedBull"]


def batch(rows, names="ABC"):
    return {
        str(i): [WorkerResponse(names[j], BRANDS[label]) for j, label in enumerate(row)]
        for i, row in enumerate(rows)
    }


def test_posteriors_equal_the_published_test_vector():  # A02
    objects = np.repeat(np.arange(4), 3)
    workers = np.tile(np.arange(3), 4)
    found = class_posteriors(objects, workers, np.ravel(ANSWERS), n_classes=3)
    assert np.abs(found - POSTERIORS).max() < 1e-6


def test_labels_and_confidences_equal_the_published_test_vector():  # A02
    found = consolidate_classes(batch(ANSWERS), categories=BRANDS, workers_per_object=3)
    assert [BRANDS.index(c.label) for c in found.values()] == [0, 1, 2, 1]
    assert [c.confidence for c in found.values()] == [0.93, 0.79, 0.79, 0.42]


def test_the_answer_of_a_one_worker_job_stands_with_confidence_zero():  # A01
    found = consolidate_classes(batch([(2,), (0,)]), categories=BRANDS, workers_per_object=1)
    assert [(c.label, c.confidence) for c in found.values()] == [("RedBull", 0), ("DHL", 0)]


def test_unanimous_objects_of_a_large_batch_get_the_highest_confidence():  # A03
    rows = [(i % 3,) * 5 for i in range(50)]
    found = consolidate_classes(batch(rows, "ABCDE"), categories=BRANDS, workers_per_object=5)
    assert {c.confidence for c in found.values()} == {0.95}


def test_an_object_with_fewer_answers_than_workers_is_labeled_from_what_exists():  # A08
    rows = [(0, 0, 0), (1,), (2, 2)]
    found = consolidate_classes(batch(rows), categories=BRANDS, workers_per_object=3)
    assert [c.label for c in found.values()] == ["DHL", "McDonalds", "RedBull"]
    assert all(0 < c.confidence < 1 for c in found.values())


def test_a_tie_goes_to_the_lower_class_id_and_not_to_float_noise():
    # Two classes and two halves of the team that mirror each other: the last object is a
    # tie by symmetry, though in floating point class 1 ends a last digit ahead.
    rows = [(1, 1, 1, 0, 1, 1), (1, 0, 0, 0, 0, 0), (0, 0, 1, 1, 1, 0)]
    found = consolidate_classes(batch(rows, "ABCDEF"), categories=BRANDS[:2], workers_per_object=6)
    assert (found["2"].label, found["2"].confidence) == ("DHL", 0.5)


def test_thousands_of_workers_on_one_object_do_not_underflow():
    workers = np.arange(5000)
    found = class_posteriors(np.zeros(5000, int), workers, workers % 5 // 4, n_classes=200)
    assert np.isfinite(found).all()
    assert found[0].argmax() == 0


def test_a_perfect_worker_leaves_no_zero_in_the_logarithm():
    objects, workers = np.repeat(np.arange(200), 40), np.tile(np.arange(40), 200)
    found = class_posteriors(objects, workers, objects % 2, n_classes=2, rounds=200)
    assert (found.argmax(axis=1) == np.arange(200) % 2).all()
    assert np.isfinite(found).all()


def test_an_object_without_answers_is_named():
    with pytest.raises(NoResponsesError, match="object 7 has no worker response"):
        consolidate_classes({"7": []}, categories=BRANDS, workers_per_object=3)


def test_a_label_outside_the_categories_is_named_with_worker_and_object():
    answers = {"7": [WorkerResponse("w1", "Dhl")]}
    with pytest.raises(ValidationError, match=r"object 7, worker w1: .*found 'Dhl'"):
        consolidate_classes(answers, categories=BRANDS, workers_per_object=3)


@pytest.mark.parametrize(
    ("labels", "n_classes", "rounds"), [([0], 1, 2), ([2], 2, 2), ([-1], 2, 2), ([0], 2, 0)]
)
def test_numbers_outside_their_range_are_refused(labels, n_classes, rounds):
    with pytest.raises(ValidationError):
        class_posteriors([0], [0], labels, n_classes=n_classes, rounds=rounds)


def test_an_empty_batch_has_no_labels():
    assert consolidate_classes({}, categories=BRANDS, workers_per_object=3) == {}

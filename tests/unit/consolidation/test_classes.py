"""One door to all methods for classes."""

from __future__ import annotations

import pytest

from gt_widgets.consolidation import METHODS, WorkerResponse, consolidate_classes
from gt_widgets.errors import NoResponsesError, ValidationError

BRANDS = ["Norda", "Kilo", "Umbra"]


def team(*labels):
    return [WorkerResponse(name, label) for name, label in zip("ABCDE", labels, strict=False)]


ANSWERS = {
    "a": team("Norda", "Norda", "Norda"),
    "b": team("Kilo", "Kilo", "Umbra"),
    "c": team("Umbra", "Umbra", "Umbra"),
}


@pytest.mark.parametrize("method", METHODS)
def test_every_method_finds_what_most_workers_say(method):
    found = consolidate_classes(ANSWERS, categories=BRANDS, workers_per_object=3, method=method)
    assert [found[key].label for key in "abc"] == ["Norda", "Kilo", "Umbra"]
    assert all(0 < c.confidence <= 1 for c in found.values())


@pytest.mark.parametrize("method", METHODS)
def test_with_every_method_one_worker_is_taken_at_his_word_with_confidence_zero(method):  # A01
    found = consolidate_classes(
        {"a": team("Kilo")}, categories=BRANDS, workers_per_object=1, method=method
    )
    assert (found["a"].label, found["a"].confidence) == ("Kilo", 0)


def test_the_service_is_the_default():
    named = consolidate_classes(
        ANSWERS, categories=BRANDS, workers_per_object=3, method="ground-truth"
    )
    assert consolidate_classes(ANSWERS, categories=BRANDS, workers_per_object=3) == named


def test_a_majority_reports_its_share_of_the_votes():
    found = consolidate_classes(ANSWERS, categories=BRANDS, workers_per_object=3, method="majority")
    assert [c.confidence for c in found.values()] == [1.0, 0.67, 1.0]


@pytest.mark.parametrize("method", METHODS)
def test_a_tie_goes_to_the_lower_class_id(method):
    tie = {"a": team("Umbra", "Kilo"), "b": team("Kilo", "Umbra")}
    found = consolidate_classes(tie, categories=BRANDS, workers_per_object=2, method=method)
    assert {c.label for c in found.values()} == {"Kilo"}


def test_the_newer_answer_of_a_worker_counts():
    changed = {"a": [*team("Norda", "Kilo", "Norda"), WorkerResponse("A", "Kilo")]}
    found = consolidate_classes(changed, categories=BRANDS, workers_per_object=3, method="majority")
    assert found["a"].label == "Kilo"


def test_a_method_that_is_not_known_is_named_with_those_that_are():
    with pytest.raises(ValidationError, match=r"'hierachical' is not known.*Did you mean 'hier"):
        consolidate_classes({}, categories=BRANDS, workers_per_object=3, method="hierachical")


def test_an_object_nobody_answered_is_refused_even_for_one_worker():
    with pytest.raises(NoResponsesError, match="object a has no worker response"):
        consolidate_classes({"a": []}, categories=BRANDS, workers_per_object=1)

"""Label sets: what anybody chose, with a confidence per class."""

from __future__ import annotations

import pytest

from gt_widgets.consolidation import (
    METHODS,
    LabelSetResponse,
    WorkerResponse,
    consolidate_classes,
    consolidate_label_sets,
)
from gt_widgets.errors import NoResponsesError, ValidationError

TAGS = ["person", "bicycle", "dog"]


def team(*choices):
    return [LabelSetResponse(w, tuple(c)) for w, c in zip("ABCDE", choices, strict=False)]


ANSWERS = {
    "0": team(["bicycle", "person"], ["bicycle"], ["person", "bicycle"]),
    "1": team(["dog"], ["dog"], ["dog", "bicycle"]),
    "2": team([], [], []),
    "3": team(["person"], ["person"], ["person"]),
}


def merge(answers, workers=3, **kwargs):
    return consolidate_label_sets(answers, categories=TAGS, workers_per_object=workers, **kwargs)


@pytest.mark.parametrize("method", METHODS)
def test_every_class_that_anybody_chose_is_listed_in_the_order_of_the_categories(method):  # O03
    found = merge(ANSWERS, method=method)
    assert [c.labels for c in found.values()] == [
        ("person", "bicycle"),
        ("bicycle", "dog"),
        (),
        ("person",),
    ]
    assert all(len(c.labels) == len(c.confidences) for c in found.values())


@pytest.mark.parametrize("method", METHODS)
def test_a_class_that_most_chose_is_surer_than_one_that_a_single_worker_chose(method):
    found = merge(ANSWERS, method=method)
    bicycle, dog = found["1"].confidences
    assert bicycle < 0.5 < dog


def test_each_class_is_a_single_label_job_of_its_own():  # reference 7.3
    yes_or_no = {
        key: [WorkerResponse(r.worker_id, str("bicycle" in r.labels)) for r in of]
        for key, of in ANSWERS.items()
    }
    alone = consolidate_classes(yes_or_no, categories=["False", "True"], workers_per_object=3)
    assert alone["0"].label == "True"
    assert merge(ANSWERS)["0"].confidences[1] == alone["0"].confidence


def test_one_worker_gives_confidence_zero():  # A01
    found = merge({"0": team(["dog", "person"])}, workers=1)
    assert found["0"].labels == ("person", "dog")
    assert found["0"].confidences == (0, 0)


def test_a_class_named_twice_counts_once_and_the_newer_answer_stands():
    twice = {"0": [*team(["dog", "dog"], ["dog"]), LabelSetResponse("A", ())]}
    assert merge(twice, method="majority")["0"].confidences == (0.5,)


def test_a_label_outside_the_categories_is_refused_with_object_and_worker():
    with pytest.raises(ValidationError, match=r"object 0, worker A: .* found \['cat'\]"):
        merge({"0": team(["cat"])})


def test_an_object_without_responses_is_refused():
    with pytest.raises(NoResponsesError, match="object 7"):
        merge({"7": []})


def test_no_answers_give_no_labels():
    assert merge({}) == {}

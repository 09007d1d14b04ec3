"""The majority vote."""

from __future__ import annotations

import pytest

from gt_widgets.consolidation import WorkerResponse, majority_vote
from gt_widgets.errors import NoResponsesError


def votes(*pairs):
    return [WorkerResponse(worker_id, label) for worker_id, label in pairs]


def test_the_label_of_most_workers_wins_with_its_share_as_confidence():
    result = majority_vote(votes(("w1", "DHL"), ("w2", "DHL"), ("w3", "RedBull"), ("w4", "DHL")))
    assert (result.label, result.confidence) == ("DHL", 0.75)


def test_the_heavier_side_wins_even_when_outnumbered():
    responses = votes(("expert", "DHL"), ("w1", "RedBull"), ("w2", "RedBull"))
    result = majority_vote(responses, weights={"expert": 3.0})
    assert (result.label, result.confidence) == ("DHL", 0.6)


def test_a_tie_goes_to_the_alphabetically_first_label():
    assert majority_vote(votes(("w1", "RedBull"), ("w2", "DHL"))).label == "DHL"


def test_a_worker_who_answers_twice_counts_once_with_the_newer_answer():
    result = majority_vote(votes(("w1", "DHL"), ("w2", "RedBull"), ("w1", "RedBull")))
    assert (result.label, result.confidence) == ("RedBull", 1.0)


def test_a_vote_of_nobody_is_refused():
    with pytest.raises(NoResponsesError):
        majority_vote([])

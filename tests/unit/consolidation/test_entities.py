"""Entities of several workers become one list."""

from __future__ import annotations

import pytest

from gt_widgets.consolidation import Entity, EntityResponse, consolidate_entities
from gt_widgets.errors import NoResponsesError


def of(*marked, min_votes=None):
    team = [EntityResponse(f"w{i}", tuple(Entity(*e) for e in es)) for i, es in enumerate(marked)]
    found = consolidate_entities(team, min_votes=min_votes)
    return [(e.label, e.start, e.end) for e in found.entities], found.confidences


def test_a_boundary_is_the_one_most_workers_chose():  # A07
    entities, confidences = of([("ORG", 0, 9)], [("ORG", 0, 9)], [("ORG", 2, 12)])
    assert entities == [("ORG", 0, 9)]
    assert confidences == (0.95,)


def test_without_a_usual_boundary_it_is_the_median():  # A07
    entities, _ = of([("ORG", 0, 10)], [("ORG", 1, 11)], [("ORG", 4, 13)])
    assert entities == [("ORG", 1, 11)]


def test_start_and_end_are_settled_each_on_its_own():  # A07
    entities, _ = of([("ORG", 0, 10)], [("ORG", 0, 11)], [("ORG", 2, 14)])
    assert entities == [("ORG", 0, 11)]


def test_two_equally_usual_boundaries_are_unclear_and_give_the_lower_median():  # A07
    entities, _ = of(*[[("ORG", 0, 9)]] * 2, *[[("ORG", 1, 9)]] * 2)
    assert entities == [("ORG", 0, 9)]


def test_the_label_is_the_one_most_assigned_and_only_its_votes_give_confidence():  # A07
    entities, confidences = of([("ORG", 0, 9)], [("ORG", 0, 9)], [("PER", 0, 9)])
    assert entities == [("ORG", 0, 9)]
    assert confidences == (0.65,)


def test_a_tie_of_labels_goes_to_the_alphabetically_first_every_time():
    assert of([("PER", 0, 9)], [("LOC", 0, 9)])[0] == [("LOC", 0, 9)]
    assert of([("LOC", 0, 9)], [("PER", 0, 9)])[0] == [("LOC", 0, 9)]


def test_what_only_one_of_three_marked_goes():
    same = ("ORG", 0, 9)
    assert of([same], [same], [same, ("DATE", 20, 24)])[0] == [same]


def test_min_votes_keeps_what_fewer_marked():
    entities, confidences = of([("ORG", 0, 9)], [], [], min_votes=1)
    assert entities == [("ORG", 0, 9)]
    assert confidences == (0.35,)


def test_neighbours_stay_two_entities_in_reading_order():
    marked = [("LOC", 8, 12), ("ORG", 0, 7)]
    assert of(marked, marked, marked)[0] == [("ORG", 0, 7), ("LOC", 8, 12)]


def test_a_worker_has_one_vote_per_cluster():
    assert of([("ORG", 0, 9), ("PER", 0, 9)], [], [])[0] == []


def test_entities_do_not_come_out_overlapping_where_nobody_marked_them_so():
    late, early = [("A", 0, 8), ("B", 8, 12)], [("A", 0, 6), ("B", 6, 12)]
    entities, _ = of(late, late[:1], early, early[1:])
    assert entities == [("A", 0, 8), ("B", 8, 12)]  # the usual start of B alone would be 6


def test_nested_entities_stay_if_workers_nest_them():
    nested = [("ORG", 0, 20), ("LOC", 14, 20)]
    assert of(nested, nested, nested)[0] == nested


def test_the_entities_of_a_single_worker_stand_with_confidence_zero():  # A01
    marked = [("LOC", 8, 12), ("ORG", 0, 7)]
    assert of(marked) == (marked, (0.0, 0.0))


def test_empty_selections_are_left_out():
    assert of([("ORG", 3, 3)], [("ORG", 3, 3)]) == ([], ())


def test_nobody_marking_anything_is_a_text_without_entities():
    assert of([], [], []) == ([], ())


def test_consolidating_nothing_is_refused():
    with pytest.raises(NoResponsesError):
        consolidate_entities([])

"""Messages about parcels, and the truth about them."""

from __future__ import annotations

from collections import Counter

import pytest

from gt_widgets.datasets import delivery_messages
from gt_widgets.datasets.messages import ENTITY_LABELS, TOPICS
from gt_widgets.errors import ValidationError


def test_the_texts_are_the_same_whatever_is_asked_of_them():
    sets = [delivery_messages(count=40, seed=2, ask=ask) for ask in ("topic", "topics", "entities")]
    assert sets[0].texts == sets[1].texts == sets[2].texts
    assert [each.categories for each in sets] == [TOPICS, TOPICS, ENTITY_LABELS]


def test_the_first_texts_are_the_same_however_many_are_asked_for():
    assert delivery_messages(count=500).texts[:30] == delivery_messages(count=30).texts
    assert delivery_messages(count=30, seed=1).texts != delivery_messages(count=30).texts


def test_no_text_occurs_twice_and_every_topic_does_often():
    found = delivery_messages(count=2_000)
    assert len(set(found.texts)) == 2_000
    assert Counter(found.truth.values()) == dict.fromkeys(TOPICS, 500)


def test_an_entity_stands_where_the_truth_says_in_code_points():
    found = delivery_messages(count=2_000, ask="entities")
    names = {label: set() for label in ENTITY_LABELS}
    for text, entities in found.truth.items():
        for entity in entities:
            names[entity["label"]].add(text[entity["startOffset"] : entity["endOffset"]])
    assert "Zürich" in names["place"]
    assert "Kivi Cargo" in names["carrier"]
    assert all(len(found) <= 8 for found in names.values())
    assert any(ord(letter) > 0xFFFF for text in found.texts for letter in text)


def test_the_first_topic_is_one_of_all_topics():
    first, every = (delivery_messages(count=200, ask=ask).truth for ask in ("topic", "topics"))
    assert all(first[text] == topics[0] for text, topics in every.items())
    assert {len(topics) for topics in every.values()} == {1, 2}


@pytest.mark.parametrize("wrong", [{"count": 0}, {"seed": -1}, {"ask": "mood"}])
def test_a_number_outside_its_range_is_refused(wrong):
    with pytest.raises(ValidationError, match="count must be >= 1"):
        delivery_messages(**wrong)

"""What a job would cost on AWS."""

from __future__ import annotations

import pytest

from gt_widgets.errors import ValidationError
from gt_widgets.pricing import (
    amount_in_usd,
    base_cost_usd,
    estimate,
    free_objects_left,
    prices_as_of,
    public_task_prices_usd,
    suggest_task_price_usd,
    task_price_amount,
)


def test_a_box_with_five_public_workers_costs_twenty_six_cents():  # $01
    assert estimate(1, workers_per_object=5, task_price_usd=0.036).total_usd == 0.26


def test_a_class_with_three_public_workers_costs_eleven_point_six_cents():  # $01
    assert estimate(1, workers_per_object=3, task_price_usd=0.012).total_usd == 0.116


def test_a_machine_label_costs_eight_cents():  # $01
    assert estimate(1, human_objects=0, workers_per_object=5).total_usd == 0.08


@pytest.mark.parametrize(  # $01
    ("objects", "price_usd"),
    [
        (0, 0.0),
        (49_999, 3_999.92),
        (50_000, 4_000.0),
        (50_001, 4_000.04),
        (999_999, 41_999.96),
        (1_000_000, 42_000.0),
        (1_000_001, 42_000.02),
    ],
)
def test_tiers_are_marginal_at_their_borders(objects, price_usd):
    assert base_cost_usd(objects) == price_usd


def test_objects_of_the_same_month_use_up_the_first_tier():
    assert base_cost_usd(2, labeled_before=49_999) == 0.12


def test_the_free_tier_is_five_hundred_objects_a_month_for_two_months():  # $02
    assert [free_objects_left(month=m) for m in (1, 2, 3)] == [500, 500, 0]
    assert free_objects_left(month=1, labeled_before=480) == 20
    assert estimate(600, free_objects=free_objects_left(month=1)).total_usd == 8.0
    assert estimate(30, free_objects=500).total_usd == 0.0


def test_a_private_team_costs_only_the_base_price_and_the_words_say_so():
    found = estimate(30, workers_per_object=3)
    assert (found.total_usd, found.tasks) == (2.4, 90)
    assert str(found) == (
        "2.40 USD: 30 objects x base price = 2.40, 90 tasks by your own team at no charge "
        f"(prices of {prices_as_of()})."
    )


def test_the_words_name_machine_labels_and_free_objects():
    found = estimate(1000, human_objects=400, compute_usd=1.5, free_objects=500)
    assert "(500 of them free)" in found.explanation
    assert "600 objects by machine, compute 1.50" in found.explanation
    assert found.total_usd == 41.5


def test_there_are_sixteen_public_prices_and_fewer_for_harder_tasks():
    counts = [len(public_task_prices_usd(t)) for t in ("image-classification", "bounding-box")]
    assert counts == [16, 14]
    assert public_task_prices_usd("semantic-segmentation") == (0.84, 0.96, 1.08, 1.2)


@pytest.mark.parametrize(
    ("seconds", "price_usd"), [(3, 0.012), (30, 0.12), (31, 0.24), (45, 0.24), (900, 1.2)]
)
def test_the_suggested_price_is_the_next_higher_row(seconds, price_usd):
    assert suggest_task_price_usd(seconds) == price_usd


def test_a_quick_box_still_costs_the_least_price_for_boxes():
    assert suggest_task_price_usd(2, task_type="bounding-box") == 0.036


def test_a_price_is_written_in_dollars_cents_and_tenths_and_read_back():
    assert task_price_amount(0.036) == {"Dollars": 0, "Cents": 3, "TenthFractionsOfACent": 6}
    assert [amount_in_usd(task_price_amount(p)) for p in public_task_prices_usd()] == list(
        public_task_prices_usd()
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"objects": -1},
        {"objects": 1, "human_objects": 2},
        {"objects": 1, "workers_per_object": 0},
        {"objects": 1, "task_price_usd": float("nan")},
    ],
)
def test_impossible_numbers_are_refused(wrong):
    with pytest.raises(ValidationError):
        estimate(**wrong)


def test_a_price_finer_than_a_tenth_of_a_cent_is_refused():
    with pytest.raises(ValidationError, match="three decimals"):
        task_price_amount(0.0361)

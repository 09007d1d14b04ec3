"""Plans: the band covers what a job then does; a pilot tells of the model to come."""

import numpy as np
import pytest

from gt_widgets.autolabel import AutoLabelConfig, ClassSight, advance, begin, record
from gt_widgets.autolabel.pilot import centre_of, pilot_of, separation_of
from gt_widgets.autolabel.planner import Rates
from gt_widgets.autolabel.plans import plan
from gt_widgets.errors import ValidationError

K = 4
RATES = Rates(object_usd=0.08, task_usd=0.012, workers_per_object=3, seconds_per_task=6)


def world(n, seed, spread):
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, K, n)
    x = np.eye(8)[truth] * 3 + rng.normal(0, spread, (n, 8))
    return x.astype(np.float32), truth


def share_by_machine(x, truth, seed):
    """Play a whole job with the real loop and learners; people are always right."""
    state, sight = begin(len(x), K, AutoLabelConfig(seed=seed)), ClassSight(x)
    while not state.done:
        waiting = state.waiting
        state = advance(record(state, {i: int(truth[i]) for i in waiting}), sight)
    return len(state.machine) / len(x)


@pytest.mark.parametrize(("n", "spread"), [(600, 0.8), (600, 1.1), (1000, 1.4)])
def test_the_band_of_a_plan_from_a_pilot_covers_what_the_job_then_does(n, spread):
    x, truth = world(n + 200, seed=11, spread=spread)
    pilot = pilot_of(x[n:], truth[n:], n_classes=K)
    made = plan(n, AutoLabelConfig(), RATES, accuracy=pilot, worlds=30)
    assert made.low <= share_by_machine(x[:n], truth[:n], seed=1) <= made.high
    assert made.low <= made.machine_share <= made.high
    assert made.people_low <= made.people <= made.people_high


def test_the_better_the_assumed_model_the_smaller_the_bill():
    plans = [
        plan(2000, AutoLabelConfig(), RATES, accuracy=accuracy, separation=spread, worlds=20)
        for accuracy, spread in ((0.55, 0.8), (0.9, 2.5), (0.97, 2.5))
    ]
    bills = [made.cost_usd for made in plans]
    assert bills == sorted(bills, reverse=True)
    assert plans[0].nothing == 1.0
    assert plans[0].cost_usd == plans[0].all_people_usd == 2000 * (0.08 + 3 * 0.012)
    assert plans[2].hours < plans[2].all_people_hours == 2000 * 3 * 6 / 3600


def test_a_range_of_accuracies_reaches_down_to_its_worse_end():
    sure = plan(1000, AutoLabelConfig(), RATES, accuracy=0.98, worlds=20)
    unsure = plan(1000, AutoLabelConfig(), RATES, accuracy=(0.7, 0.98), worlds=20)
    assert unsure.low < sure.low
    assert unsure.people_high > sure.people_high


def test_boxes_are_planned_by_their_mean_iou():
    config = AutoLabelConfig.for_task("boxes")
    good = plan(1000, config, RATES, accuracy=0.75, worlds=20)
    poor = plan(1000, config, RATES, accuracy=0.4, worlds=20)
    assert good.machine_share > 0.8
    assert poor.machine_share < 0.3


def test_the_same_seed_gives_the_same_plan():
    plans = [plan(500, AutoLabelConfig(), RATES, accuracy=0.9, seed=3, worlds=10) for _ in "ab"]
    assert plans[0] == plans[1]


def test_a_pilot_knows_how_often_the_model_is_right_and_whether_it_knows_when():
    rng = np.random.default_rng(0)
    z = rng.normal(size=4000)
    centre = centre_of(0.85, 3.0)
    right = rng.random(4000) < 1 / (1 + np.exp(-(centre + 3.0 * z)))
    assert right.mean() == pytest.approx(0.85, abs=0.02)
    assert separation_of(z, (~right).astype(float)) == pytest.approx(3.0, abs=0.4)


def test_a_pilot_of_a_few_labels_is_refused():
    x, truth = world(30, seed=0, spread=0.8)
    with pytest.raises(ValidationError, match="at least 40 labels"):
        pilot_of(x, truth, n_classes=K)

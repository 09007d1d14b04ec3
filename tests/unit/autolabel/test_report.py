import numpy as np
import pytest

from gt_widgets.autolabel import AutoLabelConfig, ClassSight, begin, look, record
from gt_widgets.autolabel.loop import advance
from gt_widgets.autolabel.planner import Rates, cost_slider
from gt_widgets.autolabel.plans import plan
from gt_widgets.autolabel.report import audit, confusion, reliability, report, risk_coverage
from gt_widgets.autolabel.suspects import suspected_label_errors
from gt_widgets.errors import ValidationError

RATES = Rates(object_usd=0.08, task_usd=0.012, workers_per_object=3, seconds_per_task=6)


@pytest.fixture(scope="module")
def played():
    """One round of a loop in which five answers were wrong."""
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 3, 500)
    x = (np.eye(6)[truth] * 3 + rng.normal(0, 0.7, (500, 6))).astype(np.float32)
    state = begin(500, 3, AutoLabelConfig(adjudicate="never", batch=40))
    flipped = state.calibration[:5]
    labels = {i: int(truth[i]) for i in state.calibration}
    labels.update({i: int((truth[i] + 1) % 3) for i in flipped})
    state = advance(record(state, labels), ClassSight(x))
    return state, look(state, ClassSight(x)), flipped


def test_flipped_labels_are_suspected(played):
    state, seen, flipped = played
    found = report(state, seen).suspects
    assert set(flipped) <= set(found)
    assert len(found) <= 10


def test_the_galleries_show_either_side_of_the_line(played):
    state, seen, _ = played
    shown = report(state, seen, shown=4)
    score = dict(zip(seen.pool.tolist(), seen.pool_scores, strict=True))
    assert all(score[a] >= score[b] for a in shown.above for b in shown.below)
    assert len(shown.hardest) == 4


def test_classes_add_up(played):
    state, seen, _ = played
    rows = report(state, seen).classes
    assert sum(row.people for row in rows) == len(state.labels)
    assert sum(row.predicted for row in rows) == len(state.calibration)


def test_the_curve_ends_at_the_whole_pool():
    rng = np.random.default_rng(1)
    scores, losses = rng.random(100), (rng.random(100) < 0.1).astype(float)
    curve = risk_coverage(scores, losses, scores)
    assert (curve[-1].coverage, curve[-1].n) == (1.0, 100)
    assert all(point.low <= point.error <= point.high for point in curve)


def test_confusion_counts_true_rows_and_predicted_columns():
    found = confusion(np.array([0, 0, 1]), np.array([0, 1, 1]), 2)
    assert found.tolist() == [[1, 1], [0, 1]]


def test_a_model_that_says_ninety_percent_and_is_right_nine_times_of_ten():
    p = np.tile([0.9, 0.1], (10, 1))
    rows = reliability(p, np.array([1] + [0] * 9))
    assert rows == ((pytest.approx(0.9), 0.9, 10),)


def test_suspects_come_most_suspicious_first():
    p = np.array([[0.9, 0.1], [0.9, 0.1], [0.2, 0.8], [0.1, 0.9], [0.02, 0.98]])
    labels = np.array([0, 0, 0, 1, 0])
    assert suspected_label_errors(p, labels).tolist() == [4]


def test_an_audit_of_sixty_right_labels_says_at_least_ninety_four_percent():
    found = audit([1] * 60, [1] * 60)
    assert (found.wrong, found.accuracy, found.high) == (0, 1.0, 1.0)
    assert found.low == pytest.approx(0.025 ** (1 / 60))


def test_a_laxer_target_never_costs_more(played):
    state, seen, _ = played
    points = cost_slider(state, seen, RATES)
    costs = [point.cost_usd for point in points]
    assert costs[-1] <= costs[0]
    assert all(point.machine + point.people == len(seen.pool) for point in points)


def test_the_plan_of_a_strong_model_saves_most_labels():
    strong = plan(5000, AutoLabelConfig(), RATES, accuracy=0.97, worlds=12)
    weak = plan(5000, AutoLabelConfig(), RATES, accuracy=0.6, separation=1.0, worlds=12)
    assert strong.low <= strong.machine_share <= strong.high
    assert strong.machine_share > 0.7
    assert weak.machine_share == 0
    assert weak.cost_usd == weak.all_people_usd == 5000 * (0.08 + 3 * 0.012)
    assert "People label 250 random objects first" in strong.explanation


def test_a_plan_for_a_coin_is_refused():
    with pytest.raises(ValidationError, match="accuracy"):
        plan(1000, AutoLabelConfig(), RATES, accuracy=0.5)

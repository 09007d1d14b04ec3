"""The error of one worker and of a team, and whether mistakes are independent."""

from __future__ import annotations

import numpy as np
import pytest

from gt_widgets.errors import ValidationError
from gt_widgets.quality import clopper_pearson, human_level


@pytest.fixture
def job(frames):
    """Five workers with 15 % mistakes on 300 objects: independent, or on shared hard objects."""

    def draw(*, hard):
        rng = np.random.default_rng(7)
        truth = rng.integers(0, 4, 300)
        chance = np.where(rng.random(300) < 0.2, 0.75, 0.0) if hard else np.full(300, 0.15)
        rows = []
        for o, t in enumerate(truth):
            other = (t + 1) % 4
            rows += [(o, f"w{w}", f"c{other if rng.random() < chance[o] else t}") for w in range(5)]
        return frames(rows), {str(o): f"c{t}" for o, t in enumerate(truth)}

    return draw


def level(job, **kwargs):
    frame, gold = job
    return human_level(frame, gold, rng=np.random.default_rng(0), **kwargs)


def test_a_team_errs_less_than_one_worker_when_mistakes_are_independent(job):
    found = level(job(hard=False))
    single = found.individuals.loc["everyone"]
    assert single["error"] == pytest.approx(0.15, abs=0.03)
    assert found.team_size == 5
    assert found.best.high < single["low"]
    assert found.best.low <= found.best.value <= found.best.high
    assert found.warnings == ()


def test_a_model_is_measured_against_the_best_team(job):
    found = level(job(hard=False))
    gap = found.gap_of(clopper_pearson(30, 300), clopper_pearson(45, 300))
    assert gap.human == found.best
    assert gap.bias[0] == pytest.approx(0.1 - found.best.value)


def test_shared_mistakes_are_shown_by_the_teams_error_and_warned_of(job):
    found = level(job(hard=True))
    assert found.individuals.loc["everyone", "error"] == pytest.approx(0.15, abs=0.03)
    largest = found.teams.loc[5]
    assert largest["error"] > 3 * largest["independent"]
    assert found.p_value < 0.05
    assert "mistakes are not independent" in str(found)


def test_the_warning_is_rarely_given_without_reason(crowd_frame):
    shape = {"n_objects": 150, "answers_per_object": 3, "n_classes": 3, "n_workers": 12}
    found = [
        level(crowd_frame(seed, **shape, accuracy=(0.8, 0.8))).p_value < 0.05 for seed in range(12)
    ]
    assert sum(found) <= 2


def test_a_class_that_is_hard_for_everybody_is_not_taken_for_shared_mistakes(frames):
    # half of all answers to c0 say c1, each on its own; c1 is never mistaken
    rng = np.random.default_rng(3)
    truth = np.repeat([0, 1], [60, 240])
    rows = [
        (o, f"w{w}", "c1" if t or rng.random() < 0.5 else "c0")
        for o, t in enumerate(truth)
        for w in range(3)
    ]
    found = level((frames(rows), {str(o): f"c{t}" for o, t in enumerate(truth)}))
    assert found.teams.loc[3, "error"] == pytest.approx(0.1, abs=0.03)
    assert found.teams.loc[3, "independent"] == pytest.approx(0.1, abs=0.02)
    assert found.warnings == ()


def test_a_team_of_one_has_the_error_of_individuals(job):
    found = level(job(hard=False))
    one = found.teams.loc[1, "error"]
    assert one == pytest.approx(found.individuals.loc["everyone", "error"], abs=0.01)
    assert found.teams["objects"].tolist() == [300] * 5


def test_individuals_are_pooled_by_group(job):
    found = level(job(hard=False), groups={"w0": "senior", "w1": "senior"})
    assert found.individuals["workers"].to_dict() == {"no group": 3, "senior": 2}


def test_a_small_gold_set_is_said_to_be_small(job):
    frame, gold = job(hard=False)
    few = {key: gold[key] for key in list(gold)[:20]}
    found = human_level(frame, few, rng=np.random.default_rng(0))
    assert found.best.count == 20
    assert "only 20 gold objects" in found.warnings[-1]


def test_a_team_may_consolidate_by_any_method_and_learns_from_all_objects(job):
    frame, gold = job(hard=False)
    some = {key: gold[key] for key in list(gold)[:100]}
    found = human_level(frame, some, rng=np.random.default_rng(0), method="hierarchical")
    assert found.teams.loc[5, "error"] <= 0.05


def test_gold_that_nobody_answered_is_refused_with_what_keys_are_wanted(job):
    frame, _ = job(hard=False)
    with pytest.raises(ValidationError, match=r"object ids, for example \['0'"):
        human_level(frame, {"s3://b/1.jpg": "c0"}, rng=np.random.default_rng(0))

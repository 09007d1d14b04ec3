import json
from dataclasses import replace

import numpy as np
import pytest

from gt_widgets.autolabel import (
    AutoLabelConfig,
    ClassSight,
    LoopState,
    advance,
    begin,
    record,
    relabeled,
)
from gt_widgets.autolabel.forecast import power_law
from gt_widgets.errors import StateError, ValidationError

K = 4


def world(n=600, seed=0, spread=0.8):
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, K, n)
    x = np.eye(8)[truth] * 3 + rng.normal(0, spread, (n, 8))
    return x.astype(np.float32), truth


class People:
    """They answer what is pending; some answers are wrong."""

    def __init__(self, truth, noise=0.0, seed=7):
        self.truth, self.noise, self.rng = truth, noise, np.random.default_rng(seed)
        self.votes = 0

    def one(self, index):
        self.votes += 1
        wrong = self.rng.random() < self.noise
        return int((self.truth[index] + wrong * self.rng.integers(1, K)) % K)

    def answer(self, state):
        if state.pending.purpose != "adjudication":
            return record(state, {i: self.one(i) for i in state.waiting})
        votes = {i: [state.labels[i], self.one(i), self.one(i)] for i in state.waiting}
        return record(state, {i: int(np.bincount(v).argmax()) for i, v in votes.items()})


def run(x, truth, config, *, noise=0.0, through_json=False, **options):
    people, state = People(truth, noise), begin(len(x), K, config)
    sight = ClassSight(x, **options)
    while not state.done:
        state = advance(people.answer(state), sight)
        if through_json:
            state = LoopState.from_dict(json.loads(json.dumps(state.to_dict())))
    return state, people


def error(state, truth):
    return np.mean([label.class_id != truth[i] for i, label in state.machine.items()])


def test_clear_objects_are_labeled_by_machine_and_the_rest_by_people():
    x, truth = world()
    state, _ = run(x, truth, AutoLabelConfig())
    assert len(state.machine) > 300
    assert error(state, truth) <= 0.05
    everyone = {*state.machine, *state.labels, *state.pending.objects}
    assert everyone == set(range(600))
    assert not set(state.machine) & ({*state.labels, *state.pending.objects})


def test_a_loop_that_is_killed_after_every_step_ends_the_same():
    x, truth = world()
    config = AutoLabelConfig(seed=3)
    once, again = (run(x, truth, config, through_json=j)[0] for j in (False, True))
    assert once == again


def test_a_repeated_step_gives_the_same_state():
    x, truth = world()
    state = People(truth).answer(begin(600, K, AutoLabelConfig()))
    assert advance(state, ClassSight(x)) == advance(state, ClassSight(x))


def test_the_calibration_sample_is_drawn_first_and_never_grows():
    x, truth = world()
    state = begin(600, K, AutoLabelConfig())
    sample = state.calibration
    assert state.pending.objects == sample
    final, _ = run(x, truth, AutoLabelConfig())
    assert final.calibration == sample
    assert set(final.labels) >= set(sample)


def test_pure_noise_is_refused_in_plain_words():
    x, _ = world()
    state, _ = run(x, np.random.default_rng(99).integers(0, K, 600), AutoLabelConfig(batch=200))
    assert not state.machine
    assert state.history[0].certificate.reason == "model_too_weak"


def test_where_people_and_model_disagree_two_more_votes_are_asked():
    x, truth = world(n=900)
    clean, _ = run(x, truth, AutoLabelConfig())
    noisy, people = run(x, truth, AutoLabelConfig(), noise=0.05)
    without, _ = run(x, truth, AutoLabelConfig(adjudicate="never"), noise=0.05)
    assert len(noisy.machine) > 0.9 * len(clean.machine) > len(without.machine)
    assert set(noisy.adjudicated) <= set(noisy.calibration)
    assert people.votes == len(noisy.labels) + 2 * len(noisy.adjudicated)


def test_a_class_hardly_seen_is_left_to_people():
    x, truth = world(n=900)
    rng = np.random.default_rng(1)
    keep = (truth != 3) | (rng.random(900) < 0.03)
    x, truth = x[keep], truth[keep]
    state, _ = run(x, truth, AutoLabelConfig(class_guard=40))
    assert state.machine
    assert 3 not in {label.class_id for label in state.machine.values()}


def test_answers_may_come_one_by_one_and_twice():
    x, _ = world()
    state = begin(600, K, AutoLabelConfig())
    for index in state.pending.objects[:5]:
        state = record(record(state, {index: 1}), {index: 1})
    assert len(state.waiting) == len(state.calibration) - 5
    with pytest.raises(StateError, match="still owe"):
        advance(state, ClassSight(x))


def test_an_object_that_was_not_asked_about_is_refused():
    state = begin(600, K, AutoLabelConfig())
    stranger = next(i for i in range(600) if i not in state.calibration)
    with pytest.raises(StateError, match=f"object {stranger} is not part"):
        record(state, {stranger: 0})


def test_objects_people_cannot_label_are_left_out_of_everything():
    x, truth = world()
    state = begin(600, K, AutoLabelConfig())
    bad = state.calibration[:10]
    state = record(state, {i: int(truth[i]) for i in state.calibration[10:]}, failed=bad)
    state = advance(state, ClassSight(x))
    assert not set(bad) & set(state.pending.objects)


def test_labels_that_were_there_before_train_but_do_not_calibrate():
    x, truth = world()
    known = {i: int(truth[i]) for i in range(100)}
    config = AutoLabelConfig(adjudicate="never")
    state = begin(600, K, config, known=known)
    assert not set(known) & set(state.calibration)
    state = advance(People(truth).answer(state), ClassSight(x))
    assert state.history[0].people == 100 + len(state.calibration)


def test_stop_commits_what_is_certain_now():
    x, truth = world()
    state = People(truth).answer(begin(600, K, AutoLabelConfig()))
    state = advance(state, ClassSight(x), stop=True)
    assert state.done
    assert state.pending.purpose == "commit"
    with pytest.raises(StateError, match="no further step"):
        advance(state, ClassSight(x))


@pytest.mark.parametrize("query", ["entropy", "random", "core_set", "cluster_margin"])
def test_every_query_rule_ends_in_a_commit(query):
    x, truth = world(n=400)
    state, _ = run(x, truth, AutoLabelConfig(query=query))
    assert state.machine
    assert error(state, truth) <= 0.05


def test_the_services_policy_commits_round_by_round():
    x, truth = world(n=900, spread=1.2)
    config = AutoLabelConfig(aws_policy=True, max_concurrent_tasks=100)
    state, _ = run(x, truth, config)
    assert len(state.calibration) == 180
    assert state.machine
    assert all(past.certificate.delta == 1.0 for past in state.history)


def test_a_job_that_is_too_small_is_refused():
    with pytest.raises(ValidationError, match="at least 150 objects; found 90"):
        begin(90, K, AutoLabelConfig())


def test_a_state_of_another_version_is_refused():
    with pytest.raises(ValidationError, match="version"):
        LoopState.from_dict({"version": 99})
    with pytest.raises(ValidationError, match="damaged"):
        LoopState.from_dict({"version": 2})


def test_a_misspelt_setting_is_refused():
    with pytest.raises(ValidationError, match="pacience"):
        AutoLabelConfig.from_dict({"pacience": 3})


def test_the_final_model_has_learned_from_everything_people_labeled(tmp_path):
    x, truth = world()
    state, _ = run(x, truth, AutoLabelConfig())
    model = ClassSight(x).final(state)
    assert (model.predict(x).argmax(axis=1) == truth).mean() > 0.95
    model.save(tmp_path / "model.zip")
    assert (tmp_path / "model.zip").stat().st_size > 0


def test_features_of_another_job_are_refused():
    x, truth = world()
    state = People(truth).answer(begin(600, K, AutoLabelConfig()))
    with pytest.raises(ValidationError, match="expected 600 rows of features, one per object"):
        advance(state, ClassSight(x[:500]))


def test_each_task_has_its_own_promise():
    boxes, masks = (AutoLabelConfig.for_task(task) for task in ("boxes", "masks"))
    assert (boxes.target, masks.target) == (0.4, 0.3)
    assert (boxes.calibration_size(1000), boxes.batch_size(1000)) == (100, 50)
    assert AutoLabelConfig.for_task("boxes", target=0.2).target == 0.2
    with pytest.raises(ValidationError, match="task is one of"):
        AutoLabelConfig.for_task("poems")


def after_calibration(x, labels, config):
    state = begin(len(x), K, config)
    state = record(state, {i: int(labels[i]) for i in state.waiting})
    return advance(state, ClassSight(x))


def test_noisy_labels_are_blamed_where_the_model_is_sure_of_itself():
    x, truth = world(n=900)
    rng = np.random.default_rng(5)
    noisy = np.where(rng.random(900) < 0.12, rng.integers(0, K, 900), truth)
    last = after_calibration(
        x, noisy, AutoLabelConfig(calibration=300, adjudicate="never")
    ).last.certificate
    assert last.reason == "labels_too_noisy"
    assert "Let disagreements be adjudicated" in last.explanation
    assert last.labels_needed is None


def test_rare_classes_are_named_with_the_labels_they_lack():
    x, truth = world()
    last = after_calibration(x, truth, AutoLabelConfig(class_guard=199)).last.certificate
    assert last.reason == "class_too_rare"
    assert "only after 199 labels" in last.explanation
    assert last.labels_needed > 100


def test_a_job_that_has_fewer_objects_than_the_sample_would_need_is_told_so():
    x, truth = world(n=75)
    config = AutoLabelConfig(calibration=40, class_guard=1, min_objects=50)
    last = after_calibration(x, truth, config).last.certificate
    assert (last.reason, last.labels_needed) == ("sample_too_small", 19)  # 59 - 40, of 35 left
    last = after_calibration(x[:50], truth[:50], config).last.certificate
    assert (last.reason, last.labels_needed) == ("sample_too_small", None)
    assert "28 more random labels, and 10 objects are left" in last.explanation


def test_a_weak_model_says_how_many_labels_its_learning_curve_asks_for():
    x, truth = world(n=3000, spread=2.6)
    config = AutoLabelConfig(calibration=300, adjudicate="never")
    last = after_calibration(x, truth, config).last.certificate
    assert last.reason == "model_too_weak"
    assert "learning curve" in last.explanation


def test_a_learning_curve_that_is_a_power_law_is_continued():
    labels = [100, 200, 400, 800]
    curve = power_law(labels, [2 * n**-0.5 for n in labels])
    assert curve.fall == pytest.approx(0.5, abs=0.01)
    assert curve.labels_for(0.02) == pytest.approx(10_000, rel=0.1)
    assert curve.error_at(10_000) == pytest.approx(0.02, rel=0.1)
    assert power_law([], []).labels_for(0.0) is None
    assert power_law([100, 1000], [0.3, 0.5]).labels_for(0.1) is None


def test_a_weak_model_gets_a_larger_random_sample_before_anything_is_tried():
    x, truth = world(n=1200, spread=2.2)
    first = begin(1200, K, AutoLabelConfig(adjudicate="never"))
    state = advance(People(truth).answer(first), ClassSight(x))
    assert state.pending.purpose == "calibration"
    assert state.calibration[: len(first.calibration)] == first.calibration
    assert len(state.calibration) == 400  # a third of the objects
    assert not state.history
    state = advance(People(truth).answer(state), ClassSight(x))
    assert len(state.calibration) == 400
    assert state.history


def a_proposal(x, truth):
    """A loop whose first round has certified some of the objects, and asks about others."""
    state = People(truth).answer(begin(len(x), K, AutoLabelConfig(adjudicate="never")))
    state = advance(state, ClassSight(x))
    assert state.proposal
    assert state.pending.purpose == "query"
    return state


def test_a_label_of_the_sample_that_is_corrected_later_takes_the_proposal_with_it():
    x, truth = world(spread=1.2)
    before = a_proposal(x, truth)
    index = before.calibration[3]
    other = int(truth[index] + 1) % K
    after = relabeled(before, {index: other, before.pending.objects[0]: 0, 10_000: 0})
    assert after.labels == {**before.labels, index: other}
    assert (after.proposal, after.proposal_round) == ({}, 0)
    same = relabeled(before, {index: int(truth[index])})
    assert same == before
    with pytest.raises(ValidationError, match="classes are 0"):
        relabeled(before, {index: K})


def test_a_proposal_that_was_dropped_has_not_grown_when_it_is_found_again():
    x, truth = world(spread=1.2)
    before = a_proposal(x, truth)
    wrong = relabeled(before, {i: int(truth[i] + 1) % K for i in before.calibration[:1]})
    mended = relabeled(wrong, {i: int(truth[i]) for i in before.calibration[:1]})
    asked = People(truth).answer(replace(mended, pending=replace(mended.pending, objects=())))
    after = advance(asked, ClassSight(x))
    assert len(after.proposal) == len(before.proposal)
    assert (after.stale, after.proposal_round) == (1, 2)


def test_labels_that_came_with_the_manifest_are_nobodys_to_correct():
    state = begin(600, K, AutoLabelConfig(), known={5: 1})
    assert relabeled(state, {5: 2}) == state


def test_the_last_round_that_is_allowed_commits():
    x, truth = world(n=900, spread=1.2)
    state, _ = run(x, truth, AutoLabelConfig(max_rounds=2))
    assert len(state.history) <= 2
    assert state.done

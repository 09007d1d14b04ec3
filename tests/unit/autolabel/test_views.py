"""Two views of the same objects, each with learners of its own: the better one labels."""

import numpy as np

from gt_widgets.autolabel import AutoLabelConfig, ClassSight, advance, begin, record
from gt_widgets.autolabel.learners import linear_family
from gt_widgets.autolabel.sights import View


def world(n=400, seed=0):
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 3, n)
    centres = rng.normal(0, 1, (3, 6)) * 3
    good = (centres[y] + rng.normal(0, 1, (n, 6))).astype(np.float32)
    noise = rng.normal(0, 1, (n, 6)).astype(np.float32)
    return good, noise, y


def after_calibration(y):
    state = begin(len(y), 3, AutoLabelConfig(seed=1, calibration=90))
    return record(state, {i: int(y[i]) for i in state.waiting})


def test_the_view_that_predicts_better_labels_and_is_the_final_model():
    good, noise, y = world()
    family = linear_family()
    sight = ClassSight(noise, beside=View(good, family[:2]))
    state = advance(after_calibration(y), sight)
    assert state.choice >= len(family)
    view, _ = sight.chosen(state.choice)
    assert view is sight.beside
    model = sight.final(state)
    assert (model.predict(good).argmax(axis=1) == y).mean() > 0.9
    other = ClassSight(good, beside=View(noise, family))
    assert advance(after_calibration(y), other).choice < len(family)


def test_learners_that_need_many_labels_are_not_tried_with_few():
    good, noise, y = world()
    sight = ClassSight(noise, beside=View(good, linear_family(), least=150))
    assert advance(after_calibration(y), sight).choice < 4
    alone = ClassSight(noise, family=[], beside=View(good, linear_family(), least=150))
    assert (alone.look(after_calibration(y)).fit.pool.argmax(axis=1) > 0).any()

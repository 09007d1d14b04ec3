import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from gt_widgets.autolabel.bounds import betting_upper, clopper_pearson_upper, finite_upper
from gt_widgets.autolabel.calibration import chance_of_right
from gt_widgets.autolabel.certificate import Certificate, certify
from gt_widgets.autolabel.folds import grouped_folds

deltas = st.floats(0.001, 0.5)
shares = st.floats(0, 1, allow_subnormal=False)


@settings(deadline=None)
@given(st.integers(0, 60), st.integers(1, 300), deltas)
def test_a_bound_is_never_below_what_was_seen_and_grows_with_errors(errors, n, delta):
    errors = min(errors, n - 1)
    bound = clopper_pearson_upper(errors, n, delta=delta)
    assert errors / n <= bound <= clopper_pearson_upper(errors + 1, n, delta=delta) <= 1


@settings(deadline=None)
@given(st.integers(0, 20), st.integers(1, 200), st.integers(0, 500), deltas)
def test_a_finite_bound_speaks_of_whole_objects(errors, n, rest, delta):
    bound = finite_upper(min(errors, n), n, rest, delta=delta)
    assert 0 <= bound <= 1
    assert abs(bound * rest - round(bound * rest)) < 1e-6


@settings(deadline=None)
@given(st.lists(shares, max_size=60), deltas)
def test_a_betting_bound_is_never_below_the_mean_by_much(losses, delta):
    assert 0 < betting_upper(losses, delta=delta) <= 1
    assert betting_upper(losses, delta=delta) >= betting_upper(losses, delta=min(2 * delta, 0.9))


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 120), st.integers(0, 80), st.floats(0.01, 0.6))
def test_a_granted_certificate_keeps_its_own_bound(seed, n, m, target):
    rng = np.random.default_rng(seed)
    scores, pool = rng.random(n).round(1), rng.random(m).round(1)
    losses = (rng.random(n) < 0.1 * rng.random()).astype(float)
    found = certify(scores, losses, pool, target=target)
    assert Certificate(**found.to_dict()) == found
    if found.granted:
        assert found.bound <= target
        assert found.accepted == (pool >= found.threshold).sum() > 0
        assert found.n_calibration == (scores >= found.threshold).sum()
    else:
        assert found.accepted == 0
        assert found.explanation


@settings(deadline=None)
@given(st.lists(st.tuples(shares, st.booleans()), max_size=50), st.lists(shares, max_size=20))
def test_confidence_never_falls_as_the_score_rises(sample, wanted):
    scores, losses = [s for s, _ in sample], [float(x) for _, x in sample]
    chances = chance_of_right(scores, losses, sorted(wanted))
    assert np.all((chances >= 0) & (chances <= 1))
    assert np.all(np.diff(chances) >= 0)


@settings(deadline=None)
@given(st.lists(st.integers(0, 9), min_size=1, max_size=60), st.integers(2, 6))
def test_no_group_is_torn_between_folds(groups, folds):
    groups = np.array(groups)
    dealt = grouped_folds(groups % 3, groups, folds=folds, rng=np.random.default_rng(0))
    assert all(len(set(dealt[groups == g])) == 1 for g in groups)

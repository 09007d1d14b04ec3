import numpy as np
import pytest

from gt_widgets.autolabel.queries import QUERIES, core_set, margin, watch_balance


def pool(n=60, k=4, seed=0):
    rng = np.random.default_rng(seed)
    p = rng.dirichlet(np.ones(k), n)
    return p, rng.normal(size=(n, 5)).astype(np.float32), rng.normal(size=(9, 5)).astype(np.float32)


@pytest.mark.parametrize("name", sorted(QUERIES))
@pytest.mark.parametrize("size", [0, 1, 17, 60, 100])
def test_a_rule_picks_that_many_different_objects(name, size):
    picked = QUERIES[name](*pool(), size=size, rng=np.random.default_rng(1))
    assert len(picked) == len(set(picked.tolist())) == min(size, 60)


@pytest.mark.parametrize("name", sorted(QUERIES))
def test_a_rule_repeats_itself(name):
    twice = [QUERIES[name](*pool(), size=9, rng=np.random.default_rng(1)) for _ in range(2)]
    assert twice[0].tolist() == twice[1].tolist()


@pytest.mark.parametrize("name", ["margin", "entropy"])
def test_the_object_nobody_can_call_comes_first(name):
    p, x, labeled = pool()
    p[42] = 0.25
    assert QUERIES[name](p, x, labeled, size=3, rng=np.random.default_rng(0))[0] == 42


def test_a_core_set_goes_where_nobody_has_been():
    p, x, labeled = pool()
    x[7] = 100
    assert core_set(p, x, labeled, size=2, rng=np.random.default_rng(0))[0] == 7


def test_cluster_margin_does_not_take_twenty_copies():
    p, x, labeled = pool()
    p[:20], x[:20] = [0.5, 0.5, 0, 0], 3.0
    rng = np.random.default_rng(0)
    plain = margin(p, x, labeled, size=10, rng=rng)
    diverse = QUERIES["cluster_margin"](p, x, labeled, size=10, rng=rng)
    assert (plain < 20).sum() == 10
    assert (diverse < 20).sum() <= 2


def test_part_of_a_batch_looks_for_a_class_hardly_seen():
    p, x, labeled = pool()
    hopeful = set(np.argsort(-p[:, 3])[:5].tolist())
    picked = margin(p, x, labeled, size=20, rng=np.random.default_rng(0))
    watched = watch_balance(picked, p, np.array([30, 30, 30, 2]), guard=20)
    assert len(set(watched.tolist())) == 20
    assert hopeful <= set(watched.tolist())


def test_a_balanced_batch_is_left_alone():
    p, x, labeled = pool()
    picked = margin(p, x, labeled, size=20, rng=np.random.default_rng(0))
    assert watch_balance(picked, p, np.full(4, 50), guard=20).tolist() == picked.tolist()

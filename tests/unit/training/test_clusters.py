"""A cluster helps where it can; what it cannot do is done here."""

import os
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import pytest

from gt_widgets.autolabel.executor import in_batches
from gt_widgets.training.clusters import Cluster, _Helped


def total(items):
    return sum(items)


def dies(items):
    raise KeyError(items[0])


def dies_elsewhere(items, here):
    if os.getpid() != here:
        os._exit(1)
    return sum(items)


def test_no_address_is_no_cluster():
    with Cluster() as cluster:
        assert (cluster.executor(), cluster.said) == (None, [])


def test_a_scheduler_that_does_not_answer_is_left_out_and_said():
    pytest.importorskip("distributed")
    with Cluster("tcp://127.0.0.1:9", timeout_s=0.2) as cluster:
        assert cluster.executor() is None
        assert cluster.executor() is None  # nor is it asked again
    [line] = cluster.said
    assert (line["dask"], line["batches"]) == ("tcp://127.0.0.1:9", 0)
    assert line["left out"]


def test_what_workers_lose_is_done_here():
    cluster = Cluster("tcp://elsewhere:1")
    with ProcessPoolExecutor(1) as pool:
        helped = _Helped(cluster, pool)
        found = list(in_batches(dies_elsewhere, range(6), os.getpid(), batch=2, executor=helped))
    assert found == [(0, 1), (2, 5), (4, 9)]
    assert "BrokenProcessPool" in cluster.problem


def test_a_fault_of_the_work_itself_is_raised():
    with ThreadPoolExecutor(1) as pool:
        parts = in_batches(dies, range(2), batch=1, executor=_Helped(Cluster("x"), pool))
        with pytest.raises(KeyError):
            list(parts)


def test_batches_that_come_back_are_counted():
    cluster = Cluster("tcp://elsewhere:1")
    with ThreadPoolExecutor(2) as pool:
        found = list(in_batches(total, range(6), batch=2, executor=_Helped(cluster, pool)))
    assert (found, cluster.done) == ([(0, 1), (2, 5), (4, 9)], 3)

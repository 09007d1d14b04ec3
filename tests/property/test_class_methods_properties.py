"""What holds for every method for classes, whatever the answers."""

from __future__ import annotations

from functools import partial
from inspect import signature

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gt_widgets.consolidation import (
    METHODS,
    LabelSetResponse,
    WorkerResponse,
    consolidate_classes,
    consolidate_label_sets,
)

TEAM = ["ana", "ben", "cho", "dee", "eli"]
methods = pytest.mark.parametrize("method", METHODS)


@st.composite
def batches(draw):
    """(objects, workers, labels, n_classes): one answer per pair, every object answered."""
    n_classes = draw(st.integers(2, 6))
    of_one = st.dictionaries(st.integers(0, 4), st.integers(0, n_classes - 1), min_size=1)
    rows = draw(st.lists(of_one, min_size=1, max_size=12))
    answers = [(o, w, y) for o, given_ in enumerate(rows) for w, y in given_.items()]
    return (*np.array(answers).T, n_classes)


@methods
@given(batch=batches())
def test_posteriors_are_probabilities(method, batch):
    objects, workers, labels, n_classes = batch
    found = METHODS[method].estimate(objects, workers, labels, n_classes=n_classes)
    assert found.posteriors.shape == (objects.max() + 1, n_classes)
    assert np.allclose(found.posteriors.sum(axis=1), 1.0)
    assert (found.posteriors >= 0).all()
    seen = found.accuracy[np.unique(workers)]
    assert ((seen >= 0) & (seen <= 1 + 1e-9)).all()


@methods
@given(batch=batches(), seed=st.integers(0, 99))
def test_the_order_of_the_answers_changes_not_one_bit(method, batch, seed):  # A04
    objects, workers, labels, n_classes = batch
    order = np.random.default_rng(seed).permutation(len(objects))
    one, two = (
        METHODS[method].estimate(o, w, y, n_classes=n_classes).posteriors
        for o, w, y in (
            (objects, workers, labels),
            (objects[order], workers[order], labels[order]),
        )
    )
    assert np.array_equal(one, two)


@methods
@given(batch=batches(), seed=st.integers(0, 99))
def test_other_numbers_for_objects_workers_and_classes_give_the_same_answer(
    method, batch, seed
):  # A04
    # A few rounds: where answers mirror each other, maximum likelihood has nothing to choose
    # by, and after a hundred rounds the last bit decides. Names keep their numbers in a job.
    objects, workers, labels, n_classes = batch
    rng = np.random.default_rng(seed)
    o, w, y = (rng.permutation(n) for n in (objects.max() + 1, 5, n_classes))
    estimate = METHODS[method].estimate
    if "max_rounds" in signature(estimate).parameters:
        estimate = partial(estimate, max_rounds=5)
    before = estimate(objects, workers, labels, n_classes=n_classes).posteriors
    after = estimate(o[objects], w[workers], y[labels], n_classes=n_classes).posteriors
    assert np.allclose(after[o][:, y], before, atol=1e-6)


@methods
@given(
    labels=st.lists(st.integers(0, 3), min_size=2, max_size=15),
    workers=st.integers(2, 5),
)
def test_what_all_workers_say_of_every_object_is_the_label(method, labels, workers):
    answers = {
        str(i): [WorkerResponse(name, str(label)) for name in TEAM[:workers]]
        for i, label in enumerate(labels)
    }
    found = consolidate_classes(
        answers, categories=list("0123"), workers_per_object=workers, method=method
    )
    assert [int(c.label) for c in found.values()] == labels


@methods
@given(
    rows=st.lists(
        st.dictionaries(st.sampled_from(TEAM), st.sets(st.sampled_from("abcd")), min_size=1),
        max_size=8,
    ),
    workers=st.integers(1, 5),
)
def test_a_label_set_lists_exactly_what_anybody_chose(method, rows, workers):  # O03
    answers = {
        str(i): [LabelSetResponse(name, tuple(chosen)) for name, chosen in row.items()]
        for i, row in enumerate(rows)
    }
    found = consolidate_label_sets(
        answers, categories=list("abcd"), workers_per_object=workers, method=method
    )
    for i, row in enumerate(rows):
        assert found[str(i)].labels == tuple(sorted(set().union(*row.values())))
        assert all(0 <= c <= 1 for c in found[str(i)].confidences)
        assert workers > 1 or not any(found[str(i)].confidences)

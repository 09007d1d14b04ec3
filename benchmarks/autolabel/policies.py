"""Ways to label a pool, each played against people of a stated error; one `Outcome` each."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from gt_widgets.autolabel import AutoLabelConfig, ClassSight, advance, begin, certify, look, record
from gt_widgets.autolabel.learners import LinearLearner
from gt_widgets.autolabel.policy import point_estimate
from gt_widgets.autolabel.state import Decision

if TYPE_CHECKING:
    from collections.abc import Callable

    from worlds import World


@dataclass(frozen=True)
class Outcome:
    """Shares of all objects, but ``error``: wrong machine labels / machine labels."""

    auto: float
    error: float
    extra_votes: float
    cpu_s: float
    rounds: int


class People:
    """One label each, wrong with probability ``noise``; two more votes when asked again."""

    def __init__(self, y: np.ndarray, noise: float, seed: int) -> None:
        self.y, self.noise, self.k = y, noise, int(y.max()) + 1
        self.rng = np.random.default_rng([seed, 77])
        self.extra = 0

    def one(self, index: int) -> int:
        wrong = self.rng.random() < self.noise
        return int((self.y[index] + wrong * self.rng.integers(1, self.k)) % self.k)

    def answer(self, state):
        if state.pending.purpose != "adjudication":
            return record(state, {i: self.one(i) for i in state.waiting})
        found = {}
        for i in state.waiting:
            votes = [state.labels[i], self.one(i), self.one(i)]
            while np.bincount(votes).max() * 2 <= len(votes):
                votes.append(self.one(i))
            self.extra += len(votes) - 1
            found[i] = int(np.bincount(votes).argmax())
        return record(state, found)


def ours(world: World, seed: int, noise: float, *, known=0, **settings) -> Outcome:
    people, started = People(world.y, noise, seed), time.process_time()
    config = AutoLabelConfig(seed=seed, **settings)
    before = {i: int(world.y[i]) for i in range(known)}
    state = begin(len(world.y), people.k, config, known=before)
    sight = ClassSight(world.x, groups=world.groups)
    while not state.done:
        state = advance(people.answer(state), sight)
    labels = {i: label.class_id for i, label in state.machine.items()}
    return _outcome(world, labels, people.extra, started, len(state.history))


def naive(world: World, seed: int, noise: float, **_) -> Outcome:
    """Our loop with the threshold at the observed accuracy: no bound, no second votes."""

    def gate(seen, target):
        return point_estimate(seen.scores, seen.losses, seen.pool_scores, target)

    return _loop(world, seed, noise, gate, _lowest_margins)


def activeml(world: World, seed: int, noise: float, **_) -> Outcome:
    """scikit-activeml's margin sampling chooses; our gate, without second votes, promises."""
    from skactiveml.classifier import SklearnClassifier
    from skactiveml.pool import UncertaintySampling
    from sklearn.linear_model import LogisticRegression

    def gate(seen, target):
        return certify(seen.scores, seen.losses, seen.pool_scores, target=target)

    def choose(_state, seen, rows, size):
        k = int(world.y.max()) + 1
        model = SklearnClassifier(LogisticRegression(C=10, max_iter=300), classes=range(k))
        query = UncertaintySampling(method="margin_sampling", random_state=seed)
        y = np.full(len(world.y), np.nan)
        y[seen.labeled] = seen.classes
        return query.query(world.x, y, model, candidates=seen.pool[rows], batch_size=size)

    return _loop(world, seed, noise, gate, choose)


def _lowest_margins(_state, seen, rows, size):
    order = np.argsort(seen.pool_scores[rows], kind="stable")
    return seen.pool[rows[order[:size]]]


def _loop(world: World, seed: int, noise: float, gate: Callable, choose: Callable) -> Outcome:
    people, started = People(world.y, noise, seed), time.process_time()
    config = AutoLabelConfig(seed=seed)
    state = people.answer(begin(len(world.y), people.k, config))
    sight = ClassSight(world.x, groups=world.groups)
    best: dict[int, int] = {}
    stale = rounds = 0
    while stale < config.patience or not best:
        seen = look(state, sight)
        if seen is None:
            break
        rounds += 1
        line = gate(seen, config.target).threshold
        line = np.inf if line is None else line
        inside = seen.pool_scores >= line
        classes = seen.fit.pool.argmax(axis=1)
        fresh = {int(seen.pool[r]): int(classes[r]) for r in np.flatnonzero(inside)}
        kept = {i: c for i, c in best.items() if i not in state.labels}
        best, stale = (fresh, 0) if len(fresh) > len(kept) else (kept, stale + 1)
        rows = np.flatnonzero(~inside)
        if rows.size == 0:
            break
        picked = choose(state, seen, rows, min(config.batch_size(state.n), rows.size))
        asked = Decision("query", tuple(int(i) for i in picked))
        state = people.answer(
            replace(state, pending=asked, choice=seen.fit.choice, chosen_at=len(seen.labeled))
        )
    labels = {i: c for i, c in best.items() if i not in state.labels}
    return _outcome(world, labels, 0, started, rounds)


def documented(world: World, seed: int, noise: float, **_) -> Outcome:
    """The service's documented policy; a tenth of the objects per batch, a kind choice."""
    batch = max(len(world.y) // 10, 1)
    return ours(world, seed, noise, aws_policy=True, max_concurrent_tasks=batch)


def bring_your_own(world: World, seed: int, noise: float, **_) -> Outcome:
    """AWS's sample of a model of one's own: 20 % labeled, accept margin > 0.5, random batches."""
    people, started = People(world.y, noise, seed), time.process_time()
    rng = np.random.default_rng([seed, 55])
    order = [int(i) for i in rng.permutation(len(world.y))]
    cut = len(order) // 5
    labels = {i: people.one(i) for i in order[:cut]}
    left, machine, rounds = order[cut:], {}, 0
    while left:
        rounds += 1
        known = np.array(sorted(labels))
        given = np.array([labels[i] for i in known])
        model = LinearLearner(people.k).fit(world.x[known], given)
        p = model.predict(world.x[left])
        top = np.sort(p, axis=1)
        sure = top[:, -1] - top[:, -2] > 0.5
        machine.update({i: int(c) for i, c, s in zip(left, p.argmax(1), sure, strict=True) if s})
        left = [i for i, s in zip(left, sure, strict=True) if not s]
        asked, left = left[: len(order) // 10], left[len(order) // 10 :]
        labels.update({i: people.one(i) for i in asked})
    return _outcome(world, machine, 0, started, rounds)


def _outcome(world, labels, extra, started, rounds) -> Outcome:
    wrong = sum(world.y[i] != c for i, c in labels.items())
    n = len(world.y)
    cpu = time.process_time() - started
    return Outcome(len(labels) / n, wrong / max(len(labels), 1), extra / n, cpu, rounds)


def at_random(world: World, seed: int, noise: float, **_) -> Outcome:
    """Our gate and second votes; objects are chosen at random."""
    return ours(world, seed, noise, query="random")


POLICIES = {
    "ours": ours,
    "(a) random selection": at_random,
    "(b) naive threshold": naive,
    "(c) documented policy": documented,
    "(d) margin > 0.5": bring_your_own,
    "(e) scikit-activeml": activeml,
}

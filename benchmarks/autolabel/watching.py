"""A requester who watches the meter and stops at its best moment, and whether the promise holds.

The moment is chosen in hindsight, as no requester can: an upper bound of what watching may do.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import policies
import worlds

from gt_widgets.autolabel import AutoLabelConfig, ClassSight, advance, begin, certify, record

TARGET, DELTA = 0.05, 0.05
SIZE, LOOKS = 500, 5


def watched(seeds):
    """Print how often the best moment of a job breaks its promise, with all and half of delta."""
    print(f"\n### Watching the meter (points, {SIZE} objects, a world of its own per run)\n")
    print("| who ends the job | runs | labeled nothing | broken | machine labels |")
    print("| --- | --- | --- | --- | --- |", flush=True)
    rows = [_one(seed) for seed in range(3000, 3000 + seeds)]
    names = ("the loop", "its best moment, all of delta", "its best moment, half of delta")
    for place, name in enumerate(names):
        found = [row[place] for row in rows]
        machine = [share for share, _ in found]
        bad = sum(error > TARGET for _, error in found)
        print(
            f"| {name} | {len(found)} | {machine.count(0)} | {bad} | {np.mean(machine):.1%} |",
            flush=True,
        )


def _one(seed):
    world = worlds.points(SIZE, seed=seed)
    people = policies.People(world.y, 0.0, seed)
    sight = ClassSight(world.x, groups=world.groups)
    state = begin(SIZE, people.k, AutoLabelConfig(seed=seed))
    best = {1.0: (0, 0.0), 0.5: (0, 0.0)}
    while not state.done:
        answered = people.answer(state)
        if state.pending.purpose == "query":
            for moment in _moments(state, answered):
                best = {
                    share: max(found, _stopped(world, sight, moment, share))
                    for share, found in best.items()
                }
        state = advance(answered, sight)
    machine = {i: label.class_id for i, label in state.machine.items()}
    wrong = [world.y[i] != class_id for i, class_id in machine.items()]
    ended = (len(machine), float(np.mean(wrong)) if wrong else 0.0)
    return [(n / SIZE, error) for n, error in (ended, best[1.0], best[0.5])]


def _moments(state, answered):
    """The states a stop would find, as the answers of a batch come in."""
    asked = state.pending.objects
    for n in np.unique(np.linspace(1, len(asked), LOOKS).astype(int)):
        some = asked[:n]
        partly = replace(state, pending=replace(state.pending, objects=some))
        yield record(partly, {i: answered.labels[i] for i in some if i in answered.labels})


def _stopped(world, sight, state, share):
    """Objects by machine and their error, were the job stopped now."""
    seen = sight.look(state)
    if seen is None:
        return 0, 0.0
    found = certify(seen.scores, seen.losses, seen.pool_scores, target=TARGET, delta=share * DELTA)
    if found.threshold is None:
        return 0, 0.0
    inside = seen.pool_scores >= found.threshold
    wrong = seen.fit.pool[inside].argmax(axis=1) != world.y[seen.pool[inside]]
    return int(inside.sum()), float(wrong.mean())

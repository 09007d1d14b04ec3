"""A requester who watches the meter and stops at its best moment, and whether the promise holds.

The gate alone, as in ``run.gate``: worlds in which the scores are exact chances. Every look sees
them through a model that was fitted anew, so with other noise; the best of all looks is taken, in
hindsight, as no requester can: an upper bound of what watching may do.
"""

from __future__ import annotations

import numpy as np

from gt_widgets.autolabel import certify

TARGET, DELTA = 0.05, 0.05
SAMPLE, POOL, LOOKS = 200, 1_500, 20
SPREAD, REFIT = 1.5, 0.5


def watched(worlds_each=200):
    """Print how often one look, and the best of many, breaks its promise."""
    print(f"\n### Watching the meter ({worlds_each} worlds each, {LOOKS} looks)\n")
    print("| model | one look: broken | best look: broken | with half of delta | by machine |")
    print("| --- | --- | --- | --- | --- |")
    for sureness in (2.2, 3.3, 4.5):
        found = np.array([_world(sureness, number) for number in range(worlds_each)])
        broken = (found[:, 1::2] > TARGET).mean(axis=0)
        right = 1 - np.mean(1 / (1 + np.exp(np.random.default_rng(0).normal(sureness, 1.5, 10**5))))
        shares = " / ".join(f"{share:.0%}" for share in found[:, ::2].mean(axis=0))
        cells = " | ".join(f"{each:.1%}" for each in broken)
        print(f"| {right:.0%} right | {cells} | {shares} |", flush=True)


def _world(sureness, number):
    """Share by machine and its error: of the first look, of the best, of the best at half delta."""
    rng = np.random.default_rng([number, 11])
    logit = rng.normal(sureness, SPREAD, SAMPLE + POOL)
    losses = (rng.random(SAMPLE + POOL) < 1 / (1 + np.exp(logit))).astype(float)
    seen = [logit + rng.normal(0, REFIT, logit.size) for _ in range(LOOKS)]
    whole = [_stopped(scores, losses, DELTA) for scores in seen]
    half = [_stopped(scores, losses, DELTA / 2) for scores in seen]
    return [*whole[0], *max(whole), *max(half)]


def _stopped(scores, losses, delta):
    found = certify(scores[:SAMPLE], losses[:SAMPLE], scores[SAMPLE:], target=TARGET, delta=delta)
    if found.threshold is None:
        return 0.0, 0.0
    inside = losses[SAMPLE:][scores[SAMPLE:] >= found.threshold]
    return inside.size / POOL, float(inside.mean())

"""Named entity consolidation: cluster spans by overlap, take the usual boundary and label.

Layer: consolidation (pure functions; imports only ``errors``).

AWS documents the rule in words: selections cluster by Jaccard similarity, a boundary is the mode
or, if the mode is unclear, the median, and the label is the one most assigned (reference 7.1).
The numbers are ours and stand in ``docs/reference/consolidation.md``.
"""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from statistics import median_low
from typing import TYPE_CHECKING

import numpy as np

from gt_widgets.consolidation.grouping import candidate_pairs, group_by_support, nearest_few
from gt_widgets.consolidation.types import ConsolidatedEntities, Entity
from gt_widgets.errors import NoResponsesError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gt_widgets.consolidation.types import EntityResponse

__all__ = ["SAME_SPAN", "consolidate_entities"]

SAME_SPAN = 0.5
"""Two selections mean the same words from this Jaccard similarity of their characters on."""


def consolidate_entities(
    responses: Sequence[EntityResponse],
    *,
    min_votes: int | None = None,
) -> ConsolidatedEntities:
    """Consolidate the entities of one text.

    Whatever their labels, the selections that most other workers confirm gather the most
    similar selection (Jaccard >= 0.5) of each of them; a worker has one vote per cluster. A
    cluster stays when more than half of the workers are in it.

    Parameters
    ----------
    responses : sequence of EntityResponse, length >= 1
        Oldest first; a worker who answers twice counts once, with the newer answer. A worker
        who marked nothing counts among those asked. Empty spans are left out.
    min_votes : int >= 1, optional
        Votes that keep a cluster, in place of "more than half".

    Returns
    -------
    ConsolidatedEntities
        In reading order. Start and end are each the mode over the cluster, or the lower
        median where two values are equally frequent. The label is the one most assigned; a
        tie goes to the alphabetically first, so that a rerun writes the same manifest.
        ``confidence`` is ``0.05 + 0.9 * votes / workers`` over the workers who gave that
        label, 2 decimals. With a single worker: the entities as marked, confidence 0. The
        result does not depend on the order of the workers.

    Raises
    ------
    NoResponsesError
        If ``responses`` is empty.
    """
    if not responses:
        raise NoResponsesError("consolidate_entities needs at least one worker response")
    latest = {r.worker_id: r.entities for r in responses}
    if len(latest) == 1:
        (alone,) = latest.values()
        return ConsolidatedEntities(alone, (0.0,) * len(alone))
    enough = len(latest) // 2 + 1 if min_votes is None else min_votes
    kept = []
    for cluster in _clusters(latest.items()):
        if len(cluster) >= enough:
            entity, votes = _one_of(cluster)
            kept.append((entity, round(0.05 + 0.9 * votes / len(latest), 2)))
    if not any(_overlap(entities) for entities in latest.values()):
        kept = _apart(kept)
    kept.sort(key=lambda pair: (pair[0].start, pair[0].end, pair[0].label))
    return ConsolidatedEntities(tuple(e for e, _ in kept), tuple(c for _, c in kept))


def _clusters(answers: Iterable[tuple[str, tuple[Entity, ...]]]) -> list[list[Entity]]:
    drawn = sorted({(w, e) for w, entities in answers for e in entities if e.end > e.start})
    if not drawn:
        return []
    _, workers = np.unique([w for w, _ in drawn], return_inverse=True)
    start = np.array([float(e.start) for _, e in drawn])
    end = np.array([float(e.end) for _, e in drawn])
    found_pairs = []
    cells = np.zeros(len(drawn), dtype=np.intp)
    spans = np.column_stack([start, end])
    for one, two in candidate_pairs(cells, workers, spans, min_share=SAME_SPAN):
        shared = np.minimum(end[one], end[two]) - np.maximum(start[one], start[two])
        jaccard = shared / (np.maximum(end[one], end[two]) - np.minimum(start[one], start[two]))
        near = np.flatnonzero(jaccard >= SAME_SPAN)
        near = near[nearest_few(workers, one[near], two[near], jaccard[near])]
        found_pairs.append((one[near], two[near], jaccard[near]))
    one, two, jaccard = (np.concatenate(part) for part in zip(*found_pairs, strict=True))
    groups = group_by_support(workers, one, two, jaccard)
    found: dict[int, list[Entity]] = {}
    for (_, entity), group in zip(drawn, groups.tolist(), strict=True):
        found.setdefault(group, []).append(entity)
    return list(found.values())


def _one_of(cluster: list[Entity]) -> tuple[Entity, int]:
    """Give the entity of a cluster and the votes for its label."""
    labels = Counter(e.label for e in cluster)
    label = min(labels, key=lambda name: (-labels[name], name))
    start, end = _boundary([e.start for e in cluster]), _boundary([e.end for e in cluster])
    if start >= end:  # the usual start and the usual end come from selections side by side
        start, end = median_low(e.start for e in cluster), median_low(e.end for e in cluster)
    return Entity(label, start, end), labels[label]


def _boundary(offsets: list[int]) -> int:
    """Mode of the offsets, or their lower median where the mode is unclear (A07)."""
    (offset, times), *others = Counter(offsets).most_common(2)
    return median_low(offsets) if others and others[0][1] == times else offset


def _overlap(entities: Sequence[Entity]) -> bool:
    ordered = sorted(entities, key=lambda e: e.start)
    return any(a.end > b.start for a, b in pairwise(ordered))


def _apart(kept: list[tuple[Entity, float]]) -> list[tuple[Entity, float]]:
    """Cut entities back where they overlap, though no worker's own did; the surer one stays."""
    done: list[tuple[Entity, float]] = []
    for entity, confidence in sorted(kept, key=lambda pair: (-pair[1], pair[0].start, pair[0])):
        start, end = entity.start, entity.end
        for other, _ in done:
            if other.start <= start < other.end:
                start = other.end
            if other.start < end <= other.end:
                end = other.start
        if start < end and not _overlap([Entity("", start, end), *(e for e, _ in done)]):
            done.append((Entity(entity.label, start, end), confidence))
    return done

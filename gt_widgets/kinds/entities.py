"""Entities: labeled spans of a text.

Layer: kinds (imports ``consolidation``, ``schema``, ``simulation``). Reference sections 4.4 and
6.6. Offsets count Unicode code points, as Python's do; the end is exclusive.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from gt_widgets.consolidation import Entity, EntityResponse, consolidate_entities
from gt_widgets.errors import AnswerError
from gt_widgets.kinds.base import Kind, Labeled, check_label, number, pixel_count, shown
from gt_widgets.simulation import answer_entities

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping, Sequence

    from gt_widgets.kinds.base import Answered, JobFacts, Seen
    from gt_widgets.simulation import SimulatedWorker

__all__ = ["ENTITIES", "MAX_ENTITIES"]

MAX_ENTITIES = 10_000
"""Entities in one answer, at most (ours: AWS states none)."""


def _check(value: Mapping[str, Any], seen: Seen) -> dict[str, Any]:
    if seen.text is None:
        raise AnswerError("The text is not known, so entities cannot be checked.")
    entities = value.get("entities")
    if not isinstance(entities, list):
        raise AnswerError("entities must be a list; an empty one for nothing to label.")
    if len(entities) > MAX_ENTITIES:
        raise AnswerError(f"{len(entities)} entities in one answer; at most {MAX_ENTITIES}.")
    checked = [_entity(i, each, seen.labels, len(seen.text)) for i, each in enumerate(entities)]
    ordered = sorted(checked, key=lambda e: (e["startOffset"], e["endOffset"], e["label"]))
    for one, two in pairwise(ordered):
        if one == two:
            raise AnswerError(f"Entity {shown(one)} is marked twice.")
    return {"entities": ordered}


def _entity(index: int, entity: Any, labels: Sequence[str], length: int) -> dict[str, Any]:
    if not isinstance(entity, dict):
        raise AnswerError(f"Entity {index} must be an object with label, startOffset, endOffset.")
    start, end = (
        pixel_count(entity.get(name), f"Entity {index}: {name}")
        for name in ("startOffset", "endOffset")
    )
    if not 0 <= start < end <= length:
        raise AnswerError(
            f"Entity {index} from {shown(start)} to {shown(end)} does not lie inside the text of "
            f"{length} characters. Offsets count Unicode characters; the end is exclusive."
        )
    return {
        "label": check_label(entity.get("label"), labels),
        "startOffset": start,
        "endOffset": end,
    }


def _merge(job: JobFacts, batch: Sequence[Answered], _created: str) -> dict[int, Labeled]:
    return {found.object_id: _merged(job, found) for found in batch}


def _merged(job: JobFacts, found: Answered) -> Labeled:
    responses = [
        EntityResponse(
            answer.sub,
            tuple(
                Entity(e["label"], e["startOffset"], e["endOffset"])
                for e in answer.value["entities"]
            ),
        )
        for answer in found.answers
    ]
    merged = consolidate_entities(responses)
    entities = [
        {"label": entity.label, "startOffset": int(entity.start), "endOffset": int(entity.end)}
        for entity in merged.entities
    ]
    return Labeled(
        {"annotations": {"labels": job.categories.entries(), "entities": entities}},
        {"entities": [{"confidence": number(value)} for value in merged.confidences]},
    )


def _show(
    label: Any, _metadata: Mapping[str, Any], _seen: Seen, _data: bytes | None
) -> dict[str, Any]:
    return {"entities": list(label["annotations"]["entities"])}


def _names(label: Any, _metadata: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(e["label"]) for e in label["annotations"]["entities"]))


def _simulate(
    truth: Any, worker: SimulatedWorker, rng: random.Random, seen: Seen
) -> dict[str, Any]:
    known = [entity for entity in truth if entity["label"] in seen.labels]
    return answer_entities(
        known, worker=worker, rng=rng, text=seen.text or "", categories=seen.labels
    )


ENTITIES = Kind(
    "entities",
    check=_check,
    merge=_merge,
    show=_show,
    names=_names,
    simulate=_simulate,
    metadata_keys=("job-name", "type", "creation-date", "human-annotated", "entities"),
    answer='{"entities": [{"label": "company", "startOffset": 0, "endOffset": 4}]}',
    label='{"annotations": {"labels": [{"label": "company", "shortDisplayName": "com"}], '
    '"entities": [{"label": "company", "startOffset": 0, "endOffset": 4}]}}',
    truth="entities, each a mapping with `label`, `startOffset`, `endOffset`",
)

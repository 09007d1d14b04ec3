"""What simulated workers mark in a text.

Layer: simulation (imports only ``errors``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gt_widgets.simulation.boxes import check_true_label, seen_as, spurious

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping, Sequence

    from gt_widgets.simulation.workers import SimulatedWorker

__all__ = ["answer_entities"]

_LONGEST = 12
"""Characters of a span that is marked by mistake, at most."""


def answer_entities(
    truth: Sequence[Mapping[str, Any]],
    *,
    worker: SimulatedWorker,
    rng: random.Random,
    text: str,
    categories: Sequence[str],
) -> dict[str, Any]:
    """Answer one named entity task.

    Parameters
    ----------
    truth : sequence of mappings
        ``label, startOffset, endOffset``; offsets count code points, the end is exclusive.
    worker : SimulatedWorker
    rng : random.Random
        For example ``worker.rng(object_id)``.
    text : str
        What the worker reads.
    categories : sequence of str

    Returns
    -------
    dict
        ``{"entities": [{"label", "startOffset", "endOffset"}]}``, in reading order, none twice.

    Raises
    ------
    ValidationError
        If a true label is not one of the categories.
    """
    marked: set[tuple[int, int, str]] = set()
    for entity in truth:
        check_true_label(entity["label"], categories)
        label = seen_as(entity["label"], worker, categories, rng)
        start = max(0, int(entity["startOffset"]) - _slip(worker, rng))
        end = min(len(text), int(entity["endOffset"]) + _slip(worker, rng))
        if label is not None:
            marked.add((start, end, label))
    if spurious(worker, rng) and text:
        start = rng.randrange(len(text))
        end = min(len(text), start + rng.randint(1, _LONGEST))
        marked.add((start, end, rng.choice(list(categories))))
    return {
        "entities": [
            {"label": label, "startOffset": start, "endOffset": end}
            for start, end, label in sorted(marked)
        ]
    }


def _slip(worker: SimulatedWorker, rng: random.Random) -> int:
    """Take in the character beside the span, now and then."""
    return int(spurious(worker, rng))

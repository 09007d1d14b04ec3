"""Gold-standard objects: mixed into a manifest, found again in the answers, scored.

Layer: quality (pure functions; imports only ``errors`` and ``geometry``).

A gold object is one whose label an expert has settled. Workers cannot tell it from the others
(elsewhere it is called a honeypot).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from gt_widgets.errors import ValidationError
from gt_widgets.geometry import as_boxes, match_boxes
from gt_widgets.quality.intervals import CONFIDENCE, clopper_pearson

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping, Sequence

__all__ = ["SAME_BOX_IOU", "MixedManifest", "gold_answers", "is_right", "mix_gold", "score_gold"]

SAME_BOX_IOU = 0.5
"""A box answers a gold box of its label from this overlap on."""
_SIDES = ("left", "top", "width", "height")


@dataclass(frozen=True, slots=True)
class MixedManifest:
    """A manifest with gold objects in it.

    Parameters
    ----------
    lines : tuple of mappings
        Input manifest lines, gold ones among them, without any mark.
    gold : mapping of object_id to label
        ``object_id`` is the line's index as a string: keep it, the manifest does not tell.
    """

    lines: tuple[Mapping[str, Any], ...]
    gold: Mapping[str, Any]


def mix_gold(
    lines: Sequence[Mapping[str, Any]],
    gold: Sequence[tuple[Mapping[str, Any], Any]],
    *,
    rng: random.Random,
    share: float | None = None,
) -> MixedManifest:
    """Mix gold objects into a manifest at random places.

    Parameters
    ----------
    lines : sequence of mappings
        Lines of the input manifest.
    gold : sequence of (line, label)
        Objects with a settled label.
    rng : random.Random
    share : float in (0, 1), optional
        Gold objects among all lines; as many are drawn from ``gold``. All of them, unless given.

    Returns
    -------
    MixedManifest

    Raises
    ------
    ValidationError
        If ``gold`` is empty or too small for the share, or an object is listed twice.
    """
    wanted = len(gold)
    if share is not None:
        if not 0 < share < 1:
            raise ValidationError(f"share must lie between 0 and 1, as 0.05; found {share}")
        wanted = max(round(len(lines) * share / (1 - share)), 1)
    if not gold or wanted > len(gold):
        raise ValidationError(
            f"{max(wanted, 1)} gold objects are needed; found {len(gold)}. Give more, or a "
            "smaller share."
        )
    chosen = rng.sample(list(gold), wanted)
    sources = [line.get("source-ref", line.get("source")) for line in lines]
    sources += [line.get("source-ref", line.get("source")) for line, _ in chosen]
    twice = next((s for s in set(sources) if sources.count(s) > 1), None)
    if twice is not None:
        raise ValidationError(f"{twice!r} would be in the manifest twice; leave it out once.")
    mixed: list[tuple[Mapping[str, Any], tuple[Any] | None]] = [(line, None) for line in lines]
    for line, label in chosen:
        mixed.insert(rng.randint(0, len(mixed)), (line, (label,)))
    return MixedManifest(
        tuple(line for line, _ in mixed),
        {str(i): known[0] for i, (_, known) in enumerate(mixed) if known is not None},
    )


def is_right(answer: Mapping[Any, Any], truth: Any, *, min_iou: float = SAME_BOX_IOU) -> bool:
    """Whether an answer equals the settled label.

    Parameters
    ----------
    answer : mapping
        A row of `query.worker_frame`: ``label`` and ``boxes``.
    truth : str, collection of str, or sequence of boxes
        A class; the set of classes of a multi-label object; or all boxes of the picture,
        mappings with ``label, left, top, width, height``.
    min_iou : float in [0, 1]

    Returns
    -------
    bool
        For boxes: as many as there are, each on one of its label with that overlap.
    """
    label = answer.get("label")
    if isinstance(truth, str):
        return bool(label == truth)
    if label is not None or not all(isinstance(box, dict) for box in truth):
        return not isinstance(label, str | None) and set(label) == set(truth)
    boxes = answer.get("boxes") or []
    if len(boxes) != len(truth):
        return False
    return sum(_matched(boxes, truth, each, min_iou) for each in _labels(truth)) == len(truth)


def _labels(boxes: Sequence[Mapping[str, Any]]) -> set[str]:
    return {str(box["label"]) for box in boxes}


def _matched(
    boxes: Sequence[Mapping[str, Any]],
    truth: Sequence[Mapping[str, Any]],
    label: str,
    min_iou: float,
) -> int:
    found, wanted = (
        as_boxes(
            [
                tuple(box[side] for side in _SIDES)
                for box in side_boxes
                if box["label"] == label and box["width"] > 0 and box["height"] > 0
            ]
        )
        for side_boxes in (boxes, truth)
    )
    return len(match_boxes(found, wanted, min_iou=min_iou))


def gold_answers(workers: pd.DataFrame, gold: Mapping[str, Any]) -> pd.DataFrame:
    """List every answer to a gold object.

    Parameters
    ----------
    workers : pandas.DataFrame
        Of `query.worker_frame`.
    gold : mapping of object_id to settled label
        As `is_right` reads it.

    Returns
    -------
    pandas.DataFrame
        ``object_id, worker_id, label, truth, right``, in the order of ``workers``. Of a worker
        who answered an object twice, the last answer.
    """
    asked = workers[workers["object_id"].isin(set(gold))]
    asked = asked.drop_duplicates(["object_id", "worker_id"], keep="last")
    truths = [gold[object_id] for object_id in asked["object_id"]]
    right = [
        is_right(row, truth) for row, truth in zip(asked.to_dict("records"), truths, strict=True)
    ]
    found = asked[["object_id", "worker_id", "label"]].reset_index(drop=True)
    found["truth"] = pd.Series(truths, dtype="object")
    found["right"] = pd.Series(right, dtype="bool")
    return found


def score_gold(
    workers: pd.DataFrame,
    gold: Mapping[str, Any],
    *,
    required: float = 0.8,
    confidence: float = CONFIDENCE,
) -> pd.DataFrame:
    """Score workers on gold objects.

    Parameters
    ----------
    workers, gold
        As in `gold_answers`.
    required : float in [0, 1]
        Accuracy a worker should have.
    confidence : float in (0, 1)
        Of the intervals.

    Returns
    -------
    pandas.DataFrame
        Index ``worker_id``; ``answers``, ``right``, ``accuracy`` with ``low`` and ``high``
        (Clopper-Pearson), and ``verdict``: ``"below"`` if the whole interval lies below
        ``required``, ``"met"`` if it lies at or above it, else ``"open"``: too few answers to say.
        Worst first.
    """
    rows = []
    for worker_id, of in gold_answers(workers, gold).groupby("worker_id"):
        share = clopper_pearson(int(of["right"].sum()), len(of), confidence=confidence)
        verdict = "below" if share.high < required else "met" if share.low >= required else "open"
        rows.append(
            {
                "worker_id": worker_id,
                "answers": len(of),
                "right": int(of["right"].sum()),
                "accuracy": share.value,
                "low": share.low,
                "high": share.high,
                "verdict": verdict,
            }
        )
    columns = ["worker_id", "answers", "right", "accuracy", "low", "high", "verdict"]
    return pd.DataFrame(rows, columns=columns).set_index("worker_id").sort_values("accuracy")

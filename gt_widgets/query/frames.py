"""Questions about an output manifest and worker responses, answered as DataFrames.

Layer: query (pure functions; imports only ``geometry``). Reads what AWS writes and what its
guide prints where the two differ: class index ``0`` or ``"0"``, answers as objects or as JSON
strings, lines whose object failed or was never labeled.
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = [
    "boxes_frame",
    "label_counts",
    "manifest_frame",
    "object_row",
    "time_per_task",
    "worker_frame",
]

_SIDES = ("left", "top", "width", "height")
_MANIFEST_COLUMNS = [
    "object_id",
    "source",
    "status",
    "label",
    "labels",
    "n_boxes",
    "confidence",
    "human_annotated",
    "creation_date",
    "job_name",
    "failure_reason",
    "mask",
    "adjustment",
    "comments",
    "response_ref",
]
_DTYPES = {"n_boxes": "int64", "confidence": "float64", "time_spent_s": "float64"}
_BOX_COLUMNS = ["object_id", "source", "label", "class_id", *_SIDES, "confidence"]
_WORKER_COLUMNS = [
    "object_id",
    "worker_id",
    "label",
    "n_boxes",
    "boxes",
    "answer",
    "time_spent_s",
    "accepted_at",
    "submitted_at",
]


def manifest_frame(lines: Iterable[Mapping[str, Any]], label_attribute: str) -> pd.DataFrame:
    """One row per data object of an output manifest.

    Parameters
    ----------
    lines : iterable of mappings
        Parsed lines, in the order of the manifest.
    label_attribute : str
        The key the job wrote its label under.

    Returns
    -------
    pandas.DataFrame
        ``object_id`` is the line index as a string. ``status`` is ``"labeled"``, ``"failed"``
        or ``"unlabeled"``. ``label`` is the class of a single-label object, else None;
        ``labels`` a tuple of class names, one per box or chosen class. ``confidence`` in
        [0, 1] is the object's own or the mean over its boxes or classes, NaN when there are
        none. ``human_annotated`` is ``"yes"``, ``"no"`` or None. ``creation_date`` is a
        timestamp without zone, in UTC. ``job_name`` has no ``labeling-job/`` in front.
        ``mask`` is the location of a segmentation's PNG; ``adjustment`` is ``"adjusted"``,
        ``"unadjusted"`` or None; ``comments`` a tuple of what workers said in a verification;
        ``response_ref`` the worker responses of a job without consolidation.
    """
    rows = [object_row(i, line, label_attribute) for i, line in enumerate(lines)]
    frame = _frame(rows, _MANIFEST_COLUMNS)
    frame["creation_date"] = pd.to_datetime(frame["creation_date"], errors="coerce")
    return frame


def _frame(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> pd.DataFrame:
    """Build a frame in which a missing text is None, whatever the version of pandas infers."""
    return pd.DataFrame(
        {
            name: pd.Series([row[name] for row in rows], dtype=_DTYPES.get(name, "object"))
            for name in columns
        }
    )


def object_row(number: int, line: Mapping[str, Any], label_attribute: str) -> dict[str, Any]:
    """One row of `manifest_frame`."""
    metadata = line.get(f"{label_attribute}-metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    label = line.get(label_attribute)
    failure = metadata.get("failure-reason")
    row: dict[str, Any] = {
        "object_id": str(number),
        "source": _source(line),
        "status": "unlabeled" if failure is None else "failed",
        "label": None,
        "labels": (),
        "n_boxes": 0,
        "confidence": math.nan,
        "human_annotated": None,
        "creation_date": None,
        "job_name": None,
        "failure_reason": failure,
        "mask": None,
        "adjustment": None,
        "comments": (),
        "response_ref": None,
    }
    if label_attribute not in line:
        return row
    names, confidences = _names(label, metadata), _confidences(metadata)
    boxes = _annotations(label) if isinstance(label, dict) else []
    single = not isinstance(label, dict | list) and "internal-color-map" not in metadata
    human = metadata.get("human-annotated")
    return row | {
        "status": "labeled",
        "label": names[0] if single and names else None,
        "labels": tuple(names),
        "n_boxes": len(boxes),  # or entities
        "confidence": float(np.mean(confidences)) if confidences else math.nan,
        "human_annotated": human if human in {"yes", "no"} else None,
        "creation_date": metadata.get("creation-date", metadata.get("creation_date")),
        "job_name": _bare(metadata.get("job-name", metadata.get("job_name"))),
        "mask": label if isinstance(label, str) and "internal-color-map" in metadata else None,
        "adjustment": metadata.get("adjustment-status"),
        "comments": tuple(
            str(each["comment"])
            for each in metadata.get("worker-feedback", ())
            if isinstance(each, dict) and "comment" in each
        ),
        "response_ref": metadata.get("worker-response-ref"),
    }


def _source(line: Mapping[str, Any]) -> Any:
    return line.get("source-ref", line.get("source"))


def _bare(job_name: Any) -> str | None:
    return None if job_name is None else str(job_name).removeprefix("labeling-job/")


def _class_map(metadata: Mapping[str, Any]) -> dict[str, str]:
    found = metadata.get("class-map", metadata.get("class_map")) or {}
    return {str(class_id): str(name) for class_id, name in found.items()}


def _names(label: Any, metadata: Mapping[str, Any]) -> list[str]:
    """Class names of a label; a class without a name in the metadata shows its number."""
    names = _class_map(metadata)
    if isinstance(label, str) and "internal-color-map" in metadata:
        return _mask_classes(metadata)
    if isinstance(label, dict):
        boxes = _annotations(label)
        if boxes and "label" in boxes[0]:
            return [str(entity.get("label")) for entity in boxes]
        return [names.get(str(b.get("class_id")), str(b.get("class_id"))) for b in boxes]
    if isinstance(label, list):
        return [names.get(str(class_id), str(class_id)) for class_id in label]
    if label is None:
        return []
    return [str(metadata.get("class-name", names.get(str(label), label)))]


def _annotations(label: Mapping[str, Any]) -> list[Any]:
    """Boxes of a picture, or entities of a text."""
    found = label.get("annotations") or []
    found = (found.get("entities") or []) if isinstance(found, dict) else found
    return found if isinstance(found, list) else []


def _mask_classes(metadata: Mapping[str, Any]) -> list[str]:
    """Classes of a mask; the background is what is left, and no label."""
    entries = metadata["internal-color-map"].values()
    return [str(e["class-name"]) for e in entries if e.get("class-name") != "BACKGROUND"]


def _confidences(metadata: Mapping[str, Any]) -> list[float]:
    if "confidence" in metadata:
        return [float(metadata["confidence"])]
    for key in ("objects", "entities"):
        if key in metadata:
            return [float(each["confidence"]) for each in metadata[key] if "confidence" in each]
    if "internal-color-map" in metadata:
        entries = metadata["internal-color-map"].values()
        return [float(each["confidence"]) for each in entries if "confidence" in each]
    return [float(value) for value in (metadata.get("confidence-map") or {}).values()]


def boxes_frame(lines: Iterable[Mapping[str, Any]], label_attribute: str) -> pd.DataFrame:
    """One row per box of an output manifest.

    Takes the parameters of `manifest_frame`.

    Returns
    -------
    pandas.DataFrame
        ``object_id, source, label, class_id, left, top, width, height`` in image pixels and
        ``confidence`` in [0, 1], NaN if the manifest has none for that box.
    """
    rows = []
    for number, line in enumerate(lines):
        label = line.get(label_attribute)
        if not isinstance(label, dict) or not isinstance(label.get("annotations"), list):
            continue
        metadata = line.get(f"{label_attribute}-metadata") or {}
        objects = metadata.get("objects") or []
        names = _names(label, metadata)
        for i, (box, name) in enumerate(zip(label["annotations"], names, strict=True)):
            if "vertices" in box:
                continue  # a shape: see shapes_frame
            confidence = objects[i].get("confidence", math.nan) if i < len(objects) else math.nan
            row = {side: box[side] for side in _SIDES}
            row |= {"object_id": str(number), "source": _source(line), "label": name}
            row |= {"class_id": int(box["class_id"]), "confidence": float(confidence)}
            rows.append(row)
    return pd.DataFrame(rows, columns=_BOX_COLUMNS)


def label_counts(manifest: pd.DataFrame) -> pd.DataFrame:
    """How often each label was given, by whom.

    Parameters
    ----------
    manifest : pandas.DataFrame
        Of `manifest_frame`.

    Returns
    -------
    pandas.DataFrame
        Index ``label``; columns ``human``, ``machine``, ``total``; most frequent first, ties
        alphabetically. Boxes count one by one.
    """
    each = manifest[["labels", "human_annotated"]].explode("labels").dropna(subset=["labels"])
    by = each["human_annotated"].map({"yes": "human", "no": "machine"}).fillna("human")
    counts = pd.crosstab(each["labels"], by).reindex(columns=["human", "machine"], fill_value=0)
    counts["total"] = counts.sum(axis=1)
    counts.index.name, counts.columns.name = "label", None
    return counts.sort_index().sort_values("total", ascending=False, kind="stable")


def worker_frame(
    responses: Mapping[str, Mapping[str, Any]], *, names: Mapping[str, str] | None = None
) -> pd.DataFrame:
    """One row per worker and data object.

    Parameters
    ----------
    responses : mapping of object_id to worker response document
        Documents with ``answers`` as Ground Truth writes them, one per data object.
    names : mapping of str to str, optional
        A readable name per ``workerId`` or Cognito ``sub``; others show their ``workerId``.

    Returns
    -------
    pandas.DataFrame
        ``label`` is the chosen class or None; ``boxes`` a list of mappings with ``label,
        left, top, width, height``; ``answer`` all of what was given, as the crowd element has it;
        ``time_spent_s`` in seconds, NaN in old files;
        ``accepted_at`` and ``submitted_at`` aware timestamps, in UTC.
    """
    rows = [
        _answer_row(str(object_id), answer, names or {})
        for object_id, document in responses.items()
        for answer in document.get("answers", ())
    ]
    frame = _frame(rows, _WORKER_COLUMNS)
    for column in ("accepted_at", "submitted_at"):
        frame[column] = pd.to_datetime(frame[column], errors="coerce", utc=True, format="ISO8601")
    return frame


def _answer_row(
    object_id: str, answer: Mapping[str, Any], names: Mapping[str, str]
) -> dict[str, Any]:
    content = answer.get("answerContent") or {}
    content = json.loads(content) if isinstance(content, str) else content
    parts = [part for part in content.values() if isinstance(part, dict)]
    boxes: list[Any] = next((p["boundingBoxes"] for p in parts if "boundingBoxes" in p), [])
    label = next((p["label"] for p in parts if isinstance(p.get("label"), str)), None)
    identity = (answer.get("workerMetadata") or {}).get("identityData") or {}
    worker_id = str(answer.get("workerId", ""))
    return {
        "object_id": object_id,
        "worker_id": names.get(worker_id, names.get(identity.get("sub", ""), worker_id)),
        "label": label,
        "n_boxes": len(boxes),
        "boxes": list(boxes),
        "answer": parts[0] if parts else {},
        "time_spent_s": float(answer.get("timeSpentInSeconds", math.nan)),
        "accepted_at": answer.get("acceptanceTime"),
        "submitted_at": answer.get("submissionTime"),
    }


def time_per_task(workers: pd.DataFrame) -> pd.DataFrame:
    """How long tasks took, worker by worker.

    Parameters
    ----------
    workers : pandas.DataFrame
        Of `worker_frame`.

    Returns
    -------
    pandas.DataFrame
        Index ``worker_id``; columns ``tasks`` and the ``mean_s``, ``median_s`` and
        ``total_s`` of the active time in seconds.
    """
    times = workers.groupby("worker_id")["time_spent_s"]
    return pd.DataFrame(
        {
            "tasks": times.size(),
            "mean_s": times.mean(),
            "median_s": times.median(),
            "total_s": times.sum(),
        }
    )

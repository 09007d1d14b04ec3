"""Many output manifests as one table: filters, and joins of chained jobs.

Layer: query. A line can carry the labels of several jobs, so a row is one label attribute of one
line; a line without any label has one row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from gt_widgets.errors import ValidationError
from gt_widgets.query.frames import object_row

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["filter_objects", "join_attributes", "label_attributes", "objects_frame"]

_METADATA = "-metadata"
_COLUMNS = {
    "manifest": "object",
    "label_attribute": "object",
    "type": "object",
    "object_id": "object",
    "source": "object",
    "status": "object",
    "label": "object",
    "labels": "object",
    "n_boxes": "int64",
    "confidence": "float64",
    "human_annotated": "object",
    "creation_date": "object",
    "job_name": "object",
    "failure_reason": "object",
}
_BY = {"human": "yes", "machine": "no"}


def label_attributes(line: Mapping[str, Any]) -> list[str]:
    """Name the label attributes of a manifest line, in its order; those that failed too."""
    found = [key.removesuffix(_METADATA) for key in line if key.endswith(_METADATA)]
    return [
        name
        for name in found
        if name in line or "failure-reason" in _metadata(line, name)
        if name not in {"", "source", "source-ref"}
    ]


def _metadata(line: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    metadata = line.get(name + _METADATA)
    return metadata if isinstance(metadata, dict) else {}


def objects_frame(manifests: Mapping[str, Iterable[Mapping[str, Any]]]) -> pd.DataFrame:
    """One row per label attribute of each line of one or many manifests.

    Parameters
    ----------
    manifests : mapping of location to parsed lines

    Returns
    -------
    pandas.DataFrame
        The columns of `manifest_frame`, and ``manifest``, ``label_attribute`` and ``type``, the
        last part of the metadata's type such as ``"object-detection"``. A line without labels
        has one row of status ``"unlabeled"``. ``creation_date`` is a timestamp without zone,
        in UTC.
    """
    rows = [
        {"manifest": uri, **row}
        for uri, lines in manifests.items()
        for number, line in enumerate(lines)
        for row in _rows(number, line)
    ]
    columns = {
        name: pd.Series([row[name] for row in rows], dtype=dtype)
        for name, dtype in _COLUMNS.items()
    }
    frame = pd.DataFrame(columns)
    frame["creation_date"] = pd.to_datetime(
        frame["creation_date"], errors="coerce", format="ISO8601"
    )
    return frame


def _rows(number: int, line: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
    names = label_attributes(line)
    for name in names:
        kind = _metadata(line, name).get("type")
        kind = kind.rsplit("/", 1)[-1] if isinstance(kind, str) else None
        yield {"label_attribute": name, "type": kind, **object_row(number, line, name)}
    if not names:
        yield {"label_attribute": None, "type": None, **object_row(number, line, "")}


def filter_objects(
    objects: pd.DataFrame,
    *,
    label: str | Iterable[str] | None = None,
    min_confidence: float | None = None,
    max_confidence: float | None = None,
    by: str | None = None,
    since: Any = None,
    until: Any = None,
    job: str | None = None,
    label_attribute: str | None = None,
    status: str | None = None,
    worker: str | None = None,
    responses: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Keep the rows that match everything that is asked for.

    Parameters
    ----------
    objects : pandas.DataFrame
        Of `objects_frame` or `manifest_frame`.
    label : str or iterable of str, optional
        At least one of these classes was given.
    min_confidence, max_confidence : float in [0, 1], optional
        Both included; an object without a confidence matches neither.
    by : {"human", "machine"}, optional
    since, until : str, date or timestamp, optional
        Of the creation date; ``since`` included, ``until`` not. Without a zone they are UTC.
    job, label_attribute, status : str, optional
    worker : str, optional
        Objects this worker answered; needs ``responses``, a `worker_frame`, with a column
        ``job_name`` if ``objects`` are of several jobs.

    Raises
    ------
    ValidationError
        If ``by`` is neither, or ``worker`` is given without ``responses``.
    """
    equal: dict[str, str | None] = {
        "job_name": job,
        "label_attribute": label_attribute,
        "status": status,
    }
    if by is not None:
        if by not in _BY:
            raise ValidationError(f"by must be 'human' or 'machine', not {by!r}.")
        equal["human_annotated"] = _BY[by]
    keep = _between(objects["confidence"], min_confidence, max_confidence)
    keep &= _in_time(objects["creation_date"], since, until)
    for column, value in equal.items():
        if value is not None:
            keep &= objects[column] == value
    if label is not None:
        wanted = {label} if isinstance(label, str) else set(label)
        keep &= objects["labels"].map(lambda names: not wanted.isdisjoint(names)).astype(bool)
    if worker is not None:
        keep &= _answered_by(objects, worker, responses)
    return objects[keep]


def _between(values: pd.Series[float], least: float | None, most: float | None) -> pd.Series[bool]:
    keep = pd.Series(data=True, index=values.index)
    if least is not None:
        keep &= values >= least
    if most is not None:
        keep &= values <= most
    return keep


def _in_time(dates: pd.Series[Any], since: Any, until: Any) -> pd.Series[bool]:
    keep = pd.Series(data=True, index=dates.index)
    if since is not None:
        keep &= dates >= _utc(since)
    if until is not None:
        keep &= dates < _utc(until)
    return keep


def _utc(when: Any) -> pd.Timestamp:
    stamp = pd.Timestamp(when)
    return stamp if stamp.tzinfo is None else stamp.tz_convert("UTC").tz_localize(None)


def _answered_by(
    objects: pd.DataFrame, worker: str, responses: pd.DataFrame | None
) -> pd.Series[bool]:
    if responses is None:
        raise ValidationError("worker= needs responses=, a table of worker_frame.")
    own = responses[responses["worker_id"] == worker]
    keys = ["job_name", "object_id"] if "job_name" in own else ["object_id"]
    known = set(own[keys].itertuples(index=False, name=None))
    found = [row in known for row in objects[keys].itertuples(index=False, name=None)]
    return pd.Series(found, index=objects.index, dtype=bool)


def join_attributes(objects: pd.DataFrame, *, on: str = "source") -> pd.DataFrame:
    """One row per data object, with the labels of all jobs side by side.

    Of several labels under one attribute, as when a chained job's manifest repeats those of
    the job before, the newest counts.

    Parameters
    ----------
    objects : pandas.DataFrame
        Of `objects_frame`.
    on : {"source", "line"}
        What makes two lines the same object: its source, or its place in the manifest.

    Returns
    -------
    pandas.DataFrame
        Index source or object_id, in order of appearance. Per label attribute the columns
        ``<attribute>`` (the class, or the tuple of classes), ``<attribute>.confidence`` and
        ``<attribute>.human_annotated``.
    """
    keys = {"source": "source", "line": "object_id"}
    if on not in keys:
        raise ValidationError(f"on must be 'source' or 'line', not {on!r}.")
    key = keys[on]
    labeled = objects[objects["status"] == "labeled"]
    newest = labeled.sort_values("creation_date", kind="stable", na_position="first")
    newest = newest.drop_duplicates([key, "label_attribute"], keep="last").set_index(key)
    joined = pd.DataFrame(index=pd.Index(objects[key].unique(), name=key))
    for name in labeled["label_attribute"].unique():
        own = newest[newest["label_attribute"] == name]
        shown = own["label"].where(own["label"].notna(), own["labels"])
        joined[name] = shown
        joined[f"{name}.confidence"] = own["confidence"]
        joined[f"{name}.human_annotated"] = own["human_annotated"]
    return joined

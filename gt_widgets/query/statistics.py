"""Statistics of labels, boxes and jobs.

Layer: query.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Hashable

__all__ = ["box_statistics", "job_statistics", "label_statistics"]


def label_statistics(objects: pd.DataFrame) -> pd.DataFrame:
    """How often each label was given, and how surely.

    Parameters
    ----------
    objects : pandas.DataFrame
        Of `objects_frame` or `manifest_frame`.

    Returns
    -------
    pandas.DataFrame
        Index ``label``, most frequent first, ties alphabetically. ``objects`` that have it,
        ``labels`` given (several boxes of one class count each), ``share`` of all labels,
        ``mean_confidence`` of the objects, ``human`` and ``machine`` objects.
    """
    columns = ["labels", "confidence", "human_annotated"]
    each = objects[columns].explode("labels").dropna(subset=["labels"])
    once = each.reset_index().drop_duplicates(["index", "labels"]).groupby("labels")
    counts = each.groupby("labels").size()
    table = pd.DataFrame(
        {
            "objects": once.size(),
            "labels": counts,
            "share": counts / max(int(counts.sum()), 1),
            "mean_confidence": once["confidence"].mean(),
            "human": once["human_annotated"].agg(lambda c: int((c == "yes").sum())),
            "machine": once["human_annotated"].agg(lambda c: int((c == "no").sum())),
        }
    )
    table.index.name = "label"
    return table.sort_index().sort_values("labels", ascending=False, kind="stable")


def box_statistics(boxes: pd.DataFrame) -> pd.DataFrame:
    """Sizes of boxes, label by label.

    Parameters
    ----------
    boxes : pandas.DataFrame
        Of `boxes_frame`.

    Returns
    -------
    pandas.DataFrame
        Index ``label``; ``boxes``, ``per_object`` over the objects that have the label, and
        medians of ``width``, ``height`` in pixels, ``area`` in square pixels and ``aspect``, width
        over height.
    """
    found = boxes.assign(
        area=boxes["width"] * boxes["height"], aspect=boxes["width"] / boxes["height"]
    )
    by = found.groupby("label")
    table = pd.DataFrame({"boxes": by.size(), "per_object": by.size() / by["object_id"].nunique()})
    for column in ("width", "height", "area", "aspect"):
        table[column] = by[column].median()
    return table


def job_statistics(objects: pd.DataFrame) -> pd.DataFrame:
    """What each job labeled.

    Parameters
    ----------
    objects : pandas.DataFrame
        Of `objects_frame`.

    Returns
    -------
    pandas.DataFrame
        Index ``manifest`` and ``label_attribute``; ``labeled``, ``failed`` and ``empty`` (labeled,
        and nothing was on it) objects, ``human`` and ``machine`` ones, ``mean_confidence``, and
        ``first`` and ``last`` creation date.
    """
    keys: list[Hashable] = ["manifest", "label_attribute"]
    by = objects.assign(
        is_labeled=objects["status"] == "labeled",
        is_failed=objects["status"] == "failed",
        is_empty=(objects["status"] == "labeled") & (objects["labels"].map(len) == 0),
        is_human=objects["human_annotated"] == "yes",
        is_machine=objects["human_annotated"] == "no",
    ).groupby(keys)
    names = ("labeled", "failed", "empty", "human", "machine")
    table = pd.DataFrame({name: by[f"is_{name}"].sum() for name in names})
    table["mean_confidence"] = by["confidence"].mean()
    table["first"], table["last"] = by["creation_date"].min(), by["creation_date"].max()
    return table

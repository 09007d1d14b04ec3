"""Audits: a random sample of machine labels goes before people, who say which are wrong.

Layer: controller (functions on the tables of `gt_widgets.query`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gt_widgets.autolabel.report import audit_of
from gt_widgets.errors import ValidationError
from gt_widgets.schema.arns import s3_parts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd

    from gt_widgets.autolabel.report import Audit

__all__ = [
    "PER_PAGE",
    "AuditPage",
    "audit_pages",
    "machine_sample",
    "verdicts",
    "write_sample",
]

PER_PAGE = 25
"""Objects on one page: as many as can be taken in at one look."""


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Objects to which the machine gave one and the same class, by object id."""

    label: str
    object_ids: tuple[str, ...]


def machine_sample(manifest: pd.DataFrame, count: int, *, seed: int) -> pd.DataFrame:
    """Draw from what the machine labeled, every object with the same chance.

    Parameters
    ----------
    manifest : pandas.DataFrame
        Of `gt_widgets.query.manifest_frame`.
    count : int >= 1
        Fewer come back if there are no more.
    seed : int
        The same seed draws the same objects.

    Raises
    ------
    ValidationError
        If the machine labeled nothing, or ``count`` is not positive.
    """
    if count < 1:
        raise ValidationError(f"count: expected at least 1 object to look at; found {count}")
    machine = manifest[(manifest["status"] == "labeled") & (manifest["human_annotated"] == "no")]
    if machine.empty:
        raise ValidationError(
            f"none of the {len(manifest)} data objects was labeled by a machine, so there is "
            "nothing to audit. Jobs label by machine with automated=True."
        )
    drawn = np.random.default_rng(seed).permutation(len(machine))[:count]
    return machine.iloc[np.sort(drawn)]


def audit_pages(sample: pd.DataFrame) -> tuple[AuditPage, ...]:
    """Lay a sample out in pages of one class each, where what differs catches the eye.

    Pictures with boxes or masks, which have no one class, follow each other under the label ``""``.
    """
    by_label: dict[str, list[str]] = {}
    for object_id, label in zip(sample["object_id"], sample["label"], strict=True):
        by_label.setdefault(label or "", []).append(str(object_id))
    return tuple(
        AuditPage(label, tuple(by_label[label][start : start + PER_PAGE]))
        for label in sorted(by_label)
        for start in range(0, len(by_label[label]), PER_PAGE)
    )


def write_sample(s3: Any, manifest_uri: str, name: str, lines: Iterable[Mapping[str, Any]]) -> str:
    """Write lines of an output manifest beside it, as the input of a verification job.

    Returns
    -------
    str
        ``s3://<bucket>/<job>/manifests/audit/<name>.manifest``.
    """
    bucket, key = s3_parts(manifest_uri)
    key = f"{key.removesuffix('output/output.manifest')}audit/{name}.manifest"
    body = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    s3.put_object(Bucket=bucket, Key=key, Body=body.encode())
    return f"s3://{bucket}/{key}"


def verdicts(manifest: pd.DataFrame, *, right: str) -> Audit:
    """Sum up a finished verification job of machine labels.

    Parameters
    ----------
    manifest : pandas.DataFrame
        Of the verification job.
    right : str
        The verdict that means right.

    Raises
    ------
    ValidationError
        If no object has a verdict.
    """
    given = manifest.loc[manifest["status"] == "labeled", "label"].dropna()
    if given.empty:
        raise ValidationError(
            "no object has a verdict: expected the output manifest of a finished verification job"
        )
    return audit_of(len(given), int((given != right).sum()))

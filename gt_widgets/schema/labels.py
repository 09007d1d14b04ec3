"""Label category configuration files.

Layer: schema. Reference section 3.
"""

from __future__ import annotations

import json
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gt_widgets.errors import LabelCategoryError
from gt_widgets.schema.limits import LABEL_LENGTH

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gt_widgets.schema.tasks import TaskType

__all__ = [
    "LabelCategories",
    "categories_from_json",
    "categories_to_json",
    "check_labels",
    "label_file",
    "parse_label_file",
]

DOCUMENT_VERSION = "2018-11-28"


@dataclass(frozen=True, slots=True)
class LabelCategories:
    """The classes a worker can choose, in ``class_id`` order, and what else the file says.

    Attributes
    ----------
    labels : tuple of str
    short_instruction, full_instruction : str
    short_names : mapping of label to shortDisplayName
        Of those labels that have one (named entities).
    earlier_attribute : str
        ``auditLabelAttributeName``: the manifest key of the label to verify or adjust.
    """

    labels: tuple[str, ...]
    short_instruction: str = ""
    full_instruction: str = ""
    short_names: Mapping[str, str] = field(default_factory=dict)
    earlier_attribute: str = ""

    def class_id(self, label: str) -> int:
        """Zero-based position of ``label`` in the file (L02); ValueError if it is not there."""
        return self.labels.index(label)

    def entries(self) -> list[dict[str, str]]:
        """Labels as the file lists them: ``{"label"[, "shortDisplayName"]}``."""
        return [
            {"label": label}
            | ({"shortDisplayName": self.short_names[label]} if label in self.short_names else {})
            for label in self.labels
        ]


def categories_to_json(categories: LabelCategories) -> str:
    """Write what workers choose from as the store keeps it; instructions are kept beside it."""
    return json.dumps(
        {
            "labels": categories.labels,
            "short_names": dict(categories.short_names),
            "earlier_attribute": categories.earlier_attribute,
        }
    )


def categories_from_json(stored: str, short: str, full: str) -> LabelCategories:
    """Read what ``categories_to_json`` wrote; stores of version 0.1 hold the labels alone."""
    found = json.loads(stored)
    if isinstance(found, list):
        return LabelCategories(tuple(found), short, full)
    return LabelCategories(
        tuple(found["labels"]), short, full, found["short_names"], found["earlier_attribute"]
    )


def label_file(
    labels: Sequence[str],
    *,
    short_names: Mapping[str, str] | None = None,
    instructions: tuple[str, str] | None = None,
    earlier_attribute: str = "",
) -> bytes:
    """Write a label category file as AWS's console does.

    Parameters
    ----------
    labels : sequence of str
    short_names : mapping of label to str, optional
        ``shortDisplayName`` of named entities.
    instructions : (short, full), optional
        HTML; AWS's page for named entities needs both.
    earlier_attribute : str
        The key of the label to verify or adjust, if it is such a job.
    """
    listed = LabelCategories(tuple(labels), short_names=short_names or {}).entries()
    document: dict[str, Any] = {"document-version": DOCUMENT_VERSION, "labels": listed}
    if instructions:
        names = ("shortInstruction", "fullInstruction")
        document["instructions"] = dict(zip(names, instructions, strict=True))
    if earlier_attribute:
        document["auditLabelAttributeName"] = earlier_attribute
    return json.dumps(document, ensure_ascii=False, indent=1).encode()


def parse_label_file(
    uri: str, data: bytes, task_type: TaskType, *, needs_instructions: bool = False
) -> LabelCategories:
    """Read a label category file and check it against its task type.

    Parameters
    ----------
    uri : str
        Where it lies, for messages.
    data : bytes
        UTF-8 JSON. ``document-version`` may be missing (L01).
    task_type : TaskType
        Gives the smallest and largest number of labels.
    needs_instructions : bool
        Whether workers see AWS's own page, which takes its instructions from here (3.2).

    Raises
    ------
    LabelCategoryError
        If it is not such a file, or labels repeat, are too long, too few or too many.
    """
    document = _document(uri, data)
    labels = tuple(_label(uri, entry) for entry in document["labels"])
    check_labels(uri, labels, task_type)
    _check_members(uri, document)
    found = document.get("instructions")
    instructions: dict[str, Any] = found if isinstance(found, dict) else {}
    short, full = (
        str(instructions.get(name, "")) for name in ("shortInstruction", "fullInstruction")
    )
    if needs_instructions and not (short and full):
        raise LabelCategoryError(
            f"{uri}: a job with HumanTaskUiArn takes its instructions from this file. Add "
            '"instructions": {"shortInstruction": "...", "fullInstruction": "..."}.'
        )
    return LabelCategories(
        labels,
        short,
        full,
        {
            label: entry["shortDisplayName"]
            for label, entry in zip(labels, document["labels"], strict=True)
            if isinstance(entry.get("shortDisplayName"), str)
        },
        str(document.get("auditLabelAttributeName", "")),
    )


def _document(uri: str, data: bytes) -> dict[str, Any]:
    """Read the JSON of a label file as far as its list of labels."""
    expected = 'expected {"labels": [{"label": "..."}, ...]}'
    try:
        found = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise LabelCategoryError(f"{uri}: {expected}; it is not JSON ({error}).") from error
    listed = found.get("labels") if isinstance(found, dict) else None
    if not isinstance(listed, list):
        what = f"the keys {list(found)[:5]}" if isinstance(found, dict) else "no object"
        what = "labels that are no list" if listed is not None else what
        raise LabelCategoryError(f"{uri}: {expected}; found {what}.")
    for number, entry in enumerate(listed, 1):
        if not isinstance(entry, dict) or "label" not in entry:
            shown = json.dumps(entry)[:60] if isinstance(entry, str) else "not such an object"
            raise LabelCategoryError(f"{uri}: {expected}; label {number} is {shown}.")
    return {**found, "labels": listed}


def _check_members(uri: str, document: dict[str, Any]) -> None:
    """L05: attributes of frames and cuboids are asked for nowhere here."""
    names = ("frameAttributes", "categoryGlobalAttributes", "annotationType")
    found = [name for name in names if name in document]
    found += [
        "labels[].categoryAttributes"
        for entry in document["labels"]
        if "categoryAttributes" in entry
    ][:1]
    if found:
        raise LabelCategoryError(
            f"{uri}: {', '.join(found)} belong to video and 3D jobs, which are not run here. "
            "Leave them out for images and texts."
        )


def _label(uri: str, entry: Any) -> str:
    label = entry["label"]
    if not isinstance(label, str) or not label.strip():
        raise LabelCategoryError(f"{uri}: a label must be a text that is not empty, not {label!r}.")
    try:
        label.encode()
    except UnicodeEncodeError as error:
        raise LabelCategoryError(
            f"{uri}: label {label[:40]!r} holds half of a surrogate pair, which is no character. "
            "Save the file as UTF-8."
        ) from error
    if len(label) > LABEL_LENGTH:
        raise LabelCategoryError(
            f"{uri}: label {label[:40]!r}... has {len(label)} characters; at most {LABEL_LENGTH}."
        )
    return label


def check_labels(uri: str, labels: Sequence[str], task_type: TaskType) -> None:
    """Check that labels differ and that a task type takes so many.

    Raises
    ------
    LabelCategoryError
        If they repeat (compared in Unicode's composed form), or are too few or too many.
    """
    seen: dict[str, str] = {}
    for label in labels:
        key = unicodedata.normalize("NFC", label)
        if key in seen:
            raise LabelCategoryError(f"{uri}: label {label!r} stands there twice. Remove one.")
        seen[key] = label
    if len(labels) < task_type.min_labels:
        raise LabelCategoryError(
            f"{uri}: {len(labels)} label(s); {task_type.name} jobs need at least "
            f"{task_type.min_labels}."
        )
    if task_type.max_labels and len(labels) > task_type.max_labels:
        raise LabelCategoryError(
            f"{uri}: {len(labels)} labels; {task_type.name} jobs take at most "
            f"{task_type.max_labels}."
        )

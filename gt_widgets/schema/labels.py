"""Label category configuration files.

Layer: schema. Reference section 3.
"""

from __future__ import annotations

import json
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gt_widgets.errors import LabelCategoryError
from gt_widgets.schema.limits import LABEL_LENGTH

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gt_widgets.schema.tasks import TaskType

__all__ = ["LabelCategories", "label_file", "parse_label_file"]

DOCUMENT_VERSION = "2018-11-28"


@dataclass(frozen=True, slots=True)
class LabelCategories:
    """The classes a worker can choose, in ``class_id`` order, and the instructions if given."""

    labels: tuple[str, ...]
    short_instruction: str = ""
    full_instruction: str = ""

    def class_id(self, label: str) -> int:
        """Zero-based position of ``label`` in the file (L02); ValueError if it is not there."""
        return self.labels.index(label)


def label_file(labels: Sequence[str]) -> bytes:
    """Write a label category file as AWS's console does."""
    document = {
        "document-version": DOCUMENT_VERSION,
        "labels": [{"label": label} for label in labels],
    }
    return json.dumps(document, ensure_ascii=False, indent=1).encode()


def parse_label_file(uri: str, data: bytes, task_type: TaskType) -> LabelCategories:
    """Read a label category file and check it against its task type.

    Parameters
    ----------
    uri : str
        Where it lies, for messages.
    data : bytes
        UTF-8 JSON. ``document-version`` may be missing (L01).
    task_type : TaskType
        Gives the smallest and largest number of labels.

    Raises
    ------
    LabelCategoryError
        If it is not such a file, or labels repeat, are too long, too few or too many.
    """
    try:
        document = json.loads(data)
        labels = tuple(_label(uri, entry) for entry in document["labels"])
    except LabelCategoryError:
        raise
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise LabelCategoryError(
            f'{uri}: expected {{"labels": [{{"label": "..."}}, ...]}}; {error!r}.'
        ) from error
    _check(uri, labels, task_type)
    found = document.get("instructions")
    instructions: dict[str, Any] = found if isinstance(found, dict) else {}
    return LabelCategories(
        labels,
        str(instructions.get("shortInstruction", "")),
        str(instructions.get("fullInstruction", "")),
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


def _check(uri: str, labels: tuple[str, ...], task_type: TaskType) -> None:
    seen: dict[str, str] = {}
    for label in labels:
        key = unicodedata.normalize("NFC", label)
        if key in seen:
            raise LabelCategoryError(f"{uri}: label {label!r} stands there twice. Remove one.")
        seen[key] = label
    if len(labels) < task_type.min_labels:
        raise LabelCategoryError(
            f"{uri}: {len(labels)} label(s); a {task_type.name} job needs at least "
            f"{task_type.min_labels}."
        )
    if task_type.max_labels and len(labels) > task_type.max_labels:
        raise LabelCategoryError(
            f"{uri}: {len(labels)} labels; a {task_type.name} job takes at most "
            f"{task_type.max_labels}."
        )

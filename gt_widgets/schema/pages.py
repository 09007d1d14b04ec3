"""What a worker task template tells of its job without being rendered.

Layer: schema. A custom job may have no label file: its labels then stand in the element (4.4). A
verification or adjustment names the earlier label's key in its template (4.6).
"""

from __future__ import annotations

import ast
import html
import json
import re
from typing import TYPE_CHECKING, Any

from gt_widgets.errors import ValidationError
from gt_widgets.schema.labels import LabelCategories, check_labels

if TYPE_CHECKING:
    from gt_widgets.schema.tasks import TaskType

__all__ = ["earlier_attribute_of", "labels_of_template"]

_OPENING = r"<{tag}(?=[\s>])([^>\"']|\"[^\"]*\"|'[^']*')*>"
_LABELS = re.compile(r"""\b(?:labels|categories)\s*=\s*("[^"]*"|'[^']*')""")
_MANIFEST_KEY = re.compile(r"task\.input\.manifestLine(?:\.([\w-]+)|\[\s*['\"]([^'\"]+)['\"]\s*\])")


def labels_of_template(uri: str, template: str, task_type: TaskType) -> LabelCategories:
    """Read the labels that an element lists itself, for jobs without a label file.

    Raises
    ------
    ValidationError
        If it lists none, or takes them from ``task.input.labels``.
    """
    opening = re.search(_OPENING.format(tag=re.escape(task_type.tag)), template)
    found = _LABELS.search(opening[0]) if opening else None
    labels = _listed(html.unescape(found[1][1:-1])) if found else None
    if not labels:
        raise ValidationError(
            f"LabelCategoryConfigS3Uri is missing, and {uri} lists no labels in <{task_type.tag}>. "
            'Upload {"labels": [{"label": "..."}]} and give its location, or write '
            "labels=\"['a', 'b']\" into the element."
        )
    check_labels(uri, labels, task_type)
    return LabelCategories(tuple(labels))


def _listed(attribute: str) -> list[str] | None:
    """Read a list of texts as templates write it: JSON, or with single quotes (4.3)."""
    found: Any = None
    for read in (json.loads, ast.literal_eval):
        try:
            found = read(attribute.strip())
            break
        except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
            continue
    fits = isinstance(found, list) and all(isinstance(each, str) and each for each in found)
    return found if fits else None


def earlier_attribute_of(template: str) -> str:
    """Return the first manifest key that a template reads a label from; ``""`` if it names none."""
    for dotted, quoted in _MANIFEST_KEY.findall(template):
        key = dotted or quoted
        if key not in {"source", "source-ref"} and not key.endswith("-metadata"):
            return str(key)
    return ""

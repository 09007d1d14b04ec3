"""What a worker task template tells of its job without being rendered.

Layer: schema. A custom job may have no label file: its labels then stand in the element (4.4). A
verification or adjustment names the earlier label's key in its template (4.6).
"""

from __future__ import annotations

import html
import json
import re
from functools import partial
from typing import TYPE_CHECKING, Any

import yaml

from gt_widgets.errors import ValidationError
from gt_widgets.schema.labels import LabelCategories, check_labels

if TYPE_CHECKING:
    from gt_widgets.schema.tasks import TaskType

__all__ = ["earlier_attributes_of", "labels_of_template"]

_MOST_CHARACTERS = 100_000
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
    entries = _listed(html.unescape(found[1][1:-1])) if found else None
    if not entries:
        raise ValidationError(
            f"LabelCategoryConfigS3Uri is missing, and {uri} lists no labels in <{task_type.tag}>. "
            'Upload {"labels": [{"label": "..."}]} and give its location, or write '
            "labels=\"['a', 'b']\" into the element."
        )
    labels = [entry["label"] for entry in entries]
    check_labels(uri, labels, task_type)
    short = {e["label"]: e["shortDisplayName"] for e in entries if e.get("shortDisplayName")}
    return LabelCategories(tuple(labels), short_names=short)


def _listed(attribute: str) -> list[dict[str, str]] | None:
    """Read labels as templates write them: texts, or objects with ``label`` (4.3, P04).

    JSON; or with single quotes, bare keys and a comma too many, which YAML's flow form allows.
    """
    if len(attribute) > _MOST_CHARACTERS:
        return None
    found: Any = None
    for read in (json.loads, partial(yaml.load, Loader=yaml.BaseLoader)):
        try:
            found = read(attribute.strip())
            break
        except (ValueError, yaml.YAMLError, RecursionError):
            continue
    if not isinstance(found, list):
        return None
    entries = [{"label": each} if isinstance(each, str) else each for each in found]
    return entries if all(map(_is_entry, entries)) else None


def _is_entry(entry: Any) -> bool:
    return (
        isinstance(entry, dict)
        and all(isinstance(text, str) for pair in entry.items() for text in pair)
        and bool(entry.get("label"))
    )


def earlier_attributes_of(template: str) -> tuple[str, ...]:
    """Return the manifest keys that a template reads, without the object's own and metadata.

    One of them is the label to verify or adjust; others may only be shown beside it.
    """
    named = (dotted or quoted for dotted, quoted in _MANIFEST_KEY.findall(template))
    found = (key for key in named if not key.endswith("-metadata"))
    return tuple(dict.fromkeys(key for key in found if key not in {"source", "source-ref"}))

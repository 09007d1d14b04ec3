"""Earlier labels: found on a manifest line, and turned into what a worker is shown.

Layer: kinds (imports ``schema`` and ``errors``). Verification shows the earlier label as it is;
adjustment starts from it (reference sections 2.7, 4.5, 6.7 and 6.8).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

from gt_widgets.errors import AnswerError, GroundTruthError, ValidationError
from gt_widgets.kinds.base import Seen, class_map, shown
from gt_widgets.schema.masks import tool_colors
from gt_widgets.schema.tasks import task_type_named

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from gt_widgets.kinds.base import Kind
    from gt_widgets.schema.tasks import TaskType

__all__ = [
    "Earlier",
    "earlier_answer",
    "earlier_names",
    "find_earlier",
    "kind_of_earlier",
    "missing_classes",
]

T = TypeVar("T")
_SMALL = re.compile(r"\d{1,3}")
_MALFORMED = (KeyError, TypeError, ValueError, AttributeError, IndexError)


@dataclass(frozen=True, slots=True)
class Earlier:
    """One earlier label: its key, its value and its metadata."""

    attribute: str
    label: Any
    metadata: Mapping[str, Any]


def kind_of_earlier(task_type: TaskType) -> Kind:
    """Return the kind of the label that a verification or adjustment starts from."""
    from gt_widgets.kinds import kind_of

    return kind_of(task_type_named(task_type.earlier))


def find_earlier(
    line: Mapping[str, Any], task_type: TaskType, *, named: str = "", own: str = ""
) -> Earlier:
    """Find the label to verify or adjust on one manifest line.

    Parameters
    ----------
    line : mapping
        The whole line, parsed.
    task_type : TaskType
        Of the verification or adjustment job.
    named : str
        The key, if the label file or the template names it; else it is the last one whose
        metadata has the ``type`` of the earlier task type.
    own : str
        The job's own label attribute, which is not an earlier label.

    Raises
    ------
    AnswerError
        If the line has none: this object fails, the job goes on.
    """
    wanted = task_type_named(task_type.earlier).metadata_type
    keys = [named] if named else [key for key in reversed(list(line)) if key != own]
    for key in keys:
        metadata = line.get(f"{key}-metadata")
        if key in line and isinstance(metadata, dict) and metadata.get("type") == wanted:
            return Earlier(key, line[key], metadata)
    verb = "verify" if task_type.purpose == "verify" else "adjust"
    where = f"under {named!r}" if named else "under any key"
    raise AnswerError(
        f"there is no label to {verb} {where}: expected one whose metadata has the type "
        f"{wanted!r}; found keys {list(line)}."
    )


def earlier_names(earlier: Earlier, task_type: TaskType) -> tuple[str, ...]:
    """Return the class names that an earlier label uses.

    Raises
    ------
    AnswerError
        If it is not a label of the earlier task type.
    """
    return _guarded(
        earlier, lambda: kind_of_earlier(task_type).names(earlier.label, earlier.metadata)
    )


def earlier_answer(
    earlier: Earlier, task_type: TaskType, seen: Seen, data: bytes | None = None
) -> dict[str, Any]:
    """Turn an earlier label into the answer that would have made it, checked like any answer.

    Parameters
    ----------
    seen : Seen
        What the worker sees; ``labels`` are the job's.
    data : bytes, optional
        The file that the label names (masks).

    Returns
    -------
    dict
        ``{"attribute", "kind", "labels", "colors", "value"}``: in a verification ``labels`` are
        the names that the earlier label uses, in an adjustment the job's.

    Raises
    ------
    AnswerError
        If it is not a label of the earlier task type, does not fit the object, or has (in an
        adjustment) a class that the job has not.
    """
    kind = kind_of_earlier(task_type)
    names = earlier_names(earlier, task_type)
    labels = names if task_type.purpose == "verify" else seen.labels
    missing = [name for name in names if name not in labels]
    if missing:
        raise AnswerError(
            f"the earlier label {earlier.attribute!r} uses {missing}, which the label file lacks. "
            "An adjustment job needs every class of the original job."
        )
    against = replace(seen, labels=labels)
    value = _guarded(
        earlier,
        lambda: kind.check(kind.show(earlier.label, earlier.metadata, against, data), against),
    )
    return {
        "attribute": earlier.attribute,
        "kind": kind.name,
        "labels": list(labels),
        "colors": _colors(labels, earlier.metadata),
        "value": value,
    }


def _colors(labels: Sequence[str], metadata: Mapping[str, Any]) -> list[str]:
    """The colours that the labels had in the earlier job, by their class ids there."""
    listed = dict(enumerate(labels))
    ids = {name: int(key) for key, name in class_map(metadata).items() if _SMALL.fullmatch(key)}
    palette = tool_colors(max((*ids.values(), *listed), default=0) + 1)
    return [palette[ids.get(label, index)] for index, label in listed.items()]


def missing_classes(
    lines: Iterable[Mapping[str, Any]], task_type: TaskType, labels: Iterable[str], *, named: str
) -> list[str]:
    """List the classes of earlier labels that ``labels`` lack (L03).

    Lines without a readable earlier label are left out; they fail by themselves.

    Raises
    ------
    ValidationError
        If a label is of a form that no job can start from (masks without colours, 6.5).
    """
    kind, known, missing = kind_of_earlier(task_type), set(labels), dict[str, None]()
    for line in lines:
        try:
            earlier = find_earlier(line, task_type, named=named)
            names = kind.names(earlier.label, earlier.metadata)
        except ValidationError:
            raise
        except (AnswerError, *_MALFORMED):
            continue
        missing |= dict.fromkeys(name for name in names if name not in known)
    return list(missing)


def _guarded(earlier: Earlier, work: Callable[[], T]) -> T:
    """Labels come from anywhere: whatever is wrong with one is said of that one."""
    try:
        return work()
    except GroundTruthError as error:
        raise AnswerError(f"the earlier label {earlier.attribute!r}: {error}") from error
    except _MALFORMED as error:
        raise AnswerError(
            f"the earlier label {earlier.attribute!r} is not of the form that its metadata's type "
            f"says ({error!r}); found {shown(earlier.label)}."
        ) from error

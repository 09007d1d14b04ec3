"""What every kind of answer is described by, and the data that goes through it.

Layer: kinds (plain data).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from gt_widgets.errors import AnswerError

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Mapping, Sequence

    from gt_widgets.schema.labels import LabelCategories
    from gt_widgets.schema.tasks import TaskType
    from gt_widgets.simulation import SimulatedWorker

__all__ = [
    "Answer",
    "Answered",
    "File",
    "JobFacts",
    "Kind",
    "Labeled",
    "Seen",
    "check_label",
    "class_map",
    "number",
    "only_value",
    "picture_size",
    "pixel_count",
    "shown",
    "used_names",
]


@dataclass(frozen=True, slots=True)
class Seen:
    """What a worker saw of one data object: against this an answer is checked.

    Attributes
    ----------
    labels : tuple of str
        The label categories to choose from.
    width, height : int or None
        Of the stored picture in pixels; None for a text.
    text : str or None
        None for a picture.
    """

    labels: tuple[str, ...]
    width: int | None = None
    height: int | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """One stored response; times in epoch seconds."""

    sub: str
    content: dict[str, Any]
    accepted_at: float
    submitted_at: float
    time_spent_s: float

    @property
    def value(self) -> dict[str, Any]:
        """What stands under the element's name."""
        found: dict[str, Any] = next(iter(self.content.values()))
        return found


@dataclass(frozen=True, slots=True)
class Answered:
    """One data object that workers are done with, its answers oldest first."""

    object_id: int
    width: int | None
    height: int | None
    depth: int | None
    answers: tuple[Answer, ...]
    finished_at: float


@dataclass(frozen=True, slots=True)
class File:
    """A file that belongs to a label: its location and bytes."""

    uri: str
    data: bytes
    content_type: str


@dataclass(frozen=True, slots=True)
class Labeled:
    """The label of one data object, its own part of the metadata, and files if it has any."""

    label: Any
    metadata: dict[str, Any]
    files: tuple[File, ...] = field(default=())


class JobFacts(Protocol):
    """What a kind asks of a job."""

    @property
    def name(self) -> str:
        """Name of the labeling job."""

    @property
    def task_type(self) -> TaskType:
        """Its task type."""

    @property
    def categories(self) -> LabelCategories:
        """What workers choose from."""

    @property
    def label_attribute(self) -> str:
        """The key it writes its label under."""

    @property
    def workers_per_object(self) -> int:
        """Slots per data object."""

    @property
    def method(self) -> str:
        """How answers become a label: one of the kind's methods."""

    @property
    def output_folder(self) -> str:
        """``s3://.../<job>``."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What a worker gives, from the page to the output manifest.

    Attributes
    ----------
    name : str
        As rows of ``schema.tasks`` and the worker protocol say it.
    check : callable
        ``(value, seen) -> value``: an answer as the crowd element gives it becomes the form that is
        stored. Raises AnswerError. Checking a stored answer again changes nothing.
    merge : callable
        ``(job, batch, created) -> {object_id: Labeled}``: the consolidation. Every object has one
        answer at least; ``created`` is the creation date.
    show : callable
        ``(label, metadata, seen, data) -> value``: an earlier label of a manifest line as the
        answer that would have made it. ``data`` holds the bytes of the file that it names.
    names : callable
        ``(label, metadata) -> tuple``: the class names of an earlier label, by class id.
    simulate : callable
        ``(truth, worker, rng, seen) -> value``: the answer of a simulated worker.
    metadata_keys : tuple of str
        Order of the metadata in real files.
    batched : bool
        Whether a label depends on the other objects of its batch.
    methods : tuple of str
        Names of consolidation methods, the usual one first.
    learning : frozenset of str
        Those that learn from all answers of a job how its workers err.
    decodes : bool
        Whether ``check`` and ``show`` decode pictures from outside: call them in another process.
    answer : str
        One answer as an example in the reference page, JSON.
    label : str
        One label as an example in the reference page, JSON.
    truth : str
        What ``simulate`` takes, in words of the reference page.
    """

    name: str
    check: Callable[[Mapping[str, Any], Seen], dict[str, Any]]
    merge: Callable[[JobFacts, Sequence[Answered], str], dict[int, Labeled]]
    show: Callable[[Any, Mapping[str, Any], Seen, bytes | None], dict[str, Any]]
    names: Callable[[Any, Mapping[str, Any]], tuple[str, ...]]
    simulate: Callable[[Any, SimulatedWorker, random.Random, Seen], dict[str, Any]]
    metadata_keys: tuple[str, ...]
    batched: bool = False
    methods: tuple[str, ...] = ("ground-truth",)
    learning: frozenset[str] = frozenset()
    decodes: bool = False
    answer: str = ""
    label: str = ""
    truth: str = ""


def shown(value: Any) -> str:
    """Show the beginning of a value; some that JSON can carry have no text form at all."""
    try:
        return repr(value)[:120]
    except (ValueError, RecursionError):
        return "a value too large to show"


def only_value(content: Any) -> dict[str, Any]:
    """Return the only member of an answer; its name is the template's business (4.6).

    Raises
    ------
    AnswerError
        If there is not exactly one, or it is not an object.
    """
    values = list(content.values()) if isinstance(content, dict) else []
    if len(values) != 1 or not isinstance(values[0], dict):
        raise AnswerError(
            "An answer must be one object under one name, for example "
            f'{{"boundingBox": {{...}}}}; found {shown(content)}.'
        )
    found: dict[str, Any] = values[0]
    return found


def check_label(label: Any, labels: Sequence[str]) -> str:
    """Return a label that is one of the job's.

    Raises
    ------
    AnswerError
        With those that are.
    """
    if label not in labels:
        raise AnswerError(
            f"Label {shown(label)} is not one of this job's: {', '.join(labels[:20])}."
        )
    return str(label)


def picture_size(seen: Seen, what: str) -> tuple[int, int]:
    """Width and height of the picture.

    Raises
    ------
    AnswerError
        If they are not known, so that ``what`` cannot be checked.
    """
    if seen.width is None or seen.height is None:
        raise AnswerError(f"The picture's size is not known, so {what} cannot be checked.")
    return seen.width, seen.height


def pixel_count(value: Any, what: str) -> int:
    """Return a whole number of pixels; AnswerError if it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float) or value % 1 != 0:
        raise AnswerError(f"{what} must be a whole number, not {shown(value)}.")
    return int(value)


def class_map(metadata: Mapping[str, Any]) -> dict[str, str]:
    """``class-map`` of a manifest line, class ids as strings; empty if there is none."""
    found = metadata.get("class-map", metadata.get("class_map"))
    return {str(k): str(v) for k, v in found.items()} if isinstance(found, dict) else {}


def used_names(label: Any, metadata: Mapping[str, Any]) -> tuple[str, ...]:
    """Class names of ``annotations``, by class id; a class without a name shows its number."""
    names = class_map(metadata)
    used = sorted({int(each["class_id"]) for each in label["annotations"]})
    return tuple(names.get(str(class_id), str(class_id)) for class_id in used)


def number(confidence: float) -> float | int:
    """Write a confidence of zero as ``0``, as the service does for one worker (A01)."""
    return 0 if confidence == 0 else round(float(confidence), 2)

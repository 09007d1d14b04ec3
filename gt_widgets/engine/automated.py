"""Automated data labeling, the request's side: its settings, enough data, a task that works at all.

Layer: engine. The service's request has no field for a target; ours travels in tags that begin with
``gt-widgets:``, which AWS keeps and does not read. What happens then is in ``active_learning.py``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from gt_widgets.autolabel import AutoLabelConfig
from gt_widgets.engine.tables import data_objects
from gt_widgets.errors import ValidationError
from gt_widgets.schema.limits import AUTOLABEL_MIN_OBJECTS, PROBE_FAILURES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gt_widgets.autolabel.config import Task
    from gt_widgets.engine.jobs import Job
    from gt_widgets.engine.store import Store
    from gt_widgets.schema.tasks import TaskType

__all__ = [
    "MIN_AUTOMATED_OBJECTS",
    "TAG_PREFIX",
    "automated",
    "automated_request",
    "check_enough_objects",
    "check_settings",
    "config_of",
    "first_sample_failed",
    "learner_tags",
    "task_of",
]

MIN_AUTOMATED_OBJECTS = "min_automated_objects"
"""The fact that holds an engine's own least number of objects of an automated job."""
TAG_PREFIX = "gt-widgets:"
_TASKS: dict[str, Task] = {"class": "classes", "boxes": "boxes", "mask": "masks"}
_PLACEHOLDER = 1_000
"""Concurrent tasks where the settings alone are checked, which do not depend on them."""
_SMALL_LOOP = 150
"""The loop itself asks for so many unless it is told otherwise."""


def _share(text: str) -> float:
    found = float(text)
    if not 0 < found < 1:
        raise ValueError("it must lie between 0 and 1")
    return round(1.0 - found, 9)


def _boolean(text: str) -> bool:
    return {"true": True, "false": False}[text.lower()]


_SETTINGS: Mapping[str, tuple[str, Callable[[str], Any]]] = {
    "target": ("target", _share),
    "confidence": ("delta", _share),
    "target-kind": ("target_kind", str),
    "calibration": ("calibration", int),
    "batch": ("batch", int),
    "query": ("query", str),
    "class-guard": ("class_guard", int),
    "patience": ("patience", int),
    "adjudicate": ("adjudicate", str),
    "aws-policy": ("aws_policy", _boolean),
}
"""Name behind the prefix to the setting of `AutoLabelConfig`, and how its text is read."""
_LEAST = "min-automated-objects"
_LEARNERS = ("features", "learner")
"""Names of what the machine learns with; ``learners.py`` knows them."""
_CHOICES = {
    "query": ("margin", "entropy", "random", "core_set", "cluster_margin"),
    "adjudicate": ("disagreements", "never"),
    "target_kind": ("auto", "dataset"),
}


def automated(job: Job) -> bool:
    """Tell whether a job asks for automated data labeling."""
    return automated_request(job.request)


def automated_request(request: Mapping[str, Any]) -> bool:
    """Tell whether a request asks for automated data labeling."""
    return "LabelingJobAlgorithmsConfig" in request


def learner_tags(request: Mapping[str, Any]) -> dict[str, str]:
    """Names of what a job's machine learns with: ``features``, ``learner``."""
    return {name: text for name, text in _tags(request).items() if name in _LEARNERS}


def task_of(task_type: TaskType) -> Task:
    """What a machine would have to give."""
    return _TASKS[task_type.kind]


def check_settings(request: Mapping[str, Any], task_type: TaskType) -> None:
    """Refuse tags of ours that cannot be meant.

    Raises
    ------
    ValidationError
        With the tag and what it may say.
    """
    if automated_request(request):
        _settings(request, task_type, concurrent=_PLACEHOLDER, seed=0)
        _least(request)


def config_of(job: Job) -> AutoLabelConfig:
    """Settings of a job's loop: its task's defaults, and what its tags say."""
    most = int(job.human["MaxConcurrentTaskCount"])
    return _settings(job.request, job.task_type, concurrent=most, seed=job.seed)


def _settings(
    request: Mapping[str, Any], task_type: TaskType, *, concurrent: int, seed: int
) -> AutoLabelConfig:
    given: dict[str, Any] = {}
    for name, text in _tags(request).items():
        if name == _LEAST or name in _LEARNERS:
            continue
        if name not in _SETTINGS:
            raise ValidationError(
                f"Tag {TAG_PREFIX}{name} is none of automated labeling; there are "
                f"{', '.join(TAG_PREFIX + known for known in (*_SETTINGS, *_LEARNERS, _LEAST))}."
            )
        setting, read = _SETTINGS[name]
        try:
            given[setting] = read(text)
        except (ValueError, KeyError) as error:
            raise ValidationError(f"Tag {TAG_PREFIX}{name}: {text!r} is wrong: {error}.") from error
        if setting in _CHOICES and given[setting] not in _CHOICES[setting]:
            raise ValidationError(
                f"Tag {TAG_PREFIX}{name} must be one of {', '.join(_CHOICES[setting])}; found "
                f"{text!r}."
            )
    least = _least(request)
    small = {} if least is None else {"min_objects": min(least, _SMALL_LOOP)}
    return AutoLabelConfig.for_task(
        task_of(task_type), **given, **small, max_concurrent_tasks=concurrent, seed=seed
    )


def _tags(request: Mapping[str, Any]) -> dict[str, str]:
    """Our tags by the name behind the prefix."""
    return {
        tag["Key"].removeprefix(TAG_PREFIX): tag["Value"]
        for tag in request.get("Tags", [])
        if tag["Key"].startswith(TAG_PREFIX)
    }


def _least(request: Mapping[str, Any]) -> int | None:
    text = _tags(request).get(_LEAST)
    if text is None:
        return None
    if not text.isdecimal() or int(text) < 1:
        raise ValidationError(f"Tag {TAG_PREFIX}{_LEAST} must be 1 or more; found {text!r}.")
    return int(text)


def check_enough_objects(store: Store, job: Job) -> None:
    """Refuse automated data labeling of too few objects (C19).

    A local engine can be told to take fewer: by the job's tag, or for all its jobs.

    Raises
    ------
    ValidationError
        It fails the job.
    """
    if not automated(job):
        return
    here = int(store.fact(MIN_AUTOMATED_OBJECTS) or AUTOLABEL_MIN_OBJECTS)
    own = _least(job.request)
    least = here if own is None else min(own, here)
    if job.total < least:
        raise ValidationError(
            f"The input manifest has {job.total} data objects; automated data labeling needs at "
            f"least {least}. Add objects, or leave LabelingJobAlgorithmsConfig out. (This engine, "
            "unlike the service, can be told to take fewer: gt-widgets serve "
            "--min-automated-objects N.)"
        )


def first_sample_failed(store: Store, job: Job) -> str:
    """Say why an automated job cannot go on after its first sample, or nothing (D05).

    Returns
    -------
    str
        Empty as long as at most a tenth of the first sample failed, and for other jobs.
    """
    if not automated(job) or job.iteration != 1:
        return ""
    first = {"job_id": job.job_id, "iteration": 1}
    counted = sa.select(sa.func.count()).select_from(data_objects)
    with store.reading() as connection:
        sample = int(connection.scalar(counted.filter_by(**first)) or 0)
        failed = int(connection.scalar(counted.filter_by(**first, state="failed")) or 0)
    if failed <= PROBE_FAILURES * sample:
        return ""
    return (
        f"{failed} of the first {sample} objects failed; a job with automated data labeling goes "
        f"on only if at most {PROBE_FAILURES:.0%} of its first sample do. The metadata of these "
        "objects in the output manifest says why."
    )

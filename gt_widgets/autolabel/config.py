"""Settings of automated labeling, with defaults that follow the job's size.

Layer: autolabel (pure data; imports only ``errors``).
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any, Literal

from gt_widgets.errors import ValidationError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gt_widgets.autolabel.certificate import TargetKind

__all__ = ["AWS_MIN_OBJECTS", "AutoLabelConfig", "QueryName", "Task"]

Task = Literal["classes", "boxes", "masks"]
"""One class per object; boxes with classes; a class per pixel."""

_TASK_DEFAULTS: dict[str, dict[str, Any]] = {
    "classes": {},
    "boxes": {"target": 0.4, "target_kind": "iou", "folds": 3, "patience": 1, "max_rounds": 1},
    "masks": {"target": 0.3, "target_kind": "iou", "folds": 3, "patience": 1, "max_rounds": 2},
}

QueryName = Literal["margin", "entropy", "random", "core_set", "cluster_margin"]

AWS_MIN_OBJECTS = 1_250
"""The service refuses automated labeling of fewer objects."""


@dataclass(frozen=True, slots=True)
class AutoLabelConfig:
    """What is promised, and how the loop goes about it.

    Attributes
    ----------
    target : float in (0, 1)
        Largest error; 0.05 is the service's 95 % accuracy. For "iou": 1 - mean IoU.
    target_kind : {"auto", "dataset", "iou"}
        Error among machine labels, among all labels (people's taken as right), or mean of 1 - IoU.
    delta : float in (0, 1)
        Largest probability of a broken promise.
    calibration : int or None
        Size of the random sample; by the number of objects when None.
    batch : int or None
        Objects per query; when None 1 % of all, within 40..200; for "iou" 5 %, within 10..200.
    folds : int >= 2
    query : str
        Which objects people label next.
    class_guard : int or None
        People's labels a class needs before a machine may give it; when None, 2 % of all
        objects, within 6..20.
    patience : int >= 1
        Rounds without growth before a granted certificate is committed.
    max_rounds : int or None
        Commit after so many rounds what is certified then; go on while nothing is. None: as long
        as more can be certified.
    adjudicate : {"disagreements", "never"}
        Two more votes on calibration objects where the model, not having seen the label,
        surely says otherwise.
    min_objects : int
        Fewer are refused.
    aws_policy : bool
        The service's documented rules, for comparison: validation share, point-estimate
        threshold, batches of ``max_concurrent_tasks``.
    max_concurrent_tasks : int >= 1
    seed : int
        The same seed and labels give the same decisions.
    """

    target: float = 0.05
    target_kind: TargetKind = "auto"
    delta: float = 0.05
    calibration: int | None = None
    batch: int | None = None
    folds: int = 5
    query: QueryName = "margin"
    class_guard: int | None = None
    patience: int = 4
    max_rounds: int | None = None
    adjudicate: Literal["disagreements", "never"] = "disagreements"
    min_objects: int = 150
    aws_policy: bool = False
    max_concurrent_tasks: int = 1_000
    seed: int = 0

    def __post_init__(self) -> None:
        if not (0 < self.target < 1 and 0 < self.delta < 1):
            raise ValidationError(
                f"target and delta must lie in (0, 1); found {self.target}, {self.delta}"
            )
        least = {
            "folds": 2,
            "patience": 1,
            "max_rounds": 1,
            "min_objects": 1,
            "max_concurrent_tasks": 1,
            "calibration": 1,
            "batch": 1,
            "class_guard": 0,
        }
        for name, bound in least.items():
            value = getattr(self, name)
            if value is not None and value < bound:
                raise ValidationError(f"{name} must be >= {bound}; found {value}")

    def check_size(self, n: int) -> None:
        """Refuse a job that is too small.

        Raises
        ------
        ValidationError
            If there are fewer objects than ``min_objects``.
        """
        if n < self.min_objects:
            raise ValidationError(
                f"automated labeling needs at least {self.min_objects} objects; found {n}. "
                "Label all of them by hand"
            )

    def calibration_size(self, n: int) -> int:
        """Random objects people label first, of ``n``.

        2.5 times the smallest sample that certifies the target without an error (200 at 5 %),
        5 % of larger jobs up to 500, never more than a third of the objects. For "iou" 100, or
        5 % of larger jobs up to 200: a loss between 0 and 1 says more than a right or wrong.
        """
        if self.calibration is not None:
            return min(self.calibration, n)
        if self.aws_policy:
            return math.ceil(n * (0.2 if n < 5_000 else 0.1))  # noqa: PLR2004
        if self.target_kind == "iou":
            return min(max(100, min(200, n // 20)), n // 3)
        floor = math.log(self.delta / 3) / math.log1p(-self.target)
        return min(max(math.ceil(2.5 * floor), min(500, n // 20)), n // 3)

    def batch_size(self, n: int) -> int:
        """Objects per query, of ``n``."""
        if self.batch is not None:
            return self.batch
        if self.target_kind == "iou" and not self.aws_policy:
            return min(max(n // 20, 10), 200)
        return self.max_concurrent_tasks if self.aws_policy else min(max(n // 100, 40), 200)

    def guard(self, n: int) -> int:
        """People's labels a class needs, in a job of ``n`` objects."""
        if self.class_guard is not None:
            return self.class_guard
        return 0 if self.aws_policy else min(max(n // 50, 6), 20)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self)

    @classmethod
    def for_task(cls, task: Task, **settings: Any) -> AutoLabelConfig:
        """A task's own defaults: mean IoU 0.6 for boxes and 0.7 for masks, as the service has.

        Parameters
        ----------
        task : {"classes", "boxes", "masks"}
        **settings
            Override them.
        """
        if task not in _TASK_DEFAULTS:
            raise ValidationError(f"task is one of {sorted(_TASK_DEFAULTS)}; found {task!r}")
        return cls(**{**_TASK_DEFAULTS[task], **settings})

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> AutoLabelConfig:
        """Read what `to_dict` wrote.

        Raises
        ------
        ValidationError
            If a name is unknown or a value out of range.
        """
        unknown = sorted(set(values) - {field.name for field in fields(cls)})
        if unknown:
            raise ValidationError(f"unknown settings of automated labeling: {unknown}")
        return cls(**values)

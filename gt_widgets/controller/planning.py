"""A labeling job before it is created: what people would label, what a machine, and the bill.

Layer: controller. What a model will be worth comes from a pilot of labels, or is assumed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gt_widgets.autolabel import AutoLabelConfig
from gt_widgets.autolabel.planner import Rates
from gt_widgets.autolabel.plans import plan
from gt_widgets.controller.costs import estimate_job
from gt_widgets.controller.pilots import Labeled, judged
from gt_widgets.engine.automated import task_of
from gt_widgets.errors import ValidationError
from gt_widgets.pricing import prices_as_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gt_widgets.autolabel.config import Task
    from gt_widgets.autolabel.pilot import Pilot
    from gt_widgets.autolabel.plans import Plan
    from gt_widgets.charts import Chart
    from gt_widgets.controller.places import Views
    from gt_widgets.schema.tasks import TaskType

__all__ = ["Basis", "JobPlan", "basis_of", "plan_job", "plannable"]

_SECONDS = {"classes": 8.0, "boxes": 30.0, "masks": 90.0}
"""A guess of what a task takes, where nobody knows."""
_SETTINGS = ("calibration", "batch", "patience")
_OFTEN = 0.2


@dataclass(frozen=True, slots=True)
class JobPlan:
    """A job played through before it begins; in a notebook a chart beside people alone.

    Attributes
    ----------
    plan : Plan
        Its numbers, with their bands.
    task : str
    target : float
        Accuracy, or mean IoU.
    basis : str
        What it rests on, in words.
    hourly_usd : float
        What an hour of one's own people is counted with.
    views : Views
    """

    plan: Plan
    task: str
    target: float
    basis: str
    hourly_usd: float
    views: Views

    @property
    def words(self) -> str:
        """The plan in a few sentences."""
        made = self.plan
        own = f", {self.hourly_usd:g} USD an hour for your own people" if self.hourly_usd else ""
        said = (
            f"{self.basis} {made.explanation} The bill: {made.cost_usd:,.2f} USD "
            f"({made.cost_low:,.2f} to {made.cost_high:,.2f}) instead of "
            f"{made.all_people_usd:,.2f} for people alone (AWS's prices of {prices_as_of()}{own})."
        )
        if made.nothing > _OFTEN:
            said += (
                f" In {made.nothing:.0%} of the plays nothing could be promised, and people "
                "labeled everything: more objects, a better model or a lower target would help."
            )
        return said

    def chart(self) -> Chart:
        """Draw it: objects, hours and the bill, beside people alone."""
        from gt_widgets.charts import plan_bars

        return plan_bars(self.rows())

    def rows(self) -> list[dict[str, Any]]:
        """One row per question: ``label``, ``alone``, ``planned``, ``low``, ``high``, ``unit``."""
        made = self.plan
        return [
            {
                "label": "Objects that people label",
                "alone": float(made.objects),
                "planned": float(made.people),
                "low": float(made.people_low),
                "high": float(made.people_high),
                "unit": "",
            },
            {
                "label": "Hours that people sit",
                "alone": made.all_people_hours,
                "planned": made.hours,
                "low": made.hours_low,
                "high": made.hours_high,
                "unit": "h",
            },
            {
                "label": "The bill",
                "alone": made.all_people_usd,
                "planned": made.cost_usd,
                "low": made.cost_low,
                "high": made.cost_high,
                "unit": "USD",
            },
        ]

    def __repr__(self) -> str:
        return self.words

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        return self.views.plan(self)._repr_mimebundle_(**kwargs)


@dataclass(frozen=True, slots=True)
class Basis:
    """What a plan rests on: a pilot or an assumed accuracy, seconds per task, and both in words."""

    accuracy: float | tuple[float, float] | Pilot
    seconds_per_task: float
    words: str


def basis_of(
    task: Task,
    *,
    pilot: Labeled | float | None,
    pilot_objects: int,
    accuracy: float | tuple[float, float] | None,
    seconds_per_task: float | None,
    s3: Any,
    seed: int,
) -> Basis:
    """Say what a plan rests on, in numbers and in words.

    Parameters
    ----------
    pilot : Labeled, or the mean IoU that an automated job measured, optional
    pilot_objects : int
        Behind that mean IoU.
    accuracy : float or (float, float), optional
        Assumed where there is no pilot.

    Raises
    ------
    ValidationError
        If there is neither, or both.
    """
    if (pilot is None) == (accuracy is None):
        raise ValidationError(
            "A plan rests on a pilot or on an assumption: give pilot=<a job or a labeled "
            "manifest>, or accuracy=0.9 (or a range, accuracy=(0.8, 0.95))."
        )
    seconds = _SECONDS[task] if seconds_per_task is None else seconds_per_task
    pace = f"{seconds:.0f} s a task" + (" (a guess)" if seconds_per_task is None else "")
    if accuracy is not None:
        return Basis(accuracy, seconds, f"Assumed: {_assumed(task, accuracy)}; {pace}.")
    if isinstance(pilot, Labeled):
        known = judged(pilot, s3, seed=seed)
        words = (
            f"From a pilot of {known.labels:,} labels: models that had not seen them are right "
            f"{known.accuracy:.0%} of the time; {pace}."
        )
        return Basis(known, seconds, words)
    mean = float(pilot or 0.0)
    spread = 2 * 0.2 / max(pilot_objects, 1) ** 0.5
    words = f"From a pilot of {pilot_objects:,} pictures: a mean IoU of {mean:.2f}; {pace}."
    return Basis((max(mean - spread, 0.01), min(mean + spread, 0.99)), seconds, words)


def _assumed(task: Task, accuracy: float | tuple[float, float]) -> str:
    ends = accuracy if isinstance(accuracy, tuple) else (accuracy,)
    if task == "classes":
        often = " to ".join(f"{each:.0%}" for each in ends)
        return f"a model that is right {often} of the time after the random sample"
    overlap = " to ".join(f"{each:.2f}" for each in ends)
    return f"a mean IoU of {overlap} after the random sample"


def plan_job(
    objects: int,
    task_type: TaskType,
    basis: Basis,
    *,
    target: float | None,
    workers_per_object: int,
    team_arn: str | None,
    task_price_usd: float | None,
    account_month: int | None,
    hourly_usd: float,
    automation: Mapping[str, Any],
    seed: int,
    views: Views,
) -> JobPlan:
    """Play a job through; the parameters are those of ``Session.plan_labeling_job``."""
    config = _config_of(plannable(task_type), target, automation)
    rates = Rates(workers_per_object=workers_per_object, seconds_per_task=basis.seconds_per_task)

    def bill(total: int, by_people: int) -> float:
        found = estimate_job(
            total,
            human_objects=by_people,
            team_arn=team_arn,
            workers_per_object=workers_per_object,
            task=task_type.name,
            seconds_per_task=basis.seconds_per_task,
            task_price_usd=task_price_usd,
            account_month=account_month,
        )
        return round(found.total_usd + hourly_usd * rates.hours(by_people), 2)

    made = plan(objects, config, rates, accuracy=basis.accuracy, seed=seed, bill=bill)
    return JobPlan(made, task_type.name, 1.0 - config.target, basis.words, hourly_usd, views)


def _config_of(task: Task, target: float | None, settings: Mapping[str, Any]) -> AutoLabelConfig:
    """Rules of a loop with the settings of ``automation`` that a plan can play through."""
    given: dict[str, Any] = {key: int(settings[key]) for key in _SETTINGS if key in settings}
    if "confidence" in settings:
        given["delta"] = round(1.0 - float(settings["confidence"]), 9)
    if target is not None:
        given["target"] = round(1.0 - target, 9)
    return AutoLabelConfig.for_task(task, **given, min_objects=1)


def plannable(task_type: TaskType) -> Task:
    """What a machine would have to give, if a machine can do the task at all.

    Raises
    ------
    ValidationError
        If no machine can do the task.
    """
    if not task_type.algorithm:
        raise ValidationError(
            f"{task_type.name} jobs cannot be labeled automatically, so there is nothing to plan; "
            "session.estimate(...) says what people alone would cost."
        )
    return task_of(task_type)

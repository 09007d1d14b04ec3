"""Automated data labeling in a request, and what it came to.

Layer: controller. CreateLabelingJob has no field for a target: ours travels in tags, which AWS
keeps and does not read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gt_widgets.errors import ValidationError
from gt_widgets.schema.arns import algorithm_arn
from gt_widgets.schema.limits import AUTOLABEL_MIN_OBJECTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from gt_widgets.charts import Chart
    from gt_widgets.controller.places import Views
    from gt_widgets.controller.results import Results
    from gt_widgets.schema.tasks import TaskType

__all__ = ["Automation", "automated_members"]

_PREFIX = "gt-widgets:"


def automated_members(
    task_type: TaskType,
    *,
    region: str,
    objects: int,
    local: bool,
    target: float | None,
    initial_model: str | None,
    settings: Mapping[str, Any],
) -> dict[str, Any]:
    """Members of CreateLabelingJob that ask for automated labeling.

    Parameters
    ----------
    task_type : TaskType
    region : str
    objects : int
        Of the job; below the service's 1,250 a local job says so in a tag of its own.
    local : bool
        On AWS no tag of ours is sent: it would be a promise that the service does not give.
    target : float in (0, 1), optional
        Accuracy, or mean IoU of boxes and masks; the service's own unless given.
    initial_model : str, optional
        ARN of the model of an earlier job.
    settings : mapping
        Further settings by the name behind ``gt-widgets:``, for example ``{"batch": 20}``.

    Raises
    ------
    ValidationError
        If a machine cannot do the task, or a target was asked of AWS.
    """
    if not task_type.algorithm:
        raise ValidationError(
            f"{task_type.name} jobs cannot be labeled automatically; image-classification, "
            "text-classification, bounding-box and semantic-segmentation can."
        )
    config = {
        "LabelingJobAlgorithmSpecificationArn": algorithm_arn(region, task_type.algorithm),
        **({"InitialActiveLearningModelArn": initial_model} if initial_model else {}),
    }
    given = dict(settings) | ({} if target is None else {"target": target})
    if given and not local:
        raise ValidationError(
            f"AWS takes no {', '.join(sorted(given))}: its targets are fixed (95 % of classes, "
            "mean IoU 0.6 of boxes and 0.7 of masks). Leave it out."
        )
    if local and objects < AUTOLABEL_MIN_OBJECTS:
        given.setdefault("min-automated-objects", max(objects, 1))
    tags = [{"Key": f"{_PREFIX}{name}", "Value": _text(value)} for name, value in given.items()]
    return {"LabelingJobAlgorithmsConfig": config} | ({"Tags": tags} if tags else {})


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


@dataclass(frozen=True, slots=True)
class Automation:
    """The loop of an automated job: what the machine saw, promised and labeled.

    Attributes
    ----------
    found : dict
        As the requester protocol gives it (``automation``).
    results : Results
        For pictures of the job's objects.
    views : Views
        What shows itself in a notebook.
    """

    found: Mapping[str, Any]
    results: Results
    views: Views

    @property
    def phase(self) -> str:
        """Calibration, adjudication, query, commit, rest or people-only."""
        return str(self.found["phase"])

    @property
    def rounds(self) -> pd.DataFrame:
        """One row per training: labels by people, by machine, accuracy, the certificate."""
        import pandas as pd

        rows = [
            {
                "round": past["round"],
                "people": past["people"],
                "machine": past["machine"],
                "accuracy": past["accuracy"],
                "certified": past["certificate"]["threshold"] is not None,
                "error_at_most": past["certificate"]["bound"],
                "threshold": past["certificate"]["threshold"],
                "reason": past["certificate"]["reason"],
            }
            for past in self.found["rounds"]
        ]
        columns = [
            "round",
            "people",
            "machine",
            "accuracy",
            "certified",
            "error_at_most",
            "threshold",
            "reason",
        ]
        return pd.DataFrame(rows, columns=columns)

    @property
    def certificate(self) -> dict[str, Any] | None:
        """The last round's certificate: threshold, bound, or the reason why there is none."""
        rounds = self.found["rounds"]
        return dict(rounds[-1]["certificate"]) if rounds else None

    @property
    def report(self) -> dict[str, Any]:
        """Numbers of the last round for charts; empty before the first."""
        return dict(self.found["report"] or {})

    @property
    def classes(self) -> pd.DataFrame:
        """One row per label category: labels by people and by machine, held-out errors."""
        import pandas as pd

        names = self.found["categories"]
        rows = self.report.get("classes", [])
        index = pd.Index([names[row["class_id"]] for row in rows], name="label")
        columns = ["people", "machine", "predicted", "wrong", "error_upper", "guarded"]
        return pd.DataFrame(rows, index=index, columns=columns)

    @property
    def costs(self) -> pd.DataFrame:
        """The bill of the whole job on AWS by the round it stops at: by people, by machine."""
        import pandas as pd

        rounds = [past["round"] for past in self.found["rounds"]]
        table = pd.DataFrame(self.found["usd"], columns=["people_usd", "machine_usd"])
        return table.set_index(pd.Index(rounds, name="round"))

    @property
    def targets(self) -> pd.DataFrame:
        """What other targets would bring: index target; columns machine, people, cost_usd, hours.

        ``cost_usd`` is the bill of the whole job on AWS, ``hours`` what people would still sit.
        """
        import pandas as pd

        columns = ["target", "machine", "people", "cost_usd", "hours"]
        return pd.DataFrame(self.found["targets"], columns=columns).set_index("target")

    def slider(self) -> Any:
        """Show a slider over targets: what the machine would label, what is left, what it costs.

        For choosing the next job's target: this job's promise stays with its own.

        Raises
        ------
        ValidationError
            Before the first training.
        """
        return self.views.cost_slider(self.targets, chosen=float(self.found["target"]))

    def hardest(self) -> Chart:
        """Draw the objects that the machine is least sure of."""
        return self._gallery("hardest")

    def borderline(self) -> Chart:
        """Draw the last objects that the machine would label and the first that it would not."""
        return self._gallery("above", "below")

    def suspects(self) -> Chart:
        """Draw objects whose label by people is probably wrong (confident learning)."""
        return self._gallery("suspects")

    def confusion_chart(self) -> Chart:
        """Draw what the machine mistakes for what, on the calibration sample."""
        import pandas as pd

        from gt_widgets.charts import confusion_heat_map

        names = self.found["categories"]
        counts = self.report.get("confusion", [[0] * len(names)] * len(names))
        return confusion_heat_map(
            pd.DataFrame(counts, index=pd.Index(names, name="truth"), columns=names)
        )

    def _gallery(self, *kinds: str) -> Chart:
        from gt_widgets.charts import gallery

        chosen = [str(number) for kind in kinds for number in self.report.get(kind, [])]
        return gallery(self.results.pictures(chosen), categories=self.found["categories"])

    def accuracy_chart(self) -> Chart:
        """Draw accuracy against coverage, with the certified point."""
        from gt_widgets.charts import accuracy_by_coverage

        return accuracy_by_coverage(self.report, self.certificate)

    def labels_chart(self) -> Chart:
        """Draw labels by people and by machine per round."""
        from gt_widgets.charts import labels_by_round

        return labels_by_round(self.rounds, int(self.found["objects"]))

    def confidence_chart(self) -> Chart:
        """Draw scores of the unlabeled objects, and how right such scores were."""
        from gt_widgets.charts import confidence_charts

        return confidence_charts(self.report)

    def cost_chart(self) -> Chart:
        """Draw the bill of the job by round against people only."""
        from gt_widgets.charts import cost_by_round

        return cost_by_round(self.costs, float(self.found["usd_people"]))

    def overview(self) -> Chart:
        """Draw the four that say most: promise, rounds, confidence, classes."""
        from gt_widgets.charts import automation_overview

        objects = int(self.found["objects"])
        return automation_overview(
            self.report, self.certificate, self.rounds, objects, self.classes
        )

    def __repr__(self) -> str:
        return f"{self.phase}: {self.found['words']}"

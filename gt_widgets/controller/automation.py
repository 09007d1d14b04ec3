"""Automated data labeling in a request, and what it came to.

Layer: controller. CreateLabelingJob has no field for a target: ours travels in tags, which AWS
keeps and does not read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gt_widgets.engine.automated import TAG_PREFIX
from gt_widgets.errors import ValidationError
from gt_widgets.schema.arns import algorithm_arn
from gt_widgets.schema.jobs import FINAL
from gt_widgets.schema.limits import AUTOLABEL_MIN_OBJECTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from gt_widgets.charts import Chart
    from gt_widgets.controller.places import Views
    from gt_widgets.controller.results import Results
    from gt_widgets.schema.tasks import TaskType
    from gt_widgets.services.portal_client import PortalClient

__all__ = ["Automation", "Following", "automated_members"]


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
    tags = [{"Key": f"{TAG_PREFIX}{name}", "Value": _text(value)} for name, value in given.items()]
    return {"LabelingJobAlgorithmsConfig": config} | ({"Tags": tags} if tags else {})


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


@dataclass(frozen=True, slots=True)
class Following:
    """The loop of a job, asked again and again.

    Attributes
    ----------
    name : str
        Of the job.
    portal : PortalClient
        Whom to ask.
    results, views
        As `Automation` has them.
    """

    name: str
    portal: PortalClient
    results: Results
    views: Views

    def version(self) -> tuple[str, bool]:
        """What differs when there is something new to show, and whether the job is over."""
        card = self.portal.requester("card", {"job_name": self.name})
        seen = (card["automation"] or {}).get("version", "")
        return f"{card['status']} {seen}", card["status"] in FINAL

    def automation(self) -> Automation | None:
        """Return the loop as it is now; None before it begins."""
        found = self.portal.requester("automation", {"job_name": self.name})["automation"]
        return None if found is None else Automation(found, self.results, self.views, self)


@dataclass(frozen=True, slots=True)
class Automation:
    """The loop of an automated job: what the machine saw, promised and labeled.

    In a notebook it shows itself as the live meter.

    Attributes
    ----------
    found : dict
        As the requester protocol gives it (``automation``).
    results : Results
        For pictures of the job's objects.
    views : Views
        What shows itself in a notebook.
    job : Following
        To ask again.
    """

    found: Mapping[str, Any]
    results: Results
    views: Views
    job: Following

    @property
    def phase(self) -> str:
        """Calibration, adjudication, query, commit, rest or people-only."""
        return str(self.found["phase"])

    @property
    def open(self) -> bool:
        """Whether the job goes on."""
        return self.found["status"] not in FINAL

    @property
    def people(self) -> int:
        """Labels by people that the newest numbers are drawn from."""
        meter, rounds = self.found["meter"], self.found["rounds"]
        if meter is not None and meter["source"] == "look":
            return int(meter["people"])
        return int(rounds[-1]["people"]) if rounds else 0

    @property
    def share(self) -> float | None:
        """Share of all objects that the machine would label if you stopped now: a forecast.

        None when that is settled: the machine has committed, or takes no further part.
        """
        meter = self.found["meter"]
        return None if meter is None else float(meter["share"])

    @property
    def trail(self) -> list[tuple[int, float]]:
        """What a stop would have brought, by labels of people: every round, and now."""
        objects = max(int(self.found["objects"]), 1)
        found = {past["people"]: past["machine"] / objects for past in self.found["rounds"]}
        meter = self.found["meter"]
        if meter is not None and meter["source"] != "none":  # a commit keeps the best round
            found[meter["people"]] = meter["share"]
        return sorted(found.items())

    @property
    def asked(self) -> str | None:
        """Who labels the rest once a commit was asked for, people or "unlabeled"; else None."""
        asked = self.found["asked"]
        return None if asked is None else str(asked)

    def commit(self, *, rest: str = "people", anyway: bool = False) -> None:
        """Ask people no further, and have the machine label what it can be held to now.

        Tasks that are out are taken back. The machine trains once more, on all answers, and
        certifies once; the moment was chosen by somebody who had seen forecasts, so that
        certificate is a little stricter. It comes seconds later for classes, minutes for boxes
        and masks: ``job.automation`` says when.

        Parameters
        ----------
        rest : {"people", "unlabeled"}
            Who labels what the machine may not: people go on with that alone, or nobody does and
            the job stops.
        anyway : bool
            Also where the forecast is that nothing can be promised.

        Raises
        ------
        ValidationError
            If the machine has finished its part, or would end it with nothing.
        """
        asked = {"job_name": self.job.name, "rest": rest, "anyway": anyway}
        self.job.portal.requester("commit_automation", asked)

    @property
    def rounds(self) -> pd.DataFrame:
        """One row per training: labels by people, by machine, accuracy, the certificate."""
        import pandas as pd

        rows = [
            {
                **past,
                "certified": past["certificate"]["threshold"] is not None,
                "error_at_most": past["certificate"]["bound"],
                "threshold": past["certificate"]["threshold"],
                "reason": past["certificate"]["reason"],
            }
            for past in self.found["rounds"]
        ]
        columns = ["round", "people", "machine", "accuracy"]
        columns += ["certified", "error_at_most", "threshold", "reason"]
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

        ``cost_usd`` is the bill of the whole job on AWS, ``rest_usd`` what of it is still to come,
        ``hours`` what people would still sit. With other luck in the random sample, in 8 of 10
        cases: ``low`` to ``high`` for ``machine``, ``rest_low``, ``hours_low`` and so on.
        """
        import pandas as pd

        columns = ["target", "machine", "people", "low", "high", "cost_usd", "rest_usd"]
        columns += ["rest_low", "rest_high", "hours", "hours_low", "hours_high"]
        return pd.DataFrame(self.found["targets"], columns=columns).set_index("target")

    def slider(self, *, hourly_usd: float = 0.0) -> Any:
        """Show a slider over targets: what the machine would label, what is left, what it costs.

        It keeps up with the job. For choosing the next job's target: this job's promise stays
        with its own.

        Parameters
        ----------
        hourly_usd : float >= 0
            What an hour of your own people costs you; it is added to what is still to pay.

        Raises
        ------
        ValidationError
            Before the machine has looked at anything.
        """
        return self.views.cost_slider(self, hourly_usd=hourly_usd)

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

    def overview(self, *, live: bool = False) -> Any:
        """Draw the four that say most: promise, rounds, confidence, classes.

        Parameters
        ----------
        live : bool
            Draw them anew whenever there is something new, until the job ends.
        """
        return self.views.live_chart(self, _overview) if live else _overview(self)

    def __repr__(self) -> str:
        meter = self.found["meter"]
        said = [f"{self.phase}:", self.found["words"], meter["words"] if meter else ""]
        return " ".join(filter(None, said))

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        return self.views.meter(self)._repr_mimebundle_(**kwargs)


def _overview(found: Automation) -> Chart:
    from gt_widgets.charts import automation_overview

    objects = int(found.found["objects"])
    look, certificate = found.found["look"], found.found["look_certificate"]
    if not look or not certificate:
        report, certificate, foreseen = found.report, found.certificate, False
    else:  # newer than the last round
        report, foreseen = {**found.report, **look}, True
    return automation_overview(
        report, certificate, found.rounds, objects, found.classes, foreseen=foreseen
    )

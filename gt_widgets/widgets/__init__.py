"""What shows itself in a notebook cell: the worker's page, the job card, the outbox, the audit.

Layer: widgets (above the controller, which gets them as its ``Views``). Names are imported when
first used: anywidget and ipywidgets take half a second.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from gt_widgets.errors import ValidationError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gt_widgets.charts import Chart, Picture
    from gt_widgets.controller import LocalPlace, Place
    from gt_widgets.controller.audits import AuditPage
    from gt_widgets.controller.automation import Automation
    from gt_widgets.controller.planning import JobPlan
    from gt_widgets.widgets.audit import AuditGrid
    from gt_widgets.widgets.cost_slider import CostSlider
    from gt_widgets.widgets.job_card import JobCard
    from gt_widgets.widgets.live_chart import LiveChart
    from gt_widgets.widgets.meter import Meter
    from gt_widgets.widgets.outbox import OutboxWidget
    from gt_widgets.widgets.plan_card import PlanCard
    from gt_widgets.widgets.their_page import TheirWorkerPage
    from gt_widgets.widgets.worker import WorkerWidget

__all__ = [
    "AuditGrid",
    "CostSlider",
    "JobCard",
    "LiveChart",
    "Meter",
    "NotebookViews",
    "OutboxWidget",
    "PlanCard",
    "WorkerWidget",
]

_HOMES = {
    "AuditGrid": "gt_widgets.widgets.audit",
    "CostSlider": "gt_widgets.widgets.cost_slider",
    "JobCard": "gt_widgets.widgets.job_card",
    "LiveChart": "gt_widgets.widgets.live_chart",
    "Meter": "gt_widgets.widgets.meter",
    "PlanCard": "gt_widgets.widgets.plan_card",
    "OutboxWidget": "gt_widgets.widgets.outbox",
    "WorkerWidget": "gt_widgets.widgets.worker",
}


class NotebookViews:
    """The controller's ``Views``: what a session and a labeling job show of themselves."""

    def worker(
        self, place: LocalPlace, *, job_name: str, user_name: str, backend: str = "gt_widgets"
    ) -> WorkerWidget | TheirWorkerPage:
        """Return the worker's page for one job, ours or one around ipyannotations."""
        if backend == "ipyannotations":
            from gt_widgets.widgets.their_page import TheirWorkerPage

            return TheirWorkerPage(place.portal, job_name=job_name, user_name=user_name)
        if backend != "gt_widgets":
            raise ValidationError(f"backend {backend!r} is not gt_widgets or ipyannotations.")
        from gt_widgets.widgets.worker import WorkerWidget

        return WorkerWidget(place.portal, job_name=job_name, user_name=user_name)

    def card(self, place: Place, *, job_name: str, snapshot: dict[str, Any]) -> JobCard:
        """Return a job card that updates itself; on AWS it stays as it is."""
        from gt_widgets.widgets.job_card import JobCard

        portal = place.only_here("A live card").portal if place.name == "LOCAL" else None
        return JobCard(portal, job_name=job_name, snapshot=snapshot)

    def outbox(self, place: LocalPlace) -> OutboxWidget:
        """Return the local outbox with the invitation mails."""
        from gt_widgets.widgets.outbox import OutboxWidget

        return OutboxWidget(place.portal)

    def audit(
        self, pages: Sequence[AuditPage], load: Callable[[Sequence[str]], Sequence[Picture]]
    ) -> AuditGrid:
        """Return the grid in which people click the machine's wrong labels."""
        from gt_widgets.widgets.audit import AuditGrid

        return AuditGrid(pages, load)

    def meter(self, found: Automation) -> Meter:
        """Return the live meter of an automated job."""
        from gt_widgets.widgets.meter import Meter

        return Meter(found)

    def cost_slider(self, found: Automation, *, hourly_usd: float = 0.0) -> CostSlider:
        """Return a slider over targets, with what the rest of a job would cost at each."""
        from gt_widgets.widgets.cost_slider import CostSlider

        return CostSlider(found, hourly_usd=hourly_usd)

    def live_chart(self, found: Automation, draw: Callable[[Automation], Chart]) -> LiveChart:
        """Return a chart that is drawn anew while its job runs."""
        from gt_widgets.widgets.live_chart import LiveChart

        return LiveChart(found, draw)

    def plan(self, found: JobPlan) -> PlanCard:
        """Return a plan beside labeling everything by hand."""
        from gt_widgets.widgets.plan_card import PlanCard

        return PlanCard(found)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)

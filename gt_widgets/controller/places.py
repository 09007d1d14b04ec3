"""Where a session runs: on the local engine or on AWS.

Layer: controller. Everything AWS has an API for goes through the boto3 session alone; a place adds
what AWS has none for (the worker side), or says what to do instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from gt_widgets.errors import ValidationError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from gt_widgets.charts import Chart, Picture
    from gt_widgets.controller.audits import AuditPage
    from gt_widgets.controller.automation import Automation
    from gt_widgets.controller.planning import JobPlan
    from gt_widgets.services.daemon import Endpoint
    from gt_widgets.services.portal_client import PortalClient

__all__ = ["AwsPlace", "LocalPlace", "Place", "Views"]


class Views(Protocol):
    """What shows itself in a notebook; given by the layer above (``gt_widgets.widgets``)."""

    def worker(self, place: LocalPlace, *, job_name: str, user_name: str, backend: str) -> Any:
        """Return the worker's page for one job; ``backend`` names whose canvas it has."""

    def card(self, place: Place, *, job_name: str, snapshot: dict[str, Any]) -> Any:
        """Return a job card that updates itself."""

    def outbox(self, place: LocalPlace) -> Any:
        """Return the local outbox with the invitation mails."""

    def audit(
        self, pages: Sequence[AuditPage], load: Callable[[Sequence[str]], Sequence[Picture]]
    ) -> Any:
        """Return the grid in which people click the machine's wrong labels."""

    def meter(self, found: Automation) -> Any:
        """Return the live meter of an automated job."""

    def cost_slider(self, found: Automation, *, hourly_usd: float) -> Any:
        """Return a slider over targets, with what the rest of a job would cost at each."""

    def live_chart(self, found: Automation, draw: Callable[[Automation], Chart]) -> Any:
        """Return a chart that is drawn anew while its job runs."""

    def plan(self, found: JobPlan) -> Any:
        """Return a plan beside labeling everything by hand."""


@dataclass(frozen=True, slots=True)
class LocalPlace:
    """The engine of a state folder on this machine."""

    endpoint: Endpoint
    root: Path
    portal: PortalClient
    name: str = "LOCAL"

    def only_here(self, what: str) -> LocalPlace:
        """Return itself: everything can be done here."""
        del what
        return self


@dataclass(frozen=True, slots=True)
class AwsPlace:
    """A real AWS account."""

    region: str
    account_id: str
    name: str = "AWS"

    def only_here(self, what: str) -> LocalPlace:
        """Refuse what AWS has no call for.

        Raises
        ------
        ValidationError
            With what to do instead.
        """
        raise ValidationError(
            f"{what} is not possible on AWS, which has no API for its workers' side. Workers open "
            "the team's portal: team.portal_url. To try it without AWS use gt_widgets.connect()."
        )


Place = LocalPlace | AwsPlace

"""The worker's page in a notebook cell: sign in, take a task, draw, submit, next.

Layer: widgets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gt_widgets.widgets._base import GroundTruthWidget

if TYPE_CHECKING:
    from gt_widgets.services.portal_client import PortalClient

__all__ = ["WorkerWidget"]


class WorkerWidget(GroundTruthWidget):
    """Label the tasks of one job.

    The worker signs in on the page; the session stays in the browser's tab. Whoever shares a
    kernel can read what passes through it, so inline pages keep workers apart as a courtesy
    only: people who must not see each other's work need the portal in a process of its own.

    Parameters
    ----------
    portal : PortalClient
        AWS has no such calls, so there is no such page for a job on AWS.
    job_name : str
    user_name : str
        Filled into the sign-in form.
    """

    def __init__(self, portal: PortalClient, *, job_name: str, user_name: str = "") -> None:
        super().__init__(
            portal,
            kind="worker",
            store_id=portal.store_id,
            job_name=job_name,
            user_name=user_name,
        )

    def in_words(self) -> str:
        """Say what the widget shows, for places that cannot show it."""
        who = f" as {self.user_name}" if self.user_name else ""
        return f"The worker's page of job {self.job_name!r}{who}; run the cell to label."

"""A labeling job at a glance, kept up to date by the page.

Layer: widgets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gt_widgets.widgets._base import GroundTruthWidget

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gt_widgets.services.portal_client import PortalClient

__all__ = ["JobCard"]


class JobCard(GroundTruthWidget):
    """Status, counters, cost, the latest labels and what happens next.

    Parameters
    ----------
    portal : PortalClient or None
        None for a job on AWS: the card then shows ``snapshot``.
    job_name : str
    snapshot : mapping, optional
        The card as it is now (requester protocol ``card``); asked of ``portal`` unless given.
        It is saved with the notebook, so that readers without a kernel see the card too.
    """

    def __init__(
        self,
        portal: PortalClient | None,
        *,
        job_name: str,
        snapshot: Mapping[str, Any] | None = None,
    ) -> None:
        if snapshot is None:
            snapshot = portal.requester("card", {"job_name": job_name}) if portal else {}
        super().__init__(
            portal,
            kind="card",
            store_id=portal.store_id if portal else "",
            place="LOCAL" if portal else "AWS",
            job_name=job_name,
            snapshot=dict(snapshot),
        )

    def in_words(self) -> str:
        """Say what the widget shows, for places that cannot show it."""
        title = f"Labeling job {self.job_name!r} ({self.place})"
        if not self.snapshot:
            return f"{title}; run the cell to see it."
        counters = self.snapshot["counters"]
        labeled = counters["human_labeled"] + counters["machine_labeled"]
        failed = f", {counters['failed']} failed" if counters["failed"] else ""
        return (
            f"{title}: {self.snapshot['status']}, {labeled} of {counters['total']} labeled"
            f"{failed}\n  {self.snapshot['next']}"
        )

"""The local outbox: the mails that AWS would have sent to the workers.

Layer: widgets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gt_widgets.widgets._base import GroundTruthWidget

if TYPE_CHECKING:
    from gt_widgets.services.portal_client import PortalClient

__all__ = ["OutboxWidget"]


class OutboxWidget(GroundTruthWidget):
    """Invitations with user names and temporary passwords.

    The page fetches the mails each time it is shown: none of them is saved with the notebook.

    Parameters
    ----------
    portal : PortalClient
    """

    def __init__(self, portal: PortalClient) -> None:
        super().__init__(portal, kind="outbox", store_id=portal.store_id)

    def in_words(self) -> str:
        """Say what the widget shows, for places that cannot show it."""
        return "The outbox with the invitations; run the cell to see it."

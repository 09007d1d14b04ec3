"""The labeler's page for one item at a time, in a notebook cell, with no engine.

Layer: widgets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import traitlets as t

from gt_widgets.widgets._base import GroundTruthWidget

if TYPE_CHECKING:
    from gt_widgets.widgets.items import ItemPortal

__all__ = ["ItemPage"]


class ItemPage(GroundTruthWidget):
    """The page; ``turn`` goes up whenever it is to fetch its item anew.

    Parameters
    ----------
    portal : ItemPortal
    user_name : str
        Under which the browser keeps drafts: one of its own for each page.
    """

    turn = t.Int(0).tag(sync=True)
    """Goes up when the portal shows another item, other labels or other work to begin with."""

    def __init__(self, portal: ItemPortal, *, user_name: str) -> None:
        self._items = portal
        super().__init__(portal, kind="annotator", job_name=portal.name, user_name=user_name)

    def in_words(self) -> str:
        """Say what the widget shows, for places that cannot show it."""
        return f"{self.job_name}; run the cell to label."

    def _on_message(self, widget: object, content: object, buffers: Any) -> None:
        super()._on_message(widget, content, buffers)
        self._items.settle()  # after the answer: a callback may take long, or show the next item

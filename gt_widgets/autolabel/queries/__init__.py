"""Which objects people label next. One file per rule; all have one signature.

Layer: autolabel (pure functions; imports only ``errors``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gt_widgets.autolabel.queries.balance import watch_balance
from gt_widgets.autolabel.queries.cluster_margin import cluster_margin
from gt_widgets.autolabel.queries.core_set import core_set
from gt_widgets.autolabel.queries.entropy import entropy
from gt_widgets.autolabel.queries.margin import margin
from gt_widgets.autolabel.queries.random_order import random_order

if TYPE_CHECKING:
    from gt_widgets.autolabel.queries.types import Query

__all__ = [
    "QUERIES",
    "cluster_margin",
    "core_set",
    "entropy",
    "margin",
    "random_order",
    "watch_balance",
]

QUERIES: dict[str, Query] = {
    "margin": margin,
    "entropy": entropy,
    "random": random_order,
    "core_set": core_set,
    "cluster_margin": cluster_margin,
}
"""By the names of `AutoLabelConfig.query`."""

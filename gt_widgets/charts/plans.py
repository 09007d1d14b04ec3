"""A plan beside people alone.

Layer: charts (matplotlib; imports nothing else of ours).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gt_widgets.charts.figures import Chart, style
from gt_widgets.charts.palette import palette

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["plan_bars"]


def plan_bars(rows: Sequence[Mapping[str, Any]]) -> Chart:
    """Draw what people alone would take, and what is planned, with its band.

    Parameters
    ----------
    rows : sequence of mapping
        ``label``, ``alone``, ``planned``, ``low``, ``high``, ``unit``; one small chart each.
    """
    figure = Chart(figsize=(8.6, 1.9), layout="constrained")
    for ax, row in zip(figure.subplots(1, len(rows)), rows, strict=True):
        style(ax, row["label"])
        ax.barh(
            [0, 1],
            [row["alone"], row["planned"]],
            color=[palette().soft, palette().human],
            height=0.6,
        )
        band = [[max(row["planned"] - row["low"], 0)], [max(row["high"] - row["planned"], 0)]]
        ax.errorbar([row["planned"]], [1], xerr=band, color=palette().ink, capsize=4, linewidth=1.4)
        ax.set_yticks([0, 1], ["people alone", "with a machine"])
        ax.set_ylim(1.6, -0.6)
        ax.set_xlim(0, 1.3 * max(row["alone"], row["high"], 1e-9))
        for place, value in enumerate((row["alone"], max(row["planned"], row["high"]))):
            shown = row["alone"] if place == 0 else row["planned"]
            words = f" {shown:,.0f}" if row["unit"] == "" else f" {shown:,.1f} {row['unit']}"
            ax.text(value, place, words, va="center", fontsize=9, color=palette().ink)
        if ax.get_subplotspec().colspan.start:
            ax.set_yticklabels([])
    return figure

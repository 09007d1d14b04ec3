"""Charts of automated labeling: what may be trusted, who labeled what, what it costs.

Layer: charts (matplotlib; imports nothing else of ours).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.ticker import MaxNLocator, PercentFormatter

from gt_widgets.charts.figures import INK, SOFT, Chart, say

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from matplotlib.axes import Axes

__all__ = ["accuracy_against_coverage", "confidences", "cost_per_round", "labels_per_round"]

_HUMAN, _MACHINE, _GRID, _LINE = "#1f77b4", "#f2a541", "#e4e8ec", "#c0392b"


def accuracy_against_coverage(
    report: Mapping[str, Any], certificate: Mapping[str, Any] | None
) -> Chart:
    """Draw how right the surest labels are as more and more of the pool is taken.

    Parameters
    ----------
    report : mapping
        ``curve``: points with ``coverage``, ``error``, and ``low`` and ``high`` where each point
        has exact limits of its own.
    certificate : mapping or None
        ``coverage``, ``bound``, ``target`` and ``threshold`` of the last round: the one point that
        was promised.
    """
    figure, ax = _figure("Accuracy against coverage (random calibration sample)")
    curve = report.get("curve", [])
    if not curve:
        say(ax, "There was no training yet.")
        return figure
    x = np.array([point["coverage"] for point in curve])
    ax.plot(x, [1 - point["error"] for point in curve], color=_HUMAN, label="measured")
    if "high" in curve[0]:
        low = [1 - point["high"] for point in curve]
        high = [1 - point["low"] for point in curve]
        ax.fill_between(x, low, high, color=_HUMAN, alpha=0.15, linewidth=0, label="90 % limits")
    if certificate is not None:
        goal = 1 - certificate["target"]
        ax.axhline(goal, color=SOFT, linewidth=1, linestyle="--", label=f"target {goal:.1%}")
        if certificate["threshold"] is not None:
            sure = 1 - certificate["bound"]
            words = f"certified: {certificate['coverage']:.0%} at {sure:.1%} or better"
            ax.plot([certificate["coverage"]], [sure], "o", color=_LINE, label=words)
    _percent(ax.xaxis)
    _percent(ax.yaxis)
    ax.set_xlabel("share of the unlabeled objects", fontsize=9, color=SOFT)
    ax.legend(frameon=False, fontsize=9, loc="lower left")
    return figure


def labels_per_round(rounds: pd.DataFrame) -> Chart:
    """Draw what people labeled up to each training, and what the machine could label then.

    Parameters
    ----------
    rounds : pandas.DataFrame
        Columns ``round``, ``people``, ``machine``.
    """
    figure, ax = _figure("Labels by people, and what the machine may label")
    if rounds.empty:
        say(ax, "There was no training yet.")
        return figure
    people, machine = rounds["people"].to_numpy(), rounds["machine"].to_numpy()
    ax.bar(rounds["round"], people, color=_HUMAN, width=0.62, label="people")
    ax.bar(rounds["round"], machine, bottom=people, color=_MACHINE, width=0.62, label="machine")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_xlabel("training round", fontsize=9, color=SOFT)
    ax.legend(frameon=False, fontsize=9, loc="upper left", ncols=2)
    return figure


def confidences(report: Mapping[str, Any]) -> Chart:
    """Draw how sure the machine is of the unlabeled objects, and how right it was when so sure.

    Parameters
    ----------
    report : mapping
        ``confidence`` with ``edges``, ``counts`` and ``threshold``; for classes ``reliability``:
        rows of stated confidence, share right, number.
    """
    figure = Chart(figsize=(9.2, 3.4), layout="constrained")
    left, right = figure.subplots(1, 2)
    _style(left, "Scores of the unlabeled objects")
    _style(right, "Stated confidence, and how often it was right")
    found = report.get("confidence")
    if not found:
        say(left, "There was no training yet.")
        right.set_axis_off()
        return figure
    edges = np.array(found["edges"])
    left.bar(edges[:-1], found["counts"], width=np.diff(edges), align="edge", color=_MACHINE)
    if found["threshold"] is not None:
        left.axvline(found["threshold"], color=_LINE, linewidth=1.4, label="labeled from here on")
        left.legend(frameon=False, fontsize=9, loc="upper left")
    rows = np.array(report.get("reliability", []), dtype=float)
    if not rows.size:
        say(right, "Boxes and masks are held to their mean IoU.")
        return figure
    right.plot([0, 1], [0, 1], color=SOFT, linewidth=1, linestyle="--")
    sizes = 12 + 120 * rows[:, 2] / rows[:, 2].max()
    right.scatter(rows[:, 0], rows[:, 1], s=sizes, color=_HUMAN)
    _percent(right.xaxis)
    _percent(right.yaxis)
    return figure


def cost_per_round(rounds: pd.DataFrame) -> Chart:
    """Draw what the whole job would cost, were the loop stopped after each round.

    Parameters
    ----------
    rounds : pandas.DataFrame
        Columns ``round``, ``usd`` (people label what is left) and ``usd_people`` (people label
        everything), in dollars.
    """
    figure, ax = _figure("Cost of the job on AWS, in USD")
    if rounds.empty:
        say(ax, "There was no training yet.")
        return figure
    ax.plot(rounds["round"], rounds["usd"], "o-", color=_MACHINE, label="stopped after this round")
    ax.axhline(rounds["usd_people"].iloc[-1], color=_HUMAN, linestyle="--", label="people only")
    ax.set_ylim(bottom=0)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_xlabel("training round", fontsize=9, color=SOFT)
    ax.legend(frameon=False, fontsize=9, loc="lower left")
    return figure


def _figure(title: str) -> tuple[Chart, Axes]:
    figure = Chart(figsize=(6.4, 3.4), layout="constrained")
    ax = figure.subplots()
    _style(ax, title)
    return figure, ax


def _style(ax: Axes, title: str) -> None:
    ax.set_title(title, fontsize=11, color=INK, loc="left")
    ax.spines[["top", "right"]].set_visible(False)
    ax.spines[["left", "bottom"]].set_color(_GRID)
    ax.tick_params(length=0, labelsize=9, colors=SOFT)
    ax.grid(axis="y", color=_GRID, linewidth=0.8)
    ax.set_axisbelow(True)


def _percent(axis: Any) -> None:
    axis.set_major_formatter(PercentFormatter(1.0))

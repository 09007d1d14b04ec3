"""The glass box of automated labeling: what the machine knows, promises, did and saves.

Layer: charts (matplotlib; imports nothing else of ours). All take plain numbers as
`gt_widgets.autolabel.report` gathers them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.ticker import MaxNLocator, PercentFormatter

from gt_widgets.charts.figures import (
    Chart,
    name_rows,
    say,
    style,
)
from gt_widgets.charts.palette import palette

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from matplotlib.axes import Axes

__all__ = [
    "accuracy_by_coverage",
    "automation_overview",
    "class_coverage",
    "confidence_charts",
    "cost_by_round",
    "cost_by_target",
    "labels_by_round",
]

_SIZE = (6.4, 3.6)
_HALF = 0.5


def accuracy_by_coverage(report: Mapping[str, Any], certificate: Mapping[str, Any] | None) -> Chart:
    """Draw accuracy against the share that the machine would label, and the certified point.

    Parameters
    ----------
    report : mapping
        With ``curve``: points of ``coverage``, ``error`` and maybe ``low, high`` in [0, 1].
    certificate : mapping or None
        ``target, delta, kind, coverage, bound, threshold`` of the same round.
    """
    figure = Chart(figsize=_SIZE, layout="constrained")
    _draw_curve(figure.subplots(), report, certificate)
    return figure


def labels_by_round(rounds: pd.DataFrame, objects: int) -> Chart:
    """Draw what people had labeled at each round, and what the machine could label then.

    Parameters
    ----------
    rounds : pandas.DataFrame
        Columns ``round, people, machine, certified``.
    objects : int
        Of the job.
    """
    figure = Chart(figsize=_SIZE, layout="constrained")
    _draw_rounds(figure.subplots(), rounds, objects)
    return figure


def confidence_charts(report: Mapping[str, Any]) -> Chart:
    """Draw how sure the machine is of what is left, and whether it is right as often as it says.

    Parameters
    ----------
    report : mapping
        ``confidence``: ``edges, counts, threshold``; ``reliability``: rows of stated confidence,
        share that was right, objects.
    """
    figure = Chart(figsize=(8.6, 3.4), layout="constrained")
    left, right = figure.subplots(1, 2)
    _draw_scores(left, report)
    _draw_reliability(right, report)
    return figure


def class_coverage(classes: pd.DataFrame) -> Chart:
    """Draw, class by class, what people and what the machine labeled.

    Parameters
    ----------
    classes : pandas.DataFrame
        Index label; columns ``people, machine, guarded``. A guarded class has too few labels by
        people for the machine to give it.
    """
    figure = Chart(figsize=(6.4, 1.3 + 0.42 * max(len(classes), 2)), layout="constrained")
    _draw_classes(figure.subplots(), classes)
    return figure


def cost_by_round(costs: pd.DataFrame, all_people_usd: float) -> Chart:
    """Draw the bill of the whole job, were it stopped at each round, against people alone.

    Parameters
    ----------
    costs : pandas.DataFrame
        Index round; columns ``people_usd`` and ``machine_usd``, of the whole job.
    all_people_usd : float
    """
    figure = Chart(figsize=_SIZE, layout="constrained")
    ax = figure.subplots()
    _style(ax, "Bill of the whole job, by the round it stops at")
    if costs.empty:
        say(ax, "The machine has not trained yet.")
        return figure
    places = costs.index.to_numpy()
    ax.bar(
        places, costs["people_usd"], color=palette().human, width=0.62, label="labeled by people"
    )
    ax.bar(
        places,
        costs["machine_usd"],
        bottom=costs["people_usd"],
        color=palette().machine,
        width=0.62,
        label="labeled by machine",
    )
    ax.axhline(all_people_usd, color=palette().soft, linewidth=1.2, linestyle="--")
    _note(ax, f"people alone: {all_people_usd:,.2f} USD", all_people_usd)
    ax.set_ylim(0, 1.15 * max(all_people_usd, float(costs.sum(axis=1).max()), 1e-9))
    _label(ax, "round", "US dollars")
    ax.set_xlim(min(places) - 1, max(places) + 1)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    _legend(ax)
    return figure


def cost_by_target(points: pd.DataFrame, *, chosen: float | None = None) -> Chart:
    """Draw what the job would cost for each target, and how long people would still sit.

    Parameters
    ----------
    points : pandas.DataFrame
        Index target accuracy in [0, 1]; columns ``people``, ``machine``, ``cost_usd``, ``hours``.
    chosen : float, optional
        The target to point at.
    """
    figure = Chart(figsize=(8.6, 3.4), layout="constrained")
    left, right = figure.subplots(1, 2)
    _style(left, "Bill of the whole job, by target")
    _style(right, "Hours that people still sit, by target")
    if points.empty:
        say(left, "The machine has not trained yet.")
        right.set_axis_off()
        return figure
    for ax, column, unit in ((left, "cost_usd", "US dollars"), (right, "hours", "hours")):
        ax.plot(
            points.index, points[column], "o-", color=palette().ink, linewidth=1.6, markersize=4
        )
        if chosen is not None:
            nearest = points.index[int(np.abs(points.index.to_numpy() - chosen).argmin())]
            value = float(points.loc[nearest, column])
            ax.plot([nearest], [value], "o", color=palette().machine, markersize=9)
            ax.annotate(
                f"{value:,.2f}",
                (nearest, value),
                xytext=(0, 8),
                textcoords="offset points",
                ha="center",
                fontsize=9,
                color=palette().ink,
            )
        ax.set_ylim(0, 1.2 * max(float(points[column].max()), 1e-9))
        ax.xaxis.set_major_formatter(PercentFormatter(1.0))
        _label(ax, "target accuracy", unit)
    return figure


def automation_overview(
    report: Mapping[str, Any],
    certificate: Mapping[str, Any] | None,
    rounds: pd.DataFrame,
    objects: int,
    classes: pd.DataFrame,
    *,
    foreseen: bool = False,
) -> Chart:
    """Draw what says most: the promise, the rounds, the confidence, the classes if there are any.

    Takes what `accuracy_by_coverage`, `labels_by_round`, `confidence_charts` and `class_coverage`
    take. ``foreseen``: the certificate is a forecast made between two rounds, no promise.
    """
    rows, columns = (1, 3) if classes.empty else (2, 2)
    figure = Chart(figsize=(5.7 * columns, 3.6 * rows), layout="constrained")
    axes = figure.subplots(rows, columns).ravel()
    _draw_curve(axes[0], report, certificate, foreseen=foreseen)
    _draw_rounds(axes[1], rounds, objects)
    _draw_scores(axes[2], report)
    if not classes.empty:
        _draw_classes(axes[3], classes)
    return figure


# --- one picture each -----------------------------------------------------------------------------


def _draw_curve(
    ax: Axes,
    report: Mapping[str, Any],
    certificate: Mapping[str, Any] | None,
    *,
    foreseen: bool = False,
) -> None:
    iou = certificate is not None and certificate["kind"] == "iou"
    what = "Mean IoU" if iou else "Accuracy"
    _style(ax, f"{what} of machine labels, by the share the machine labels")
    points = report.get("curve") or []
    if not points or certificate is None:
        say(ax, "The machine has not trained yet.")
        return
    x = np.array([point["coverage"] for point in points])
    right, low, high = (
        1.0 - np.array([point.get(name, point["error"]) for point in points])
        for name in ("error", "high", "low")
    )
    order = np.argsort(x, kind="stable")
    if "low" in points[0]:
        words = "90 % limits of each point"
        ax.fill_between(x[order], low[order], high[order], color=palette().grid, label=words)
    ax.plot(
        x[order],
        right[order],
        color=palette().ink,
        linewidth=1.8,
        label="on the calibration sample",
    )
    target = 1.0 - certificate["target"]
    ax.axhline(target, color=palette().soft, linewidth=1.2, linestyle="--")
    floor = max(0.0, min(float(low.min()), target) - 0.03)
    if certificate["threshold"] is not None and certificate["bound"] is not None:
        _draw_promise(ax, certificate, iou=iou, foreseen=foreseen)
        floor = min(floor, max(0.0, 1.0 - certificate["bound"] - 0.12))
    _note(ax, f"target {target:.2f}" if iou else f"target {target:.0%}", target)
    ax.set_xlim(0, 1)
    ax.set_ylim(floor, 1.0)
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(PercentFormatter(1.0))
    _label(ax, "share of the unlabeled objects", "")
    _legend(ax)


def _draw_promise(ax: Axes, certificate: Mapping[str, Any], *, iou: bool, foreseen: bool) -> None:
    at, sure = certificate["coverage"], 1.0 - certificate["bound"]
    promise = f"mean IoU {sure:.2f} or more" if iou else f"at least {sure:.1%} right"
    color, ground = palette().sure, palette().ground
    name, inside = ("foreseen", ground) if foreseen else ("certified", color)
    ax.plot([at, at], [sure, 1.0], color=color, linewidth=1.4)
    ax.plot([at], [sure], "o", color=color, markerfacecolor=inside, markersize=8, label=name)
    ax.annotate(
        f"{at:.0%} by machine,\n{promise}",
        (at, sure),
        xytext=(-8 if at > _HALF else 8, -4),
        textcoords="offset points",
        ha="right" if at > _HALF else "left",
        va="top",
        fontsize=9,
        color=color,
        bbox={"facecolor": ground, "edgecolor": "none", "alpha": 0.8, "pad": 1},
    )


def _draw_rounds(ax: Axes, rounds: pd.DataFrame, objects: int) -> None:
    _style(ax, "Labels by people and by machine, round by round")
    if rounds.empty:
        say(ax, "The machine has not trained yet.")
        return
    places = rounds["round"].to_numpy()
    people, machine = rounds["people"].to_numpy(), rounds["machine"].to_numpy()
    ax.bar(places, people, color=palette().human, width=0.62, label="people")
    ax.bar(
        places,
        machine,
        bottom=people,
        color=palette().machine,
        width=0.62,
        label="machine could label",
    )
    ax.axhline(objects, color=palette().soft, linewidth=1.2, linestyle="--")
    _note(ax, f"all {objects:,} objects", objects)
    ax.set_ylim(0, 1.15 * objects)
    _label(ax, "round", "objects")
    ax.set_xlim(min(places) - 1, max(places) + 1)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    _legend(ax)


def _draw_scores(ax: Axes, report: Mapping[str, Any]) -> None:
    _style(ax, "How sure the machine is of what is left")
    found = report.get("confidence") or {}
    counts = np.array(found.get("counts") or [], dtype=float)
    if not counts.sum():
        say(ax, "Nothing is left to be sure of.")
        return
    edges = np.array(found["edges"])
    line = found["threshold"]
    taken = np.zeros(len(counts), dtype=bool) if line is None else edges[1:] > line
    width = np.diff(edges) * 0.92
    ax.bar(
        edges[:-1],
        counts,
        width=width,
        align="edge",
        color=np.where(taken, palette().machine, palette().human),
    )
    if line is not None:
        ax.axvline(line, color=palette().sure, linewidth=1.6)
        ax.annotate(
            "the machine labels →",
            (line, counts.max()),
            xytext=(4, 4),
            textcoords="offset points",
            fontsize=9,
            color=palette().sure,
            ha="left" if line < (edges[0] + edges[-1]) / 2 else "right",
        )
    ax.set_ylim(0, 1.18 * counts.max())
    _label(ax, "score", "objects")


def _draw_reliability(ax: Axes, report: Mapping[str, Any]) -> None:
    _style(ax, "Right as often as it says?")
    rows = report.get("reliability") or []
    if not rows:
        say(ax, "The machine has not trained yet.")
        return
    stated, right, counts = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    ax.plot([0, 1], [0, 1], color=palette().soft, linewidth=1.2, linestyle="--")
    ax.scatter(stated, right, s=20 + 180 * counts / counts.max(), color=palette().human, zorder=3)
    ax.set_xlim(0, 1.02)
    ax.set_ylim(0, 1.02)
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(PercentFormatter(1.0))
    _label(ax, "stated confidence", "share that is right")


def _draw_classes(ax: Axes, classes: pd.DataFrame) -> None:
    style(ax, "Class by class")
    if classes.empty:
        say(ax, "This task has no single classes.")
        return
    places = np.arange(len(classes))
    people, machine = classes["people"].to_numpy(), classes["machine"].to_numpy()
    ax.barh(places, people, color=palette().human, height=0.62, label="people")
    ax.barh(places, machine, left=people, color=palette().machine, height=0.62, label="machine")
    name_rows(ax, classes.index)
    ax.set_xlim(0, 1.25 * max(float((people + machine).max()), 1.0))
    for place, (total, guarded) in enumerate(
        zip(people + machine, classes["guarded"], strict=True)
    ):
        if guarded:
            ax.annotate(
                "too rare for the machine",
                (total, place),
                xytext=(4, 0),
                va="center",
                textcoords="offset points",
                fontsize=8,
                color=palette().soft,
            )
    _legend(ax)


def _style(ax: Axes, title: str) -> None:
    style(ax, title)
    ax.grid(axis="x", visible=False)
    ax.grid(axis="y", color=palette().grid, linewidth=0.8)


def _label(ax: Axes, below: str, beside: str) -> None:
    ax.set_xlabel(below, fontsize=9, color=palette().soft)
    ax.set_ylabel(beside, fontsize=9, color=palette().soft)


def _note(ax: Axes, words: str, height: float) -> None:
    """Write above a dashed line, at its left end."""
    ax.annotate(
        words,
        (0, height),
        xycoords=("axes fraction", "data"),
        xytext=(4, 2),
        textcoords="offset points",
        fontsize=8.5,
        color=palette().soft,
    )


def _legend(ax: Axes) -> None:
    ax.legend(
        frameon=False,
        labelcolor=palette().ink,
        fontsize=8.5,
        ncols=3,
        loc="upper left",
        bbox_to_anchor=(0, -0.16),
        borderpad=0,
    )

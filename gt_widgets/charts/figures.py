"""Charts of results: counts, times, agreement, accuracy.

Layer: charts (matplotlib; imports nothing else of ours). Every function returns a new
``Figure`` that no global state knows, so nothing is drawn twice and nothing leaks. Words from
the data are never read as mathematics.
"""

from __future__ import annotations

import math
import warnings
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from gt_widgets.charts.palette import LIGHT, palette

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from matplotlib.axes import Axes

__all__ = [
    "Chart",
    "accuracy_intervals",
    "agreement_heat_map",
    "confusion_heat_map",
    "label_bars",
    "worker_bars",
]

_MAX_CAPTION = 34


class Chart(Figure):
    """A figure that a notebook shows even where pyplot was never imported.

    It has the ground of the palette that holds when it is made; its axes have none of their own.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(facecolor=palette().ground, **options)

    def add_subplot(self, *places: Any, **options: Any) -> Any:
        """Add axes that let the figure's ground through."""
        return super().add_subplot(*places, facecolor="none", **options)

    def _repr_png_(self) -> bytes:
        png = BytesIO()
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Glyph .* missing")  # emoji in a text
            self.savefig(png, format="png", dpi=100)
        return png.getvalue()


def label_bars(counts: pd.DataFrame) -> Chart:
    """Draw how often each label was given, by people and by machine.

    Parameters
    ----------
    counts : pandas.DataFrame
        Of `query.label_counts`: index label; columns ``human``, ``machine``.
    """
    figure, ax = _figure("Labels", rows=len(counts))
    if counts.empty:
        say(ax, "Nothing is labeled yet.")
        return figure
    places = np.arange(len(counts))
    human, machine = counts["human"].to_numpy(), counts["machine"].to_numpy()
    ax.barh(places, human, color=palette().human, height=0.62, label="human")
    if machine.any():
        ax.barh(places, machine, left=human, color=palette().machine, height=0.62, label="machine")
        ax.legend(
            frameon=False,
            labelcolor=palette().ink,
            fontsize=9,
            ncols=2,
            loc="lower right",
            bbox_to_anchor=(1, 1),
            borderpad=0,
        )
    name_rows(ax, counts.index)
    _write_values(ax, human + machine, [f"{n:,}" for n in human + machine])
    return figure


def worker_bars(times: pd.DataFrame) -> Chart:
    """Draw how many tasks each worker did and how long a task took.

    Parameters
    ----------
    times : pandas.DataFrame
        Of `query.time_per_task`: index worker; columns ``tasks``, ``median_s``.
    """
    figure = Chart(figsize=(8.6, 1.3 + 0.42 * max(len(times), 2)), layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True)
    style(left, "Tasks per worker")
    style(right, "Median time per task, in seconds")
    if times.empty:
        say(left, "Nobody has answered yet.")
        right.set_axis_off()
        return figure
    places = np.arange(len(times))
    medians = times["median_s"].fillna(0.0).to_numpy()
    left.barh(places, times["tasks"], color=palette().human, height=0.62)
    right.barh(places, medians, color="#5aa9a3", height=0.62)
    name_rows(left, times.index)
    _write_values(left, times["tasks"].to_numpy(), [f"{n:,}" for n in times["tasks"]])
    known = ["-" if math.isnan(s) else f"{s:.1f}" for s in times["median_s"]]
    _write_values(right, medians, known)
    return figure


def agreement_heat_map(table: pd.DataFrame) -> Chart:
    """Draw how far each two workers agree.

    Parameters
    ----------
    table : pandas.DataFrame
        Of `query.agreement`: square, values in [0, 1], NaN where nothing is shared.
    """
    side = 2.2 + 0.55 * max(len(table), 2)
    figure = Chart(figsize=(side + 0.8, side), layout="constrained")
    ax = figure.subplots()
    if table.empty:
        ax.set_axis_off()
        say(ax, "Nobody has answered yet.")
        return figure
    values = table.to_numpy(dtype=float)
    image = ax.imshow(values, vmin=0.0, vmax=1.0, cmap="YlGnBu")
    ax.set_title("Agreement between workers", fontsize=11, color=palette().ink, loc="left")
    names = [short(str(name)) for name in table.index]
    ax.set_xticks(range(len(names)), names, rotation=40, ha="right", parse_math=False)
    ax.set_yticks(range(len(names)), names, parse_math=False)
    ax.tick_params(length=0, labelsize=9, colors=palette().ink)
    ax.spines[:].set_visible(False)
    for row, column in np.ndindex(*values.shape):
        value = values[row, column]
        words = "-" if math.isnan(value) else f"{value:.2f}"
        colour = "white" if value > 0.6 else LIGHT.ink  # noqa: PLR2004 - the dark half of the map
        ax.text(column, row, words, ha="center", va="center", fontsize=9, color=colour)
    bar = figure.colorbar(image, ax=ax, shrink=0.8)
    bar.outline.set_visible(False)
    bar.ax.tick_params(labelsize=8, colors=palette().soft, length=0)
    return figure


def accuracy_intervals(table: pd.DataFrame) -> Chart:
    """Draw each worker's accuracy with its interval.

    Parameters
    ----------
    table : pandas.DataFrame
        Of `quality.worker_quality`. What was measured on gold objects is a filled point; a
        worker without gold answers shows the estimate from the consensus, hollow and named so.
    """
    figure, ax = _figure("Accuracy, with 95 % interval", rows=len(table))
    measured = table["accuracy"].notna()
    known = measured | table["estimated_accuracy"].notna()
    if not known.any():
        say(ax, "Nothing to judge by: give gold=..., or let two workers answer each object.")
        return figure
    _points(ax, table, measured, "accuracy", "measured on gold objects")
    _points(ax, table, known & ~measured, "estimated", "estimated from agreement, not measured")
    name_rows(ax, table.index)
    ax.set_xlim(0.0, 1.0)
    ax.xaxis.set_major_formatter(PercentFormatter(1.0))
    ax.xaxis.set_major_locator(MaxNLocator(6))
    ax.legend(
        frameon=False,
        labelcolor=palette().ink,
        fontsize=9,
        loc="upper left",
        bbox_to_anchor=(0, -0.08),
        borderpad=0,
    )
    return figure


def _points(ax: Axes, table: pd.DataFrame, rows: pd.Series[bool], kind: str, words: str) -> None:
    """Draw the rows as points with intervals; ``kind`` begins the names of their columns."""
    if not rows.any():
        return
    centre = "accuracy" if kind == "accuracy" else "estimated_accuracy"
    values = table.loc[rows, [centre, f"{kind}_low", f"{kind}_high"]].to_numpy(float)
    colour, inside = (
        (palette().human, palette().human)
        if kind == "accuracy"
        else (palette().soft, palette().ground)
    )
    ax.errorbar(
        values[:, 0],
        np.flatnonzero(rows),
        xerr=np.abs(values[:, 1:] - values[:, :1]).T,
        fmt="o",
        color=colour,
        markerfacecolor=inside,
        markersize=6,
        capsize=3,
        linewidth=1.4,
        label=words,
    )


def confusion_heat_map(table: pd.DataFrame) -> Chart:
    """Draw what is mistaken for what.

    Parameters
    ----------
    table : pandas.DataFrame
        Of `quality.confusion_matrix`: numbers of answers. Colours are shares of each row.
    """
    side = 2.2 + 0.55 * max(len(table), 2)
    figure = Chart(figsize=(side + 1.2, side), layout="constrained")
    ax = figure.subplots()
    counts = table.to_numpy(dtype=float)
    if not counts.sum():
        ax.set_axis_off()
        say(ax, "No answers to compare.")
        return figure
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1e-12)
    ax.imshow(shares, vmin=0.0, vmax=1.0, cmap="YlGnBu")
    rows = "consensus" if table.index.name == "consensus" else "truth"
    ax.set_title(f"Answers by {rows}", fontsize=11, color=palette().ink, loc="left")
    names = [short(str(name)) for name in table.index]
    ax.set_xticks(range(len(names)), names, rotation=40, ha="right", parse_math=False)
    ax.set_yticks(range(len(names)), names, parse_math=False)
    ax.set_xlabel("given", fontsize=9, color=palette().soft)
    ax.set_ylabel(rows, fontsize=9, color=palette().soft)
    ax.tick_params(length=0, labelsize=9, colors=palette().ink)
    ax.spines[:].set_visible(False)
    for row, column in np.ndindex(*counts.shape):
        colour = "white" if shares[row, column] > 0.6 else LIGHT.ink  # noqa: PLR2004 - the dark half
        words = f"{counts[row, column]:.0f}"
        ax.text(column, row, words, ha="center", va="center", fontsize=9, color=colour)
    return figure


def _figure(title: str, *, rows: int) -> tuple[Chart, Axes]:
    figure = Chart(figsize=(6.4, 1.3 + 0.42 * max(rows, 2)), layout="constrained")
    ax = figure.subplots()
    style(ax, title)
    return figure, ax


def style(ax: Axes, title: str) -> None:
    ax.set_title(title, fontsize=11, color=palette().ink, loc="left")
    ax.spines[["top", "right", "bottom"]].set_visible(False)
    ax.spines["left"].set_color(palette().grid)
    ax.tick_params(length=0, labelsize=9, colors=palette().soft)
    ax.grid(axis="x", color=palette().grid, linewidth=0.8)
    ax.set_axisbelow(True)


def name_rows(ax: Axes, names: pd.Index[Any]) -> None:
    """Name the bars, the first at the top."""
    ax.set_yticks(np.arange(len(names)), [short(str(n)) for n in names], parse_math=False)
    ax.tick_params(axis="y", labelcolor=palette().ink)
    ax.set_ylim(len(names) - 0.5, -0.5)
    ax.xaxis.set_major_locator(MaxNLocator(6, integer=True))


def _write_values(ax: Axes, lengths: Any, words: Sequence[str]) -> None:
    longest = max(float(np.max(lengths)), 1.0)
    ax.set_xlim(0, longest * 1.12)
    for place, (length, text) in enumerate(zip(lengths, words, strict=True)):
        ax.text(length + longest * 0.012, place, text, va="center", fontsize=9, color=palette().ink)


def say(ax: Axes, words: str) -> None:
    ax.set_axis_off()
    ax.text(0.5, 0.5, words, ha="center", va="center", color=palette().soft, transform=ax.transAxes)


def short(words: str) -> str:
    return words if len(words) <= _MAX_CAPTION else "..." + words[3 - _MAX_CAPTION :]

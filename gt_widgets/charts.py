"""Pictures of results: a gallery with overlays, counts, times and agreement.

Layer: charts (matplotlib; imports nothing else of ours). Every function returns a new
``Figure`` that no global state knows, so nothing is drawn twice and nothing leaks. Words from
the data are never read as mathematics.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator, PercentFormatter

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from matplotlib.axes import Axes

__all__ = [
    "Chart",
    "Picture",
    "accuracy_intervals",
    "agreement_heat_map",
    "confusion_heat_map",
    "gallery",
    "label_bars",
    "worker_bars",
]

_COLOURS = (
    "#2ca02c",
    "#1f77b4",
    "#ff7f0e",
    "#d62728",
    "#9467bd",
    "#8c564b",
    "#e377c2",
    "#7f7f7f",
    "#bcbd22",
    "#17becf",
)
_INK, _SOFT, _GRID = "#24292f", "#6e7781", "#e4e8ec"
_HUMAN, _MACHINE = "#1f77b4", "#f2a541"
_MAX_CAPTION = 34
_CAPTION_PX = 24
"""A box nearer to the upper border has its label inside, clear of the title."""


class Chart(Figure):
    """A figure that a notebook shows even where pyplot was never imported."""

    def _repr_png_(self) -> bytes:
        png = BytesIO()
        self.savefig(png, format="png", dpi=100)
        return png.getvalue()


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture of a gallery.

    Parameters
    ----------
    image : PIL.Image.Image or ndarray of shape (h, w[, 3])
    boxes : sequence of mappings
        ``label, left, top, width, height`` in image pixels, optionally ``confidence``.
    caption : str
        Stands above the picture, for example the file name or the class.
    """

    image: Any
    boxes: Sequence[Mapping[str, Any]] = ()
    caption: str = ""


def gallery(
    pictures: Sequence[Picture], *, columns: int = 4, categories: Sequence[str] = ()
) -> Chart:
    """Show pictures side by side with their boxes.

    Parameters
    ----------
    pictures : sequence of Picture
    columns : int >= 1
    categories : sequence of str
        Label categories in ``class_id`` order; they fix the colour of each label. Without
        them labels take colours in alphabetical order.

    Returns
    -------
    Chart
    """
    labels = list(categories) or sorted({str(b["label"]) for p in pictures for b in p.boxes})
    colours = {label: _COLOURS[i % len(_COLOURS)] for i, label in enumerate(labels)}
    columns = max(min(columns, len(pictures)), 1)
    rows = max(math.ceil(len(pictures) / columns), 1)
    figure = Chart(figsize=(3.4 * columns, 2.8 * rows), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    for ax in axes:
        ax.set_axis_off()
    for ax, picture in zip(axes, pictures, strict=False):
        _show(ax, picture, colours)
    if not pictures:
        _say(axes[0], "No pictures to show.")
    return figure


def _show(ax: Axes, picture: Picture, colours: Mapping[str, str]) -> None:
    ax.imshow(np.asarray(picture.image), cmap="gray", interpolation="antialiased")
    ax.set_title(_short(picture.caption), fontsize=9, color=_INK, loc="left", parse_math=False)
    for box in picture.boxes:
        label = str(box["label"])
        colour = colours.get(label, _SOFT)
        corner = (box["left"] - 0.5, box["top"] - 0.5)  # pixel centres have whole numbers
        frame = Rectangle(
            corner, box["width"], box["height"], fill=False, edgecolor=colour, linewidth=2
        )
        ax.add_patch(frame)
        words = label
        if box.get("confidence"):
            words += f" {box['confidence']:.2f}"
        text = ax.annotate(
            words,
            corner,
            xytext=(2, 2 if box["top"] > _CAPTION_PX else -9),
            textcoords="offset points",
            fontsize=7.5,
            color="white",
            bbox={"facecolor": colour, "edgecolor": "none", "boxstyle": "square,pad=0.2"},
            annotation_clip=False,
        )
        text.set_parse_math(False)


def label_bars(counts: pd.DataFrame) -> Chart:
    """Draw how often each label was given, by people and by machine.

    Parameters
    ----------
    counts : pandas.DataFrame
        Of `query.label_counts`: index label; columns ``human``, ``machine``.
    """
    figure, ax = _figure("Labels", rows=len(counts))
    if counts.empty:
        _say(ax, "Nothing is labeled yet.")
        return figure
    places = np.arange(len(counts))
    human, machine = counts["human"].to_numpy(), counts["machine"].to_numpy()
    ax.barh(places, human, color=_HUMAN, height=0.62, label="human")
    if machine.any():
        ax.barh(places, machine, left=human, color=_MACHINE, height=0.62, label="machine")
        ax.legend(
            frameon=False,
            fontsize=9,
            ncols=2,
            loc="lower right",
            bbox_to_anchor=(1, 1),
            borderpad=0,
        )
    _name_rows(ax, counts.index)
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
    _style(left, "Tasks per worker")
    _style(right, "Median time per task, in seconds")
    if times.empty:
        _say(left, "Nobody has answered yet.")
        right.set_axis_off()
        return figure
    places = np.arange(len(times))
    medians = times["median_s"].fillna(0.0).to_numpy()
    left.barh(places, times["tasks"], color=_HUMAN, height=0.62)
    right.barh(places, medians, color="#5aa9a3", height=0.62)
    _name_rows(left, times.index)
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
        _say(ax, "Nobody has answered yet.")
        return figure
    values = table.to_numpy(dtype=float)
    image = ax.imshow(values, vmin=0.0, vmax=1.0, cmap="YlGnBu")
    ax.set_title("Agreement between workers", fontsize=11, color=_INK, loc="left")
    names = [_short(str(name)) for name in table.index]
    ax.set_xticks(range(len(names)), names, rotation=40, ha="right", parse_math=False)
    ax.set_yticks(range(len(names)), names, parse_math=False)
    ax.tick_params(length=0, labelsize=9, colors=_INK)
    ax.spines[:].set_visible(False)
    for row, column in np.ndindex(*values.shape):
        value = values[row, column]
        words = "-" if math.isnan(value) else f"{value:.2f}"
        colour = "white" if value > 0.6 else _INK  # noqa: PLR2004 - the dark half of the map
        ax.text(column, row, words, ha="center", va="center", fontsize=9, color=colour)
    bar = figure.colorbar(image, ax=ax, shrink=0.8)
    bar.outline.set_visible(False)
    bar.ax.tick_params(labelsize=8, colors=_SOFT, length=0)
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
        _say(ax, "Nothing to judge by: give gold=..., or let two workers answer each object.")
        return figure
    _points(ax, table, measured, "accuracy", "measured on gold objects")
    _points(ax, table, known & ~measured, "estimated", "estimated from agreement, not measured")
    _name_rows(ax, table.index)
    ax.set_xlim(0.0, 1.0)
    ax.xaxis.set_major_formatter(PercentFormatter(1.0))
    ax.xaxis.set_major_locator(MaxNLocator(6))
    ax.legend(frameon=False, fontsize=9, loc="upper left", bbox_to_anchor=(0, -0.08), borderpad=0)
    return figure


def _points(ax: Axes, table: pd.DataFrame, rows: pd.Series[bool], kind: str, words: str) -> None:
    """Draw the rows as points with intervals; ``kind`` begins the names of their columns."""
    if not rows.any():
        return
    centre = "accuracy" if kind == "accuracy" else "estimated_accuracy"
    values = table.loc[rows, [centre, f"{kind}_low", f"{kind}_high"]].to_numpy(float)
    colour, inside = (_HUMAN, _HUMAN) if kind == "accuracy" else (_SOFT, "white")
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
        _say(ax, "No answers to compare.")
        return figure
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1e-12)
    ax.imshow(shares, vmin=0.0, vmax=1.0, cmap="YlGnBu")
    rows = "consensus" if table.index.name == "consensus" else "truth"
    ax.set_title(f"Answers by {rows}", fontsize=11, color=_INK, loc="left")
    names = [_short(str(name)) for name in table.index]
    ax.set_xticks(range(len(names)), names, rotation=40, ha="right", parse_math=False)
    ax.set_yticks(range(len(names)), names, parse_math=False)
    ax.set_xlabel("given", fontsize=9, color=_SOFT)
    ax.set_ylabel(rows, fontsize=9, color=_SOFT)
    ax.tick_params(length=0, labelsize=9, colors=_INK)
    ax.spines[:].set_visible(False)
    for row, column in np.ndindex(*counts.shape):
        colour = "white" if shares[row, column] > 0.6 else _INK  # noqa: PLR2004 - the dark half
        words = f"{counts[row, column]:.0f}"
        ax.text(column, row, words, ha="center", va="center", fontsize=9, color=colour)
    return figure


def _figure(title: str, *, rows: int) -> tuple[Chart, Axes]:
    figure = Chart(figsize=(6.4, 1.3 + 0.42 * max(rows, 2)), layout="constrained")
    ax = figure.subplots()
    _style(ax, title)
    return figure, ax


def _style(ax: Axes, title: str) -> None:
    ax.set_title(title, fontsize=11, color=_INK, loc="left")
    ax.spines[["top", "right", "bottom"]].set_visible(False)
    ax.spines["left"].set_color(_GRID)
    ax.tick_params(length=0, labelsize=9, colors=_SOFT)
    ax.grid(axis="x", color=_GRID, linewidth=0.8)
    ax.set_axisbelow(True)


def _name_rows(ax: Axes, names: pd.Index[Any]) -> None:
    """Name the bars, the first at the top."""
    ax.set_yticks(np.arange(len(names)), [_short(str(n)) for n in names], parse_math=False)
    ax.tick_params(axis="y", labelcolor=_INK)
    ax.set_ylim(len(names) - 0.5, -0.5)
    ax.xaxis.set_major_locator(MaxNLocator(6, integer=True))


def _write_values(ax: Axes, lengths: Any, words: Sequence[str]) -> None:
    longest = max(float(np.max(lengths)), 1.0)
    ax.set_xlim(0, longest * 1.12)
    for place, (length, text) in enumerate(zip(lengths, words, strict=True)):
        ax.text(length + longest * 0.012, place, text, va="center", fontsize=9, color=_INK)


def _say(ax: Axes, words: str) -> None:
    ax.set_axis_off()
    ax.text(0.5, 0.5, words, ha="center", va="center", color=_SOFT, transform=ax.transAxes)


def _short(words: str) -> str:
    return words if len(words) <= _MAX_CAPTION else "..." + words[3 - _MAX_CAPTION :]

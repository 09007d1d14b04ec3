"""Pictures of a data set: confidence, sizes of boxes, and what a split gave to each set.

Layer: query (imports ``charts``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gt_widgets.charts import Chart

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from matplotlib.axes import Axes

__all__ = ["box_sizes", "confidence_histogram", "split_bars"]

_HUMAN, _MACHINE, _INK = "#1f77b4", "#f2a541", "#24292f"
_COLOURS = ("#1f77b4", "#f2a541", "#5aa9a3", "#d62728", "#9467bd", "#8c564b")
_BINS = 20
_LONGEST = 34


def confidence_histogram(objects: pd.DataFrame) -> Chart:
    """Draw how sure the labels are, those of people and of machines apart."""
    figure, ax = _figure("Confidence of labels")
    bins = np.linspace(0.0, 1.0, _BINS + 1)
    for by, colour, name in (("yes", _HUMAN, "human"), ("no", _MACHINE, "machine")):
        values = objects.loc[objects["human_annotated"] == by, "confidence"].dropna()
        if len(values):
            ax.hist(values, bins=list(bins), color=colour, alpha=0.75, label=name)
    ax.set_xlim(0.0, 1.0)
    ax.set_ylabel("objects")
    if ax.get_legend_handles_labels()[0]:
        ax.legend(frameon=False, fontsize=9)
    return figure


def box_sizes(boxes: pd.DataFrame) -> Chart:
    """Draw width and height of each box, in image pixels, a colour per label."""
    figure, ax = _figure("Sizes of boxes, in pixels")
    for place, (label, own) in enumerate(boxes.groupby("label")):
        colour = _COLOURS[place % len(_COLOURS)]
        handle = ax.scatter(own["width"], own["height"], s=14, color=colour, alpha=0.6)
        handle.set_label(_short(str(label)))
    ax.set_xlabel("width")
    ax.set_ylabel("height")
    if len(boxes):
        _legend(ax)
    return figure


def split_bars(sets: Sequence[str], strata: Sequence[object]) -> Chart:
    """Draw how a split shares out each stratum.

    Parameters
    ----------
    sets : sequence of str
        Of `split`.
    strata : sequence
        One per object.
    """
    import pandas as pd

    figure, ax = _figure("Shares of each label")
    table = pd.crosstab(
        pd.Series([str(stratum) for stratum in strata], name="stratum"),
        pd.Series(list(sets), name="set"),
        normalize="index",
    )
    left = np.zeros(len(table))
    for place, name in enumerate(dict.fromkeys(sets)):
        values = table[name].to_numpy()
        ax.barh(range(len(table)), values, left=left, color=_COLOURS[place % 6], label=name)
        left += values
    names = [_short(str(name)) for name in table.index]
    ax.set_yticks(range(len(table)), names, parse_math=False)
    ax.set_xlim(0.0, 1.0)
    if len(table):
        _legend(ax)
    return figure


def _figure(title: str) -> tuple[Chart, Axes]:
    figure = Chart(figsize=(6.4, 3.2), layout="constrained")
    ax = figure.subplots()
    ax.set_title(title, fontsize=11, color=_INK, loc="left")
    ax.spines[["top", "right"]].set_visible(False)
    ax.tick_params(labelsize=9)
    return figure, ax


def _legend(ax: Axes) -> None:
    """Words from the data are never read as mathematics."""
    legend = ax.legend(frameon=False, fontsize=8, loc="upper left", bbox_to_anchor=(1, 1))
    for text in legend.get_texts():
        text.set_parse_math(False)


def _short(words: str) -> str:
    words = words if len(words) <= _LONGEST else words[: _LONGEST - 3] + "..."
    return words if not words.startswith("_") else "\u200b" + words

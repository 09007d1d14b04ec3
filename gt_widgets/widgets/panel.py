"""A panel of automated labeling: what the kernel says stands on it, drawn by the page.

Layer: widgets. Blocks are plain data; ``labextension/src/panel/blocks.ts`` parses them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anywidget
import traitlets as t

from gt_widgets.widgets._base import built

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "Act",
    "Block",
    "Panel",
    "act",
    "bar",
    "chart",
    "compare",
    "figure",
    "head",
    "note",
    "part",
    "row",
    "tiles",
    "time_words",
]

Block = dict[str, Any]
Act = dict[str, Any]


class Panel(anywidget.AnyWidget):
    """Blocks, and below them those of one of several choices behind a slider.

    Parameters
    ----------
    **state
        Values of the traits.
    """

    _esm = built("panel.js")
    _css = built("panel.css")

    blocks = t.List(t.Dict()).tag(sync=True)
    """What stands above, from top to bottom."""

    choices = t.List(t.Dict()).tag(sync=True)
    """``{"label", "blocks"}`` of every place of the slider; none: there is no slider."""

    chosen = t.Int(0).tag(sync=True)
    """The slider's place, from 0."""

    label = t.Unicode().tag(sync=True)
    """What the slider chooses."""

    act = t.Dict().tag(sync=True)
    """What a button at the end does (`act`); empty: there is none."""

    def in_words(self) -> str:
        """Say what the panel shows, for places that cannot show it."""
        return "Ground Truth panel; run the cell to see it."

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        bundle = super()._repr_mimebundle_(**kwargs)
        if bundle is not None:
            bundle[0]["text/plain"] = self.in_words()
        return bundle


def head(title: str, caption: str = "", pill: str = "") -> Block:
    """A title, small words below it, and a pill at its right."""
    return {"block": "head", "title": title, "caption": caption, "pill": pill}


def figure(value: str, words: str) -> Block:
    """One large number and what it is."""
    return {"block": "figure", "value": value, "words": words}


def bar(total: float, parts: Sequence[dict[str, Any]]) -> Block:
    """A bar of parts (`part`) with a legend."""
    return {"block": "bar", "total": total, "parts": list(parts)}


def part(kind: str, count: float, label: str) -> dict[str, Any]:
    """A part of a `bar`; ``kind`` is people, machine, foreseen, left or all."""
    return {"kind": kind, "count": count, "label": label}


def tiles(*found: tuple[str, str, str]) -> Block:
    """Numbers beside each other: label, value, note."""
    made = [{"label": label, "value": value, "note": words} for label, value, words in found]
    return {"block": "tiles", "tiles": made}


def compare(label: str, most: float, rows: Sequence[dict[str, Any]]) -> Block:
    """Bars below each other (`row`) on one axis from 0 to ``most``."""
    return {"block": "compare", "label": label, "most": most, "rows": list(rows)}


def row(
    kind: str,
    label: str,
    value: float,
    words: str,
    *,
    low: float | None = None,
    high: float | None = None,
) -> dict[str, Any]:
    """A bar of a `compare` with a band; ``words`` stand behind it."""
    return {"kind": kind, "label": label, "value": value, "low": low, "high": high, "words": words}


def chart(
    name: str,
    *,
    line: Sequence[tuple[float, float]],
    x: tuple[float, float],
    x_ticks: Sequence[tuple[float, str]],
    x_label: str,
    band: Sequence[tuple[float, float, float]] = (),
    mark: tuple[float, float, str] | None = None,
    rule: tuple[float, str] | None = None,
) -> Block:
    """Shares in [0, 1] against anything, with a band, a point to look at and a dashed line."""
    return {
        "block": "chart",
        "name": name,
        "x": list(x),
        "y": [0.0, 1.0],
        "x_ticks": [_tick(*each) for each in x_ticks],
        "y_ticks": [_tick(share / 4, f"{share * 25}%") for share in range(5)],
        "x_label": x_label,
        "band": [list(each) for each in band],
        "line": [list(each) for each in line],
        "mark": mark and {"at": list(mark[:2]), "label": mark[2]},
        "rule": rule and _tick(*rule),
    }


def time_words(hours: float) -> str:
    """Hours, or minutes where they are few."""
    if 0 < hours < 1 / 60:
        return "under 1 min"
    return f"{hours * 60:.0f} min" if hours < 1 else f"{hours:,.1f} h"


def note(words: str) -> Block:
    """Small words."""
    return {"block": "note", "words": words}


def act(
    state: str,
    said: str = "",
    *,
    label: str = "",
    words: str = "",
    rests: Sequence[tuple[str, str]] = (),
    confirm: str = "",
    heard: int = 0,
) -> Act:
    """What a panel's button does, in two steps.

    Parameters
    ----------
    state : {"ready", "refused", "busy", "over"}
        It can be had; it cannot; it is being done; it is done and there is no button any more.
    said : str
        How it stands, or why it cannot be had.
    label : str
        Of the button.
    words : str
        What will happen, at the second step.
    rests : sequence of (value, str)
        Of these one is chosen at the second step; its value comes back.
    confirm : str
        Of the button of the second step.
    heard : int
        How often it was pressed, as far as the kernel knows.
    """
    choices = [{"value": value, "label": each} for value, each in rests]
    return {
        "state": state,
        "heard": heard,
        "said": said,
        "label": label,
        "words": words,
        "rests": choices,
        "confirm": confirm,
    }


def _tick(at: float, label: str) -> dict[str, Any]:
    return {"at": at, "label": label}

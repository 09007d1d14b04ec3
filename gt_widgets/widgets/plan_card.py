"""A plan in a notebook cell, beside labeling everything by hand.

Layer: widgets.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from gt_widgets.widgets.panel import (
    Block,
    Panel,
    bar,
    compare,
    figure,
    head,
    note,
    part,
    row,
    time_words,
)

if TYPE_CHECKING:
    from gt_widgets.controller.planning import JobPlan

__all__ = ["PlanCard"]


class PlanCard(Panel):
    """Coverage with its band, and objects, hours and the bill beside people alone.

    Parameters
    ----------
    found : JobPlan
    """

    def __init__(self, found: JobPlan) -> None:
        self._found = found
        super().__init__(blocks=_blocks(found))

    def in_words(self) -> str:
        """Say what the plan says."""
        return self._found.words

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        bundle = super()._repr_mimebundle_(**kwargs)
        if bundle is not None:  # for readers without a kernel
            png = self._found.chart()._repr_png_()
            bundle[0]["image/png"] = base64.b64encode(png).decode()
        return bundle


def _blocks(found: JobPlan) -> list[Block]:
    made = found.plan
    people = made.objects - round(made.machine_share * made.objects)
    first = min(made.calibration, people)
    target = f"{found.target:.0%} accuracy"
    if found.task not in {"image-classification", "text-classification"}:
        target = f"a mean IoU of {found.target:.2f}"
    band = f"is probably labeled by machine ({made.low:.0%} to {made.high:.0%})"
    return [
        head(f"Plan: {made.objects:,} objects", f"{found.task.replace('-', ' ')} · at {target}"),
        figure(f"{made.machine_share:.0%}", band),
        bar(
            made.objects,
            [
                part("people", people, f"{people:,} by people, {first:,} of them at random first"),
                part("foreseen", made.objects - people, f"{made.objects - people:,} by machine"),
            ],
        ),
        *(_compared(each) for each in found.rows()),
        note(found.words),
    ]


def _compared(found: dict[str, Any]) -> Block:
    def said(value: float) -> str:
        if found["unit"] == "h":
            return time_words(value)
        return f"{value:,.2f} {found['unit']}" if found["unit"] else f"{value:,.0f}"

    unit = f" {found['unit']}" if found["unit"] == "USD" else ""
    low, high = (said(found[end]).removesuffix(unit) for end in ("low", "high"))
    planned = f"{said(found['planned'])} ({low} to {high})"
    ends = {"low": found["low"], "high": found["high"]}
    return compare(
        found["label"],
        max(found["alone"], found["high"]) or 1.0,
        [
            row("all", "people alone", found["alone"], said(found["alone"])),
            row("people", "with a machine", found["planned"], planned, **ends),
        ],
    )

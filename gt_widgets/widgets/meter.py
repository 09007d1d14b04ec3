"""The live meter: how much is labeled for whoever stops now, while people label.

Layer: widgets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gt_widgets.widgets.live import Follows
from gt_widgets.widgets.panel import (
    Block,
    Panel,
    bar,
    chart,
    figure,
    head,
    note,
    part,
    tiles,
    time_words,
)

if TYPE_CHECKING:
    from gt_widgets.controller.automation import Automation

__all__ = ["Meter"]

_PHASES = {
    "calibration": "random sample",
    "adjudication": "second look",
    "query": "people label",
    "commit": "writing",
    "rest": "committed",
    "people-only": "people only",
}
_FEW = 2


class Meter(Follows, Panel):
    """What the machine would label if people were asked no further; keeps up with the job.

    Parameters
    ----------
    found : Automation
        As it is now.
    live : bool
        Follow the job.
    """

    def __init__(self, found: Automation, *, live: bool = True) -> None:
        self._trail: dict[int, float] = {}
        self._words = ""
        super().__init__()
        self.show(found)
        if live:
            self.follow(found)

    def show(self, found: Automation) -> None:
        """Show a job as it is."""
        for people, share in found.trail:
            self._trail[people] = share
        trail = sorted(self._trail.items())
        self._words = str(found)
        self.blocks = _blocks(found, trail)

    def in_words(self) -> str:
        """Say what the meter shows."""
        return self._words


def _blocks(found: Automation, trail: list[tuple[int, float]]) -> list[Block]:
    record = found.found
    phase = str(record["phase"])
    rounds = len(record["rounds"])
    caption = f"target {record['target']:.0%}" + (f" · round {rounds}" if rounds else "")
    title = head(f"Automated labeling of {found.job.name}", caption, _PHASES.get(phase, phase))
    meter = record["meter"]
    if meter is None:
        return [title, *_settled(record), note(record["words"])]
    made = [title, _figure(meter), _bar(record["objects"], meter)]
    if len(trail) >= _FEW:
        made.append(_trail_chart(trail, record["objects"]))
    made.append(_tiles(meter))
    made.append(note(_caution(meter, record)))
    return made


def _figure(meter: dict[str, Any]) -> Block:
    if meter["machine"]:
        return figure(f"{meter['share']:.0%}", "is labeled for you if you stop now")
    if meter["source"] != "round" and meter["sampled"] < meter["sample"]:
        return figure(
            f"{meter['sampled']:,} of {meter['sample']:,}",
            "labels of the random sample count so far; then the machine can promise something",
        )
    return figure("0%", "can be promised yet: if you stop now, nothing is labeled for you")


def _bar(total: int, meter: dict[str, Any]) -> Block:
    parts = [
        part("people", meter["people"], f"{meter['people']:,} by people"),
        part("foreseen", meter["machine"], f"{meter['machine']:,} by machine, foreseen"),
        part("left", meter["left"], f"{meter['left']:,} left"),
    ]
    return bar(total, [each for each in parts if each["count"] or each["kind"] != "foreseen"])


def _settled(record: Any) -> list[Block]:
    machine, total = record["machine_labeled"], record["objects"]
    counted = record["counted"]
    parts = [
        part("people", counted["people"], f"{counted['people']:,} by people"),
        part("machine", machine, f"{machine:,} by machine"),
        part("left", counted["left"], f"{counted['left']:,} left to people"),
    ]
    share = machine / max(total, 1)
    return [figure(f"{share:.0%}", "was labeled for you by machine"), bar(total, parts)]


def _trail_chart(trail: list[tuple[int, float]], total: int) -> Block:
    people = [each for each, _ in trail]
    first, last = people[0], max(people[-1], people[0] + 1)
    at, share = trail[-1]
    return chart(
        "Share of all objects that would be labeled by machine, by labels of people",
        line=trail,
        x=(first, last),
        x_ticks=[(first, f"{first:,}"), ((first + last) / 2, ""), (last, f"{last:,}")],
        x_label=f"labels by people, of {total:,} objects",
        mark=(at, share, f"now {share:.0%}"),
    )


def _tiles(meter: dict[str, Any]) -> Block:
    return tiles(
        ("People have labeled", f"{meter['people']:,}", f"of {meter['total']:,} objects"),
        (
            "Left to people, if you stop",
            f"{meter['left']:,}",
            f"about {time_words(meter['hours'])}",
        ),
        ("The whole job then", f"{meter['cost_usd']:,.2f} USD", _saved(meter["saved_usd"])),
    )


def _saved(usd: float) -> str:
    return f"{usd:,.2f} less than people alone" if usd >= 0.005 else "on AWS's price list"  # noqa: PLR2004


def _caution(meter: dict[str, Any], record: Any) -> str:
    if meter["source"] == "look":
        head_ = f"A forecast from {meter['people']:,} labels."
    elif meter["source"] == "round":
        head_ = f"The forecast of round {len(record['rounds'])}."
        if record["task"] != "classes":
            head_ += f" For {record['task']} it is made anew with the next training."
    else:
        head_ = "Nothing has been foreseen yet."
    return (
        f"{head_} The promise is made at the commit, from the labels that are there then: "
        "job.automation.commit() asks people no further and makes it now."
    )

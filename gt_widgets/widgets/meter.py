"""The live meter: how much is labeled for whoever stops now, and the button that stops.

Layer: widgets. The button lives in the requester's notebook: the page says over the widget's comm
that it was pressed, and this kernel asks the engine, as ``job.automation.commit()`` does. Labelers'
pages have neither the comm nor an operation for it.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from gt_widgets.errors import GroundTruthError
from gt_widgets.widgets.live import Follows
from gt_widgets.widgets.panel import (
    Act,
    Block,
    Panel,
    act,
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

    Its button has the machine label that now, once a second button was pressed that says what will
    happen.

    Parameters
    ----------
    found : Automation
        As it is now.
    live : bool
        Follow the job.
    """

    def __init__(self, found: Automation, *, live: bool = True) -> None:
        self._trail: dict[int, float] = {}
        self._heard = 0
        # the follower's thread and the one that hears the page
        self._showing = threading.Lock()
        super().__init__()
        self.show(found)
        self.on_msg(self._on_message)
        if live:
            self.follow(found)

    def show(self, found: Automation) -> None:
        """Show a job as it is."""
        with self._showing:
            self._found = found
            for people, share in found.trail:
                self._trail[people] = share
            with self.hold_sync():
                self.blocks = _blocks(found, sorted(self._trail.items()))
                self.act = _act(found, self._heard)

    def in_words(self) -> str:
        """Say what the meter shows."""
        return str(self._found)

    def _on_message(self, _widget: object, content: object, _buffers: object) -> None:
        """Commit once; whatever else a page says, or says again, changes nothing."""
        if not isinstance(content, dict) or content.get("type") != "commit":
            return
        self._heard += 1
        try:
            found = self._found.job.automation() or self._found
            if found.asked is None and found.share is not None:
                found.commit(rest=str(content.get("rest")))
                found = found.job.automation() or found
            self.show(found)
            if self._follower is None:
                self.follow(found)
        except GroundTruthError as error:
            with self._showing:
                said = f"The machine was not asked: {error}"
                self.act = {**self.act, "said": said, "heard": self._heard}


def _blocks(found: Automation, trail: list[tuple[int, float]]) -> list[Block]:
    record = found.found
    phase = str(record["phase"])
    rounds = len(record["rounds"])
    caption = f"target {record['target']:.0%}" + (f" · round {rounds}" if rounds else "")
    meter = record["meter"]
    asked = found.asked is not None
    pill = "labeling now" if asked and meter else _PHASES.get(phase, phase)
    title = head(f"Automated labeling of {found.job.name}", caption, pill)
    if meter is None:  # what was asked for is answered below, where it was asked
        return [title, *_settled(record), *([] if asked else [note(record["words"])])]
    made = [title, _figure(meter, asked=asked), _bar(record["objects"], meter)]
    if len(trail) >= _FEW:
        made.append(_trail_chart(trail, record["objects"]))
    if not asked:
        made += [_tiles(meter), note(_caution(meter, record))]
    return made


def _act(found: Automation, heard: int) -> Act:
    """Say what the button does now; where it is over there is none, only what came of it."""
    record = found.found
    meter = record["meter"]
    if found.asked is not None:
        over = record["phase"] in {"rest", "people-only"} or not found.open
        said = meter["words"] if meter else record["words"]
        return act("over" if over else "busy", said, heard=heard)
    if meter is None or record["status"] != "InProgress":
        return act("over", heard=heard)
    if not meter["machine"]:
        return act("refused", _why_not(meter), label="Label by machine now …", heard=heard)
    machine, left = meter["machine"], meter["left"]
    return act(
        "ready",
        label=f"Label {meter['share']:.0%} now …",
        words=(
            f"About {machine:,} of {record['objects']:,} objects are labeled by the machine now. "
            "People are asked no further, tasks that are out are taken back. How many it may be "
            "held to is certified then. This cannot be undone."
        ),
        rests=[
            ("people", f"People go on with the {left:,} that are left"),
            ("unlabeled", f"The job stops; the {left:,} that are left stay unlabeled"),
        ],
        confirm=f"Label {machine:,} objects now",
        heard=heard,
    )


def _why_not(meter: dict[str, Any]) -> str:
    if meter["source"] != "round" and meter["sampled"] < meter["sample"]:
        return "Not before the random sample is labeled: the machine can be held to nothing yet."
    return "Not now: the machine can be held to nothing yet."


def _figure(meter: dict[str, Any], *, asked: bool) -> Block:
    if asked:
        return figure(f"{meter['share']:.0%}", "was foreseen; the machine labels what it may now")
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
    left = "left unlabeled" if record["asked"] == "unlabeled" else "left to people"
    parts = [
        part("people", counted["people"], f"{counted['people']:,} by people"),
        part("machine", machine, f"{machine:,} by machine"),
        part("left", counted["left"], f"{counted['left']:,} {left}"),
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
        f"{head_} The promise is made at the commit, from the labels that are there then: the "
        "button, or job.automation.commit(), asks people no further and makes it now."
    )

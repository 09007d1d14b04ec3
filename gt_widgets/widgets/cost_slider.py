"""The cost slider: what the rest of an automated job would cost at another target.

Layer: widgets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gt_widgets.errors import ValidationError
from gt_widgets.widgets.live import Follows
from gt_widgets.widgets.panel import Block, Panel, chart, head, note, tiles, time_words

if TYPE_CHECKING:
    import pandas as pd

    from gt_widgets.controller.automation import Automation

__all__ = ["CostSlider"]


class CostSlider(Follows, Panel):
    """A slider over target accuracies, with what each would bring; keeps up with the job.

    Parameters
    ----------
    found : Automation
        As it is now.
    hourly_usd : float >= 0
        What an hour of your own people costs you; AWS's bill has nothing for them.
    live : bool
        Follow the job.

    Raises
    ------
    ValidationError
        If the machine has not looked at anything yet.
    """

    def __init__(self, found: Automation, *, hourly_usd: float = 0.0, live: bool = True) -> None:
        self._hourly_usd = hourly_usd
        self._targets: list[float] = []
        if found.targets.empty:
            raise ValidationError(
                "the machine has not trained yet; the slider needs the numbers of a first round"
            )
        super().__init__(label="Target")
        self.show(found)
        if live:
            self.follow(found)

    @property
    def target(self) -> float:
        """The chosen target."""
        return self._targets[self.chosen]

    @target.setter
    def target(self, wanted: float) -> None:
        near = min(self._targets, key=lambda each: abs(each - wanted))
        self.chosen = self._targets.index(near)

    def show(self, found: Automation) -> None:
        """Show a job as it is; the slider stays where it was."""
        points, own = found.targets, float(found.found["target"])
        if points.empty:
            return
        wanted = self.target if self._targets else own
        self._targets = [float(each) for each in points.index]
        with self.hold_sync():
            self.blocks = [
                head("Other targets", f"{found.job.name}: what each would bring from here")
            ]
            self.choices = [
                {"label": f"{each:.0%}", "blocks": self._blocks(points, each, own, found)}
                for each in self._targets
            ]
            self.target = wanted

    def in_words(self) -> str:
        """Say what the slider shows where it stands."""
        return str(self.choices[self.chosen]["blocks"][0]["words"])

    def _blocks(
        self, points: pd.DataFrame, target: float, own: float, found: Automation
    ) -> list[Block]:
        at: dict[str, float] = points.loc[[target]].to_dict("records")[0]  # type: ignore[assignment]
        rest = at["rest_usd"] + self._hourly_usd * at["hours"]
        low = at["rest_low"] + self._hourly_usd * at["hours_low"]
        high = at["rest_high"] + self._hourly_usd * at["hours_high"]
        words = (
            f"At {target:.0%} the machine would label {at['machine']:,.0f} of the rest; people "
            f"{at['people']:,.0f} in {time_words(at['hours'])}. The rest of the job: "
            f"{rest:,.2f} USD."
        )
        promised = "This job's own target. " if target == own else ""
        return [
            note(words),
            _coverage(points, target, own),
            tiles(
                (
                    "By machine",
                    f"{at['machine']:,.0f}",
                    f"{at['low']:,.0f} to {at['high']:,.0f}",
                ),
                (
                    "People still sit",
                    time_words(at["hours"]),
                    f"{time_words(at['hours_low'])} to {time_words(at['hours_high'])}",
                ),
                ("Still to pay", f"{rest:,.2f} USD", f"{low:,.2f} to {high:,.2f}"),
            ),
            note(
                f"{promised}From {found.people:,} labels by people. The band: 8 of 10 samples with "
                "other luck. For choosing the next job's target; this job's promise stays with its "
                "own."
            ),
        ]


def _coverage(points: pd.DataFrame, target: float, own: float) -> Block:
    pool = float((points["machine"] + points["people"]).max()) or 1.0
    shares: list[Any] = [
        (float(each), low / pool, middle / pool, high / pool)
        for each, low, middle, high in zip(
            points.index, points["low"], points["machine"], points["high"], strict=True
        )
    ]
    at = next(middle for each, _, middle, _ in shares if each == target)
    ticks = [(each, f"{each:.0%}") for each, *_ in shares]
    return chart(
        "Share of the unlabeled objects that the machine would label, by target",
        line=[(each, middle) for each, _, middle, _ in shares],
        band=[(each, low, high) for each, low, _, high in shares],
        x=(shares[0][0], shares[-1][0]),
        x_ticks=_apart(ticks),
        x_label="target",
        mark=(target, at, f"{at:.0%} of the rest by machine"),
        rule=(own, "this job"),
    )


def _apart(ticks: list[tuple[float, str]]) -> list[tuple[float, str]]:
    """Leave out ticks that would stand in each other's way."""
    least = (ticks[-1][0] - ticks[0][0]) / 14
    kept = ticks[:1]
    for each in ticks[1:]:
        if each[0] - kept[-1][0] >= least:
            kept.append(each)
    return kept

"""A chart that is drawn anew while its job runs, in the theme of the page that shows it.

Layer: widgets. The picture is replaced when the record or the theme changes, and keeps its place
and size meanwhile: nothing flickers or jumps.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets as t

from gt_widgets.charts import themed
from gt_widgets.widgets._base import built
from gt_widgets.widgets.live import Follows

if TYPE_CHECKING:
    from collections.abc import Callable

    from gt_widgets.charts import Chart
    from gt_widgets.controller.automation import Automation

__all__ = ["LiveChart"]

_DPI = 100


class LiveChart(Follows, anywidget.AnyWidget):
    """A chart of an automated job that follows it.

    Parameters
    ----------
    found : Automation
        As it is now.
    draw : callable
        Draws it.
    """

    _esm = built("chart.js")

    value = t.Bytes().tag(sync=True)
    """The picture, a PNG."""

    width = t.Int().tag(sync=True)
    """Of the picture where there is room for it, in CSS pixels."""

    label = t.Unicode().tag(sync=True)
    """What the picture says, in words."""

    dark = t.Bool(False).tag(sync=True)  # noqa: FBT003  a trait's default
    """Whether the page that shows it is dark; the page says so."""

    drawn_dark = t.Bool(False).tag(sync=True)  # noqa: FBT003
    """Whether the picture is."""

    def __init__(self, found: Automation, draw: Callable[[Automation], Chart]) -> None:
        self._found, self._draw = found, draw
        # the follower's thread and the one that hears the page
        self._showing = threading.Lock()
        super().__init__()
        self.show(found)
        self.observe(lambda _change: self.show(self._found), "dark")
        self.follow(found)

    def show(self, found: Automation) -> None:
        """Draw a job as it is."""
        with self._showing:
            self._found, dark = found, self.dark
            with themed(dark=dark):
                chart = self._draw(found)
                png = chart._repr_png_()
            with self.hold_sync():
                self.value, self.drawn_dark = png, dark
                self.label = f"Charts of {found.job.name}. {found}"
                self.width = round(chart.get_figwidth() * _DPI)

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        bundle = super()._repr_mimebundle_(**kwargs)
        if bundle is not None:
            bundle[0]["text/plain"] = "A chart that follows its job; run the cell to see it."
        return bundle

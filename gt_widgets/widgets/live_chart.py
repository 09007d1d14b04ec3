"""A chart that is drawn anew while its job runs.

Layer: widgets. The picture is replaced when the record changes, and keeps its place and size
meanwhile: nothing flickers or jumps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets

from gt_widgets.widgets.live import Follows

if TYPE_CHECKING:
    from collections.abc import Callable

    from gt_widgets.charts import Chart
    from gt_widgets.controller.automation import Automation

__all__ = ["LiveChart"]

_DPI = 100


class LiveChart(Follows, ipywidgets.Image):  # type: ignore[misc]  # ipywidgets has no types
    """A chart of an automated job that follows it.

    Parameters
    ----------
    found : Automation
        As it is now.
    draw : callable
        Draws it.
    """

    def __init__(self, found: Automation, draw: Callable[[Automation], Chart]) -> None:
        self._draw = draw
        super().__init__(format="png")
        self.show(found)
        self.follow(found)

    def show(self, found: Automation) -> None:
        """Draw a job as it is."""
        chart = self._draw(found)
        self.layout.width = f"{chart.get_figwidth() * _DPI:.0f}px"
        self.layout.max_width = "100%"
        self.value = chart._repr_png_()

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        bundle = super()._repr_mimebundle_(**kwargs)
        if bundle is not None:
            bundle["text/plain"] = "A chart that follows its job; run the cell to see it."
        return bundle

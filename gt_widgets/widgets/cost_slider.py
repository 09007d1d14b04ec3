"""The cost slider: what the rest of an automated job would cost at another target.

Layer: widgets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets

from gt_widgets.charts import cost_by_target
from gt_widgets.errors import ValidationError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["CostSlider"]


class CostSlider(ipywidgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """A slider over target accuracies, with what each brings in numbers and in a picture.

    Parameters
    ----------
    points : pandas.DataFrame
        Index target accuracy (or mean IoU) in [0, 1], ascending; columns ``machine``, ``people``
        (objects), ``cost_usd``, ``hours``.
    chosen : float
        The job's own target; the slider begins at the nearest one.

    Raises
    ------
    ValidationError
        If there are no points yet.
    """

    def __init__(self, points: pd.DataFrame, *, chosen: float) -> None:
        if points.empty:
            raise ValidationError(
                "the machine has not trained yet; the slider needs the numbers of a first round"
            )
        self._points = points
        targets = [float(target) for target in points.index]
        self.slider = ipywidgets.SelectionSlider(
            options=[(f"{target:.0%}", target) for target in targets],
            value=min(targets, key=lambda target: abs(target - chosen)),
            description="Target",
            continuous_update=False,
        )
        self.words = ipywidgets.Label()
        self.picture = ipywidgets.Image(format="png")
        super().__init__([self.slider, self.words, self.picture])
        self.slider.observe(self._show, "value")
        self._show()

    def _show(self, _change: Any = None) -> None:
        target = float(self.slider.value)
        row = self._points.loc[target]
        self.words.value = (
            f"At {target:.0%} the machine would label {row['machine']:,.0f} of the rest; people "
            f"{row['people']:,.0f} in {row['hours']:.1f} hours. The whole job: "
            f"{row['cost_usd']:,.2f} USD."
        )
        png = cost_by_target(self._points, chosen=target)._repr_png_()
        self.picture.value, self.picture.layout.width = png, "860px"

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        bundle = super()._repr_mimebundle_(**kwargs)
        if bundle is not None:
            bundle["text/plain"] = self.words.value
        return bundle

"""Learning curves: how the held-out error falls with labels, and where it would arrive.

Layer: autolabel (pure functions; imports only ``errors``).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["PowerLaw", "power_law"]

_USUAL_FALL = 0.35
_PRIOR = 0.05
"""Weight of the usual fall, in squared units of log labels."""
_MOST_LABELS = 1_000_000


@dataclass(frozen=True, slots=True)
class PowerLaw:
    """``error = scale * labels ** -fall``."""

    scale: float
    fall: float

    def labels_for(self, error: float) -> int | None:
        """Labels at which the error is reached; None if not within 1,000,000."""
        if error <= 0 or self.fall <= 0:
            return None
        needed = math.log(self.scale / error) / self.fall if self.scale > error else 0.0
        return None if needed > math.log(_MOST_LABELS) else math.ceil(math.exp(needed))


def power_law(labels: Sequence[int], errors: Sequence[float]) -> PowerLaw:
    """Fit a learning curve through the rounds so far.

    Parameters
    ----------
    labels : sequence of int >= 1
        People's labels in each round.
    errors : sequence of float in [0, 1]
        Held-out error in each.

    Returns
    -------
    PowerLaw
        Least squares in logarithms, drawn towards a fall of 0.35, which is usual: two rounds
        that lie close together say little about the slope. The fall is within 0..1.

    References
    ----------
    Hestness et al., Deep Learning Scaling is Predictable, Empirically, 2017.
    """
    x = np.log(np.maximum(np.asarray(labels, dtype=np.float64), 1.0))
    y = np.log(np.maximum(np.asarray(errors, dtype=np.float64), 1e-4))
    if x.size == 0:
        return PowerLaw(1.0, _USUAL_FALL)
    centred = x - x.mean()
    slope = (-(centred @ y) + _PRIOR * _USUAL_FALL) / (centred @ centred + _PRIOR)
    fall = float(np.clip(slope, 0.0, 1.0))
    return PowerLaw(float(np.exp(y.mean() + fall * x.mean())), fall)

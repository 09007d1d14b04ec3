"""The processes that train a detector's folds side by side.

Layer: training.
"""

from __future__ import annotations

import os
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from multiprocessing import get_context

from gt_widgets.processes import end_with_parent

__all__ = ["hands"]

_MOST = 3
"""As many as there are folds; more would have nothing to do."""


@cache
def hands() -> ProcessPoolExecutor | None:
    """Return this process's helpers, started when they are first needed; None on a single core.

    They are as polite as this process and, like it, use one thread of linear algebra each.
    """
    cores = min(os.cpu_count() or 1, _MOST)
    if cores == 1:
        return None
    return ProcessPoolExecutor(cores, mp_context=get_context("spawn"), initializer=end_with_parent)

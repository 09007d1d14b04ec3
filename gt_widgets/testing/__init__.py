"""For our tests and for others': clocks, a workbench, contract classes.

Layer: testing (above everything; nothing imports it but tests).
"""

from __future__ import annotations

from gt_widgets.testing.clocks import NOON, FakeClock, counting_ids
from gt_widgets.testing.crowds import Crowd, simulated_crowd
from gt_widgets.testing.waiting import eventually
from gt_widgets.testing.workbench import (
    BRANDS,
    ScriptedWorker,
    Workbench,
    box_answer,
    class_answer,
    job_request,
    picture,
)

__all__ = [
    "BRANDS",
    "NOON",
    "Crowd",
    "FakeClock",
    "ScriptedWorker",
    "Workbench",
    "box_answer",
    "class_answer",
    "counting_ids",
    "eventually",
    "job_request",
    "picture",
    "simulated_crowd",
]

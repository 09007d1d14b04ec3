"""Simulated workers: people with a known accuracy, for trying a job out and for tests.

Layer: simulation (pure functions; imports only ``geometry`` and ``errors``). Names begin with
``simulated``, so that wherever their answers appear they are called so.

The model of a worker of accuracy ``q``:

- a class is right with probability ``q``; else it is one of the other categories, all alike;
- a logo is boxed with the right label with probability ``q``; else it is missed or, half of
  the time, boxed with another label (always missed when there is no other label);
- a picture gets one spurious box with probability ``(1 - q) / 2``;
- each edge of a box is off by a normal deviate of ``box_jitter_px``; the box stays inside the
  picture and at least 1 pixel wide and high;
- of a multi-label object each label is judged by itself, right with probability ``q``;
- an entity, a polygon, a line, a point, an instance, and all of a class in a mask are seen as boxes
  are: right with probability ``q``, else missed or given another label; their borders are off by
  ``box_jitter_px`` (entities: by one character, with probability ``(1 - q) / 2`` at either end);
- the time per task is log-normal with median ``seconds_per_task`` and a spread of about a
  third.
"""

from __future__ import annotations

from gt_widgets.simulation.boxes import answer_boxes, answer_class, answer_label_set
from gt_widgets.simulation.regions import answer_instances, answer_mask, answer_shapes
from gt_widgets.simulation.texts import answer_entities
from gt_widgets.simulation.workers import SimulatedWorker, simulated_team, time_spent_s

__all__ = [
    "SimulatedWorker",
    "answer_boxes",
    "answer_class",
    "answer_entities",
    "answer_instances",
    "answer_label_set",
    "answer_mask",
    "answer_shapes",
    "simulated_team",
    "time_spent_s",
]

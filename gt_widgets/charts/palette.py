"""The colours of charts, on light ground and on dark.

Layer: charts. Which of the two holds is said by whoever draws, for as long as it draws:
matplotlib's own settings belong to all threads, and a live chart is drawn by a thread of its own.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["DARK", "LIGHT", "Palette", "palette", "themed"]


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours by what they are for.

    Attributes
    ----------
    ground, ink, soft, grid : str
        Behind everything; of words and curves; of smaller words; of lines to read by.
    human, machine, sure : str
        Labels by people, by machine, and what is certified.
    """

    ground: str
    ink: str
    soft: str
    grid: str
    human: str
    machine: str
    sure: str


LIGHT = Palette("#ffffff", "#24292f", "#6e7781", "#e4e8ec", "#1f77b4", "#f2a541", "#2e7d32")
DARK = Palette("#111111", "#e3e6ea", "#9da5ae", "#3a3f45", "#4c9be0", "#f2a541", "#66c26c")
"""On the ground of JupyterLab's dark theme: words 7:1 and more, bars and lines 4:1 and more."""

_NOW: ContextVar[Palette] = ContextVar("palette", default=LIGHT)


def palette() -> Palette:
    """Return the colours that hold now."""
    return _NOW.get()


@contextmanager
def themed(*, dark: bool) -> Iterator[None]:
    """Draw dark charts, or light ones, within a ``with`` block, in this thread only."""
    before = _NOW.set(DARK if dark else LIGHT)
    try:
        yield
    finally:
        _NOW.reset(before)

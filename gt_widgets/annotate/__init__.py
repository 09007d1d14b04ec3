"""Label one item at a time in a cell, with no job: what ipyannotations offers, on our canvases.

Layer: annotate (above widgets). ``gt_widgets.annotate.images`` and ``gt_widgets.annotate.text``
have the classes of ``ipyannotations.images`` and ``ipyannotations.text`` by the same names, with
the same contract: ``display(item)``, ``data``, ``options``, ``on_submit(callback)``,
``on_undo(callback)``. ``backend="ipyannotations"`` gives ipyannotations' own widget, mended.
"""

from __future__ import annotations

from gt_widgets.annotate import images, text

__all__ = ["images", "text"]

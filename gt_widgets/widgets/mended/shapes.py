"""What is mended in ipyannotations' annotators of boxes, polygons and points.

Layer: widgets. Mixins for ``mended``.
"""

from __future__ import annotations

import io
from copy import deepcopy
from typing import Any

import ipywidgets as widgets
from PIL import Image

from gt_widgets.schema.masks import label_colors
from gt_widgets.widgets.mended.every import Mended
from gt_widgets.widgets.pictures import picture_of

__all__ = ["MendedBoxes", "MendedPolygons", "MendedShapes"]

_PLAIN_MODES = {"L", "RGB"}


class MendedShapes(Mended):
    """Pictures in the stored frame, data that is nobody else's, colours, and a page reloaded."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._paint_classes()
        self.observe(self._paint_classes, "options")  # type: ignore[attr-defined]
        self.canvas.on_client_ready(self._repaint)  # type: ignore[attr-defined]

    @property
    def data(self) -> Any:
        """The labels so far, as a copy; slips of the hand are left out."""
        return deepcopy(self._kept(super().data))  # type: ignore[misc]

    @data.setter
    def data(self, value: Any) -> None:
        self.canvas.data = deepcopy(value)  # type: ignore[attr-defined]
        self._forget()

    def display(self, item: Any) -> None:
        """Show a picture in its stored frame: without the tag that makes browsers turn it."""
        data, _found = picture_of(item)
        super().display(widgets.Image(value=_plain(data)))

    def _kept(self, data: Any) -> Any:
        return data

    def _forget(self) -> None:
        super()._forget()
        self.canvas._undo_queue.clear()  # type: ignore[attr-defined]  # noqa: SLF001

    def _repaint(self) -> None:
        """Paint everything again: a page that was reloaded has an empty canvas.

        It does not know either which canvas was painted last, so it is told again: paint for no
        canvas ends ipycanvas in that page for good.
        """
        canvas = self.canvas  # type: ignore[attr-defined]
        if canvas.current_image is not None:
            canvas._canvas_manager._current_canvas = None  # noqa: SLF001
            canvas._display_image()  # noqa: SLF001
            canvas.re_draw()

    def _paint_classes(self, _change: Any = None) -> None:
        """Give every class a colour of its own, those of the manifest; new classes too."""
        options = [str(option) for option in self.options]  # type: ignore[attr-defined]
        self.canvas.colormap = label_colors(options)  # type: ignore[attr-defined]


class MendedBoxes(MendedShapes):
    """Boxes without the slips of the hand, which have no area."""

    def _kept(self, data: Any) -> Any:
        if not isinstance(data, list):  # a post-processor made something else of it
            return data
        return [each for each in data if not _is_slip(each)]


class MendedPolygons(MendedShapes):
    """Polygons that can be closed on a large picture.

    A click ends a polygon if it is less than 5 pixels of the picture from its first point; of a
    picture 4000 pixels wide on a canvas of 700 that is less than one pixel of the screen.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.canvas.observe(self._reach, "point_size")  # type: ignore[attr-defined]
        self.canvas.interaction_canvas.on_mouse_down(self._reach)  # type: ignore[attr-defined]

    def display(self, item: Any) -> None:
        """Show a picture; see `MendedShapes`."""
        super().display(item)
        self._reach()

    def _reach(self, *_event: Any) -> None:
        canvas = self.canvas  # type: ignore[attr-defined]
        if canvas.current_image is not None:
            left, _top, right, _bottom = canvas.image_extent
            per_pixel = canvas.original_width / max(right - left, 1)
            # of a polygon not yet begun, too: this runs after each click
            canvas.current_polygon.close_threshold = canvas.point_size * max(per_pixel, 1)


def _is_slip(box: Any) -> bool:
    x0, y0, x1, y1 = box.get("xyxy", (0, 0, 1, 1)) if isinstance(box, dict) else (0, 0, 1, 1)
    return bool(x0 == x1 or y0 == y1)


def _plain(data: bytes) -> bytes:
    """Return a picture that their brightness and contrast can be applied to."""
    with Image.open(io.BytesIO(data), formats=("JPEG", "PNG")) as image:
        if image.mode in _PLAIN_MODES:
            return data
        out = io.BytesIO()
        image.convert("RGB").save(out, "PNG")
    return out.getvalue()

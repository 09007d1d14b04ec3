"""Annotators for pictures, by the names of ``ipyannotations.images``.

Layer: annotate.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from gt_widgets.annotate.freetext import FreetextAnnotator as _Freetext
from gt_widgets.annotate.items import SIDES_PX, Annotator, picture_item

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gt_widgets.widgets.items import Item

__all__ = [
    "BoxAnnotator",
    "ClassLabeller",
    "FreetextAnnotator",
    "MulticlassLabeller",
    "PointAnnotator",
    "PolygonAnnotator",
]


class _Shapes(Annotator):
    """Shapes on a picture.

    Parameters
    ----------
    canvas_size : (int, int)
        Room for the picture in screen pixels; the height follows the page.
    options : sequence of str
    data_postprocessor : callable, optional
        Makes of the labels what ``data`` and callbacks give.
    backend : {"gt_widgets", "ipyannotations"}
    """

    def __init__(
        self,
        canvas_size: tuple[int, int] = (700, 500),
        options: Sequence[str] = (),
        data_postprocessor: Callable[[list[dict[str, Any]]], Any] | None = None,
        *,
        backend: str = "",
    ) -> None:
        self.data_postprocessor = data_postprocessor
        super().__init__(options, width_px=canvas_size[0] + SIDES_PX, backend=backend)

    @property
    def data(self) -> Any:
        """The labels; see ``docs/guides/ipyannotations.md`` for their form."""
        found = super().data
        return self.data_postprocessor(found) if self.data_postprocessor else found

    @data.setter
    def data(self, value: Any) -> None:
        self._data = value

    def _item_of(self, item: Any) -> Item:
        return picture_item(item)


class BoxAnnotator(_Shapes):
    """Boxes: ``[{"type": "box", "label", "xyxy": (x0, y0, x1, y1)}]`` in stored pixels.

    Examples
    --------
    >>> annotator = BoxAnnotator(options=["DHL", "Kivi"])  # doctest: +SKIP
    >>> annotator.on_submit(answers.append)  # doctest: +SKIP
    >>> annotator.display("truck.jpg")  # doctest: +SKIP
    """

    _theirs, _task_type = "images.BoxAnnotator", "bounding-box"


class PolygonAnnotator(_Shapes):
    """Polygons: ``[{"type": "polygon", "label", "points": [(x, y), ...]}]``, closed."""

    _theirs, _task_type = "images.PolygonAnnotator", "polygon"


class PointAnnotator(_Shapes):
    """Key points: ``[{"type": "point", "label", "coordinates": (x, y)}]``."""

    _theirs, _task_type = "images.PointAnnotator", "keypoint"


class _Classes(Annotator):
    """One class or several for a picture.

    Parameters
    ----------
    options : sequence of str
    max_buttons : int
        Taken for compatibility: a long list here is searched instead.
    allow_freetext : bool
        Whether the labeler can add a class.
    image_size : (int, int)
        Room for the picture in screen pixels; the height follows the page.
    backend : {"gt_widgets", "ipyannotations"}
    """

    def __init__(
        self,
        options: Sequence[str] = (),
        max_buttons: int = 12,
        allow_freetext: bool = True,  # noqa: FBT001, FBT002  their signature
        image_size: tuple[int, int] = (500, 500),
        *,
        backend: str = "",
    ) -> None:
        del max_buttons
        width_px = image_size[0] + SIDES_PX
        super().__init__(options, width_px=width_px, allow_freetext=allow_freetext, backend=backend)

    def _item_of(self, item: Any) -> Item:
        return picture_item(item)


class ClassLabeller(_Classes):
    """One class for a picture: ``"label"``."""

    _theirs, _task_type = "images.ClassLabeller", "image-classification"
    _nothing: ClassVar[Any] = None


class MulticlassLabeller(_Classes):
    """Any number of classes for a picture: ``["label", ...]``."""

    _theirs, _task_type = "images.MulticlassLabeller", "image-classification-multi-label"

    def _chosen(self, label: str) -> None:
        if label not in self._data:
            self._data = [*self._data, label]


class FreetextAnnotator(_Freetext):
    """A text about a picture: a caption, a description."""

    _theirs = "images.FreetextAnnotator"
    _of_pictures = True

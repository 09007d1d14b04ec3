"""An annotator of ours: the labeler's page for one item, and the contract around it.

Layer: annotate.
"""

from __future__ import annotations

import secrets
import time
from copy import deepcopy
from typing import TYPE_CHECKING, Any, ClassVar

import ipywidgets as widgets
import traitlets as t

from gt_widgets.annotate.contract import Contract
from gt_widgets.errors import ValidationError
from gt_widgets.exchange.ipyannotations import from_ipyannotations, to_ipyannotations
from gt_widgets.schema.tasks import task_type_named
from gt_widgets.services.portal_client import Picture
from gt_widgets.widgets.item_page import ItemPage
from gt_widgets.widgets.items import Item, ItemPortal
from gt_widgets.widgets.pictures import picture_of

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["SIDES_PX", "Annotator", "picture_item", "text_item"]

SIDES_PX = 460
"""Labels on the one side of the picture, the list of shapes on the other."""


class Annotator(Contract):
    """One item at a time on our canvas.

    Parameters
    ----------
    options : sequence of str
        Label categories, first to last key.
    width_px : int or None
        Of the whole widget; the cell's width if None.
    allow_freetext : bool
        Whether the labeler can add a category.
    backend : str
        See `Contract`.
    """

    options = t.List(t.Unicode())
    """Label categories; a new list is shown at once, with the work so far."""

    _data = t.Any()
    _task_type: ClassVar[str]
    _nothing: ClassVar[Any] = []

    def __init__(
        self,
        options: Sequence[str] = (),
        *,
        width_px: int | None = None,
        allow_freetext: bool = False,
        backend: str = "",
    ) -> None:
        del backend  # Contract.__new__ has seen to it
        width = {} if width_px is None else {"width": f"{width_px}px", "max_width": "100%"}
        super().__init__(layout=width)
        task_type = task_type_named(self._task_type)
        self._kind = task_type.kind
        self._item: Item | None = None
        self._past: list[Any] = []
        self._hearing = False
        self._portal = ItemPortal(
            task_type,
            name=type(self).__name__,
            clock=time.time,
            new_id=lambda: secrets.token_hex(8),
            on_draft=self._heard_draft,
            on_submit=self._heard_answer,
            on_skip=self.skip,
        )
        self.page = ItemPage(self._portal, user_name=f"notebook-{secrets.token_hex(4)}")
        self.undo_button = widgets.Button(
            description="Undo", icon="undo", tooltip="Take the last change back, or go back"
        )
        self.undo_button.on_click(self.undo)
        row = [*(self._freetext() if allow_freetext else ()), self.undo_button]
        self.children = (self.page, widgets.HBox(row))
        self._data = deepcopy(self._nothing)
        self.options = [str(option) for option in options]

    def display(self, item: Any) -> None:
        """Show an item; the data of the one before is cleared.

        Raises
        ------
        ImageError
            If a picture cannot be shown.
        ValidationError
            If there is nothing to choose from yet, or a text is none.
        """
        if not self.options:
            raise ValidationError(
                f"{type(self).__name__} has no options: give it the labels to choose from."
            )
        self._item = self._item_of(item)
        self._past.clear()
        self._hear(deepcopy(self._nothing))
        self._push()

    @property
    def data(self) -> Any:
        """The labels, in the form of ipyannotations; at most a second behind the hand.

        Whoever sets it shows it on the item. What was given to a callback never changes.
        """
        return deepcopy(self._data)

    @data.setter
    def data(self, value: Any) -> None:
        self._data = value

    def clear(self) -> None:
        """Take all labels off the item."""
        self._data = deepcopy(self._nothing)

    def _item_of(self, item: Any) -> Item:
        raise ValidationError(f"{type(self).__name__} cannot show {item!r}.")

    def _push(self) -> None:
        if self._item is None:
            return
        begun = self._data != self._nothing
        value = from_ipyannotations(self._kind, self._data) if begun else None
        self._portal.show(self._item, self.options, value)
        self.page.turn += 1

    @t.observe("_data", "options")
    def _changed(self, change: Any) -> None:
        if not self._hearing:
            self._push()
        if change["name"] == "_data":  # `data` is no trait, and can be observed all the same
            self.notify_change(t.Bunch({**change, "name": "data"}))

    def _hear(self, data: Any) -> None:
        """Take data that the page shows already."""
        self._hearing = True
        try:
            self._data = data
        finally:
            self._hearing = False

    def _heard_draft(self, value: dict[str, Any] | None) -> None:
        self._past.append(self._data)
        self._hear(self._read(value))

    def _heard_answer(self, value: dict[str, Any]) -> None:
        self._past.clear()
        self._hear(self._read(value))
        self.submit()

    def _read(self, value: dict[str, Any] | None) -> Any:
        if value is None:
            return deepcopy(self._nothing)
        return to_ipyannotations(self._kind, value)

    def _undone(self) -> bool:
        if not self._past:
            return False
        self._data = self._past.pop()
        return True

    def _give(self, data: Any) -> None:
        try:
            super()._give(data)
        except Exception as error:
            self._portal.message = f"The notebook's callback failed: {error!r}"
            raise

    def _freetext(self) -> tuple[widgets.Widget, ...]:
        self.freetext_widget = widgets.Text(description="Other:", placeholder="another label")
        add = widgets.Button(description="Add", tooltip="Add this label and choose it")
        add.on_click(lambda _button: self._added(self.freetext_widget.value.strip()))
        return self.freetext_widget, add

    def _added(self, label: str) -> None:
        self.freetext_widget.value = ""
        if label and label not in self.options:
            self.options = [*self.options, label]
        if label:
            self._chosen(label)

    def _chosen(self, label: str) -> None:
        self._data = label


def picture_item(item: Any) -> Item:
    """Return a picture as an item; raises ImageError if it cannot be shown."""
    data, found = picture_of(item)
    return Item(Picture(data, found.content_type), found.width, found.height)


def text_item(item: Any) -> Item:
    """Return a text as an item; raises ValidationError if it is none."""
    if not isinstance(item, str) or not item:
        raise ValidationError(f"expected a text that is not empty; found {item!r}.")
    return Item(text=item)

"""A text about an item, in the labeler's own words.

Layer: annotate. Ground Truth has no such task, so there is no canvas of ours for it: plain widgets
show the item and take the text.
"""

from __future__ import annotations

from typing import Any, ClassVar

import ipywidgets as widgets
import traitlets as t

from gt_widgets.annotate.contract import Contract
from gt_widgets.annotate.items import text_item
from gt_widgets.widgets.pictures import picture_of

__all__ = ["FreetextAnnotator"]

_PLACEHOLDER = "Write here, then press Submit."


class FreetextAnnotator(Contract):
    """A picture or a text, and a box to write in.

    Parameters
    ----------
    textbox_placeholder : str
        Shown while nothing is written.
    num_textbox_rows : int
        Height of the box in rows of text.
    backend : {"gt_widgets", "ipyannotations"}
    """

    data = t.Unicode()
    """What the labeler wrote."""

    _of_pictures: ClassVar[bool] = False

    def __init__(
        self,
        textbox_placeholder: str = _PLACEHOLDER,
        num_textbox_rows: int = 5,
        *,
        backend: str = "",
    ) -> None:
        del backend  # Contract.__new__ has seen to it
        super().__init__()
        self._shown = widgets.VBox()
        self.freetext_widget = widgets.Textarea(
            placeholder=textbox_placeholder, rows=num_textbox_rows, layout={"width": "50%"}
        )
        t.link((self, "data"), (self.freetext_widget, "value"))
        self.children = (self._shown, widgets.HBox((self.freetext_widget, *self._buttons())))

    def display(self, item: Any) -> None:
        """Show an item; what was written about the one before is cleared.

        Raises
        ------
        ImageError, ValidationError
            If it cannot be shown.
        """
        self._shown.children = (self._picture(item) if self._of_pictures else _words(item),)
        self.data = ""

    def _picture(self, item: Any) -> widgets.Image:
        data, _found = picture_of(item)
        return widgets.Image(value=data, layout={"max_width": "100%", "max_height": "500px"})

    def _undone(self) -> bool:
        written, self.data = self.data, ""
        return written != ""

    def _buttons(self) -> tuple[widgets.Button, ...]:
        self.submit_button = widgets.Button(
            description="Submit", icon="check", button_style="success"
        )
        self.skip_button = widgets.Button(description="Skip", icon="fast-forward")
        self.undo_button = widgets.Button(description="Undo", icon="undo")
        self.submit_button.on_click(self.submit)
        self.skip_button.on_click(self.skip)
        self.undo_button.on_click(self.undo)
        return self.submit_button, self.skip_button, self.undo_button


def _words(item: Any) -> widgets.Textarea:
    """Texts are shown as they are: no markup in them is obeyed."""
    text = str(text_item(item).text)
    rows = min(2 + text.count("\n") + len(text) // 100, 20)
    return widgets.Textarea(value=text, disabled=True, rows=rows, layout={"width": "100%"})

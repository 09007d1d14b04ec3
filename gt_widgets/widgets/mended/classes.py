"""What is mended in ipyannotations' classifiers and free-text widgets.

Layer: widgets. Mixins for ``mended``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import IPython.display
import ipywidgets as widgets

from gt_widgets.widgets.mended.every import Mended
from gt_widgets.widgets.pictures import picture_of

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["MendedCaption", "MendedPictureClasses", "MendedSummary", "MendedTextClasses"]

_SIDE_PX = 500


class _NoText(widgets.HBox):  # type: ignore[misc]
    """Stands where there is no field for another class.

    Their classifier of several labels asks even this for `on_submit`, and fails.
    """

    def on_submit(self, callback: Any) -> None:
        """Keep nothing: nobody types here."""
        del callback


class _Classes(Mended):
    @property
    def freetext_widget(self) -> Any:
        """The field for another class, or what stands in its place."""
        return self._freetext

    @freetext_widget.setter
    def freetext_widget(self, widget: Any) -> None:
        self._freetext = widget if isinstance(widget, widgets.Text) else _NoText()

    def _takes_text(self) -> bool:
        return isinstance(self.freetext_widget, widgets.Text)

    def _to_give(self, sender: Any) -> Any:
        if isinstance(sender, widgets.Text) and sender.value:
            return sender.value
        if getattr(sender, "description", "") and sender not in self._givers():
            return sender.description  # the button of a class, pressed
        return getattr(self, "data", None)

    def _givers(self) -> tuple[Any, ...]:
        return (self.submit_button,)  # type: ignore[attr-defined]


class MendedTextClasses(_Classes):
    """Texts are shown as they are: theirs obeys the Markdown and the HTML in them."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.display_function = _show_text


class MendedPictureClasses(_Classes):
    """Pictures are shown as stored: theirs stretches the contrast and enlarges small ones.

    It also fails on pictures with transparency, on bytes and on ``ipywidgets.Image``.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        size = options.get("image_size", (_SIDE_PX, _SIDE_PX))
        self.display_function = lambda item: _show_picture(item, size)


class _Freetext(Mended):
    def _takes_text(self) -> bool:
        return True

    def _handle_keystroke(self, event: Mapping[str, Any]) -> None:
        """Submit at Shift+Enter, with all that was written: theirs cuts the last character off."""
        if event["type"] == "keyup" and event.get("key") == "Enter" and event.get("shiftKey"):
            self.data = self.freetext_widget.value.removesuffix("\n")  # type: ignore[attr-defined]
            self.submit()


class MendedCaption(_Freetext):
    """A text about a picture."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.display_function = lambda item: _show_picture(item, (_SIDE_PX, _SIDE_PX))


class MendedSummary(_Freetext):
    """A text about a text."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.display_function = _show_text


def _show_text(item: str) -> None:
    IPython.display.display({"text/plain": str(item)}, raw=True)  # type: ignore[no-untyped-call]


def _show_picture(item: Any, size: tuple[int, int]) -> None:
    data, found = picture_of(item)
    scale = min(size[0] / found.width, size[1] / found.height, 1)
    image = IPython.display.Image(  # type: ignore[no-untyped-call]
        data, width=round(found.width * scale), height=round(found.height * scale)
    )
    IPython.display.display(image)  # type: ignore[no-untyped-call]

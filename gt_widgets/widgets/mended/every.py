"""What is mended in every widget of ipyannotations.

Layer: widgets. Mixins for ``mended``: they stand before a class of ipyannotations.
"""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

import traitlets as t

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["Mended"]

_TYPING = {"INPUT", "TEXTAREA", "SELECT"}
_UNANSWERED = object()


class Mended:
    """Children, keys, one answer per item, and data that stays as it was given."""

    def __init__(self, *args: Any, **options: Any) -> None:
        self._answered: Any = _UNANSWERED
        super().__init__(*args, **options)
        if not self._takes_text():
            # a key that ipyannotations does not stop goes on to the notebook: "b" makes a new
            # cell, "d d" deletes this one. Watching keydown stops it, and a held key is one key
            self.event_watcher.watched_events = ["keydown"]  # type: ignore[attr-defined]

    @t.validate("children")
    def _only_with_a_view(self, proposal: Mapping[str, Any]) -> tuple[Any, ...]:
        """Leave out the watcher of events, which has no view.

        JupyterLab 4 shows a red box in its place; and since it points back at this widget, neither
        of the two is ever loaded again after a reload of the page.
        """
        return tuple(child for child in proposal["value"] if child._view_name)  # noqa: SLF001

    def on_submit(self, callback: Callable[[Any], Any]) -> None:
        """Call ``callback(data)`` with each answer; the data is the callback's own."""
        given: Any = callback  # who calls with something else is told so by theirs
        copying = (lambda data: callback(deepcopy(data))) if callable(given) else given
        super().on_submit(copying)  # type: ignore[misc]

    def display(self, item: Any) -> None:
        """Show an item; what could be undone of the one before is forgotten."""
        super().display(item)  # type: ignore[misc]
        self.reopen()
        self._forget()

    def submit(self, sender: Any = None) -> None:
        """Give the data to the callbacks, once per item and state of its labels."""
        given = deepcopy(self._to_give(sender))
        if self._answered is not _UNANSWERED and given == self._answered:
            return
        self._answered = given
        super().submit(sender)  # type: ignore[misc]

    def reopen(self) -> None:
        """Take an answer to the same item once more: the one before came to nothing."""
        self._answered = _UNANSWERED

    def _to_give(self, sender: Any) -> Any:
        """Return what `submit` is about to give."""
        del sender
        return self.data  # type: ignore[attr-defined]

    def _forget(self) -> None:
        self._undo_queue.clear()  # type: ignore[attr-defined]

    def _takes_text(self) -> bool:
        """Tell whether the labeler types into the widget: then no key may be stopped."""
        return False

    def _handle_keystroke(self, event: Mapping[str, Any]) -> None:
        """Obey a key that is meant for the widget, once."""
        target = event.get("target") or {}
        tag = str(target.get("tagName", "")).upper()
        combined = any(event.get(key) for key in ("ctrlKey", "altKey", "metaKey"))
        if event["type"] not in self.event_watcher.watched_events:  # type: ignore[attr-defined]
            return
        if combined or event.get("repeat") or tag in _TYPING:
            return
        if event["type"] == "keyup" and tag == "BUTTON" and event.get("key") == "Enter":
            return  # the browser has pressed the button already
        super()._handle_keystroke({**event, "type": "keyup"})  # type: ignore[misc]

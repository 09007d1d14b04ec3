"""The contract of ipyannotations' widgets: callbacks for answers, skipped items, the way back.

Layer: annotate.
"""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any, ClassVar

import ipywidgets as widgets

from gt_widgets.errors import ValidationError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["BACKENDS", "Contract"]

BACKENDS = ("gt_widgets", "ipyannotations")


class Contract(widgets.VBox):  # type: ignore[misc]
    """What all annotators share.

    Parameters
    ----------
    backend : {"gt_widgets", "ipyannotations"}
        The second gives the class of the same name of ipyannotations 0.5.1, mended (see
        ``docs/guides/ipyannotations.md``); all other arguments go to it.
    """

    _theirs: ClassVar[str] = ""
    """The class of ipyannotations that this one stands in for."""

    def __new__(cls, *args: Any, backend: str = BACKENDS[0], **options: Any) -> Any:
        """Return one of ours, or a mended one of ipyannotations."""
        if backend not in BACKENDS:
            raise ValidationError(f"backend {backend!r} is not one of {', '.join(BACKENDS)}.")
        if backend == BACKENDS[0]:
            return super().__new__(cls)
        from gt_widgets.widgets.mended import mended

        return mended(cls._theirs)(*args, **options)

    def __init__(self, *, layout: Any = None) -> None:
        self._on_submit: list[Callable[[Any], Any]] = []
        self._on_undo: list[Callable[[], Any]] = []
        super().__init__(layout=layout or {})

    def on_submit(self, callback: Callable[[Any], Any]) -> None:
        """Call ``callback(data)`` with each answer, and ``callback(None)`` for a skipped item.

        Raises
        ------
        ValidationError
            If it cannot be called.
        """
        self._on_submit.append(_callable(callback))

    def on_undo(self, callback: Callable[[], Any]) -> None:
        """Call ``callback()`` when there is nothing left to undo on this item: the way back.

        Raises
        ------
        ValidationError
            If it cannot be called.
        """
        self._on_undo.append(_callable(callback))

    def submit(self, sender: Any = None) -> None:
        """Give the data as it is now to the callbacks."""
        del sender
        self._give(self.data)

    def skip(self, sender: Any = None) -> None:
        """Give None to the callbacks: this item is passed over."""
        del sender
        self._give(None)

    def undo(self, sender: Any = None) -> None:
        """Take the last change back; where there is none, call what `on_undo` was given."""
        del sender
        if not self._undone():
            for callback in self._on_undo:
                callback()

    def _undone(self) -> bool:
        """Take one change back; False if there is none."""
        return False

    def _give(self, data: Any) -> None:
        for callback in self._on_submit:
            callback(
                deepcopy(data)
            )  # what was given is the callback's own: nothing here changes it


def _callable(callback: Any) -> Any:
    if not callable(callback):
        raise ValidationError(f"expected a function to call; found {callback!r}.")
    return callback

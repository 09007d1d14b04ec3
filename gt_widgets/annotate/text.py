"""Annotators for texts, by the names of ``ipyannotations.text``.

Layer: annotate. Texts reach the page as plain text, and offsets count code points.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from gt_widgets.annotate.freetext import FreetextAnnotator as _Freetext
from gt_widgets.annotate.items import Annotator, text_item

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gt_widgets.widgets.items import Item

__all__ = [
    "ClassLabeller",
    "FreetextAnnotator",
    "MulticlassLabeller",
    "SentimentLabeller",
    "TextTagger",
]

_SENTIMENTS = ("negative", "neutral", "positive")
_ENTITIES = ("MISC", "PER", "LOC", "ORG")


class TextTagger(Annotator):
    """Entities in a text: ``[(start, end, label)]`` in code points, the end exclusive.

    Parameters
    ----------
    classes : sequence of str
        What can be marked; ``options`` is another name for it.
    text : str
        Shown at once unless empty.
    data : sequence of (int, int, str)
        Entities of ``text`` to begin with.
    button_width : str
        Taken for compatibility.
    snap_to_word_boundary : bool
        Taken for compatibility: the labeler chooses whole words or characters on the page.
    options : sequence of str, optional
    backend : {"gt_widgets", "ipyannotations"}
    """

    _theirs, _task_type = "text.TextTagger", "named-entity-recognition"

    def __init__(
        self,
        classes: Sequence[str] = _ENTITIES,
        text: str = "",
        data: Sequence[tuple[int, int, str]] = (),
        button_width: str = "5em",
        snap_to_word_boundary: bool = True,  # noqa: FBT001, FBT002  their signature
        *,
        options: Sequence[str] | None = None,
        backend: str = "",
    ) -> None:
        del button_width, snap_to_word_boundary
        super().__init__(classes if options is None else options, backend=backend)
        if text:
            self.display(text)
        if data:
            self.data = list(data)

    def _item_of(self, item: Any) -> Item:
        return text_item(item)


class _Classes(Annotator):
    """One class or several for a text.

    Parameters
    ----------
    options : sequence of str
    max_buttons : int
        Taken for compatibility: a long list here is searched instead.
    allow_freetext : bool
        Whether the labeler can add a class.
    backend : {"gt_widgets", "ipyannotations"}
    """

    def __init__(
        self,
        options: Sequence[str] = (),
        max_buttons: int = 12,
        allow_freetext: bool = True,  # noqa: FBT001, FBT002  their signature
        *,
        backend: str = "",
    ) -> None:
        del max_buttons
        super().__init__(options, allow_freetext=allow_freetext, backend=backend)

    def _item_of(self, item: Any) -> Item:
        return text_item(item)


class ClassLabeller(_Classes):
    """One class for a text: ``"label"``."""

    _theirs, _task_type = "text.ClassLabeller", "text-classification"
    _nothing: ClassVar[Any] = None


class MulticlassLabeller(_Classes):
    """Any number of classes for a text: ``["label", ...]``."""

    _theirs, _task_type = "text.MulticlassLabeller", "text-classification-multi-label"

    def _chosen(self, label: str) -> None:
        if label not in self._data:
            self._data = [*self._data, label]


class SentimentLabeller(Annotator):
    """How a text feels: ``"negative"``, ``"neutral"`` or ``"positive"``."""

    _theirs, _task_type = "text.SentimentLabeller", "text-classification"
    _nothing: ClassVar[Any] = ""

    def __init__(self, *, backend: str = "") -> None:
        super().__init__(_SENTIMENTS, backend=backend)

    def _item_of(self, item: Any) -> Item:
        return text_item(item)


class FreetextAnnotator(_Freetext):
    """A text about a text: a summary, an answer."""

    _theirs = "text.FreetextAnnotator"

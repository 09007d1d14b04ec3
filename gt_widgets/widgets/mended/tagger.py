"""What is mended in ipyannotations' tagger of entities.

Layer: widgets. A mixin for ``mended``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from gt_widgets.errors import FormatError
from gt_widgets.exchange.utf16 import in_code_points, in_utf16_units
from gt_widgets.widgets.mended.every import Mended

if TYPE_CHECKING:
    from collections.abc import Sequence

    Span = tuple[int, int, str]

__all__ = ["MendedTagger", "page_text"]

_STAND_INS = str.maketrans({"<": "\u2039", ">": "\u203a"})
_REFERENCE = re.compile(r"&(?=[#A-Za-z])")
_WHITE = re.compile(r"\s+")
_FIXED = "\u00a0"


def page_text(text: str) -> str:
    """Return what the page may show of a text: every offset in it is that of the text.

    Their page takes the text for HTML, and measures what the browser shows of it. So markup is
    shown by signs that look like it, and white space that a browser would swallow (a line's end,
    a second blank) by blanks that it keeps.
    """
    shown = _WHITE.sub(lambda found: " " + _FIXED * (len(found[0]) - 1), text)
    if text[:1].isspace():
        shown = _FIXED + shown[1:]
    if text[-1:].isspace():
        shown = shown[:-1] + _FIXED
    return _REFERENCE.sub("\uff06", shown.translate(_STAND_INS))


class MendedTagger(Mended):
    """Offsets in code points, texts as they are, and no entity over another."""

    def __init__(
        self,
        classes: Sequence[str] = ("MISC", "PER", "LOC", "ORG"),
        text: str = "Lorem ipsum",
        data: Sequence[Span] = (),
        *args: Any,
        **options: Any,
    ) -> None:
        super().__init__(list(classes), page_text(text), [], *args, **options)
        self.text = text
        self._cut_their_link()
        self.data = list(data)  # theirs forgets what it is given to begin with
        self._forget()

    def display(self, item: str) -> None:
        """Show a text to be tagged."""
        self.text = item
        super().display(page_text(item))

    def _cut_their_link(self) -> None:
        """Let data and page follow each other by our rules in place of theirs."""
        page = self.text_widget  # type: ignore[attr-defined]
        page.unobserve_all("entity_spans")
        self.unobserve_all("data")  # type: ignore[attr-defined]
        self.observe(self._append_undo_fn, "data")  # type: ignore[attr-defined]
        self.observe(self._to_page, "data")  # type: ignore[attr-defined]
        page.observe(self._from_page, "entity_spans")

    def _to_page(self, _change: Any) -> None:
        self.text_widget.entity_spans = in_utf16_units(self.text, self.data)  # type: ignore[attr-defined]

    def _from_page(self, change: Any) -> None:
        try:
            found = sorted(set(in_code_points(self.text, change["new"])))
        except FormatError:
            found = None
        if found is None or _overlap(found):
            self._to_page(None)
        else:
            self.data = found


def _overlap(spans: Sequence[Span]) -> bool:
    """Tell whether spans overlap or one is empty: their page would write broken markup."""
    ends = [0, *(end for _, end, _ in spans)]
    return any(
        start >= end or start < before for (start, end, _), before in zip(spans, ends, strict=False)
    )

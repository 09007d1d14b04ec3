"""The audit grid: machine labels page by page, the wrong ones clicked.

Layer: widgets.
"""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets as t

from gt_widgets.autolabel.report import audit_of
from gt_widgets.errors import StateError
from gt_widgets.widgets._base import built

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gt_widgets.autolabel.report import Audit
    from gt_widgets.charts import Picture
    from gt_widgets.controller.audits import AuditPage

__all__ = ["AuditGrid"]

_SIDE_PX = 220
_TEXT_CHARACTERS = 280
_NAME_CHARACTERS = 16
_LINE = "#ffffff"
_EDGE = "#d62728"


class AuditGrid(anywidget.AnyWidget):
    """Pages of up to 25 objects to which the machine gave the same class.

    Click the wrong ones, or go with the arrow keys and press Space; then go on. When every page was
    looked at, the measured accuracy and its interval stand below, and in ``result``.

    Parameters
    ----------
    pages : sequence of AuditPage
        A random sample of the machine's labels, laid out.
    load : callable
        Given object ids, returns one ``charts.Picture`` each.
    """

    _esm = built("audit.js")
    _css = built("audit.css")

    page = t.Int(0).tag(sync=True)
    """The page on the screen, from 0."""

    count = t.Int(0).tag(sync=True)
    """How many pages there are."""

    label = t.Unicode().tag(sync=True)
    """The class that the machine gave to everything on this page; empty for boxes and masks."""

    items = t.List(t.Dict()).tag(sync=True)
    """Of this page: ``object_id``, ``src`` (a data URL; empty for a text) and ``text``."""

    wrong = t.List(t.Unicode()).tag(sync=True)
    """Object ids that were clicked, of all pages."""

    checked = t.List(t.Int()).tag(sync=True)
    """Pages that were looked at to the end."""

    verdict = t.Unicode().tag(sync=True)
    """The accuracy in words, once every page was looked at."""

    def __init__(
        self, pages: Sequence[AuditPage], load: Callable[[Sequence[str]], Sequence[Picture]]
    ) -> None:
        self._pages, self._load = tuple(pages), load
        super().__init__(count=len(self._pages))
        self._turn()
        self.observe(self._turn, "page")
        self.observe(self._judge, ["wrong", "checked"])

    @property
    def result(self) -> Audit:
        """The measured accuracy of the machine's labels.

        Raises
        ------
        StateError
            While pages are left: they are sorted by label, so only all of them are a random sample.
        """
        left = len(self._pages) - len(self._seen())
        if left:
            raise StateError(
                f"{left} of {len(self._pages)} pages have not been looked at. The accuracy is "
                "known when all have: only together are they a random sample."
            )
        known = {object_id for page in self._pages for object_id in page.object_ids}
        return audit_of(len(known), len(known & set(self.wrong)))

    def _seen(self) -> set[int]:
        return set(self.checked) & set(range(len(self._pages)))

    def _judge(self, _change: object = None) -> None:
        done = len(self._seen()) == len(self._pages)
        self.verdict = str(self.result) if done else ""

    def _turn(self, _change: object = None) -> None:
        """Show a page; a number that is none stays where it was."""
        if not 0 <= self.page < len(self._pages):
            return
        page = self._pages[self.page]
        pictures = self._load(page.object_ids)
        with self.hold_sync():
            self.label = page.label
            self.items = [
                {"object_id": object_id, "src": _thumbnail(picture), "text": _words(picture)}
                for object_id, picture in zip(page.object_ids, pictures, strict=True)
            ]

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        bundle = super()._repr_mimebundle_(**kwargs)
        if bundle is not None:
            objects = sum(len(page.object_ids) for page in self._pages)
            bundle[0]["text/plain"] = (
                f"Audit of {objects} machine labels on {len(self._pages)} pages; "
                f"{self.verdict or 'run the cell to look at them.'}"
            )
        return bundle


def _words(picture: Picture) -> str:
    text = picture.text
    return text if len(text) <= _TEXT_CHARACTERS else f"{text[:_TEXT_CHARACTERS]}…"


def _thumbnail(picture: Picture) -> str:
    """Draw a picture with its boxes or its mask, small, as a data URL; empty for a text."""
    if picture.image is None:
        return ""
    import numpy as np
    from PIL import Image, ImageDraw

    image = picture.image.convert("RGB")
    if picture.mask is not None:
        inside = np.asarray(picture.mask) > 0
        tinted = np.asarray(image).copy()
        tinted[inside] = tinted[inside] // 2 + np.array([107, 19, 20], dtype=np.uint8)
        image = Image.fromarray(tinted)
    scale = _SIDE_PX / max(image.size)
    small = image.resize((max(1, round(image.width * scale)), max(1, round(image.height * scale))))
    draw = ImageDraw.Draw(small)
    for box in picture.boxes:
        corners = (
            box["left"] * scale,
            box["top"] * scale,
            (box["left"] + box["width"]) * scale,
            (box["top"] + box["height"]) * scale,
        )
        draw.rectangle(corners, outline=_LINE, width=4)
        draw.rectangle(corners, outline=_EDGE, width=2)
        name = str(box.get("label", ""))[:_NAME_CHARACTERS]
        at = (corners[0] + 1, max(corners[1] - 11, 0))
        draw.rectangle(draw.textbbox(at, name), fill=_EDGE)
        draw.text(at, name, fill=_LINE)
    jpeg = io.BytesIO()
    small.save(jpeg, "JPEG", quality=80)
    return f"data:image/jpeg;base64,{base64.b64encode(jpeg.getvalue()).decode()}"

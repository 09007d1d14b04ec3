"""What a requester tells workers: words and example pictures, taken out of HTML.

Layer: schema. Reference sections 3.2 and 4.4. Templates and label files are written by anyone, so
nothing of their markup reaches a page: only plain words, and pictures by where they lie.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from html.parser import HTMLParser
from urllib.parse import unquote

__all__ = ["Example", "Instructions", "instructions_of_template", "read_instructions", "s3_of"]

MAX_EXAMPLES = 8
_SHORT = ("short-instructions", "short-summary")
_FULL = ("full-instructions", "detailed-instructions")
_SIDES = {"positive-example": "good", "negative-example": "bad"}
_MARKUP = re.compile(r"<[a-zA-Z/!]")
_LIQUID = re.compile(r"\{\{[^{}]*\}\}|\{%[^{}]*%\}")
_GOOD = re.compile(r"\b(good|correct|positive|right)\b", re.IGNORECASE)
_BAD = re.compile(r"\b(bad|incorrect|negative|wrong|poor)\b", re.IGNORECASE)
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_BLOCKS = _HEADINGS | {"p", "div", "li", "ul", "ol", "br", "tr", "table", "section", *_SIDES}
_SILENT = frozenset({"script", "style", "template", "title"})
_QUOTED = re.compile(r"""["']([^"']+)["']""")
_HOSTED = re.compile(
    r"https?://(?:(?P<bucket>[a-z0-9.-]+)\.)?s3[a-z0-9.-]*\.amazonaws\.com(?:\.cn)?/(?P<key>[^?#]+)"
)


@dataclass(frozen=True, slots=True)
class Example:
    """A picture of how to label or how not to.

    ``source`` is an ``s3://`` URI or a ``data:`` URI; ``kind`` is "good", "bad" or "".
    """

    source: str
    caption: str
    kind: str


@dataclass(frozen=True, slots=True)
class Instructions:
    """Plain words, with line breaks, and up to 8 example pictures."""

    short: str
    full: str
    examples: tuple[Example, ...] = ()


def instructions_of_template(page: str) -> tuple[str, str]:
    """Return the HTML inside the short and the full instructions of a worker template.

    Either may be empty. Those of ``crowd-instructions`` count likewise; its positive and negative
    examples belong to the full ones.
    """
    short = next(filter(None, (_inside(page, tag) for tag in _SHORT)), "")
    full = next(filter(None, (_inside(page, tag) for tag in _FULL)), "")
    sides = [f"<{tag}>{_inside(page, tag)}</{tag}>" for tag in _SIDES if _inside(page, tag)]
    return short, "".join((full, *sides))


def _inside(page: str, tag: str) -> str:
    opening = re.search(rf"<{tag}\b[^>]*>", page, re.IGNORECASE)
    if not opening:
        return ""
    closing = re.compile(rf"</{tag}\s*>", re.IGNORECASE).search(page, opening.end())
    return page[opening.end() : closing.start()].strip() if closing else ""


@lru_cache(maxsize=64)
def read_instructions(short: str, full: str) -> Instructions:
    """Read instructions as workers shall see them.

    Parameters
    ----------
    short, full : str
        HTML, or plain text, which stays as it is.

    Returns
    -------
    Instructions
        A picture is good or bad by the words of its ``alt``, of the heading above it, or by the
        element it lies in. One that lies neither in S3 nor in the page itself is named among the
        words: no page of ours loads anything from elsewhere.
    """
    first, second = _Reader(short), _Reader(full)
    found = dict.fromkeys((*first.examples, *second.examples))  # often both say the same
    return Instructions(first.words, second.words, tuple(found)[:MAX_EXAMPLES])


def s3_of(source: str) -> str | None:
    """Return where a picture of the instructions lies, as ``s3://`` URI; None if not in S3.

    Takes URIs, the addresses of S3's own hosts, and ``{{ "s3://..." | grant_read_access }}``.
    """
    if source.startswith("{{"):
        quoted = _QUOTED.search(source)
        source = quoted[1] if quoted else ""
    if source.startswith("s3://") and "/" in source[5:]:
        return source
    hosted = _HOSTED.match(source)
    if not hosted:
        return None
    key = unquote(hosted["key"])
    return f"s3://{hosted['bucket']}/{key}" if hosted["bucket"] else f"s3://{key}"


class _Reader(HTMLParser):
    """Collects words and pictures; markup is dropped."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.examples: list[Example] = []
        self._parts: list[str] = []
        self._heading, self._side, self._silent, self._in_heading = "", "", 0, False
        self._heading_at = 0
        if _MARKUP.search(html):
            self.feed(html)
            self.close()
            self.words = _tidied("".join(self._parts))
        else:
            self.words = html.strip()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent += 1
        elif tag == "img":
            self._picture({name: value or "" for name, value in attrs})
        elif tag in _BLOCKS:
            self._parts.append("\n• " if tag == "li" else "\n")
            self._side = _SIDES.get(tag, self._side)
        if tag in _HEADINGS:
            self._heading, self._in_heading = "", True
            self._heading_at = len(self._parts)

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(self._silent - 1, 0)
        elif tag in _BLOCKS:
            self._parts.append("\n")
            self._side = "" if tag in _SIDES else self._side
        if tag in _HEADINGS:
            self._in_heading = False

    def handle_data(self, data: str) -> None:
        if self._silent:
            return
        words = re.sub(r"\s+", " ", _LIQUID.sub("", data))
        self._parts.append(words)
        if self._in_heading:
            self._heading += words

    def _picture(self, attributes: dict[str, str]) -> None:
        source = attributes.get("src", "").strip()
        caption = (attributes.get("alt") or self._heading).strip()
        known = source if source.startswith("data:image/") else s3_of(source)
        if known is None:
            self._parts.append(f" [{caption or source}] ")
        else:
            kind = self._side or _kind_of(f"{attributes.get('alt', '')} {self._heading}")
            self.examples.append(Example(known, caption, kind))
            if "".join(self._parts[self._heading_at :]).strip() == self._heading.strip():
                del self._parts[self._heading_at :]  # it was the picture's, not the words'


def _kind_of(said: str) -> str:
    if _BAD.search(said):
        return "bad"
    return "good" if _GOOD.search(said) else ""


def _tidied(text: str) -> str:
    lines = [line.strip() for line in text.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip().replace("\n\n•", "\n•")

"""Offsets into a text: code points, as manifests count, and UTF-16 units, as browsers do.

Layer: exchange (pure).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gt_widgets.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["in_code_points", "in_utf16_units"]


def in_code_points(text: str, spans: Iterable[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """Turn spans in UTF-16 units, as bare ipyannotations counts, into spans in code points.

    A unit in the middle of a character counts as the beginning of that character.

    Raises
    ------
    FormatError
        If a span does not lie inside the text.

    Examples
    --------
    >>> in_code_points("😀 Ana", [(3, 6, "person")])
    [(2, 5, 'person')]
    """
    points: list[int] = []
    for index, character in enumerate(text):
        points += [index] * _units(character)
    points.append(len(text))
    return _moved(spans, points)


def in_utf16_units(text: str, spans: Iterable[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """Turn spans in code points into spans in UTF-16 units; raises as `in_code_points` does.

    Examples
    --------
    >>> in_utf16_units("😀 Ana", [(2, 5, "person")])
    [(3, 6, 'person')]
    """
    units = [0]
    for character in text:
        units.append(units[-1] + _units(character))
    return _moved(spans, units)


def _units(character: str) -> int:
    return 2 if ord(character) > 0xFFFF else 1  # noqa: PLR2004  the last of one UTF-16 unit


def _moved(spans: Iterable[tuple[int, int, str]], to: Sequence[int]) -> list[tuple[int, int, str]]:
    found = []
    for start, end, label in spans:
        if not 0 <= start <= end < len(to):
            raise FormatError(
                f"the span ({start}, {end}, {label!r}) does not lie inside the text; its length in "
                f"that unit is {len(to) - 1}."
            )
        found.append((to[start], to[end], label))
    return found

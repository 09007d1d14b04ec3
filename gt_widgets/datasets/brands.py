"""Fictional brands, each with three looks.

Layer: datasets (plain data; imports only ``datasets.shapes``). The names are made up for this
project and the artwork is drawn for it; any likeness to a real trade mark is accidental.
"""

from __future__ import annotations

from dataclasses import dataclass

from gt_widgets.datasets.shapes import Disc, Look, Polygon, Rect, Text

__all__ = ["BRANDS", "Brand"]


@dataclass(frozen=True, slots=True)
class Brand:
    """A made-up brand; ``name`` is its label category."""

    name: str
    trade: str
    looks: tuple[Look, ...]


_TEAL, _ORANGE, _WHITE, _BLACK = "#00767a", "#ff7a1a", "#ffffff", "#161616"
_BLUE, _SKY, _PINK = "#1b3fae", "#5cc8f2", "#e6407f"
_PINE, _ICE, _SUN = "#1f4d3a", "#eef6f4", "#f6b93b"
_BROWN, _CREAM = "#54301c", "#f3e3c7"
_PURPLE, _YELLOW, _GREEN = "#5b2a86", "#ffd23f", "#3bb273"
_RED, _STEEL = "#c8202f", "#39424e"

_KABUZO = Brand(
    "Kabuzo",
    "parcels",
    (
        Look(
            "badge",
            (220, 70),
            (
                Rect((0, 0, 220, 70), _TEAL, 14),
                Polygon((14, 18, 50, 18, 44, 28, 8, 28), _ORANGE),
                Polygon((20, 31, 46, 31, 41, 40, 15, 40), _ORANGE),
                Polygon((12, 43, 44, 43, 38, 53, 6, 53), _ORANGE),
                Text("KABUZO", (58, 17, 210, 53), _WHITE, "slanted"),
            ),
        ),
        Look(
            "wordmark",
            (230, 60),
            (
                Polygon((0, 6, 18, 6, 38, 30, 18, 54, 0, 54, 20, 30), _ORANGE),
                Polygon((26, 6, 44, 6, 64, 30, 44, 54, 26, 54, 46, 30), _TEAL),
                Text("kabuzo", (72, 4, 230, 56), _TEAL, "slanted"),
            ),
        ),
        Look(
            "roundel",
            (100, 100),
            (
                Disc((0, 0, 100, 100), _ORANGE),
                Disc((8, 8, 92, 92), _TEAL),
                Polygon((26, 24, 40, 24, 40, 76, 26, 76), _WHITE),
                Polygon((42, 50, 62, 24, 80, 24, 60, 50, 80, 76, 62, 76), _ORANGE),
            ),
        ),
    ),
)

_PLINQUA = Brand(
    "Plinqua",
    "drinks",
    (
        Look(
            "stacked",
            (170, 150),
            (
                Polygon((85, 0, 112, 45, 58, 45), _PINK),
                Disc((53, 26, 117, 90), _PINK),
                Disc((66, 46, 84, 64), _WHITE),
                Text("Plinqua", (0, 98, 170, 150), _BLUE, "script"),
            ),
        ),
        Look(
            "oval",
            (220, 110),
            (
                Disc((0, 0, 220, 110), _BLUE),
                Disc((7, 6, 213, 104), _SKY),
                Disc((12, 10, 208, 100), _BLUE),
                Text("Plinqua", (34, 28, 186, 84), _WHITE, "script"),
            ),
        ),
        Look(
            "drop",
            (90, 120),
            (
                Polygon((45, 0, 84, 58, 6, 58), _BLUE),
                Disc((0, 30, 90, 120), _BLUE),
                Polygon((45, 30, 66, 66, 24, 66), _PINK),
                Disc((21, 52, 69, 100), _PINK),
                Disc((32, 68, 48, 84), _WHITE),
            ),
        ),
    ),
)

_TUNDRIX = Brand(
    "Tundrix",
    "outdoor gear",
    (
        Look(
            "shield",
            (130, 150),
            (
                Polygon((0, 0, 130, 0, 130, 84, 65, 150, 0, 84), _PINE),
                Polygon((8, 86, 44, 44, 62, 66, 84, 34, 122, 86, 65, 140), _ICE),
                Polygon((44, 44, 62, 66, 52, 72, 44, 64, 36, 70, 30, 60), _SUN),
                Text("TUNDRIX", (10, 9, 120, 31), _ICE, "mono"),
            ),
        ),
        Look(
            "wordmark",
            (240, 76),
            (
                Polygon((82, 26, 104, 0, 116, 13, 130, 2, 158, 26), _SUN),
                Text("TUNDRIX", (0, 32, 240, 76), _PINE, "mono"),
            ),
        ),
        Look(
            "tile",
            (110, 110),
            (
                Rect((0, 0, 110, 110), _SUN, 16),
                Disc((60, 14, 90, 44), _WHITE),
                Polygon((10, 94, 46, 36, 64, 62, 74, 50, 102, 94), _PINE),
                Polygon((46, 36, 56, 51, 47, 56, 40, 47), _WHITE),
            ),
        ),
    ),
)

_VARBENO = Brand(
    "Varbeno",
    "coffee",
    (
        Look(
            "stamp",
            (130, 130),
            (
                Disc((0, 0, 130, 130), _BROWN),
                Disc((7, 7, 123, 123), _CREAM),
                Disc((12, 12, 118, 118), _BROWN),
                Disc((45, 18, 85, 68), _CREAM),
                Polygon((63, 18, 70, 36, 61, 50, 68, 68, 63, 68, 55, 50, 64, 36), _BROWN),
                Text("VARBENO", (20, 76, 110, 96), _CREAM, "serif"),
            ),
        ),
        Look(
            "wordmark",
            (230, 70),
            (
                Text("Varbeno", (0, 0, 230, 54), _BROWN, "serif"),
                Polygon((6, 60, 224, 56, 224, 61, 6, 70), _RED),
            ),
        ),
        Look(
            "bean",
            (90, 110),
            (
                Disc((0, 0, 90, 110), _BROWN),
                Polygon((44, 0, 58, 34, 36, 68, 50, 110, 42, 110, 24, 68, 46, 34, 36, 0), _CREAM),
            ),
        ),
    ),
)

_STAR = (60, 0, 74, 42, 119, 42, 83, 68, 97, 111, 60, 85, 23, 111, 37, 68, 1, 42, 46, 42)
_OSTRELLO = Brand(
    "Ostrello",
    "toys",
    (
        Look(
            "star",
            (120, 112),
            (Polygon(_STAR, _YELLOW), Text("O", (42, 36, 78, 76), _PURPLE, "sans")),
        ),
        Look(
            "banner",
            (250, 80),
            (
                Polygon((0, 12, 34, 12, 34, 72, 0, 72, 14, 42), _PINK),
                Polygon((250, 12, 216, 12, 216, 72, 250, 72, 236, 42), _PINK),
                Rect((22, 0, 228, 62), _PURPLE, 6),
                Text("Ostrello", (36, 8, 214, 54), _YELLOW, "sans"),
            ),
        ),
        Look(
            "letters",
            (236, 64),
            (
                Text("os", (0, 8, 62, 64), _PURPLE, "sans"),
                Text("tre", (66, 0, 134, 64), _GREEN, "sans"),
                Text("llo", (140, 0, 196, 64), _PINK, "sans"),
                Disc((204, 34, 234, 64), _YELLOW),
            ),
        ),
    ),
)

_HEXAGON = (30, 0, 90, 0, 120, 52, 90, 104, 30, 104, 0, 52)
_FJELLMOR = Brand(
    "Fjellmor",
    "tools",
    (
        Look(
            "nut",
            (120, 104),
            (
                Polygon(_HEXAGON, _RED),
                Disc((28, 20, 92, 84), _WHITE),
                Text("F", (44, 32, 76, 72), _STEEL, "slanted"),
            ),
        ),
        Look(
            "bar",
            (240, 60),
            (
                Rect((0, 0, 240, 60), _BLACK),
                Polygon((14, 14, 34, 14, 44, 30, 34, 46, 14, 46, 4, 30), _RED),
                Text("FJELLMOR", (54, 15, 230, 45), _WHITE, "sans"),
            ),
        ),
        Look(
            "wordmark",
            (230, 66),
            (
                Text("Fjellmor", (0, 0, 230, 54), _RED, "slanted"),
                Rect((0, 58, 230, 66), _STEEL),
            ),
        ),
    ),
)

BRANDS: tuple[Brand, ...] = (_KABUZO, _PLINQUA, _TUNDRIX, _VARBENO, _OSTRELLO, _FJELLMOR)
"""The first three are those of the workshop."""

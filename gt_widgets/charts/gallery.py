"""A gallery of labeled objects: pictures with boxes, outlines and masks, texts with their names.

Layer: charts (matplotlib; imports nothing else of ours). Words from the data are never read as
mathematics.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.patches import Patch, Polygon, Rectangle

from gt_widgets.charts.figures import Chart, say, short
from gt_widgets.charts.palette import palette

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

__all__ = ["Picture", "gallery"]

_COLOURS = (
    "#2ca02c",
    "#1f77b4",
    "#ff7f0e",
    "#d62728",
    "#9467bd",
    "#8c564b",
    "#e377c2",
    "#7f7f7f",
    "#bcbd22",
    "#17becf",
)
_CAPTION_PX = 24
"""A box nearer to the upper border has its label inside, clear of the title."""
_MASK_OPACITY = 0.5
_LINE_CHARACTERS, _MOST_LINES = 72, 6
_WORD = re.compile(r"\S+")


@dataclass(frozen=True, slots=True)
class Picture:
    """One labeled object of a gallery: a picture, or a text.

    Parameters
    ----------
    image : PIL.Image.Image or ndarray of shape (h, w[, 3]), or None for a text
    boxes : sequence of mappings
        ``label, left, top, width, height`` in image pixels, optionally ``confidence``.
    caption : str
        Stands above the picture, for example the file name or the class.
    shapes : sequence of mappings
        ``label`` and ``vertices``, a sequence of ``(x, y)`` in image pixels: one is a point, two a
        line, more an outline; ``closed`` False keeps it open. Optionally ``confidence``.
    mask : ndarray of shape (h, w), optional
        0 where nothing is, k for the k-th category.
    text : str
        Shown where there is no image.
    entities : sequence of mappings
        ``label, startOffset, endOffset`` in ``text``.
    """

    image: Any
    boxes: Sequence[Mapping[str, Any]] = ()
    caption: str = ""
    shapes: Sequence[Mapping[str, Any]] = ()
    mask: Any = None
    text: str = ""
    entities: Sequence[Mapping[str, Any]] = ()

    def labels(self) -> set[str]:
        """Labels of everything that is drawn by name."""
        return {str(each["label"]) for each in (*self.boxes, *self.shapes, *self.entities)}


def gallery(
    pictures: Sequence[Picture], *, columns: int = 4, categories: Sequence[str] = ()
) -> Chart:
    """Show labeled objects side by side.

    Parameters
    ----------
    pictures : sequence of Picture
    columns : int >= 1
        Texts, which are wide, take half as many.
    categories : sequence of str
        Label categories in ``class_id`` order; they fix the colour of each label. Without
        them labels take colours in alphabetical order.

    Returns
    -------
    Chart
    """
    labels = list(categories) or sorted(set().union(*(p.labels() for p in pictures)))
    colours = {label: _COLOURS[i % len(_COLOURS)] for i, label in enumerate(labels)}
    texts = any(picture.image is None for picture in pictures)
    columns = max(min(columns // 2 if texts else columns, len(pictures)), 1)
    rows = max(math.ceil(len(pictures) / columns), 1)
    tall = min(max((len(_lines(p.text)) for p in pictures), default=1), _MOST_LINES)
    size = (6.0, 0.45 + 0.21 * tall) if texts else (3.4, 2.8)
    figure = Chart(figsize=(size[0] * columns, size[1] * rows), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    for ax in axes:
        ax.set_axis_off()
    for ax, picture in zip(axes, pictures, strict=False):
        if picture.image is None:
            _show_text(ax, picture, colours, tall)
        else:
            _show(ax, picture, colours)
    if not pictures:
        say(axes[0], "No pictures to show.")
    if any(picture.mask is not None or picture.entities for picture in pictures):
        _legend(figure, colours)
    return figure


def _show(ax: Axes, picture: Picture, colours: Mapping[str, str]) -> None:
    ax.imshow(np.asarray(picture.image), cmap="gray", interpolation="antialiased")
    ax.set_title(
        short(picture.caption), fontsize=9, color=palette().ink, loc="left", parse_math=False
    )
    if picture.mask is not None:
        ax.imshow(_painted(picture.mask, list(colours.values())), interpolation="nearest")
    for shape in picture.shapes:
        _draw_shape(ax, shape, colours.get(str(shape["label"]), palette().soft))
    for box in picture.boxes:
        colour = colours.get(str(box["label"]), palette().soft)
        corner = (box["left"] - 0.5, box["top"] - 0.5)  # pixel centres have whole numbers
        frame = Rectangle(
            corner, box["width"], box["height"], fill=False, edgecolor=colour, linewidth=2
        )
        ax.add_patch(frame)
        _name(ax, box, corner, colour)


def _name(ax: Axes, thing: Mapping[str, Any], corner: tuple[float, float], colour: str) -> None:
    """Write a thing's label and confidence at its upper left corner."""
    words = str(thing["label"])
    if thing.get("confidence"):
        words += f" {thing['confidence']:.2f}"
    text = ax.annotate(
        words,
        corner,
        xytext=(2, 2 if corner[1] > _CAPTION_PX else -9),
        textcoords="offset points",
        fontsize=7.5,
        color="white",
        bbox={"facecolor": colour, "edgecolor": "none", "boxstyle": "square,pad=0.2"},
        annotation_clip=False,
    )
    text.set_parse_math(False)


def _draw_shape(ax: Axes, shape: Mapping[str, Any], colour: str) -> None:
    vertices = np.asarray(shape["vertices"], dtype=float).reshape(-1, 2)
    if len(vertices) == 1:
        ax.plot(*vertices[0], "o", color=colour, markersize=5, markeredgecolor="white")
    else:
        closed = bool(shape.get("closed", True)) and len(vertices) > 2  # noqa: PLR2004
        outline = Polygon(vertices, closed=closed, fill=False, edgecolor=colour, linewidth=2)
        ax.add_patch(outline)
    left, top = vertices.min(axis=0)
    _name(ax, shape, (float(left), float(top)), colour)


def _painted(mask: Any, colours: Sequence[str]) -> NDArray[np.float64]:
    """Colours of a mask's classes, see-through; nothing where the mask is 0."""
    table = np.zeros((256, 4))
    for index, colour in enumerate(colours[:255], start=1):
        table[index] = (*to_rgb(colour), _MASK_OPACITY)
    painted: NDArray[np.float64] = table[np.asarray(mask, dtype=np.uint8)]
    return painted


def _legend(figure: Chart, colours: Mapping[str, str]) -> None:
    patches = [Patch(color=colour, label=short(label)) for label, colour in colours.items()]
    legend = figure.legend(
        handles=patches,
        loc="outside lower left",
        ncols=6,
        frameon=False,
        labelcolor=palette().ink,
        fontsize=8,
    )
    for text in legend.get_texts():
        text.set_parse_math(False)


# --- texts ----------------------------------------------------------------------------------------


def _show_text(ax: Axes, picture: Picture, colours: Mapping[str, str], lines: int) -> None:
    """Write a text on a grid of characters, its entities on coloured ground."""
    ax.set_title(
        short(picture.caption), fontsize=9, color=palette().ink, loc="left", parse_math=False
    )
    ax.set_xlim(0, _LINE_CHARACTERS)
    ax.set_ylim(lines, 0)
    for row, (start, line) in enumerate(_lines(picture.text)[:lines]):
        for entity in picture.entities:
            low = max(int(entity["startOffset"]) - start, 0)
            high = min(int(entity["endOffset"]) - start, len(line))
            if low < high:
                colour = colours.get(str(entity["label"]), palette().soft)
                ground = Rectangle((low, row), high - low, 1, facecolor=colour, alpha=0.35)
                ax.add_patch(ground)
        for word in _WORD.finditer(line):  # word by word, so that none drifts off the grid
            text = ax.text(
                word.start(), row + 0.5, word[0], family="monospace", fontsize=9, va="center"
            )
            text.set_parse_math(False)
            text.set_color(palette().ink)


def _lines(text: str) -> list[tuple[int, str]]:
    """Wrap a text; each line with the offset at which it begins."""
    lines, start, position = [], 0, 0
    for word in _WORD.finditer(text):
        breaks = "\n" in text[position : word.start()]
        if (breaks or word.end() - start > _LINE_CHARACTERS) and word.start() > start:
            lines.append((start, text[start:position]))
            start = word.start()
        position = word.end()
    return [*lines, (start, text[start:position])]

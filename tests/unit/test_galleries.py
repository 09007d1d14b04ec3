"""The gallery of labels that are not boxes: masks, outlines, points and texts."""

from __future__ import annotations

import numpy as np
from matplotlib.patches import Polygon, Rectangle

from gt_widgets.charts import Picture, gallery

GREY = np.full((48, 64, 3), 128, dtype=np.uint8)
SPAN = {"label": "place", "startOffset": 8, "endOffset": 12}


def words_of(ax):
    return [text.get_text() for text in ax.texts]


def test_a_mask_lies_over_the_picture_in_the_colours_of_its_classes():
    mask = np.zeros((48, 64), dtype=np.uint8)
    mask[10:20, 5:9] = 2
    figure = gallery([Picture(GREY, mask=mask)], categories=["road", "sky"])
    painted = figure.axes[0].images[1].get_array()
    assert painted[0, 0, 3] == 0
    assert painted[12, 6, 3] == 0.5
    assert tuple(np.round(painted[12, 6, :3] * 255)) == (0x1F, 0x77, 0xB4)
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["road", "sky"]


def test_shapes_are_drawn_by_their_number_of_vertices():
    shapes = [
        {"label": "a", "vertices": [(3, 4)]},
        {"label": "a", "vertices": [(3, 4), (9, 9)], "confidence": 0.5},
        {"label": "b", "vertices": [(3, 4), (9, 9), (3, 9)]},
    ]
    ax = gallery([Picture(GREY, shapes=shapes)]).axes[0]
    outlines = [patch for patch in ax.patches if isinstance(patch, Polygon)]
    assert [outline.get_closed() for outline in outlines] == [False, True]
    assert len(ax.lines) == 1
    assert words_of(ax) == ["a", "a 0.50", "b"]


def test_a_text_is_wrapped_and_its_entities_stand_on_coloured_ground():
    text = "Sent to Oslo " + "word " * 30
    figure = gallery([Picture(None, text=text, entities=[SPAN], caption="0")])
    ax = figure.axes[0]
    [ground] = [patch for patch in ax.patches if isinstance(patch, Rectangle)]
    assert (ground.get_x(), ground.get_y(), ground.get_width()) == (8, 0, 4)
    assert words_of(ax)[2] == "Oslo"
    assert max(artist.get_position()[1] for artist in ax.texts) > 1
    assert figure._repr_png_().startswith(b"\x89PNG")


def test_an_entity_that_goes_over_a_line_break_is_marked_on_both_lines():
    text = "x" * 70 + " Oslo\nand on"
    entity = {"label": "place", "startOffset": 71, "endOffset": 79}
    ax = gallery([Picture(None, text=text, entities=[entity])]).axes[0]
    assert [patch.get_y() for patch in ax.patches] == [1, 2]


def test_words_of_a_text_are_not_read_as_mathematics():
    figure = gallery(
        [Picture(None, text="$\\frac{$ \U0001f69a", entities=[SPAN | {"label": "$_$"}])]
    )
    assert figure._repr_png_().startswith(b"\x89PNG")

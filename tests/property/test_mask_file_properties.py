"""What holds for all masks as files."""

from __future__ import annotations

import base64
import contextlib

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gt_widgets.errors import AnswerError, ImageError
from gt_widgets.schema.masks import (
    answer_of_mask,
    mask_of_answer,
    palette_png,
    read_palette_png,
    tool_colors,
)


@st.composite
def painted(draw):
    classes = draw(st.integers(1, 254))
    size = draw(st.tuples(st.integers(1, 12), st.integers(1, 12)))
    mask = draw(arrays(np.uint8, size, elements=st.integers(0, classes)))
    return mask, [f"class {i}" for i in range(classes)]


@given(painted())
@settings(deadline=None)
def test_a_mask_survives_being_written_and_read(drawn):  # O06
    mask, categories = drawn
    assert np.array_equal(read_palette_png(palette_png(mask, tool_colors(len(categories)))), mask)


@given(painted())
@settings(deadline=None)
def test_what_is_painted_is_what_is_read(drawn):
    mask, categories = drawn
    answer = answer_of_mask(mask, categories)
    colors = {label: entry["color"] for label, entry in answer["labelMappings"].items()}
    found = mask_of_answer(
        answer["labeledImage"]["pngImageData"],
        colors,
        categories=categories,
        width=mask.shape[1],
        height=mask.shape[0],
    )
    assert np.array_equal(found, mask)
    assert set(colors) == {categories[k - 1] for k in np.unique(mask) if k}


@given(painted(), st.data())
@settings(deadline=None)
def test_damaged_files_are_refused_or_read_but_never_break(drawn, data):
    mask, categories = drawn
    file = bytearray(palette_png(mask, tool_colors(len(categories))))
    for _ in range(data.draw(st.integers(1, 4))):
        file[data.draw(st.integers(0, len(file) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(ImageError):
        assert read_palette_png(bytes(file)).dtype == np.uint8
    with contextlib.suppress(AnswerError):
        mask_of_answer(
            base64.b64encode(bytes(file)).decode(),
            {},
            categories=categories,
            width=mask.shape[1],
            height=mask.shape[0],
        )

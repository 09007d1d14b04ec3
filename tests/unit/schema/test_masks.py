"""Masks as files."""

from __future__ import annotations

import base64
import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from gt_widgets.errors import AnswerError, ImageError, ValidationError
from gt_widgets.schema.masks import (
    COLORS,
    answer_of_mask,
    internal_color_map,
    label_colors,
    mask_of_answer,
    palette_png,
    read_palette_png,
    tool_colors,
)

CATEGORIES = ["road", "car"]
MASK = np.array([[0, 1, 1], [2, 0, 1]], dtype=np.uint8)


def encoded(pixels, mode="RGB", kind="PNG"):
    out = io.BytesIO()
    Image.fromarray(np.asarray(pixels, dtype=np.uint8)).convert(mode).save(out, kind)
    return base64.b64encode(out.getvalue()).decode()


def read(png, colors=None, *, width=3, height=2, categories=CATEGORIES):
    colors = label_colors(CATEGORIES) if colors is None else colors
    return mask_of_answer(png, colors, categories=categories, width=width, height=height)


def painted():
    return answer_of_mask(MASK, CATEGORIES)["labeledImage"]["pngImageData"]


def test_what_a_worker_painted_is_read_as_classes():
    assert np.array_equal(read(painted()), MASK)


def test_the_mask_is_a_palette_png_whose_pixels_are_classes():  # O06
    image = Image.open(io.BytesIO(palette_png(MASK, COLORS[:2])))
    assert (image.mode, image.size) == ("P", (3, 2))
    assert np.array_equal(np.array(image), MASK)
    palette = np.array(image.getpalette()).reshape(-1, 3)
    assert palette.tolist() == [
        [255, 255, 255],
        [0x2C, 0xA0, 0x2C],
        [0x1F, 0x77, 0xB4],
        *[[255, 255, 255]] * 253,
    ]


def test_the_mask_opened_as_rgb_shows_the_colours():  # O06
    image = Image.open(io.BytesIO(palette_png(MASK, COLORS[:2]))).convert("RGB")
    assert image.getpixel((0, 0)) == (255, 255, 255)
    assert image.getpixel((0, 1)) == (0x1F, 0x77, 0xB4)


def test_the_color_map_begins_with_background_and_goes_on_in_the_tools_order():  # O07
    found = internal_color_map(CATEGORIES, confidence=0.80546)
    assert found == {
        "0": {"class-name": "BACKGROUND", "hex-color": "#ffffff", "confidence": 0.80546},
        "1": {"class-name": "road", "hex-color": "#2ca02c", "confidence": 0.80546},
        "2": {"class-name": "car", "hex-color": "#1f77b4", "confidence": 0.80546},
    }


def test_every_pixel_value_is_a_key_of_the_color_map():  # O06
    pixels = read_palette_png(palette_png(MASK, tool_colors(2)))
    keys = internal_color_map(CATEGORIES, confidence=1.0)
    assert {str(value) for value in np.unique(pixels)} <= set(keys)


def test_hundreds_of_classes_have_colours_of_their_own_and_none_is_white():
    colors = tool_colors(254)
    assert colors[:10] == COLORS
    assert len({*colors, "#ffffff"}) == 255


def test_transparent_and_white_are_background():
    pixels = np.zeros((2, 3, 4), dtype=np.uint8)
    pixels[0, 1:] = (0x2C, 0xA0, 0x2C, 255)
    pixels[1] = 255
    assert read(encoded(pixels, "RGBA")).tolist() == [[0, 1, 1], [0, 0, 0]]


def test_a_palette_picture_with_the_right_colours_is_read_too():
    png = base64.b64encode(palette_png(MASK, COLORS[:2])).decode()
    assert np.array_equal(read(png), MASK)


def test_colours_are_those_of_the_answer_and_case_does_not_matter():
    mine = answer_of_mask(MASK, CATEGORIES, colors=["#ABCDEF", "#000000"])
    png = mine["labeledImage"]["pngImageData"]
    assert np.array_equal(read(png, {"road": "#abcdef", "car": "#000000"}), MASK)


def test_an_unknown_colour_is_refused_with_its_place():
    pixels = np.full((2, 3, 3), 255, dtype=np.uint8)
    pixels[1, 2] = (1, 2, 3)
    with pytest.raises(AnswerError, match=r"left 2, top 1 has the colour #010203"):
        read(encoded(pixels))


def test_an_unknown_colour_far_down_is_found_at_its_own_row():
    pixels = np.full((700, 2, 3), 255, dtype=np.uint8)
    pixels[650, 1] = (1, 2, 3)
    with pytest.raises(AnswerError, match="left 1, top 650"):
        read(encoded(pixels), width=2, height=700)


def test_a_soft_edge_is_refused():
    pixels = np.full((2, 3, 4), 255, dtype=np.uint8)
    pixels[0, 0] = (0x2C, 0xA0, 0x2C, 128)
    with pytest.raises(AnswerError, match=r"left 0, top 0.*alpha 128"):
        read(encoded(pixels, "RGBA"))


@pytest.mark.parametrize(
    ("colors", "said"),
    [
        ({"lorry": "#2ca02c"}, "'lorry' is not one of this job's"),
        ({"road": "#2ca02c", "car": "#2CA02C"}, "stands for two labels"),
        ({"road": "#ffffff"}, "stands for two labels"),
        ({"road": "green"}, "must be written as '#rrggbb'; found 'green'"),
        ({"road": None}, "must be written"),
    ],
)
def test_colours_that_say_nothing_clear_are_refused(colors, said):
    with pytest.raises(AnswerError, match=said):
        read(painted(), colors)


@pytest.mark.parametrize(
    "png",
    ["not base64!", "", "AAAA", base64.b64encode(b"\x89PNG\r\n\x1a\n").decode(), None, 7],
)
def test_what_is_no_png_is_refused(png):
    with pytest.raises(AnswerError, match="pngImageData"):
        read(png)


def test_other_picture_formats_are_refused():
    with pytest.raises(AnswerError, match="expected a PNG"):
        read(encoded(np.full((2, 3, 3), 255), kind="GIF"))


def test_a_mask_of_another_size_than_the_picture_is_refused():
    with pytest.raises(AnswerError, match="3 x 2 pixels, the picture 6 x 4"):
        read(painted(), width=6, height=4)


def test_a_picture_that_claims_a_billion_pixels_is_refused_before_it_is_decoded():
    header = struct.pack(">IIBBBBB", 40_000, 40_000, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + header
    png = (
        b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))
    )
    png += struct.pack(">I", 0) + b"IDAT" + struct.pack(">I", zlib.crc32(b"IDAT"))
    with pytest.raises(AnswerError, match="at most 100000000 pixels"):
        read(base64.b64encode(png).decode(), width=40_000, height=40_000)
    with pytest.raises(ImageError, match="at most 100000000 pixels"):
        read_palette_png(png)


def test_a_mask_that_breaks_off_is_refused():
    whole = base64.b64decode(painted())
    with pytest.raises(AnswerError, match=r"damaged|expected a PNG"):
        read(base64.b64encode(whole[:-30]).decode())


def test_text_in_a_png_is_not_unpacked_without_end():
    note = PngImagePlugin.PngInfo()
    note.add_text("comment", "x" * 3_000_000, zip=True)
    out = io.BytesIO()
    Image.fromarray(np.full((2, 3, 3), 255, np.uint8)).save(out, "PNG", pnginfo=note)
    with pytest.raises(AnswerError):
        read(base64.b64encode(out.getvalue()).decode())


def test_a_mask_without_palette_is_refused_by_its_mode():
    out = io.BytesIO()
    Image.fromarray(np.zeros((2, 3, 3), np.uint8)).save(out, "PNG")
    with pytest.raises(ImageError, match="found mode RGB"):
        read_palette_png(out.getvalue())


@pytest.mark.parametrize(
    "mask", [np.zeros((2, 2)), np.zeros((0, 2), np.uint8), np.zeros(3, np.uint8)]
)
def test_only_a_picture_of_classes_can_be_written(mask):
    with pytest.raises(ValidationError, match="uint8 array of shape"):
        palette_png(mask, COLORS)


def test_a_class_without_a_colour_is_refused_with_its_place():
    with pytest.raises(ValidationError, match="row 1, column 0: class 2 has no colour"):
        palette_png(MASK, COLORS[:1])


def test_equal_masks_give_equal_bytes():
    assert palette_png(MASK, COLORS) == palette_png(np.asfortranarray(MASK), COLORS)

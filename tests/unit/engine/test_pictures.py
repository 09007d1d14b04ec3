"""Pictures: measured without decoding, sent in the frame in which they are stored."""

from __future__ import annotations

import io
import random
from contextlib import suppress

import numpy as np
import pytest
from PIL import Image

from gt_widgets.engine.pictures import as_stored, measure, thumbnail
from gt_widgets.errors import ImageError

ORIENTATION = 0x0112


def encoded(kind, mode="RGB", size=(64, 48), **options):
    out = io.BytesIO()
    _drawing(mode, size).save(out, kind, **options)
    return out.getvalue()


def _drawing(mode, size):
    rng = np.random.default_rng(3)
    image = Image.fromarray(rng.integers(0, 255, (size[1], size[0], 3), dtype=np.uint8))
    return Image.new(mode, size) if mode in {"I;16", "LA"} else image.convert(mode)


def turned(orientation):
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    return exif


@pytest.mark.parametrize(
    ("kind", "mode", "depth"),
    [
        ("JPEG", "RGB", 3),
        ("JPEG", "L", 1),
        ("JPEG", "CMYK", 4),
        ("PNG", "RGB", 3),
        ("PNG", "RGBA", 4),
        ("PNG", "P", 3),
        ("PNG", "L", 1),
        ("PNG", "LA", 2),
        ("PNG", "1", 1),
        ("PNG", "I;16", 1),
    ],
)
def test_width_height_and_channels_are_those_of_the_file(kind, mode, depth):
    found = measure("a", encoded(kind, mode))
    assert (found.width, found.height, found.depth) == (64, 48, depth)
    assert found.content_type == f"image/{kind.lower()}"


def test_a_colour_picture_of_sixteen_bits_is_measured():
    import struct
    import zlib

    def chunk(kind, body):
        check = struct.pack(">I", zlib.crc32(kind + body))
        return struct.pack(">I", len(body)) + kind + body + check

    header = struct.pack(">IIBBBBB", 64, 48, 16, 2, 0, 0, 0)
    rows = b"".join(b"\0" + bytes(64 * 6) for _ in range(48))
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
    data += chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    found = measure("a", data)
    assert (found.width, found.height, found.depth) == (64, 48, 3)


def test_a_telephones_jpeg_with_a_second_picture_is_a_jpeg():
    second = Image.new("RGB", (16, 12))
    data = encoded("MPO", save_all=True, append_images=[second], exif=turned(6))
    found = measure("a", data)
    assert (found.width, found.height, found.content_type) == (64, 48, "image/jpeg")
    assert Image.open(io.BytesIO(as_stored(data))).getexif().get(ORIENTATION) is None


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_the_orientation_tag_is_gone_and_the_pixels_are_the_stored_ones(kind, orientation):  # M10
    data = encoded(kind, exif=turned(orientation))
    shown = as_stored(data)
    before, after = Image.open(io.BytesIO(data)), Image.open(io.BytesIO(shown))
    assert before.getexif()[ORIENTATION] == orientation
    assert after.getexif().get(ORIENTATION) is None
    assert np.array_equal(np.asarray(before), np.asarray(after))
    assert (measure("a", data).width, measure("a", data).height) == after.size == (64, 48)


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_picture_without_a_tag_is_sent_byte_for_byte(kind):
    data = encoded(kind)
    assert as_stored(data) == data


def test_a_tag_with_another_padding_byte_is_found_as_browsers_find_it():
    data = encoded("JPEG", exif=turned(6)).replace(b"Exif\0\0", b"Exif\0\xff", 1)
    assert b"Exif" not in as_stored(data)


def test_a_colour_profile_and_a_comment_stay():
    data = encoded("JPEG", icc_profile=b"profile" * 30, comment=b"drawn by hand", exif=turned(6))
    shown = Image.open(io.BytesIO(as_stored(data)))
    assert shown.info["icc_profile"] == b"profile" * 30
    assert shown.info["comment"] == b"drawn by hand"


@pytest.mark.parametrize("kind", ["GIF", "BMP", "TIFF", "WEBP"])
def test_other_formats_are_refused_by_their_bytes(kind):
    with pytest.raises(ImageError, match=r"a\.jpg: expected a JPEG or PNG"):
        measure("a.jpg", encoded(kind))


def test_a_thumbnail_is_small_and_in_the_stored_frame():
    data = encoded("JPEG", size=(800, 600), exif=turned(6))
    assert Image.open(io.BytesIO(thumbnail(data))).size == (320, 240)


@pytest.mark.parametrize("mode", ["P", "RGBA", "I;16", "1", "LA"])
def test_a_thumbnail_is_made_of_every_kind_of_png(mode):
    assert Image.open(io.BytesIO(thumbnail(encoded("PNG", mode)))).mode == "RGB"


def test_damaged_bytes_are_measured_or_refused_and_nothing_else_ever_happens():
    rng = random.Random(11)
    tag = turned(6)
    seeds = [encoded("JPEG", exif=tag), encoded("PNG", exif=tag), encoded("PNG", "P")]
    for _ in range(3000):
        data = bytearray(rng.choice(seeds))
        for _ in range(rng.randint(1, 5)):
            data[rng.randrange(min(len(data), 400))] = rng.randrange(256)
        del data[rng.randint(1, len(data)) :]
        as_stored(bytes(data))
        with suppress(ImageError):
            measure("a", bytes(data))
        with suppress(ImageError):
            thumbnail(bytes(data))


# --- every kind of file shows as a browser shows it -------------------------------------------------


def shown(data):
    """The thumbnail of a file: what the page's picture looks like, small."""
    return np.asarray(Image.open(io.BytesIO(thumbnail(data))), dtype=int)


def halves(mode, left, right, kind="PNG", **options):
    """A picture of two colours, side by side."""
    image = Image.new(mode, (64, 48), left)
    image.paste(right, (32, 0, 64, 48))
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def seen(data):
    """The colours in the middle of both halves."""
    pixels = shown(data)
    return pixels[24, 12].tolist(), pixels[24, 52].tolist()


def near(found, *expected):
    return all(
        abs(a - b) <= 6 for one, other in zip(found, expected, strict=True)
        for a, b in zip(one, other, strict=True)
    )  # fmt: skip


def test_sixteen_bits_of_grey_are_scaled_and_not_cut_off():
    wide = np.full((48, 64), 0x4000, dtype=np.uint16)
    wide[:, 32:] = 0xC000
    out = io.BytesIO()
    Image.fromarray(wide).save(out, "PNG")
    assert near(seen(out.getvalue()), [64] * 3, [192] * 3)


def test_what_is_transparent_is_shown_on_white_whatever_lies_under_it():
    white = [255] * 3
    assert near(seen(halves("RGBA", (200, 0, 0, 0), (0, 90, 200, 255))), white, [0, 90, 200])
    assert near(seen(halves("LA", (0, 0), (90, 255))), white, [90] * 3)
    palette = Image.new("P", (64, 48), 0)
    palette.putpalette([10, 20, 30, 200, 30, 40])
    palette.paste(1, (32, 0, 64, 48))
    out = io.BytesIO()
    palette.save(out, "PNG", transparency=0)
    assert near(seen(out.getvalue()), white, [200, 30, 40])


def test_a_palette_is_looked_up():
    image = Image.new("P", (64, 48), 1)
    image.putpalette([10, 20, 30, 200, 30, 40])
    out = io.BytesIO()
    image.save(out, "PNG")
    assert near(seen(out.getvalue()), [200, 30, 40], [200, 30, 40])


def test_printing_colours_are_shown_as_light():
    data = halves("CMYK", (0, 255, 255, 0), (255, 0, 255, 0), "JPEG", quality=95)
    assert near(seen(data), [255, 0, 0], [0, 255, 0])


def test_a_progressive_picture_is_whole():
    data = halves("RGB", (200, 30, 40), (30, 60, 200), "JPEG", quality=95, progressive=True)
    assert near(seen(data), [200, 30, 40], [30, 60, 200])


def test_of_an_animation_the_first_picture_is_shown():
    later = [Image.new("RGB", (64, 48), "blue")]
    data = halves("RGB", (200, 30, 40), (30, 200, 60), save_all=True, append_images=later)
    assert b"acTL" in data
    assert near(seen(data), [200, 30, 40], [30, 200, 60])


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_no_orientation_turns_what_is_shown(kind, orientation):  # M10
    data = halves("RGB", (200, 30, 40), (30, 60, 200), kind, exif=turned(orientation))
    assert near(seen(data), [200, 30, 40], [30, 60, 200])


def test_an_animated_gif_is_refused_with_what_was_expected():
    frames = [Image.new("P", (64, 48), shade) for shade in (0, 1)]
    out = io.BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])
    with pytest.raises(ImageError, match=r"a\.gif: expected .* found a GIF\. Save it as PNG"):
        measure("a.gif", out.getvalue())


@pytest.mark.parametrize(
    ("kind", "mode"),
    [("JPEG", "CMYK"), ("PNG", "P"), ("PNG", "RGBA"), ("PNG", "I;16"), ("PNG", "LA"), ("PNG", "1")],
)
def test_only_the_tag_is_taken_out_of_any_kind_of_file(kind, mode):
    data = encoded(kind, mode, exif=turned(6))
    before, after = Image.open(io.BytesIO(data)), Image.open(io.BytesIO(as_stored(data)))
    assert (after.mode, after.getexif().get(ORIENTATION)) == (mode, None)
    assert np.array_equal(np.asarray(before), np.asarray(after))

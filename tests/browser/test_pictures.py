"""Pictures as they are stored: what the screen shows is what the pixels of the file are."""

import io

import numpy as np
import pytest
from PIL import Image

from gt_widgets.testing import eventually

pytestmark = pytest.mark.browser

RED, GREEN, BLUE, WHITE = (220, 30, 30), (30, 200, 30), (30, 30, 220), (240, 240, 240)
TURN_RIGHT = 6
ORIENTATION = 0x0112


def four_corners(orientation):
    """Encode 400 x 300 pixels, a colour in each corner, with an EXIF orientation tag."""
    image = Image.new("RGB", (400, 300))
    for color, corner in zip(
        (RED, GREEN, BLUE, WHITE), ((0, 0), (200, 0), (0, 150), (200, 150)), strict=True
    ):
        image.paste(color, (*corner, corner[0] + 200, corner[1] + 150))
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    out = io.BytesIO()
    image.save(out, "JPEG", quality=95, exif=exif)
    return out.getvalue()


def alike(one, other):
    return all(abs(a - b) < 12 for a, b in zip(one, other, strict=True))


def test_a_picture_with_an_orientation_tag_is_shown_and_labeled_as_stored(studio, at_work):  # M10
    data = four_corners(TURN_RIGHT)
    job = studio.job([data])
    _notebook, worker = at_work(job)
    canvas = worker.canvas()
    places = ((50, 40), (350, 40), (50, 260), (350, 260))
    for place, color in zip(places, (RED, GREEN, BLUE, WHITE), strict=True):
        assert alike(canvas.color(*place), color), place
    canvas.element.focus()
    canvas.actual_pixels()
    canvas.drag(200, 0, 200, 150)  # around all that is green
    worker.do("submit")
    eventually(lambda: job.status == "Completed", what="the job completes")
    label = job.results.lines()[0][job.name]
    assert label["image_size"] == [{"width": 400, "height": 300, "depth": 3}]
    [box] = label["annotations"]
    left, top = box["left"], box["top"]
    with Image.open(io.BytesIO(data)) as stored:  # Pillow reads pixels as they are stored
        inside = stored.crop((left, top, left + box["width"], top + box["height"]))
        assert inside.size == (200, 150)
        assert all(
            alike(color, GREEN) for color in (inside.getpixel((5, 5)), inside.getpixel((194, 144)))
        )


def halves(mode, left, right, kind, **options):
    """A picture of two colours, side by side."""
    image = Image.new(mode, (400, 300), left)
    image.paste(right, (200, 0, 400, 300))
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def deep_grey():
    """Sixteen bits: a quarter and three quarters of the light."""
    levels = np.full((300, 400), 0x4000, dtype=np.uint16)
    levels[:, 200:] = 0xC000
    out = io.BytesIO()
    Image.fromarray(levels).save(out, "PNG")
    return out.getvalue()


def palette():
    image = Image.new("P", (400, 300), 0)
    image.putpalette([200, 30, 40, 30, 60, 200])
    image.paste(1, (200, 0, 400, 300))
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def animation():
    later = [Image.new("RGB", (400, 300), WHITE)]
    return halves("RGB", RED, BLUE, "PNG", save_all=True, append_images=later)


KINDS = [
    (deep_grey(), (64, 64, 64), (192, 192, 192)),
    (palette(), (200, 30, 40), (30, 60, 200)),
    (halves("RGBA", (9, 9, 9, 0), (*BLUE, 255), "PNG"), (255, 255, 255), BLUE),
    (halves("CMYK", (0, 255, 255, 0), (255, 0, 255, 0), "JPEG"), (254, 0, 0), (0, 254, 0)),
    (halves("RGB", RED, BLUE, "JPEG", quality=95, progressive=True), RED, BLUE),
    (animation(), RED, BLUE),
]


def test_every_kind_of_file_is_shown_in_its_colours(studio, at_work):
    job = studio.job([data for data, _, _ in KINDS])
    notebook, worker = at_work(job)
    for _ in KINDS:
        canvas = worker.canvas()
        _, left, right = KINDS[int(canvas.object_id)]
        assert alike(canvas.color(100, 150), left), canvas.object_id
        assert alike(canvas.color(300, 150), right), canvas.object_id
        canvas.element.focus()
        notebook.page.keyboard.press("n")
        notebook.page.keyboard.press("Enter")
        canvas.gone()
    eventually(lambda: job.status == "Completed", what="the job completes")
    sizes = [line[job.name]["image_size"][0] for line in job.results.lines()]
    assert [(size["width"], size["height"]) for size in sizes] == [(400, 300)] * len(KINDS)

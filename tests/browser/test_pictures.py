"""Pictures as they are stored: what the screen shows is what the pixels of the file are."""

import io

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

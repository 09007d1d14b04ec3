"""Masks painted with the real mouse: what was painted is what lies in the output, pixel by pixel."""

import base64
import io
import json

import numpy as np
import pytest
from PIL import Image

from gt_widgets.schema.arns import s3_parts
from gt_widgets.schema.runs import pack_runs
from gt_widgets.testing import eventually, picture

pytestmark = pytest.mark.browser
WIDTH, HEIGHT = 500, 400
ROWS, COLUMNS = np.mgrid[:HEIGHT, :WIDTH] + 0.5


def capsule(start, end, size):
    """Pixels whose centre is within half a brush of a line."""
    (x0, y0), (x1, y1) = start, end
    dx, dy = x1 - x0, y1 - y0
    along = ((COLUMNS - x0) * dx + (ROWS - y0) * dy) / max(dx * dx + dy * dy, 1e-9)
    along = np.clip(along, 0, 1)
    return np.hypot(COLUMNS - x0 - along * dx, ROWS - y0 - along * dy) <= size / 2


def line(canvas, start, end):
    """One straight stroke of the mouse."""
    page = canvas.page
    page.mouse.move(*canvas.point(*start))
    page.mouse.down()
    page.mouse.move(*canvas.point(*end), steps=5)
    page.mouse.up()


def steps(worker, count):
    """Wait until as many strokes can be undone."""
    worker.cell.locator(f'[data-gt-steps="{count}"]').wait_for()


def mask_of(studio, job, object_id=0):
    """The palette PNG of the job's output manifest: its pixel values."""
    eventually(lambda: job.status == "Completed", what=f"{job.name} completes")
    uri = job.results.lines()[object_id][f"{job.name}-ref"]
    bucket, key = s3_parts(uri)
    data = studio.session.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    image = Image.open(io.BytesIO(data))
    assert image.mode == "P"
    return np.asarray(image)


def opened(worker):
    """The canvas of a mask, ready for the mouse, at one screen pixel per picture pixel."""
    worker.cell.locator('[data-gt-mask="open"]').wait_for()
    canvas = worker.canvas()
    canvas.element.focus()
    canvas.actual_pixels()
    return canvas


def test_paint_polygon_fill_erase_and_undo_end_in_the_png_pixel_by_pixel(studio, at_work):
    job = studio.job([picture(WIDTH, HEIGHT)], task="semantic-segmentation")
    notebook, worker = at_work(job)
    keyboard, canvas = notebook.page.keyboard, opened(worker)
    line(canvas, (50, 60), (150, 90))
    steps(worker, 1)
    keyboard.press("2")
    keyboard.press("p")
    for corner in ((200, 50), (300, 50), (300, 150), (200, 150)):
        canvas.click(*corner)
    keyboard.press("Enter")
    steps(worker, 2)
    keyboard.press("3")
    keyboard.press("f")
    canvas.click(400, 300)
    steps(worker, 3)
    keyboard.press("e")
    keyboard.press("]")
    keyboard.press("]")
    line(canvas, (350, 300), (450, 300))
    line(canvas, (350, 350), (450, 350))
    steps(worker, 5)
    keyboard.press("Control+z")
    keyboard.press("Control+z")
    keyboard.press("Control+Shift+z")
    steps(worker, 4)
    keyboard.press("1")
    keyboard.press("r")  # over background only: through the erased line
    line(canvas, (400, 280), (400, 320))
    steps(worker, 5)
    keyboard.press("Enter")
    canvas.gone()

    expected = np.full((HEIGHT, WIDTH), 3)
    expected[capsule((50, 60), (150, 90), 8)] = 1
    expected[50:150, 200:300] = 2
    erased = capsule((350, 300), (450, 300), 10)
    expected[erased] = 0
    expected[erased & capsule((400, 280), (400, 320), 10)] = 1
    assert np.array_equal(mask_of(studio, job), expected)


def test_a_rough_box_becomes_a_mask_and_a_hidden_label_is_only_hidden(studio, at_work):
    scene = np.full((HEIGHT, WIDTH, 3), (70, 90, 160), dtype=np.uint8)
    thing = (COLUMNS - 240) ** 2 + (ROWS - 190) ** 2 < 80**2
    scene[thing] = (210, 150, 40)
    out = io.BytesIO()
    Image.fromarray(scene).save(out, "PNG")
    job = studio.job([out.getvalue()], task="semantic-segmentation")
    notebook, worker = at_work(job)
    canvas = opened(worker)
    notebook.page.keyboard.press("2")
    notebook.page.keyboard.press("g")
    canvas.drag(150, 100, 180, 180)
    steps(worker, 1)
    worker.cell.get_by_role("button", name="Show “Kivi”").click()
    assert worker.cell.get_by_role("button", name="Show “Kivi”", pressed=False).count() == 1
    worker.do("submit")
    found = mask_of(studio, job) == 2
    assert (found & thing).sum() / (found | thing).sum() > 0.97


def test_a_mask_comes_back_after_a_reload_and_after_stop(studio, at_work):
    job = studio.job([picture(WIDTH, HEIGHT)], task="semantic-segmentation")
    _notebook, worker = at_work(job)
    canvas = opened(worker)
    line(canvas, (100, 100), (200, 100))
    steps(worker, 1)
    worker.do("stop")
    worker.start(job.name)
    worker.cell.locator('[data-gt-restored="1"]').wait_for()
    canvas = opened(worker)
    line(canvas, (100, 200), (200, 200))
    steps(worker, 1)
    worker.do("submit")
    canvas.gone()
    expected = capsule((100, 100), (200, 100), 8) | capsule((100, 200), (200, 200), 8)
    assert np.array_equal(mask_of(studio, job), expected.astype(int))


def test_two_instances_of_one_label_are_told_apart(studio, at_work):
    job = studio.job([picture(WIDTH, HEIGHT)], task="instance-segmentation", consolidate=False)
    notebook, worker = at_work(job)
    keyboard, canvas = notebook.page.keyboard, opened(worker)
    line(canvas, (100, 100), (200, 100))
    keyboard.press("i")
    line(canvas, (100, 200), (200, 200))
    keyboard.press("2")
    line(canvas, (100, 300), (200, 300))
    steps(worker, 3)
    names = worker.cell.locator(".gt-mask-list .gt-label-name").all_inner_texts()
    assert names == ["Norda 1", "Norda 2", "Kivi 1"]
    keyboard.press("Enter")
    canvas.gone()
    eventually(lambda: job.status == "Completed", what="the job completes")
    metadata = job.results.lines()[0][f"{job.name}-metadata"]
    bucket, key = s3_parts(metadata["worker-response-ref"])
    body = studio.session.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    [answer] = json.loads(body)["answers"][0]["answerContent"].values()
    assert [each["label"] for each in answer["instances"]] == ["Norda", "Norda", "Kivi"]
    pixels = Image.open(io.BytesIO(base64.b64decode(answer["labeledImage"]["pngImageData"])))
    for row, each in zip((100, 200, 300), answer["instances"], strict=True):
        assert "#{:02x}{:02x}{:02x}".format(*pixels.getpixel((150, row))) == each["color"]


def answered(studio, job, mask):
    """Ben answers the first task outside the browser."""
    session = studio.signed_in()
    [task] = studio.claimed(job, session)
    ref = {"task_id": task["task_id"], "lease": task["lease"]}
    content = {task["element"]: {"mask_runs": "attached"}}
    answer = {**ref, "content": content, "time_spent_s": 1.0, "key": "k"}
    studio.portal.worker("submit", {**answer, "attached": pack_runs(mask)}, session)


def test_an_earlier_mask_is_adjusted_by_keys_alone(studio, at_work):
    first = studio.job([picture(WIDTH, HEIGHT)], task="semantic-segmentation")
    answered(studio, first, capsule((100, 100), (200, 100), 8).astype(np.uint8))
    before = mask_of(studio, first)
    assert (before == 1).sum() > 800
    name = f"{first.name}-adjusted"
    second = studio.session.create_labeling_job(
        name,
        first.output_data(),
        categories=["Norda", "Kivi", "Halo"],
        task="semantic-segmentation-adjustment",
    )
    notebook, worker = at_work(second)
    canvas, keyboard = opened(worker), notebook.page.keyboard
    keyboard.press("2")
    for _ in range(3):
        keyboard.press("Shift+ArrowRight")  # from the middle of the picture
    keyboard.press("a")
    steps(worker, 1)
    keyboard.press("Enter")
    canvas.gone()
    expected = before.copy()
    expected[capsule((280, 200), (280, 200), 8)] = 2
    found = mask_of(studio, second)
    assert (found == 2).sum() == (expected == 2).sum() > 40
    assert np.array_equal(found == 1, before == 1)

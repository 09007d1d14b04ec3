"""Masks from a page's packed runs to the answer in the form of the crowd element."""

import base64
import io
import json
import os
import signal
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image

from gt_widgets.engine.apart import Apart
from gt_widgets.errors import AnswerError, ImageError, LeaseError, WorkerError
from gt_widgets.schema.masks import COLORS
from gt_widgets.schema.runs import pack_runs, unpack_runs
from gt_widgets.schema.tasks import task_type_named
from gt_widgets.testing import eventually
from gt_widgets.testing.task_types import Story

MASK = np.zeros((48, 64), dtype=np.uint8)
MASK[10:20, 5:30] = 1
MASK[20:40, 40:60] = 3


class Masks:
    """A worker with one task of a job of masks."""

    def __init__(self, folder, name):
        self.story = Story(folder / "store", task_type_named(name))
        self.engine = self.story.bench.engine
        self.engine.jobs.create(self.story.request("masks"))
        self.engine.step()
        self.worker = self.story.workers[0]
        [self.task] = self.worker.claim("masks")
        self.labels = {"instances": [{"label": "Kivi"}] * 3} if "instance" in name else {}

    def submit(self, runs="attached", **args):
        value = {"mask_runs": runs, **self.labels}
        return self.worker.submit(self.task, {"any": value}, **args)

    def stored(self):
        """The answer as the worker response file gives it, and the mask that it paints."""
        self.story.bench.settle()
        with self.engine.store.begin() as connection:
            [(text,)] = connection.exec_driver_sql("SELECT content FROM responses").all()
        [value] = json.loads(text).values()
        return value


@pytest.fixture(params=["semantic-segmentation", "instance-segmentation"])
def masks(request, tmp_path):
    made = Masks(tmp_path, request.param)
    yield made
    made.story.close()


def painted(value):
    """Pixel values of a stored answer, whatever its colours are."""
    image = base64.b64decode(value["labeledImage"]["pngImageData"])
    rgb = np.asarray(Image.open(io.BytesIO(image)).convert("RGB")).astype(int)
    colors = ["#ffffff", *COLORS[:3]]
    packed = [int(color[1:], 16) for color in colors]
    found = rgb[..., 0] << 16 | rgb[..., 1] << 8 | rgb[..., 2]
    return np.select([found == color for color in packed], range(4), -1)


def test_packed_runs_are_stored_as_the_crowd_element_would_have_painted_them(masks):  # S02
    assert masks.submit(attached=pack_runs(MASK))["accepted"]
    value = masks.stored()
    assert "mask_runs" not in value
    assert value["inputImageProperties"] == {"height": 48, "width": 64}
    assert np.array_equal(painted(value), MASK)


def test_runs_may_also_come_as_base64(masks):
    assert masks.submit(base64.b64encode(pack_runs(MASK)).decode())["accepted"]
    assert np.array_equal(painted(masks.stored()), MASK)


@pytest.mark.parametrize(
    ("runs", "attached"),
    [
        ("attached", None),
        ("attached", "text"),
        ("attached", b""),
        ("attached", pack_runs(MASK[:, 1:])),
        ("attached", pack_runs(MASK + 1)),
        ("no base64!", None),
        (5, None),
        (None, b"x"),
        ({"a": 1}, None),
    ],
)
def test_runs_that_are_no_mask_of_the_picture_are_refused(masks, runs, attached):
    with pytest.raises(AnswerError):
        masks.submit(runs, attached=attached)
    assert masks.submit(attached=pack_runs(MASK))["accepted"]


def test_a_draft_comes_back_with_its_mask(masks):
    packed = pack_runs(MASK)
    masks.worker.act("save_draft", masks.task, draft={"mask_runs": "attached"}, attached=packed)
    [task] = masks.worker.claim("masks")
    assert task["draft"] == {"mask_runs": base64.b64encode(packed).decode()}
    with pytest.raises(WorkerError, match="nothing was"):
        masks.worker.act("stop", masks.task, draft={"mask_runs": "attached"})


def test_a_hint_on_a_held_task_is_answered_with_a_mask_for_a_region(masks):
    assert masks.task["segment"] == ["box", "extreme"]
    box = {"left": 10, "top": 10, "width": 30, "height": 20}
    found = masks.worker.act("segment", masks.task, prompt={"box": box})
    mask = unpack_runs(
        base64.b64decode(found["mask_runs"]),
        width=found["width"],
        height=found["height"],
        highest=1,
    )
    assert mask.any()
    assert found["method"] == "colors"


def test_a_hint_is_for_who_holds_the_task_and_for_jobs_with_masks(masks, tmp_path):
    box = {"box": {"left": 10, "top": 10, "width": 30, "height": 20}}
    other = masks.story.workers[1]
    with pytest.raises(LeaseError):
        other.act("segment", masks.task, prompt=box)
    boxes = Masks(tmp_path / "boxes", "bounding-box")
    assert boxes.task["segment"] == []
    with pytest.raises(WorkerError, match="paint no masks"):
        boxes.worker.act("segment", boxes.task, prompt=box)
    boxes.story.close()


def test_a_model_in_the_state_folder_is_offered_clicks_and_its_faults_are_told(masks):
    folder = masks.engine.folder / "models" / "segment"
    folder.mkdir(parents=True)
    for name in ("encoder.onnx", "decoder.onnx"):
        (folder / name).write_bytes(b"no model")
    [task] = masks.worker.claim("masks")
    assert task["segment"] == ["box", "extreme", "clicks"]
    with pytest.raises(ImageError, match=r"encoder\.onnx"):
        masks.worker.act("segment", task, prompt={"clicks": [{"x": 3, "y": 4}]})


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_what_takes_too_long_is_given_up_with_its_process():
    apart = Apart()
    pid = apart.run("its id", os.getpid)  # it may take its time to start
    apart._timeout_s = 0.5
    with pytest.raises(ImageError, match="a slow one"):
        apart.run("a slow one", signal.pause)
    eventually(lambda: not alive(pid), what="the process ends")
    apart.close()


def test_who_sends_a_good_one_is_not_blamed_for_what_another_sent():
    apart = Apart()
    apart.run("its id", os.getpid)
    with ThreadPoolExecutor(8) as threads:
        deadly = [threads.submit(apart.run, "a deadly one", os._exit, 1) for _ in range(2)]
        good = [threads.submit(apart.run, "a good one", len, "good") for _ in range(6)]
    assert [each.result() for each in good] == [4] * 6
    assert all("a deadly one" in str(each.exception()) for each in deadly)
    apart.close()

"""Pictures: classes, boxes and masks by machine, from people's answers to manifest lines."""

from __future__ import annotations

import io
import json
from types import MappingProxyType

import numpy as np
import pytest
from PIL import Image

from gt_widgets.autolabel.learners.archive import pack_model, write_model
from gt_widgets.schema.masks import answer_of_mask, read_palette_png
from gt_widgets.testing import Workbench, box_answer
from gt_widgets.testing.automated import automated_request, label_until_done
from gt_widgets.testing.own_code import Brightest
from gt_widgets.testing.own_models import Rectangles
from gt_widgets.training.messages import write_whole
from gt_widgets.training.steps import take_step

TAGS = {"min-automated-objects": "40", "batch": "10", "patience": "1"}


def bench_of(folder, pictures, labels, broken=MappingProxyType({})):
    bench = Workbench(folder / "store")
    [bench.ana] = bench.team("ana")
    lines = [json.dumps({"source-ref": f"s3://demo-gt/p/{n}.png"}) for n in range(len(pictures))]
    bench.bucket(1, labels=labels, lines=lines)
    for number, data in enumerate(pictures):
        bench.engine.objects.put("demo-gt", f"p/{number}.png", broken.get(number, data))
    return bench


def machine_lines(bench, attribute):
    metadata = f"{attribute}-metadata"
    found = [(n, line) for n, line in enumerate(bench.output()) if attribute in line]
    return [(n, line) for n, line in found if line[metadata]["human-annotated"] == "no"]


def as_gif(file):
    """A picture that workers are not shown, though it could be opened."""
    out = io.BytesIO()
    Image.open(io.BytesIO(file)).save(out, "GIF")
    return out.getvalue()


def test_pictures_are_classified_and_what_workers_are_not_shown_a_machine_does_not_label(tmp_path):
    made = Rectangles(160)
    colors = ("red", "blue")
    broken = {7: b"no picture", **{number: as_gif(made.files[number]) for number in range(20, 26)}}
    bench = bench_of(tmp_path, made.files, colors, broken=broken)
    tags = {**TAGS, "calibration": "75", "target": "0.9"}
    request = automated_request(task="ImageMultiClass", algorithm="image-classification", tags=tags)
    bench.engine.jobs.create(request)

    def answer(task):
        class_id = made.rectangles[int(task["object_id"])][4]
        return {"crowd-image-classifier": {"label": colors[class_id]}}

    job = label_until_done(bench, [bench.ana], answer)
    assert (job.status, job.failed) == ("Completed", 7)
    lines = machine_lines(bench, "logos")
    assert len(lines) == job.machine_labeled > 40
    wrong = sum(line["logos"] != made.rectangles[n][4] for n, line in lines)
    assert wrong <= 0.1 * len(lines)
    assert not set(broken) & set(dict(lines))
    bench.engine.close()


def test_masks_are_painted_by_machine(tmp_path):
    pytest.importorskip("sklearn")
    made = Rectangles(60)
    bench = bench_of(tmp_path, made.files, ("thing",))
    request = automated_request(
        task="SemanticSegmentation",
        algorithm="semantic-segmentation",
        tags={**TAGS, "calibration": "30", "learner": "forest"},  # with torch, a network too
    ) | {"LabelAttributeName": "thing-ref"}
    bench.engine.jobs.create(request)

    def answer(task):
        return {
            "crowd-semantic-segmentation": answer_of_mask(
                made.mask(int(task["object_id"])), ("thing",)
            )
        }

    job = label_until_done(bench, [bench.ana], answer)
    lines = machine_lines(bench, "thing-ref")
    assert (job.status, len(lines)) == ("Completed", job.machine_labeled)
    assert lines
    for number, line in lines:
        bucket, _, key = line["thing-ref"][5:].partition("/")
        painted = read_palette_png(bench.engine.objects.read(bucket, key))
        wanted = made.mask(number)
        assert painted.shape == wanted.shape
        both = np.logical_and(painted, wanted).sum() / np.logical_or(painted, wanted).sum()
        assert both > 0.5
        assert line["thing-ref-metadata"]["internal-color-map"]["1"]["class-name"] == "thing"
    bench.engine.close()


class KeptAsOurs(Brightest):
    """A detector that knows already, in place of one that takes minutes."""

    def save(self, path):
        write_model(path, pack_model("brightest", {}))


class Reading:
    """Items in this process."""

    def __init__(self, read):
        self.read = lambda object_id: read("want", object_id)
        self.mask = lambda object_id: read("mask", object_id)


def test_boxes_are_drawn_by_machine(tmp_path, monkeypatch):
    monkeypatch.setattr("gt_widgets.training.sights.CentreDetector", KeptAsOurs)

    def answered(_trainer, asked):
        asked.request.result_path.parent.mkdir(parents=True, exist_ok=True)
        result = take_step(asked.request, Reading(asked.read))
        write_whole(asked.request.result_path, result.to_json())
        return ""

    monkeypatch.setattr("gt_widgets.engine.training.Trainer._try", answered)
    made = Rectangles(60)
    bench = bench_of(tmp_path, made.files, ("thing",))
    bench.engine.jobs.create(
        automated_request(
            task="BoundingBox", algorithm="object-detection", tags={**TAGS, "calibration": "20"}
        )
    )

    def answer(task):
        left, top, width, height, _ = made.rectangles[int(task["object_id"])]
        return box_answer(("thing", left, top, width, height))

    job = label_until_done(bench, [bench.ana], answer)
    lines = machine_lines(bench, "logos")
    assert (job.status, len(lines)) == ("Completed", job.machine_labeled)
    assert len(lines) >= 20
    for number, line in lines:
        left, top, width, height, _ = made.rectangles[number]
        assert line["logos"] == {
            "image_size": [{"width": 64, "height": 48, "depth": 3}],
            "annotations": [
                {"class_id": 0, "top": top, "left": left, "height": height, "width": width}
            ],
        }
        assert line["logos-metadata"]["class-map"] == {"0": "thing"}
    assert bench.engine.models.of_job(job.job_id).algorithm == "object-detection"
    bench.engine.close()

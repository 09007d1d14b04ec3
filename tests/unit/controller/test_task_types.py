"""Every task type by the verbs of a notebook: created, simulated, looked at."""

from __future__ import annotations

import numpy as np
import pytest

from gt_widgets import brand_logos, delivery_messages
from gt_widgets.errors import ValidationError
from gt_widgets.schema.masks import read_palette_png
from gt_widgets.schema.tasks import TASK_TYPES

PERFECT = {"workers": 3, "accuracy": 1.0, "box_jitter_px": 0.0}


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    folder = tmp_path_factory.mktemp("masks") / "logos"
    return brand_logos(folder, count=4, seed=3, size=(160, 120), masks=True)


@pytest.fixture(scope="module")
def data_of(session, pictures):
    """The data of each kind, uploaded once."""
    asked = {"class": "topic", "classes": "topics", "entities": "entities"}
    texts = {
        kind: session.upload(delivery_messages(count=4, seed=1, ask=ask), name=f"texts-{ask}")
        for kind, ask in asked.items()
    }
    boxes = session.upload(pictures, name="pictures")
    masks = session.upload(pictures, name="masked", truth=pictures.mask_truth())
    return lambda kind, media: (
        texts[kind] if media == "text" else masks if kind == "mask" else boxes
    )


@pytest.fixture(scope="module")
def done(session, team, data_of):
    """Give the finished job of a task type, made when it is first asked for."""
    jobs = {}

    def job_of(name):
        if name not in jobs:
            task = next(each for each in TASK_TYPES if each.name == name)
            data = (
                done_first(task).output_data() if task.earlier else data_of(task.kind, task.media)
            )
            job = session.create_labeling_job(
                name[:60], data, team=team, task=name, workers_per_object=3
            )
            job.simulate(**PERFECT)
            assert job.wait(timeout_s=120) == "Completed"
            jobs[name] = job
        return jobs[name]

    def done_first(task):
        return job_of(task.earlier)

    return job_of


RUN = [each.name for each in TASK_TYPES if each.supported and each.purpose == "label"]


@pytest.mark.parametrize("name", RUN)
def test_perfect_workers_label_every_object_and_the_results_show_them(done, name):
    job = done(name)
    frame = job.output_manifest()
    assert list(frame["status"]) == ["labeled"] * 4
    assert job.results.gallery(4)._repr_png_().startswith(b"\x89PNG")
    assert len(job.results.responses()) == 12


@pytest.mark.parametrize("name", ["bounding-box", "semantic-segmentation", "polygon"])
@pytest.mark.parametrize("verb", ["verification", "adjustment"])
def test_labels_of_pictures_that_agree_with_the_truth_are_good_and_stay(done, name, verb):
    frame = done(f"{name}-{verb}").output_manifest()
    if verb == "verification":
        assert list(frame["label"]) == ["good"] * 4
    else:
        assert list(frame["adjustment"]) == ["unadjusted"] * 4


@pytest.mark.parametrize("name", ["named-entity-recognition", "text-classification-multi-label"])
@pytest.mark.parametrize("verb", ["verification", "adjustment"])
def test_labels_of_texts_that_agree_with_the_truth_are_good_and_stay(done, name, verb):
    frame = done(f"{name}-{verb}").output_manifest()
    column, value = ("label", "good") if verb == "verification" else ("adjustment", "unadjusted")
    assert list(frame[column]) == [value] * 4


def test_sloppy_labels_are_called_bad_with_a_comment_and_mended(session, team, data_of):
    first = session.create_labeling_job(
        "sloppy", data_of("entities", "text"), team=team, task="named-entity-recognition"
    )
    first.simulate(workers=1, accuracy=0.3, seed=4)
    first.wait(timeout_s=120)
    check = session.create_labeling_job(
        "check-sloppy", first.output_data(), team=team, task="named-entity-recognition-verification"
    )
    check.simulate(workers=1, accuracy=1.0)
    check.wait(timeout_s=120)
    verdicts = check.output_manifest()
    bad = verdicts[verdicts["label"] == "bad"]
    assert len(bad) > 0
    assert set(bad["comments"]) == {("does not agree with the truth (simulated)",)}
    mend = session.create_labeling_job(
        "mend-sloppy", check.output_data(), team=team, task="named-entity-recognition-adjustment"
    )
    mend.simulate(workers=1, accuracy=1.0)
    mend.wait(timeout_s=120)
    adjusted = mend.output_manifest()["adjustment"] == "adjusted"
    assert list(adjusted) == list(verdicts["label"] == "bad")


def test_entities_come_back_as_the_truth_has_them(done):
    job = done("named-entity-recognition")
    entities = job.results.entities()
    for object_id, line in enumerate(job.data.lines):
        truth = job.data.truth[line["source"]]
        found = entities[entities["object_id"] == str(object_id)]
        spans = sorted(zip(found["label"], found["text"], strict=True))
        assert spans == sorted(
            (e["label"], line["source"][e["startOffset"] : e["endOffset"]]) for e in truth
        )


def test_masks_come_back_as_the_truth_has_them(done, session, pictures):
    frame = done("semantic-segmentation").output_manifest()
    for uri, name in zip(frame["mask"], pictures.masks, strict=True):
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        data = session.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
        found, truth = read_palette_png(data), pictures.mask_truth()[name]
        assert float((found == truth).mean()) > 0.99  # edges are smoothed by their neighbours
        assert set(np.unique(found).tolist()) <= set(np.unique(truth).tolist())


def test_polygons_come_back_as_shapes(done):
    job = done("polygon")
    shapes = job.results.shapes()
    truth = sum(len(job.data.truth_of(n)) for n in range(4))
    assert len(shapes) == truth > 0
    assert set(shapes["label"]) <= set(job.data.categories)
    assert all(len(vertices) >= 3 for vertices in shapes["vertices"])


def test_a_verification_without_an_earlier_label_is_told_what_to_give(session, team, data_of):
    with pytest.raises(ValidationError, match="Give the output of the job whose labels"):
        session.create_labeling_job(
            "nothing-to-check",
            data_of("boxes", "image"),
            team=team,
            task="bounding-box-verification",
        )


def test_an_unknown_task_is_answered_with_those_there_are(session, team, data_of):
    with pytest.raises(ValidationError, match="named-entity-recognition"):
        session.create_labeling_job("x", data_of("boxes", "image"), team=team, task="video")

"""A step of a job whose requester asks for a small network of the extra [torch]."""

from functools import partial

import numpy as np
import pytest

from gt_widgets.autolabel import AutoLabelConfig, begin, record
from gt_widgets.autolabel.learners.archive import kind_of
from gt_widgets.autolabel.learners.cnn import SmallCnn
from gt_widgets.autolabel.learners.unet import PixelNet
from gt_widgets.schema.masks import palette_png
from gt_widgets.testing.own_models import Rectangles
from gt_widgets.training.messages import Request
from gt_widgets.training.models import FinalModel
from gt_widgets.training.pixel_rows import PixelRows
from gt_widgets.training.steps import take_step

pytest.importorskip("torch")


class Items:
    """Pictures in the hand, and the masks that people painted."""

    def __init__(self, made):
        self.made = made

    def read(self, object_id):
        return self.made.files[object_id]

    def mask(self, object_id):
        return palette_png(self.made.mask(object_id), ["#2ca02c"])


def step(made, folder, task, n_classes, learner, labels):
    """The step after a random sample, told to be the last."""
    config = AutoLabelConfig.for_task(
        task, seed=1, calibration=len(made.files) // 2, min_objects=20
    )
    state = begin(len(made.files), n_classes, config, task=task)
    state = record(state, {object_id: labels[object_id] for object_id in state.waiting})
    request = Request(
        job_id=1,
        step=0,
        media="image",
        categories=made.categories[:n_classes],
        state=state.to_dict(),
        stop=True,
        folder=str(folder),
        learners=(learner,),
    )
    result = take_step(request, Items(made))
    assert (result.error, result.model) == ("", True)
    return request.model_path


def test_a_small_network_sees_thumbnails_and_is_the_model_that_is_left(tmp_path, monkeypatch):
    quick = partial(SmallCnn, width=8, epochs=3)
    monkeypatch.setattr("gt_widgets.training.sights.SmallCnn", quick)
    made = Rectangles(60)
    classes = [rectangle[4] for rectangle in made.rectangles]
    model = FinalModel.load(step(made, tmp_path, "classes", 2, "cnn", classes))
    assert isinstance(model.learner, SmallCnn)
    assert isinstance(model.embedder, PixelRows)
    said = model.predict(Items(made), 60)
    assert np.allclose(said.sum(axis=1), 1.0)
    assert said.std(axis=0).min() > 0  # it tells pictures apart, if not well after three epochs


def test_a_u_net_is_the_model_that_is_left(tmp_path, monkeypatch):
    quick = partial(PixelNet, width=8, steps=15, crop=32)
    monkeypatch.setattr("gt_widgets.training.choices.PixelNet", quick)
    made = Rectangles(24)
    path = step(made, tmp_path, "masks", 1, "unet", [0] * 24)
    assert kind_of(path.read_bytes()) == "pixel-net-1"

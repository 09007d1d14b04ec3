import base64
import io
import json

import numpy as np
import pytest
from PIL import Image

from gt_widgets.autolabel import AutoLabelConfig, LoopState, MaskSight, advance, begin, record
from gt_widgets.autolabel.learners.forest import PixelForest
from gt_widgets.autolabel.masks import mean_iou
from gt_widgets.errors import ValidationError

N = 72


def world(seed=0):
    """Red discs to be painted; on a quarter of the pictures so pale that they drown in grain."""
    rng = np.random.default_rng(seed)
    pictures, masks = [], {}
    down, across = np.mgrid[:24, :32]
    for number in range(N):
        x, y, radius = rng.integers(9, 23), rng.integers(8, 16), rng.integers(5, 8)
        disc = (across - x) ** 2 + (down - y) ** 2 < radius**2
        picture = rng.normal(120, 15, (24, 32, 3))
        picture[disc, 0] += 12 if number % 4 == 0 else 110
        pictures.append(np.clip(picture, 0, 255).astype(np.uint8))
        masks[number] = disc.astype(np.uint8)
    return pictures, masks


def forest(n_classes):
    return PixelForest(n_classes, trees=4, pixels_per_picture=200)


def run(pictures, masks, **options):
    config = AutoLabelConfig.for_task("masks", min_objects=60, calibration=30, batch=10)
    state = begin(N, 1, config, task="masks")
    while not state.done:
        state = record(state, dict.fromkeys(state.waiting, 0))
        answers = {i: masks[i] for i in state.labels}
        sight = MaskSight(pictures, answers, n_classes=1, side=32, make=forest, **options)
        state = LoopState.from_dict(json.loads(json.dumps(advance(state, sight).to_dict())))
    return state, sight


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    pictures, masks = world()
    shelf = tmp_path_factory.mktemp("shelf")
    return *run(pictures, masks, shelf=shelf), pictures, masks, shelf


def drawn(label):
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(label.mask))))


def test_masks_are_drawn_by_machine_and_are_as_good_as_promised(played):
    state, _, _, masks, _ = played
    ious = [mean_iou(drawn(m), masks[i], n_classes=2) for i, m in state.machine.items()]
    assert len(ious) >= 12
    assert np.mean(ious) >= 0.7
    assert not set(state.machine) & set(state.labels)


def test_forests_on_the_shelf_give_the_same_masks(played):
    state, _, pictures, masks, shelf = played
    kept = {path.name for path in shelf.iterdir()}
    assert run(pictures, masks, shelf=shelf)[0] == state
    assert {path.name for path in shelf.iterdir()} == kept


def test_the_final_forest_starts_the_next_job(played):
    state, sight, pictures, masks, shelf = played
    next_state, next_sight = run(pictures, masks, shelf=shelf, earlier=sight.final(state))
    assert next_state.choice == 1  # it has seen these pictures, so it does better
    assert next_sight.final(next_state) is next_sight.earlier


def test_a_mask_that_does_not_fit_is_refused():
    pictures, masks = world()
    state = begin(N, 1, AutoLabelConfig.for_task("masks", min_objects=60), task="masks")
    state = record(state, dict.fromkeys(state.waiting, 0))
    wrong = {i: masks[i].T for i in state.labels}
    with pytest.raises(ValidationError, match="does not fit"):
        advance(state, MaskSight(pictures, wrong, n_classes=1, make=forest))
    with pytest.raises(ValidationError, match="its mask was not given"):
        advance(state, MaskSight(pictures, {}, n_classes=1, make=forest))
    with pytest.raises(ValidationError, match="knows 3 label categories"):
        MaskSight(pictures, {}, n_classes=1, earlier=forest(4))


def poor(n_classes):
    return PixelForest(n_classes, trees=1, pixels_per_picture=2)


@pytest.mark.parametrize(("make", "beside", "choice"), [(poor, forest, 2), (forest, poor, 0)])
def test_of_two_learners_the_one_that_does_better_on_held_out_pictures_labels(make, beside, choice):
    pictures, masks = world()
    config = AutoLabelConfig.for_task("masks", min_objects=60, calibration=24)
    state = begin(N, 1, config, task="masks")
    state = record(state, dict.fromkeys(state.waiting, 0))
    sight = MaskSight(pictures, masks, n_classes=1, side=32, make=make, beside=[beside])
    state = advance(state, sight)
    assert state.choice == choice
    assert sight.final(state).trees == forest(2).trees

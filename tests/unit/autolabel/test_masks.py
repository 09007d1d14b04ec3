import numpy as np
import pytest

from gt_widgets.autolabel.certificate import certify
from gt_widgets.autolabel.learners.archive import pack_model, unpack_model, write_model
from gt_widgets.autolabel.learners.forest import PixelForest
from gt_widgets.autolabel.learners.pixels import FEATURES, pixel_features, to_pixels
from gt_widgets.autolabel.learners.trees import flatten, leaves
from gt_widgets.autolabel.masks import MASK_TARGET, cross_fit_masks, expected_iou, mean_iou
from gt_widgets.errors import ModelFileError, ValidationError

K = 3


def blobs(n, seed=0, side=40):
    """Discs of two colours on a grey, noisy ground; some pictures are nearly unreadable."""
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[:side, :side]
    pictures, masks = [], []
    for _ in range(n):
        mask = np.zeros((side, side), dtype=np.intp)
        for class_id in (1, 2):
            y, x, r = (*rng.uniform(8, side - 8, 2), rng.uniform(5, 9))
            mask[(rows - y) ** 2 + (columns - x) ** 2 < r * r] = class_id
        colours = np.array([[120, 120, 120], [170, 100, 100], [100, 110, 175]])
        noisy = colours[mask] + rng.normal(0, rng.choice([10, 30]), (side, side, 3))
        pictures.append(noisy.clip(0, 255).astype(np.uint8))
        masks.append(mask)
    return pictures, masks


@pytest.fixture(scope="module")
def grown():
    return PixelForest(K, trees=10, pixels_per_picture=300).fit(*blobs(8))


def test_discs_are_found_in_new_pictures(grown):
    pictures, masks = blobs(10, seed=1)
    found = [grown.predict(p).argmax(axis=2) for p in pictures]
    scores = [mean_iou(f, m, n_classes=K) for f, m in zip(found, masks, strict=True)]
    assert np.mean(scores) > 0.6


def test_the_arrays_predict_what_scikit_learn_predicts():
    from sklearn.ensemble import ExtraTreesClassifier

    pictures, masks = blobs(2)
    rows = pixel_features(pictures[0]).reshape(masks[0].size, -1)
    peer = ExtraTreesClassifier(5, min_samples_leaf=5, random_state=0).fit(rows, masks[0].ravel())
    others = pixel_features(pictures[1]).reshape(masks[1].size, -1)
    ours = leaves(flatten(peer, K), others)
    assert np.allclose(ours, peer.predict_proba(others), atol=1e-5)


def test_direction_tells_stripes_apart():
    """Both kinds have the same colours, sizes and edges; only the way they run differs."""
    down, across = np.mgrid[:64, :128]
    turned = across >= 64
    rng = np.random.default_rng(0)
    pictures = []
    for _ in range(4):
        wave = np.sin(np.where(turned, down, across) * 1.2 + rng.uniform(0, 6))
        grey = 120 + 60 * wave + rng.normal(0, 10, wave.shape)
        pictures.append(np.stack([grey] * 3, axis=2).clip(0, 255).astype(np.uint8))
    mask = 1 + turned.astype(np.intp)
    forest = PixelForest(K, trees=10, pixels_per_picture=300).fit(pictures[:3], [mask] * 3)
    assert mean_iou(forest.predict(pictures[3]).argmax(axis=2), mask, n_classes=K) > 0.9


def test_cells_become_pixels_at_their_own_place():
    """A ramp stays a ramp: nothing moves by a part of a cell, odd sides included."""
    ramp = np.arange(99, dtype=np.float32)[None, :, None].repeat(7, axis=0).repeat(3, axis=2)
    seen = pixel_features(ramp.astype(np.uint8))
    assert seen.shape == (4, 50, FEATURES)
    cells = (np.arange(50, dtype=np.float32) * 2 + 0.5)[None, :, None].repeat(4, axis=0)
    wide = to_pixels(cells, (7, 99))
    assert wide.shape == (7, 99, 1)
    assert np.allclose(wide[3, 2:97, 0], np.arange(2, 97), atol=1e-3)


def test_a_forest_comes_back_from_its_file(grown, tmp_path):
    grown.save(tmp_path / "f")
    picture = blobs(1, seed=2)[0][0]
    assert np.array_equal(PixelForest.load(tmp_path / "f").predict(picture), grown.predict(picture))


def test_a_forest_that_would_walk_in_circles_is_refused(grown, tmp_path):
    grown.save(tmp_path / "f")
    settings, arrays = unpack_model((tmp_path / "f").read_bytes(), "pixel-forest-2")
    for name in ("first_left", "second_left"):
        left = arrays[name].copy()
        left[0] = 0
        write_model(
            tmp_path / "f", pack_model("pixel-forest-2", settings, **{**arrays, name: left})
        )
        with pytest.raises(ModelFileError, match="fit together"):
            PixelForest.load(tmp_path / "f")


def test_iou_leaves_the_background_out():
    truth = np.array([[0, 1], [0, 2]])
    assert mean_iou(np.array([[0, 1], [0, 1]]), truth, n_classes=3) == 0.25
    assert mean_iou(np.zeros((2, 2), int), np.zeros((2, 2), int), n_classes=3) == 1.0


def test_expected_iou_of_a_certain_mask_is_one():
    sure = np.eye(K)[np.array([[0, 1], [2, 0]])]
    assert expected_iou(sure) == 1.0
    assert expected_iou(0.4 * sure + 0.2) < 0.6


def test_masks_are_certified_by_the_same_gate(grown):
    pictures, masks = blobs(60, seed=3)
    forest = PixelForest(K, trees=10, pixels_per_picture=300)
    scores, losses = cross_fit_masks(forest, pictures, masks, folds=np.arange(60) % 3)
    assert np.corrcoef(scores, losses)[0, 1] < -0.4
    fresh, truth = blobs(100, seed=4)
    found = [grown.predict(picture) for picture in fresh]
    pool = np.array([expected_iou(p) for p in found])
    certificate = certify(scores, losses, pool, target=0.4, kind="iou")
    inside = np.flatnonzero(pool >= certificate.threshold)
    realised = [mean_iou(found[i].argmax(axis=2), truth[i], n_classes=K) for i in inside]
    assert certificate.granted
    assert np.mean(realised) >= 0.6
    assert MASK_TARGET == 0.3


def test_a_mask_of_another_size_is_refused():
    pictures, masks = blobs(1)
    with pytest.raises(ValidationError, match="does not fit"):
        PixelForest(K).fit(pictures, [masks[0][:5]])

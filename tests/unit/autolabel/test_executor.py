import os

import numpy as np
import pytest

from gt_widgets.autolabel import AutoLabelConfig, MaskSight, begin, record
from gt_widgets.autolabel.executor import dask_executor, in_batches
from gt_widgets.autolabel.features import FeatureCache, ImageFeatures, embed_cached
from gt_widgets.autolabel.learners.forest import PixelForest


def total(items, more):
    return sum(items) + more


def whoami(items):
    return os.getpid()


@pytest.fixture(scope="module")
def cluster():
    """A real scheduler and two worker processes."""
    pytest.importorskip("distributed")
    with dask_executor(workers=2) as executor:
        yield executor


def test_batches_come_back_in_order(cluster):
    alone = list(in_batches(total, range(100), 5, batch=7))
    assert alone[0] == (0, 26)
    together = [(0, 26), (7, sum(range(7, 14)) + 5)]
    assert alone[:2] == together
    assert len(alone) == 15
    assert [pid for _, pid in in_batches(whoami, range(4), batch=2)] == [os.getpid()] * 2
    elsewhere = {cluster.submit(os.getpid).result() for _ in range(4)}
    assert os.getpid() not in elsewhere


def test_features_from_two_workers_are_the_same_and_are_kept(cluster, tmp_path):
    rng = np.random.default_rng(0)
    pictures = list(rng.integers(0, 255, (40, 32, 32, 3)).astype(np.uint8))
    features = ImageFeatures(words=8).learn(pictures)
    files = [png(picture) for picture in pictures]
    cache = FeatureCache(tmp_path)
    found = embed_cached(features, files, cache=cache, executor=cluster, batch=10)
    assert np.allclose(found, features.embed(files), atol=1e-3)  # roots of what is nearly zero
    assert len(list(tmp_path.rglob("*.f32"))) == 40
    assert np.array_equal(found, embed_cached(features, files, cache=cache))


def png(picture):
    import io

    from PIL import Image

    out = io.BytesIO()
    Image.fromarray(picture).save(out, "PNG")
    return out.getvalue()


def test_predictions_from_two_workers_are_the_same(cluster):
    rng = np.random.default_rng(1)
    pictures = list(rng.integers(0, 255, (60, 16, 16, 3)).astype(np.uint8))
    masks = {i: (picture[..., 0] > 128).astype(np.uint8) for i, picture in enumerate(pictures)}
    config = AutoLabelConfig.for_task("masks", calibration=12, min_objects=20)
    state = begin(60, 1, config, task="masks")
    state = record(state, dict.fromkeys(state.waiting, 0))
    seen = [
        MaskSight(pictures, masks, n_classes=1, make=small_forest, executor=who).look(state)
        for who in (None, cluster)
    ]
    assert seen[0].found == seen[1].found
    assert np.array_equal(seen[0].pool_scores, seen[1].pool_scores)


def small_forest(n_classes):
    return PixelForest(n_classes, trees=3, pixels_per_picture=100)

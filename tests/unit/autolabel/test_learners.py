import zipfile

import numpy as np
import pytest

from gt_widgets.autolabel.learners import (
    CleanedLearner,
    KernelLearner,
    LinearLearner,
    kernel_family,
    linear_family,
    load_learner,
)
from gt_widgets.errors import ModelFileError, ValidationError


def blobs(seed=0, n=200, spread=1.0):
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 3, n)
    centres = np.array([[0, 0, 3], [3, 0, 0], [0, 3, 0]])
    return (centres[y] + rng.normal(0, spread, (n, 3))).astype(np.float32), y


@pytest.fixture(params=[LinearLearner, KernelLearner])
def kind(request):
    return request.param


def test_blobs_are_told_apart(kind):
    x, y = blobs()
    fresh, truth = blobs(seed=1)
    found = kind(3).fit(x, y).predict(fresh)
    assert found.sum(axis=1) == pytest.approx(1)
    assert (found.argmax(axis=1) == truth).mean() > 0.93


def test_rings_need_a_kernel():
    rng = np.random.default_rng(0)
    angle, y = rng.uniform(0, 6.28, 300), rng.integers(0, 2, 300)
    radius = 1 + 2 * y + rng.normal(0, 0.1, 300)
    x = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1).astype(np.float32)
    assert (KernelLearner(2).fit(x, y).predict(x).argmax(axis=1) == y).mean() > 0.95
    assert (LinearLearner(2).fit(x, y).predict(x).argmax(axis=1) == y).mean() < 0.8


def test_a_class_nobody_has_seen_is_unlikely_but_possible(kind):
    x, y = blobs()
    found = kind(5).fit(x, y).predict(x)
    assert found.shape == (200, 5)
    assert 0 < found[:, 4].max() < 0.2


def test_a_model_comes_back_from_its_file(kind, tmp_path):
    x, y = blobs()
    model = kind(3).fit(x, y)
    model.save(tmp_path / "m.model")
    assert np.array_equal(kind.load(tmp_path / "m.model").predict(x), model.predict(x))
    assert type(load_learner(tmp_path / "m.model")) is kind


def test_the_same_rows_give_the_same_bytes(tmp_path):
    x, y = blobs()
    for name in "ab":
        linear_family()[2](3).fit(x, y).save(tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_model_of_another_kind_is_refused(tmp_path):
    x, y = blobs()
    LinearLearner(3).fit(x, y).save(tmp_path / "m")
    with pytest.raises(ModelFileError, match="kernel-1"):
        KernelLearner.load(tmp_path / "m")


def test_objects_in_a_model_file_are_never_unpickled(tmp_path):
    body = tmp_path / "evil.npy"
    np.save(body, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with zipfile.ZipFile(tmp_path / "m", "w") as file:
        file.writestr("header.json", '{"kind": "linear-1", "settings": {}}')
        file.write(body, "weights.npy")
    with pytest.raises(ModelFileError, match="allow_pickle"):
        LinearLearner.load(tmp_path / "m")


@pytest.mark.parametrize("damage", [b"", b"not a zip", b"PK\x03\x04 torn"])
def test_a_damaged_model_is_refused(damage, tmp_path):
    (tmp_path / "m").write_bytes(damage)
    with pytest.raises(ModelFileError):
        load_learner(tmp_path / "m")


def test_a_missing_model_is_refused(tmp_path):
    with pytest.raises(ModelFileError, match="cannot be read"):
        LinearLearner.load(tmp_path / "none")


def test_a_model_without_its_arrays_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "m", "w") as file:
        settings = '{"n_classes": 3, "c": 1, "iterations": 9}'
        file.writestr("header.json", f'{{"kind": "linear-1", "settings": {settings}}}')
    with pytest.raises(ModelFileError, match="lacks 'weights'"):
        LinearLearner.load(tmp_path / "m")


def test_wrong_labels_are_left_out_before_learning():
    rng = np.random.default_rng(5)
    y = rng.integers(0, 3, 300)
    x = (np.eye(40)[y] * 6 + rng.normal(0, 1, (300, 40))).astype(np.float32)
    noisy = np.where(rng.random(300) < 0.1, (y + 1) % 3, y)
    cleaned = linear_family()[2]
    plain = cleaned.keywords["make"]

    def right(make):
        return (make(3).fit(x[:150], noisy[:150]).predict(x[150:]).argmax(axis=1) == y[150:]).mean()

    assert right(cleaned) > 0.97 > right(plain)


def test_cleaning_never_forgets_a_class():
    x, y = blobs(n=60)
    y = np.append(y, 3)
    x = np.append(x, x[:1], axis=0)
    model = kernel_family()[2](4)
    assert isinstance(model, CleanedLearner)
    assert model.fit(x, y).predict(x)[-1, 3] > 0


def test_more_columns_than_rows_change_nothing_but_the_work():
    x, y = blobs(n=40)
    wide = np.concatenate([x, np.zeros((40, 60), np.float32)], axis=1)
    fresh, _ = blobs(seed=1)
    fresh_wide = np.concatenate([fresh, np.zeros((200, 60), np.float32)], axis=1)
    expected = LinearLearner(3, c=300.0).fit(x, y).predict(fresh)
    assert LinearLearner(3, c=300.0).fit(wide, y).predict(fresh_wide) == pytest.approx(
        expected, abs=0.02
    )


def test_rows_that_are_all_alike_can_be_learned():
    y = np.array([0, 1, 1])
    found = (
        LinearLearner(2).fit(np.ones((3, 9), np.float32), y).predict(np.ones((1, 9), np.float32))
    )
    assert found[0].argmax() == 1


def test_no_rows_are_refused():
    with pytest.raises(ValidationError):
        LinearLearner(3).fit(np.zeros((0, 2), np.float32), np.zeros(0, int))

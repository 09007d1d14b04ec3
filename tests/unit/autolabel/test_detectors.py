import numpy as np
import pytest

from gt_widgets.autolabel.boxes import FoundBoxes, box_loss, kept_boxes
from gt_widgets.autolabel.detectors import CentreDetector
from gt_widgets.autolabel.detectors.agreement import agreed_boxes
from gt_widgets.autolabel.detectors.canvas import Canvas
from gt_widgets.autolabel.detectors.layers import fold_space, unfold_space
from gt_widgets.autolabel.detectors.network import backward, forward, new_weights
from gt_widgets.autolabel.detectors.targets import loss_gradient, targets_of
from gt_widgets.errors import ModelFileError, ValidationError


def marks(n, seed=0):
    """Red and green rectangles of many sizes on grain."""
    rng = np.random.default_rng(seed)
    pictures, truth = [], []
    for number in range(n):
        picture = rng.integers(90, 130, (96, 128, 3)).astype(np.uint8)
        width, height = rng.integers(20, 48, 2)
        left, top = rng.integers(0, 128 - width), rng.integers(0, 96 - height)
        picture[top : top + height, left : left + width] = [(220, 30, 30), (30, 200, 40)][
            number % 2
        ]
        pictures.append(picture)
        box = np.array([[left, top, width, height]], float)
        truth.append(FoundBoxes(box, np.array([number % 2], np.intp), np.ones(1)))
    return pictures, truth


@pytest.fixture(scope="module")
def learned():
    pictures, truth = marks(24)
    return CentreDetector(2, side=128, width=12, steps=150, engine="numpy").fit(pictures, truth)


def test_marks_are_found_on_pictures_it_has_not_seen(learned):
    pictures, truth = marks(12, seed=1)
    losses = [
        box_loss(kept_boxes(learned.predict(p)), t) for p, t in zip(pictures, truth, strict=True)
    ]
    assert np.mean(losses) < 0.4


def test_a_detector_that_was_kept_finds_the_same(learned, tmp_path):
    learned.save(tmp_path / "a.model")
    again = CentreDetector.load(tmp_path / "a.model")
    again.engine = "numpy"
    picture = marks(1, seed=2)[0][0]
    assert np.array_equal(again.predict(picture).boxes, learned.predict(picture).boxes)
    again.save(tmp_path / "b.model")
    assert (tmp_path / "a.model").read_bytes() == (tmp_path / "b.model").read_bytes()


def test_learning_twice_gives_the_same_weights():
    pictures, truth = marks(8)
    made = [CentreDetector(2, side=128, width=8, steps=3, engine="numpy") for _ in range(2)]
    first, second = (model.fit(pictures, truth).weights for model in made)
    assert all(np.array_equal(first[name], second[name]) for name in first)


def test_a_file_that_is_no_detector_is_refused(learned, tmp_path):
    (tmp_path / "x").write_bytes(b"nothing")
    with pytest.raises(ModelFileError):
        CentreDetector.load(tmp_path / "x")
    learned.save(tmp_path / "y")
    learned.weights["stem"], kept = learned.weights["stem"][:-1], learned.weights["stem"]
    learned.save(tmp_path / "y")
    learned.weights["stem"] = kept
    with pytest.raises(ModelFileError, match="do not fit"):
        CentreDetector.load(tmp_path / "y")


def test_settings_out_of_range_and_empty_lessons_are_refused():
    with pytest.raises(ValidationError, match="multiple of 8"):
        CentreDetector(1, side=100)
    with pytest.raises(ValidationError, match="at least one"):
        CentreDetector(1).fit([], [])
    with pytest.raises(ValidationError, match="call fit"):
        CentreDetector(1).predict(np.zeros((8, 8, 3), np.uint8))


def test_gradients_are_those_of_the_loss():
    rng = np.random.default_rng(0)
    weights = new_weights(2, width=8, rng=rng)
    x = rng.normal(0, 1, (2, 32, 40, 3)).astype(np.float32)
    boxes = np.array([[4, 5, 12, 9.0], [20, 10, 10, 14]])
    one = targets_of(boxes, np.array([0, 1]), shape=(8, 10), n_classes=2)
    wanted = [np.stack([part, part]) for part in one]
    answer, kept = forward(weights, x, engine="numpy", learn=True)
    grads = backward(weights, kept, loss_gradient(answer, *wanted)[1], engine="numpy")
    for name in ("stem", "near", "fold", "far0", "far4_b", "near_g", "skip_b"):
        slope = float(np.linalg.norm(grads[name]))
        ends = []
        for step in (1e-3, -1e-3):
            moved = {**weights, name: weights[name] + step * grads[name] / slope}
            answer = forward(moved, x, engine="numpy", learn=True)[0]
            ends.append(loss_gradient(answer, *wanted)[0])
        assert (ends[0] - ends[1]) / 2e-3 == pytest.approx(slope, rel=0.05), name


def test_torch_and_numpy_learn_alike():
    pytest.importorskip("torch")
    rng = np.random.default_rng(1)
    x = rng.normal(0, 1, (2, 32, 40, 3)).astype(np.float32)
    wanted = rng.normal(0, 1, (2, 8, 10, 6)).astype(np.float32)
    seen = {}
    for engine in ("numpy", "torch"):
        weights = new_weights(2, width=8, rng=np.random.default_rng(0))
        answer, kept = forward(weights, x, engine=engine, learn=True)
        grads = backward(weights, kept, wanted, engine=engine)
        said = forward(weights, x, engine=engine)[0]
        seen[engine] = {**grads, "answer": answer, "said": said, "var": weights["far3_var"]}
    ours, theirs = seen["numpy"], seen["torch"]
    assert set(ours) == set(theirs)
    for name, found in ours.items():
        assert np.allclose(found, theirs[name], rtol=1e-2, atol=2e-3 * np.abs(found).max()), name


def test_torch_and_numpy_come_to_the_same_detector():
    pytest.importorskip("torch")
    pictures, truth = marks(8)
    made = [CentreDetector(2, side=128, width=8, steps=3, engine=e) for e in ("numpy", "torch")]
    ours, theirs = (model.fit(pictures, truth).weights for model in made)
    for name in ours:
        assert np.allclose(ours[name], theirs[name], rtol=1e-2, atol=1e-3), name


def test_folding_space_loses_nothing():
    x = np.arange(2 * 8 * 12 * 3, dtype=np.float32).reshape(2, 8, 12, 3)
    assert np.array_equal(unfold_space(fold_space(x, 4), 4), x)


def test_boxes_go_to_the_canvas_and_back():
    canvas = Canvas(np.zeros((50, 200, 3), np.uint8), (64, 128))
    pixels, moved = canvas.varied(
        np.array([[20.0, 10, 40, 20]]), flips=True, rng=np.random.default_rng(3)
    )
    assert pixels.size == (128, 64)
    assert moved[0, 2] == pytest.approx(2 * moved[0, 3])
    plain = np.array([[20 * 0.64, 10 * 0.64 + 16, 40 * 0.64, 20 * 0.64]])
    assert canvas.back(plain) == pytest.approx(np.array([[20.0, 10, 40, 20]]))


def seen(*rows):
    """Rows of (left, class, score); each box is 10 x 10."""
    return FoundBoxes(
        np.array([[left, 0, 10, 10] for left, _, _ in rows], dtype=float).reshape(-1, 4),
        np.array([c for _, c, _ in rows], dtype=np.intp),
        np.array([s for _, _, s in rows], dtype=float),
    )


def test_a_box_that_few_looks_found_scores_less_and_lies_between_them():
    found = agreed_boxes([seen((0, 0, 0.9), (50, 1, 0.6)), seen((2, 0, 0.3), (0, 1, 0.3)), seen()])
    assert found.scores == pytest.approx([0.4, 0.2, 0.1])
    assert found.classes.tolist() == [0, 1, 1]
    assert found.boxes[:, 0] == pytest.approx([0.5, 50, 0])
    assert len(agreed_boxes([seen(), seen()]).boxes) == 0


def test_one_look_counts_a_thing_once():
    found = agreed_boxes([seen((0, 0, 0.9)), seen((1, 0, 0.8), (2, 0, 0.7))])
    assert found.scores == pytest.approx([0.85, 0.35])


def test_a_detector_that_goes_on_is_another_one(learned):
    pictures, truth = marks(30)
    before = learned.weights["stem"].copy()
    short = CentreDetector(2, side=128, width=12, steps=10, engine="numpy")
    short.weights = learned.weights
    after = short.further(pictures, truth)
    assert np.array_equal(learned.weights["stem"], before)
    assert not np.array_equal(after.weights["stem"], before)

import json
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from gt_widgets.autolabel import (
    AutoLabelConfig,
    BoxSight,
    LoopState,
    MachineBox,
    advance,
    begin,
    record,
)
from gt_widgets.autolabel.boxes import FoundBoxes, box_loss, drawn_boxes
from gt_widgets.autolabel.learners.archive import (
    pack_model,
    read_model,
    unpack_model,
    write_model,
)
from gt_widgets.errors import ValidationError

N = 160


class Brightest:
    """A detector of one bright rectangle; dim ones it draws too small."""

    def __init__(self, n_classes, line=0.0):
        self.line = np.array([line])

    def fit(self, pictures, boxes):
        edges = [
            p[int(b.boxes[0, 1]), int(b.boxes[0, 0]), 0]
            for p, b in zip(pictures, boxes, strict=True)
        ]
        self.line = np.array([float(min(edges))])
        return self

    def predict(self, picture):
        rows, columns = np.nonzero(picture[..., 0] >= self.line[0])
        if rows.size == 0:
            return FoundBoxes(np.zeros((0, 4)), np.zeros(0, np.intp), np.zeros(0))
        left, top = columns.min(), rows.min()
        box = [left, top, columns.max() + 1 - left, rows.max() + 1 - top]
        sure = picture.max() / 255
        box[2] = max(box[2] * (1.0 if sure > 0.6 else 0.3), 1)
        return FoundBoxes(np.array([box], float), np.zeros(1, np.intp), np.array([sure]))

    def save(self, path):
        write_model(path, pack_model("brightest", {}, line=self.line))

    @classmethod
    def load(cls, path):
        _, arrays = unpack_model(read_model(path), "brightest")
        return cls(1, float(arrays["line"][0]))


def world(seed=0):
    rng = np.random.default_rng(seed)
    pictures, truth = [], {}
    for number in range(N):
        picture = np.zeros((24, 32, 3), np.uint8)
        left, top, width, height = (
            int(rng.integers(a, b)) for a, b in ((0, 16), (0, 12), (5, 16), (5, 12))
        )
        picture[top : top + height, left : left + width] = 250 - number % 10 * 18
        pictures.append(picture)
        row = {"class_id": 0, "left": left, "top": top, "width": width, "height": height}
        truth[number] = drawn_boxes([row])
    return pictures, truth


def run(pictures, truth, **options):
    config = AutoLabelConfig.for_task("boxes", calibration=50, seed=2)
    state = begin(N, 1, config, task="boxes")
    while not state.done:
        state = record(state, dict.fromkeys(state.waiting, 0))
        answers = {i: truth[i] for i in state.labels}
        state = advance(state, BoxSight(pictures, answers, n_classes=1, make=Brightest, **options))
        state = LoopState.from_dict(json.loads(json.dumps(state.to_dict())))
    return state


def loss_of(label, truth):
    rows = [[b.left, b.top, b.width, b.height] for b in label.boxes]
    found = FoundBoxes(
        np.array(rows, float).reshape(-1, 4),
        np.array([b.class_id for b in label.boxes], np.intp),
        np.array([b.score for b in label.boxes]),
    )
    return box_loss(found, truth)


def test_boxes_are_drawn_by_machine_and_the_doubtful_ones_by_people():
    pictures, truth = world()
    state = run(pictures, truth)
    assert len(state.machine) > 60
    assert np.mean([loss_of(label, truth[i]) for i, label in state.machine.items()]) <= 0.4
    assert not set(state.machine) & set(state.labels)
    assert {*state.machine, *state.labels, *state.pending.objects} == set(range(N))


def test_a_machine_label_says_its_boxes_and_the_iou_to_expect():
    pictures, truth = world()
    label = next(iter(run(pictures, truth).machine.values()))
    assert label.class_id is None
    assert isinstance(label.boxes[0], MachineBox)
    assert 0.5 <= label.confidence <= 1


def test_detectors_on_the_shelf_give_the_same_labels_without_learning_again(tmp_path):
    pictures, truth = world()
    first = run(pictures, truth, shelf=tmp_path)
    kept = {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    assert run(pictures, truth, shelf=tmp_path) == first == run(pictures, truth)
    assert {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == kept


def test_folds_that_learn_side_by_side_give_the_same_labels(tmp_path):
    pictures, truth = world()
    with ThreadPoolExecutor(2) as executor:
        together = run(pictures, truth, shelf=tmp_path, executor=executor)
    assert together == run(pictures, truth)


def test_a_damaged_file_on_the_shelf_is_replaced(tmp_path):
    pictures, truth = world()
    first = run(pictures, truth, shelf=tmp_path)
    for path in tmp_path.iterdir():
        path.write_bytes(b"half a mod")
    assert run(pictures, truth, shelf=tmp_path) == first


def test_an_earlier_detector_labels_as_long_as_it_does_better():
    pictures, truth = world()
    good = run(pictures, truth, earlier=Brightest(1, line=50.0))
    blind = run(pictures, truth, earlier=Brightest(1, line=255.0))
    assert (good.choice, blind.choice) == (1, 0)
    assert len(good.machine) >= len(blind.machine) > 0
    answers = {i: truth[i] for i in good.labels}
    earlier = Brightest(1, line=50.0)
    sight = BoxSight(pictures, answers, n_classes=1, make=Brightest, earlier=earlier)
    assert sight.final(good) is earlier


class Lasting(Brightest):
    """Goes on from what it learned: the line stays where it was."""

    def further(self, pictures, boxes):
        again = Lasting(1, self.line[0])
        again.gone_on = len(pictures)
        return again


def test_the_detector_that_is_left_goes_on_from_one_of_the_folds():
    pictures, truth = world()
    config = AutoLabelConfig.for_task("boxes", calibration=50, seed=2)
    state = begin(N, 1, config, task="boxes")
    state = record(state, dict.fromkeys(state.waiting, 0))
    answers = {i: truth[i] for i in state.labels}
    sight = BoxSight(pictures, answers, n_classes=1, make=Lasting)
    state = advance(state, sight)
    assert sight.final(state).gone_on == len(state.labels)
    fresh = BoxSight(pictures, answers, n_classes=1, make=Lasting)  # that has not looked
    assert not hasattr(fresh.final(state), "gone_on")


def test_an_answer_that_was_not_given_is_named():
    pictures, _ = world()
    state = begin(N, 1, AutoLabelConfig.for_task("boxes"), task="boxes")
    state = record(state, dict.fromkeys(state.waiting, 0))
    with pytest.raises(ValidationError, match="is labeled, but its boxes were not given"):
        advance(state, BoxSight(pictures, {}, n_classes=1, make=Brightest))
    with pytest.raises(ValidationError, match="a box has class_id"):
        drawn_boxes([{"left": 1}])

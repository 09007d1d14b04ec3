"""A machine that learns with what the notebook's owner gives it, in one line."""

import pytest
from botocore.exceptions import ClientError

import gt_widgets as gt
from gt_widgets.controller import AwsPlace
from gt_widgets.controller.learners import named_settings
from gt_widgets.datasets import TextSet
from gt_widgets.engine.learners import Learners
from gt_widgets.errors import ModelFileError, ValidationError
from gt_widgets.testing.automated import notes
from gt_widgets.testing.own_models import code_file


@pytest.fixture
def code(tmp_path):
    return code_file(tmp_path / "mine.py")


def test_a_file_becomes_a_name_in_the_request_and_stays_on_this_machine(session, code):
    given = {"learner": f"{code}:NearestMean", "features": f"{code}:Letters", "batch": 20}
    told = named_settings(session.place, given)
    assert told["learner"].startswith("mine-NearestMean-")
    assert told["batch"] == 20
    known = Learners(session.place.root).known
    assert known[told["learner"]].file == code
    assert named_settings(session.place, given) == told  # the same again is no second name
    assert str(code.parent) not in str(told)


def test_several_are_compared_and_names_that_are_known_are_kept(session, code):
    gt.connect(root=session.place.root, learners={"mine": f"{code}:NearestMean"})
    told = named_settings(session.place, {"learner": ["mine", "linear"]})
    assert told == {"learner": "mine+linear"}
    gt.connect(root=session.place.root, learners={"mine": None})
    assert "mine" not in Learners(session.place.root).known


def test_what_is_not_there_is_refused_before_anything_is_sent(session, code):
    with pytest.raises(ModelFileError, match="is not there"):
        named_settings(session.place, {"features": "models/dinov2.onnx/none"})
    with pytest.raises(ValidationError, match="its own algorithms"):
        named_settings(AwsPlace("us-east-1", "1" * 12), {"learner": f"{code}:NearestMean"})


def test_a_client_that_names_a_file_is_refused(session, team):
    texts = notes(5)
    made = TextSet(texts=texts.texts, categories=texts.categories, truth=texts.truth)
    data = session.upload(made, name="few")
    tags = [{"Key": "gt-widgets:learner", "Value": "/etc/passwd"}]
    with pytest.raises(ClientError, match="has named no '/etc/passwd'"):
        session.create_labeling_job(
            "by-path",
            data,
            team=team,
            task="text-classification",
            automated=True,
            extra={"Tags": tags},
        )


def test_a_job_learns_with_code_of_the_notebooks_and_leaves_a_model_of_it(session, team, code):
    texts = notes(140, seed=5)
    made = TextSet(texts=texts.texts, categories=texts.categories, truth=texts.truth)
    job = session.create_labeling_job(
        "own-notes",
        session.upload(made, name="own-notes"),
        team=team,
        task="text-classification",
        automated=True,
        target=0.8,
        automation={"calibration": 50, "patience": 1, "learner": f"{code}:NearestMean"},
    )
    said = job.simulate(accuracy=1.0)
    assert job.status == "Completed", said
    assert job.counters["MachineLabeled"] > 30, job.automation
    model = job.model()
    labels = model.predict(made.texts[:20])["label"]
    assert sum(labels == [made.truth[text] for text in made.texts[:20]]) > 14
    folder = model.save(code.parent / "kept")
    with pytest.raises(ValidationError, match="has named no 'mine-NearestMean"):
        gt.load_model(folder)
    again = gt.load_model(folder, learners={"by-any-name": f"{code}:NearestMean"})
    assert again.predict(made.texts[:20])["label"].equals(labels)

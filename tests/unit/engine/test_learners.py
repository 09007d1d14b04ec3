"""The register of a state folder: who may name what, and what is made of a request."""

import json
import stat

import pytest

from gt_widgets.engine.learners import Learners
from gt_widgets.errors import AccessDeniedError, ValidationError
from gt_widgets.schema.tasks import task_type_named
from gt_widgets.testing.automated import automated_request
from gt_widgets.testing.own_models import code_file


@pytest.fixture
def learners(tmp_path):
    code_file(tmp_path / "mine.py")
    return Learners(tmp_path / "store")


def test_names_are_kept_where_only_the_owner_reads_and_are_taken_back(learners, tmp_path):
    learners.change({"means": f"{tmp_path}/mine.py:NearestMean"}, "tcp://127.0.0.1:8786")
    again = Learners(learners.folder)
    assert again.known["means"].what == "mine:NearestMean"
    assert again.dask == "tcp://127.0.0.1:8786"
    mode = (learners.folder / "learners.json").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600
    again.change({"means": None}, "")
    assert (learners.known, learners.dask) == ({}, "")


def test_a_register_that_others_may_write_is_not_believed(learners, tmp_path):
    learners.name("means", f"{tmp_path}/mine.py:NearestMean")
    (learners.folder / "learners.json").chmod(0o666)
    with pytest.raises(AccessDeniedError, match="nobody else may write it"):
        learners.known  # noqa: B018
    request = automated_request(tags={"learner": "means"})
    with pytest.raises(ValidationError, match="nobody else may write it"):
        learners.check(request, task_type_named("text-classification"))
    learners.check(automated_request(), task_type_named("text-classification"))


@pytest.mark.parametrize("name", ["", "linear", "a b", "../up", "x" * 101])
def test_a_name_that_is_none_is_refused(learners, tmp_path, name):
    with pytest.raises(ValidationError, match="a learner's name has 1-100"):
        learners.name(name, f"{tmp_path}/mine.py:NearestMean")


def test_an_address_that_is_none_is_refused(learners):
    with pytest.raises(ValidationError, match="tcp://host:port"):
        learners.set_dask("localhost")


@pytest.mark.parametrize(
    ("task", "tags", "told"),
    [
        ("text-classification", {"learner": "cnn"}, "there is linear, kernel, means"),
        ("bounding-box", {"features": "means"}, "goes into gt-widgets:learner"),
        ("bounding-box", {"learner": "means+centres"}, "are too many"),
        ("semantic-segmentation", {"learner": "+".join(["means"] * 6)}, "at most 5 learners"),
        ("text-classification", {"learner": "means+kernel"}, ""),
    ],
)
def test_a_request_is_checked_against_its_task(learners, tmp_path, task, tags, told):
    learners.name("means", f"{tmp_path}/mine.py:NearestMean")
    request = automated_request(tags=tags)
    if told:
        with pytest.raises(ValidationError, match=told):
            learners.check(request, task_type_named(task))
    else:
        learners.check(request, task_type_named(task))


def test_a_register_of_another_shape_is_refused_with_its_place(learners):
    learners.folder.mkdir()
    (learners.folder / "learners.json").write_text(json.dumps([1]))
    (learners.folder / "learners.json").chmod(0o600)
    with pytest.raises(Exception, match=r'expected \{"learners": '):
        learners.known  # noqa: B018

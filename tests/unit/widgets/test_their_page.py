"""A job labeled through ipyannotations' widgets, against a real engine."""

import pytest

from gt_widgets.controller import LocalPlace
from gt_widgets.errors import ValidationError
from gt_widgets.exchange.ipyannotations import to_ipyannotations
from gt_widgets.schema.tasks import task_type_named
from gt_widgets.services.portal_client import PortalClient
from gt_widgets.testing.served import served
from gt_widgets.testing.task_types import Story, good_value
from gt_widgets.widgets import NotebookViews
from gt_widgets.widgets.their_page import TheirWorkerPage

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
TASKS = [
    "bounding-box",
    "polygon",
    "keypoint",
    "image-classification",
    "image-classification-multi-label",
    "text-classification",
    "named-entity-recognition",
    "bounding-box-adjustment",
]


@pytest.fixture
def begun(tmp_path):
    """Call it with a task type: a story with one job of it, and the portal of its engine."""
    stories, portals = [], []

    def begin(name):
        story = Story(tmp_path / name, task_type_named(name))
        stories.append(story)
        story.bench.engine.jobs.create(story.request("found"))
        story.bench.engine.step()
        entered = served(story.bench.engine)
        portals.append(entered)
        return story, PortalClient(entered.__enter__())

    yield begin
    for portal in portals:
        portal.__exit__(None, None, None)
    for story in stories:
        story.close()


def opened(story, portal):
    """The page of a worker who has signed in."""
    page = TheirWorkerPage(portal, job_name="found", user_name="ana")
    page._session = story.workers[0].session
    page.next_task()
    return page


def answers(page, kind):
    """Give the data of a good answer to the task on the screen, as the hand would."""
    value = good_value(kind, tuple(page._task["categories"]), page._task["text"] or "")
    data = to_ipyannotations(kind, value)
    if kind == "class":
        page.annotator.control_elements.buttons[data].button.click()
    else:
        page.annotator.data = data
        page.annotator.submit()
    return value


@pytest.mark.parametrize("name", TASKS)
def test_a_job_is_labeled_with_the_widget_for_its_kind(begun, name):
    story, portal = begun(name)
    page, kind = opened(story, portal), story.task_type.kind
    given = [answers(page, kind) for _ in range(3)]
    assert page._task is None
    story.bench.settle()
    story.bench.settle()
    assert story.bench.engine.jobs.get("found").status == "Completed"
    labels = [line[story.attribute] for line in story.bench.output("found")]
    assert len(labels) == len(given) == 3


def test_an_adjustment_begins_with_the_earlier_label(begun):
    story, portal = begun("bounding-box-adjustment")
    page = opened(story, portal)
    earlier = page._task["earlier"]["value"]
    assert page.annotator.data == to_ipyannotations("boxes", earlier) != []


def test_a_skipped_task_makes_room_for_another(begun):
    story, portal = begun("bounding-box")
    page = opened(story, portal)
    first = page._task["task_id"]
    page.annotator.skip()
    assert page._task["task_id"] != first


def test_a_refused_answer_is_explained_and_can_be_given_again(begun):
    story, portal = begun("bounding-box")
    page = opened(story, portal)
    task = page._task
    outside = [{"type": "box", "label": task["categories"][0], "xyxy": (0, 0, 9_999, 5)}]
    page.annotator.data = outside
    for _ in range(2):
        page.message.value = ""
        page.annotator.submit()
        assert "inside the picture" in page.message.value
    assert page._task is task


def test_a_task_whose_time_is_up_gives_way_to_the_next(begun):
    story, portal = begun("bounding-box")
    page = opened(story, portal)
    story.workers[0].call("release", task_id=page._task["task_id"], lease=page._task["lease"])
    page.annotator.submit()
    assert "time was up" in page.message.value
    assert page._task is not None


def test_the_first_sign_in_asks_for_a_password_of_ones_own(bench, portal):
    pool = bench.engine.identity.pools.all()[0].pool_id
    cleo = bench.engine.identity.users.create(pool, "cleo", attributes={"email": "c@example.com"})
    bench.engine.identity.groups.add(pool, "loggers", cleo.sub)
    mail = portal.requester("outbox")["mails"][0]
    page = TheirWorkerPage(portal, job_name="logos", user_name="cleo")
    enter = page.form.children[-1]
    page.password.value = "wrong"
    enter.click()
    assert "Incorrect" in page.message.value
    page.password.value = mail["temporary_password"]
    enter.click()
    assert "Choose a password" in page.message.value
    page.new_password.value = "Lo9o-logger!"
    enter.click()
    assert page._task["job_name"] == "logos"
    assert (page.password.value, page.new_password.value) == ("", "")
    assert "session" not in " ".join(page.keys)


def test_what_it_has_no_widget_for_is_refused_before_anyone_signs_in(begun):
    _story, portal = begun("polyline")
    with pytest.raises(ValidationError, match="leave backend= out"):
        TheirWorkerPage(portal, job_name="found")


def test_the_backend_is_chosen_by_name(bench, portal, tmp_path):
    place = LocalPlace(portal.endpoint, tmp_path, portal)
    views, job = NotebookViews(), {"job_name": "logos", "user_name": "ana"}
    assert type(views.worker(place, **job)).__name__ == "WorkerWidget"
    assert type(views.worker(place, **job, backend="ipyannotations")) is TheirWorkerPage
    with pytest.raises(ValidationError, match="is not gt_widgets or"):
        views.worker(place, **job, backend="canvas")

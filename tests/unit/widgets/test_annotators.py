"""ipyannotations' contract on our canvases; the page is played by calls of the worker protocol."""

import io
import secrets

import ipywidgets
import numpy as np
import pytest
from PIL import Image

from gt_widgets.annotate import images, text
from gt_widgets.errors import AnswerError, ImageError, LeaseError, ValidationError
from gt_widgets.testing import box_answer, picture
from gt_widgets.widgets.drafts import draft_of, value_of_draft
from gt_widgets.widgets.pictures import picture_of

OPTIONS = ["Norda", "Kivi"]
BOX = {"type": "box", "label": "Kivi", "xyxy": (10, 20, 40, 60)}
ANSWER = {"label": "Kivi", "left": 10, "top": 20, "width": 30, "height": 40}
IMAGE_ANSWERS = [
    (images.BoxAnnotator, {"boundingBoxes": [ANSWER]}, [BOX]),
    (
        images.PolygonAnnotator,
        {
            "polygons": [
                {
                    "label": "Norda",
                    "vertices": [{"x": x, "y": y} for x, y in [(1, 2), (9, 2), (9, 8)]],
                }
            ]
        },
        [{"type": "polygon", "label": "Norda", "points": [(1, 2), (9, 2), (9, 8), (1, 2)]}],
    ),
    (
        images.PointAnnotator,
        {"keypoints": [{"label": "Norda", "x": 5, "y": 6}]},
        [{"type": "point", "label": "Norda", "coordinates": (5, 6)}],
    ),
    (images.ClassLabeller, {"label": "Kivi"}, "Kivi"),
    (images.MulticlassLabeller, {"labels": ["Norda", "Kivi"]}, ["Norda", "Kivi"]),
]
TEXT_ANSWERS = [
    (
        text.TextTagger,
        {"entities": [{"label": "Kivi", "startOffset": 2, "endOffset": 5}]},
        [(2, 5, "Kivi")],
    ),
    (text.ClassLabeller, {"label": "Kivi"}, "Kivi"),
    (text.MulticlassLabeller, {"labels": ["Kivi"]}, ["Kivi"]),
]


class Page:
    """A labeler's page: asks as the browser does, by messages, and keeps the task it was given."""

    def __init__(self, annotator):
        self.annotator, self.page = annotator, annotator.page
        self.claimed()

    def say(self, op, **args):
        """One call; what happened since is told after it, as after a real message."""
        try:
            return self.page._portal.worker(op, args, "notebook")
        finally:
            self.page._items.settle()

    def claimed(self):
        tasks = self.say("claim", job_name="", count=1, holding=[])["tasks"]
        self.task = tasks[0] if tasks else None
        return self.task

    def held(self):
        return {"task_id": self.task["task_id"], "lease": self.task["lease"]}

    def draws(self, value):
        draft = draft_of(self.task["kind"], value)
        return self.say("save_draft", **self.held(), draft=draft)

    def submits(self, value, key=None):
        content = {self.task["element"]: value}
        key = key or secrets.token_hex(4)
        return self.say("submit", **self.held(), content=content, time_spent_s=1, key=key)


def shown(make, item):
    answers = []
    annotator = make(options=OPTIONS)
    annotator.on_submit(answers.append)
    annotator.display(item)
    return Page(annotator), annotator, answers


@pytest.fixture
def photo():
    return picture(60, 80)


@pytest.mark.parametrize(("make", "value", "data"), IMAGE_ANSWERS)
def test_what_is_submitted_about_a_picture_has_the_form_of_ipyannotations(photo, make, value, data):
    page, annotator, answers = shown(make, photo)
    page.submits(value)
    assert answers == [data] == [annotator.data]


@pytest.mark.parametrize(("make", "value", "data"), TEXT_ANSWERS)
def test_what_is_submitted_about_a_text_has_the_form_of_ipyannotations(make, value, data):
    page, annotator, answers = shown(make, "😀 Ana met Bo")
    page.submits(value)
    assert answers == [data] == [annotator.data]


def test_a_sentiment_is_one_of_three():
    annotator, answers = text.SentimentLabeller(), []
    annotator.on_submit(answers.append)
    annotator.display("Lovely.")
    page = Page(annotator)
    assert page.task["categories"] == ["negative", "neutral", "positive"]
    page.submits({"label": "positive"})
    assert answers == ["positive"]


@pytest.mark.parametrize(("make", "value", "data"), [*IMAGE_ANSWERS, *TEXT_ANSWERS])
def test_data_follows_the_hand_and_can_be_given_back_to_it(photo, make, value, data):
    item = photo if make.__module__.endswith("images") else "😀 Ana met Bo"
    page, annotator, answers = shown(make, item)
    page.draws(value)
    assert annotator.data == data
    other = shown(make, item)[1]
    other.data = data
    task = Page(other).task
    kept = value_of_draft(task["kind"], task["draft"])
    assert kept == value_of_draft(task["kind"], draft_of(task["kind"], value))
    assert answers == []


def test_data_can_be_observed(photo):
    page, annotator, _ = shown(images.BoxAnnotator, photo)
    seen = []
    annotator.observe(lambda change: seen.append(change["new"]), "data")
    page.draws({"boundingBoxes": [ANSWER]})
    assert seen == [[BOX]]


def test_submitted_data_stays_as_it_was_whatever_happens_later(photo):
    page, annotator, answers = shown(images.PolygonAnnotator, photo)
    value, data = IMAGE_ANSWERS[1][1:]
    page.submits(value)
    annotator.undo()
    annotator.data[0]["points"].clear()
    assert answers == [data]


def test_the_page_is_answered_as_an_engine_answers_it(photo, bench):
    page, annotator, _ = shown(images.BoxAnnotator, photo)
    [task] = bench.ana.claim("logos", count=1)
    held = {"task_id": task["task_id"], "lease": task["lease"]}
    said = {**held, "content": box_answer(), "time_spent_s": 1, "key": "k"}
    assert page.task.keys() == task.keys()
    for operation, given in (("jobs", {}), ("begin", held), ("save_draft", held), ("submit", said)):
        args = {**given, "draft": None} if operation == "save_draft" else given
        theirs = bench.ana.call(operation, **args)
        ours = page.say(operation, **{**args, **(page.held() if args else {})})
        assert ours.keys() == theirs.keys(), operation
    assert page.say("claim", holding=[]).keys() == {"tasks", "state", "message"}
    assert annotator.page.kind == "annotator"


def test_one_item_gets_one_answer_however_often_it_is_sent(photo):
    page, _annotator, answers = shown(images.ClassLabeller, photo)
    page.submits({"label": "Kivi"}, key="k")
    again = page.submits({"label": "Kivi"}, key="k")
    assert again == {"accepted": True, "duplicate": True}
    with pytest.raises(LeaseError):
        page.submits({"label": "Kivi"}, key="another")
    assert answers == ["Kivi"]


def test_a_wrong_answer_is_refused_and_the_item_stays(photo):
    page, _annotator, answers = shown(images.BoxAnnotator, photo)
    with pytest.raises(AnswerError, match="inside the picture"):
        page.submits({"boundingBoxes": [{**ANSWER, "width": 999}]})
    assert answers == []
    assert page.claimed()["task_id"] == page.task["task_id"]


def test_skipping_gives_none(photo):
    page, _annotator, answers = shown(images.BoxAnnotator, photo)
    page.say("skip", **page.held())
    assert answers == [None]
    assert page.claimed() is None


def test_undo_goes_back_step_by_step_and_then_to_the_callback(photo):
    page, annotator, _ = shown(images.BoxAnnotator, photo)
    went_back = []
    annotator.on_undo(lambda: went_back.append(True))
    page.draws({"boundingBoxes": [ANSWER]})
    page.draws({"boundingBoxes": [ANSWER, {**ANSWER, "left": 20}]})
    annotator.undo_button.click()
    assert annotator.data == [BOX]
    annotator.undo_button.click()
    assert (annotator.data, went_back) == ([], [])
    annotator.undo_button.click()
    assert went_back == [True]


def test_a_callback_may_show_the_next_item(photo):
    """The usual loop over a list of pictures."""
    items, answers = [photo, picture(30, 30)], []
    annotator = images.ClassLabeller(OPTIONS)

    def answered(data):
        answers.append(data)
        if items:
            annotator.display(items.pop(0))

    annotator.on_submit(answered)
    annotator.display(items.pop(0))
    turn, page = annotator.page.turn, Page(annotator)
    page.submits({"label": "Kivi"})
    assert annotator.page.turn > turn  # the page is told
    assert page.claimed()["picture"]["width"] == 30
    assert page.task["object_id"] == "2"
    page.submits({"label": "Norda"})
    assert answers == ["Kivi", "Norda"]


def test_a_callback_that_fails_says_so_on_the_page(photo):
    page, annotator, _ = shown(images.ClassLabeller, photo)
    annotator.on_submit(lambda data: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        page.submits({"label": "Kivi"})
    said = page.say("claim", job_name="", count=1, holding=[])
    assert (said["tasks"], said["state"]) == ([], "waiting")
    assert "ZeroDivisionError" in said["message"]


def test_what_was_drawn_on_an_earlier_item_does_not_reach_the_next(photo):
    page, annotator, _ = shown(images.BoxAnnotator, photo)
    annotator.display(picture(30, 30))
    with pytest.raises(LeaseError):
        page.draws({"boundingBoxes": [ANSWER]})
    assert annotator.data == []


def test_new_options_are_shown_with_the_work_so_far(photo):
    page, annotator, _ = shown(images.BoxAnnotator, photo)
    page.draws({"boundingBoxes": [ANSWER]})
    annotator.options = [*OPTIONS, "Halo"]
    assert page.claimed()["categories"] == [*OPTIONS, "Halo"]
    assert value_of_draft("boxes", page.task["draft"]) == {"boundingBoxes": [ANSWER]}


def test_the_labeler_adds_a_class(photo):
    page, annotator, _ = shown(images.MulticlassLabeller, photo)
    annotator._added("Halo")
    assert annotator.options == [*OPTIONS, "Halo"]
    assert page.claimed()["draft"]["labels"] == ["Halo"]


def test_a_post_processor_makes_what_data_and_callbacks_give(photo):
    annotator, answers = images.BoxAnnotator(options=OPTIONS, data_postprocessor=len), []
    annotator.on_submit(answers.append)
    annotator.display(photo)
    Page(annotator).submits({"boundingBoxes": [ANSWER]})
    assert (answers, annotator.data) == ([1], 1)


def test_free_text_is_written_beside_the_item_as_plain_text():
    annotator, answers = text.FreetextAnnotator(), []
    annotator.on_submit(answers.append)
    annotator.display("<b>$x$</b>")
    [shown] = annotator._shown.children
    assert (type(shown), shown.value) == (ipywidgets.Textarea, "<b>$x$</b>")
    annotator.freetext_widget.value = "bold"
    annotator.submit_button.click()
    annotator.skip_button.click()
    annotator.undo_button.click()
    assert (answers, annotator.data) == (["bold", None], "")


def test_a_caption_is_about_a_picture_in_its_stored_frame(photo):
    annotator = images.FreetextAnnotator()
    annotator.display(photo)
    assert bytes(annotator._shown.children[0].value) == picture_of(photo)[0]


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: images.BoxAnnotator(backend="canvas"),
        lambda: images.BoxAnnotator(options=OPTIONS).on_submit("no function"),
        lambda: images.BoxAnnotator().display(picture(9, 9)),
        lambda: text.TextTagger().display(b"bytes"),
    ],
)
def test_what_cannot_work_is_refused(wrong):
    with pytest.raises(ValidationError):
        wrong()


def turned(size=(60, 80)):
    """A JPEG whose tag tells viewers to turn it by a quarter."""
    exif = Image.Exif()
    exif[0x0112] = 6
    out = io.BytesIO()
    Image.new("RGB", size, "navy").save(out, "JPEG", exif=exif)
    return out.getvalue()


@pytest.mark.parametrize(
    "item",
    [
        turned(),
        ipywidgets.Image(value=turned()),
        Image.open(io.BytesIO(turned())),
        Image.new("RGBA", (60, 80)),
        Image.new("CMYK", (60, 80)),
        np.zeros((80, 60, 3), np.uint8),
        np.ones((80, 60), float),
        np.full((80, 60, 4), 65_535, np.uint16),
        np.zeros((80, 60), bool),
    ],
    ids=["bytes", "widget", "PIL", "RGBA", "CMYK", "array", "floats", "16 bits", "booleans"],
)
def test_a_picture_comes_in_any_form_and_is_shown_as_stored(item):
    data, found = picture_of(item)
    assert (found.width, found.height) == (60, 80)
    assert not Image.open(io.BytesIO(data)).getexif()


def test_a_path_is_a_picture_too(tmp_path):
    (tmp_path / "a.jpg").write_bytes(turned())
    assert picture_of(tmp_path / "a.jpg") == picture_of(str(tmp_path / "a.jpg"))


@pytest.mark.parametrize(
    ("item", "said"),
    [
        (3, "found int"),
        (b"GIF89a", "JPEG or PNG"),
        ("https://example.org/a.jpg", "nothing is fetched"),
        ("no/such/file.png", "cannot be read"),
        (np.zeros(7), "no picture"),
    ],
)
def test_what_is_no_picture_is_refused_with_the_reason(item, said):
    with pytest.raises(ImageError, match=said):
        picture_of(item)


@pytest.mark.parametrize("draft", [None, 7, {}, {"shapes": [{"label": "x"}]}, {"shapes": "no"}])
@pytest.mark.parametrize("kind", ["boxes", "polygons", "entities", "classes", "class"])
def test_a_draft_that_is_none_is_no_work(kind, draft):
    assert value_of_draft(kind, draft) is None

"""Each fault of ipyannotations 0.5.1 that is mended: shown on the bare package, then gone.

Where a test takes ``kind``, it runs twice: "bare" is the package as it is installed and must show
the fault (should a release mend it, the test says so), "mended" is ours and must not.
"""

import html
import io
from importlib import import_module

import ipywidgets
import pytest
from PIL import Image

from gt_widgets.annotate import images, text
from gt_widgets.errors import ValidationError
from gt_widgets.testing import picture
from gt_widgets.widgets import mended as package
from gt_widgets.widgets.mended import mended
from gt_widgets.widgets.mended.tagger import page_text

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
SHAPES = ["images.BoxAnnotator", "images.PolygonAnnotator", "images.PointAnnotator"]
ENTER = {"type": "keyup", "key": "Enter", "shiftKey": False, "target": {"tagName": "DIV"}}


def bare(name):
    module, _, class_name = name.partition(".")
    return getattr(import_module(f"ipyannotations.{module}"), class_name)


@pytest.fixture(params=["bare", "mended"])
def kind(request):
    return request.param


def made(kind, name, *args, **options):
    return (bare if kind == "bare" else mended)(name)(*args, **options)


def answering(widget):
    answers = []
    widget.on_submit(answers.append)
    return answers


def key(widget, name, *, on="DIV", **more):
    """Let a key go down and up with the focus on an element of that tag."""
    event = {"key": name, "shiftKey": False, "target": {"tagName": on}, **more}
    for stroke in ("keydown", "keyup"):
        if stroke in widget.event_watcher.watched_events:
            widget._handle_keystroke({**event, "type": stroke})


def clicks(widget, *points):
    """Click on the canvas at points of a picture shown at its own size."""
    left, top, *_ = widget.canvas.image_extent
    for x, y in points:
        widget.canvas.on_click(left + x, top + y)
        widget.canvas.on_release(left + x, top + y)


def drag(widget, start, end):
    left, top, *_ = widget.canvas.image_extent
    widget.canvas.on_click(left + start[0], top + start[1])
    widget.canvas.on_drag(left + end[0], top + end[1])
    widget.canvas.on_release(left + end[0], top + end[1])


# --- what breaks it in JupyterLab 4 --------------------------------------------------------------


@pytest.mark.parametrize(
    "name", [*SHAPES, "text.TextTagger", "text.MulticlassLabeller", "text.FreetextAnnotator"]
)
def test_every_child_can_be_shown_and_none_points_back_at_its_parent(kind, name):
    """JupyterLab 4 shows a red box for a child without a view; a circle is never loaded again."""
    widget = made(kind, name)
    without_view = [child for child in widget.children if not child._view_name]
    in_a_circle = [child for child in widget.children if getattr(child, "source", None) is widget]
    found = bool(without_view), bool(in_a_circle)
    assert found == ((True, True) if kind == "bare" else (False, False))


def test_a_reloaded_page_gets_the_picture_and_the_shapes_again(kind, monkeypatch):
    widget = made(kind, "images.BoxAnnotator", options=["Kivi"])
    widget.display(picture(60, 80))
    drawn = []
    monkeypatch.setattr(widget.canvas[0], "draw_image", lambda *_, **__: drawn.append("picture"))
    monkeypatch.setattr(widget.canvas, "re_draw", lambda: drawn.append("shapes"))
    widget.canvas._canvases[-1]._client_ready_callbacks()
    assert drawn == ([] if kind == "bare" else ["picture", "shapes"])


def test_keys_stop_at_the_widget_where_nobody_types(kind):
    """ipyevents stops the events it watches; keys reach the notebook by keydown."""
    watched = made(kind, "images.BoxAnnotator").event_watcher.watched_events
    assert watched == (["keyup"] if kind == "bare" else ["keydown"])


# --- answers -------------------------------------------------------------------------------------


def test_undo_after_submit_leaves_the_submitted_data_alone(kind):
    widget = made(kind, "images.PolygonAnnotator", options=["Kivi"])
    widget.display(picture(60, 80))
    answers = answering(widget)
    clicks(widget, (10, 10), (40, 10), (40, 40), (10, 10))
    widget.submit()
    widget.undo()
    whole = [(10, 10), (40, 10), (40, 40), (10, 10)]
    assert answers[0][0]["points"] == (whole[:-1] if kind == "bare" else whole)


def test_enter_on_the_submit_button_answers_once(kind):
    widget = made(kind, "text.MulticlassLabeller", ["a", "b"])
    widget.display("one")
    answers = answering(widget)
    widget.on_submit(lambda data: widget.display("two"))  # as every labeling loop does
    widget.data = ["a"]
    widget.submit_button.click()  # the browser's: Enter goes down on a button
    key(widget, "Enter", on="BUTTON")
    assert answers == ([["a"], []] if kind == "bare" else [["a"]])


def test_enter_twice_answers_once(kind):
    widget = made(kind, "images.BoxAnnotator", options=["Kivi"])
    widget.display(picture(60, 80))
    answers = answering(widget)
    drag(widget, (10, 10), (30, 30))
    key(widget, "Enter")
    key(widget, "Enter")
    assert len(answers) == (2 if kind == "bare" else 1)


def test_a_held_enter_answers_once():
    widget, shown = mended("images.PointAnnotator")(options=["Kivi"]), [0]
    answers = answering(widget)
    widget.on_submit(lambda data: widget.display(picture(60, 80)))
    widget.display(picture(60, 80))
    for repeat in (False, True, True):
        widget._handle_keystroke({**ENTER, "type": "keydown", "repeat": repeat})
    assert len(answers) == 1, shown


def test_a_corrected_answer_is_given_again():
    widget = mended("images.BoxAnnotator")(options=["Kivi"])
    answers = answering(widget)
    widget.display(picture(60, 80))
    for end in (30, 50):
        drag(widget, (10, 10), (end, end))
        widget.submit()
    assert [len(data) for data in answers] == [1, 2]
    widget.display(picture(60, 80))
    widget.submit()
    assert answers[2] == []


def test_typing_another_class_is_not_taken_for_keys(kind):
    """Theirs takes the "1" of "T1" for the first class, and Backspace for undo."""
    widget = made(kind, "text.ClassLabeller", ["a", "b"])
    widget.display("one")
    answers, went_back = answering(widget), []
    widget.on_undo(lambda: went_back.append(True))
    for name in ("T", "1", "Backspace"):
        key(widget, name, on="INPUT")
    assert (answers, went_back) == ((["a"], [True]) if kind == "bare" else ([], []))


def test_several_classes_can_be_asked_for_without_a_field_for_more(kind):
    if kind == "bare":
        with pytest.raises(AttributeError, match="on_submit"):
            made(kind, "text.MulticlassLabeller", ["a"], allow_freetext=False)
        return
    widget = made(kind, "text.MulticlassLabeller", ["a"], allow_freetext=False)
    assert widget.event_watcher.watched_events == ["keydown"]


def test_free_text_is_given_whole(kind):
    """Theirs cuts the last character off, whatever it is."""
    widget = made(kind, "text.FreetextAnnotator")
    answers = answering(widget)
    widget.display("What?")
    widget.freetext_widget.value = "A dog."
    key(widget, "Enter", on="TEXTAREA", shiftKey=True)
    assert answers == (["A dog"] if kind == "bare" else ["A dog."])


@pytest.mark.parametrize("name", ["images.PointAnnotator", "images.PolygonAnnotator"])
def test_undo_on_a_new_picture_is_not_about_the_one_before(kind, name):
    widget = made(kind, name, options=["Kivi"])
    widget.display(picture(60, 80))
    clicks(widget, (10, 10))
    widget.display(picture(60, 80))
    went_back = []
    widget.on_undo(lambda: went_back.append(True))
    if kind == "bare":
        with pytest.raises(IndexError):
            widget.undo()
        return
    widget.undo()
    assert went_back == [True]


def test_data_that_was_read_stays_as_it_was(kind):
    widget = made(kind, "images.PolygonAnnotator", options=["Kivi"])
    widget.display(picture(60, 80))
    clicks(widget, (10, 10), (40, 10), (40, 40), (10, 10))
    read = widget.data
    widget.undo()
    assert len(read[0]["points"]) == (3 if kind == "bare" else 4)


def test_data_that_is_shown_stays_its_owners(kind):
    widget = made(kind, "images.PolygonAnnotator", options=["Kivi"])
    widget.display(picture(60, 80))
    mine = [{"type": "polygon", "label": "Kivi", "points": [(1, 1), (9, 1), (9, 9), (1, 1)]}]
    widget.data = mine
    widget.canvas.polygons[0].move_point(0, (5, 5))
    assert (mine[0]["points"][0] == (1, 1)) is (kind == "mended")


def test_a_box_without_area_is_a_slip_of_the_hand(kind):
    widget = made(kind, "images.BoxAnnotator", options=["Kivi"])
    widget.display(picture(60, 80))
    drag(widget, (10, 10), (10, 40))
    assert len(widget.data) == (1 if kind == "bare" else 0)


# --- pictures and texts --------------------------------------------------------------------------


def turned(mode="RGB", form="JPEG"):
    exif = Image.Exif()
    exif[0x0112] = 6
    out = io.BytesIO()
    Image.new(mode, (60, 80)).save(out, form, exif=exif)
    return out.getvalue()


@pytest.mark.parametrize("name", SHAPES)
def test_a_picture_reaches_the_browser_without_the_tag_that_turns_it(kind, name):
    """Theirs measures the stored picture and shows the turned one: shapes are beside the things."""
    widget = made(kind, name, options=["Kivi"])
    widget.display(turned())
    sent = Image.open(io.BytesIO(widget.canvas.current_image.value))
    assert sent.size == (60, 80)
    assert bool(sent.getexif().get(0x0112)) is (kind == "bare")


def test_a_transparent_picture_can_be_made_brighter(kind):
    widget = made(kind, "images.BoxAnnotator", options=["Kivi"])
    widget.display(turned("RGBA", "PNG"))
    if kind == "bare":
        with pytest.raises(OSError, match="RGBA"):
            widget.brightness_slider.value = 2
        return
    widget.brightness_slider.value = 2


def test_a_polygon_can_be_closed_on_a_large_picture(kind):
    """Theirs wants the last click within 5 pixels of the picture: one of the screen, here."""
    widget = made(kind, "images.PolygonAnnotator", (700, 500), ["Kivi"])
    widget.display(picture(2800, 2000))  # four pixels of the picture for one of the screen
    clicks(widget, (100, 100), (200, 100), (200, 200), (103, 100))
    assert len(widget.data) == (0 if kind == "bare" else 1)


def test_a_class_that_is_added_gets_a_colour(kind):
    widget = made(kind, "images.BoxAnnotator", options=["Kivi"])
    widget.options = ["Kivi", "Halo"]
    assert ("Halo" in widget.canvas.colormap) is (kind == "mended")


def test_the_ninth_class_does_not_look_like_the_first(kind):
    widget = made(kind, "images.BoxAnnotator", options=[f"class {n}" for n in range(12)])
    assert len(set(widget.canvas.colormap.values())) == (8 if kind == "bare" else 12)


def test_a_picture_to_classify_is_shown_as_it_is(kind, monkeypatch, tmp_path):
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda what, **_: shown.append(what))
    path = tmp_path / "small.png"
    path.write_bytes(picture(60, 80, kind="PNG"))
    made(kind, "images.ClassLabeller", ["a"]).display_function(str(path))
    if kind == "bare":
        assert shown[0].size > (60, 80)
        return
    assert (shown[0].data, shown[0].width, shown[0].height) == (path.read_bytes(), 60, 80)


@pytest.mark.parametrize(
    "item", [turned(), turned("RGBA", "PNG"), ipywidgets.Image(value=turned())]
)
def test_a_picture_to_classify_may_be_any_picture(kind, item):
    widget = made(kind, "images.ClassLabeller", ["a"])
    if kind == "bare":
        with pytest.raises((NotImplementedError, OSError)):
            widget.display_function(item)
        return
    widget.display_function(item)


def test_a_text_to_classify_is_shown_as_it_is(kind, monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda what, **_: shown.append(what))
    made(kind, "text.ClassLabeller", ["a"]).display_function("*a* <img src=x>")
    assert isinstance(shown[0], dict) is (kind == "mended")
    if kind == "mended":
        assert shown == [{"text/plain": "*a* <img src=x>"}]


def test_offsets_of_entities_count_code_points(kind):
    widget = made(kind, "text.TextTagger", ["person"])
    widget.display("😀 Ana")
    widget.text_widget.entity_spans = [(3, 6, "person")]  # what the page gives: UTF-16 units
    start, end, _ = widget.data[0]
    assert "😀 Ana"[start:end] == ("na" if kind == "bare" else "Ana")


def test_entities_to_begin_with_are_shown(kind):
    widget = made(kind, "text.TextTagger", ["person"], "😀 Ana", [(2, 5, "person")])
    assert widget.text_widget.entity_spans == ([] if kind == "bare" else [(3, 6, "person")])


def test_a_text_is_not_taken_for_markup_and_its_offsets_hold(kind):
    found = "a <img src=x onerror=alert(1)>\r\n\r\n& Ana &amp; &#9;  Bo "
    widget = made(kind, "text.TextTagger", ["person"])
    widget.display(found)
    sent = widget.text_widget.text
    assert ("<" in sent) is (kind == "bare")
    assert len(sent) == len(found)
    assert (html.unescape(sent) == sent) is (kind == "mended")
    assert (sent == page_text(found)) is (kind == "mended")


@pytest.mark.parametrize("spans", [[(0, 3, "person"), (2, 6, "person")], [(2, 2, "person")]])
def test_entities_that_would_break_the_page_are_not_taken(kind, spans):
    widget = made(kind, "text.TextTagger", ["person"])
    widget.display("😀 Ana")
    widget.text_widget.entity_spans = spans
    assert (widget.data == []) is (kind == "mended")
    assert (widget.text_widget.entity_spans == []) is (kind == "mended")


def test_a_tag_taken_back_is_gone_from_the_page_too():
    widget = mended("text.TextTagger")(["person"], "😀 Ana")
    widget.text_widget.entity_spans = [(3, 6, "person")]
    widget.undo()
    assert (widget.data, widget.text_widget.entity_spans) == ([], [])


# --- the backend ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", [f"images.{n}" for n in images.__all__] + [f"text.{n}" for n in text.__all__]
)
def test_each_class_of_ours_has_its_counterpart(name):
    home, _, class_name = name.partition(".")
    ours = getattr({"images": images, "text": text}[home], class_name)
    theirs = ours(backend="ipyannotations")
    assert isinstance(theirs, bare(name))
    assert callable(theirs.on_submit), theirs


def test_all_public_classes_of_the_package_are_there():
    for home, ours in (("images", images), ("text", text)):
        assert sorted(import_module(f"ipyannotations.{home}").__all__) == ours.__all__


def test_another_version_is_refused(monkeypatch):
    monkeypatch.setattr("ipyannotations.__version__", "0.6.0")
    with pytest.raises(ValidationError, match=r"0\.5\.1 is the one that is mended"):
        package.mended.__wrapped__("images.BoxAnnotator")
    with pytest.raises(ValidationError, match="is not one of"):
        mended("images.Canvas")


def test_importing_our_annotators_does_not_import_the_package():
    import subprocess
    import sys

    code = (
        "import sys, gt_widgets.annotate, gt_widgets.widgets.mended\n"
        "assert not {'ipyannotations', 'ipycanvas', 'ipyevents'} & sys.modules.keys()"
    )
    subprocess.run([sys.executable, "-c", code], check=True)

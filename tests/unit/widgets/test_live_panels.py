"""The panels of automated labeling: meter, slider and live chart keep up with their job."""

import copy
import io

import pytest

from gt_widgets.controller.automation import Automation
from gt_widgets.errors import EngineUnreachableError, StateError, ValidationError
from gt_widgets.widgets import CostSlider, LiveChart, Meter, NotebookViews
from gt_widgets.widgets.live import Follower

POINT = {"low": 600, "high": 750, "rest_low": 20.0, "rest_high": 40.0}
POINT |= {"hours_low": 2.0, "hours_high": 4.0}
FOUND = {
    "status": "InProgress",
    "phase": "query",
    "words": "Round 1: 700 objects could be labeled by machine.",
    "task": "classes",
    "objects": 1100,
    "target": 0.95,
    "rounds": [{"round": 1, "people": 100, "machine": 600}],
    "meter": {
        "machine": 700,
        "share": 0.636,
        "people": 120,
        "left": 280,
        "total": 1100,
        "source": "look",
        "sampled": 100,
        "sample": 100,
        "reason": "",
        "words": "If you stop now, 64% is labeled for you.",
        "hours": 2.5,
        "cost_usd": 88.0,
        "saved_usd": 12.0,
    },
    "counted": {"people": 120, "left": 980},
    "machine_labeled": 0,
    "asked": None,
    "targets": [
        {"target": 0.9, "machine": 900, "people": 100, "cost_usd": 80, **POINT}
        | {"hours": 0.5, "rest_usd": 11.0},
        {"target": 0.95, "machine": 700, "people": 300, "cost_usd": 90, **POINT}
        | {"hours": 3.0, "rest_usd": 33.5},
    ],
}


class Job:
    """A job as the follower asks for it; the test changes what it says."""

    name = "logos"

    def __init__(self, **changes):
        self.found, self.versions = {**copy.deepcopy(FOUND), **changes}, 1
        self.commits, self.refusal = [], None
        self.portal = self

    def requester(self, operation, args):
        """What the engine does when it is asked to commit."""
        assert operation == "commit_automation"
        if self.refusal:
            raise self.refusal
        self.commits.append(args)
        self.found["asked"] = args["rest"]
        self.found["meter"]["words"] = "People are asked no further."

    def version(self):
        if isinstance(self.versions, Exception):
            raise self.versions
        return str(self.versions), self.found["status"] == "Completed"

    def automation(self):
        return Automation(copy.deepcopy(self.found), None, NotebookViews(), self)


def blocks_of(panel, name):
    return [each for each in panel.blocks if each["block"] == name]


def test_the_slider_begins_at_the_jobs_own_target_and_tells_of_each(browser):
    slider = CostSlider(Job().automation(), live=False)
    assert slider.target == 0.95
    assert slider.in_words() == (
        "At 95% the machine would label 700 of the rest; people 300 in 3.0 h. "
        "The rest of the job: 33.50 USD."
    )
    slider.target = 0.91
    assert slider.in_words().startswith(
        "At 90% the machine would label 900 of the rest; people 100"
    )
    assert "30 min" in slider.in_words()
    [tiles] = [each for each in slider.choices[1]["blocks"] if each["block"] == "tiles"]
    assert tiles["tiles"][0] == {"label": "By machine", "value": "700", "note": "600 to 750"}


def test_the_hours_of_ones_own_people_are_paid_for(browser):
    slider = CostSlider(Job().automation(), hourly_usd=10.0, live=False)
    assert "The rest of the job: 63.50 USD" in slider.in_words()
    assert slider.choices[1]["blocks"][2]["tiles"][2]["note"] == "40.00 to 80.00"


def test_a_slider_that_is_shown_anew_stays_where_it_was(browser):
    job = Job()
    slider = CostSlider(job.automation(), live=False)
    slider.target = 0.9
    job.found["targets"][0]["machine"] = 950
    slider.show(job.automation())
    assert slider.in_words().startswith("At 90% the machine would label 950")


def test_before_the_first_look_there_is_nothing_to_slide(browser):
    with pytest.raises(ValidationError, match="has not trained yet"):
        CostSlider(Job(targets=[]).automation())


def test_the_meter_says_what_is_labeled_for_you_and_that_it_is_a_forecast(browser):
    meter = Meter(Job().automation(), live=False)
    [figure] = blocks_of(meter, "figure")
    assert (figure["value"], figure["words"]) == ("64%", "is labeled for you if you stop now")
    counts = [part["count"] for part in blocks_of(meter, "bar")[0]["parts"]]
    assert counts == [120, 700, 280]
    assert blocks_of(meter, "chart")[0]["line"] == [[100, 600 / 1100], [120, 0.636]]
    assert blocks_of(meter, "note")[0]["words"].startswith("A forecast from 120 labels.")
    assert "If you stop now" in meter.in_words()


def test_boxes_are_foreseen_by_round_and_the_meter_says_so(browser):
    job = Job(task="boxes")
    job.found["meter"]["source"] = "round"
    [note] = blocks_of(Meter(job.automation(), live=False), "note")
    assert (
        "The forecast of round 1. For boxes it is made anew with the next training"
        in (note["words"])
    )


def test_after_the_commit_the_meter_tells_what_was_labeled(browser):
    job = Job(meter=None, phase="rest", machine_labeled=700)
    [figure] = blocks_of(Meter(job.automation(), live=False), "figure")
    assert figure == {"block": "figure", "value": "64%", "words": "was labeled for you by machine"}


def test_a_follower_shows_what_is_new_once_and_ends_with_the_job(browser):
    job, shown = Job(), []
    follower = Follower(job, shown.append)
    assert follower.step()
    assert follower.step()
    assert len(shown) == 1
    job.versions, job.found["status"] = 2, "Completed"
    assert not follower.step()
    assert len(shown) == 2


def test_a_follower_outlives_an_engine_that_restarts(browser):
    job, shown = Job(), []
    job.versions = EngineUnreachableError("gone")
    meter = Meter(job.automation(), live=False)
    follower = Follower(job, lambda found: (meter.show(found), shown.append(found)), every_s=0.01)
    follower.start()
    job.versions, job.found["status"] = 2, "Completed"
    follower._thread.join(timeout=90)
    assert not follower._thread.is_alive()
    assert shown


def test_a_live_chart_is_drawn_anew_in_its_place(browser):
    import pandas as pd

    from gt_widgets.charts import labels_by_round

    job = Job(status="Completed")
    drawn = []

    def draw(found):
        drawn.append(found)
        return labels_by_round(pd.DataFrame(), len(drawn))

    chart = LiveChart(job.automation(), draw)
    before, width = bytes(chart.value), chart.width
    chart.show(job.automation())
    assert before.startswith(b"\x89PNG")
    assert (len(drawn), chart.width) == (2, width)
    assert bytes(chart.value).startswith(b"\x89PNG")


def test_a_live_chart_is_drawn_in_the_theme_of_its_page_and_stays_in_it(browser):
    import pandas as pd
    from PIL import Image

    from gt_widgets.charts import labels_by_round

    def ground(chart):
        return Image.open(io.BytesIO(chart.value)).convert("RGB").getpixel((1, 1))

    job = Job(status="Completed")
    chart = LiveChart(job.automation(), lambda _found: labels_by_round(pd.DataFrame(), 5))
    assert (ground(chart), chart.drawn_dark) == ((255, 255, 255), False)
    chart.dark = True
    assert (ground(chart), chart.drawn_dark) == ((17, 17, 17), True)
    chart.show(job.automation())
    assert ground(chart) == (17, 17, 17)
    assert "Round 1: 700 objects" in chart.label  # for whoever cannot see it


# --- the button -----------------------------------------------------------------------------------


def test_the_button_says_in_words_what_will_happen_and_that_it_cannot_be_undone(browser):
    act = Meter(Job().automation(), live=False).act
    assert (act["state"], act["label"]) == ("ready", "Label 64% now …")
    assert act["words"].startswith("About 700 of 1,100 objects are labeled by the machine now. ")
    assert "This cannot be undone." in act["words"]
    assert [each["label"] for each in act["rests"]] == [
        "People go on with the 280 that are left",
        "The job stops; the 280 that are left stay unlabeled",
    ]
    assert act["confirm"] == "Label 700 objects now"


def test_a_press_commits_once_however_often_it_is_heard(browser):
    job = Job()
    meter = Meter(job.automation(), live=False)
    for _ in range(2):
        meter.comm.say({"type": "commit", "rest": "unlabeled"})
    meter.comm.say({"type": "commit", "rest": "people"})
    assert job.commits == [{"job_name": "logos", "rest": "unlabeled", "anyway": False}]
    assert (meter.act["state"], meter.act["said"]) == ("busy", "People are asked no further.")
    assert blocks_of(meter, "head")[0]["pill"] == "labeling now"
    meter.close()


def test_a_page_that_says_something_else_commits_nothing(browser):
    job = Job()
    meter = Meter(job.automation(), live=False)
    for said in ({"type": "call", "op": "commit_automation"}, "commit", ["commit"], None):
        meter.comm.say(said)
    assert (job.commits, meter.act["heard"]) == ([], 0)


def test_a_commit_that_is_refused_says_so_and_may_be_tried_again(browser):
    job = Job()
    meter = Meter(job.automation(), live=False)
    job.refusal = StateError("the disk is full")
    meter.comm.say({"type": "commit", "rest": "people"})
    assert meter.act["state"] == "ready"
    assert meter.act["said"] == "The machine was not asked: the disk is full"
    job.refusal = None
    meter.comm.say({"type": "commit", "rest": "people"})
    assert (len(job.commits), meter.act["state"], meter.act["heard"]) == (1, "busy", 2)
    meter.close()


def test_where_nothing_can_be_promised_the_button_says_why(browser):
    job = Job()
    job.found["meter"] |= {"machine": 0, "share": 0.0}
    meter = Meter(job.automation(), live=False)
    assert meter.act["state"] == "refused"
    assert meter.act["said"] == "Not now: the machine can be held to nothing yet."
    job.found["meter"] |= {"sampled": 40}
    meter.show(job.automation())
    assert meter.act["said"].startswith("Not before the random sample is labeled")


def test_after_a_commit_the_meter_says_what_came_of_it_and_who_labels_the_rest(browser):
    words = "The machine labeled 700 objects; nobody labels the rest."
    job = Job(meter=None, phase="rest", machine_labeled=700, asked="unlabeled", words=words)
    meter = Meter(job.automation(), live=False)
    assert (meter.act["state"], meter.act["said"]) == ("over", words)
    assert blocks_of(meter, "bar")[0]["parts"][2]["label"] == "980 left unlabeled"
    assert blocks_of(meter, "note") == []


def test_a_job_that_is_over_or_stopping_has_no_button(browser):
    for changes in ({"status": "Stopping"}, {"meter": None, "phase": "rest"}):
        assert Meter(Job(**changes).automation(), live=False).act["state"] == "over"

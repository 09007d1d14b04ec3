"""The live meter and the slider in a cell: they keep up while people label, and move at once."""

import secrets

import pytest

import gt_widgets as gt
from gt_widgets.testing import eventually
from gt_widgets.testing.automated import notes
from gt_widgets.testing.hands import NotebookPage

pytestmark = pytest.mark.browser

METER = """import gt_widgets as gt

job = gt.connect().labeling_job("{job}")
job.automation"""
SLIDER = "job.automation.slider()"
PLAN = """gt.connect().plan_labeling_job(
    1000, task="text-classification", accuracy=0.95, workers_per_object=3
)"""
CHARTS = "job.automation.overview(live=True)"
SETTINGS = {"calibration": 60, "batch": 40, "patience": 4}
GROUND = """image => {
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
  canvas.getContext('2d').drawImage(image, 0, 0);
  return [...canvas.getContext('2d').getImageData(1, 1, 1, 1).data.slice(0, 3)].join();
}"""
THEMED = """async name => {
  await window.jupyterapp.commands.execute('apputils:change-theme', {theme: name});
}"""
PRESS_TWICE = "button => { button.click(); button.click(); }"


@pytest.fixture
def labeled(studio):
    """Call it with a target: an automated job of 200 notes, its ``answer`` has Ben label so many.

    It waits for tasks.
    """
    texts = notes(200, seed=5, doubtful=0.3)
    made = gt.TextSet(texts=texts.texts, categories=texts.categories, truth=texts.truth)
    session = studio.signed_in()

    def begin(target):
        job = studio.session.create_labeling_job(
            f"notes-{secrets.token_hex(4)}",
            studio.session.upload(made, name="notes"),
            task="text-classification",
            automated=True,
            target=target,
            automation=SETTINGS,
        )
        job.answer = lambda count: answer(job, count)
        return job

    def answer(job, count):
        for _ in range(count):
            [task] = studio.claimed(job, session)
            held = {"task_id": task["task_id"], "lease": task["lease"]}
            content = {task["element"]: {"label": texts.truth[task["text"]]}}
            given = {"content": content, "time_spent_s": 1, "key": secrets.token_hex(8)}
            studio.portal.worker("submit", {**held, **given}, session)

    return begin


def test_the_meter_keeps_up_while_people_label_and_the_slider_answers_at_once(
    studio, page, labeled, complaints
):
    asked = labeled(0.97)  # cannot be promised so soon: a whole batch of 40 follows the sample
    asked.answer(60)
    eventually(lambda: asked.automation.found["rounds"], what="a first round")
    path = studio.lab.notebook("meter.ipynb", [METER.format(job=asked.name), SLIDER, PLAN])
    notebook = NotebookPage(page, studio.lab, path.name).open()
    meter = notebook.run_code_cell(0).locator(".gt-live-panel")
    meter.get_by_text("forecast of round").wait_for()
    asked.answer(12)  # while the kernel is idle: a thread of its own follows
    meter.get_by_text("A forecast from").wait_for()
    slider = notebook.run_code_cell(1).locator(".gt-live-panel")
    for key in ("d", "d", "ArrowDown", "Home"):  # to the notebook: delete this cell, go to the next
        slider.get_by_role("slider").press(key)
    slider.locator("output").filter(has_text="80%").wait_for()
    slider.get_by_role("slider").press("End")
    slider.get_by_text("At 99% the machine would label").wait_for()
    plan = notebook.run_code_cell(2).locator(".gt-live-panel")
    plan.get_by_text("is probably labeled by machine").wait_for()
    assert complaints("meter", within=".gt-live-panel") == []
    asked.stop()
    studio.lab.end_kernels()


def test_the_meters_button_asks_twice_and_commits_once_by_keys_alone(
    studio, page, labeled, complaints
):
    job = labeled(0.8)
    job.answer(60)
    eventually(lambda: job.automation.found["rounds"], what="a first round")
    path = studio.lab.notebook("commit.ipynb", [METER.format(job=job.name), CHARTS])
    notebook = NotebookPage(page, studio.lab, path.name).open()
    meter = notebook.run_code_cell(0).locator(".gt-live-panel")
    meter.get_by_role("button", name="Label").press("Enter")
    meter.get_by_role("radio", name="People go on").press("Escape")
    meter.get_by_role("radio").first.wait_for(state="hidden")
    page.keyboard.press("Enter")  # the button has the keyboard again
    page.keyboard.press("ArrowDown")
    assert meter.get_by_role("radio", name="The job stops").is_checked()
    assert complaints("meter-asks", within=".gt-live-panel") == []
    meter.get_by_role("button", name="objects now").evaluate(PRESS_TWICE)
    meter.get_by_text("nobody labels the rest").wait_for()
    assert meter.get_by_role("button").count() == 0
    eventually(lambda: job.status == "Stopped", what="the job stops")
    assert job.describe()["LabelCounters"]["MachineLabeled"] > 20
    studio.lab.end_kernels()


def test_charts_that_follow_a_job_follow_the_theme_too(studio, page, labeled):
    job = labeled(0.97)
    path = studio.lab.notebook("charts.ipynb", [METER.format(job=job.name), CHARTS])
    notebook = NotebookPage(page, studio.lab, path.name).open()
    job.answer(1)  # now there is a loop
    notebook.run_code_cell(0)
    chart = notebook.run_code_cell(1).get_by_role("img", name="Charts of")
    for theme, ground in (("Dark", "17,17,17"), ("Light", "255,255,255"), ("Dark", "17,17,17")):
        page.evaluate(THEMED, f"JupyterLab {theme}")
        page.wait_for_selector("#jupyterlab-splash", state="detached")
        eventually(lambda ground=ground: chart.evaluate(GROUND) == ground, what=f"a {theme} chart")
        assert chart.evaluate("image => image.style.filter") == ""
    job.stop()
    studio.lab.end_kernels()

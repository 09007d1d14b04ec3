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
SETTINGS = {"calibration": 60, "batch": 40}


@pytest.fixture
def asked(studio):
    """An automated job of 200 notes; ``answer`` has Ben label so many, waiting for tasks.

    Its target cannot be promised so soon, so a whole batch of 40 follows the sample.
    """
    texts = notes(200, seed=5, doubtful=0.3)
    made = gt.TextSet(texts=texts.texts, categories=texts.categories, truth=texts.truth)
    job = studio.session.create_labeling_job(
        f"notes-{secrets.token_hex(4)}",
        studio.session.upload(made, name="notes"),
        task="text-classification",
        automated=True,
        target=0.97,
        automation=SETTINGS,
    )
    session = studio.signed_in()

    def answer(count):
        for _ in range(count):
            [task] = studio.claimed(job, session)
            held = {"task_id": task["task_id"], "lease": task["lease"]}
            content = {task["element"]: {"label": texts.truth[task["text"]]}}
            given = {"content": content, "time_spent_s": 1, "key": secrets.token_hex(8)}
            studio.portal.worker("submit", {**held, **given}, session)

    job.answer = answer
    return job


def test_the_meter_keeps_up_while_people_label_and_the_slider_answers_at_once(
    studio, page, asked, complaints
):
    asked.answer(60)
    eventually(lambda: asked.automation.found["rounds"], what="a first round")
    path = studio.lab.notebook("meter.ipynb", [METER.format(job=asked.name), SLIDER, PLAN])
    notebook = NotebookPage(page, studio.lab, path.name).open()
    meter = notebook.run_code_cell(0).locator(".gt-live-panel")
    meter.get_by_text("forecast of round").wait_for()
    asked.answer(12)  # while the kernel is idle: a thread of its own follows
    meter.get_by_text("A forecast from").wait_for()
    slider = notebook.run_code_cell(1).locator(".gt-live-panel")
    slider.get_by_role("slider").press("Home")
    slider.locator("output").filter(has_text="80%").wait_for()
    slider.get_by_role("slider").press("End")
    slider.get_by_text("At 99% the machine would label").wait_for()
    plan = notebook.run_code_cell(2).locator(".gt-live-panel")
    plan.get_by_text("is probably labeled by machine").wait_for()
    assert complaints("meter", within=".gt-live-panel") == []
    asked.stop()
    studio.lab.end_kernels()

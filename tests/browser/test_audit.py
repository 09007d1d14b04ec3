"""The audit grid in a cell: the machine's wrong labels are clicked, and the accuracy stands below."""

import json

import pytest

import gt_widgets as gt
from gt_widgets.controller.audits import audit_pages, machine_sample
from gt_widgets.schema.arns import s3_parts
from gt_widgets.testing.hands import NotebookPage

pytestmark = pytest.mark.browser

AUDIT = """import gt_widgets as gt

grid = gt.connect().labeling_job("{job}").audit(30)
grid"""
READ = "print(grid.result)"


@pytest.fixture
def by_machine(studio, tmp_path):
    """A finished job over 30 logos whose output manifest says that a machine made it."""
    data = studio.session.upload(gt.brand_logos(tmp_path / "logos", count=30, seed=4), name="audit")
    job = studio.session.create_labeling_job("audit", data)
    job.simulate(accuracy=1.0, seed=1)
    assert job.wait(timeout_s=120) == "Completed"
    lines = job.results.lines()
    for line in lines:
        line[f"{job.name}-metadata"]["human-annotated"] = "no"
    bucket, key = s3_parts(job.manifest_uri)
    body = "".join(json.dumps(line) + "\n" for line in lines).encode()
    studio.session.client("s3").put_object(Bucket=bucket, Key=key, Body=body)
    return job


def test_wrong_labels_are_clicked_and_the_accuracy_is_told_in_the_cell_and_the_kernel(
    studio, page, by_machine, complaints
):
    path = studio.lab.notebook("audit.ipynb", [AUDIT.format(job=by_machine.name), READ])
    notebook = NotebookPage(page, studio.lab, path.name).open()
    grid = notebook.run_code_cell(0).locator(".gt-audit")
    count = int(grid.locator(".gt-audit-where").inner_text().split()[-1])
    assert count > 1
    grid.locator("[data-gt-object]").first.click()
    grid.locator('[aria-pressed="true"]').wait_for()
    for number in range(1, count):
        grid.locator(".gt-audit-next").click()
        notebook.page.locator(f'.gt-audit[data-gt-page="{number}"]').wait_for()
    last = grid.locator(f'[data-gt-object="{_last_object(by_machine)}"]')  # once it has come
    last.focus()
    for key in ("d", "d", "Space"):  # to the notebook, `d d` would delete the cell
        page.keyboard.press(key)
    grid.locator(".gt-audit-next").click()
    verdict = grid.locator(".gt-audit-verdict")
    verdict.filter(has_text="28 of 30 machine labels looked at are right: 93.3%").wait_for()
    assert verdict.inner_text() in notebook.run_code_cell(1).inner_text()
    assert complaints("audit", within=".gt-audit") == []
    studio.lab.end_kernels()


def _last_object(job):
    return audit_pages(machine_sample(job.results.manifest(), 30, seed=0))[-1].object_ids[-1]

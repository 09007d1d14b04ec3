"""Signing in: what is refused says why, and nothing has to be begun anew."""

import secrets

import pytest

from gt_widgets.testing import picture
from gt_widgets.testing.hands import NotebookPage, WorkerPage

pytestmark = pytest.mark.browser

CELL = """import gt_widgets as gt

gt.connect().labeling_job("{job}").label(worker="{worker}")"""
GOOD = "Battery-staple-9"


@pytest.fixture
def invited(studio):
    """A worker just invited: name and temporary password."""
    name = f"cem-{secrets.token_hex(3)}"
    studio.session.create_private_team("studio", workers=[studio.worker, name])
    mails = studio.portal.requester("outbox")["mails"]
    [password] = [mail["temporary_password"] for mail in mails if mail["user_name"] == name]
    return name, password


def test_a_first_sign_in_says_what_is_wrong_and_goes_on(studio, page, lab, invited, troubles):
    name, temporary = invited
    job = studio.job([picture(300, 200)])
    path = lab.notebook(f"{job.name}.ipynb", [CELL.format(job=job.name, worker=name)])
    worker = WorkerPage(page, NotebookPage(page, lab, path.name).open().run_code_cell(0))
    worker.sign_in(name, "not the one in the mail")
    worker.cell.get_by_text("Incorrect username or password").wait_for()
    worker.sign_in(name, temporary)
    worker.choose_password("short")
    worker.cell.get_by_text("Password did not conform with policy").wait_for()
    worker.cell.locator("input[type=password]").last.fill(GOOD)
    worker.cell.locator("form button[type=submit]").click()
    worker.cell.get_by_text("The two passwords are not the same").wait_for()
    worker.choose_password(GOOD)
    worker.view("jobs")
    assert worker.cell.get_by_text(f"Signed in as {name}").is_visible()
    lab.end_kernels()
    refused = [trouble for trouble in troubles if "sign_in" in trouble or "password" in trouble]
    assert len(refused) == len(troubles) == 2  # Chromium reports the two refusals itself
    troubles.clear()

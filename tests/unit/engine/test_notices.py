"""What a work team hears on its notification topic."""

from __future__ import annotations

import pytest

from gt_widgets.testing import box_answer

TOPIC = "arn:aws:sns:us-east-1:111122223333:loggers"


@pytest.fixture
def told(bench, ana):
    """The team has a topic, to which Ana has subscribed."""
    bench.engine.workforce.teams.update(
        "loggers", NotificationConfiguration={"NotificationTopicArn": TOPIC}
    )
    bench.bucket(3)
    return bench


def mails(bench):
    return [mail for mail in bench.engine.outbox.mails() if mail.recipient == "ana@example.org"]


def test_a_team_is_told_once_that_there_is_a_new_job(told, ana):
    told.engine.topics.create("loggers")
    told.engine.topics.subscribe(TOPIC, "email", "ana@example.org")
    told.job()
    told.finish(lambda _task: box_answer())
    [mail] = mails(told)
    assert mail.subject == "New labeling job"
    assert "'Draw a box around each logo' (logos), 3 object(s)" in mail.body
    assert told.engine.portal_url in mail.body


def test_a_topic_that_is_not_there_is_no_reason_for_a_job_to_fail(told, ana):
    told.job()
    assert told.finish(lambda _task: box_answer()).status == "Completed"
    assert mails(told) == []


def test_a_job_that_fails_at_once_is_not_announced(told, ana):
    told.engine.topics.create("loggers")
    told.engine.topics.subscribe(TOPIC, "email", "ana@example.org")
    told.engine.objects.put("demo-gt", "input.manifest", b"{}")
    assert told.job().status == "Failed"
    assert mails(told) == []

"""Whether worker pages on AWS could read a job's pictures (M12)."""

import json

import pytest

from gt_widgets.engine.browsers import lets_pages_read
from gt_widgets.testing import Workbench


@pytest.fixture
def bench(tmp_path):
    bench = Workbench(tmp_path / "store")
    bench.ana, bench.ben = bench.team("ana", "ben")
    bench.bucket(3)
    yield bench
    bench.engine.close()


def told(bench):
    events = bench.engine.logs.events("/aws/sagemaker/LabelingJobs", "logos")
    names = [json.loads(message)["event-name"] for _, _, message in events]
    return "CORS_RULE_MISSING" in names, "CORS" in bench.engine.requester.card("logos")["next"]


# M12
@pytest.mark.parametrize(
    "rules", [None, [{"AllowedMethods": ["PUT"], "AllowedOrigins": ["*"]}]], ids=["none", "put"]
)
def test_a_missing_cors_rule_is_told_in_the_log_and_on_the_card(bench, rules):
    bench.engine.objects.set_cors("demo-gt", rules)
    bench.job()
    assert told(bench) == (True, True)
    assert len(bench.ana.claim(count=3)) == 3  # here they are shown all the same


# M12
def test_of_a_bucket_that_pages_may_read_nothing_is_said(bench):
    bench.job()
    assert told(bench) == (False, False)


def test_the_rule_may_come_later(bench):
    bench.engine.objects.set_cors("demo-gt", None)
    bench.job()
    bench.engine.objects.set_cors("demo-gt", [{"AllowedMethods": ["GET"]}])
    assert told(bench) == (True, False)


def test_any_rule_with_get_is_enough():
    rules = [{"AllowedMethods": ["PUT"]}, {"AllowedMethods": ["HEAD", "GET"]}]
    assert lets_pages_read(rules)
    assert not lets_pages_read(rules[:1])
    assert not lets_pages_read(None)

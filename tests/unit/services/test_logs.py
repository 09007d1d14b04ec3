"""Reading logs: windows, directions, filters, pages."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from gt_widgets.errors import ServiceError
from gt_widgets.services import logs

GROUP = "/aws/sagemaker/LabelingJobs"


class Book:
    """Three streams; sequence numbers run across them, as in the engine's table."""

    def __init__(self, records):
        self.records = records

    def groups(self):
        return [GROUP, "/other"]

    def streams(self, group):
        return sorted({stream for _, stream, _, _ in self.records}) if group == GROUP else []

    def events(self, group, stream, *, start_ms=None, end_ms=None, after=0, limit=10_000):
        return [
            (sequence, moment, message)
            for sequence, name, moment, message in self.records
            if name == stream
            and sequence > after
            and (start_ms is None or moment >= start_ms)
            and (end_ms is None or moment < end_ms)
        ][:limit]


@pytest.fixture
def call():
    records = [
        (1, "cats", 100, "BATCH SUBMITTED one"),
        (2, "logos", 150, "BATCH SUBMITTED two"),
        (3, "cats", 200, "BATCH COMPLETED"),
        (4, "cats", 300, "EXPORTED"),
        (5, "logos", 250, "STOPPED"),
    ]
    engine = SimpleNamespace(logs=Book(records))
    return SimpleNamespace(engine=engine, account_id="111122223333", region="us-east-1")


def messages(call, **params):
    found = logs.get_log_events(call, {"logGroupName": GROUP, "logStreamName": "cats", **params})
    return [event["message"] for event in found["events"]], found


def test_the_newest_events_come_by_default(call):
    assert messages(call, limit=2)[0] == ["BATCH COMPLETED", "EXPORTED"]


def test_tokens_go_back_and_forth(call):
    _, newest = messages(call, limit=2)
    older, page = messages(call, limit=2, nextToken=newest["nextBackwardToken"])
    assert older == ["BATCH SUBMITTED one"]
    assert messages(call, nextToken=page["nextForwardToken"])[0] == [
        "BATCH COMPLETED",
        "EXPORTED",
    ]


def test_at_the_end_the_same_token_comes_back(call):
    _, page = messages(call, startFromHead=True)
    empty, again = messages(call, nextToken=page["nextForwardToken"])
    assert empty == []
    assert again["nextForwardToken"] == page["nextForwardToken"]


def test_the_window_takes_its_start_and_leaves_its_end(call):
    assert messages(call, startTime=100, endTime=200)[0] == ["BATCH SUBMITTED one"]


def test_filtering_looks_through_all_streams_in_the_order_of_time(call):
    found = logs.filter_log_events(call, {"logGroupName": GROUP})
    assert [event["timestamp"] for event in found["events"]] == [100, 150, 200, 250, 300]


@pytest.mark.parametrize(
    ("pattern", "timestamps"),
    [
        ("BATCH SUBMITTED", [100, 150]),
        ('"SUBMITTED two"', [150]),
        ("?EXPORTED ?STOPPED", [250, 300]),
        ("BATCH -COMPLETED", [100, 150]),
    ],
)
def test_filter_terms_are_all_any_or_none(call, pattern, timestamps):
    params = {"logGroupName": GROUP, "filterPattern": pattern}
    found = logs.filter_log_events(call, params)["events"]
    assert [event["timestamp"] for event in found] == timestamps


def test_filtered_pages_join_without_a_gap(call):
    params = {"logGroupName": GROUP, "limit": 2}
    seen, token = [], None
    while True:
        page = logs.filter_log_events(call, {**params, "nextToken": token})
        seen += [event["eventId"] for event in page["events"]]
        token = page["nextToken"]
        if token is None:
            break
    assert len(seen) == len(set(seen)) == 5


def test_streams_are_ordered_by_their_last_event(call):
    params = {"logGroupName": GROUP, "orderBy": "LastEventTime", "descending": True}
    found = logs.describe_log_streams(call, params)["logStreams"]
    assert [stream["logStreamName"] for stream in found] == ["cats", "logos"]
    assert (found[0]["firstEventTimestamp"], found[0]["lastEventTimestamp"]) == (100, 300)


def test_groups_are_found_by_prefix_and_paged(call):
    found = logs.describe_log_groups(call, {"logGroupNamePrefix": "/aws"})["logGroups"]
    assert [group["logGroupName"] for group in found] == [GROUP]
    assert found[0]["arn"] == f"arn:aws:logs:us-east-1:111122223333:log-group:{GROUP}:*"
    first = logs.describe_log_groups(call, {"limit": 1})
    second = logs.describe_log_groups(call, {"limit": 1, "nextToken": first["nextToken"]})
    assert second["logGroups"][0]["logGroupName"] == "/other"
    assert second["nextToken"] is None


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"logGroupName": "none"}, "ResourceNotFoundException"),
        ({"logGroupName": GROUP, "logStreamName": "none"}, "ResourceNotFoundException"),
        ({}, "InvalidParameterException"),
        ({"logGroupName": GROUP, "nextToken": "x"}, "InvalidParameterException"),
    ],
)
def test_what_does_not_exist_is_refused_by_name(call, params, code):
    with pytest.raises(ServiceError) as caught:
        logs.get_log_events(call, {"logStreamName": "cats", **params})
    assert caught.value.code == code


def test_a_json_filter_is_refused_with_the_way_out(call):
    with pytest.raises(ServiceError, match="made of terms"):
        logs.filter_log_events(call, {"logGroupName": GROUP, "filterPattern": "{ $.a = 1 }"})

"""The metrics of jobs and teams, read by CloudWatch's own clients."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ClientError

from gt_widgets.testing import box_answer, job_request

JOBS, TEAMS = "AWS/Sagemaker/LabelingJobs", "AWS/SageMaker/Workteam"
TEAM = [{"Name": "Workteam", "Value": "loggers"}]
JOB = [{"Name": "LabelingJobName", "Value": "logos"}]


@pytest.fixture
def cloudwatch(client):
    return client("cloudwatch")


@pytest.fixture
def span(bench):
    """From an hour before the bench's clock to an hour after it."""
    now = datetime.fromtimestamp(bench.clock(), UTC)
    return {"StartTime": now - timedelta(hours=1), "EndTime": now + timedelta(hours=1)}


@pytest.fixture
def worked(bench, sagemaker):
    """Three objects: 10, 20 and 30 seconds, a minute apart."""
    sagemaker.create_labeling_job(**job_request())
    bench.settle()
    for seconds in (10.0, 20.0, 30.0):
        [task] = bench.ana.claim()
        bench.clock.advance(60)
        bench.ana.submit(task, box_answer(("Norda", 1, 2, 10, 10)), time_spent_s=seconds)
        bench.settle()


def query(name, namespace, dimensions, stat, period=3600):
    metric = {"Namespace": namespace, "MetricName": name, "Dimensions": dimensions}
    stats = {"Metric": metric, "Period": period, "Stat": stat}
    return {"Id": name.lower() + stat.lower(), "MetricStat": stats}


# V01
def test_metrics_are_listed_by_namespace_name_and_dimension(cloudwatch, worked):
    listed = cloudwatch.list_metrics()["Metrics"]
    assert {each["Namespace"] for each in listed} == {JOBS, TEAMS}
    found = cloudwatch.list_metrics(Namespace=TEAMS, MetricName="TimeSpent", Dimensions=TEAM)
    assert found["Metrics"] == [{"Namespace": TEAMS, "MetricName": "TimeSpent", "Dimensions": TEAM}]
    of_jobs = cloudwatch.list_metrics(Dimensions=[{"Name": "LabelingJobName"}])["Metrics"]
    assert {each["MetricName"] for each in of_jobs} >= {"TotalDatasetObjectsLabeled"}


# V01
def test_metric_data_are_summed_up_by_period(cloudwatch, span, worked):
    queries = [
        query("TimeSpent", TEAMS, TEAM, "Sum", period=86_400),
        query("TimeSpent", TEAMS, TEAM, "Average", period=86_400),
        query("TimeSpent", TEAMS, TEAM, "p50", period=86_400),
        query("TotalDatasetObjectsLabeled", JOBS, JOB, "Maximum", period=86_400),
        query("TimeSpent", TEAMS, [{"Name": "Workteam", "Value": "others"}], "Sum"),
    ]
    queries[4]["Id"] = "others"
    found = cloudwatch.get_metric_data(MetricDataQueries=queries, **span)["MetricDataResults"]
    assert [each["Values"] for each in found] == [[60.0], [20.0], [20.0], [3.0], []]
    assert {each["StatusCode"] for each in found} == {"Complete"}
    assert found[0]["Timestamps"][0].timestamp() % 86_400 == 0


def test_datapoints_come_newest_first_unless_asked_for(cloudwatch, span, worked):
    asked = {"MetricDataQueries": [query("TimeSpent", TEAMS, TEAM, "Sum", period=1)], **span}
    [down] = cloudwatch.get_metric_data(**asked)["MetricDataResults"]
    [up] = cloudwatch.get_metric_data(**asked, ScanBy="TimestampAscending")["MetricDataResults"]
    assert (down["Values"], up["Values"]) == ([30.0, 20.0, 10.0], [10.0, 20.0, 30.0])
    assert up["Timestamps"] == sorted(down["Timestamps"])


def test_metric_statistics_have_the_statistics_asked_for(cloudwatch, span, worked):
    found = cloudwatch.get_metric_statistics(
        Namespace=TEAMS, MetricName="TimeSpent", Dimensions=TEAM, Period=86_400,
        Statistics=["Minimum", "Maximum", "SampleCount"], **span,
    )  # fmt: skip
    [point] = found["Datapoints"]
    assert (point["Minimum"], point["Maximum"], point["SampleCount"]) == (10.0, 30.0, 3.0)
    assert (found["Label"], point["Unit"]) == ("TimeSpent", "Seconds")
    assert "Sum" not in point


def test_metric_math_and_unknown_statistics_are_refused_in_words(cloudwatch, span):
    for asked, words in (
        ({"Id": "m1", "Expression": "SUM(METRICS())"}, "Expression is not run here"),
        (query("TimeSpent", TEAMS, TEAM, "Sum") | {"Id": "a"}, None),
    ):
        if words:
            with pytest.raises(ClientError, match=words):
                cloudwatch.get_metric_data(MetricDataQueries=[asked], **span)
        else:
            assert cloudwatch.get_metric_data(MetricDataQueries=[asked], **span)
    with pytest.raises(ClientError, match="NotImplemented"):
        cloudwatch.describe_alarms()

"""Lists of jobs: filters, orders, pages; and tags."""

from __future__ import annotations

import base64
import datetime as dt
import json

import pytest
from botocore.exceptions import ClientError, ParamValidationError

from gt_widgets.testing import box_answer, job_request
from gt_widgets.testing.clocks import NOON

JOBS = [f"{brand}-{n}" for n in range(5) for brand in ("norda", "Kivi", "halo", "Norda-b", "x")]
assert len(JOBS) == 25
ORDERS = [
    (by, order)
    for by in ("Name", "CreationTime", "Status")
    for order in ("Ascending", "Descending")
]


def at(seconds):
    return dt.datetime.fromtimestamp(NOON + seconds, dt.UTC)


def listed(sagemaker, **filters):
    return sagemaker.list_labeling_jobs(**filters)["LabelingJobSummaryList"]


def names(sagemaker, **filters):
    return [job["LabelingJobName"] for job in listed(sagemaker, **filters)]


@pytest.fixture(scope="module")
def many(standing):
    """25 jobs, one each minute, in three statuses; one is touched again an hour later.

    They come as Describe shows them, job by job: the oracle of the lists.
    """
    bench, sagemaker = standing.bench, standing.sagemaker
    for number, name in enumerate(JOBS):
        sagemaker.create_labeling_job(**job_request(name))
        if number % 5 == 4:
            bench.settle(0)  # all up to here are InProgress, or Stopped
        if number % 4 == 1:
            sagemaker.stop_labeling_job(LabelingJobName=name)
        bench.clock.advance(60)
    bench.clock.now = NOON + 3600
    sagemaker.stop_labeling_job(LabelingJobName="norda-0")
    return [sagemaker.describe_labeling_job(LabelingJobName=name) for name in JOBS]


@pytest.fixture(scope="module")
def lists(many, standing):
    """A client that sees those 25 jobs."""
    return standing.sagemaker


# C24
def test_without_filters_the_oldest_stands_first(lists, many):
    assert names(lists) == JOBS
    assert {job["LabelingJobStatus"] for job in many} >= {"InProgress", "Stopping", "Stopped"}


# C24
def test_a_summary_says_what_describe_says(lists, many):
    for job, full in zip(listed(lists), many, strict=True):
        shared = job.keys() & full.keys()
        assert {key: job[key] for key in shared} == {key: full[key] for key in shared}
        human = full["HumanTaskConfig"]
        consolidation = human["AnnotationConsolidationConfig"]
        assert job["WorkteamArn"] == human["WorkteamArn"]
        assert job["PreHumanTaskLambdaArn"] == human["PreHumanTaskLambdaArn"]
        assert (
            job["AnnotationConsolidationLambdaArn"]
            == consolidation["AnnotationConsolidationLambdaArn"]
        )


# C24
@pytest.mark.parametrize(
    ("filters", "kept"),
    [
        ({"NameContains": "orda"}, lambda job: "orda" in job["LabelingJobName"].lower()),
        ({"NameContains": "-b-"}, lambda job: "-b-" in job["LabelingJobName"]),
        ({"NameContains": "zzz"}, lambda job: False),
        *(
            ({"StatusEquals": status}, lambda job, s=status: job["LabelingJobStatus"] == s)
            for status in ("Initializing", "InProgress", "Stopping", "Stopped", "Failed")
        ),
        ({"CreationTimeAfter": at(60 * 10)}, lambda job: job["CreationTime"] > at(60 * 10)),
        ({"CreationTimeBefore": at(60 * 10)}, lambda job: job["CreationTime"] < at(60 * 10)),
        (
            {"LastModifiedTimeAfter": at(60 * 10)},
            lambda job: job["LastModifiedTime"] > at(60 * 10),
        ),
        (
            {"LastModifiedTimeBefore": at(60 * 10)},
            lambda job: job["LastModifiedTime"] < at(60 * 10),
        ),
        (
            {"CreationTimeBefore": at(60 * 10), "NameContains": "Kivi", "StatusEquals": "Stopped"},
            lambda job: (
                job["CreationTime"] < at(60 * 10)
                and "Kivi" in job["LabelingJobName"]
                and job["LabelingJobStatus"] == "Stopped"
            ),
        ),
    ],
)
def test_a_filter_keeps_what_it_says(lists, many, filters, kept):
    expected = [job["LabelingJobName"] for job in many if kept(job)]
    assert names(lists, **filters) == expected


# C24
@pytest.mark.parametrize(("by", "order"), ORDERS)
def test_a_list_stands_in_the_order_asked_for(lists, many, by, order):
    key = {
        "Name": lambda job: job["LabelingJobName"].lower(),
        "CreationTime": lambda job: job["CreationTime"],
        "Status": lambda job: job["LabelingJobStatus"],
    }[by]
    found = listed(lists, SortBy=by, SortOrder=order)
    keys = [key(job) for job in found]
    assert keys == sorted(map(key, many), reverse=order == "Descending")
    assert {job["LabelingJobName"] for job in found} == set(JOBS)


# C25
@pytest.mark.parametrize(("by", "order"), ORDERS)
def test_pages_of_205_jobs_hold_each_job_once(bench, sagemaker, by, order):
    for number in range(205):
        bench.engine.jobs.create(job_request(f"job-{number}"))
        bench.clock.advance(number % 2)  # pairs of equal times must not be torn
    pages = list(
        sagemaker.get_paginator("list_labeling_jobs").paginate(
            SortBy=by, SortOrder=order, PaginationConfig={"PageSize": 50}
        )
    )
    sizes = [len(page["LabelingJobSummaryList"]) for page in pages]
    found = [job["LabelingJobName"] for page in pages for job in page["LabelingJobSummaryList"]]
    assert sizes == [50, 50, 50, 50, 5]
    assert sorted(found) == sorted(f"job-{number}" for number in range(205))
    assert "NextToken" not in pages[-1]
    assert len(listed(sagemaker)) == 100


# C25
def test_a_job_made_while_one_pages_tears_no_page(bench, sagemaker):
    for number in range(6):
        sagemaker.create_labeling_job(**job_request(f"job-{number}"))
        bench.clock.advance(1)
    first = sagemaker.list_labeling_jobs(MaxResults=3, SortOrder="Descending")
    sagemaker.create_labeling_job(**job_request("late"))
    second = sagemaker.list_labeling_jobs(
        MaxResults=3, SortOrder="Descending", NextToken=first["NextToken"]
    )
    both = first["LabelingJobSummaryList"] + second["LabelingJobSummaryList"]
    assert [job["LabelingJobName"] for job in both] == [f"job-{n}" for n in range(5, -1, -1)]
    assert "NextToken" not in second


# C25
def test_a_page_has_1_to_100_jobs(lists, many):
    assert len(names(lists, MaxResults=1)) == 1
    with pytest.raises(ParamValidationError):
        lists.list_labeling_jobs(MaxResults=0)
    with pytest.raises(ClientError, match="less than or equal to 100") as caught:
        lists.list_labeling_jobs(MaxResults=101)
    assert caught.value.response["Error"]["Code"] == "ValidationException"


def forged(*last, order=("jobs.created_at", "jobs.job_id", False)):
    return base64.urlsafe_b64encode(json.dumps([*order, *last]).encode()).decode()


FORGED = [
    "no-token",
    "é",
    "x" * 8192,
    base64.urlsafe_b64encode(b"{}").decode(),
    base64.urlsafe_b64encode(b"[" * 5000).decode(),
    forged(),
    forged(1.0),
    forged(None, 1),
    forged([1], 1),
    forged(True, 1),
    forged(10**40, 1),
    forged(1.0, 10**40),
    forged(1.0, 1.5),
    forged("1.0", 1),
    forged(float("nan"), 1),
    forged("\ud800", 1, order=("jobs.name_key", "jobs.job_id", False)),
    forged(1.0, 1, order=("tasks.lease", "jobs.job_id", False)),
]


# C25
@pytest.mark.parametrize("token", FORGED, ids=range(len(FORGED)))
@pytest.mark.parametrize("operation", ["list_labeling_jobs", "list_workteams"])
def test_a_token_that_is_not_ours_is_refused(standing, operation, token):
    with pytest.raises(ClientError) as caught:
        getattr(standing.sagemaker, operation)(NextToken=token)
    assert caught.value.response["Error"]["Code"] == "ValidationException"
    assert "NextToken" in caught.value.response["Error"]["Message"]


# C25
@pytest.mark.parametrize(
    "other", [{"SortBy": "Name"}, {"SortBy": "Status"}, {"SortOrder": "Descending"}]
)
def test_a_token_of_another_order_is_refused(lists, many, other):
    token = lists.list_labeling_jobs(MaxResults=3)["NextToken"]
    with pytest.raises(ClientError, match="NextToken") as caught:
        lists.list_labeling_jobs(NextToken=token, **other)
    assert caught.value.response["Error"]["Code"] == "ValidationException"


# --- the jobs of one team (C26) ---------------------------------------------------------------


def test_a_teams_list_counts_in_tasks(bench, sagemaker):
    pool = bench.engine.identity.pools.all()[0].pool_id
    cleo = bench.worker(pool, "loggers", "cleo")
    bench.engine.objects.put("demo-gt", "input.manifest", FOUR_OBJECTS)
    sagemaker.create_labeling_job(**job_request(workers=3))
    bench.settle()
    seen = [of_team(sagemaker)["LabelCounters"]]
    for worker in (bench.ana, bench.ben, cleo):
        worker.work(lambda _task: box_answer())
        seen.append(of_team(sagemaker)["LabelCounters"])
    bench.settle()
    assert [each["PendingHuman"] for each in seen] == [12, 8, 4, 0]
    assert [each["Total"] for each in seen] == [12] * 4
    found = of_team(sagemaker)
    assert found["LabelCounters"] == {"HumanLabeled": 4, "PendingHuman": 0, "Total": 12}
    assert found["NumberOfHumanWorkersPerDataObject"] == 3
    assert found["WorkRequesterAccountId"] == "111122223333"


# objects behind the probe batch of ten are pending too, though no worker sees them yet
def test_what_waits_for_the_next_batch_is_pending(bench, sagemaker):
    lines = [b'{"source-ref": "s3://demo-gt/images/0.jpg"}'] * 14
    bench.engine.objects.put("demo-gt", "input.manifest", b"\n".join(lines))
    sagemaker.create_labeling_job(**job_request(workers=2))
    bench.settle()
    assert of_team(sagemaker)["LabelCounters"]["PendingHuman"] == 28
    sagemaker.stop_labeling_job(LabelingJobName="logos")
    bench.settle()
    assert of_team(sagemaker)["LabelCounters"]["PendingHuman"] == 0


FOUR_OBJECTS = b"\n".join(
    b'{"source-ref": "s3://demo-gt/images/%d.jpg"}' % (n % 3) for n in range(4)
)
TEAM = job_request()["HumanTaskConfig"]["WorkteamArn"]


def of_team(sagemaker, arn=TEAM):
    [found] = sagemaker.list_labeling_jobs_for_workteam(WorkteamArn=arn)["LabelingJobSummaryList"]
    return found


def test_a_teams_list_is_paged_and_filtered(bench, sagemaker):
    for number in range(7):
        sagemaker.create_labeling_job(**job_request(f"job-{number}"))
        bench.clock.advance(60)
    described = sagemaker.describe_labeling_job(LabelingJobName="job-3")
    pages = sagemaker.get_paginator("list_labeling_jobs_for_workteam").paginate(
        WorkteamArn=TEAM, SortOrder="Descending", PaginationConfig={"PageSize": 3}
    )
    found = [job["LabelingJobName"] for page in pages for job in page["LabelingJobSummaryList"]]
    assert found == [f"job-{n}" for n in range(6, -1, -1)]
    for filters, expected in (
        ({"JobReferenceCodeContains": described["JobReferenceCode"][-9:]}, ["job-3"]),
        ({"CreationTimeAfter": at(60 * 4)}, ["job-5", "job-6"]),
        ({"CreationTimeBefore": at(60)}, ["job-0"]),
    ):
        jobs = sagemaker.list_labeling_jobs_for_workteam(WorkteamArn=TEAM, **filters)
        assert [job["LabelingJobName"] for job in jobs["LabelingJobSummaryList"]] == expected


def test_the_list_of_a_team_that_is_not_there_is_refused(standing):
    with pytest.raises(ClientError, match="nobody"):
        standing.sagemaker.list_labeling_jobs_for_workteam(WorkteamArn=TEAM[:-7] + "nobody")


# --- tags (C28) -------------------------------------------------------------------------------


@pytest.mark.parametrize("resource", ["labeling-job/logos", "workteam/private-crowd/loggers"])
def test_tags_are_added_overwritten_listed_and_deleted(sagemaker, resource):
    arn = f"arn:aws:sagemaker:us-east-1:111122223333:{resource}"
    sagemaker.create_labeling_job(**job_request())
    first = [{"Key": "project", "Value": "a"}, {"Key": "Team", "Value": "ü =+@"}]
    assert sagemaker.add_tags(ResourceArn=arn, Tags=first)["Tags"] == first
    again = [{"Key": "project", "Value": "b"}]
    merged = [*again, first[1]]
    assert sagemaker.add_tags(ResourceArn=arn, Tags=again)["Tags"] == merged
    pages = sagemaker.get_paginator("list_tags").paginate(ResourceArn=arn)
    assert [tag for page in pages for tag in page["Tags"]] == merged
    sagemaker.delete_tags(ResourceArn=arn, TagKeys=["project", "never-there"])
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == [first[1]]


def test_describe_shows_the_tags_as_they_are_now(sagemaker):
    tags = [{"Key": "project", "Value": "a"}]
    arn = sagemaker.create_labeling_job(**job_request(), Tags=tags)["LabelingJobArn"]
    sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": "project", "Value": "b"}])
    found = sagemaker.describe_labeling_job(LabelingJobName="logos")
    assert found["Tags"] == [{"Key": "project", "Value": "b"}]

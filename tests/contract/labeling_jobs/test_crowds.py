"""Vendors and the public crowd: subscribed to, priced, and nobody there but simulated workers."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

from gt_widgets.pricing import public_task_prices_usd, task_price_amount
from gt_widgets.testing import box_answer, job_request
from gt_widgets.testing.workbench import ScriptedWorker

VENDOR = "arn:aws:sagemaker:us-east-1:555566667777:workteam/vendor-crowd/meridian-labeling"
PUBLIC = "arn:aws:sagemaker:us-east-1:394669845002:workteam/public-crowd/default"
NO_PII = {"ContentClassifiers": ["FreeOfPersonallyIdentifiableInformation"]}
PRICE = {"AmountInUsd": task_price_amount(0.036)}


def public_job(name="logos", *, task="BoundingBox", declared=True, **human):
    request = job_request(name, task=task, WorkteamArn=PUBLIC, **human)
    if declared:
        request["InputConfig"]["DataAttributes"] = NO_PII
    return request


def simulated(bench, arn, name="simulated-1"):
    found = bench.engine.requester.call(
        "simulated_worker", {"workteam_arn": arn, "user_name": name}
    )
    sub = bench.engine.identity.worker_of(found["session"]).sub
    return ScriptedWorker(bench.engine, name, sub, found["session"])


def test_three_sample_vendors_are_listed_described_and_paged(standing):
    sagemaker = standing.sagemaker
    listed = sagemaker.list_subscribed_workteams()["SubscribedWorkteams"]
    assert [team["MarketplaceTitle"].split(":")[0] for team in listed] == [
        "Papyrus Annotation",
        "Meridian Labeling",
        "Asclepius Experts",
    ]
    assert all("fictional" in team["MarketplaceDescription"] for team in listed)
    for team in listed:
        found = sagemaker.describe_subscribed_workteam(WorkteamArn=team["WorkteamArn"])
        assert found["SubscribedWorkteam"] == team
    pages = sagemaker.get_paginator("list_subscribed_workteams")
    paged = [
        team
        for page in pages.paginate(PaginationConfig={"PageSize": 2})
        for team in page["SubscribedWorkteams"]
    ]
    assert paged == listed
    boxes = sagemaker.list_subscribed_workteams(NameContains="Meridian")["SubscribedWorkteams"]
    assert boxes == [listed[1]]


@pytest.mark.parametrize("arn", [VENDOR + "x", PUBLIC, VENDOR.replace("us-east-1", "eu-west-1")])
def test_a_vendor_that_is_not_subscribed_to_is_refused(standing, refused, arn):
    with pytest.raises(ClientError, match="ListSubscribedWorkteams"):
        standing.sagemaker.describe_subscribed_workteam(WorkteamArn=arn)
    if arn != PUBLIC:
        assert "meridian-labeling" in refused(job_request(WorkteamArn=arn))


def test_a_vendors_simulated_workers_do_a_job_and_files_say_whose_they_are(bench, sagemaker):
    sagemaker.create_labeling_job(**job_request(WorkteamArn=VENDOR))
    bench.settle()
    card = bench.engine.requester.call("card", {"job_name": "logos"})
    assert "This vendor is a sample" in card["next"]
    assert bench.ana.call("jobs")["jobs"] == []  # T07: it is not a job of our own team
    worker = simulated(bench, VENDOR)
    worker.work(lambda _task: box_answer())
    bench.settle()
    found = sagemaker.describe_labeling_job(LabelingJobName="logos")
    assert found["LabelingJobStatus"] == "Completed"
    card = bench.engine.requester.call("card", {"job_name": "logos"})
    assert card["workers"] == [{"user_name": "simulated-1", "answers": 3, "simulated": True}]
    [key, *_] = [key for key in sorted(bench.keys()) if "/worker-response/" in key]
    [answer] = json.loads(bench.engine.objects.read("demo-gt", key))["answers"]
    assert answer["workerId"].startswith("vendor.us-east-1.SIMULATED")
    assert "workerMetadata" not in answer


def test_simulated_crowds_are_no_user_pool_of_ours(bench, client):
    simulated(bench, VENDOR)
    pools = client("cognito-idp").list_user_pools(MaxResults=60)["UserPools"]
    assert [pool["Name"] for pool in pools] == ["labelers"]


# $01: hours of the vendor besides the price per object
def test_a_vendor_is_paid_by_the_hour_each_workers_time_rounded_up_to_ten_seconds(bench, sagemaker):
    sagemaker.create_labeling_job(**job_request(WorkteamArn=VENDOR))
    bench.settle()
    before = bench.engine.requester.call("cost", {"job_name": "logos"})
    assert before["so_far"]["total_usd"] == 0.0
    assert before["whole"]["work_usd"] == 0.15  # 3 tasks, 30 s guessed for each, 6 USD an hour
    worker = simulated(bench, VENDOR)
    for seconds in (5.0, 20.0, 26.0):  # 51 s are billed as 60
        [task, *_] = worker.claim()
        worker.submit(task, box_answer(), time_spent_s=seconds)
    bench.settle()
    cost = bench.engine.requester.call("cost", {"job_name": "logos"})
    assert cost["so_far"] == cost["whole"]
    assert (cost["so_far"]["base_usd"], cost["so_far"]["work_usd"]) == (0.24, 0.1)
    assert "0.02 vendor hours x 6.00 = 0.10" in cost["so_far"]["explanation"]


# --- the public crowd (C20) -------------------------------------------------------------------


def test_a_public_job_without_a_price_is_refused(refused):
    said = refused(public_job())
    assert "PublicWorkforceTaskPrice.AmountInUsd is missing" in said
    assert "0.036, 0.048" in said


@pytest.mark.parametrize(
    ("task", "price_usd"),
    [("BoundingBox", 0.035), ("BoundingBox", 0.024), ("ImageMultiClass", 0.013)],
)
def test_a_price_outside_the_list_is_refused(refused, task, price_usd):
    price = {"AmountInUsd": task_price_amount(price_usd)}
    said = refused(public_job(task=task, PublicWorkforceTaskPrice=price))
    assert f"is {price_usd:.3f} USD" in said


def test_all_sixteen_prices_are_taken_for_classes(bench, sagemaker):
    prices = public_task_prices_usd("image-classification")
    assert len(prices) == 16
    for number, price in enumerate(prices):
        amount = {"AmountInUsd": task_price_amount(price)}
        request = public_job(f"j-{number}", task="ImageMultiClass", PublicWorkforceTaskPrice=amount)
        sagemaker.create_labeling_job(**request)


def test_a_public_job_whose_data_is_not_declared_fails(bench, sagemaker):
    sagemaker.create_labeling_job(**public_job(declared=False, PublicWorkforceTaskPrice=PRICE))
    bench.settle()
    found = sagemaker.describe_labeling_job(LabelingJobName="logos")
    assert found["LabelingJobStatus"] == "Failed"
    assert "FreeOfPersonallyIdentifiableInformation" in found["FailureReason"]


def test_a_public_job_is_done_by_simulated_workers_and_paid_per_task(bench, sagemaker):
    request = public_job(workers=2, PublicWorkforceTaskPrice=PRICE)
    sagemaker.create_labeling_job(**request)
    bench.settle()
    described = sagemaker.describe_labeling_job(LabelingJobName="logos")["HumanTaskConfig"]
    assert described["TaskAvailabilityLifetimeInSeconds"] == 21_600  # C08
    assert described["PublicWorkforceTaskPrice"] == PRICE
    card = bench.engine.requester.call("card", {"job_name": "logos"})
    assert "simulated here" in card["next"]
    for name in ("simulated-1", "simulated-2"):
        simulated(bench, PUBLIC, name).work(lambda _task: box_answer())
    bench.settle()
    cost = bench.engine.requester.call("cost", {"job_name": "logos"})["so_far"]
    assert (cost["tasks"], cost["work_usd"], cost["total_usd"]) == (6, 0.216, 0.456)
    free = bench.engine.requester.call("cost", {"job_name": "logos", "account_month": 1})
    assert free["so_far"]["base_usd"] == 0.0  # $02


def test_public_tasks_are_offered_for_twelve_hours_at_most(refused):
    said = refused(
        public_job(PublicWorkforceTaskPrice=PRICE, TaskAvailabilityLifetimeInSeconds=43_201)
    )
    assert "at most 43200" in said


def video_job(function, **human):
    request = job_request(task=function, **human)
    return request | {"LabelAttributeName": "frames-ref"}


# C21
@pytest.mark.parametrize("function", ["VideoObjectDetection", "3DPointCloudObjectTracking"])
def test_video_and_3d_do_not_go_to_the_public(refused, function):
    said = refused(video_job(function, WorkteamArn=PUBLIC, PublicWorkforceTaskPrice=PRICE))
    assert "video and 3D" in said


# C22
@pytest.mark.parametrize(
    "function", ["VideoObjectTracking", "Adjustment3DPointCloudObjectTracking"]
)
def test_video_frames_and_3d_have_one_worker_per_object(refused, function):
    assert "have exactly 1" in refused(video_job(function, workers=2))
